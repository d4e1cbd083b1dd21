"""/query and its neighbours over a real server, where possible with the published SDK."""
import json
import threading
import time

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from altertable_lakehouse import Client
from altertable_lakehouse.errors import BadRequestError, QueryError
from altertable_lakehouse.models import AutocompleteRequest, QueryRequest, ValidateRequest


@pytest.fixture(scope="module")
def client(firn):
    rows = [{"id": i, "name": f"n{i}", "moment": f"2024-01-{i + 1:02}T00:00:00Z", "x": i / 4} for i in range(20)]
    assert firn.append("people", rows, sync="true").ok
    return Client(base_url=firn.url, username="any", password=firn.key)


def test_the_sdk_queries(client):
    result = client.query_all(QueryRequest(
        statement="SELECT id, name, x, moment FROM people ORDER BY id LIMIT 2", query_id="sdk-1",
        session_id="s-1", requested_by="me", visible=False))
    assert result.rows == [[0, "n0", 0.0, "2024-01-01T00:00:00+00:00"],
                           [1, "n1", 0.25, "2024-01-02T00:00:00+00:00"]]
    assert [c["type"] for c in result.columns] == ["BIGINT", "VARCHAR", "DOUBLE", "TIMESTAMP WITH TIME ZONE"]
    assert result.metadata.values["query_id"] == "sdk-1"
    log = client.get_query("sdk-1")
    assert (log.uuid, log.session_id, log.requested_by, log.visible) == ("sdk-1", "s-1", "me", False)
    assert log.error is None and log.duration_ms >= 0
    assert not client.cancel_query("sdk-1", "s-1").cancelled


def test_limit_and_offset_are_rows_of_the_answer(client):
    result = client.query_all(QueryRequest(statement="SELECT id FROM people ORDER BY id", limit=3, offset=5))
    assert result.rows == [[5], [6], [7]]
    assert result.metadata.values["rows_limit"] == 3


def test_the_sdk_sees_errors(client):
    # Of an answer that it streams, this SDK cannot read the text of a 400.
    with pytest.raises((BadRequestError, httpx.ResponseNotRead)):
        client.query_all(QueryRequest(statement="SELECT nam FROM people"))
    with pytest.raises(QueryError, match="Could not convert"):
        client.query_all(QueryRequest(
            statement="SELECT CASE WHEN i = 500000 THEN 'x' ELSE '1' END::INTEGER FROM range(1000000) r(i)"))


def test_validate_and_autocomplete(client):
    assert client.validate(ValidateRequest(statement="SELECT id FROM people")).valid
    answer = client.validate(ValidateRequest(statement="SELECT nope FROM people"))
    assert not answer.valid and "nope" in answer.error
    assert not client.validate(ValidateRequest(statement="DROP TABLE people")).valid
    suggestions = client.autocomplete(AutocompleteRequest(statement="SELECT * FROM peop", max_suggestions=3))
    assert suggestions.suggestions[0].suggestion == "people"


def test_parquet_arrow_csv_and_jsonl(firn, client):
    statement = "SELECT id, name, moment, x FROM people ORDER BY id"
    table = pq.read_table(pa.BufferReader(client.query_parquet(QueryRequest(statement=statement))))
    assert table.num_rows == 20 and table["id"].to_pylist() == list(range(20))
    post = lambda f: firn.session.post(firn.url + "/query", json={"statement": statement, "format": f})
    arrow = pa.ipc.open_stream(post("arrow").content).read_all()
    assert arrow["name"].to_pylist() == table["name"].to_pylist()
    csv = post("csv").text.splitlines()
    assert csv[:2] == ["id,name,moment,x", "0,n0,2024-01-01T00:00:00+00:00,0.0"]
    assert json.loads(post("jsonl").text.splitlines()[1])["name"] == "n1"


def test_explain_tells_what_a_plan_reads(firn, client):
    answer = firn.session.post(firn.url + "/explain", json={"statement": "SELECT * FROM people WHERE id > 5"}).json()
    assert answer["tables"][0]["files"] == 1 and answer["tables"][0]["bytes"] > 0
    assert "LAKE_SCAN" in answer["plan"]


def test_files_that_cannot_match_are_left_out(firn):
    for day in range(5):
        rows = [{"day": day, "v": day * 100 + i} for i in range(10)]
        assert firn.append("days", rows, sync="true").ok
    explain = lambda s: firn.session.post(firn.url + "/explain", json={"statement": s}).json()["tables"][0]
    assert explain("SELECT * FROM days WHERE v BETWEEN 205 AND 301")["files"] == 2
    assert explain("SELECT * FROM days WHERE day IN (1, 9)")["files"] == 1
    assert explain("SELECT * FROM days WHERE v IS NULL")["files"] == 0
    assert explain("SELECT * FROM days")["files"] == 5
    assert firn.value("SELECT count(*) FROM days WHERE v BETWEEN 205 AND 301") == 7


def test_bad_requests(firn, client):
    post = lambda body: firn.session.post(firn.url + "/query", json=body)
    assert post({}).status_code == 400
    assert post({"statement": 5}).status_code == 400
    assert post({"statement": "SELECT 1", "format": "xml"}).status_code == 400
    assert post({"statement": "SELECT 1", "engine": "presto"}).status_code == 400
    assert post({"statement": "SELECT 1", "timezone": "Mars/Base"}).status_code == 400
    assert post({"statement": "SELECT 1", "schema": "nowhere"}).status_code == 404
    assert firn.session.post(firn.url + "/query", data="nope").status_code == 400
    assert firn.session.get(firn.url + "/query").status_code == 405
    assert firn.session.get(firn.url + "/query/unknown").status_code == 404
    import requests
    assert requests.post(firn.url + "/query", json={"statement": "SELECT 1"}).status_code == 401


def test_time_travel_by_snapshot_and_moment(firn):
    snapshots = []
    for i in range(3):
        snapshots.append(firn.append("versions", [{"i": i}], sync="true").json()["snapshot_id"])
        time.sleep(0.05)
    moment = firn.value("SELECT now()::VARCHAR")
    assert firn.append("versions", [{"i": 3, "later": "x"}], sync="true").ok
    assert firn.value("SELECT count(*) FROM versions") == 4
    for n, snapshot in enumerate(snapshots):
        assert firn.value(f"SELECT count(*) FROM versions AT (VERSION => {snapshot})") == n + 1
        assert firn.value("SELECT count(*) FROM versions", as_of=str(snapshot)) == n + 1
        assert firn.value("SELECT count(*) FROM versions", as_of=snapshot) == n + 1
    assert firn.value(f"SELECT count(*) FROM versions AT (TIMESTAMP => TIMESTAMPTZ '{moment}')") == 3
    assert firn.query(f"SELECT * FROM versions AT (VERSION => {snapshots[0]})") == [[0]]
    assert firn.value(f"SELECT max(i) FROM versions AT (VERSION => 'main')") == 3
    response = firn.session.post(firn.url + "/query", json={
        "statement": "SELECT * FROM versions AT (TIMESTAMP => TIMESTAMP '2001-01-01')"})
    assert response.status_code == 404


def test_min_snapshot_reads_your_writes(firn):
    snapshot = firn.append("mine", [{"i": 1}], sync="true").json()["snapshot_id"]
    assert firn.value("SELECT count(*) FROM mine", min_snapshot=snapshot) == 1
    assert firn.value("SELECT count(*) FROM mine", min_snapshot=str(snapshot)) == 1
    response = firn.session.post(firn.url + "/query", json={"statement": "FROM mine", "min_snapshot": 12345})
    assert response.status_code == 404


def test_a_row_is_there_once_from_its_answer_on(make_firn):
    """Rows move from the log into files under the reader's eyes: never lost, never twice."""
    firn = make_firn("--commit-interval-ms", "100").start()
    acknowledged = [0]
    stop = threading.Event()

    def write():
        while not stop.is_set():
            n = acknowledged[0]
            assert firn.append("stream", [{"i": n + k} for k in range(10)]).ok
            acknowledged[0] = n + 10

    assert firn.append("stream", [{"i": -1}]).ok
    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(150):
            low = acknowledged[0]
            count, distinct, top = firn.query("SELECT count(*), count(DISTINCT i), max(i) FROM stream")[0]
            assert count == distinct == top + 2
            assert count >= low + 1
    finally:
        stop.set()
        writer.join()
    time.sleep(0.5)
    assert firn.value("SELECT count(*) FROM stream") == acknowledged[0] + 1


def test_a_running_query_can_be_cancelled(firn):
    outcome = {}

    def ask():
        outcome["response"] = firn.session.post(firn.url + "/query", json={
            "statement": "SELECT count(*) FROM range(100000) a, range(100000) b, range(1000) c",
            "query_id": "slow-one", "session_id": "s"})

    asker = threading.Thread(target=ask)
    asker.start()
    cancelled = {}
    for _ in range(100):
        time.sleep(0.05)
        cancelled = firn.session.delete(firn.url + "/query/slow-one", params={"session_id": "s"}).json()
        if cancelled.get("cancelled"):
            break
    assert cancelled["cancelled"]
    asker.join(10)
    assert outcome["response"].status_code == 499
    assert firn.session.get(firn.url + "/query/slow-one").json()["error"]


def test_a_query_ends_at_its_deadline(firn):
    started = time.monotonic()
    response = firn.session.post(firn.url + "/query", json={
        "statement": "SELECT count(*) FROM range(100000) a, range(100000) b, range(1000) c",
        "deadline_ms": 500})
    assert response.status_code == 408
    assert "500 ms" in response.json()["message"]
    assert time.monotonic() - started < 5


def test_an_id_does_not_take_the_place_of_somebody_elses_query(firn):
    def ask(document, key=None, **variables):
        answer = firn.session.post(firn.url + "/graphql", json={"query": document, "variables": variables},
                                   headers={"Authorization": f"Bearer {key}"} if key else {}).json()
        assert "errors" not in answer, answer
        return answer["data"]

    run = ask("mutation { runQuery(input: {statement: \"SELECT 'secret-row' AS s\"}) { id result { rows } } }")["runQuery"]
    account = ask('mutation { createServiceAccount(input: {name: "nosy", role: VIEWER}) { id } }')["createServiceAccount"]["id"]
    key = ask("mutation($id: ID!) { createKey(input: {serviceAccountId: $id}) { secret } }", id=account)["createKey"]["secret"]
    uuid = run["id"].split(":", 1)[1]
    taken = firn.session.post(firn.url + "/query", json={"statement": "SELECT 1", "query_id": uuid},
                              headers={"Authorization": f"Bearer {key}"})
    assert (taken.status_code, taken.json()["error"]) == (409, "already-exists"), taken.text
    history = ask("{ queryHistory { edges { node { result(offset: 0, first: 10) { rows } } } } }", key)
    assert "secret-row" not in str(history)
    # Its own may be used again.
    for _ in range(2):
        mine = firn.session.post(firn.url + "/query", json={"statement": "SELECT 1", "query_id": "mine"},
                                 headers={"Authorization": f"Bearer {key}"})
        assert mine.status_code == 200, mine.text
