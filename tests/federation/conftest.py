import sqlite3
import sys
import pathlib

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "authorization"))
from databases import PASSWORD, MariaDb, Postgres  # noqa: E402
from firn_server import Firn  # noqa: E402
from hub import Client  # noqa: E402


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
        account = self.owner.ask("mutation($r: Role) { createServiceAccount(input: {name: $n, role: $r}) { id } }".replace("$n", f'"{role} {id(self)}"'),
                                 r=role)["createServiceAccount"]["id"]
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
