"""Firn's benchmarks: each prints its figures beside a peer or a limit measured in the same run.

./dev bench [ingest] [dashboard] [upload] [files] [graphql] [jobs] [federation] [mcp] [web]
"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from firn_server import Firn  # noqa: E402

BIN = ROOT / "build" / "release" / "bin"
SECONDS = "6"


def tool(name, *arguments):
    run = subprocess.run([BIN / name, *map(str, arguments)], capture_output=True, text=True)
    if run.returncode != 0:
        raise SystemExit(f"{name}: {run.stderr}")
    return json.loads(run.stdout)


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def wait_until_cold(firn):
    while "firn_hot_rows 0\n" not in firn.session.get(firn.url + "/metrics").text:
        time.sleep(0.1)


def bench_ingest(folder):
    """Durable rows/s over HTTP against (a) decode and Parquet alone and (b) DuckDB's read_ndjson."""
    import duckdb
    limit = {rows: tool("ingest_limit", folder / "limit.parquet", rows, SECONDS) for rows in (1000, 10)}
    source = folder / "rows.ndjson"
    with open(source, "wb") as out:
        subprocess.run([BIN / "make_rows", "1000000"], stdout=out, check=True)
    started = time.monotonic()
    duckdb.sql("SET threads=1")
    duckdb.sql(f"COPY (SELECT * FROM read_ndjson('{source}')) TO '{folder}/duck.parquet' (COMPRESSION zstd)")
    duck = 1_000_000 / (time.monotonic() - started)
    print(f"\n(a) simdjson to Arrow to Parquet, one thread: {limit[1000]['rows_per_second']:,} rows/s in bodies of "
          f"1000, {limit[10]['rows_per_second']:,} of 10; decoding alone {limit[1000]['decode_rows_per_second']:,}; "
          f"{limit[1000]['row_bytes']} bytes a row")
    print(f"(b) DuckDB read_ndjson to Parquet, one thread: {duck:,.0f} rows/s\n")
    print("| rows a request | connections | | rows/s | requests/s | p50 ms | p99 ms | 429 | server cores | of (a) | of (a) a core | of (b) |")
    print("|---:|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    firn = Firn(folder / "data").start()
    for rows in (1000, 10):
        for connections in (4, 32):
            for mode in ("async", "sync"):
                before = cpu_seconds(firn.process.pid)
                started = time.monotonic()
                load = tool("http_load", firn.port, firn.key, f"t{rows}_{connections}_{mode}", connections, rows, SECONDS, mode)
                wait_until_cold(firn)  # what was acknowledged has to be committed, too
                cores = (cpu_seconds(firn.process.pid) - before) / load["seconds"]
                limit_rate = limit[rows]["rows_per_second"]
                rate = load["rows_per_second"]
                print(f"| {rows} | {connections} | {mode} | {rate:,} | {load['requests_per_second']:,} | {load['p50_ms']} | "
                      f"{load['p99_ms']} | {load['refused']} | {cores:.2f} | {rate / limit_rate:.2f} | "
                      f"{rate / limit_rate / cores:.2f} | {rate / duck:.2f} |", flush=True)
    firn.stop()


def bench_dashboard(folder):
    """Four dashboard queries over 400 small commits against read_parquet over the same files."""
    subprocess.run([sys.executable, ROOT / "bench" / "dashboard_queries.py"], check=True)


def bench_upload(folder):
    """A 1 GB upload: rows/s, and the most memory that the server held."""
    import threading
    firn = Firn(folder / "data").start()
    source = folder / "big.ndjson"
    with open(source, "wb") as out:
        subprocess.run([BIN / "make_rows", "5300000"], stdout=out, check=True)
    peak = [0]
    done = threading.Event()

    def watch():
        while not done.is_set():
            peak[0] = max(peak[0], firn.rss_bytes())
            time.sleep(0.05)

    thread = threading.Thread(target=watch)
    thread.start()
    started = time.monotonic()
    with open(source, "rb") as body:
        answer = firn.upload("big", body, "create", "application/x-ndjson")
    seconds = time.monotonic() - started
    done.set()
    thread.join()
    size = source.stat().st_size
    print(f"\nupload of {size / 1e9:.2f} GB NDJSON: {answer.json()['rows']:,} rows in {seconds:.1f} s "
          f"({answer.json()['rows'] / seconds:,.0f} rows/s); the server held at most {peak[0] >> 20} MB (bound: 512)")
    firn.stop()
    if peak[0] > 512 << 20:
        raise SystemExit("FAILED: more than 512 MB resident")


def bench_files(folder):
    """10,000,000 rows through /append: data files and manifests against what the settings promise."""
    firn = Firn(folder / "data").start()
    started = time.monotonic()
    rows = 0
    while rows < 10_000_000:
        load = tool("http_load", firn.port, firn.key, "many", 8, 1000, 4, "async")
        rows += load["requests"] * 1000
    wait_until_cold(firn)
    seconds = time.monotonic() - started
    if firn.value("SELECT count(*) FROM lake.main.many") != rows:
        raise SystemExit("FAILED: rows are missing")
    table = firn.session.get(firn.url + "/iceberg/v1/lake/namespaces/main/tables/many").json()["metadata"]
    summary = next(s for s in table["snapshots"] if s["snapshot-id"] == table["current-snapshot-id"])["summary"]
    commits = len(table["snapshots"])
    files = int(summary["total-data-files"])
    size = int(summary["total-files-size"])
    # A commit each 5 s, or each 128 MiB of hot rows (about 125 bytes of memory a row), a file each.
    promised = seconds / 5 + rows * 125 / (128 << 20) + 2
    print(f"\n{rows:,} rows through /append in {seconds:.1f} s: {commits} commits, {files} data files of "
          f"{size / files / 1e6:.1f} MB; promised: at most {promised:.0f}")
    firn.stop()
    if files > promised:
        raise SystemExit("FAILED: more files than promised")


def bench_graphql(folder):
    """GraphQL over HTTP keep-alive, one core for the server and one for the load: Firn's engine against
    mercurius with JIT and graphql-yoga, a trivial query and 50 objects of 10 fields. First each connection
    waits for its answer, so that the kernel's TCP is most of what a request costs (the bound is printed);
    then ten requests of each are under way, as fastify's own benchmarks have them."""
    peers = ROOT / "bench" / "graphql"
    if not (peers / "node_modules").exists():
        subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=peers, check=True)
    node = ROOT / ".deps" / "node" / "bin" / "node"
    queries = {
        "{ hello }": "{ hello }",
        "50 x 10": "{ allBooks { id title genre pages weight published copies inPrint default tags } }",
    }
    commands = {
        "firn": [BIN / "graphql_test_server", "0", "--threads", "1"],
        "mercurius": [node, peers / "peer.mjs", "mercurius"],
        "yoga": [node, peers / "peer.mjs", "yoga"],
        # Not a peer but the bound: a loop that answers the same number of bytes to whatever comes.
        "TCP alone, { hello }": [BIN / "http_limit", "27"],
        "TCP alone, 50 x 10": [BIN / "http_limit", "9640"],
    }
    servers = {name: subprocess.Popen(["taskset", "-c", "0", *map(str, command)], stdout=subprocess.PIPE, text=True, cwd=peers)
               for name, command in commands.items()}
    ports = {name: server.stdout.readline().strip() for name, server in servers.items()}
    print("\n| query | pipelined | server | requests/s | p50 ms | p99 ms | server CPU us a request | requests/s, of mercurius | CPU, mercurius' over it |")
    print("|---|---:|---|---:|---:|---:|---:|---:|---:|")
    for pipelined in (1, 10):
        for label, query in queries.items():
            # The bound's server takes one request at a time.
            measured = [name for name in servers if not name.startswith("TCP") or (name.endswith(label) and pipelined == 1)]
            runs = {name: graphql_runs(servers[name].pid, ports[name], pipelined, query) for name in measured}
            peer = runs["mercurius"]
            for name, run in runs.items():
                print(f"| {label} | {pipelined} | {name} | {run['requests_per_second']:,} | {run['p50_ms']} | {run['p99_ms']} | {run['cpu_us']:.1f} | "
                      f"{run['requests_per_second'] / peer['requests_per_second']:.1f} | {peer['cpu_us'] / run['cpu_us']:.1f} |")
    for server in servers.values():
        server.terminate()
        server.wait()


def graphql_runs(pid, port, pipelined, query):
    """Sixteen connections, each with so many requests under way: the load's figures, and the server's CPU time."""
    load = ["taskset", "-c", "1", str(BIN / "graphql_load"), port, "16", str(pipelined)]
    subprocess.run([*load, "2", query], check=True, capture_output=True)  # warm
    before = cpu_seconds(pid)
    run = json.loads(subprocess.run([*load, SECONDS, query], check=True, capture_output=True, text=True).stdout)
    run["cpu_us"] = (cpu_seconds(pid) - before) * 1e6 / (run["requests_per_second"] * float(SECONDS))
    return run


def bench_federation(folder):
    """the lake joined with a PostgreSQL, on DuckDB and on Trino; and Trino by Firn beside Trino directly"""
    subprocess.run([sys.executable, ROOT / "bench" / "federation.py"], check=True)


# What the reference server does in this mix on two such cores; it does not sync before OK.
REFERENCE_JOBS = {1: (1_800, 0.3), 10: (4_000, 1.3), 50: (4_700, 7.0)}
JOBS_GOALS = {1: 1_800, 10: 16_000, 50: 28_000}


def bench_mcp(folder):
    """Tokens of the lists of tools, and a tool call against the same GraphQL operation."""
    import mcp_tool_calls
    firn = Firn(folder / "data").start()
    mcp_tool_calls.run(firn)
    firn.stop()


def bench_jobs(folder, rounds=5):
    """Connections that push, fetch and acknowledge over five queues, every OK durable, against what the disk can
    do in the same rounds (medians of them); then a trivial GraphQL query beside a million waiting jobs."""
    firn = Firn(folder / "data", ["--log-level", "warn"]).start()
    disk, runs = [], {connections: [] for connections in REFERENCE_JOBS}
    for connections in runs:
        tool("job_load", firn.jobs_port, connections, 1, 5)  # warm
    for _ in range(rounds):
        disk.append(tool("sync_limit", folder / "sync", 2))
        for connections, results in runs.items():
            before, started = cpu_seconds(firn.process.pid), time.monotonic()
            results.append(tool("job_load", firn.jobs_port, connections, 3, 5))
            results[-1]["cores"] = (cpu_seconds(firn.process.pid) - before) / (time.monotonic() - started)

    def median(results, key):
        return statistics.median(result[key] for result in results)

    syncs = median(disk, "syncs_per_second")
    print(f"\nthe disk: {syncs:,.0f} durable writes/s one after another, p50 {median(disk, 'p50_ms')} ms, "
          f"p99 {median(disk, 'p99_ms')} ms; a job takes two (push, ack), shared by whoever asks meanwhile\n")
    print("| connections | jobs/s | least to most | goal | reference | jobs/s, of the disk's writes/2 | push p50 / p99 ms | fetch p50 / p99 ms | ack p50 / p99 ms | reference p99 ms | server cores |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for connections, results in runs.items():
        reference, p99 = REFERENCE_JOBS[connections]
        jobs = median(results, "jobs_per_second")
        each = sorted(result["jobs_per_second"] for result in results)
        print(f"| {connections} | {jobs:,} | {each[0]:,} to {each[-1]:,} | {JOBS_GOALS[connections]:,} | {reference:,} | "
              f"{jobs / (syncs / 2):.2f} | "
              + " | ".join(f"{median(results, f'{c}_p50_ms')} / {median(results, f'{c}_p99_ms')}" for c in ("push", "fetch", "ack"))
              + f" | {p99} | {median(results, 'cores'):.2f} |", flush=True)
    bench_beside_jobs(firn)
    firn.stop()


# As a worker of heavy jobs is started: below what people wait for.
HEAVY = """
import os
import sys
os.nice(19)
sys.path.insert(0, sys.argv[1])
from faktory import Faktory
client = Faktory(int(sys.argv[2]), sys.argv[3])
assert client.fetch("waiting")
print("at work", flush=True)
while True:
    sum(i * i for i in range(100_000))
"""


def bench_beside_jobs(firn, waiting=1_000_000, heavy=8, bulk=4_000):
    """A trivial GraphQL query: idle, beside a million waiting jobs, and with eight workers that compute besides."""
    from faktory import Faktory

    def p99():
        runs = sorted(tool("graphql_load", firn.port, 2, 1, 2, "{ __typename }")["p99_ms"] for _ in range(5))
        return runs[2]

    tool("graphql_load", firn.port, 2, 1, 1, "{ __typename }")  # warm
    idle = p99()
    client = Faktory(firn.jobs_port)
    started = time.monotonic()
    for at in range(0, waiting, bulk):
        client.ask("PUSHB", [{"jid": f"waiting-{at + i:08}", "jobtype": "t", "queue": "waiting", "args": [i, "an argument"]}
                             for i in range(bulk)])
    pushed_s = time.monotonic() - started
    beside = p99()
    workers = [subprocess.Popen([sys.executable, "-c", HEAVY, ROOT / "tests", str(firn.jobs_port), f"heavy-worker-{i}"],
                                stdout=subprocess.PIPE, text=True) for i in range(heavy)]
    for worker in workers:
        worker.stdout.readline()
    busy = p99()
    for worker in workers:
        worker.kill()
        worker.wait()
    print(f"\n{waiting:,} jobs pushed in {pushed_s:.1f} s by one connection; the server holds {firn.rss_bytes() >> 20} MB")
    print(f"p99 of a trivial GraphQL query: idle {idle} ms, beside {waiting:,} waiting jobs {beside} ms ({beside / idle:.2f} times), "
          f"and {heavy} that are worked on {busy} ms ({busy / idle:.2f} times; goal: 2)")


def bench_web(folder):
    """Pages in Chromium with a processor four times slower: largest paint and shifts; and interactions beside 100,000 rows and 50,000 points."""
    firn = Firn(folder / "data", ["--log-level", "warn"]).start()
    subprocess.run([BIN / "firn", "demo"], check=True, capture_output=True, timeout=120,
                   env={**os.environ, "FIRN_URL": firn.url, "FIRN_BOOTSTRAP_KEY": firn.key})
    run = subprocess.run([ROOT / ".deps" / "node" / "bin" / "node", ROOT / "bench" / "web_paint.mjs"], capture_output=True,
                         text=True, env={**os.environ, "FIRN_URL": firn.url})
    if run.returncode != 0:
        raise SystemExit(run.stderr)
    figures = json.loads(run.stdout)
    print(f"\na loop of additions took {figures['loopMs']['first']} ms before and {figures['loopMs']['last']} ms after; load of the machine {os.getloadavg()[0]:.1f}")
    print("\n| page, cold, processor at a quarter | largest paint ms | of 1,500 | slowest of 5 | shift | of 0.05 |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, page in figures["loads"].items():
        print(f"| {name} | {page['largestPaintMs']:,} | {page['largestPaintMs'] / 1500:.2f} | {page['slowestPaintMs']:,} | {page['shift']:.3f} | {page['shift'] / 0.05:.2f} |")
    print("\n| processor slower by | rows in the grid | interactions | middle ms | worst ms | of 200 | worst is |")
    print("|---:|---:|---:|---:|---:|---:|---|")
    for run in figures["interactions"]:
        print(f"| {run['rate']} | {run['rows']:,} | {run['interactions']} | {run['middleMs']} | {run['worstMs']} | {run['worstMs'] / 200:.2f} | {run['worst']} |")
    firn.stop()


def main():
    benches = {"web": bench_web, "federation": bench_federation, "jobs": bench_jobs, "mcp": bench_mcp, "graphql": bench_graphql, "ingest": bench_ingest, "dashboard": bench_dashboard, "upload": bench_upload, "files": bench_files}
    chosen = sys.argv[1:] or list(benches)
    for name in chosen:
        if name not in benches:
            raise SystemExit(f"there is no benchmark '{name}': {', '.join(benches)}")
        print(f"\n## {name}: {benches[name].__doc__.strip()}", flush=True)
        with tempfile.TemporaryDirectory(prefix="firn-bench-", dir=ROOT / "build") as folder:
            benches[name](pathlib.Path(folder))


if __name__ == "__main__":
    main()
