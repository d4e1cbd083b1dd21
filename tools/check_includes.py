"""Compares every #include in src/ with the table of who may include whom (ARCHITECTURE.md)."""
import pathlib
import re
import sys

# A folder may include itself, and what its entry names; base and platform always.
ALLOWED = {
    "base": set(),
    "platform": {"base"},
    "http": set(),
    "graphql": set(),
    "store": set(),
    "wal": set(),
    "jobs": {"store", "wal"},
    # An edge without HTTP: the Faktory Work Protocol.
    "jobs/wire": {"jobs"},
    "auth": {"store", "http"},
    "workspace": {"auth", "store"},
    "tasks": {"jobs", "auth", "store"},
    "outbound": set(),
    # A conversation goes in, its next turn comes out: it knows no domain.
    "llm": {"graphql", "outbound"},
    "automation": {"tasks", "jobs", "query", "catalog", "federation", "workspace", "outbound", "auth", "store"},
    # What an agent does, it does through tools: it includes nothing that they stand on.
    "agents": {"graphql", "llm", "store", "auth", "tasks", "jobs"},
    # The hub over everything; the generated interfaces are its own.
    "api": {"graphql", "agents", "llm", "workspace", "jobs", "tasks", "automation", "staging", "federation", "ingest", "query", "catalog", "iceberg", "auth", "http"},
    "iceberg": set(),
    "catalog": {"store", "iceberg"},
    "staging": {"automation", "ingest", "query", "catalog", "iceberg", "auth", "jobs", "store"},
    "ingest": {"catalog", "iceberg", "store", "wal"},
    "query": {"catalog", "iceberg", "auth", "store"},
    "federation": {"outbound", "query", "catalog", "iceberg", "auth", "store", "http"},
    # Edges: HTTP over one system. They never include each other.
    "catalog/rest": {"catalog", "iceberg", "http", "auth"},
    "graphql/http": {"graphql", "http"},
    "ingest/http": {"ingest", "catalog", "iceberg", "http", "auth"},
    "auth/http": {"auth", "http"},
    "mcp": {"graphql", "http"},
    "automation/http": {"automation", "http", "auth"},
    "federation/http": {"federation", "query", "http", "auth"},
    "query/http": {"query", "catalog", "iceberg", "http", "auth"},
}
EVERYWHERE = {"base", "platform"}
ROOT = pathlib.Path(__file__).resolve().parent.parent / "src"
INCLUDE = re.compile(r'^\s*#include "([^"]+)"', re.M)


def system_of(path: str) -> str:
    parts = path.split("/")
    edge = "/".join(parts[:2])
    return edge if edge in ALLOWED else parts[0]


def main() -> int:
    problems = []
    for file in sorted([*ROOT.rglob("*.cc"), *ROOT.rglob("*.h")]):
        name = file.relative_to(ROOT).as_posix()
        here = system_of(name)
        if here == "app":
            continue  # wires everything
        if here not in ALLOWED:
            problems.append(f"{name}: '{here}' is not in the table of tools/check_includes.py")
            continue
        for included in INCLUDE.findall(file.read_text()):
            if included.startswith(("schema/", "api/schema/", "graphql_tests/")):
                continue  # generated, or no code
            if included.startswith("duckdb"):
                # Seconds a translation unit, and internals that change: one folder adapts them.
                if not name.startswith("query/worker/") and "/tests/" not in name:
                    problems.append(f"{name}: only query/worker may include {included}")
                continue
            there = system_of(included)
            if "/tests/" in name and there == "store":
                continue  # what a test wires by itself
            if not (ROOT / included).exists():
                problems.append(f"{name}: \"{included}\" is not a path from src/")
            elif there != here and there not in ALLOWED[here] | (EVERYWHERE if here != "base" else set()):
                problems.append(f"{name}: {here} may not include {included}")
            elif included.endswith("_internal.h") and there != here:
                problems.append(f"{name}: {included} is internal to {there}")
            elif included.endswith("/testing.h") and "/tests/" not in name:
                problems.append(f"{name}: {included} is for tests")
        if name.endswith(".h") and not file.read_text().startswith("#pragma once"):
            problems.append(f"{name}: begins without #pragma once")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
