"""Jobs through GraphQL and on the command line, beside workers that speak the protocol."""
import os
import subprocess
import threading

import pytest

from authorization.events import events
from authorization.hub import Client
from faktory import Faktory
from firn_server import FIRN


@pytest.fixture(scope="module")
def hub(firn):
    return Client(firn.url, firn.key)


PUSH = "mutation($i: PushJobInput!) { pushJob(input: $i) { id jid state args custom } }"


def push(hub, **job):
    return hub.ask(PUSH, i={"type": "t", "queue": "hub", **job})["pushJob"]


def test_a_job_from_push_to_its_end(firn, hub):
    job = push(hub, args=[1, "two"], custom={"mine": 1})
    assert job["state"] == "WAITING" and job["args"] == [1, "two"] and job["custom"] == {"track": 1, "mine": 1}
    worker = Faktory(firn.jobs_port, "hub-worker-1")
    assert worker.fetch("hub")["jid"] == job["jid"]
    seen = hub.ask("query($id: ID!) { job(id: $id) { state workerId failures } jobWorkers { wid state } jobStats { working } }", id=job["id"])
    assert seen["job"] == {"state": "WORKING", "workerId": "hub-worker-1", "failures": 0}
    assert {"wid": "hub-worker-1", "state": "RUNNING"} in seen["jobWorkers"]
    assert seen["jobStats"]["working"] >= 1
    assert hub.codes("mutation($id: ID!) { requeueJob(id: $id) { state } }", {"id": job["id"]}) == ["CONFLICT"]
    worker.ask("TRACK SET", {"jid": job["jid"], "percent": 70, "desc": "nearly"})
    assert hub.ask("query($id: ID!) { jobProgress(id: $id) { state percent description } }", id=job["id"])["jobProgress"] == \
        {"state": "working", "percent": 70, "description": "nearly"}
    worker.fail(job["jid"], "it broke")
    failed = hub.ask("query($id: ID!) { job(id: $id) { state failures failure } }", id=job["id"])["job"]
    assert (failed["state"], failed["failures"], failed["failure"]["message"]) == ("RETRYING", 1, "it broke")
    assert hub.ask("mutation($id: ID!) { killJob(id: $id) { state } }", id=job["id"])["killJob"]["state"] == "DEAD"
    assert hub.ask('mutation { redriveDeadJobs(queue: "hub") }')["redriveDeadJobs"] == 1
    assert worker.fetch("hub")["jid"] == job["jid"]
    worker.ack(job["jid"])
    assert hub.ask("query($id: ID!) { job(id: $id) { state } jobProgress(id: $id) { state } }", id=job["id"]) == \
        {"job": None, "jobProgress": {"state": "success"}}
    hub.ask('mutation { stopJobWorker(wid: "hub-worker-1") }')
    assert worker.ask("BEAT", {"wid": "hub-worker-1"}) == '{"state":"quiet"}'


def test_lists_come_in_pages(hub):
    for i in range(5):
        push(hub, queue="pages", type=f"type-{i % 2}", at="2090-01-01T00:00:00Z")
    document = """query($a: String, $t: String) { jobs(state: SCHEDULED, queue: "pages", type: $t, first: 2, after: $a) {
        edges { node { jid } } pageInfo { hasNextPage endCursor } } }"""
    seen, after = [], None
    while True:
        page = hub.ask(document, a=after, t=None)["jobs"]
        seen += [edge["node"]["jid"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(seen) == len(set(seen)) == 5
    assert len(hub.ask(document, a=None, t="type-1")["jobs"]["edges"]) == 2
    assert hub.codes(document, {"a": "x", "t": None}) == ["BAD_USER_INPUT"]


def test_progress_arrives_until_the_end(firn, hub):
    job = push(hub, queue="progress")
    found = []

    def collect():
        for payload in events(hub, "subscription($id: ID!) { jobProgressed(id: $id) { state percent } }", {"id": job["id"]}):
            found.append(payload["data"]["jobProgressed"])
            started.set()

    started = threading.Event()
    thread = threading.Thread(target=collect, daemon=True)
    thread.start()
    assert started.wait(10)
    worker = Faktory(firn.jobs_port, "hub-worker-2")
    worker.fetch("progress")
    worker.ask("TRACK SET", {"jid": job["jid"], "percent": 50})
    worker.ack(job["jid"])
    thread.join(10)
    assert [event["state"] for event in found] == ["enqueued", "working", "working", "success"]
    assert found[2]["percent"] == 50


def test_schedules_and_limits(firn, hub):
    made = hub.ask("""mutation { setJobSchedule(input: {name: "nightly", cron: "30 3 * * *", timezone: "Europe/Berlin",
        type: "t", args: [1]}) { name timezone job nextAt paused } }""")["setJobSchedule"]
    assert made["job"] == {"jobtype": "t", "queue": "default", "args": [1]} and made["nextAt"]
    assert hub.codes('mutation { setJobSchedule(input: {name: "x", cron: "never", type: "t"}) { name } }') == ["BAD_USER_INPUT"]
    hub.ask('mutation { removeJobSchedule(name: "nightly") }')
    assert hub.ask("{ jobSchedules { name } }")["jobSchedules"] == []
    hub.ask('mutation { setJobLimit(input: {kind: QUEUE, name: "narrow", concurrency: 1}) { name } }')
    for _ in range(2):
        push(hub, queue="narrow")
    worker = Faktory(firn.jobs_port, "hub-worker-3")
    first = worker.fetch("narrow")
    assert first and worker.fetch("narrow") is None
    worker.ack(first["jid"])
    assert worker.fetch("narrow")
    hub.ask('mutation { removeJobLimit(kind: QUEUE, name: "narrow") }')
    assert hub.ask("{ jobLimits { name } }")["jobLimits"] == []


def test_on_the_command_line(firn, hub):
    def jobs(*words):
        run = subprocess.run([FIRN, "jobs", *words, "--url", firn.url], env={**os.environ, "FIRN_KEY": firn.key},
                             capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        return run.stdout

    job = push(hub, queue="line", at="2090-01-01T00:00:00Z")
    assert job["jid"] in jobs("list", "--state", "scheduled", "--queue", "line")
    assert "line" in jobs() and "hub-worker" in jobs("workers")
    jobs("kill", job["jid"])
    assert "DEAD" in jobs("show", job["jid"])
    assert "1 jobs" in jobs("redrive", "--queue", "line")
    jobs("pause", "line")
    assert hub.ask("{ jobQueues { name paused } }")["jobQueues"].count({"name": "line", "paused": True}) == 1
    jobs("resume", "line")
    jobs("discard", job["jid"])
    assert job["jid"] not in jobs("list", "--queue", "line")
    jobs("schedules")
    metrics = firn.session.get(firn.url + "/metrics").text
    assert "firn_jobs_dead 0\n" in metrics and "firn_jobs_pushed_total" in metrics
