"""Tables of another Iceberg REST catalog (Apache Iceberg's own, its files in moto's object store) beside the lake's, and
what a catalog can do to whoever connects it."""
import base64
import json
import secrets
import shutil

import pyarrow as pa
import pytest
import requests
from pyiceberg.manifest import DataFileContent
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import IdentityTransform
from pyiceberg.types import DoubleType, LongType, NestedField, StringType

from firn_server import Firn
from hub import Client
from iceberg_rest import KEY, SECRET, Gate, Rest, Store, commit_deletes


@pytest.fixture(scope="module")
def store():
    store = Store()
    yield store
    store.stop()


@pytest.fixture(scope="module")
def rest(store, tmp_path_factory):
    rest = Rest(tmp_path_factory.mktemp("iceberg-rest"), store)
    try:
        write_tables(rest.client)
        yield rest
    finally:
        rest.stop()


def write_tables(client):
    client.create_namespace("sales")
    client.create_namespace(("sales", "eu"))
    schema = Schema(NestedField(1, "carrier", StringType()), NestedField(2, "amount", LongType()), NestedField(3, "kind", StringType()))
    orders = client.create_table("sales.orders", schema, partition_spec=PartitionSpec(PartitionField(1, 1000, IdentityTransform(), "carrier")))
    for carrier, amount in (("AA", 1), ("UA", 2), ("DL", 3)):
        orders.append(pa.table({"carrier": [carrier] * 2, "amount": [amount, amount * 10], "kind": ["a", None]}))
    with orders.update_schema() as change:  # the files so far have the column under its old name, and not the new one
        change.rename_column("kind", "sort")
        change.add_column("price", DoubleType())
    orders.append(pa.table({"carrier": ["AA"], "amount": [100], "sort": ["b"], "price": [2.5]}))
    plain = Schema(NestedField(1, "id", LongType()), NestedField(2, "note", StringType()))
    for name, rows in (("returns", 10), ("gone", 6)):
        table = client.create_table(f"sales.{name}", plain)
        table.append(pa.table({"id": list(range(rows)), "note": [f"n{i}" for i in range(rows)]}))
    table = client.load_table("sales.returns")
    data = next(iter(table.scan().plan_files())).file.file_path
    commit_deletes(table, {("file_path", 2147483546, pa.string()): [data, data], ("pos", 2147483545, pa.int64()): [3, 7]},
                   DataFileContent.POSITION_DELETES)
    commit_deletes(client.load_table("sales.gone"), {("id", 1, pa.int64()): [0, 5]}, DataFileContent.EQUALITY_DELETES, [1])
    client.create_table("sales.eu.empty", plain)
    wide = client.create_table("sales.wide", plain)
    for part in range(3):  # about 500 KiB each
        wide.append(pa.table({"id": list(range(part * 16000, (part + 1) * 16000)), "note": [secrets.token_hex(32) for _ in range(16000)]}))


@pytest.fixture(scope="module")
def gate(rest, store):
    gate = Gate(rest, store)
    yield gate
    gate.stop()


def fields(gate, **other):
    return {"kind": "ICEBERG", "host": "127.0.0.1", "port": gate.port, "path": "api/catalog/", "database": "main", "tls": "DISABLE",
            "password": gate.token, **other}


@pytest.fixture(scope="module")
def ice(hub, gate):
    return hub.connect(name="ice", **fields(gate))


@pytest.fixture
def bend(gate):
    """Sets how the gate's answers are bent, for this test."""
    def use(function):
        gate.bend = function
    yield use
    gate.bend = None


def fetched(store, hub, statement):
    """The data files that a statement has fetched, and what it gave."""
    cache = hub.server.data_dir / "objects"
    before = {file.name for file in cache.iterdir()}
    rows = hub.server.query(statement)
    new = [file for file in cache.iterdir() if file.name not in before]
    return sum(file.read_bytes()[:4] == b"PAR1" for file in new), rows


def evidence(hub, statement):
    answer = hub.owner.ask("""mutation($s: String!) { runQuery(input: {statement: $s, engine: DUCKDB}) { error { message }
        evidence { tables { fullName connection snapshotId files filesTotal } } } }""", s=statement)["runQuery"]
    assert answer["error"] is None, answer
    return answer["evidence"]["tables"]


def test_namespaces_tables_and_columns_are_listed(hub, gate, ice):
    seen = hub.owner.ask("""query($i: ID!) { connection(id: $i) { kind database path user hasPassword hasStoragePassword status { ok }
        schemas { name tables { name fullName rowEstimate columns { name type required } } } } }""", i=ice)["connection"]
    assert {key: seen[key] for key in ("kind", "database", "path", "user", "hasPassword", "hasStoragePassword")} == {
        "kind": "ICEBERG", "database": "main", "path": "/api/catalog", "user": None, "hasPassword": True, "hasStoragePassword": False}
    tables = {schema["name"]: {table["name"]: table for table in schema["tables"]} for schema in seen["schemas"]}
    assert {name: sorted(found) for name, found in tables.items()} == {"sales": ["gone", "orders", "returns", "wide"], "sales.eu": ["empty"]}
    orders = tables["sales"]["orders"]
    assert [(c["name"], c["type"]) for c in orders["columns"]] == [("carrier", "VARCHAR"), ("amount", "BIGINT"), ("sort", "VARCHAR"), ("price", "DOUBLE")]
    assert orders["rowEstimate"] == 7 and orders["fullName"] == '"ice"."sales"."orders"'
    assert hub.server.query("""SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = 'ice' ORDER BY ALL""") == [
        ["sales", "gone"], ["sales", "orders"], ["sales", "returns"], ["sales", "wide"], ["sales.eu", "empty"]]


def test_a_filter_leaves_files_unfetched(hub, store, ice):
    assert fetched(store, hub, "SELECT sum(amount) FROM ice.sales.orders WHERE carrier = 'UA'") == (1, [[22]])
    assert fetched(store, hub, "SELECT sum(amount) FROM ice.sales.orders WHERE amount > 1000") == (0, [[None]])
    assert fetched(store, hub, "SELECT count(*) FROM ice.sales.orders") == (0, [[7]])
    assert fetched(store, hub, "SELECT sum(amount) FROM ice.sales.orders") == (3, [[166]])
    assert fetched(store, hub, "SELECT max(amount) FROM ice.sales.orders") == (0, [[100]])


def test_tables_are_joined_with_the_lakes_and_evidence_names_the_snapshot(hub, rest, ice):
    statement = """SELECT o.carrier, count(*), any_value(o.n) FROM lake.main.flights f
        JOIN (SELECT carrier, sum(amount) AS n FROM ice.sales.orders GROUP BY 1) o USING (carrier) GROUP BY 1 ORDER BY 1"""
    assert hub.server.query(statement) == [["AA", 667, 111], ["DL", 666, 33], ["UA", 667, 22]]
    read = {table["fullName"]: table for table in evidence(hub, statement)}
    snapshot = rest.client.load_table("sales.orders").current_snapshot().snapshot_id
    assert read["ice.sales.orders"]["connection"] == "ice" and read["ice.sales.orders"]["snapshotId"] == str(snapshot)
    assert read["ice.sales.orders"]["filesTotal"] == 4 and read["lake.main.flights"]["connection"] is None


def test_columns_are_found_by_id_and_older_snapshots_are_read(hub, rest, ice):
    query = hub.server.query
    assert query("SELECT amount, sort, price FROM ice.sales.orders WHERE carrier = 'AA' ORDER BY amount") == [[1, "a", None], [10, None, None], [100, "b", 2.5]]
    first = rest.client.load_table("sales.orders").history()[0].snapshot_id
    assert query(f"SELECT * FROM ice.sales.orders AT (VERSION => {first}) ORDER BY amount") == [["AA", 1, "a"], ["AA", 10, None]]
    assert query("SELECT count(*) FROM ice.sales.orders AT (TIMESTAMP => now()::TIMESTAMPTZ)") == [[7]]


def test_position_and_equality_deletes_are_applied(hub, ice):
    assert hub.server.query("SELECT list(id ORDER BY id), count(note) FROM ice.sales.returns") == [[[0, 1, 2, 4, 5, 6, 8, 9], 8]]
    assert hub.server.query("SELECT list(id ORDER BY id) FROM ice.sales.gone") == [[[1, 2, 3, 4]]]
    assert hub.server.query("SELECT count(*) FROM ice.sales.gone") == [[4]]
    assert hub.server.query('SELECT * FROM ice."sales.eu".empty') == []


def test_new_rows_and_tables_are_there(hub, rest, ice):
    plain = rest.client.load_table("sales.gone").schema()
    rest.client.create_table("sales.later", plain).append(pa.table({"id": [1], "note": ["x"]}))
    assert hub.server.query("SELECT note FROM ice.sales.later") == [["x"]]
    hub.owner.ask("mutation($i: ID!) { refreshConnection(id: $i) { id } }", i=ice)
    assert ["later"] in hub.server.query("SELECT table_name FROM information_schema.tables WHERE table_catalog = 'ice'")
    assert "later" in {table["name"] for schema in hub.owner.ask("query($i: ID!) { connection(id: $i) { schemas { tables { name } } } }", i=ice)["connection"]["schemas"]
                       for table in schema["tables"]}


def test_an_answer_is_replayed_from_its_snapshot(hub, rest, ice):
    rest.client.create_table("sales.replayed", rest.client.load_table("sales.gone").schema()).append(pa.table({"id": [1], "note": ["x"]}))
    ran = hub.owner.ask("""mutation { runQuery(input: {statement: "SELECT count(*) FROM ice.sales.replayed WHERE note > ''", engine: DUCKDB}) {
        evidence { id } } }""")["runQuery"]
    rest.client.load_table("sales.replayed").append(pa.table({"id": [2], "note": ["y"]}))
    assert hub.server.query("SELECT count(*) FROM ice.sales.replayed WHERE note > ''") == [[2]]
    replayed = hub.owner.ask("mutation($i: ID!) { replay(evidenceId: $i) { verdict reason } }", i=ran["evidence"]["id"])["replay"]
    assert replayed["verdict"] == "SAME", replayed


@pytest.mark.parametrize("wrong, says", [
    ({"password": "wrong-token-1"}, "(status 401)"),
    ({"password": None}, "(status 401)"),
    ({"user": "firn-client", "password": "wrong-secret-1"}, "token endpoint"),
    ({"database": "nothing"}, "no warehouse nothing"),
    ({"path": "/elsewhere"}, "the catalog"),
    ({"port": 1}, "Couldn't connect"),
    ({"host": "catalog.invalid"}, "catalog.invalid"),
    ({"tls": "VERIFY"}, "the catalog"),
    ({"path": "/a?b"}, "path"),
    ({"user": "firn-client", "tokenUrl": "ftp://x/y"}, "token endpoint"),
    ({"tokenUrl": "http://127.0.0.1:1/x"}, "client's id"),
    ({"host": "169.254.169.254"}, "not allowed"),
    ({"user": "firn-client", "tokenUrl": "http://169.254.169.254/token"}, "not allowed"),
])
def test_what_is_wrong_is_told_without_secrets(hub, gate, wrong, says):
    answer = hub.try_to_connect(name="other", **fields(gate, **wrong))
    assert says in answer["errors"][0]["message"], answer
    for secret in (gate.token, gate.client_secret, "wrong-token-1", "wrong-secret-1"):
        assert secret not in json.dumps(answer)


def test_what_is_no_catalog_is_told(hub, store):
    answer = hub.try_to_connect(name="other", kind="ICEBERG", host="127.0.0.1", port=store.port, tls="DISABLE")
    assert "the catalog" in answer["errors"][0]["message"], answer


def test_client_credentials_get_tokens_and_one_that_is_over_is_asked_for_again(hub, gate):
    hub.connect(name="oauth", **fields(gate, user=gate.client_id, password=gate.client_secret, scope=gate.scope))
    assert len(gate.given) == 1
    statement = "SELECT count(*) FROM oauth.sales.orders"
    assert hub.server.query(statement) == [[7]] and len(gate.given) == 1
    gate.over.add(gate.given[0])
    assert hub.server.query(statement) == [[7]] and len(gate.given) == 2
    assert hub.server.query(statement) == [[7]] and len(gate.given) == 2


def test_the_catalog_is_asked_for_keys_and_an_own_key_is_used_instead(hub, gate, store):
    assert gate.delegated and "vended-credentials" in gate.delegated
    own = {"storageEndpoint": store.url, "storageUser": KEY}
    made = hub.connect(name="own", **fields(gate, **own, storagePassword=SECRET))
    gate.delegated.clear()
    assert hub.server.query("SELECT sum(amount) FROM own.sales.orders WHERE carrier = 'DL'") == [[33]]
    assert set(gate.delegated) == {None}
    answer = hub.owner.post("mutation($i: UpdateConnectionInput!) { updateConnection(input: $i) { id } }", {"i": {"id": made, "storageEndpoint": "http://127.0.0.1:1"}})
    assert "secret again" in answer["errors"][0]["message"]
    for elsewhere in ({"path": "/other"}, {"tls": "REQUIRE"}, {"user": "x"}, {"port": 1}):
        answer = hub.owner.post("mutation($i: UpdateConnectionInput!) { updateConnection(input: $i) { id } }", {"i": {"id": made, **elsewhere}})
        assert "password again" in answer["errors"][0]["message"], elsewhere


def load_bent(bend, change):
    """Bends the answers that load a table."""
    def bent(path, answer):
        status, headers, body = answer
        return change(status, headers, body) if "/tables/" in path else answer
    bend(bent)


def said(hub, statement, key=None):
    return requests.post(hub.server.url + "/query", json={"statement": statement}, timeout=60,
                         headers={"Authorization": f"Bearer {key or hub.server.key}"}).text


def rows(hub, statement, key):
    """All rows of somebody else than the owner."""
    lines = [json.loads(line) for line in said(hub, statement, key).splitlines()]
    assert not any(isinstance(line, dict) and "error" in line for line in lines), lines
    return lines[2:]


HOSTILE = {
    "garbage": (lambda s, h, b: (200, h, b"<html>\x00\xff"), "none of an Iceberg REST catalog"),
    "an array": (lambda s, h, b: (200, h, []), "none of an Iceberg REST catalog"),
    "no metadata": (lambda s, h, b: (200, h, {**b, "metadata": {"format-version": 9}}), "format version"),
    "nested deeply": (lambda s, h, b: (200, h, b"[" * 100_000), "none of an Iceberg REST catalog"),
    "a huge body": (lambda s, h, b: (200, h, b" " * (70 << 20)), "longer than"),
    "elsewhere": (lambda s, h, b: (307, {**h, "Location": "http://169.254.169.254/"}, b), "redirects are not followed"),
    "a store that is not allowed": (lambda s, h, b: (200, h, {**b, "config": {**b["config"], "s3.endpoint": "http://169.254.169.254:80"}}), "not allowed"),
    "a store that is no address": (lambda s, h, b: (200, h, {**b, "config": {**b["config"], "s3.endpoint": "file:///etc/passwd"}}), "no address"),
    "a region that leads elsewhere": (lambda s, h, b: (200, h, {**b, "config": {**b["config"], "s3.region": "x@evil.example/"}}), "none"),
    "no key": (lambda s, h, b: (200, h, {**b, "config": {}}), "lends no key"),
    "a key with a line end": (lambda s, h, b: (200, h, {**b, "config": {**b["config"], "s3.session-token": "a\r\nHost: b"}}), "a key for the files that is none"),
}


@pytest.fixture(scope="module")
def bent_one(hub, gate):
    """A connection of which no file was fetched yet."""
    return hub.connect(name="bent", **fields(gate))


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_answer_is_an_error_of_that_query_only(hub, bent_one, bend, case):
    change, says = HOSTILE[case]
    load_bent(bend, change)
    answer = said(hub, "SELECT sum(amount) FROM bent.sales.orders")
    assert says in answer, answer
    bend(None)
    assert hub.server.query("SELECT count(*) FROM bent.sales.orders") == [[7]]


@pytest.mark.parametrize("location, says", [
    ("file:///etc/passwd", "connection-files"), ("/etc/passwd", "connection-files"), ("http://169.254.169.254/x", "cannot be read"),
    ("s3://foreign/../other/x", "names no object"), ("gs://a/b", "cannot be read"),
])
def test_metadata_leads_nowhere_else(hub, ice, bend, location, says):
    def change(status, headers, body):
        for snapshot in body["metadata"]["snapshots"]:
            snapshot["manifest-list"] = location
        return status, headers, body
    load_bent(bend, change)
    answer = said(hub, "SELECT sum(amount) FROM ice.sales.orders WHERE carrier = 'AA'")
    assert says in answer and "root:" not in answer, answer


def test_endless_pages_end(hub, gate, ice, bend):
    def bent(path, answer):
        status, headers, body = answer
        if "/namespaces?" in path:
            bent.pages += 1
            status, body = 200, {"namespaces": [[f"n{bent.pages}"]], "next-page-token": f"page {bent.pages}"}
        return status, headers, body
    bent.pages = 0
    bend(bent)
    answer = hub.owner.post("mutation($i: ID!) { refreshConnection(id: $i) { id } }", {"i": ice})
    assert "page after page" in answer["errors"][0]["message"], answer
    assert 2 <= bent.pages <= 100


def test_pages_are_followed(hub, gate, ice, bend):
    def bent(path, answer):
        status, headers, body = answer
        if path.startswith("/v1/wh%7Cmain/namespaces/sales/tables?"):
            at = int(path.split("pageToken=")[1].split("&")[0] or 0)
            if at == 0:
                bent.names = [entry["name"] for entry in body["identifiers"]]
            names = bent.names
            body = {"identifiers": [{"namespace": ["sales"], "name": names[at]}], **({"next-page-token": str(at + 1)} if at + 1 < len(names) else {})}
        return status, headers, body
    bend(bent)
    seen = hub.owner.ask("mutation($i: ID!) { refreshConnection(id: $i) { schemas { name tables { name } } } }", i=ice)["refreshConnection"]
    assert {"gone", "orders", "returns"} <= {table["name"] for schema in seen["schemas"] if schema["name"] == "sales" for table in schema["tables"]}


def test_a_second_firn_is_one_and_bounds_what_it_fetches_itself(hub, gate):
    folder = hub.files / ".second"
    second = Firn(folder, ("--connection-hosts-allowed", "127.0.0.1", "--objects-bytes-max", "1048576")).start()
    try:
        lines = "".join(f"{i},n{i},2024-01-0{i % 9 + 1}\n" for i in range(50))
        assert second.upload("things", "id,name,day\n" + lines, "create", "text/csv").status_code == 200
        place = {"kind": "ICEBERG", "host": "127.0.0.1", "port": int(second.url.rsplit(":", 1)[1]), "path": "/iceberg", "tls": "DISABLE"}
        hub.connect(name="second", **place, database="lake", password=second.key)
        assert hub.server.query("SELECT count(name), max(day)::VARCHAR FROM second.main.things WHERE id >= 10") == second.query(
            "SELECT count(name), max(day)::VARCHAR FROM lake.main.things WHERE id >= 10") != [[0, None]]
        answer = hub.try_to_connect(name="other", **place, database="nothing", password=second.key)
        assert "nothing" in answer["errors"][0]["message"], answer
        # And the other way round, with less room than the table takes.
        owner = Client(second.url, second.key)
        environment = owner.ask("{ organization { environments { id } } }")["organization"]["environments"][0]["id"]
        owner.ask("mutation($i: CreateConnectionInput!) { createConnection(input: $i) { id } }", i={"environmentId": environment, "name": "ice", **fields(gate)})
        assert second.query("SELECT count(note) FROM ice.sales.wide WHERE id < 16000") == [[16000]]
        with pytest.raises(AssertionError, match="objects-bytes-max"):
            second.query("SELECT max(note) FROM ice.sales.wide")
    finally:
        assert second.stop() == 0, second.log()
        shutil.rmtree(folder)


def test_rows_and_roles_are_bounds(hub, gate, ice):
    answer = hub.owner.post("mutation($i: UpdateConnectionInput!) { updateConnection(input: $i) { id } }", {"i": {"id": ice, "rowsMax": 3}})
    assert "errors" not in answer
    assert "more than 3 rows" in said(hub, "SELECT sum(amount + 1) FROM ice.sales.orders")
    assert hub.server.query("SELECT sum(amount + 1) FROM ice.sales.orders WHERE carrier = 'UA'") == [[24]]
    viewer = hub.secret_of("VIEWER")
    assert rows(hub, "SELECT count(*) FROM ice.sales.orders", viewer) == [[7]]
    hub.owner.ask("mutation($i: UpdateConnectionInput!) { updateConnection(input: $i) { id } }", i={"id": ice, "rowsMax": 10_000_000, "readerRole": "ADMIN"})
    assert "error" in said(hub, "SELECT count(*) FROM ice.sales.orders", viewer)
    hub.owner.ask("mutation($i: UpdateConnectionInput!) { updateConnection(input: $i) { id } }", i={"id": ice, "readerRole": "VIEWER"})


def test_policies_hold_for_every_name_that_a_column_had(hub, rest, ice):
    viewer = hub.secret_of("VIEWER")
    policy = hub.owner.ask("mutation($i: SetConnectionPolicyInput!) { setConnectionPolicy(input: $i) { id } }", i={
        "connectionId": ice, "schema": "sales", "table": "orders", "name": "hide", "roles": ["VIEWER"], "rowFilter": "carrier <> 'DL'",
        "columns": [{"column": "sort", "rule": "HIDDEN"}]})["setConnectionPolicy"]["id"]
    try:
        assert rows(hub, "SELECT * FROM ice.sales.orders WHERE amount < 10 ORDER BY amount", viewer) == [["AA", 1, None], ["UA", 2, None]]
        first = rest.client.load_table("sales.orders").history()[0].snapshot_id
        assert rows(hub, f"SELECT * FROM ice.sales.orders AT (VERSION => {first}) ORDER BY amount", viewer) == [["AA", 1], ["AA", 10]]
        assert len(hub.server.query("SELECT * FROM ice.sales.orders WHERE amount < 10")[0]) == 4
    finally:
        hub.owner.ask("mutation($i: ID!) { removePolicy(id: $i) }", i=policy)


def test_trino_is_told_of_it_with_its_own_secrets_only(hub, gate, ice):
    def told(name):
        answer = requests.get(f"{hub.server.url}/engine/v1/catalogs/{name}", headers={"Authorization": f"Bearer {hub.secret_of('ENGINE')}"}, timeout=20).json()
        return answer["connector"], answer["properties"]
    connector, properties = told("ice")
    assert connector == "iceberg" and properties["iceberg.rest-catalog.uri"] == f"http://127.0.0.1:{gate.port}/api/catalog"
    assert properties["iceberg.rest-catalog.warehouse"] == "main" and properties["iceberg.rest-catalog.oauth2.token"] == gate.token
    assert properties["iceberg.rest-catalog.vended-credentials-enabled"] == "true" and properties["iceberg.security"] == "read_only"
    properties = told("oauth")[1]
    assert properties["iceberg.rest-catalog.oauth2.credential"] == f"{gate.client_id}:{gate.client_secret}"
    assert properties["iceberg.rest-catalog.oauth2.scope"] == gate.scope and "iceberg.rest-catalog.oauth2.token" not in properties
    properties = told("own")[1]
    assert properties["s3.aws-access-key"] == KEY and properties["s3.aws-secret-key"] == SECRET and "iceberg.rest-catalog.vended-credentials-enabled" not in properties


def test_no_secret_is_in_the_log_or_the_store(hub, gate, ice):
    kept = hub.server.log_path.read_text(errors="replace") + "".join(file.read_bytes().decode("latin-1") for file in hub.server.data_dir.glob("*.db*"))
    for secret in (gate.token, gate.client_secret, SECRET, "wrong-token-1", "wrong-secret-1", *gate.given):
        assert secret not in kept and base64.b64encode(secret.encode()).decode() not in kept
