"""Kills the server with -9, again and again, while eight connections append rows, and then counts.

Every row has an id of its own. A row is owed once its request was answered with 200. After each
restart, and again at the end from the Iceberg table alone, each owed row must be there exactly once;
a row whose request got no answer may be there once or not at all. Half of the kills come at a random
moment, half at a named point of the code (KILL_POINT). Requests that were cut off are sent again with
the same Idempotency-Key by half of the connections, as a careful client would: those must not repeat.
"""
import argparse
import json
import pathlib
import random
import statistics
import sys
import tempfile
import threading
import time

import requests

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from firn_server import Firn  # noqa: E402

POINTS = ["wal.synced", "ingest.before_ack", "ingest.data_written", "ingest.committed",
          "catalog.metadata_written", "catalog.pointer_swapped"]
CONNECTIONS = 8
READY_S = 2.0


class Writer(threading.Thread):
    """Appends rows until told to stop; remembers what was acknowledged."""

    def __init__(self, firn, number, first_id, careful, rng):
        super().__init__(daemon=True)
        self.firn, self.number, self.careful, self.rng = firn, number, careful, rng
        self.next_id = first_id
        self.owed, self.maybe = [], []
        self.unanswered = None  # (ids, key) of a careful writer's request that was cut off
        self.stopping = threading.Event()

    def run(self):
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {self.firn.key}"
        while not self.stopping.is_set():
            if self.unanswered:
                ids, key = self.unanswered
            else:
                count = self.rng.choice([1, 3, 10, 50])
                ids = list(range(self.next_id, self.next_id + count))
                self.next_id += count
                key = f"{self.number}-{ids[0]}"
            rows = [{"id": i, "writer": self.number, "text": f"row {i} é"} for i in ids]
            headers = {"Idempotency-Key": key} if self.careful else {}
            table = "crash" if ids[0] % 3 else "crash2"
            try:
                answer = session.post(self.firn.url + "/append", json=rows, headers=headers, timeout=20,
                                      params={"catalog": "lake", "schema": "main", "table": table})
            except requests.RequestException:
                if self.careful:
                    self.unanswered = (ids, key)
                else:
                    self.maybe += ids
                return
            if answer.status_code == 200 and answer.json()["ok"]:
                self.owed += ids
                self.unanswered = None
            elif answer.status_code != 429:
                raise SystemExit(f"unexpected answer {answer.status_code}: {answer.text}")


def check(firn, owed, maybe, where):
    present = {}
    for table in ("crash", "crash2"):
        for (row_id,) in firn.query(f"SELECT id FROM lake.main.{table}"):
            present[row_id] = present.get(row_id, 0) + 1
    lost = [i for i in owed if i not in present]
    repeated = [i for i, n in present.items() if n > 1]
    strange = [i for i in present if i not in owed and i not in maybe]
    if lost or repeated or strange:
        raise SystemExit(f"FAILED {where}: {len(lost)} acknowledged rows lost {lost[:5]}, "
                         f"{len(repeated)} repeated {repeated[:5]}, {len(strange)} unknown {strange[:5]}\n"
                         f"{firn.log()}")
    return len(present)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print(f"seed {options.seed} (tests/crash/crash.py --kills {options.kills} --seed {options.seed})", flush=True)
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="firn-crash-") as folder:
        # Short intervals, so that the kills meet every stage often.
        firn = Firn(pathlib.Path(folder) / "data",
                    ["--commit-interval-ms", "150", "--wal-segment-bytes", str(1 << 20)])
        owed, maybe, resend = set(), set(), {}
        next_id, ready = 1, []
        for kill in range(options.kills):
            point = rng.choice(POINTS) if kill % 2 else None
            if not point:
                firn.start()
            elif not firn.start_with_kill_point(f"{point}:{rng.randint(1, 12)}"):
                point = None
            if kill:
                ready.append(firn.ready_after_s)
                try:
                    check(firn, owed, maybe, f"after kill {kill}")
                except requests.RequestException:
                    # The point was passed while recovered rows were committed: one more crash.
                    if not point or firn.process.wait(timeout=10) != -9:
                        raise
                    continue
            writers = []
            for number in range(CONNECTIONS):
                writer = Writer(firn, number, next_id, number % 2 == 0, random.Random(rng.random()))
                writer.unanswered = resend.pop(number, None)
                next_id += 1_000_000
                writers.append(writer)
                writer.start()
            if point:
                try:
                    firn.process.wait(timeout=6)
                except Exception:
                    firn.kill()  # the point was not passed often enough
            else:
                time.sleep(rng.uniform(0.02, 0.8))
                firn.kill()
            for writer in writers:
                writer.stopping.set()
                writer.join()
                owed.update(writer.owed)
                maybe.update(writer.maybe)
                if writer.unanswered:
                    resend[writer.number] = writer.unanswered
                    maybe.update(writer.unanswered[0])
        firn.start()
        rows = check(firn, owed, maybe, "at the end")
        firn.stop()
        # And from the committed tables alone: the drain has committed everything.
        firn.start()
        if check(firn, owed, maybe, "after a drain") != rows:
            raise SystemExit("FAILED: the drain changed the number of rows")
        firn.stop()
        # A stall of the machine slows one restart; slow recovery slows them all.
        if statistics.median(ready) > READY_S:
            raise SystemExit(f"FAILED: half of the restarts took more than {READY_S} s: {sorted(ready)}\n{firn.log()}")
        print(f"{options.kills} kills: {len(owed)} acknowledged rows, 0 lost, 0 repeated; ready again after "
              f"{statistics.median(ready):.2f} s (median), {max(ready):.2f} s (worst)", flush=True)


if __name__ == "__main__":
    main()
