"""DuckDB and a real Trino over the same tables: the same rows, and who takes which statement."""
import json
import pathlib
import threading
import time

import pytest
import requests

from databases import PASSWORD
from firn_server import Firn, free_port
from hub import Client
from trino_server import Trino

COMMON = [paragraph for paragraph in (pathlib.Path(__file__).parent / "common.sql").read_text().split("\n\n")[1:] if paragraph.strip()]


def rows():
    texts = ["a", "ab", "ä", "it's -- no /* comment */", "", " padded ", "B", "12", "\U0001f980 b", None]
    for n in range(60):
        yield {"id": n, "b": [True, False, None][n % 3], "i": None if n % 11 == 0 else n % 7 - 2, "l": None if n == 5 else 9007199254740990 + n,
               "f": n / 4, "d": None if n % 13 == 0 else (n - 30) / 8, "m": None if n % 9 == 0 else (n - 20) * 3.25,
               "day": None if n % 8 == 7 else f"{1960 + n * 3}-02-{n % 28 + 1:02d}" if n != 20 else "2024-02-29",
               "ts": None if n % 10 == 9 else f"20{n % 40 + 10}-0{n % 9 + 1}-1{n % 10}T{n % 24:02d}:59:58.{n:06d}",
               "tz": None if n % 10 == 8 else f"19{n + 30}-12-31T{n % 24:02d}:30:00{'Z' if n % 2 else '+05:30'}", "s": texts[n % 10]}


@pytest.fixture(scope="module")
def engines(tmp_path_factory, postgres):
    """Firn with a Trino that reads its tables through the REST catalog, and the PostgreSQL beside them."""
    folder = tmp_path_factory.mktemp("engines")
    trino_port = free_port()
    server = Firn(folder / "data", ("--connection-hosts-allowed", "127.0.0.1", "--trino-url", f"http://127.0.0.1:{trino_port}",
                                    "--trino-rows-from", "100000")).start()
    owner = Client(server.url, server.key)
    environment = owner.ask("{ organization { environments { id } } }")["organization"]["environments"][0]["id"]
    owner.ask("mutation($i: CreateConnectionInput!) { createConnection(input: $i) { id } }", i={
        "environmentId": environment, "name": "pg", "kind": "POSTGRESQL", "host": "127.0.0.1", "port": postgres.port, "database": "shop",
        "user": "firn", "password": PASSWORD})
    types = {"id": "long", "b": "boolean", "i": "int", "l": "long", "f": "float", "d": "double", "m": "decimal(12,2)", "day": "date",
             "ts": "timestamp", "tz": "timestamptz", "s": "string"}
    owner.ask("mutation($i: CreateTableInput!) { createTable(input: $i) { id } }", i={
        "table": {"name": "everything"}, "columns": [{"name": name, "type": kind} for name, kind in types.items()]})
    for table, values in (("everything", list(rows())),
                          ("kinds", [{"kind": k, "name": None if k == 2 else f"kind {k}"} for k in (-1, 0, 1, 2, 3, 9)])):
        answer = server.append(table, values, sync="true").json()
        assert answer["ok"] and answer["rejected_count"] == 0, answer
    trino = Trino(folder / "trino", server, trino_port, {"pg": (
        "connector.name=postgresql\nconnection-url=jdbc:postgresql://127.0.0.1:%d/shop\nconnection-user=firn\nconnection-password=%s\n"
        % (postgres.port, PASSWORD))}).start()
    yield server
    trino.stop()
    assert server.stop() == 0, server.log()


def ask(server, statement, engine, **fields):
    response = server.session.post(server.url + "/query", json={"statement": statement, "engine": engine, **fields})
    assert response.status_code == 200, f"{engine}: {response.text}"
    lines = [json.loads(line) for line in response.text.splitlines()]
    assert not any(isinstance(line, dict) and "error" in line for line in lines[1:]), lines[-1]
    return lines[2:]


def near(a, b):
    if isinstance(a, float) and isinstance(b, (int, float)):
        return abs(a - b) <= 1e-9 * max(1.0, abs(a))
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(near(x, y) for x, y in zip(a, b))
    return a == b


def test_there_are_a_hundred_statements():
    assert len(COMMON) >= 100


@pytest.mark.parametrize("number", range(len(COMMON)))
def test_the_same_statement_has_the_same_rows(engines, number):
    duck, trino = ask(engines, COMMON[number], "duckdb"), ask(engines, COMMON[number], "trino")
    assert near(duck, trino) or near(trino, duck), (COMMON[number], duck, trino)


def run(server, statement, engine="AUTO"):
    return Client(server.url, server.key).ask("""mutation($s: String!, $e: QueryEngine!) { runQuery(input: {statement: $s, engine: $e,
        waitMs: 60000}) { id engine error { code message position } result { rows } evidence { engine engineReason tables { fullName
        snapshotId connection } } } }""", s=statement, e=engine)["runQuery"]


def test_a_join_with_a_database_has_the_same_rows(engines):
    statement = """SELECT p.maker, count(*) AS n FROM lake.main.everything e JOIN pg.public.planes p ON p.seats = e.id
        WHERE p.year >= 1990 GROUP BY p.maker ORDER BY n DESC, p.maker"""
    duck = ask(engines, statement, "duckdb")
    assert duck == ask(engines, statement, "trino") and len(duck) == 2
    asked = run(engines, statement, "TRINO")
    assert asked["evidence"]["engine"] == "trino" and asked["evidence"]["engineReason"] == "Trino was asked for"
    assert {table["fullName"] for table in asked["evidence"]["tables"]} == {"lake.main.everything", "pg.public.planes"}


def test_auto_takes_trino_for_large_tables_only(engines):
    small = run(engines, "SELECT count(*) FROM lake.main.everything")
    assert small["engine"] == "duckdb" and "about 60 rows, fewer" in small["evidence"]["engineReason"]
    large = run(engines, "SELECT count(*) FROM pg.public.many")
    assert large["engine"] == "trino" and large["result"]["rows"] == [[1000000]]
    assert "at least the 100000" in large["evidence"]["engineReason"]
    past = run(engines, "SELECT count(*) FROM pg.public.many WHERE id < $$3$$::int")
    assert past["engine"] == "duckdb" and "trino cannot: the character $" in past["evidence"]["engineReason"]


def test_a_replay_of_trinos_answer_is_duckdbs(engines):
    asked = run(engines, "SELECT id, m, s FROM lake.main.everything ORDER BY id", "TRINO")
    replayed = Client(engines.url, engines.key).ask("mutation($i: ID!) { replay(evidenceId: $i) { verdict } }",
                                                    i=asked["id"].replace("query:", "evidence:"))["replay"]
    assert replayed["verdict"] == "SAME"


def test_errors_have_their_place(engines):
    failed = run(engines, "SELECT id,\n  regexp_like(1, 2) FROM lake.main.everything", "TRINO")
    assert failed["error"]["code"] == "INVALID_STATEMENT"
    failed = run(engines, "SELECT id,\n  element_at(ARRAY[1], 'ä') FROM lake.main.everything", "TRINO")
    assert failed["error"]["code"] == "INVALID_STATEMENT" and "line 2:3" in failed["error"]["message"] and failed["error"]["position"] == 13


def test_who_is_under_a_policy_does_not_get_trino(engines):
    owner = Client(engines.url, engines.key)
    table = owner.ask('{ table(name: "kinds") { id } }')["table"]["id"]
    policy = owner.ask("mutation($i: SetPolicyInput!) { setPolicy(input: $i) { id } }",
                       i={"tableId": table, "name": "p", "roles": ["VIEWER"], "rowFilter": "kind > 0"})["setPolicy"]["id"]
    account = owner.ask('mutation { createServiceAccount(input: {name: "v", role: VIEWER}) { id } }')["createServiceAccount"]["id"]
    viewer = Client(engines.url, owner.ask("mutation($i: ID!) { createKey(input: {serviceAccountId: $i}) { secret } }", i=account)["createKey"]["secret"])
    for statement in ("SELECT * FROM lake.main.kinds", "SELECT 1 /* /* */ AS x FROM lake.main.kinds -- */", "SELECT * FROM lake.main.nothing",
                      "SELECT element_at(ARRAY[1], 1) FROM lake.main.kinds"):
        answer = viewer.session.post(engines.url + "/query", json={"statement": statement, "engine": "trino"})
        assert answer.status_code in (400, 403, 404), answer.text
    allowed = viewer.session.post(engines.url + "/query", json={"statement": "SELECT count(*) FROM lake.main.everything", "engine": "trino"})
    assert allowed.status_code == 200 and allowed.text.splitlines()[-1] == "[60]"
    answer = viewer.session.post(engines.url + "/query", json={"statement": "SELECT count(*) FROM lake.main.kinds"})
    assert answer.text.splitlines()[-1] == "[4]"
    owner.ask("mutation($i: ID!) { removePolicy(id: $i) }", i=policy)


def test_cancelling_ends_it_in_trino(engines):
    url = engines.flags[engines.flags.index("--trino-url") + 1]

    def running():
        queries = requests.get(url + "/v1/query", headers={"X-Trino-User": "test"}).json()
        return [query for query in queries if query["state"] in ("RUNNING", "QUEUED", "PLANNING") and "pg.public.slow" in query["query"]]

    answers = []
    asking = threading.Thread(target=lambda: answers.append(engines.session.post(engines.url + "/query", json={
        "statement": "SELECT count(nothing) FROM pg.public.slow", "engine": "trino", "query_id": "slow-trino"})))
    asking.start()
    until = time.monotonic() + 60
    while not running():
        assert time.monotonic() < until
        time.sleep(0.1)
    assert engines.session.delete(engines.url + "/query/slow-trino").json()["cancelled"]
    asking.join()
    # Trino tells the columns before it has rows: the answer may have begun.
    assert "cancelled" in answers[0].text, answers[0].text
    while running():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_an_unreachable_trino_is_told(tmp_path):
    server = Firn(tmp_path / "data", ("--trino-url", f"http://127.0.0.1:{free_port()}")).start()
    try:
        assert server.append("t", [{"a": 1}], sync="true").json()["ok"]
        answer = server.session.post(server.url + "/query", json={"statement": "SELECT a FROM lake.main.t", "engine": "trino"})
        assert answer.status_code == 503 and "cannot talk to" in answer.text, answer.text
        assert server.value("SELECT a FROM lake.main.t") == 1
    finally:
        assert server.stop() == 0, server.log()


def test_without_a_trino_nobody_gets_one(hub):
    answer = hub.server.session.post(hub.server.url + "/query", json={"statement": "SELECT 1", "engine": "trino"})
    assert answer.status_code == 400 and "trino-url" in answer.text
