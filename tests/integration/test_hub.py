"""What the hub promises, end to end: sessions, policies on every path, evidence, changes of tables."""
import pathlib
import sys

import pyarrow as pa
import pytest
import requests
from pyiceberg.catalog import load_catalog
from pyiceberg.exceptions import ForbiddenError

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "authorization"))
from hub import Client, sign_in  # noqa: E402


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    from firn_server import Firn
    server = Firn(tmp_path_factory.mktemp("hub") / "data", (),
                  {"FIRN_ADMIN_EMAIL": "owner@example.org", "FIRN_ADMIN_PASSWORD": "a long password"}).start()
    yield server
    assert server.stop() == 0, server.log()


@pytest.fixture(scope="module")
def owner(server):
    return Client(server.url, server.key)


def key_of(owner, role):
    account = owner.ask("mutation($n: String!, $r: Role) { createServiceAccount(input: {name: $n, role: $r}) { id } }",
                        n=f"{role} {id(object())}", r=role)["createServiceAccount"]["id"]
    return owner.ask("mutation($i: ID!) { createKey(input: {serviceAccountId: $i}) { secret } }", i=account)["createKey"]["secret"]


def test_a_person_signs_in_and_out(server):
    person = sign_in(server.url, "owner@example.org", "a long password")
    assert person.ask("{ viewer { email role } }")["viewer"] == {"email": "owner@example.org", "role": "OWNER"}
    cookie = next(c for c in person.session.cookies if c.name == "firn_session")
    assert cookie.has_nonstandard_attr("HttpOnly") and cookie.get_nonstandard_attr("SameSite") == "Lax"
    # The same session serves the data API.
    answer = person.session.post(server.url + "/query", json={"statement": "SELECT 1"})
    assert answer.status_code == 200
    assert person.ask("mutation { signOut }")["signOut"] is True
    stale = requests.post(server.url + "/graphql", json={"query": "{ viewer { id } }"}, cookies={"firn_session": cookie.value})
    assert stale.json() == {"data": {"viewer": None}}


def test_a_session_without_the_csrf_token_changes_nothing(server):
    person = sign_in(server.url, "owner@example.org", "a long password")
    token = person.session.headers.pop("X-Firn-CSRF")
    for path, body in (("/graphql", {"query": 'mutation { renameOrganization(name: "x") { name } }'}), ("/query", {"statement": "SELECT 1"})):
        assert person.session.post(server.url + path, json=body).status_code == 403, path
    foreign = person.session.post(server.url + "/graphql", json={"query": "{ viewer { id } }"},
                                  headers={"X-Firn-CSRF": token, "Origin": "https://elsewhere.example"})
    assert foreign.status_code == 403


def test_the_first_run_sets_the_deployment_up_once(make_firn):
    server = make_firn().start()
    stranger = Client(server.url)
    assert stranger.ask("{ setup { needed } }")["setup"]["needed"] is True
    document = "mutation($i: SetUpInput!) { setUp(input: $i) { role organizationName } }"
    made = {"organizationName": "Acme", "name": "Ann", "email": "ann@example.org", "password": "a long password"}
    short = stranger.codes(document, {"i": {**made, "password": "short"}})
    assert short == ["BAD_USER_INPUT"]
    assert stranger.ask(document, i=made)["setUp"] == {"role": "OWNER", "organizationName": "Acme"}
    assert Client(server.url).codes(document, {"i": made}) == ["FORBIDDEN"]
    assert Client(server.url).ask("{ setup { needed } }")["setup"]["needed"] is False


def test_policies_hold_on_every_path(server, owner):
    server.append("people", [{"name": "Ann", "team": "red", "pay": 1}, {"name": "Bob", "team": "blue", "pay": 2}], sync="true")
    server.append("people", [{"name": "Cid", "team": "red", "pay": 3}])  # hot
    server.append("people", [{"name": "bad", "pay": "no number"}])       # rejected
    table = owner.ask('{ table(name: "people") { id } }')["table"]["id"]
    owner.ask("mutation($i: SetPolicyInput!) { setPolicy(input: $i) { id } }", i={
        "tableId": table, "name": "red team", "roles": ["VIEWER"], "rowFilter": "team = 'red'",
        "columns": [{"column": "pay", "rule": "NULLED"}, {"column": "team", "rule": "HIDDEN"}]})
    secret = key_of(owner, "VIEWER")
    viewer = Client(server.url, secret)

    def rows(statement):
        run = viewer.ask("mutation($s: String!) { runQuery(input: {statement: $s, waitMs: 20000}) { error { code } result { rows } } }",
                         s=statement)["runQuery"]
        return run["error"]["code"] if run["error"] else run["result"]["rows"]

    assert rows("SELECT * FROM lake.main.people ORDER BY name") == [["Ann", None], ["Cid", None]]
    assert rows("SELECT team FROM lake.main.people") == "INVALID_STATEMENT"
    assert rows("EXPLAIN SELECT * FROM lake.main.people") == "FORBIDDEN"
    assert rows("SELECT * FROM lake.main.people__rejected") == "FORBIDDEN"
    answer = viewer.session.post(server.url + "/query", json={"statement": "SELECT count(*), sum(pay) FROM lake.main.people"})
    assert answer.text.splitlines()[-1] == "[2,null]"

    seen = viewer.ask("""query($id: ID!) { node(id: $id) { ... on Table { rowCount hotRowCount columns { name masked }
        statistics { name } sample { rows } policies { id } currentSnapshot { totalRows } } } }""".replace(" policies { id }", ""), id=table)["node"]
    assert seen["rowCount"] == 2 and seen["hotRowCount"] == 0 and seen["statistics"] is None
    assert seen["currentSnapshot"]["totalRows"] is None
    assert seen["columns"] == [{"name": "name", "masked": False}, {"name": "pay", "masked": True}]
    assert sorted(seen["sample"]["rows"]) == [["Ann", None], ["Cid", None]]
    assert viewer.codes("query($id: ID!) { node(id: $id) { ... on Table { files { totalCount } } } }", {"id": table}) == ["FORBIDDEN"]

    catalog = load_catalog("firn", type="rest", uri=server.url + "/iceberg", warehouse="lake", token=secret)
    with pytest.raises(ForbiddenError):
        catalog.load_table("main.people")
    assert owner.ask('{ table(name: "people") { rowCount hotRowCount } }')["table"] == {"rowCount": 2, "hotRowCount": 1}


def test_a_row_filter_that_does_not_work_is_refused(server, owner):
    server.append("f", [{"a": 1}], sync="true")
    table = owner.ask('{ table(name: "f") { id } }')["table"]["id"]
    for filter in ("nothing = 1", "a = ", "a = 1) OR (true", "true THEN 1 END, CASE WHEN true", "a = 1 /*", "a"):
        codes = owner.codes("mutation($i: SetPolicyInput!) { setPolicy(input: $i) { id } }",
                            {"i": {"tableId": table, "name": "p", "roles": ["VIEWER"], "rowFilter": filter}})
        assert codes == ["BAD_USER_INPUT"] or filter == "a", filter


def run(owner, statement, **fields):
    return owner.ask("""mutation($i: RunQueryInput!) { runQuery(input: $i) { id state error { code message position } rowCount
        result { columns { name type } rows totalRows truncated } evidence { id resultHash tables { snapshotId hotRows } } } }""",
                     i={"statement": statement, "waitMs": 20000, **fields})["runQuery"]


def replay(owner, evidence):
    return owner.ask("mutation($e: ID!) { replay(evidenceId: $e) { verdict reason before after addedRows removedRows } }", e=evidence["id"])["replay"]


def test_an_answer_can_be_replayed(server, owner):
    server.append("r", [{"a": 1}, {"a": 2}], sync="true")
    first = run(owner, "SELECT a FROM lake.main.r ORDER BY a")
    assert first["result"]["rows"] == [[1], [2]]
    server.append("r", [{"a": 3}], sync="true")
    again = replay(owner, first["evidence"])
    assert again["verdict"] == "SAME" and again["after"] == first["evidence"]["resultHash"]
    assert run(owner, "SELECT a FROM lake.main.r ORDER BY a")["result"]["rows"] == [[1], [2], [3]]


def test_a_replay_tells_what_changed_and_what_is_gone(server, owner):
    server.append("c", [{"a": 1}], sync="true")
    random = replay(owner, run(owner, "SELECT a, random() FROM lake.main.c")["evidence"])
    assert random["verdict"] == "CHANGED" and len(random["addedRows"]) == 1 and len(random["removedRows"]) == 1
    server.append("c", [{"a": 2}])
    hot = run(owner, "SELECT count(*) FROM lake.main.c")
    if hot["evidence"]["tables"][0]["hotRows"]:
        assert replay(owner, hot["evidence"])["verdict"] == "EXPIRED"
    kept = run(owner, "SELECT count(*) FROM lake.main.c")
    table = owner.ask('{ table(name: "c") { id } }')["table"]["id"]
    owner.ask("mutation($id: ID!) { dropTable(id: $id, purge: true) }", id=table)
    assert replay(owner, kept["evidence"])["verdict"] == "EXPIRED"


def test_pinned_evidence_tags_its_snapshots(server, owner):
    server.append("p", [{"a": 1}], sync="true")
    evidence = run(owner, "SELECT a FROM lake.main.p")["evidence"]
    assert owner.ask("mutation($e: ID!) { pinEvidence(id: $e) { pinned } }", e=evidence["id"])["pinEvidence"]["pinned"]
    table = owner.ask('{ table(name: "p") { id refs { name kind snapshotId } } }')["table"]
    tag = next(ref for ref in table["refs"] if ref["kind"] == "TAG")
    assert tag["snapshotId"] == evidence["tables"][0]["snapshotId"]
    drop = "mutation($t: ID!, $n: String!) { dropRef(tableId: $t, name: $n) }"
    assert owner.codes(drop, {"t": table["id"], "n": tag["name"]}) == ["BAD_USER_INPUT"]
    assert not owner.ask("mutation($e: ID!) { unpinEvidence(id: $e) { pinned } }", e=evidence["id"])["unpinEvidence"]["pinned"]
    assert len(owner.ask('{ table(name: "p") { refs { name } } }')["table"]["refs"]) == 1


def test_results_are_paged_and_errors_have_a_place(server, owner):
    big = run(owner, "SELECT range FROM range(12345)")
    assert big["rowCount"] == 12345 and len(big["result"]["rows"]) == 100
    page = owner.ask("query($id: ID!) { queryRun(id: $id) { result(offset: 12340, first: 50) { rows offset totalRows } } }", id=big["id"])
    assert page["queryRun"]["result"] == {"rows": [[i] for i in range(12340, 12345)], "offset": 12340, "totalRows": 12345}
    wrong = run(owner, "SELECT 'ü', nothing FROM range(3)")
    assert wrong["state"] == "FAILED" and wrong["error"]["code"] == "INVALID_STATEMENT"
    assert wrong["error"]["position"] == len("SELECT 'ü', ")


def test_a_query_is_cancelled(owner):
    started = owner.ask("""mutation { runQuery(input: {waitMs: 0, statement:
        "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range * b.range % 7 = 1"}) { id state } }""")["runQuery"]
    ended = owner.ask("mutation($id: ID!) { cancelQuery(id: $id) { state } }", id=started["id"])["cancelQuery"]
    assert ended["state"] == "CANCELLED"


def test_tables_change_as_asked(server, owner):
    made = owner.ask("""mutation { createTable(input: {table: {name: "shaped"}, comment: "c", partitioning: [{sourceColumn: "day", transform: "month"}],
        columns: [{name: "id", type: "int", required: true}, {name: "day", type: "date"}, {name: "tags", type: "list<string>"},
                  {name: "at", type: "struct<x: double, y: double>", comment: "place"}]}) {
        id comment columns { name type required comment isPartitionSource } partitioning { name transform } } }""")["createTable"]
    assert [column["name"] for column in made["columns"]] == ["id", "day", "tags", "at", "at.x", "at.y"]
    assert made["partitioning"] == [{"name": "day_month", "transform": "month"}]
    table = made["id"]
    ids = {c["name"]: c["fieldId"] for c in owner.ask("query($id: ID!) { node(id: $id) { ... on Table { columns { name fieldId } } } }", id=table)["node"]["columns"]}

    def change(call, code=None):
        codes = owner.codes("mutation($t: ID!) { " + call + " { id } }", {"t": table})
        assert codes == ([code] if code else []), (call, codes)

    change(f'widenColumn(tableId: $t, fieldId: {ids["id"]}, type: "long")')
    change(f'widenColumn(tableId: $t, fieldId: {ids["id"]}, type: "string")', "BAD_USER_INPUT")
    change(f'renameColumn(tableId: $t, fieldId: {ids["at.x"]}, name: "lon")')
    change(f'dropColumn(tableId: $t, fieldId: {ids["day"]})', "BAD_USER_INPUT")
    change(f'dropColumn(tableId: $t, fieldId: {ids["tags"]})')
    change('addColumn(tableId: $t, column: {name: "note", type: "decimal(9,2)", comment: "n"})')
    change('addColumn(tableId: $t, column: {name: "note", type: "int"})', "ALREADY_EXISTS")
    change('addColumn(tableId: $t, column: {name: "x", type: "lung"})', "BAD_USER_INPUT")
    change('renameTable(id: $t, name: "reshaped")')
    after = owner.ask('{ table(name: "reshaped") { columns { name type comment } } }')["table"]["columns"]
    assert {"name": "at.lon", "type": "double", "comment": None} in after and {"name": "note", "type": "decimal(9,2)", "comment": "n"} in after
    catalog = load_catalog("firn", type="rest", uri=server.url + "/iceberg", warehouse="lake", token=server.key)
    rows = pa.Table.from_pylist([{"id": 1, "day": None}], schema=pa.schema([pa.field("id", pa.int64(), nullable=False), ("day", pa.date32())]))
    catalog.load_table("main.reshaped").append(rows)
    assert server.value("SELECT count(*) FROM lake.main.reshaped") == 1


def test_a_table_is_rolled_back(server, owner):
    first = server.append("b", [{"a": 1}], sync="true").json()["snapshot_id"]
    second = server.append("b", [{"a": 2}], sync="true").json()["snapshot_id"]
    table = owner.ask('{ table(name: "b") { id } }')["table"]["id"]
    owner.ask("mutation($t: ID!, $s: ID!) { rollBackTable(tableId: $t, snapshotId: $s) { id } }", t=table, s=str(first))
    assert server.query("SELECT a FROM lake.main.b") == [[1]]
    for snapshot, rows in [(second, [[1], [2]]), (first, [[1]])]:
        owner.ask("mutation($t: ID!, $s: ID!) { rollBackTable(tableId: $t, snapshotId: $s) { id } }", t=table, s=str(snapshot))
        assert server.query("SELECT a FROM lake.main.b ORDER BY a") == rows
    server.append("b", [{"a": 3}], sync="true")
    assert server.query("SELECT a FROM lake.main.b ORDER BY a") == [[1], [3]]
    assert owner.codes("mutation($t: ID!) { rollBackTable(tableId: $t, snapshotId: \"1\") { id } }", {"t": table}) == ["NOT_FOUND"]


def test_rejected_rows_are_seen_and_sent_again(server, owner):
    server.append("j", [{"a": 1}], sync="true")
    server.append("j", [{"a": "text"}, {"a": 2}])
    table = owner.ask('{ table(name: "j") { id } }')["table"]["id"]
    listed = "query($t: ID!) { rejectedRows(tableId: $t) { totalCount edges { node { id error row } } } }"
    rows = owner.ask(listed, t=table)["rejectedRows"]
    assert rows["totalCount"] == 1 and rows["edges"][0]["node"]["row"] == '{"a": "text"}'
    send = "mutation($t: ID!, $i: [ID!]!) { replayRejectedRows(tableId: $t, ids: $i) { accepted rejected } }"
    ids = [edge["node"]["id"] for edge in rows["edges"]]
    assert owner.ask(send, t=table, i=ids)["replayRejectedRows"] == {"accepted": 0, "rejected": 1}
    again = owner.ask(listed, t=table)["rejectedRows"]
    assert again["totalCount"] == 1 and again["edges"][0]["node"]["id"] not in ids
    # Mended: another row in its place, which may not fit either.
    mend = "mutation($t: ID!, $i: ID!, $r: String!) { mendRejectedRow(tableId: $t, id: $i, row: $r) { accepted rejected } }"
    mended = dict(t=table, i=again["edges"][0]["node"]["id"])
    assert owner.codes(mend, mended | {"r": '{"a":'}) == ["BAD_USER_INPUT"]
    assert owner.ask(mend, **mended, r='{"a": "words"}')["mendRejectedRow"] == {"accepted": 0, "rejected": 1}
    assert owner.codes(mend, mended | {"r": '{"a": 5}'}) == ["NOT_FOUND"]
    again = owner.ask(listed, t=table)["rejectedRows"]
    assert [edge["node"]["row"] for edge in again["edges"]] == ['{"a": "words"}']
    mended["i"] = again["edges"][0]["node"]["id"]
    assert owner.ask(mend, **mended, r='{"a": 5}')["mendRejectedRow"] == {"accepted": 1, "rejected": 0}
    assert owner.ask(listed, t=table)["rejectedRows"]["totalCount"] == 0
    # Discarded: listed no more, still in the table of rejected rows.
    server.append("j", [{"a": "text"}, {"a": "more"}])
    ids = [edge["node"]["id"] for edge in owner.ask(listed, t=table)["rejectedRows"]["edges"]]
    drop = "mutation($t: ID!, $i: [ID!]!) { discardRejectedRows(tableId: $t, ids: $i) }"
    assert owner.ask(drop, t=table, i=[*ids[:1], "none"])["discardRejectedRows"] == 1
    assert [edge["node"]["id"] for edge in owner.ask(listed, t=table)["rejectedRows"]["edges"]] == ids[1:]
    assert server.query("SELECT count(*) FROM lake.main.j__rejected")[0][0] == 5
    owner.ask('mutation($t: ID!) { dropTable(id: $t, purge: true) }', t=table)
    # The table is made anew, with a type that takes the row.
    owner.ask('mutation { createTable(input: {table: {name: "j"}, columns: [{name: "a", type: "string"}]}) { id } }')
    table = owner.ask('{ table(name: "j") { id } }')["table"]["id"]
    ids = [edge["node"]["id"] for edge in owner.ask(listed, t=table)["rejectedRows"]["edges"]]
    assert owner.ask(send, t=table, i=ids)["replayRejectedRows"] == {"accepted": 1, "rejected": 0}
    assert owner.ask(listed, t=table)["rejectedRows"]["totalCount"] == 0
    assert server.query("SELECT a FROM lake.main.j") == [["text"]]


def test_a_dashboard_keeps_what_it_shows_at_first(owner):
    scope = "scope { range timeColumn filters { column comparison value } }"
    create = f"mutation($i: CreateDashboardInput!) {{ createDashboard(input: $i) {{ id version {scope} }} }}"
    plain = owner.ask(create, i={"name": "plain"})["createDashboard"]
    assert plain["scope"] == {"range": "all", "timeColumn": None, "filters": []}
    update = f"mutation($i: UpdateDashboardInput!) {{ updateDashboard(input: $i) {{ version {scope} }} }}"
    narrow = {"range": "2026-01-01..", "timeColumn": "day", "filters": [
        {"column": "carrier", "comparison": "NOT_EQUAL", "value": None}, {"column": "dest", "comparison": "CONTAINS", "value": "L"}]}
    saved = owner.ask(update, i={"id": plain["id"], "version": 1, "scope": narrow})["updateDashboard"]
    assert saved["scope"] == narrow
    # What is left out stays, and a version that is restored brings its own.
    assert owner.ask(update, i={"id": plain["id"], "version": 2, "name": "other"})["updateDashboard"]["scope"] == narrow
    restored = owner.ask(f"mutation($d: ID!) {{ restoreDashboard(id: $d, version: 1) {{ {scope} }} }}", d=plain["id"])
    assert restored["restoreDashboard"]["scope"] == plain["scope"]
    for wrong in [{"range": "soon"}, {"filters": [{"column": "a", "comparison": "AT_LEAST"}]}, {"filters": [{"column": "a", "comparison": "WITHIN", "value": "x"}]}]:
        assert owner.codes(create, {"i": {"name": "wrong", "scope": wrong}}) == ["BAD_USER_INPUT"]
