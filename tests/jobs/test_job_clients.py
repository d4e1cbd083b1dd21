"""Real client libraries of three languages against the job queue, with its password."""
import datetime
import json
import os
import socket
import ssl
import subprocess
import sys
import time

import pytest
from pyfaktory import Client, Job, Producer
from pyfaktory.models import Batch, Cmd, JobFilter, MutateOperation, Target, TargetJob

from faktory import Faktory
from firn_server import ROOT, Firn

PASSWORD = "queue-password"


@pytest.fixture(scope="module")
def queue(tmp_path_factory):
    server = Firn(tmp_path_factory.mktemp("jobs") / "data", environment={"FIRN_JOBS_PASSWORD": PASSWORD}).start()
    server.faktory_url = f"tcp://:{PASSWORD}@127.0.0.1:{server.jobs_port}"
    yield server
    assert server.stop() == 0, server.log()


def connect(queue, role="both", worker_id=None):
    return Client(queue.faktory_url, role=role, worker_id=worker_id or f"python-{time.monotonic_ns()}")


def run_client(queue, command, **environment):
    run = subprocess.run(command, env={**os.environ, "FAKTORY_URL": queue.faktory_url, **environment}, cwd=ROOT / "tests" / "clients",
                         capture_output=True, text=True, timeout=120)
    assert run.returncode == 0 and run.stdout.strip().endswith("ok"), run.stdout + run.stderr + queue.log()


def test_node(queue):
    run_client(queue, [ROOT / ".deps" / "node" / "bin" / "node", "faktory.mjs"])


def test_rust(queue):
    run_client(queue, [ROOT / ".deps" / "faktory-rust" / "faktory-client"])


def test_python_producer(queue):
    with connect(queue) as client:
        producer = Producer(client)
        assert producer.push(Job(jobtype="adder", args=(5, 4), queue="python"))
        job = client._fetch(["python"])
        assert (job["jobtype"], job["args"]) == ("adder", [5, 4])
        client._ack(job["jid"])
        assert producer.push_bulk([Job(jobtype="adder", args=(i,), queue="python") for i in range(3)]) == {}
        first = client._fetch(["python"])
        client._fail(first["jid"], "ValueError", "on purpose", ["line 1"])
        assert client.info()["faktory"]["tasks"]["Retries"]["size"] == 1
        client.mutate(MutateOperation(cmd=Cmd.requeue, target=Target.retries,
                                      filter=JobFilter(jids=[first["jid"]], regexp=None, jobtype=None)))
        jobs = [client._fetch(["python"]) for _ in range(3)]
        assert jobs[-1]["failure"]["errtype"] == "ValueError"
        for job in jobs:
            client._ack(job["jid"])
        soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=1)
        producer.push(Job(jobtype="later", args=(), queue="python", at=soon.isoformat()))
        assert client.info()["faktory"]["tasks"]["Scheduled"]["size"] == 1
        job = next(job for job in (client._fetch(["python"]) for _ in range(10)) if job)
        assert job["jobtype"] == "later" and datetime.datetime.now(datetime.UTC) >= soon
        client._ack(job["jid"])
        client.queue_pause(["python"])
        producer.push(Job(jobtype="paused", args=(), queue="python"))
        client.queue_unpause(["python"])
        client.queue_remove(["python"])
        assert "python" not in client.info()["faktory"]["queues"]


def test_python_batch_and_track(queue):
    with connect(queue) as client:
        producer = Producer(client)
        callback = TargetJob(jobtype="whole", args=[], queue="python-cb")
        bid = producer.batch_new(Batch(parent_bid=None, description="parts", success=callback, complete=None)).splitlines()[-1]
        producer.push(Job(jobtype="part", args=[], queue="python", custom={"bid": bid, "track": 1}))
        producer.batch_commit(bid)
        job = client._fetch(["python"])
        client._send_and_receive(f'TRACK SET {json.dumps({"jid": job["jid"], "percent": 5})}\r\n')
        assert '"percent":5' in client._send_and_receive(f'TRACK GET {job["jid"]}\r\n')
        client._ack(job["jid"])
        assert client._fetch(["python-cb"])["jobtype"] == "whole"
        assert json.loads(client._batch_status(bid).splitlines()[-1])["success_st"] == "1"
        client._flush()


WORKER = """
import sys
from pyfaktory import Client, Consumer
client = Client(sys.argv[1], role='consumer', worker_id='python-worker')
def add(a, b):
    print(f"{a + b}\\n", end="", flush=True)  # in one write: two threads print
with client:
    consumer = Consumer(client, queues=['sums'], concurrency=2)
    consumer.register('add', add)
    consumer.run()
"""


def test_python_worker(queue):
    """A whole worker process of the library: it fetches, works, acknowledges and beats."""
    worker = subprocess.Popen([sys.executable, "-c", WORKER, queue.faktory_url],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        with connect(queue, "producer") as client:
            for i in range(5):
                Producer(client).push(Job(jobtype="add", args=[i, 100], queue="sums"))
            sums = sorted(int(worker.stdout.readline()) for _ in range(5))
            assert sums == [100, 101, 102, 103, 104]
            deadline = time.monotonic() + 10
            while (info := client.info()["faktory"])["tasks"]["Working"]["size"] and time.monotonic() < deadline:
                time.sleep(0.05)
            assert info["tasks"]["Working"]["size"] == 0
            assert info["tasks"]["Workers"]["size"] >= 1
    finally:
        worker.kill()
        worker.wait()
        worker.stdout.close()


def test_wrong_password_is_refused(queue):
    client = connect(queue)
    client.password = "wrong"
    with pytest.raises(Exception, match="Invalid password"):
        client.connect()
    client.sock.close()


def test_tls(make_firn, tmp_path):
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-out", certificate, "-keyout", key], check=True, capture_output=True)
    firn = make_firn("--jobs-tls-certificate", str(certificate), "--jobs-tls-key", str(key)).start()
    context = ssl.create_default_context(cafile=str(certificate))
    context.check_hostname = False
    with socket.create_connection(("127.0.0.1", firn.jobs_port), timeout=10) as plain, context.wrap_socket(plain) as tls:
        lines = tls.makefile("rwb")
        assert lines.readline() == b'+HI {"v":2}\r\n'
        jobs = [b'PUSH {"jid":"tls-job-%d","jobtype":"t","args":["%s"]}\r\n' % (i, b"x" * 5000) for i in range(20)]
        lines.write(b'HELLO {"v":2}\r\n' + b"".join(jobs) + b"INFO\r\n")
        lines.flush()
        assert [lines.readline() for _ in range(21)] == [b"+OK\r\n"] * 21
    assert firn.stop() == 0


def test_refuses_to_listen_beyond_this_machine_without_a_password(make_firn):
    firn = make_firn("--jobs-listen", "0.0.0.0:0")
    with pytest.raises(RuntimeError, match="FIRN_JOBS_PASSWORD"):
        firn.start()


def test_jobs_survive_kill_9(make_firn):
    firn = make_firn().start()
    client = Faktory(firn.jobs_port, "worker-12345")
    for i in range(20):
        client.push(f"kill-{i:06}")
    done = [client.fetch()["jid"] for _ in range(5)]
    for jid in done[:3]:
        client.ack(jid)
    firn.kill()
    firn.start()
    client = Faktory(firn.jobs_port, "worker-12345")
    info = client.info()["faktory"]
    assert info["total_enqueued"] + info["tasks"]["Working"]["size"] == 17
    for jid in done[3:]:
        client.ack(jid)  # whoever had them may still finish them
    got = [client.fetch()["jid"] for _ in range(15)]
    assert sorted(got) == [f"kill-{i:06}" for i in range(5, 20)]
    assert firn.stop() == 0
