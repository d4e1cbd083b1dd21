"""The protocol's own conformance suite, both revisions in full, against the test executable."""
import pathlib
import subprocess

import pytest

from firn_server import ROOT, free_port

SUITE = ROOT / "tests/clients/node_modules/@modelcontextprotocol/conformance/dist/index.js"
NODE = ROOT / ".deps/node/bin/node"
SERVER = ROOT / "build/release/bin/firn_mcp_conformance"


@pytest.fixture(scope="module")
def url():
    server = subprocess.Popen([SERVER, "--listen", f"127.0.0.1:{free_port()}"], stdout=subprocess.PIPE, text=True)
    yield server.stdout.readline().strip()
    server.terminate()
    assert server.wait(timeout=10) == 0


@pytest.mark.parametrize("revision", ["2026-07-28", "2025-11-25"])
def test_the_conformance_suite_passes(url, revision, tmp_path):
    run = subprocess.run([NODE, SUITE, "server", "--url", url, "--requirements", revision], capture_output=True,
                         text=True, cwd=tmp_path, timeout=400)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    summary = run.stdout[run.stdout.index("=== SUMMARY ==="):]
    assert summary.count("✓") >= 30, summary


def test_the_suite_can_fail(url):
    """The alarm works: a server that is not there fails it."""
    run = subprocess.run([NODE, SUITE, "server", "--url", "http://127.0.0.1:9/mcp", "--requirements", "2025-11-25"],
                         capture_output=True, text=True, cwd=pathlib.Path("/tmp"), timeout=400)
    assert run.returncode != 0
