"""The test server (src/graphql/http/tests/test_server.cc) and Node's clients."""
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BIN = ROOT / "build" / "release" / "bin"
CLIENTS = ROOT / "tests" / "clients"
NODE = ROOT / ".deps" / "node" / "bin" / "node"


def node(script, *arguments, timeout=300):
    command = [str(NODE if NODE.exists() else "node"), str(CLIENTS / script), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, cwd=CLIENTS)


class TestServer:
    __test__ = False

    def __init__(self, *flags):
        executable = os.environ.get("GRAPHQL_TEST_SERVER", BIN / "graphql_test_server")
        self.process = subprocess.Popen([executable, "0", *flags], stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}/graphql"

    def stop(self):
        self.process.terminate()
        assert self.process.wait(20) == 0
