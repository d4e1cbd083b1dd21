"""Kills the job queue with -9, again and again, and its workers, while jobs are pushed and done.

A job is owed once its PUSH was answered with OK. Pushers repeat what got no answer, under the same
jid, as a careful client does; so at the end every job must have been done at least once. Workers are
processes of their own that write down each job that they do before they ACK it; some are killed in
the middle of one, so that its reservation has to expire and a retry has to bring it back. Half of the
kills of the server come at a random moment, half at a named point of the code (KILL_POINT).

No retry storm: jobs that come back after a worker's death are spread by the retry delay, and nothing
is done much more often than workers died.
"""
import argparse
import multiprocessing
import os
import pathlib
import random
import signal
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from faktory import Faktory, Refused  # noqa: E402
from firn_server import Firn  # noqa: E402

POINTS = ["wal.synced", "jobs.before_ack"]
PUSHERS = 4
WORKERS = 4
BULK = 40
QUEUES = [f"q{i}" for i in range(5)]
RESERVE_S = 4
READY_S = 2.0


class Pusher(threading.Thread):
    """Pushes jobs, half of them one by one, until all are acknowledged."""

    def __init__(self, port, jids):
        super().__init__(daemon=True)
        self.port, self.jids = port, jids
        self.acknowledged = set()
        self.pace = threading.Semaphore(0)  # how many more bulks may go
        self.failure = None

    def job(self, jid):
        return {"jid": jid, "jobtype": "count", "args": [jid], "queue": QUEUES[hash(jid) % len(QUEUES)], "retry": 100}

    def run(self):
        import json
        client = None
        at = 0
        while at < len(self.jids):
            self.pace.acquire()
            bulk = self.jids[at:at + BULK]
            while True:
                try:
                    client = client or Faktory(self.port)
                    if (at // BULK) % 2:
                        for jid in bulk:
                            if jid not in self.acknowledged:
                                client.push(jid, "count", [jid], queue=self.job(jid)["queue"], retry=100)
                                self.acknowledged.add(jid)
                    else:
                        refused = json.loads(client.ask("PUSHB", [self.job(jid) for jid in bulk]))
                        if refused:
                            self.failure = f"refused: {refused}"
                            return
                        self.acknowledged.update(bulk)
                    break
                except OSError:
                    client = None
                    time.sleep(0.02)
            at += len(bulk)


def work(port, number, path):
    """A worker's process: does jobs until it is killed. A line of its file is a job done."""
    out = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    turn = 0
    while True:
        try:
            client = Faktory(port, f"crash-worker-{number}-{os.getpid()}")
            while True:
                turn += 1
                job = client.fetch(*QUEUES[turn % 5:], *QUEUES[:turn % 5])
                if job:
                    os.write(out, job["jid"].encode() + b"\n")
                    client.ack(job["jid"])
        except (OSError, Refused):
            time.sleep(0.02)


def start_worker(port, number, folder, serial):
    process = multiprocessing.get_context("fork").Process(
        target=work, args=(port, number, folder / f"done-{number}-{serial}"), daemon=True)
    process.start()
    return process


def done_counts(folder):
    counts = {}
    for path in folder.glob("done-*"):
        for line in path.read_text().splitlines():
            counts[line] = counts.get(line, 0) + 1
    return counts


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print(f"seed {options.seed} (tests/crash/crash_jobs.py --kills {options.kills} --jobs {options.jobs} "
          f"--seed {options.seed})", flush=True)
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="firn-crash-jobs-") as name:
        folder = pathlib.Path(name)
        firn = Firn(folder / "data", ["--jobs-reserve-seconds-max", str(RESERVE_S), "--log-level", "warn"])
        jids = [f"job-{i:08}" for i in range(options.jobs)]
        pushers = [Pusher(firn.jobs_port, jids[i::PUSHERS]) for i in range(PUSHERS)]
        firn.start()
        for pusher in pushers:
            pusher.start()
        workers = [start_worker(firn.jobs_port, i, folder, 0) for i in range(WORKERS)]
        bulks = options.jobs // BULK // PUSHERS + 1
        serial, worker_kills, ready = 0, 0, []
        for kill in range(options.kills):
            for pusher in pushers:
                for _ in range(bulks // options.kills + 1):
                    pusher.pace.release()
            if kill % 4 == 0:
                # A worker in the middle of a job: its reservation has to expire.
                serial += 1
                victim = rng.randrange(WORKERS)
                os.kill(workers[victim].pid, signal.SIGKILL)
                workers[victim].join()
                workers[victim] = start_worker(firn.jobs_port, victim, folder, serial)
                worker_kills += 1
            try:
                firn.process.wait(timeout=rng.uniform(0.02, 0.4))
            except Exception:
                firn.kill()
            point = rng.choice(POINTS) if kill % 2 else None
            if point:
                firn.start_with_kill_point(f"{point}:{rng.randint(20, 400)}")
            else:
                firn.start()
            ready.append(firn.ready_after_s)
        # Without kill points the rest has to be done: retries take up to 45 s to come.
        firn.kill()
        firn.start()
        for pusher in pushers:
            for _ in range(bulks):
                pusher.pace.release()
        for pusher in pushers:
            pusher.join(timeout=300)
            if pusher.is_alive() or pusher.failure:
                raise SystemExit(f"FAILED: a pusher did not end: {pusher.failure}\n{firn.log()}")
        owed = set().union(*(pusher.acknowledged for pusher in pushers))
        if owed != set(jids):
            raise SystemExit(f"FAILED: {len(jids) - len(owed)} jobs were never acknowledged")
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            info = Faktory(firn.jobs_port).info()["faktory"]
            left = info["total_enqueued"] + sum(info["tasks"][t]["size"] for t in ("Scheduled", "Retries", "Working"))
            if left == 0:
                break
            time.sleep(0.5)
        for worker in workers:
            worker.kill()
            worker.join()
        counts = done_counts(folder)
        lost = owed - counts.keys()
        strange = counts.keys() - owed
        repeated = sum(n - 1 for n in counts.values())
        dead = info["tasks"]["Dead"]["size"]
        firn.stop()
        if left or lost or strange or dead:
            raise SystemExit(f"FAILED: {len(lost)} acknowledged jobs were never done {sorted(lost)[:5]}, {left} are left, "
                             f"{len(strange)} unknown ones done, {dead} dead\n{firn.log()}")
        # Each death of the server or of a worker can repeat what each worker was at; nothing else may.
        repeated_max = (options.kills + 2) * WORKERS + worker_kills
        most = max(counts.values())
        if repeated > repeated_max or most > 6:
            raise SystemExit(f"FAILED: {repeated} repetitions (at most {repeated_max}), one job {most} times: a retry storm")
        ready.sort()
        if ready[len(ready) // 2] > READY_S:
            raise SystemExit(f"FAILED: half of the restarts took more than {READY_S} s: {ready}")
        print(f"{options.kills} kills of the server, {worker_kills} of workers: {len(owed)} acknowledged jobs, all done, "
              f"{repeated} done again; ready again after {ready[len(ready) // 2]:.2f} s (median), {ready[-1]:.2f} s (worst)",
              flush=True)


if __name__ == "__main__":
    main()
