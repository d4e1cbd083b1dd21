import sqlite3
import sys
import pathlib

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "authorization"))
from databases import PASSWORD, MariaDb, Postgres  # noqa: E402
from firn_server import Firn  # noqa: E402
from hub import Client  # noqa: E402
from trino_server import PluginTrino  # noqa: E402


@pytest.fixture(scope="session")
def postgres():
    server = Postgres()
    server.sql("""
        CREATE TABLE planes (tailnum text PRIMARY KEY, year int, maker text, seats int);
        INSERT INTO planes SELECT 'N' || i, 1980 + i % 40, CASE i % 3 WHEN 0 THEN 'AIRBUS' ELSE 'BOEING' END, i % 400
          FROM generate_series(1, 20000) i;
        CREATE TABLE many AS SELECT i AS id, 'row ' || i AS text FROM generate_series(1, 1000000) i;
        CREATE VIEW slow AS SELECT i AS id, pg_sleep(0.02)::text AS nothing FROM generate_series(1, 100000) i;
        CREATE TABLE secret (id int);
        GRANT SELECT ON planes, many, slow TO firn;
        ANALYZE""")
    yield server
    server.remove()


@pytest.fixture(scope="session")
def mariadb():
    server = MariaDb()
    server.sql("""
        CREATE TABLE orders (id bigint PRIMARY KEY, customer varchar(20), amount decimal(10,2), placed datetime);
        INSERT INTO orders SELECT seq, concat('Customer ', seq % 50), seq / 4, '2024-01-01' + INTERVAL seq MINUTE FROM seq_1_to_20000;
        CREATE VIEW slow AS SELECT id, sleep(0.05) AS nothing FROM orders;
        ANALYZE TABLE orders""")
    yield server
    server.remove()


class Hub:
    """A server that may connect to this machine, and its owner."""

    def __init__(self, server, files):
        self.server = server
        self.files = files
        self.secrets = 0
        self.owner = Client(server.url, server.key)
        self.environment = self.owner.ask("{ organization { environments { id } } }")["organization"]["environments"][0]["id"]

    def try_to_connect(self, **fields):
        return self.owner.post("mutation($i: CreateConnectionInput!) { createConnection(input: $i) { id name } }",
                               {"i": {"environmentId": self.environment, **fields}})

    def connect(self, **fields):
        answer = self.try_to_connect(**fields)
        assert "errors" not in answer, answer
        return answer["data"]["createConnection"]["id"]

    def database(self, kind, server, **fields):
        return {"kind": kind, "host": "127.0.0.1", "port": server.port, "database": "shop", "user": "firn", "password": PASSWORD, **fields}

    def secret_of(self, role):
        self.secrets += 1
        account = self.owner.ask("mutation($n: String!, $r: Role) { createServiceAccount(input: {name: $n, role: $r}) { id } }",
                                 n=f"{role} {self.secrets}", r=role)["createServiceAccount"]["id"]
        return self.owner.ask("mutation($i: ID!) { createKey(input: {serviceAccountId: $i}) { secret } }", i=account)["createKey"]["secret"]


@pytest.fixture(scope="session")
def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("federation")
    files = folder / "files"
    files.mkdir()
    with sqlite3.connect(files / "shop.sqlite") as shop:
        shop.execute("CREATE TABLE airlines (carrier TEXT PRIMARY KEY, name TEXT)")
        shop.executemany("INSERT INTO airlines VALUES (?, ?)", [("AA", "American"), ("UA", "United"), ("DL", None)])
    server = Firn(folder / "data", ("--connection-hosts-allowed", "127.0.0.1", "--connection-files", files, "--query-workers-max", "3")).start()
    rows = [{"flight": i, "tailnum": f"N{i % 40 + 1}", "carrier": ["AA", "UA", "DL"][i % 3]} for i in range(2000)]
    assert server.append("flights", rows, sync="true").json()["ok"]
    yield Hub(server, files)
    assert server.stop() == 0, server.log()


@pytest.fixture(scope="session")
def planes(hub, postgres):
    return hub.connect(name="pg", **hub.database("POSTGRESQL", postgres))


@pytest.fixture(scope="session")
def orders(hub, mariadb):
    return hub.connect(name="my", **hub.database("MYSQL", mariadb))


def kinds_of_values():
    texts = ["a", "ab", "ä", "it's -- no /* comment */", "", " padded ", "B", "12", "\U0001f980 b", None]
    for n in range(60):
        yield {"id": n, "b": [True, False, None][n % 3], "i": None if n % 11 == 0 else n % 7 - 2, "l": None if n == 5 else 9007199254740990 + n,
               "f": n / 4, "d": None if n % 13 == 0 else (n - 30) / 8, "m": None if n % 9 == 0 else (n - 20) * 3.25,
               "day": None if n % 8 == 7 else f"{1960 + n * 3}-02-{n % 28 + 1:02d}" if n != 20 else "2024-02-29",
               "ts": None if n % 10 == 9 else f"20{n % 40 + 10}-0{n % 9 + 1}-1{n % 10}T{n % 24:02d}:59:58.{n:06d}",
               "tz": None if n % 10 == 8 else f"19{n + 30}-12-31T{n % 24:02d}:30:00{'Z' if n % 2 else '+05:30'}", "s": texts[n % 10]}


class Engines:
    """Firn, and a Trino with its plugin."""

    def __init__(self, folder):
        self.trino = PluginTrino(folder / "trino")
        self.server = Firn(folder / "data", ("--connection-hosts-allowed", "127.0.0.1", *self.trino.firn_flags, "--trino-rows-from", "100000",
                            "--commit-interval-ms", "600000"),
                           self.trino.firn_environment).start()
        self.environment = Client(self.server.url, self.server.key).ask("{ organization { environments { id } } }")["organization"]["environments"][0]["id"]


@pytest.fixture(scope="session")
def engines(tmp_path_factory, postgres):
    """Firn with a Trino that has its plugin, and a PostgreSQL and a table of every type beside."""
    engines = Engines(tmp_path_factory.mktemp("engines"))
    try:
        server, owner = engines.server, Client(engines.server.url, engines.server.key)
        owner.ask("mutation($i: CreateConnectionInput!) { createConnection(input: $i) { id } }", i={
            "environmentId": engines.environment, "name": "pg", "kind": "POSTGRESQL", "host": "127.0.0.1", "port": postgres.port,
            "database": "shop", "user": "firn", "password": PASSWORD})
        types = {"id": "long", "b": "boolean", "i": "int", "l": "long", "f": "float", "d": "double", "m": "decimal(12,2)", "day": "date",
                 "ts": "timestamp", "tz": "timestamptz", "s": "string"}
        owner.ask("mutation($i: CreateTableInput!) { createTable(input: $i) { id } }", i={
            "table": {"name": "everything"}, "columns": [{"name": name, "type": kind} for name, kind in types.items()]})
        for table, values in (("everything", list(kinds_of_values())),
                              ("kinds", [{"kind": k, "name": None if k == 2 else f"kind {k}"} for k in (-1, 0, 1, 2, 3, 9)])):
            answer = server.append(table, values, sync="true").json()
            assert answer["ok"] and answer["rejected_count"] == 0, answer
        engines.trino.start(server)
        engines.trino.until_catalogs(server.key, lambda seen: {"lake", "pg"} <= seen)
        yield engines
    finally:
        # Also when something above fails: nobody else would end them.
        if engines.trino.process:
            engines.trino.stop()
        ended = engines.server.stop()
    assert ended == 0, engines.server.log()


@pytest.fixture(scope="session")
def both(engines):
    return engines.server
