"""The published Altertable SDK, which knows nothing of Firn, with its base URL changed."""
import io
import time

import pytest
from altertable_lakehouse import Client
from altertable_lakehouse.errors import ApiError, AuthError, BadRequestError
from altertable_lakehouse.models import QueryRequest, TaskStatus, UploadMode, ValidateRequest


@pytest.fixture(scope="module")
def client(firn):
    return Client(base_url=firn.url, username="anyone", password=firn.key)


def test_append_one_and_many_then_query(client):
    assert client.append("lake", "main", "sdk", {"id": 1, "name": "Ä"}).ok
    answer = client.append("lake", "main", "sdk", [{"id": 2, "name": None}, {"id": 3}])
    assert answer.ok and answer.error_code is None and answer.task_id
    result = client.query_all(QueryRequest(statement="SELECT id, name FROM lake.main.sdk ORDER BY id"))
    assert result.rows == [[1, "Ä"], [2, None], [3, None]]
    assert result.columns == [{"name": "id", "type": "BIGINT"}, {"name": "name", "type": "VARCHAR"}]
    assert result.metadata.values["statement"].startswith("SELECT id")


def test_sync_append_and_its_task(client):
    answer = client.append("lake", "main", "sdk_sync", [{"id": 1}], sync=True)
    assert answer.ok
    assert client.get_task(answer.task_id).status == TaskStatus.COMPLETED


def test_a_task_completes_when_its_rows_are_committed(client):
    task = client.append("lake", "main", "sdk_task", [{"id": 1}]).task_id
    until = time.monotonic() + 20
    while client.get_task(task).status == TaskStatus.PENDING:
        assert time.monotonic() < until
        time.sleep(0.1)
    with pytest.raises(ApiError):
        client.get_task("00000000-0000-0000-0000-000000000000")


def test_incompatible_rows_say_so(client):
    client.append("lake", "main", "sdk_bad", [{"id": 1}])
    answer = client.append("lake", "main", "sdk_bad", [{"id": "one"}])
    assert not answer.ok and answer.error_code == "incompatible-schema"
    assert "column 'id' is long; got text" in answer.error_message


def test_uploads_in_every_mode(client):
    client.upload("lake", "main", "sdk_up", UploadMode.CREATE, b"a,b\n1,x\n2,y\n", content_type="text/csv")
    client.upload("lake", "main", "sdk_up", UploadMode.APPEND, b'[{"a":3,"b":"z"}]')
    count = lambda: client.query_all(QueryRequest(statement="SELECT count(*), max(a) FROM lake.main.sdk_up")).rows
    assert count() == [[3, 3]]
    with pytest.raises(ApiError) as failure:
        client.upload("lake", "main", "sdk_up", UploadMode.CREATE, b"a\n1\n")
    assert failure.value.status_code == 409
    client.upload("lake", "main", "sdk_up", UploadMode.OVERWRITE, io.BytesIO(b'{"a":9,"b":"w"}\n{"a":8}\n'))
    assert count() == [[2, 9]]


def test_validate_and_a_query_s_log(client):
    assert client.validate(ValidateRequest(statement="SELECT 1")).valid
    refused = client.validate(ValidateRequest(statement="SELECT * FROM lake.main.nothing"))
    assert not refused.valid and "nothing" in refused.error
    result = client.query_all(QueryRequest(statement="SELECT 42 AS answer"))
    log = client.get_query(result.metadata.values["query_id"])
    assert log.query == "SELECT 42 AS answer" and log.error is None and log.duration_ms is not None


def test_cancel_a_running_query(client, firn):
    import threading
    outcome = []

    def run():
        try:
            outcome.append(client.query_all(QueryRequest(
                statement="SELECT count(*) FROM range(1000000000) a, range(1000000) b",
                query_id="5b6f7c1e-0000-4000-8000-000000000001", session_id="mine")))
        except Exception as failure:  # noqa: BLE001 - whatever it is, it is looked at below
            outcome.append(failure)

    thread = threading.Thread(target=run)
    thread.start()
    other = Client(base_url=firn.url, username="x", password=firn.key)
    until = time.monotonic() + 10
    cancelled = False
    while not cancelled and time.monotonic() < until:
        time.sleep(0.2)
        try:
            cancelled = other.cancel_query("5b6f7c1e-0000-4000-8000-000000000001", "mine").cancelled
        except ApiError:
            pass  # not started yet
    thread.join(timeout=20)
    # The SDK trips over its own streamed error answers (httpx.ResponseNotRead); it fails either way.
    assert cancelled and isinstance(outcome[0], Exception)


def test_parquet_results(client):
    import pyarrow.parquet as pq
    table = pq.read_table(io.BytesIO(client.query_parquet(QueryRequest(statement="SELECT 1 AS a, 'x' AS b"))))
    assert table.to_pylist() == [{"a": 1, "b": "x"}]


def test_errors_are_the_sdk_s_own(client, firn):
    with pytest.raises(AuthError):
        Client(base_url=firn.url, username="u", password="firn_no_0123456789abcdef0123").append("lake", "main", "t", {"a": 1})
    with pytest.raises(BadRequestError):
        client.append("lake", "", "t", {"a": 1})
