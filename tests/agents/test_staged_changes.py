"""Changes of tables on a branch: what they show before, who may, what becomes of them."""
import pathlib
import sys

import pytest
from pyiceberg.catalog import load_catalog

from authorization.hub import Client

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "mcp"))
from mcp_client import Mcp  # noqa: E402

CHANGE = """id branch state rowsBefore rowsAfter rowsAdded rowsRemoved columns addedRows removedRows baseSnapshotId snapshotId
            evidenceId decidedBy publishedSnapshotId tableId createdBy"""
STAGE = f"mutation($i: StageChangeInput!) {{ stageChange(input: $i) {{ {CHANGE} }} }}"
PUBLISH = f"mutation($id: ID!) {{ publishChange(id: $id) {{ {CHANGE} }} }}"
DISCARD = "mutation($id: ID!) { discardChange(id: $id) { state } }"
ONE = f"query($id: ID!) {{ stagedChange(id: $id) {{ {CHANGE} }} }}"
PROPOSE = "mutation($i: ProposeInput!) { propose(input: $i) { id } }"


@pytest.fixture(scope="module")
def owner(firn):
    return Client(firn.url, firn.key)


@pytest.fixture(scope="module")
def editor(firn, owner):
    account = owner.ask('mutation { createServiceAccount(input: {name: "an editor", role: EDITOR}) { id } }')["createServiceAccount"]["id"]
    secret = owner.ask("mutation($id: ID!) { createKey(input: {serviceAccountId: $id}) { secret } }", id=account)["createKey"]["secret"]
    return Client(firn.url, secret)


def orders(firn, name, rows=5):
    assert firn.append(name, [{"id": i, "price": 10.5 * i, "city": f"c{i % 2}"} for i in range(rows)], sync="true").json()["ok"]
    return name


def stage(client, table, mode, statement):
    return client.ask(STAGE, i={"table": table, "mode": mode, "statement": statement})["stageChange"]


def table_of(owner, name):
    return owner.ask("query($n: String!) { table(name: $n) { id refs { name } snapshots(first: 20) { edges { node { id } } } } }", n=name)["table"]


def files_of(firn, owner, name):
    location = owner.ask("query($n: String!) { table(name: $n) { location } }", n=name)["table"]["location"]
    folder = pathlib.Path(location.removeprefix("file://"))
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.suffix in (".parquet", ".avro"))


def test_a_change_shows_what_it_changes_and_holds_once_it_is_published(firn, owner, editor):
    name = orders(firn, "prices")
    firn.append(name, [{"id": 5, "price": 1.0, "city": "c1"}])  # acknowledged, not committed
    change = stage(editor, name, "REPLACE", "SELECT * REPLACE (price * 2 AS price) FROM prices WHERE id <> 0")
    assert (change["rowsBefore"], change["rowsAfter"], change["rowsAdded"], change["rowsRemoved"]) == (6, 5, 5, 6)
    assert change["columns"] == ["id", "price", "city"]
    assert change["removedRows"][0] == [0, 0.0, "c0"] and change["addedRows"][0] == [1, 21.0, "c1"]
    assert change["state"] == "OPEN" and change["createdBy"] == "an editor"
    # Nobody sees it who does not ask for it.
    assert firn.query("SELECT count(*), sum(price) FROM prices") == [[6, 106.0]]
    branch = change["branch"]
    assert firn.query("SELECT count(*), sum(price) FROM prices", as_of=branch) == [[5, 212.0]]
    assert firn.query(f"SELECT sum(price) FROM prices AT (VERSION => '{branch}')") == [[212.0]]
    # A table without the branch is read as it is.
    orders(firn, "others", rows=3)
    assert firn.query("SELECT count(*) FROM prices JOIN others USING (id)", as_of=branch) == [[2]]
    # It is a branch as any other to who knows Iceberg.
    catalog = load_catalog("firn", type="rest", uri=firn.url + "/iceberg", token=firn.key, warehouse="lake")
    table = catalog.load_table("main.prices")
    assert table.scan(snapshot_id=table.snapshot_by_name(branch).snapshot_id).to_arrow().num_rows == 5
    assert table.scan().to_arrow().num_rows == 6

    done = owner.ask(PUBLISH, id=change["id"])["publishChange"]
    assert (done["state"], done["publishedSnapshotId"], done["decidedBy"]) == ("PUBLISHED", change["snapshotId"], "bootstrap test")
    assert firn.query("SELECT count(*), sum(price) FROM prices") == [[5, 212.0]]
    assert [ref["name"] for ref in table_of(owner, name)["refs"]] == ["main"]
    for again in (PUBLISH, DISCARD):
        assert owner.codes(again, {"id": change["id"]}) == ["CONFLICT"]
    log = owner.ask("{ auditLog(first: 10) { edges { node { action principalName } } } }")["auditLog"]["edges"]
    story = [(edge["node"]["action"], edge["node"]["principalName"]) for edge in log]
    assert ("stageChange", "an editor") in story and ("publishChange", "bootstrap test") in story


def test_rows_that_came_meanwhile_stay(firn, owner, editor):
    name = orders(firn, "meanwhile")
    change = stage(editor, name, "REPLACE", "SELECT * FROM meanwhile WHERE city = 'c1'")
    firn.append(name, [{"id": 100, "price": 1.0, "city": "c0"}], sync="true")
    firn.append(name, [{"id": 101, "price": 1.0, "city": "c0"}])
    done = owner.ask(PUBLISH, id=change["id"])["publishChange"]
    assert done["publishedSnapshotId"] != change["snapshotId"]
    assert firn.query("SELECT id FROM meanwhile ORDER BY id") == [[1], [3], [100], [101]]


def test_a_change_that_no_longer_fits_is_refused_and_stays_open(firn, owner, editor):
    name = orders(firn, "rewritten")
    change = stage(editor, name, "REPLACE", "SELECT * FROM rewritten WHERE city = 'c1'")
    assert firn.upload(name, '{"id": 7, "price": 7.0, "city": "x"}\n', "overwrite").status_code == 200
    answer = owner.post(PUBLISH, {"id": change["id"]})["errors"][0]
    assert answer["extensions"]["code"] == "CONFLICT" and "rewritten since" in answer["message"]
    assert firn.query("SELECT id FROM rewritten") == [[7]]
    assert owner.ask(ONE, id=change["id"])["stagedChange"]["state"] == "OPEN"
    assert owner.ask(DISCARD, id=change["id"])["discardChange"]["state"] == "DISCARDED"
    assert firn.query("SELECT id FROM rewritten") == [[7]]


def test_rows_can_be_added_and_a_discarded_change_leaves_nothing(firn, owner, editor):
    name = orders(firn, "added")
    before = files_of(firn, owner, name)
    change = stage(editor, name, "APPEND", "SELECT 'c9' AS city, 90 AS id, 9.5::DOUBLE AS price UNION ALL SELECT 'c9', 91, 9.5")
    assert (change["rowsAdded"], change["rowsRemoved"], change["addedRows"]) == (2, 0, [[90, 9.5, "c9"], [91, 9.5, "c9"]])
    assert files_of(firn, owner, name) != before
    assert owner.ask(DISCARD, id=change["id"])["discardChange"]["state"] == "DISCARDED"
    assert files_of(firn, owner, name) == before
    again = stage(editor, name, "APPEND", "SELECT 'c9' AS city, 90 AS id, 9.5::DOUBLE AS price")
    owner.ask(PUBLISH, id=again["id"])
    assert firn.value("SELECT count(*) FROM added") == 6


@pytest.mark.parametrize("statement, mode, code, says", [
    ("SELECT id, price FROM wrong", "REPLACE", "INCOMPATIBLE_SCHEMA", "no column 'city'"),
    ("SELECT *, 1 AS extra FROM wrong", "REPLACE", "INCOMPATIBLE_SCHEMA", "'extra'"),
    ("SELECT id, 'cheap' AS price, city FROM wrong", "REPLACE", "INCOMPATIBLE_SCHEMA", "price"),
    ("SELECT * FROM wrong", "REPLACE", "BAD_USER_INPUT", "same rows"),
    ("SELECT * FROM wrong WHERE false", "APPEND", "BAD_USER_INPUT", "no rows"),
    ("SELEC", "APPEND", "INVALID_STATEMENT", ""),
    ("", "APPEND", "BAD_USER_INPUT", "256 KiB"),
    ("SELECT * FROM nothing_here", "APPEND", "NOT_FOUND", "nothing_here"),
])
def test_what_is_no_change_is_refused_and_leaves_nothing(firn, owner, editor, statement, mode, code, says):
    if firn.session.post(firn.url + "/query", json={"statement": "FROM wrong"}).status_code != 200:
        orders(firn, "wrong")
    before = files_of(firn, owner, "wrong")
    error = editor.post(STAGE, {"i": {"table": "wrong", "mode": mode, "statement": statement}})["errors"][0]
    assert error["extensions"]["code"] == code and says in error["message"], error
    assert files_of(firn, owner, "wrong") == before
    assert [ref["name"] for ref in table_of(owner, "wrong")["refs"]] == ["main"]


def test_who_sees_a_part_changes_nothing_and_sees_no_rows_of_it(firn, owner, editor):
    name = orders(firn, "parts")
    change = stage(owner, name, "REPLACE", "SELECT * FROM parts WHERE id <> 2")
    table = table_of(owner, name)["id"]
    owner.ask("mutation($i: SetPolicyInput!) { setPolicy(input: $i) { id } }",
              i={"tableId": table, "name": "p", "roles": ["EDITOR"], "rowFilter": "city = 'c0'"})
    error = editor.post(STAGE, {"i": {"table": name, "mode": "REPLACE", "statement": "SELECT * FROM parts WHERE id <> 2"}})["errors"][0]
    assert error["extensions"]["code"] == "FORBIDDEN" and "part of a table" in error["message"], error
    seen = editor.ask(ONE, id=change["id"])["stagedChange"]
    assert (seen["rowsRemoved"], seen["removedRows"], seen["addedRows"]) == (1, None, None)
    assert owner.ask(ONE, id=change["id"])["stagedChange"]["removedRows"] == [[2, 21.0, "c0"]]


def test_from_an_agents_proposal_to_its_effect_or_to_nothing(firn, owner, editor):
    name = orders(firn, "proposed")
    agent = owner.ask('mutation { createAgent(input: {name: "mender", tables: ["lake.main.proposed"], role: EDITOR}) { serviceAccountId } }')
    account = agent["createAgent"]["serviceAccountId"]
    secret = owner.ask("mutation($id: ID!) { createKey(input: {serviceAccountId: $id}) { secret } }", id=account)["createKey"]["secret"]
    mender = Mcp(firn.url, secret, "?mode=full")
    change = mender.data("stageChange", input={"table": name, "mode": "REPLACE", "statement": "SELECT * FROM proposed WHERE id < 3"},
                         fields="id branch rowsRemoved")["stageChange"]
    assert change["rowsRemoved"] == 2
    dashboard = owner.ask("""mutation { createDashboard(input: {name: "Orders", tiles: [
        {id: "a", kind: CHART, title: "How many", statement: "SELECT count(*) FROM lake.main.proposed", spec: {kind: NUMBER}, x: 0, y: 0, width: 4, height: 4},
        {id: "b", kind: CHART, title: "Others", statement: "SELECT 'proposed'", spec: {kind: NUMBER}, x: 4, y: 0, width: 4, height: 4}]}) { id } }""")
    readers = owner.ask("query($id: ID!) { tableReaders(tableId: $id) { kind id name tiles } }", id=table_of(owner, name)["id"])["tableReaders"]
    assert readers == [{"kind": "DASHBOARD", "id": dashboard["createDashboard"]["id"], "name": "Orders", "tiles": ["How many"]}]
    assert firn.value("SELECT count(*) FROM lake.main.proposed", as_of=change["branch"]) == 3

    proposal = {"title": "Orders that were cancelled", "action": "publishChange", "arguments": {"id": change["id"]}}
    proposed = mender.data("propose", input=proposal)["propose"]["id"]
    rejected = editor.ask('mutation($id: ID!) { rejectProposal(id: $id, reason: "they count") { state } }', id=proposed)
    assert rejected["rejectProposal"]["state"] == "REJECTED"
    assert owner.ask(ONE, id=change["id"])["stagedChange"]["state"] == "DISCARDED"

    again = mender.data("stageChange", input={"table": name, "mode": "REPLACE", "statement": "SELECT * FROM proposed WHERE id < 4"},
                        fields="id")["stageChange"]
    proposed = mender.data("propose", input={**proposal, "arguments": {"id": again["id"]}})["propose"]["id"]
    approve = "mutation($id: ID!) { approveProposal(id: $id) { state reason result } }"
    assert editor.ask(approve, id=proposed)["approveProposal"]["state"] == "APPROVED"
    assert owner.ask(ONE, id=again["id"])["stagedChange"]["decidedBy"] == "an editor"
    assert firn.value("SELECT count(*) FROM proposed") == 4


@pytest.mark.parametrize("point", ["staging.branched", "staging.published"])
def test_a_crash_leaves_a_change_either_made_or_not(make_firn, point):
    firn = make_firn().start()
    owner = Client(firn.url, firn.key)
    name = orders(firn, "t")
    before = files_of(firn, owner, name)
    statement = "SELECT * FROM t WHERE id = 1"
    change = None
    if point == "staging.published":
        change = stage(owner, name, "REPLACE", statement)["id"]
    firn.stop()
    firn.start({"FIRN_KILL_POINT": f"{point}:1"})
    with pytest.raises(Exception):
        if change:
            owner.ask(PUBLISH, id=change)
        else:
            stage(owner, name, "REPLACE", statement)
    firn.process.wait(timeout=10)
    firn.start()
    if change:
        assert firn.query("FROM t") == [[1, 10.5, "c1"]]
        assert owner.ask(ONE, id=change)["stagedChange"]["state"] == "OPEN"
        done = owner.ask(PUBLISH, id=change)["publishChange"]
        assert (done["state"], done["publishedSnapshotId"]) == ("PUBLISHED", done["snapshotId"])
    else:
        assert [ref["name"] for ref in table_of(owner, name)["refs"]] == ["main"]
        assert files_of(firn, owner, name) == before
        assert owner.ask("{ stagedChanges { id } }") == {"stagedChanges": []}
