"""Work of Firn's own in the background: tasks, exports, and where their jobs are kept."""
import io
import socket
import sqlite3
import subprocess
import time

import pyarrow.parquet
import pytest
import requests

from authorization.hub import Client
from firn_server import Firn

EXPORT = "mutation($i: ExportQueryInput!) { exportQuery(input: $i) { id task { id state } } }"
ONE_EXPORT = """query($id: ID!) { queryExport(id: $id) { format rowCount bytes expiresAt downloadPath
    task { id state attempts requestedBy error { code message } } } }"""


@pytest.fixture(scope="module")
def hub(firn):
    assert firn.append("t", [{"a": i, "b": f"row {i}"} for i in range(1000)], sync="true").json()["ok"]
    return Client(firn.url, firn.key)


def key_of(hub, role, name):
    account = hub.ask("mutation($n: String!, $r: Role) { createServiceAccount(input: {name: $n, role: $r}) { id } }",
                      n=name, r=role)["createServiceAccount"]["id"]
    secret = hub.ask("mutation($i: ID!) { createKey(input: {serviceAccountId: $i}) { secret } }", i=account)["createKey"]["secret"]
    return account, secret


def ended(hub, document, pick, **variables):
    """Asks until the task in the answer has ended."""
    for _ in range(600):
        answer = hub.ask(document, **variables)
        if pick(answer)["state"] in ("DONE", "FAILED", "CANCELLED"):
            return answer
        time.sleep(0.05)
    raise AssertionError(f"it goes on: {answer}")


def export(hub, **request):
    made = hub.ask(EXPORT, i=request)["exportQuery"]
    answer = ended(hub, ONE_EXPORT, lambda a: a["queryExport"]["task"], id=made["id"])["queryExport"]
    return {**answer, "id": made["id"]}


def download(hub, made, **more):
    return hub.session.get(hub.url + made["downloadPath"], **more)


def test_an_answer_becomes_a_file(firn, hub):
    made = export(hub, statement="SELECT a, b FROM t ORDER BY a", format="CSV")
    assert made["task"]["state"] == "DONE" and made["task"]["attempts"] == 1, made
    assert made["rowCount"] == 1000
    file = download(hub, made)
    assert file.headers["Content-Type"].startswith("text/csv") and "attachment" in file.headers["Content-Disposition"]
    lines = file.text.splitlines()
    assert (lines[0], lines[1], len(lines)) == ("a,b", "0,row 0", 1001)
    assert len(file.content) == made["bytes"]
    parquet = export(hub, statement="SELECT a FROM t WHERE a < $most", format="PARQUET", parameters={"most": 10})
    table = pyarrow.parquet.read_table(io.BytesIO(download(hub, parquet).content))
    assert sorted(table["a"].to_pylist()) == list(range(10))
    assert {made["id"], parquet["id"]} <= {e["id"] for e in hub.ask("{ queryExports { id } }")["queryExports"]}


def test_a_link_is_no_secret(firn, hub):
    made = export(hub, statement="SELECT 1 AS one")
    assert requests.get(firn.url + made["downloadPath"]).status_code == 401
    _, secret = key_of(hub, "ADMIN", "another-admin")
    other = Client(firn.url, secret)
    assert download(other, made).status_code == 404
    assert other.ask(ONE_EXPORT, id=made["id"])["queryExport"] is None
    assert hub.session.post(firn.url + made["downloadPath"]).status_code == 405
    assert hub.session.get(firn.url + "/exports/../firn.db").status_code == 404
    hub.ask("mutation($id: ID!) { deleteExport(id: $id) }", id=made["id"])
    assert download(hub, made).status_code == 404
    assert not (firn.data_dir / "exports" / made["downloadPath"].split("/")[-1]).exists()


def test_what_one_may_read_is_asked_again_at_the_download(firn, hub):
    assert firn.append("guarded", [{"a": 1}], sync="true").json()["ok"]
    account, secret = key_of(hub, "VIEWER", "reader")
    reader = Client(firn.url, secret)
    made = export(reader, statement="SELECT a FROM guarded")
    assert download(reader, made).text == "a\r\n1\r\n"
    table = hub.ask('{ table(name: "guarded") { id } }')["table"]["id"]
    hub.ask("mutation($i: SetPolicyInput!) { setPolicy(input: $i) { id } }",
            i={"tableId": table, "name": "p", "roles": ["VIEWER"], "rowFilter": "a > 1"})
    assert download(reader, made).status_code == 403
    assert download(reader, export(reader, statement="SELECT a FROM guarded")).text == "a\r\n"


def test_whoever_lost_their_rights_is_refused_when_the_task_runs(make_firn):
    firn = make_firn("--jobs-workers", "0").start()
    hub = Client(firn.url, firn.key)
    assert firn.append("t", [{"a": 1}], sync="true").json()["ok"]
    tasks = {}
    for name in ("loses-role", "is-gone", "stays"):
        account, secret = key_of(hub, "VIEWER", name)
        made = Client(firn.url, secret).ask(EXPORT, i={"statement": "SELECT a FROM t"})["exportQuery"]
        tasks[name] = (account, made["task"]["id"])
        assert made["task"]["state"] == "WAITING"
    hub.ask("mutation($id: ID!) { setServiceAccountRole(id: $id, role: INGEST) { id } }", id=tasks["loses-role"][0])
    hub.ask("mutation($id: ID!) { deleteServiceAccount(id: $id) }", id=tasks["is-gone"][0])
    firn.kill()  # what was enqueued is there after a crash
    firn.flags = []
    firn.start()
    task = "query($id: ID!) { task(id: $id) { state attempts error { code } } }"
    outcome = {name: ended(hub, task, lambda a: a["task"], id=id)["task"] for name, (_, id) in tasks.items()}
    assert outcome["stays"] == {"state": "DONE", "attempts": 1, "error": None}
    assert outcome["loses-role"]["error"]["code"] == outcome["is-gone"]["error"]["code"] == "FORBIDDEN"
    # Whoever can push jobs can name a task, and nothing else.
    hub.ask('mutation($i: PushJobInput!) { pushJob(input: $i) { id } }',
            i={"type": "firn.export", "queue": "default", "args": [{"task": "none", "account": "me"}]})
    assert firn.stop() == 0, firn.log()


def test_errors_are_told_to_whoever_asked(hub):
    made = export(hub, statement="SELECT nothing FROM t")
    assert made["task"]["state"] == "FAILED" and made["downloadPath"] is None
    assert "nothing" in made["task"]["error"]["message"]
    assert hub.ask('{ jobStats { dead retrying } }')["jobStats"] == {"dead": 0, "retrying": 0}


def test_a_running_task_can_be_cancelled(hub):
    made = hub.ask(EXPORT, i={"statement": "SELECT count(*) FROM range(100000000000) a, range(1000) b WHERE a.range % 7 = b.range"})["exportQuery"]
    task = "query($id: ID!) { task(id: $id) { state } }"
    while hub.ask(task, id=made["task"]["id"])["task"]["state"] == "WAITING":
        time.sleep(0.02)
    hub.ask("mutation($id: ID!) { cancelTask(id: $id) { state } }", id=made["task"]["id"])
    assert ended(hub, task, lambda a: a["task"], id=made["task"]["id"])["task"]["state"] == "CANCELLED"
    kinds = hub.ask('{ tasks(kind: "export", first: 2) { edges { cursor node { kind } } pageInfo { hasNextPage endCursor } } }')["tasks"]
    assert [e["node"]["kind"] for e in kinds["edges"]] == ["export", "export"] and kinds["pageInfo"]["hasNextPage"]
    after = hub.ask("query($a: String) { tasks(after: $a) { edges { cursor } } }", a=kinds["pageInfo"]["endCursor"])["tasks"]["edges"]
    assert after and not {e["cursor"] for e in after} & {e["cursor"] for e in kinds["edges"]}


def test_a_task_that_a_stop_or_a_crash_interrupts_is_begun_again(make_firn):
    firn = make_firn().start()
    hub = Client(firn.url, firn.key)
    slow = "SELECT count(*) FROM range(100000000000) a, range(1000) b WHERE a.range % 7 = b.range"
    made = hub.ask(EXPORT, i={"statement": slow})["exportQuery"]
    task = "query($id: ID!) { task(id: $id) { state attempts } }"
    while hub.ask(task, id=made["task"]["id"])["task"]["state"] == "WAITING":
        time.sleep(0.02)
    assert firn.stop() == 0, firn.log()
    firn.start()
    while hub.ask(task, id=made["task"]["id"])["task"]["state"] == "WAITING":
        time.sleep(0.02)
    assert hub.ask(task, id=made["task"]["id"])["task"] == {"state": "RUNNING", "attempts": 1}
    firn.kill()
    firn.start()
    while hub.ask(task, id=made["task"]["id"])["task"]["attempts"] == 1:
        time.sleep(0.02)
    assert hub.ask(task, id=made["task"]["id"])["task"] == {"state": "RUNNING", "attempts": 2}
    hub.ask("mutation($id: ID!) { cancelTask(id: $id) { state } }", id=made["task"]["id"])
    ended(hub, task, lambda a: a["task"], id=made["task"]["id"])


def test_files_have_a_bound_and_an_end(make_firn):
    firn = make_firn("--exports-bytes-max", str(1 << 20)).start()
    hub = Client(firn.url, firn.key)
    full = export(hub, statement="SELECT range, repeat('x', 100) FROM range(100000)")
    assert full["task"]["error"]["code"] == "RESOURCE_EXHAUSTED"
    assert list((firn.data_dir / "exports").iterdir()) == []
    made = export(hub, statement="SELECT 1 AS one")
    assert made["task"]["state"] == "DONE", firn.log()
    firn.kill()
    with sqlite3.connect(firn.data_dir / "firn.db") as database:
        database.execute("UPDATE exports SET expires_us = 1")
    database.close()
    (firn.data_dir / "exports" / "nobodys").write_text("left behind")
    firn.start()
    assert download(hub, made).status_code == 404
    assert list((firn.data_dir / "exports").iterdir()) == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
                   check=True, capture_output=True)
    return folder


def test_jobs_of_one_firn_lie_in_the_queue_of_another(make_firn, certificate):
    """FAKTORY_URL, over TLS and with a password: the second process has no queue of its own."""
    keeper = make_firn("--jobs-tls-certificate", str(certificate / "cert.pem"), "--jobs-tls-key", str(certificate / "key.pem"),
                       name="keeper", FIRN_JOBS_PASSWORD="queue-password").start()
    url = f"tcp+tls://:queue-password@localhost:{keeper.jobs_port}"
    firn = make_firn(name="worker", FAKTORY_URL=url, SSL_CERT_FILE=str(certificate / "cert.pem")).start()
    hub, keeper_hub = Client(firn.url, firn.key), Client(keeper.url, keeper.key)
    assert firn.append("t", [{"a": 1}], sync="true").json()["ok"]
    made = export(hub, statement="SELECT a FROM t")
    assert download(hub, made).text == "a\r\n1\r\n"
    assert keeper_hub.ask("{ jobStats { processed } }")["jobStats"]["processed"] >= 1
    labels = [worker["labels"] for worker in keeper_hub.ask("{ jobWorkers { labels } }")["jobWorkers"]]
    assert labels.count(["firn"]) == 2  # its own, and the other's
    assert hub.codes("{ jobStats { waiting } }") == ["UNSUPPORTED"]
    assert not (firn.data_dir / "jobs").exists()
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", firn.jobs_port))
    # While the queue is away, what is asked for waits in the store.
    keeper.kill()
    late = hub.ask(EXPORT, i={"statement": "SELECT 2 AS two"})["exportQuery"]
    keeper.start()
    answer = ended(hub, ONE_EXPORT, lambda a: a["queryExport"]["task"], id=late["id"])["queryExport"]
    assert answer["task"]["state"] == "DONE" and download(hub, answer).text == "two\r\n2\r\n"
    assert firn.stop() == 0, firn.log()


def test_a_certificate_that_nobody_vouches_for_is_refused(make_firn, certificate):
    keeper = make_firn("--jobs-tls-certificate", str(certificate / "cert.pem"), "--jobs-tls-key", str(certificate / "key.pem"), name="keeper").start()
    firn = make_firn(name="worker", FAKTORY_URL=f"tcp+tls://localhost:{keeper.jobs_port}").start()
    hub = Client(firn.url, firn.key)
    made = hub.ask(EXPORT, i={"statement": "SELECT 1"})["exportQuery"]
    while "certificate" not in firn.log():
        time.sleep(0.05)
    assert hub.ask(ONE_EXPORT, id=made["id"])["queryExport"]["task"]["state"] == "WAITING"
    wrong = make_firn(name="wrong", FAKTORY_URL="http://localhost:7419")
    with pytest.raises(RuntimeError, match="a job server's address is"):
        wrong.start()
