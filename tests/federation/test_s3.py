"""Parquet and CSV objects of a bucket, as tables beside the lake's. The store is moto's, which checks signatures."""
import http.server
import json
import threading
import time

import boto3
import flask
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import requests
from moto.iam import access_control
from moto.server import ThreadedMotoServer

from firn_server import free_port


@pytest.fixture(scope="module")
def raw_paths():
    """Signatures are over what was sent; moto looks at it decoded, and refuses its own vendor's client for "%2F"."""
    with pytest.MonkeyPatch.context() as patch:
        made = access_control.S3IAMRequest._create_aws_request

        def of_what_was_sent(self):
            self._path = flask.request.environ["RAW_URI"]
            return made(self)
        patch.setattr(access_control.S3IAMRequest, "_create_aws_request", of_what_was_sent)
        yield


@pytest.fixture(scope="module")
def store(raw_paths):
    """A store, its owner's client, and a key that may read."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    server.start()
    url = "http://%s:%s" % server.get_host_and_port()

    def client(service, key="owner", secret="owner"):
        return boto3.client(service, endpoint_url=url, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key=secret)
    iam = client("iam")
    iam.create_user(UserName="reader")
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    iam.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket", "s3:PutObject"], "Resource": "*"}]}))
    iam.create_user(UserName="lister")
    lister = iam.create_access_key(UserName="lister")["AccessKey"]
    iam.put_user_policy(UserName="lister", PolicyName="list", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": "*"}]}))
    yield type("Store", (), {"lister": (lister["AccessKeyId"], lister["SecretAccessKey"]), "port": server.get_host_and_port()[1], "s3": client("s3"), "key": key["AccessKeyId"], "secret": key["SecretAccessKey"],
                             "reader": client("s3", key["AccessKeyId"], key["SecretAccessKey"])})
    requests.post(url + "/moto-api/reset-auth", data=b"inf", timeout=10)
    server.stop()


def parquet(**columns):
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue().to_pybytes()


@pytest.fixture(scope="module")
def bucket(hub, store):
    s3 = store.s3
    s3.create_bucket(Bucket="exports")
    s3.put_object(Bucket="exports", Key="daily/scores.parquet", Body=parquet(carrier=["AA", "UA", "DL"], score=[1.5, None, 3.0]))
    s3.put_object(Bucket="exports", Key="daily/Air ports & more.csv", Body=b'code,name\nJFK,"Kennedy, New York"\nLGA,LaGuardia\n')
    for year in (2023, 2024):
        s3.put_object(Bucket="exports", Key=f"daily/events/year={year}/0.parquet", Body=parquet(id=[year * 10, year * 10 + 1]))
    for key in ("daily/README.txt", "daily/_SUCCESS", "daily/events/_tmp/1.parquet", "other/elsewhere.csv"):
        s3.put_object(Bucket="exports", Key=key, Body=b"a\n1\n")
    # From here on, who has no right gets nothing.
    requests.post(f"http://127.0.0.1:{store.port}/moto-api/reset-auth", data=b"0", timeout=10)
    return hub.connect(name="objects", kind="S3", host="127.0.0.1", port=store.port, database="exports", path="daily",
                       user=store.key, password=store.secret, tls="DISABLE")


def test_every_object_and_folder_is_a_table(hub, bucket):
    found = hub.owner.ask("query($i: ID!) { connection(id: $i) { kind path hasPassword status { ok } schemas { name tables { name } } } }", i=bucket)["connection"]
    assert found["kind"] == "S3" and found["path"] == "daily/" and found["hasPassword"] and found["status"]["ok"]
    assert [table["name"] for table in found["schemas"][0]["tables"]] == ["Air ports & more", "events", "scores"]
    query = hub.server.query
    assert query("""SELECT f.carrier, count(*), any_value(s.score) FROM lake.main.flights f JOIN objects.scores s USING (carrier)
        GROUP BY 1 ORDER BY 1""") == [["AA", 667, 1.5], ["DL", 666, 3.0], ["UA", 667, None]]
    assert query("SELECT id, year FROM objects.events WHERE year = 2024 ORDER BY id") == [[20240, 2024], [20241, 2024]]
    assert query('SELECT name FROM objects."Air ports & more" ORDER BY code') == [["Kennedy, New York"], ["LaGuardia"]]


def test_what_changed_is_read_as_it_is_now_and_the_rest_is_not_fetched_again(hub, bucket, store):
    cache = hub.server.data_dir / "objects"
    assert hub.server.value("SELECT sum(score) FROM objects.scores") == 4.5
    before = {file.name for file in cache.iterdir()}
    assert len(before) >= 4  # others' among them
    store.reader.put_object(Bucket="exports", Key="daily/scores.parquet", Body=parquet(carrier=["AA"], score=[10.0]))
    assert hub.server.value("SELECT sum(score) FROM objects.scores") == 10.0
    assert len({file.name for file in cache.iterdir()} - before) == 1


@pytest.mark.parametrize("wrong, says", [
    ({"password": "wrong"}, "SignatureDoesNotMatch"),
    ({"user": "nobody"}, "InvalidAccessKeyId"),
    ({"database": "nothing"}, "NoSuchBucket"),
    ({"path": "nothing/"}, "no Parquet or CSV objects"),
    ({"database": "not a bucket"}, "bucket's name"),
    ({"user": None}, "access key"),
    ({"port": 1}, "Couldn't connect"),
    ({"tls": "VERIFY"}, "object store"),
])
def test_what_is_wrong_is_told(hub, bucket, store, wrong, says):
    answer = hub.try_to_connect(**{"name": "other", "kind": "S3", "host": "127.0.0.1", "port": store.port, "database": "exports", "path": "daily/",
                                   "user": store.key, "password": store.secret, "tls": "DISABLE", **wrong})
    assert says in answer["errors"][0]["message"], answer
    assert store.secret not in json.dumps(answer)


def test_what_another_key_fetched_is_not_for_one_that_may_only_list(hub, bucket, store):
    user, password = store.lister
    answer = hub.try_to_connect(name="other", kind="S3", host="127.0.0.1", port=store.port, database="exports", path="daily", user=user,
                                password=password, tls="DISABLE")
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN", answer


def test_metadata_addresses_are_refused(hub, bucket, store):
    answer = hub.try_to_connect(name="other", kind="S3", host="169.254.169.254", database="exports", user="a", password="b", tls="DISABLE")
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


class Trickle(http.server.ThreadingHTTPServer):
    """A store of one object, which it sends at once, or a few bytes at a time."""

    def __init__(self):
        super().__init__(("127.0.0.1", free_port()), TrickleRequest)
        self.slow, self.asked, self.gone = False, threading.Event(), threading.Event()
        self.body = b"a\n" + b"1\n" * 500_000
        threading.Thread(target=self.serve_forever, daemon=True).start()


class TrickleRequest(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        store = self.server
        etag = f'"{store.slow}"'  # another one, so that it is fetched again
        if "list-type" in self.path:
            listed = (f"<ListBucketResult><Contents><Key>rows.csv</Key><ETag>{etag}</ETag><Size>{len(store.body)}</Size></Contents>"
                      "<IsTruncated>false</IsTruncated></ListBucketResult>").encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(listed)))
            self.end_headers()
            self.wfile.write(listed)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(store.body)))
        self.end_headers()
        if not store.slow:
            self.wfile.write(store.body)
            return
        store.asked.set()
        try:
            for byte in store.body:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            store.gone.set()


@pytest.fixture(scope="module")
def trickle(hub):
    store = Trickle()
    hub.connect(name="trickle", kind="S3", host="127.0.0.1", port=store.server_port, database="bucket", user="a", password="b", tls="DISABLE")
    assert hub.server.value("SELECT count(*) FROM trickle.rows") == 500_000
    store.slow = True
    yield store
    store.shutdown()


def test_a_query_over_its_time_ends_what_it_fetches(hub, trickle):
    answer = hub.server.session.post(hub.server.url + "/query", json={"statement": "SELECT count(*) FROM trickle.rows", "deadline_ms": 1500})
    assert "took longer than 1500 ms" in answer.text, answer.text
    assert trickle.gone.wait(30)


def test_a_cancelled_query_ends_what_it_fetches(hub, trickle):
    trickle.asked.clear()
    trickle.gone.clear()
    started = hub.owner.ask("mutation { runQuery(input: {statement: \"SELECT count(*) FROM trickle.rows\", waitMs: 0}) { id state } }")["runQuery"]
    assert trickle.asked.wait(30)
    ended = hub.owner.ask("mutation($id: ID!) { cancelQuery(id: $id) { state } }", id=started["id"])["cancelQuery"]
    assert ended["state"] == "CANCELLED" and trickle.gone.wait(30)
