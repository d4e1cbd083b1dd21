"""What /append, /upload and /tasks promise, over real HTTP."""
import concurrent.futures
import gzip
import io
import json
import socket
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest


def test_rows_are_queryable_when_the_request_returns(firn):
    for i in range(50):
        assert firn.append("fresh", {"i": i}).status_code == 200
        assert firn.value("SELECT count(*) FROM lake.main.fresh") == i + 1


def test_rows_that_are_all_rejected_are_kept_and_answered(firn):
    assert firn.append("strict", [{"a": 1}], sync="true").json()["ok"]
    for headers in (None, {"Idempotency-Key": "all-rejected"}, {"Idempotency-Key": "all-rejected"}):
        answer = firn.append("strict", [{"a": "no number"}], headers=headers, sync="true").json()
        assert answer["rejected_count"] == 1 and answer.get("snapshot_id") is None, answer
    assert firn.value("SELECT count(*) FROM strict__rejected") == 2
    assert firn.append("strict", [{"a": 2}], sync="true").json()["ok"]
    assert firn.value("SELECT sum(a) FROM strict") == 3


def test_rejected_rows_are_reported_and_kept(firn):
    answer = firn.append("mixed", [{"a": 1}, {"a": "x"}, {"a": 2}, 7]).json()
    assert answer["ok"] and answer["rows"] == 2 and answer["rejected_count"] == 2
    assert [row["index"] for row in answer["rejected"]] == [1, 3]
    kept = firn.query("SELECT row_index, error, decode(raw) FROM lake.main.mixed__rejected ORDER BY row_index")
    assert [(row[0], row[2]) for row in kept] == [(1, '{"a": "x"}'), (3, "7")]


def test_abort_writes_nothing(firn):
    firn.append("atomic", [{"a": 1}])
    refused = firn.append("atomic", [{"a": 2}, {"a": "x"}], on_error="abort")
    assert refused.status_code == 422
    assert refused.json()["error"] == "incompatible-schema"
    assert firn.value("SELECT count(*) FROM lake.main.atomic") == 1


def test_schema_grows_with_the_data(firn):
    firn.append("grows", [{"a": 1}])
    firn.append("grows", [{"a": 2, "b": "x", "c": {"d": 1}, "e": [1.5]}])
    firn.append("grows", [{"c": {"d": 2, "f": True}}], sync="true")
    rows = firn.query("SELECT a, b, c, e FROM lake.main.grows ORDER BY a NULLS LAST")
    assert rows == [[1, None, None, None], [2, "x", {"d": 1, "f": None}, [1.5]], [None, None, {"d": 2, "f": True}, None]]


def test_idempotency_key(firn):
    headers = {"Idempotency-Key": "k-1"}
    first = firn.append("once", [{"a": 1}], headers=headers)
    again = firn.append("once", [{"a": 1}], headers=headers)
    assert first.json() == again.json()
    assert firn.value("SELECT count(*) FROM lake.main.once") == 1
    other = firn.append("once", [{"a": 2}], headers=headers)
    assert other.status_code == 409 and other.json()["error"] == "idempotency-conflict"
    sync = firn.append("once", [{"a": 1}], headers=headers, sync="true")
    assert sync.status_code == 200 and sync.json()["snapshot_id"]


def test_idempotency_key_survives_restarts_and_races(make_firn):
    firn = make_firn("--commit-interval-ms", "100").start()
    headers = {"Idempotency-Key": "k"}
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: firn.append("once", [{"a": 1}], headers=headers).json(), range(16)))
    assert all(answer == answers[0] for answer in answers)
    firn.kill()
    firn.start()
    assert firn.append("once", [{"a": 1}], headers=headers).json() == answers[0]
    time.sleep(0.5)  # committed, and the answer moved out of the log
    firn.kill()
    firn.start()
    assert firn.append("once", [{"a": 1}], headers=headers).json() == answers[0]
    assert firn.value("SELECT count(*) FROM lake.main.once") == 1


@pytest.mark.parametrize("encoding", ["gzip", "zstd", "chunked"])
def test_bodies_may_be_encoded(firn, encoding):
    body = b"\n".join(json.dumps({"i": i}).encode() for i in range(1000))
    headers = {"Content-Type": "application/x-ndjson"}
    if encoding == "gzip":
        body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
    elif encoding == "zstd":
        body, headers["Content-Encoding"] = pa.compress(body, codec="zstd", asbytes=True), "zstd"
    data = iter([body[:100], body[100:]]) if encoding == "chunked" else body
    answer = firn.session.post(firn.url + "/append", data=data, headers=headers,
                               params={"catalog": "lake", "schema": "main", "table": f"enc_{encoding}"})
    assert answer.status_code == 200, answer.text
    assert firn.value(f"SELECT sum(i) FROM lake.main.enc_{encoding}") == 499500


def test_arrow_streams(firn):
    table = pa.table({"i": pa.array([1, 2], pa.int32()), "s": ["a", None],
                      "t": pa.array([0, 1], pa.timestamp("ms", "UTC")), "l": [[1], []]})
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    answer = firn.session.post(firn.url + "/append", data=sink.getvalue(),
                               headers={"Content-Type": "application/vnd.apache.arrow.stream"},
                               params={"catalog": "lake", "schema": "main", "table": "arrow"})
    assert answer.status_code == 200, answer.text
    assert firn.query("SELECT i, s, l FROM lake.main.arrow ORDER BY i") == [[1, "a", [1]], [2, None, []]]
    broken = firn.session.post(firn.url + "/append", data=sink.getvalue()[:-20],
                               headers={"Content-Type": "application/vnd.apache.arrow.stream"},
                               params={"catalog": "lake", "schema": "main", "table": "arrow"})
    assert broken.status_code in (200, 400)


def test_uploads_are_sniffed(firn):
    parquet = io.BytesIO()
    pq.write_table(pa.table({"a": [1, 2, 3]}), parquet)
    stream = io.BytesIO()
    batch = pa.table({"a": [1, 2, 3]})
    with pa.ipc.new_stream(stream, batch.schema) as writer:
        writer.write_table(batch)
    bodies = {"csv": b"a,b\n1,x\n2,y\n3,z\n", "json": b' [{"a":1},{"a":2},{"a":3}]',
              "ndjson": b'{"a":1}\n{"a":2}\n{"a":3}\n', "parquet": parquet.getvalue(), "arrow": stream.getvalue()}
    for name, body in bodies.items():
        answer = firn.upload(f"sniff_{name}", body, "create")
        assert answer.status_code == 200, (name, answer.text)
        assert answer.json()["rows"] == 3
        assert firn.value(f"SELECT sum(a) FROM lake.main.sniff_{name}") == 6


def test_a_failed_upload_leaves_no_table(firn):
    refused = firn.upload("half", b'[{"a":1},{"a":2', "create")
    assert refused.status_code == 400
    with pytest.raises(AssertionError, match="not-found|does not exist"):
        firn.query("SELECT * FROM lake.main.half")
    assert firn.upload("half", b"a\n1\n", "append").status_code == 404
    assert firn.upload("half", b"a\n1\n", "create_append").status_code == 200


def test_overwrite_also_replaces_rows_that_are_still_hot(firn):
    firn.append("over", [{"a": 1}, {"a": 2}])
    assert firn.upload("over", b"a\n10\n", "overwrite").status_code == 200
    assert firn.query("SELECT a FROM lake.main.over") == [[10]]
    firn.append("over", [{"a": 3}])
    assert firn.value("SELECT sum(a) FROM lake.main.over") == 13


@pytest.mark.parametrize("params,headers,body,status,error", [
    ({"schema": "main", "table": "t"}, {}, b"{}", 400, "invalid-argument"),
    ({"catalog": "lake", "schema": "main", "table": "t", "sync": "maybe"}, {}, b"{}", 400, "invalid-argument"),
    ({"catalog": "lake", "schema": "none", "table": "t"}, {}, b'{"a":1}', 404, "not-found"),
    ({"catalog": "none", "schema": "main", "table": "t"}, {}, b'{"a":1}', 404, "not-found"),
    ({"catalog": "lake", "schema": "main", "table": "t"}, {"Content-Type": "text/html"}, b"{}", 415, "unsupported-media-type"),
    ({"catalog": "lake", "schema": "main", "table": "t"}, {"Content-Encoding": "br"}, b"{}", 415, "unsupported-media-type"),
    ({"catalog": "lake", "schema": "main", "table": "t"}, {"Content-Encoding": "gzip"}, b"{}", 400, "invalid-data"),
    ({"catalog": "lake", "schema": "main", "table": "t"}, {}, b"[{", 400, "invalid-data"),
    ({"catalog": "lake", "schema": "main", "table": "t"}, {}, b"17", 400, "invalid-data"),
    ({"catalog": "lake", "schema": "main", "table": "t__rejected"}, {}, b'{"a":1}', 400, "invalid-argument"),
    ({"catalog": "lake", "schema": "main", "table": "t"}, {"Idempotency-Key": "x" * 256}, b'{"a":1}', 400, "invalid-argument"),
    ({"catalog": "lake", "schema": "main", "table": "t"}, {"Authorization": "Bearer firn_no_0123456789abcdef"}, b"{}", 401, "unauthenticated"),
    ({"catalog": "lake", "schema": "main", "table": "t"}, {"Authorization": ""}, b"{}", 401, "unauthenticated"),
])
def test_what_is_wrong_gets_a_clear_error(firn, params, headers, body, status, error):
    answer = firn.session.post(firn.url + "/append", params=params, headers=headers, data=body)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"] == error and answer.json()["message"]


def test_limits(make_firn):
    firn = make_firn("--append-bytes-max", "4096", "--columns-max", "5").start()
    big = firn.append("t", [{"a": "x" * 5000}])
    assert big.status_code == 413 and big.json()["error"] == "too-large"
    wide = firn.append("t", [{f"c{i}": i for i in range(6)}])
    assert wide.status_code == 422 and "more than 5 columns" in wide.json()["message"]
    with socket.create_connection(("127.0.0.1", firn.port)) as s:
        s.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 100_000 + b"\r\n\r\n")
        assert b" 431 " in s.recv(4096)
    with socket.create_connection(("127.0.0.1", firn.port)) as s:
        s.sendall(b"NOT HTTP AT ALL\r\n\r\n")
        assert b" 400 " in s.recv(4096)


def test_every_way_to_send_a_key(firn):
    import requests
    for headers, auth in [({"Authorization": f"Bearer {firn.key}"}, None), ({"X-API-Key": firn.key}, None), ({}, ("any", firn.key))]:
        answer = requests.post(firn.url + "/query", headers=headers, auth=auth, json={"statement": "SELECT 1"})
        assert answer.status_code == 200


def test_load_is_shed_with_429_and_nothing_is_lost(make_firn):
    firn = make_firn("--hot-bytes-max", str(1 << 20), "--commit-interval-ms", "600000", "--commit-table-bytes-max", str(1 << 30)).start()
    rows = [{"i": i, "text": "x" * 100} for i in range(1000)]
    accepted, statuses = 0, set()
    for _ in range(40):
        answer = firn.append("shed", rows)
        statuses.add(answer.status_code)
        if answer.status_code == 200:
            accepted += 1000
        else:
            assert answer.status_code == 429 and answer.headers["Retry-After"]
    assert statuses == {200, 429}
    assert firn.value("SELECT count(*) FROM lake.main.shed") == accepted


def test_sigterm_drains_and_commits(make_firn):
    firn = make_firn("--commit-interval-ms", "600000").start()
    firn.append("drain", [{"a": i} for i in range(100)])
    started = time.monotonic()
    assert firn.stop() == 0
    assert time.monotonic() - started < 10
    firn.start()
    metrics = firn.session.get(firn.url + "/metrics").text
    assert "firn_hot_rows 0\n" in metrics
    assert firn.value("SELECT count(*) FROM lake.main.drain") == 100


def test_a_second_server_keeps_off(make_firn):
    firn = make_firn().start()
    second = make_firn()
    second.data_dir = firn.data_dir
    with pytest.raises(RuntimeError, match="another firn serve uses the data folder"):
        second.start()


def test_two_rows_on_one_line_are_not_taken_for_one(firn):
    headers = {"Content-Type": "application/x-ndjson"}
    url = firn.url + "/append?catalog=lake&schema=main&table=lines"
    good = firn.session.post(url, data=b'{"a":1}\n{"a":2}\n', headers=headers).json()
    assert (good["rows"], good["rejected"]) == (2, [])
    for line in (b'{"a":3}{"a":4}', b'{"a":3},{"a":4}', b'{"a":3} x', b'{"a":3}}'):
        answer = firn.session.post(url, data=b'{"a":5}\n' + line + b"\n", headers=headers).json()
        assert [one["index"] for one in answer["rejected"]] == [1], (line, answer)
    assert firn.query("SELECT a, count(*) FROM lake.main.lines GROUP BY a ORDER BY a") == [[1, 1], [2, 1], [5, 4]]
    assert firn.query("SELECT count(*) FROM lake.main.lines__rejected") == [[4]]
    # And where the table is made from them.
    made = firn.session.post(url.replace("lines", "lines_made"), data=b'{"a":1}\n{"a":2}{"a":3}\n', headers=headers).json()
    assert [one["index"] for one in made["rejected"]] == [1], made


def test_csv_keeps_every_digit_of_a_whole_number(firn):
    body = "id,small\n12345678901234567890,1\n9007199254740993,2\n"
    answer = firn.session.post(firn.url + "/upload?catalog=lake&schema=main&table=digits&mode=create", data=body,
                               headers={"Content-Type": "text/csv"})
    assert answer.status_code == 200, answer.text
    assert firn.query("SELECT id, small FROM lake.main.digits ORDER BY small") == [["12345678901234567890", 1], ["9007199254740993", 2]]


def test_rows_survive_starts_without_any(make_firn):
    """The log counts on where it stopped, however often nothing came meanwhile."""
    firn = make_firn().start()
    for i in range(5):
        firn.append("kept", [{"a": i}], sync="true")
    for _ in range(3):
        assert firn.stop() == 0
        firn.start()
    firn.append("kept", [{"a": 100}])
    assert firn.query("SELECT count(*) FROM lake.main.kept") == [[6]]
    firn.append("kept", [{"a": 101}], sync="true")
    assert firn.query("SELECT count(*), max(a) FROM lake.main.kept") == [[7, 101]]
    firn.kill()
    firn.start()
    assert firn.query("SELECT count(*), max(a) FROM lake.main.kept") == [[7, 101]]


def test_rows_follow_a_table_that_is_renamed_while_they_come(make_firn):
    firn = make_firn("--commit-interval-ms", "20").start()

    def ask(document, **variables):
        answer = firn.session.post(firn.url + "/graphql", json={"query": document, "variables": variables}).json()
        assert "errors" not in answer, answer
        return answer["data"]

    firn.append("moving0", [{"a": 0}], sync="true")
    sent = 1
    for step in range(30):
        for _ in range(5):
            assert firn.append(f"moving{step}", [{"a": sent}]).json()["ok"]
            sent += 1
        table = ask('query($n: String!) { table(name: $n) { id } }', n=f"moving{step}")["table"]["id"]
        ask("mutation($id: ID!, $n: String!) { renameTable(id: $id, name: $n) { id } }", id=table, n=f"moving{step + 1}")
    assert firn.query("SELECT count(*), count(DISTINCT a) FROM lake.main.moving30") == [[sent, sent]]
