"""MCP beside GraphQL: what the lists cost a model in tokens, and what a tool call costs beyond the same operation.

Tokens are counted with o200k_base. The short list must stay under its bound, and the longest tool says where to cut.
"""
import http.client
import json
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "mcp")]
from mcp_client import META, VERSION, Mcp  # noqa: E402

SHORT_TOKENS_MAX = 6000
COUNT = """
import { getEncoding } from "js-tiktoken";
const texts = JSON.parse(await new Promise((done) => { let all = ""; process.stdin.on("data", (d) => (all += d)).on("end", () => done(all)); }));
const encoding = getEncoding("o200k_base");
console.log(JSON.stringify(texts.map((text) => encoding.encode(text).length)));
"""


def tokens(texts):
    run = subprocess.run([ROOT / ".deps/node/bin/node", "--input-type=module", "-e", COUNT], input=json.dumps(texts),
                         capture_output=True, text=True, check=True, cwd=ROOT / "tests/clients")
    return json.loads(run.stdout)


def timed(connection, path, body, headers):
    started = time.perf_counter()
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status == 200, text
    return time.perf_counter() - started


def overhead(firn, query, tool, arguments, calls):
    """Medians in ms of the GraphQL operation and of the tool, asked in turn on a connection each."""
    connections = [http.client.HTTPConnection("127.0.0.1", firn.port) for _ in range(2)]
    key = {"Authorization": f"Bearer {firn.key}", "Content-Type": "application/json", "Accept": "application/json"}
    graphql = json.dumps({"query": query})
    params = {"name": tool, "arguments": arguments, "_meta": {META + "protocolVersion": VERSION, META + "clientCapabilities": {}}}
    mcp = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
    named = {**key, "MCP-Protocol-Version": VERSION, "Mcp-Method": "tools/call", "Mcp-Name": tool}
    times = ([], [])
    for i in range(calls + 50):
        both = (timed(connections[0], "/graphql", graphql, key), timed(connections[1], "/mcp", mcp, named))
        if i >= 50:
            for kept, took in zip(times, both):
                kept.append(took * 1000)
    return [statistics.median(kept) for kept in times]


def run(firn):
    firn.append("t", [{"a": i, "b": "x"} for i in range(1000)], sync="true")
    print("\n| list | tools | tokens | longest |\n|---|---:|---:|---|")
    for label, query in (("default", ""), ("?read_only=true", "?read_only=true"), ("?toolset=catalog", "?toolset=catalog"), ("?mode=full", "?mode=full")):
        tools = Mcp(firn.url, firn.key, query).tools()
        counts = tokens([json.dumps(tools, separators=(",", ":"))] + [json.dumps(tool, separators=(",", ":")) for tool in tools])
        most, name = max(zip(counts[1:], (tool["name"] for tool in tools)))
        print(f"| {label} | {len(tools)} | {counts[0]:,} | {name}, {most:,} |")
        if label == "default" and (counts[0] > SHORT_TOKENS_MAX or len(tools) > 15):
            raise SystemExit("FAILED: the short list is too long")
    print("\n| operation | GraphQL ms (median) | MCP ms (median) | MCP / GraphQL |\n|---|---:|---:|---:|")
    for label, query, tool, arguments, calls in (
            ("viewer", "{ viewer { id name } }", "viewer", {"fields": "id name"}, 3000),
            ("tables", "{ tables(first: 5) { edges { node { id fullName } } } }", "tables", {"first": 5, "fields": "edges { node { id fullName } }"}, 2000),
            ("runSql", '{ runSql(statement: "SELECT count(*) FROM lake.main.t") { rows } }', "runSql",
             {"statement": "SELECT count(*) FROM lake.main.t", "fields": "rows"}, 300)):
        graphql, mcp = overhead(firn, query, tool, arguments, calls)
        print(f"| {label} | {graphql:.3f} | {mcp:.3f} | {mcp / graphql:.2f} |")
