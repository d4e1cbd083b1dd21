"""Statements that mean harm get a clear error, harm nothing, and leave the server small."""
import os
import pathlib
import threading
import time

import pytest

MARKER = "firn-hostile-marker"


@pytest.fixture(scope="module")
def lake(firn):
    assert firn.append("t", [{"a": i, "b": str(i)} for i in range(10)], sync="true").ok
    secret = firn.data_dir.parent / "secret.csv"
    secret.write_text("s\n" + MARKER + "\n")
    firn.secret = secret
    return firn


def refuse(firn, statement, status=None, **fields):
    response = firn.session.post(firn.url + "/query", json={"statement": statement, **fields})
    assert response.status_code != 200 or '"error"' in response.text, response.text[:500]
    assert MARKER not in response.text
    if status:
        assert response.status_code == status, response.text[:500]
        assert response.json()["message"]
    return response


OUTSIDE = [
    "SELECT * FROM read_csv('{secret}')",
    "SELECT * FROM '{secret}'",
    "SELECT * FROM read_text('{secret}')",
    "SELECT * FROM read_blob('{folder}/*')",
    "SELECT * FROM glob('{folder}/*')",
    "SELECT * FROM sniff_csv('{secret}')",
    "SELECT * FROM read_json('{secret}')",
    "SELECT * FROM read_parquet('{folder}/data/warehouse/**/*.parquet')",
    "SELECT * FROM firn_parquet_scan('{folder}/data/warehouse/x.parquet')",
    "SELECT (SELECT content FROM read_text('{secret}'))",
    "FROM query('FROM read_text(''{secret}'')')",
    "FROM duckdb_settings()",
    "FROM duckdb_secrets()",
    "SELECT getenv('PATH')",
    "SELECT current_setting('temp_directory')",
]
WRITING = [
    "COPY t TO '{folder}/out.csv'",
    "COPY (SELECT 1) TO '{folder}/data/warehouse/out.parquet' (FORMAT parquet)",
    "EXPORT DATABASE '{folder}/out'",
    "ATTACH '{folder}/out.db' AS x",
    "CREATE TABLE lake.main.x (a INTEGER)",
    "CREATE TABLE temp.x AS SELECT 1",
    "INSERT INTO t VALUES (1, 'x')",
    "DELETE FROM t",
    "UPDATE t SET a = 1",
    "DROP TABLE t",
    "ALTER TABLE t ADD COLUMN c INTEGER",
    "INSTALL httpfs",
    "LOAD '{folder}/x.duckdb_extension'",
    "SET memory_limit = '100GB'",
    "SET enable_external_access = true",
    "PRAGMA enable_profiling",
    "CALL dbgen(sf = 1)",
    "CHECKPOINT",
    "SELECT 1; DROP TABLE t",
    "SELECT 1; SELECT 2",
    "EXPLAIN ANALYZE COPY t TO '{folder}/out.csv'",
]


@pytest.mark.parametrize("statement", OUTSIDE + WRITING)
def test_nothing_outside_the_tables_is_reached(lake, statement):
    folder = lake.data_dir.parent
    response = refuse(lake, statement.format(secret=lake.secret, folder=folder))
    assert response.status_code in (400, 403, 404), response.text
    assert response.json()["message"]
    assert not list(folder.glob("out*"))
    assert lake.value("SELECT count(*) FROM t") == 10


def test_huge_demands_end_in_time_and_leave_the_server_small(lake):
    lake.query("SELECT count(*) FROM t")
    before = lake.rss_bytes()
    peak = [before]
    done = threading.Event()

    def watch():
        while not done.is_set():
            peak[0] = max(peak[0], lake.rss_bytes())
            time.sleep(0.02)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        started = time.monotonic()
        statements = {
            "SELECT repeat('x', 1000000000)": 422,
            "SELECT repeat('x', 1000000000), repeat('y', 1000000000)": 422,
            "SELECT list(i) FROM range(2000000000) r(i)": 422,
            "SELECT string_agg(i::VARCHAR, ',') FROM range(1000000000) r(i)": 422,
            "SELECT 1 WHERE 1 IN (" + "0," * 2_000_000 + "0)": 413,
            "SELECT " + "(" * 100_000 + "1" + ")" * 100_000: 400,
            "SELECT " + "NOT " * 200_000 + "true": None,
            "SELECT 1" + "+1" * 200_000: None,
            "SELECT " + "-" * 1 + "(-" * 390 + "1" + ")" * 390: None,
            "SELECT * FROM " + "(SELECT * FROM " * 390 + "t" + ")" * 390: None,
            "WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r) SELECT count(*) FROM r": 408,
            "SELECT count(*) FROM range(100000) a, range(100000) b, range(100000) c WHERE a.range + b.range = c.range": 408,
        }
        for statement, status in statements.items():
            response = lake.session.post(lake.url + "/query",
                                         json={"statement": statement, "deadline_ms": 4000})
            if status is None:
                assert response.status_code in (200, 400, 422, 500), response.text[:300]
            else:
                assert response.status_code == status, (statement[:80], response.text[:300])
            if response.status_code != 200:
                assert response.json()["message"]
        assert time.monotonic() - started < 90
    finally:
        done.set()
        watcher.join()
    assert peak[0] - before < 50 << 20, f"{(peak[0] - before) >> 20} MiB more"
    assert lake.value("SELECT count(*) FROM t") == 10


def test_a_large_answer_streams_through_a_small_server(lake):
    before = lake.rss_bytes()
    rows = 0
    with lake.session.post(lake.url + "/query", stream=True,
                           json={"statement": "SELECT i, repeat('x', 100) FROM range(2000000) r(i)"}) as response:
        for chunk in response.iter_content(1 << 20):
            rows += chunk.count(b"\n")
            assert lake.rss_bytes() - before < 50 << 20
    assert rows == 2_000_002


def test_a_client_that_goes_away_stops_its_query(lake):
    with lake.session.post(lake.url + "/query", stream=True, json={
            "statement": "SELECT i FROM range(100000000000) r(i)", "query_id": "left-alone"}) as response:
        next(response.iter_content(1024))
    lake.session.close()
    for _ in range(100):
        info = lake.session.get(lake.url + "/query/left-alone").json()
        if info["end_time"]:
            break
        time.sleep(0.1)
    assert info["end_time"], info


def children_of(pid):
    pids = []
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        pids += [int(p) for p in (task / "children").read_text().split()]
    return pids


def test_a_worker_that_is_killed_is_replaced_and_says_so(lake):
    outcome = {}

    def ask():
        outcome["response"] = lake.session.post(lake.url + "/query", json={
            "statement": "SELECT count(*) FROM range(100000) a, range(100000) b, range(1000) c"})

    asker = threading.Thread(target=ask)
    asker.start()
    time.sleep(0.5)
    for pid in children_of(lake.process.pid):
        os.kill(pid, 9)
    asker.join(20)
    assert outcome["response"].status_code in (422, 500)
    assert outcome["response"].json()["message"]
    assert lake.value("SELECT count(*) FROM t") == 10


def test_workers_have_no_secrets(lake):
    lake.query("SELECT 1")
    for pid in children_of(lake.process.pid):
        environment = pathlib.Path(f"/proc/{pid}/environ").read_bytes()
        assert b"FIRN" not in environment
