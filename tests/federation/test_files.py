"""Parquet and CSV files of a folder, as tables beside the lake's."""
import gzip
import os
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hub import Client


@pytest.fixture(scope="module")
def folder(hub):
    folder = hub.files / "exports"
    folder.mkdir()
    pq.write_table(pa.table({"carrier": ["AA", "UA", "DL"], "score": [1.5, None, 3.0], "tags": [["a"], [], None]}), folder / "scores.parquet")
    (folder / "Airports.csv").write_text("code,name,opened,size\nJFK,\"Kennedy, New York\",1948-07-01,5\nLGA,LaGuardia,1939-12-02,\n")
    (folder / "zipped.csv.gz").write_bytes(gzip.compress(b"a;b\n1;x\n2;y\n"))
    for year in (2023, 2024):
        (folder / "events" / f"year={year}").mkdir(parents=True)
        for part in range(2):
            pq.write_table(pa.table({"id": [year * 10 + part], **({"extra": ["new"]} if year == 2024 else {})}), folder / "events" / f"year={year}" / f"{part}.parquet")
    (folder / "README.txt").write_text("not a table")
    (folder / "_SUCCESS").write_text("")
    (folder / "elsewhere.csv").symlink_to("/etc/passwd")
    return folder


@pytest.fixture(scope="module")
def files(hub, folder):
    return hub.connect(name="exported", kind="FILES", path="exports")


def test_every_file_and_folder_is_a_table(hub, files):
    schemas = hub.owner.ask("query($i: ID!) { connection(id: $i) { status { ok } schemas { name tables { name fullName rowEstimate columns { name type } } } } }",
                            i=files)["connection"]
    assert schemas["status"]["ok"] and [schema["name"] for schema in schemas["schemas"]] == ["main"]
    tables = {table["name"]: table for table in schemas["schemas"][0]["tables"]}
    assert sorted(tables) == ["Airports", "events", "scores", "zipped"]
    assert tables["scores"]["rowEstimate"] == 3 and tables["events"]["rowEstimate"] == 4
    assert {column["name"]: column["type"] for column in tables["scores"]["columns"]} == {"carrier": "VARCHAR", "score": "DOUBLE", "tags": "VARCHAR[]"}
    assert {column["name"]: column["type"] for column in tables["Airports"]["columns"]} == {
        "code": "VARCHAR", "name": "VARCHAR", "opened": "DATE", "size": "BIGINT"}


def test_they_are_joined_with_the_lake(hub, files):
    query = hub.server.query
    assert query("""SELECT f.carrier, count(*), any_value(s.score) FROM lake.main.flights f JOIN exported.scores s USING (carrier)
        GROUP BY 1 ORDER BY 1""") == [["AA", 667, 1.5], ["DL", 666, 3.0], ["UA", 667, None]]
    assert query("SELECT code, name, opened, size FROM exported.main.airports ORDER BY code") == [
        ["JFK", "Kennedy, New York", "1948-07-01", 5], ["LGA", "LaGuardia", "1939-12-02", None]]
    assert query("SELECT a, b FROM exported.zipped ORDER BY a") == [[1, "x"], [2, "y"]]
    assert query("SELECT id, year, extra FROM exported.events WHERE year = 2024 OR id = 20230 ORDER BY id") == [
        [20230, 2023, None], [20240, 2024, "new"], [20241, 2024, "new"]]
    assert query("SELECT count(*) FROM exported.events") == [[4]]
    # Both readers, and one of them twice.
    assert query("""SELECT count(*), (SELECT count(*) FROM exported.zipped), (SELECT max(score) FROM exported.scores)
        FROM exported.airports a, exported.airports b""") == [[4, 2, 3.0]]
    assert query("SELECT tags FROM exported.scores WHERE carrier IN (SELECT carrier FROM lake.main.flights) ORDER BY carrier") == [[["a"]], [None], [[]]]


def test_what_changed_is_read_as_it_is_now(hub, files, folder):
    for n in range(1, 6):
        pq.write_table(pa.table({"n": list(range(n))}), folder / "scratch.parquet")
        assert hub.server.value("SELECT count(*) FROM exported.scratch") == n
        # In its place, with the same size.
        (folder / "inplace.csv").write_text(f"n\n{n}\n")
        assert hub.server.value("SELECT n FROM exported.inplace") == n
    (folder / "scratch.parquet").unlink()
    assert "scratch" in hub.server.session.post(hub.server.url + "/query", json={"statement": "SELECT * FROM exported.scratch"}).text
    (folder / "inplace.csv").unlink()


def refused(hub, statement):
    answer = hub.server.session.post(hub.server.url + "/query", json={"statement": statement})
    assert answer.status_code >= 400, answer.text
    return answer.text


def test_a_broken_file_is_named_and_the_others_work(hub, files, folder):
    (folder / "broken.parquet").write_bytes(b"PAR1 nothing of the kind PAR1")
    try:
        assert "the connection exported" in refused(hub, "SELECT * FROM exported.broken") and "broken.parquet" in refused(hub, "SELECT * FROM exported.broken")
        assert hub.server.value("SELECT count(*) FROM exported.scores") == 3
        status = hub.owner.ask("mutation($i: ID!) { testConnection(id: $i) { status { ok message } } }", i=files)["testConnection"]["status"]
        assert not status["ok"] and "broken.parquet" in status["message"]
    finally:
        (folder / "broken.parquet").unlink()


def test_rows_are_bounded_over_both_formats(hub, folder):
    made = hub.connect(name="few", kind="FILES", path="exports", rowsMax=4)
    assert hub.server.value("SELECT count(*) FROM (SELECT code FROM few.airports)") == 2
    assert "more than 4 rows" in refused(hub, "SELECT carrier FROM few.scores UNION ALL SELECT code FROM few.airports")
    hub.owner.ask("mutation($i: ID!) { deleteConnection(id: $i) }", i=made)


def test_a_policy_holds_for_files(hub, files):
    hub.owner.ask("mutation($i: SetConnectionPolicyInput!) { setConnectionPolicy(input: $i) { id } }", i={
        "connectionId": files, "schema": "main", "table": "scores", "name": "p", "roles": ["VIEWER"], "rowFilter": "carrier <> 'DL'",
        "columns": [{"column": "score", "rule": "NULLED"}, {"column": "tags", "rule": "HIDDEN"}]})
    viewer = Client(hub.server.url, hub.secret_of("VIEWER"))
    rows = viewer.session.post(hub.server.url + "/query", json={"statement": "SELECT * FROM exported.scores ORDER BY carrier"}).text.splitlines()[2:]
    assert rows == ['["AA",null]', '["UA",null]'], rows
    # No statement says who they are itself.
    for statement in ("SELECT * FROM firn_csv_scan('/etc/passwd')", "SELECT * FROM read_csv('/etc/passwd')", "FROM '/etc/passwd'",
                      f"SELECT * FROM read_parquet('{hub.files}/exports/scores.parquet')", "SELECT rowid FROM exported.scores"):
        answer = viewer.session.post(hub.server.url + "/query", json={"statement": statement})
        assert answer.status_code >= 400, (statement, answer.text)


@pytest.mark.parametrize("path, says", [
    ("../data", "connection-files"), ("/etc", "connection-files"), ("nowhere", "no such file"), ("exports/README.txt", "neither"),
    ("exports/elsewhere.csv", "connection-files"), ("", "needs a path"), ("shop.sqlite", "neither")])
def test_what_cannot_be_connected_is_told(hub, folder, path, says):
    answer = hub.try_to_connect(name="wrong", kind="FILES", path=path)
    assert says in answer["errors"][0]["message"], answer


def test_files_that_would_be_one_table_are_told(hub, folder):
    twice = hub.files / "twice"
    try:
        twice.mkdir()
        (twice / "a.csv").write_text("x\n1\n")
        pq.write_table(pa.table({"x": [1]}), twice / "A.parquet")
        assert "would be the same table" in hub.try_to_connect(name="twice", kind="FILES", path="twice")["errors"][0]["message"]
        (twice / "A.parquet").unlink()
        (twice / "mixed").mkdir()
        (twice / "mixed" / "a.csv").write_text("x\n1\n")
        pq.write_table(pa.table({"x": [1]}), twice / "mixed" / "b.parquet")
        assert "both Parquet and CSV" in hub.try_to_connect(name="twice", kind="FILES", path="twice")["errors"][0]["message"]
        shutil.rmtree(twice / "mixed")
        for n in range(121):
            (twice / f"t{n}.csv").write_text("x\n1\n")
        assert "more than 120 files" in hub.try_to_connect(name="twice", kind="FILES", path="twice")["errors"][0]["message"]
        os.mkfifo(twice / "pipe.csv")  # nobody waits for it
    finally:
        shutil.rmtree(twice)


def test_a_single_file_is_a_connection_too(hub, folder):
    made = hub.connect(name="single", kind="FILES", path="exports/scores.parquet")
    assert hub.server.value("SELECT count(*) FROM single.scores") == 3
    hub.owner.ask("mutation($i: ID!) { deleteConnection(id: $i) }", i=made)
