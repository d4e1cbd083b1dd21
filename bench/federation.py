#!/usr/bin/env python3
"""Five queries that join the lake with a PostgreSQL: Firn with DuckDB beside the same Firn with Trino, in
turns; and what Firn adds to Trino asked directly, for one row and for a million.

    .deps/venv/bin/python bench/federation.py [--rounds 7]

The year of New York's flights in the lake; planes, airlines and airports in the demo's PostgreSQL. Prints
medians in milliseconds and ratios. Directly means the protocol's pages read to the end and not decoded.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import requests

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "authorization")]
from firn_server import FIRN, Firn  # noqa: E402
from trino_server import PluginTrino  # noqa: E402

QUERIES = {
    "flights by maker": "SELECT p.manufacturer, count(*) AS n FROM lake.main.flights f JOIN pg.public.planes p ON f.tailnum = p.tailnum "
                        "GROUP BY p.manufacturer ORDER BY n DESC, p.manufacturer",
    "one plane": "SELECT f.dest, count(*) AS n FROM lake.main.flights f JOIN pg.public.planes p ON f.tailnum = p.tailnum "
                 "WHERE p.tailnum = 'N14228' GROUP BY f.dest ORDER BY n DESC, f.dest",
    "three tables": "SELECT a.name, p.engines, count(*) AS n FROM lake.main.flights f JOIN pg.public.planes p ON f.tailnum = p.tailnum "
                    "JOIN pg.public.airlines a ON f.carrier = a.carrier GROUP BY a.name, p.engines ORDER BY n DESC, a.name LIMIT 10",
    "airports not flown to": "SELECT count(*) FROM pg.public.airports a WHERE NOT EXISTS (SELECT 1 FROM lake.main.flights f WHERE f.dest = a.faa)",
    "database alone": "SELECT manufacturer, max(seats) FROM pg.public.planes WHERE year > 2000 GROUP BY manufacturer ORDER BY manufacturer",
}
OVERHEAD = {
    "1 row": "SELECT count(*) FROM lake.main.flights",
    "1 million rows": "SELECT f.flight, f.carrier, f.distance FROM lake.main.flights f CROSS JOIN (VALUES 1, 2, 3) AS t(n) LIMIT 1000000",
}


def ask(server, statement, engine):
    started = time.perf_counter()
    response = server.session.post(server.url + "/query", json={"statement": statement, "engine": engine})
    took = (time.perf_counter() - started) * 1000
    assert response.status_code == 200, response.text
    return took, response


def directly(session, trino, statement):
    started = time.perf_counter()
    headers = {"X-Trino-User": "bench", "X-Trino-Catalog": "lake", "X-Trino-Schema": "main"}
    answer = session.post(f"{trino.url}/v1/statement", data=statement, headers=headers)
    while True:
        head = answer.content
        # Only where to go on is looked for.
        at = head.rfind(b'"nextUri":"')
        if at < 0:
            assert b'"error":{' not in head, head[:2000]
            return (time.perf_counter() - started) * 1000
        uri = head[at + 11:head.index(b'"', at + 11)].decode()
        answer = session.get(uri, headers=headers)


def medians(rounds, sides):
    """In turns, so that what the machine does besides hits all sides alike."""
    times = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            times[name].append(side())
    return {name: statistics.median(taken) for name, taken in times.items()}


def start(folder):
    tool = ROOT / "tools" / "demo_database"
    port = subprocess.run([tool, "start", folder / "postgres", ROOT / ".deps" / "demo"], check=True, text=True, stdout=subprocess.PIPE).stdout.strip()
    trino = PluginTrino(folder / "trino")
    server = Firn(folder / "data", ("--connection-hosts-allowed", "127.0.0.1", *trino.firn_flags), trino.firn_environment).start()
    subprocess.run([FIRN, "demo", "--url", server.url, "--database", port, "--password-file", folder / "postgres" / "password"],
                   env={"FIRN_KEY": server.key}, check=True, stderr=subprocess.DEVNULL)
    trino.start(server)
    trino.until_catalogs(server.key, lambda seen: {"lake", "pg"} <= seen)
    return server, trino, lambda: subprocess.run([tool, "stop", folder / "postgres"], check=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="firn-bench-") as name:
        server, trino, stop = start(pathlib.Path(name))
        try:
            print("| query | Firn with DuckDB, ms | Firn with Trino, ms | Trino over DuckDB |\n|---|---:|---:|---:|")
            for label, statement in QUERIES.items():
                rows = [[json.loads(line) for line in ask(server, statement, engine)[1].text.splitlines()[2:]] for engine in ("duckdb", "trino")]
                assert rows[0] == rows[1], (label, rows)
                taken = medians(rounds, {engine: lambda engine=engine: ask(server, statement, engine)[0] for engine in ("duckdb", "trino")})
                print(f"| {label} | {taken['duckdb']:.0f} | {taken['trino']:.0f} | {taken['trino'] / taken['duckdb']:.1f} |", flush=True)
            print("\n| answer | Trino directly, ms | by Firn, ms | by Firn over directly |\n|---|---:|---:|---:|")
            session = requests.Session()
            session.trust_env, session.verify, session.auth = False, str(trino.ca), ("bench", server.key)
            for label, statement in OVERHEAD.items():
                directly(session, trino, statement)
                ask(server, statement, "trino")
                taken = medians(rounds, {"directly": lambda: directly(session, trino, statement),
                                         "firn": lambda: ask(server, statement, "trino")[0]})
                print(f"| {label} | {taken['directly']:.0f} | {taken['firn']:.0f} | {taken['firn'] / taken['directly']:.2f} |", flush=True)
        finally:
            trino.stop()
            server.stop()
            stop()


if __name__ == "__main__":
    main()
