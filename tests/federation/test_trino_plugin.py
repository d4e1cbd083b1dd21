"""Trino asked directly, with Firn's keys: the plugin of trino-plugin/ in a real Trino."""
import json
import time

import pytest
import requests
import trino.exceptions

from databases import PASSWORD
from hub import Client
from trino_server import PluginTrino

POLICY = "mutation($i: SetPolicyInput!) { setPolicy(input: $i) { id } }"
CONNECTION_POLICY = "mutation($i: SetConnectionPolicyInput!) { setConnectionPolicy(input: $i) { id } }"


class Restricted:
    """Tables with policies for viewers, in the lake and in a database, and a viewer."""

    def __init__(self, engines):
        self.server, self.trino = engines.server, engines.trino
        self.owner = Client(self.server.url, self.server.key)
        people = [{"id": i, "region": ["north", "south", None][i % 3], "name": f"person {i}", "ssn": f"ssn-{i}", "salary": i * 100,
                   "email": f"{i}@example.org"} for i in range(30)]
        assert self.server.append("people", people, sync="true").json()["ok"]
        self.table = self.owner.ask('{ table(name: "people") { id columns { name fieldId } } }')["table"]
        self.connection = next(c["id"] for c in self.owner.ask("{ connections { id name } }")["connections"] if c["name"] == "pg")
        hidden = [{"column": "ssn", "rule": "HIDDEN"}, {"column": "salary", "rule": "NULLED"}, {"column": "email", "rule": "HASHED"}]
        self.policies = [
            self.owner.ask(POLICY, i={"tableId": self.table["id"], "name": "p", "roles": ["VIEWER"],
                                      "rowFilter": "region = 'north' AND id BETWEEN 3 AND 20 AND ssn <> 'ssn-6' AND caller_role() = 'viewer'",
                                      "columns": hidden})["setPolicy"]["id"],
            self.owner.ask(CONNECTION_POLICY, i={"connectionId": self.connection, "schema": "public", "table": "planes", "name": "p",
                                                 "roles": ["VIEWER"], "rowFilter": "maker = 'AIRBUS' AND seats < 100",
                                                 "columns": [{"column": "year", "rule": "HIDDEN"}, {"column": "tailnum", "rule": "HASHED"},
                                                             {"column": "seats", "rule": "NULLED"}]})["setConnectionPolicy"]["id"]]
        self.key, self.account = self.make_key("VIEWER")
        self.viewer = Client(self.server.url, self.key)

    def make_key(self, role):
        account = self.owner.ask("mutation($n: String!, $r: Role) { createServiceAccount(input: {name: $n, role: $r}) { id } }",
                                 n=f"{role} {time.monotonic_ns()}", r=role)["createServiceAccount"]["id"]
        made = self.owner.ask("mutation($i: ID!) { createKey(input: {serviceAccountId: $i}) { secret } }", i=account)
        return made["createKey"]["secret"], account

    def ask(self, statement, engine):
        answer = self.viewer.session.post(self.server.url + "/query", json={"statement": statement, "engine": engine})
        assert answer.status_code == 200, answer.text
        lines = [json.loads(line) for line in answer.text.splitlines()]
        assert not any(isinstance(line, dict) and "error" in line for line in lines[1:]), lines[-1]
        return lines[2:]

    def denied(self, statement, key=None, **options):
        with pytest.raises(trino.exceptions.TrinoUserError) as error:
            self.trino.rows(key or self.key, statement, **options)
        return error.value


@pytest.fixture(scope="module")
def restricted(engines):
    made = Restricted(engines)
    yield made
    for policy in made.policies:
        made.owner.ask("mutation($i: ID!) { removePolicy(id: $i) }", i=policy)


@pytest.mark.parametrize("statement, rows", [
    ("SELECT id, region, name, salary, email FROM lake.main.people ORDER BY id", 5),
    ("SELECT * FROM lake.main.people ORDER BY id", 5),
    ("SELECT count(*), sum(salary), min(email) FROM lake.main.people", 1),
    ("SELECT a.id FROM lake.main.people a JOIN lake.main.people b ON a.id = b.id WHERE a.id > 5 ORDER BY a.id", 4),
    ("SELECT maker, tailnum, seats FROM pg.public.planes ORDER BY tailnum", None),
    ("SELECT * FROM pg.public.planes ORDER BY tailnum", None),
    ("SELECT count(*), count(seats) FROM pg.public.planes", 1),
    ("SELECT p.maker, count(*) AS n FROM lake.main.people l JOIN pg.public.planes p ON p.maker <> l.name GROUP BY p.maker", 1),
])
def test_a_viewer_sees_the_same_every_way(restricted, statement, rows):
    duck = restricted.ask(statement, "duckdb")
    assert duck and (rows is None or len(duck) == rows)
    assert restricted.ask(statement, "trino") == duck
    assert [list(row) for row in restricted.trino.rows(restricted.key, statement)] == duck
    run = restricted.viewer.ask("""mutation($s: String!) { runQuery(input: {statement: $s, waitMs: 60000}) { error { message }
        result { rows } } }""", s=statement)["runQuery"]
    assert run["error"] is None and run["result"]["rows"] == duck[:len(run["result"]["rows"])]
    owner = restricted.trino.rows(restricted.server.key, statement)
    assert [list(row) for row in owner] != duck


def test_graphql_and_the_rest_catalog_hide_it_too(restricted):
    table = restricted.viewer.ask('{ table(name: "people") { columns { name } } }')["table"]
    assert "ssn" not in {column["name"] for column in table["columns"]}
    schemas = restricted.viewer.ask("{ connection(id: %s) { schemas { tables { name rowEstimate columns { name } } } } }"
                                    % json.dumps(restricted.connection))["connection"]["schemas"]
    planes = next(table for schema in schemas for table in schema["tables"] if table["name"] == "planes")
    assert "year" not in {column["name"] for column in planes["columns"]} and planes["rowEstimate"] is None
    # Whoever has the files has all rows.
    loaded = restricted.viewer.session.get(restricted.server.url + "/iceberg/v1/lake/namespaces/main/tables/people")
    assert loaded.status_code == 403, loaded.text
    assert restricted.viewer.session.get(restricted.server.url + "/iceberg/v1/lake/namespaces/main/tables/kinds").status_code == 200


@pytest.mark.parametrize("statement", [
    "SELECT ssn FROM lake.main.people", "SELECT id FROM lake.main.people WHERE ssn = 'ssn-3'", "SELECT year FROM pg.public.planes",
    'SELECT * FROM lake.main."people$files"', 'SELECT * FROM lake.main."people$partitions"', 'SELECT "$path" FROM lake.main.people',
    "SHOW CREATE TABLE lake.main.people",
    "SELECT * FROM TABLE(pg.system.query(query => 'SELECT * FROM public.planes'))",
    "SELECT * FROM TABLE(lake.system.table_changes('main', 'people', 1, 2))",
    "INSERT INTO lake.main.people (id) VALUES (1)", "DELETE FROM lake.main.people", "DROP TABLE lake.main.people",
    "CREATE TABLE lake.main.copied AS SELECT 1 AS x", "CREATE VIEW lake.main.seen AS SELECT 1 AS x", "ALTER TABLE lake.main.people EXECUTE optimize",
    "CALL lake.system.rollback_to_snapshot('main', 'people', 1)", "CREATE CATALOG mine USING memory", "DROP CATALOG pg",
    "SELECT * FROM system.runtime.queries", "GRANT SELECT ON lake.main.people TO USER x", "SET SESSION query_max_memory = '1TB'",
    "SET SESSION query_max_run_time = '100d'", "SET SESSION pg.join_pushdown_enabled = true",
])
def test_what_goes_around_a_policy_is_refused(restricted, statement):
    error = restricted.denied(statement)
    assert error.error_name in ("PERMISSION_DENIED", "COLUMN_NOT_FOUND", "INVALID_SESSION_PROPERTY", "TABLE_NOT_FOUND", "FUNCTION_NOT_FOUND"), error


def test_statistics_tell_nothing_of_hidden_rows(restricted):
    try:
        stats = restricted.trino.rows(restricted.key, "SHOW STATS FOR lake.main.people")
    except trino.exceptions.TrinoUserError as error:
        assert error.error_name in ("NOT_SUPPORTED", "PERMISSION_DENIED")
        return
    assert "ssn" not in {row[0] for row in stats}, stats
    assert all(row[4] != 30 for row in stats), stats


def test_an_older_name_of_a_hidden_column_is_hidden_too(restricted):
    field = next(column["fieldId"] for column in restricted.table["columns"] if column["name"] == "ssn")
    old = restricted.trino.rows(restricted.server.key, 'SELECT snapshot_id FROM lake.main."people$snapshots" ORDER BY committed_at DESC')[0][0]
    rename = "mutation($t: ID!, $f: Int!, $n: String!) { renameColumn(tableId: $t, fieldId: $f, name: $n) { id } }"
    policy = restricted.policies[0]
    restricted.owner.ask("mutation($i: ID!) { removePolicy(id: $i) }", i=policy)
    restricted.owner.ask(rename, t=restricted.table["id"], f=field, n="social")
    policy = restricted.owner.ask(POLICY, i={"tableId": restricted.table["id"], "name": "p", "roles": ["VIEWER"], "rowFilter": "id < 20",
                                             "columns": [{"column": "social", "rule": "HIDDEN"}]})["setPolicy"]["id"]
    try:
        time.sleep(2.5)  # the plugin remembers for two seconds
        assert restricted.trino.rows(restricted.server.key, f"SELECT ssn FROM lake.main.people FOR VERSION AS OF {old} WHERE id = 1") == [["ssn-1"]]
        restricted.denied(f"SELECT ssn FROM lake.main.people FOR VERSION AS OF {old}")
        restricted.denied("SELECT social FROM lake.main.people")
    finally:
        restricted.owner.ask(rename, t=restricted.table["id"], f=field, n="ssn")
        restricted.owner.ask("mutation($i: ID!) { removePolicy(id: $i) }", i=policy)
        restricted.policies[0] = restricted.owner.ask(POLICY, i={"tableId": restricted.table["id"], "name": "p", "roles": ["VIEWER"],
                                                                 "rowFilter": "id < 20"})["setPolicy"]["id"]


def test_a_filter_that_may_mean_something_else_closes_the_table(restricted):
    kinds = restricted.owner.ask('{ table(name: "kinds") { id } }')["table"]["id"]
    policy = restricted.owner.ask(POLICY, i={"tableId": kinds, "name": "q", "roles": ["VIEWER"], "rowFilter": "kind / 2 = 1.5"})["setPolicy"]["id"]
    try:
        time.sleep(2.5)
        assert restricted.ask("SELECT kind FROM lake.main.kinds", "duckdb") == [[3]]
        assert "another way" in str(restricted.denied("SELECT kind FROM lake.main.kinds"))
    finally:
        restricted.owner.ask("mutation($i: ID!) { removePolicy(id: $i) }", i=policy)


def test_who_has_no_key_gets_nothing(engines):
    url = engines.trino.url + "/v1/statement"
    ask = {"data": "SELECT 1", "headers": {"X-Trino-User": "firn"}, "verify": engines.trino.ca}
    assert requests.post(url, **ask).status_code == 401
    assert requests.post(url, auth=("firn", "firn_test_wrong"), **ask).status_code == 401
    assert requests.post(url, **{**ask, "headers": {"X-Trino-User": "firn", "Authorization": "Bearer nonsense"}}).status_code == 401
    internal = next(line for line in (engines.trino.folder / "etc/config.properties").read_text().splitlines() if "http-server.http.port" in line)
    plain = requests.post(f"http://127.0.0.1:{internal.split('=')[1]}/v1/statement", data="SELECT 1", headers={"X-Trino-User": "firn"})
    assert plain.status_code in (401, 403), plain.text


def test_a_bearer_key_works_and_nobody_speaks_for_others(restricted):
    url = restricted.trino.url + "/v1/statement"
    bearer = {"Authorization": f"Bearer {restricted.key}", "X-Trino-User": "anybody"}
    assert requests.post(url, data="SELECT 1", headers=bearer, verify=restricted.trino.ca).status_code == 200
    for key in (restricted.key, restricted.server.key):
        answer = requests.post(url, data="SELECT 1", headers={"X-Trino-User": restricted.account}, auth=("me", key), verify=restricted.trino.ca)
        while answer.status_code == 200 and "nextUri" in answer.json():
            answer = requests.get(answer.json()["nextUri"], auth=("me", key), verify=restricted.trino.ca)
        assert answer.status_code in (401, 403) or answer.json()["error"]["errorName"] == "PERMISSION_DENIED", answer.text


def test_what_there_is_is_listed(restricted):
    rows, key = restricted.trino.rows, restricted.key
    assert rows(key, "SHOW CATALOGS") == [["lake"], ["pg"]]
    assert ["main"] in rows(key, "SHOW SCHEMAS FROM lake") and {"people", "kinds"} <= {name for name, in rows(key, "SHOW TABLES FROM lake.main")}
    shown = {row[0] for row in rows(key, "SHOW COLUMNS FROM lake.main.people")}
    listed = {name for name, in rows(key, "SELECT column_name FROM lake.information_schema.columns WHERE table_schema = 'main' AND table_name = 'people'")}
    assert shown == listed and "id" in shown
    assert "year" not in {row[0] for row in rows(key, "DESCRIBE pg.public.planes")}
    driver = rows(key, "SELECT column_name FROM system.jdbc.columns WHERE table_cat = 'pg' AND table_schem = 'public' AND table_name = 'planes'")
    assert "maker" in {name for name, in driver} and "year" not in {name for name, in driver}
    assert {"lake", "pg"} <= {row[0] for row in rows(restricted.server.key, "SELECT catalog_name FROM system.metadata.catalogs")}


def test_a_query_is_in_the_history_of_whoever_asked(restricted):
    marker = f"marker {time.monotonic_ns()}"
    statement = f"SELECT name AS \"{marker}\" FROM lake.main.kinds WHERE kind = 3"
    assert restricted.trino.rows(restricted.key, statement) == [["kind 3"]]
    with pytest.raises(trino.exceptions.TrinoUserError):
        restricted.trino.rows(restricted.key, f"SELECT nothing AS \"{marker}\" FROM lake.main.kinds")

    def history(client):
        edges = client.ask("""query($s: String!) { queryHistory(first: 20, search: $s) { edges { node { id statement engine error { code }
            evidence { engineReason tables { fullName snapshotId } } } } } }""", s=marker)["queryHistory"]["edges"]
        return [edge["node"] for edge in edges]

    until = time.monotonic() + 30
    while len(history(restricted.viewer)) < 2:
        assert time.monotonic() < until, history(restricted.viewer)
        time.sleep(0.2)
    failed, done = sorted(history(restricted.viewer), key=lambda node: node["error"] is None)
    assert failed["error"]["code"] == "INVALID_STATEMENT" and done["engine"] == "trino"
    assert done["evidence"]["engineReason"] == "Trino was asked directly"
    assert done["evidence"]["tables"][0]["fullName"] == "lake.main.kinds" and done["evidence"]["tables"][0]["snapshotId"]
    stranger, _ = restricted.make_key("VIEWER")
    assert history(Client(restricted.server.url, stranger)) == []


def test_nobody_but_the_plugin_reports(restricted):
    report = {"query_id": "forged", "account": "x", "statement": "SELECT 1", "start_us": 1, "end_us": 2}
    for key in (restricted.key, restricted.server.key):
        for path, method in (("queries", "post"), ("catalogs", "get"), ("catalogs/pg", "get"), ("accounts/x", "get")):
            answer = getattr(requests, method)(f"{restricted.server.url}/engine/v1/{path}", headers={"Authorization": f"Bearer {key}"},
                                               **({"json": report} if method == "post" else {}))
            assert answer.status_code == 403, (path, answer.text)
    as_plugin = {"Authorization": f"Bearer {PluginTrino.KEY}"}
    url = restricted.server.url + "/engine/v1/queries"
    assert requests.post(url, json=report, headers=as_plugin).status_code == 404  # nobody's account
    assert requests.post(url, data="[1", headers=as_plugin).status_code == 400
    assert requests.post(url, json={**report, "account": restricted.account, "start_us": 9}, headers=as_plugin).status_code == 400


def test_connections_come_and_go_while_trino_runs(engines, restricted, postgres):
    key = engines.server.key
    fields = {"environmentId": engines.environment, "name": "later", "kind": "POSTGRESQL", "host": "127.0.0.1", "port": postgres.port,
              "database": "shop", "user": "firn", "password": PASSWORD}
    made = restricted.owner.ask("mutation($i: CreateConnectionInput!) { createConnection(input: $i) { id } }", i=fields)["createConnection"]["id"]
    assert {"lake", "pg", "later"} <= engines.trino.until_catalogs(key, lambda seen: "later" in seen)
    assert engines.trino.rows(key, "SELECT count(*) FROM later.public.planes") == [[20000]]
    assert "later" in engines.trino.until_catalogs(restricted.key, lambda seen: "later" in seen)
    # No file of the node's, and nothing that it tells, has the password.
    for file in engines.trino.folder.rglob("*"):
        if file.is_file() and not file.is_symlink() and "plugin" not in file.parts:
            assert PASSWORD.encode() not in file.read_bytes(), file
    queries = requests.get(engines.trino.url + "/v1/query", auth=("x", key), verify=engines.trino.ca)
    assert queries.status_code == 200 and PASSWORD not in queries.text
    restricted.owner.ask("mutation($i: ID!) { updateConnection(input: {id: $i, readerRole: ADMIN}) { id } }", i=made)
    engines.trino.until_catalogs(restricted.key, lambda seen: "later" not in seen)
    restricted.denied("SELECT count(*) FROM later.public.planes")
    assert engines.trino.rows(key, "SELECT count(*) FROM later.public.planes") == [[20000]]
    restricted.owner.ask("mutation($i: ID!) { deleteConnection(id: $i) }", i=made)
    engines.trino.until_catalogs(key, lambda seen: "later" not in seen)


def test_mariadb_is_a_catalog_too(engines, restricted, mariadb):
    made = restricted.owner.ask("mutation($i: CreateConnectionInput!) { createConnection(input: $i) { id } }", i={
        "environmentId": engines.environment, "name": "maria", "kind": "MYSQL", "host": "127.0.0.1", "port": mariadb.port,
        "database": "shop", "user": "firn", "password": PASSWORD})["createConnection"]["id"]
    engines.trino.until_catalogs(restricted.key, lambda seen: "maria" in seen)
    for statement in (
            "SELECT count(*), sum(amount), min(placed), max(customer) FROM maria.shop.orders",
            "SELECT id, customer, amount, placed FROM maria.shop.orders WHERE id BETWEEN 20 AND 30 ORDER BY id",
            "SELECT customer, count(*) AS n FROM maria.shop.orders WHERE customer = 'Customer 7' GROUP BY customer",
            """SELECT k.name, count(*) AS n, sum(o.amount) AS amount FROM maria.shop.orders o JOIN lake.main.kinds k ON k.kind = o.id % 4
               GROUP BY k.name ORDER BY amount""",
            "SELECT count(*) FROM maria.shop.orders o JOIN pg.public.planes p ON p.seats = o.id"):
        assert restricted.ask(statement, "trino") == restricted.ask(statement, "duckdb") != [], statement
    # The user may look at other databases there, the connection leads to one.
    assert {row[0] for row in engines.trino.rows(restricted.key, "SHOW SCHEMAS FROM maria")} <= {"shop", "information_schema"}
    restricted.denied("SELECT * FROM maria.information_schema_of_another.tables")
    restricted.owner.ask("mutation($i: ID!) { deleteConnection(id: $i) }", i=made)
    engines.trino.until_catalogs(restricted.key, lambda seen: "maria" not in seen)


def test_trino_sees_what_was_acknowledged(engines):
    """No commit is due for ten minutes: whoever loads the table for Trino makes one."""
    server = engines.server
    for n in range(1, 5):
        assert server.append("fresh", [{"n": n}]).json()["ok"]
        assert [list(row) for row in engines.trino.rows(server.key, "SELECT count(*), max(n) FROM lake.main.fresh")] == [[n, n]]
    assert server.append("fresh", [{"n": 5}]).json()["ok"]
    run = Client(server.url, server.key).ask("""mutation { runQuery(input: {statement: "SELECT count(*), max(n) FROM lake.main.fresh",
        engine: TRINO, waitMs: 60000}) { error { message } result { rows } evidence { tables { snapshotId } } } }""")["runQuery"]
    assert run["error"] is None and run["result"]["rows"] == [[5, 5]]
    table = server.session.get(server.url + "/iceberg/v1/lake/namespaces/main/tables/fresh").json()["metadata"]
    assert run["evidence"]["tables"] == [{"snapshotId": str(table["current-snapshot-id"])}]
    # Others read what is committed, when it is due.
    assert server.append("fresh", [{"n": 6}]).json()["ok"]
    again = server.session.get(server.url + "/iceberg/v1/lake/namespaces/main/tables/fresh").json()["metadata"]
    assert again["current-snapshot-id"] == table["current-snapshot-id"]
    assert server.session.post(server.url + "/query", json={"statement": "SELECT count(*) FROM fresh"}).text.splitlines()[-1] == "[6]"


def test_without_firn_nobody_sees_anything(engines, restricted):
    assert engines.trino.rows(restricted.key, "SELECT count(*) FROM lake.main.kinds")
    engines.server.kill()
    try:
        time.sleep(2.5)
        with pytest.raises(Exception) as error:
            engines.trino.rows(restricted.key, "SELECT count(*) FROM lake.main.kinds")
        assert "401" in str(error.value) or "Firn" in str(error.value), error.value
    finally:
        engines.server.start()
    engines.trino.until_catalogs(restricted.key, lambda seen: "lake" in seen)
    assert engines.trino.rows(restricted.key, "SELECT count(*) FROM lake.main.kinds")
