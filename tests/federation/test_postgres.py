"""Tables of a real PostgreSQL beside the lake's."""
import json
import threading
import time

import pytest

pytestmark = pytest.mark.usefixtures("planes")


def sent(postgres, work):
    """What Firn asked of the database while `work` ran."""
    before = len(postgres.said_by_firn())
    result = work()
    return result, " ".join(postgres.said_by_firn()[before:])


def run(hub, statement):
    return hub.owner.ask("""mutation($s: String!) { runQuery(input: {statement: $s, waitMs: 60000}) {
        id state error { code message } result { rows } evidence { id engine engineReason tables {
          fullName connection snapshotId tableUuid } } } }""", s=statement)["runQuery"]


def test_joins_with_the_lake_by_query_and_by_graphql(hub):
    statement = """SELECT p.maker, count(*) AS flights FROM lake.main.flights f JOIN pg.public.planes p USING (tailnum)
                   GROUP BY ALL ORDER BY ALL"""
    wanted = [["AIRBUS", 650], ["BOEING", 1350]]
    assert hub.server.query(statement) == wanted
    asked = run(hub, statement)
    assert asked["result"]["rows"] == wanted
    tables = {table["fullName"]: table for table in asked["evidence"]["tables"]}
    assert tables["pg.public.planes"] == {"fullName": "pg.public.planes", "connection": "pg", "snapshotId": None, "tableUuid": None}
    assert tables["lake.main.flights"]["connection"] is None and tables["lake.main.flights"]["tableUuid"]


def test_replay_says_that_a_connected_database_has_no_snapshots(hub):
    evidence = run(hub, "SELECT count(*) FROM pg.public.planes")["evidence"]
    replayed = hub.owner.ask("mutation($i: ID!) { replay(evidenceId: $i) { verdict reason } }", i=evidence["id"])["replay"]
    assert replayed["verdict"] == "EXPIRED" and "keeps no snapshots" in replayed["reason"]
    answer = hub.server.session.post(hub.server.url + "/query", json={"statement": "FROM pg.public.planes", "as_of": "2024-01-01"})
    assert answer.status_code == 400 and "no snapshots" in answer.text
    answer = hub.server.session.post(hub.server.url + "/query", json={"statement": "FROM pg.public.planes AT (VERSION => 1)"})
    assert answer.status_code == 400 and "no snapshots" in answer.text


def test_columns_conditions_and_limits_go_down_to_the_source(hub, postgres):
    rows, asked = sent(postgres, lambda: hub.server.query(
        "SELECT tailnum FROM pg.public.planes WHERE seats = 30 AND year > 2000 LIMIT 3"))
    assert len(rows) == 3
    assert 'WHERE "seats" = \'30\' AND "year" > \'2000\' LIMIT 3' in asked and '"maker"' not in asked
    plan = hub.server.session.post(hub.server.url + "/explain", json={
        "statement": "SELECT tailnum FROM pg.public.planes WHERE seats = 5"}).json()["plan"]
    assert "seats=5" in plan.replace(" ", "")


def test_keys_of_a_join_go_down_to_the_source(hub, postgres):
    rows, asked = sent(postgres, lambda: hub.server.query(
        """SELECT f.flight, p.year FROM lake.main.flights f JOIN pg.public.planes p USING (tailnum)
           WHERE f.flight < 3 ORDER BY 1"""))
    assert rows == [[0, 1981], [1, 1982], [2, 1983]]
    assert "\"tailnum\" IN (" in asked and "'N2'" in asked


def test_sessions_are_read_only_and_have_the_statement_timeout(hub, postgres):
    postgres.sql("CREATE VIEW settings AS SELECT name, setting FROM pg_settings; GRANT SELECT ON settings TO firn")
    settings = hub.server.query("""SELECT name, setting FROM pg.public.settings
        WHERE name IN ('default_transaction_read_only', 'statement_timeout', 'client_connection_check_interval') ORDER BY name""")
    assert settings == [["client_connection_check_interval", "500"], ["default_transaction_read_only", "on"], ["statement_timeout", "60000"]]
    for statement in ("INSERT INTO pg.public.planes VALUES ('x')", "DROP TABLE pg.public.planes",
                      "SELECT * FROM postgres_query('pg', 'SELECT 1')", "CALL postgres_execute('pg', 'SELECT 1')",
                      "ATTACH 'host=127.0.0.1' AS other (TYPE postgres)"):
        answer = hub.server.session.post(hub.server.url + "/query", json={"statement": statement})
        assert answer.status_code in (400, 403), (statement, answer.text)


def test_every_type(hub, postgres):
    postgres.sql("""
        CREATE TYPE mood AS ENUM ('sad', 'happy');
        CREATE TABLE types (b bool, i2 int2, i4 int4, i8 int8, f4 float4, f8 float8, n numeric(12, 3), t text, v varchar(5), c char(3),
          y bytea, d date, tm time, ts timestamp, tz timestamptz, iv interval, u uuid, j json, jb jsonb, m mood, a int[], ta text[], ip inet);
        INSERT INTO types VALUES (true, -32768, 2147483647, -9223372036854775808, 1.5, -0.1, 123456789.125, 'ä ''"', 'five5', 'ab',
          '\\x00ff', '1969-12-31', '23:59:59.999999', '2024-02-29 12:34:56.789', '2024-02-29 12:34:56.789+02', '1 day 02:00:00',
          'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"k": [1]}', '{"k": 1}', 'happy', '{1,NULL,3}', '{a,"b c"}', '10.0.0.1');
        INSERT INTO types DEFAULT VALUES;
        GRANT SELECT ON types TO firn""")
    [row, nulls] = hub.server.query("SELECT * REPLACE (hex(y) AS y, iv::varchar AS iv) FROM pg.public.types ORDER BY i4")
    assert nulls == [None] * 23
    assert row == [True, -32768, 2147483647, -9223372036854775808, 1.5, -0.1, 123456789.125, "ä '\"", "five5", "ab", "00FF", "1969-12-31",
                   "23:59:59.999999", "2024-02-29T12:34:56.789", "2024-02-29T10:34:56.789+00:00", "1 day 02:00:00",
                   "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", row[17], row[18], "happy", [1, None, 3], ["a", "b c"], "10.0.0.1/32"]
    assert json.loads(row[17]) == {"k": [1]} and json.loads(row[18]) == {"k": 1}
    assert hub.server.query("SELECT i8 FROM pg.public.types WHERE tz > '2024-01-01' AND d < '1970-01-01' AND n = 123456789.125 "
                            "AND t LIKE 'ä%' AND m = 'happy' AND u IS NOT NULL") == [[-9223372036854775808]]


def test_a_million_rows(hub):
    assert hub.server.query("SELECT count(*), sum(id), max(text) FROM pg.public.many") == [[1_000_000, 500_000_500_000, "row 999999"]]


def test_more_rows_than_the_connection_allows_end_the_query(hub, postgres):
    connection = hub.connect(name="small", **hub.database("POSTGRESQL", postgres, rowsMax=1000))
    try:
        answer = hub.server.session.post(hub.server.url + "/query", json={"statement": "SELECT sum(id) FROM small.public.many"})
        assert answer.status_code == 422 and "more than 1000 rows of the connection small" in answer.text
        assert hub.server.value("SELECT count(*) FROM small.public.many WHERE id <= 900") == 900
    finally:
        hub.owner.ask("mutation($i: ID!) { deleteConnection(id: $i) }", i=connection)


def test_a_statement_that_takes_too_long_ends_at_the_source(hub, postgres):
    connection = hub.connect(name="hasty", **hub.database("POSTGRESQL", postgres, statementTimeoutMs=300))
    try:
        answer = hub.server.session.post(hub.server.url + "/query", json={"statement": "SELECT count(*) FROM hasty.public.slow"})
        assert answer.status_code == 408 and "the connection hasty" in answer.text, answer.text
    finally:
        hub.owner.ask("mutation($i: ID!) { deleteConnection(id: $i) }", i=connection)


def running(postgres):
    return int(postgres.sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'firn' AND state = 'active'"))


def eventually(check, within_s=30):
    until = time.monotonic() + within_s
    while not check():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.parametrize("how", ["cancel", "deadline"])
def test_ending_a_query_ends_it_at_the_source(hub, postgres, how):
    fields = {"deadline_ms": 1500} if how == "deadline" else {}
    answers = []
    asking = threading.Thread(target=lambda: answers.append(hub.server.session.post(
        hub.server.url + "/query", json={"statement": "SELECT count(*) FROM pg.public.slow", "query_id": "slow-" + how, **fields})))
    asking.start()
    eventually(lambda: running(postgres) == 1)
    if how == "cancel":
        assert hub.server.session.delete(hub.server.url + "/query/slow-cancel").json()["cancelled"]
    asking.join()
    assert answers[0].status_code == (499 if how == "cancel" else 408), answers[0].text
    eventually(lambda: running(postgres) == 0)


def test_a_source_that_dies_in_the_middle_is_named_and_comes_back(hub, postgres):
    answers = []
    asking = threading.Thread(target=lambda: answers.append(hub.server.session.post(
        hub.server.url + "/query", json={"statement": "SELECT count(*) FROM pg.public.slow"})))
    asking.start()
    eventually(lambda: running(postgres) == 1)
    postgres.kill()
    asking.join()
    assert answers[0].status_code == 503 and "the connection pg: " in answers[0].text, answers[0].text
    gone = hub.server.session.post(hub.server.url + "/query", json={"statement": "FROM pg.public.planes"})
    assert gone.status_code == 503 and "refused" in gone.text, gone.text
    # What needs no connection works meanwhile.
    assert hub.server.value("SELECT count(*) FROM lake.main.flights") == 2000
    assert ["pg", "public", "planes"] in hub.server.query(
        "SELECT database_name, schema_name, table_name FROM duckdb_tables() WHERE database_name = 'pg'")
    (postgres.folder / "data" / "postmaster.pid").unlink(missing_ok=True)
    postgres.start()
    assert hub.server.value("SELECT count(*) FROM pg.public.planes") == 20000


def test_a_revoked_right_is_told(hub, postgres):
    answer = hub.server.session.post(hub.server.url + "/query", json={"statement": "FROM pg.public.secret"})
    assert answer.status_code == 403 and "permission denied for table secret" in answer.text, answer.text
    postgres.sql("GRANT SELECT ON secret TO firn")
    assert hub.server.query("FROM pg.public.secret") == []
    postgres.sql("REVOKE SELECT ON secret FROM firn")
    assert hub.server.session.post(hub.server.url + "/query", json={"statement": "FROM pg.public.secret"}).status_code == 403


def test_nothing_shows_how_a_connection_is_attached(hub):
    from databases import PASSWORD
    for statement in ("SELECT * FROM duckdb_databases()", "EXPLAIN FROM pg.public.planes", "SHOW ALL TABLES",
                      "SELECT *, (SELECT count(*) FROM pg.public.planes) FROM duckdb_databases()"):
        text = json.dumps(hub.server.query(statement))
        assert PASSWORD not in text and "application_name" not in text, statement
    names = {row[0] for row in hub.server.query(
        "SELECT database_name FROM duckdb_databases() WHERE (SELECT count(*) FROM pg.public.planes) > 0")}
    made = {connection["name"] for connection in hub.owner.ask("{ connections { name } }")["connections"]}
    assert names <= made | {"lake", "memory", "system", "temp"}, names
    assert PASSWORD not in hub.server.log_path.read_text()


def test_tables_are_listed_by_sql_and_completed(hub):
    assert ["tailnum", "VARCHAR"] in hub.server.query(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_catalog = 'pg' AND table_name = 'planes'")
    words = hub.owner.ask('{ completions(statement: "SELECT * FROM pg.public.pla") { text } }')["completions"]
    assert any("planes" in word["text"] for word in words)
    missing = hub.server.session.post(hub.server.url + "/query", json={"statement": "FROM pg.public.plane"})
    assert missing.status_code == 404 and "planes" in missing.text
