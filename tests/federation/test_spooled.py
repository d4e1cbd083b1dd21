"""A Trino that spools its answers: rows lie in an object store, by signed links. The store is moto's."""
import base64
import secrets
import time

import boto3
import pytest
import requests
from moto.server import ThreadedMotoServer

from firn_server import Firn, free_port
from trino_server import Trino


@pytest.fixture(scope="module")
def spooled(tmp_path_factory):
    """Firn, its Trino, and the store's client."""
    folder = tmp_path_factory.mktemp("spooled")
    store = ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    store.start()
    endpoint = "http://%s:%s" % store.get_host_and_port()
    s3 = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="spool", aws_secret_access_key="spool")
    s3.create_bucket(Bucket="spool")
    s3.put_bucket_versioning(Bucket="spool", VersioningConfiguration={"Status": "Enabled"})  # what is removed is seen, too
    port = free_port()
    firn = Firn(folder / "data", ("--trino-url", f"http://127.0.0.1:{port}", "--connection-hosts-allowed", "127.0.0.1")).start()
    trino = Trino(folder, firn, port, config=(
        "protocol.spooling.enabled=true\nprotocol.spooling.inlining.max-rows=100\nprotocol.spooling.initial-segment-size=100kB\nprotocol.spooling.max-segment-size=200kB\n"
        f"protocol.spooling.shared-secret-key={base64.b64encode(secrets.token_bytes(32)).decode()}\n"), spooling=(
        "spooling-manager.name=filesystem\nfs.s3.enabled=true\nfs.location=s3://spool/segments/\n"
        f"s3.endpoint={endpoint}\ns3.region=us-east-1\ns3.path-style-access=true\ns3.aws-access-key=spool\ns3.aws-secret-key=spool\n"))
    try:
        firn.append("many", [{"id": i, "text": f"row {i} ä", "part": i % 7 / 4} for i in range(60_000)], sync="true")
        trino.start()
        wait_for_nodes(firn)
        yield firn, trino, s3
    finally:
        if trino.process:
            trino.stop()
        ended = firn.stop()
        store.stop()
    assert ended == 0, firn.log()


def wait_for_nodes(firn):
    """It says that it has started before it knows which of its nodes have the catalog."""
    until = time.monotonic() + 60
    while True:
        try:
            return firn.query("SELECT count(*) FROM lake.main.many", engine="trino")
        except AssertionError as error:
            if "No nodes available" not in str(error) or time.monotonic() > until:
                raise
        time.sleep(0.3)


def segments(s3):
    """How many were ever stored, and how many still are."""
    versions = s3.list_object_versions(Bucket="spool", Prefix="segments/")
    return len(versions.get("Versions", [])), len(versions.get("Versions", [])) - len(versions.get("DeleteMarkers", []))


def test_many_rows_come_from_the_store(spooled):
    firn, trino, s3 = spooled
    before, _ = segments(s3)
    sql = "SELECT id, text, part, CAST(NULL AS bigint) AS nothing FROM lake.main.many"
    rows = firn.query(sql, engine="trino")
    assert sorted(rows) == firn.query(sql + " ORDER BY id", engine="duckdb")
    stored, left = segments(s3)
    assert stored > before + 1 and left == 0  # several; each was acknowledged


def test_few_rows_come_within_the_answer(spooled):
    firn, _, s3 = spooled
    before, _ = segments(s3)
    assert firn.query("SELECT count(*), max(text) FROM lake.main.many", engine="trino") == [[60_000, "row 9999 ä"]]
    assert firn.query("SELECT id FROM lake.main.many WHERE id < 0", engine="trino") == []
    assert segments(s3)[0] == before


def test_a_store_that_may_not_be_asked_is_named(spooled, make_firn):
    _, trino, _ = spooled
    strict = make_firn("--trino-url", f"http://127.0.0.1:{trino.port}").start()
    sql = "SELECT n FROM UNNEST(sequence(1, 5000)) AS t(n), UNNEST(sequence(1, 10)) AS u(m)"
    answer = strict.session.post(strict.url + "/query", json={"statement": sql, "engine": "trino"})
    assert "cannot be read there" in answer.text and "spooling_enabled=false" in answer.text, answer.text
    direct = make_firn("--trino-url", f"http://127.0.0.1:{trino.port}", "--trino-session", "spooling_enabled=false", name="direct").start()
    assert sorted(direct.query(sql, engine="trino")) == [[n] for n in range(1, 5001) for _ in range(10)]
