"""Connections: made, looked at, changed, forgotten; who may; what is never shown."""
import json
import pathlib

import pytest

from databases import PASSWORD
from hub import Client

NODE = "{ id name status { ok message version } schemas(search: \"%s\") { name tables { fullName rowEstimate columns { name type required } } } }"


def message(answer):
    return answer["errors"][0]["message"]


def test_a_connection_lists_its_tables(hub, planes):
    found = hub.owner.ask("query($i: ID!) { connection(id: $i) { kind host port user hasPassword refreshedAt "
                          "status { ok message version } schemas(search: \"planes\") { name tables { fullName rowEstimate "
                          "columns { name type } } } } }", i=planes)["connection"]
    assert found["kind"] == "POSTGRESQL" and found["hasPassword"] and found["refreshedAt"]
    assert found["status"]["ok"] and found["status"]["message"] is None and found["status"]["version"].startswith("15")
    [schema] = found["schemas"]
    [table] = schema["tables"]
    assert schema["name"] == "public" and table["fullName"] == '"pg"."public"."planes"'
    assert table["rowEstimate"] == 20000
    assert table["columns"] == [{"name": "tailnum", "type": "VARCHAR"}, {"name": "year", "type": "INTEGER"},
                                {"name": "maker", "type": "VARCHAR"}, {"name": "seats", "type": "INTEGER"}]
    assert PASSWORD not in json.dumps(hub.owner.ask("{ connections { id name user host description } }"))


def test_a_refresh_shows_a_new_table(hub, planes, postgres):
    postgres.sql("CREATE TABLE new_table (id int); GRANT SELECT ON new_table TO firn")
    look = "{ connection(id: \"%s\") { schemas(search: \"new_table\") { name } } }" % planes
    assert hub.owner.ask(look)["connection"]["schemas"] == []
    # Reading it needs no refresh.
    assert hub.server.query("FROM pg.public.new_table") == []
    hub.owner.ask("mutation($i: ID!) { refreshConnection(id: $i) { refreshedAt } }", i=planes)
    assert hub.owner.ask(look)["connection"]["schemas"] == [{"name": "public"}]


@pytest.mark.parametrize("wrong, says", [
    ({"password": "another"}, "password authentication failed"),
    ({"user": "nobody_here"}, "password authentication failed"),
    ({"database": "nothing"}, 'database "nothing" does not exist'),
    ({"port": 1}, "refused"),
])
def test_what_is_wrong_is_told_in_the_databases_words(hub, postgres, wrong, says):
    answer = hub.try_to_connect(name="wrong", **{**hub.database("POSTGRESQL", postgres), **wrong})
    assert says in message(answer), answer
    assert PASSWORD not in json.dumps(answer) and "another" not in message(answer)
    assert "wrong" not in [each["name"] for each in hub.owner.ask("{ connections { name } }")["connections"]]


def test_a_wrong_password_of_mariadb_is_told(hub, mariadb):
    answer = hub.try_to_connect(name="wrong", **hub.database("MYSQL", mariadb, password="another"))
    assert "Access denied for user 'firn'" in message(answer)


@pytest.mark.parametrize("host", ["127.0.0.2", "localhost", "169.254.169.254", "::1", "0.0.0.0", "::ffff:127.0.0.2"])
def test_hosts_that_lead_back_are_refused(hub, postgres, host):
    # Only 127.0.0.1 is allowed here; localhost is that and ::1, or that alone.
    answer = hub.try_to_connect(name="back", **{**hub.database("POSTGRESQL", postgres), "host": host, "port": 1})
    if host == "localhost":
        assert "not allowed" in message(answer) or "refused" in message(answer)
    else:
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN" and "not allowed" in message(answer)


def test_testing_a_connection_says_why_it_fails_now(hub, postgres):
    connection = hub.connect(name="changing", **hub.database("POSTGRESQL", postgres))
    postgres.sql("ALTER ROLE firn NOLOGIN")
    try:
        tested = hub.owner.ask("mutation($i: ID!) { testConnection(id: $i) { status { ok message } } }", i=connection)["testConnection"]
        assert not tested["status"]["ok"] and "not permitted to log in" in tested["status"]["message"]
    finally:
        postgres.sql("ALTER ROLE firn LOGIN")
    tested = hub.owner.ask("mutation($i: ID!) { testConnection(id: $i) { status { ok message } } }", i=connection)["testConnection"]
    assert tested["status"] == {"ok": True, "message": None}
    hub.owner.ask("mutation($i: ID!) { deleteConnection(id: $i) }", i=connection)
    gone = hub.server.session.post(hub.server.url + "/query", json={"statement": "FROM changing.public.planes"})
    assert gone.status_code == 400 and "does not exist" in gone.text, gone.text


def test_another_host_needs_the_password_again(hub, planes):
    answer = hub.owner.post("mutation($i: UpdateConnectionInput!) { updateConnection(input: $i) { id } }",
                            {"i": {"id": planes, "host": "10.255.255.1"}})
    assert "needs the password again" in message(answer)
    changed = hub.owner.ask("mutation($i: UpdateConnectionInput!) { updateConnection(input: $i) { description host } }",
                            i={"id": planes, "description": "planes"})["updateConnection"]
    assert changed == {"description": "planes", "host": "127.0.0.1"}


def test_names_are_not_those_of_catalogs(hub, postgres, planes):
    assert "there is a catalog 'lake'" in message(hub.try_to_connect(name="lake", **hub.database("POSTGRESQL", postgres)))
    assert "there is a connection 'pg'" in message(hub.try_to_connect(name="pg", **hub.database("POSTGRESQL", postgres)))
    answer = hub.owner.post("mutation($e: ID!) { createCatalog(environmentId: $e, name: \"pg\") { id } }", {"e": hub.environment})
    assert "there is a connection 'pg'" in message(answer)


def test_a_connection_is_for_its_readers(hub, postgres):
    connection = hub.connect(name="payroll", readerRole="ADMIN", **hub.database("POSTGRESQL", postgres))
    viewer = hub.secret_of("VIEWER")
    client = Client(hub.server.url, viewer)
    assert "payroll" not in [each["name"] for each in client.ask("{ connections { name } }")["connections"]]
    assert client.ask("query($i: ID!) { connection(id: $i) { id } node(id: $i) { id } }", i=connection) == {"connection": None, "node": None}
    body = {"statement": "FROM payroll.public.planes"}
    answer = client.session.post(hub.server.url + "/query", json=body)
    assert answer.status_code == 400 and 'Catalog \\"payroll\\" does not exist' in answer.text, answer.text
    assert client.session.post(hub.server.url + "/query", json={"statement": "SELECT count(*) FROM pg.public.planes"}).status_code == 200
    listed = client.session.post(hub.server.url + "/query", json={"statement": "SELECT * FROM duckdb_tables() WHERE database_name = 'payroll'"})
    assert len(listed.text.splitlines()) == 2
    hub.owner.ask("mutation($i: ID!) { deleteConnection(id: $i) }", i=connection)


def test_passwords_are_nowhere_on_disk(hub, planes):
    folder = pathlib.Path(hub.server.data_dir)
    assert (folder / "secrets.key").stat().st_mode & 0o777 == 0o600
    for file in folder.rglob("*"):
        if file.is_file():
            assert PASSWORD.encode() not in file.read_bytes(), file


def test_a_sqlite_file_is_read_while_others_write(hub):
    import sqlite3
    connection = hub.connect(name="files", kind="SQLITE", path="shop.sqlite")
    assert hub.server.query("SELECT carrier, name FROM files.main.airlines ORDER BY 1") == [["AA", "American"], ["DL", None], ["UA", "United"]]
    with sqlite3.connect(hub.files / "shop.sqlite") as shop:
        shop.execute("PRAGMA journal_mode = WAL")
        shop.execute("INSERT INTO airlines VALUES ('B6', 'JetBlue')")
        shop.execute("CREATE TABLE flown AS SELECT * FROM airlines WHERE carrier <> 'UA'")
        shop.commit()
        hub.owner.ask("mutation($i: ID!) { refreshConnection(id: $i) { refreshedAt } }", i=connection)
        # Tables with the same columns are two tables.
        assert hub.server.query("""SELECT (SELECT count(*) FROM (FROM files.airlines EXCEPT ALL FROM files.flown)),
            (SELECT count(*) FROM (FROM files.flown EXCEPT ALL FROM files.airlines))""") == [[1, 0]]
        assert hub.server.query("""SELECT a.name, count(*) FROM lake.main.flights f JOIN files.airlines a USING (carrier)
            WHERE a.carrier = 'AA' GROUP BY 1""") == [["American", 667]]
        assert hub.server.value("SELECT count(*) FROM files.main.airlines") == 4
    for path in ("../firn.db", "/etc/passwd", "nothing.sqlite"):
        answer = hub.try_to_connect(name="other", kind="SQLITE", path=path)
        assert answer["errors"][0]["extensions"]["code"] in ("FORBIDDEN", "NOT_FOUND"), answer
    (hub.files / "text.sqlite").write_text("this is no database")
    assert "errors" in hub.try_to_connect(name="other", kind="SQLITE", path="text.sqlite")
    assert connection
