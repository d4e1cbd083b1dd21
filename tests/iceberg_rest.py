"""Another Iceberg REST catalog for tests: Apache Iceberg's own, as tools/setup_iceberg_rest brings it, behind a gate that
wants a token and can be made to answer as a catalog should not."""
import http.server
import json
import os
import subprocess
import threading
import time
import urllib.parse
import uuid

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import requests
from moto.server import ThreadedMotoServer
from pyiceberg.catalog import load_catalog
from pyiceberg.manifest import (DataFile, DataFileContent, FileFormat, ManifestContent, ManifestEntry, ManifestEntryStatus, ManifestWriterV2,
                                write_manifest_list)
from pyiceberg.table.snapshots import Operation, Snapshot, Summary
from pyiceberg.table.update import AddSnapshotUpdate, AssertRefSnapshotId, SetSnapshotRefUpdate
from pyiceberg.typedef import Record

from firn_server import ROOT, free_port

KEY, SECRET = "store-key", "store-secret-0123456789"


class Store:
    """moto's object store, which counts what is fetched of it."""

    def __init__(self):
        self.port = free_port()
        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=self.port, verbose=False)
        self.server.start()
        self.url = f"http://127.0.0.1:{self.port}"
        self.s3 = boto3.client("s3", endpoint_url=self.url, region_name="us-east-1", aws_access_key_id=KEY, aws_secret_access_key=SECRET)
        self.s3.create_bucket(Bucket="foreign")

    def stop(self):
        self.server.stop()


class Rest:
    """The catalog itself; its tables lie in the store."""

    def __init__(self, folder, store):
        subprocess.run([ROOT / "tools/setup_iceberg_rest"], check=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        environment = {
            "PATH": os.environ["PATH"], "REST_PORT": str(self.port), "CATALOG_REST_PORT": str(self.port), "CATALOG_WAREHOUSE": "s3://foreign/wh",
            "CATALOG_IO__IMPL": "org.apache.iceberg.aws.s3.S3FileIO", "CATALOG_S3_ENDPOINT": store.url,
            "CATALOG_S3_PATH__STYLE__ACCESS": "true", "CATALOG_S3_ACCESS__KEY__ID": KEY, "CATALOG_S3_SECRET__ACCESS__KEY": SECRET,
            "AWS_REGION": "us-east-1", "CATALOG_INCLUDE__CREDENTIALS": "true"}
        self.log = folder / "rest.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(["java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", ROOT / ".deps/iceberg-rest/server.jar",
                                             "org.apache.iceberg.rest.RESTCatalogServer"], env=environment, stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while True:
            assert self.process.poll() is None and time.monotonic() < deadline, self.log.read_text()[-4000:]
            try:
                requests.get(f"{self.url}/v1/config", timeout=2).raise_for_status()
                break
            except requests.RequestException:
                time.sleep(0.1)
        self.client = load_catalog("foreign", type="rest", uri=self.url, **{
            "s3.endpoint": store.url, "s3.access-key-id": KEY, "s3.secret-access-key": SECRET, "s3.region": "us-east-1"})

    def stop(self):
        self.process.kill()
        self.process.wait()


class Gate:
    """Lets those in that have a token, and what goes on behind it be seen and bent: `bend(path, answer)` may change an
    answer (status, headers, body), which is a dictionary where it is JSON."""

    def __init__(self, rest, store):
        self.port = free_port()
        self.token = "gate-token-" + uuid.uuid4().hex
        self.client_id, self.client_secret = "firn-client", "client-secret-" + uuid.uuid4().hex
        self.scope = "PRINCIPAL_ROLE:ALL"
        self.given = []     # tokens for client credentials
        self.over = set()   # those that are over
        self.asked = []     # paths
        self.delegated = []
        self.bend = None
        gate = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self, status, headers, body):
                body = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    pass

            def refuse(self, status, message):
                self.answer(status, {}, {"error": {"message": message, "type": "NotAuthorizedException", "code": status}})

            def do_POST(self):
                form = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                if self.path != "/api/catalog/v1/oauth/tokens" or form.get("scope") != [gate.scope]:
                    return self.refuse(400, "no such scope")
                if form.get("client_secret") != [gate.client_secret] or form.get("client_id") != [gate.client_id]:
                    return self.answer(401, {}, {"error": "invalid_client", "error_description": f"not the secret: {form['client_secret'][0]}"})
                gate.given.append("given-" + uuid.uuid4().hex)
                return self.answer(200, {}, {"access_token": gate.given[-1], "token_type": "bearer", "expires_in": 3600})

            def do_GET(self):
                gate.asked.append(self.path)
                bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
                if bearer in gate.over:
                    return self.refuse(419, f"the token {bearer} is over")
                if bearer != gate.token and bearer not in gate.given:
                    return self.refuse(401, f"the token {bearer} is none")
                path = self.path.removeprefix("/api/catalog")
                parts = urllib.parse.urlsplit(path)
                asked = urllib.parse.parse_qs(parts.query)
                if parts.path == "/v1/config":
                    if asked.get("warehouse", ["main"]) != ["main"]:
                        return self.refuse(404, "there is no warehouse " + asked["warehouse"][0])
                    status, headers, body = 200, {}, {"defaults": {"s3.endpoint": store.url}, "overrides": {"prefix": "wh|main"}}
                else:
                    if not parts.path.startswith("/v1/wh%7Cmain/"):
                        return self.refuse(404, "not below the prefix")
                    if "tables/" in parts.path:
                        gate.delegated.append(self.headers.get("X-Iceberg-Access-Delegation"))
                    got = requests.get(rest.url + path.replace("/wh%7Cmain", "", 1), timeout=20)
                    status, headers, body = got.status_code, {}, got.json()
                if gate.bend:
                    status, headers, body = gate.bend(path, (status, headers, body))
                return self.answer(status, headers, body)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class DeleteManifest(ManifestWriterV2):
    def content(self):
        return ManifestContent.DELETES

    @property
    def _meta(self):
        return {**super()._meta, "content": "deletes"}


def commit_deletes(table, columns, content, equality_ids=None):
    """Commits a delete file of an unpartitioned table: columns by (name, field id, type) with their values."""
    path = f"{table.location()}/data/deletes-{uuid.uuid4()}.parquet"
    schema = pa.schema([pa.field(name, kind, nullable=False, metadata={"PARQUET:field_id": str(field)}) for (name, field, kind) in columns])
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table([pa.array(values, kind) for (_, _, kind), values in columns.items()], schema=schema), sink)
    written = sink.getvalue().to_pybytes()
    with table.io.new_output(path).create() as out:
        out.write(written)
    count = len(next(iter(columns.values())))
    file = DataFile.from_args(content=content, file_path=path, file_format=FileFormat.PARQUET, partition=Record(), record_count=count,
                              file_size_in_bytes=len(written), column_sizes={}, value_counts={}, null_value_counts={}, nan_value_counts={},
                              lower_bounds={}, upper_bounds={}, split_offsets=None, equality_ids=equality_ids, sort_order_id=None)
    file.spec_id = table.spec().spec_id
    before = table.current_snapshot()
    snapshot_id, sequence = table.metadata.new_snapshot_id(), table.metadata.last_sequence_number + 1
    manifest = table.io.new_output(f"{table.location()}/metadata/{uuid.uuid4()}-d0.avro")
    with DeleteManifest(table.spec(), table.schema(), manifest, snapshot_id, "deflate") as writer:
        writer.add_entry(ManifestEntry.from_args(status=ManifestEntryStatus.ADDED, snapshot_id=snapshot_id, data_file=file))
    made = writer.to_manifest_file()
    listed = f"{table.location()}/metadata/snap-{snapshot_id}.avro"
    with write_manifest_list(2, table.io.new_output(listed), snapshot_id, before.snapshot_id, sequence, "deflate") as writer:
        writer.add_manifests([*before.manifests(table.io), made])
    snapshot = Snapshot(snapshot_id=snapshot_id, parent_snapshot_id=before.snapshot_id, sequence_number=sequence, manifest_list=listed,
                        timestamp_ms=int(time.time() * 1000), schema_id=table.schema().schema_id, summary=Summary(Operation.DELETE, **{"total-records": "0"}))
    table.catalog.commit_table(table, (AssertRefSnapshotId(ref="main", snapshot_id=before.snapshot_id),),
                               (AddSnapshotUpdate(snapshot=snapshot), SetSnapshotRefUpdate(ref_name="main", type="branch", snapshot_id=snapshot_id)))
