"""A real Firn for tests: the release binary on a free port with a folder of its own."""
import os
import pathlib
import random
import signal
import socket
import subprocess
import time

import requests

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIRN = ROOT / "build" / "release" / "bin" / "firn"
KEY = "firn_test_0123456789abcdef0123456789abcdef"


_given_ports = set()


def free_port() -> int:
    """Below those that the kernel gives to outgoing connections, so that it is free after a restart, too."""
    while True:
        port = random.SystemRandom().randrange(10000, 32000)
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in _given_ports:
            _given_ports.add(port)
            return port


class Firn:
    """One server. Restartable on the same folder and port; kill() is kill -9."""

    def __init__(self, data_dir, flags=(), environment=None):
        self.data_dir = pathlib.Path(data_dir)
        self.flags = list(flags)
        self.environment = dict(environment or {})
        self.port = free_port()
        self.jobs_port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.key = KEY
        self.process = None
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {KEY}"
        self.log_path = self.data_dir.parent / f"firn-{self.port}.log"

    def start(self, environment=None, ready_s=30):
        env = {**os.environ, "FIRN_BOOTSTRAP_KEY": KEY, **self.environment, **(environment or {})}
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [FIRN, "serve", "--data-dir", self.data_dir, "--listen", f"127.0.0.1:{self.port}",
                 "--jobs-listen", f"127.0.0.1:{self.jobs_port}", *self.flags],
                env=env, stdout=log, stderr=log)
        started = time.monotonic()
        while time.monotonic() - started < ready_s:
            if self.process.poll() is not None:
                raise RuntimeError(f"firn ended with {self.process.returncode}:\n{self.log()}")
            try:
                if requests.get(self.url + "/readyz", timeout=1).status_code == 200:
                    self.ready_after_s = time.monotonic() - started
                    return self
            except requests.ConnectionError:
                time.sleep(0.01)
        raise RuntimeError(f"firn is not ready after {ready_s} s:\n{self.log()}")

    def start_with_kill_point(self, point):
        """Whether it is still to pass the point (NAME:COUNT); else it did so before it was ready, and was started once more."""
        try:
            self.start({"FIRN_KILL_POINT": point})
            return True
        except RuntimeError:
            if self.process.poll() != -signal.SIGKILL:
                raise
        self.start()
        return False

    def log(self):
        return self.log_path.read_text(errors="replace")[-8000:]

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            return self.process.wait(timeout=15)
        return self.process.returncode if self.process else None

    def rss_bytes(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("no VmRSS")

    # What tests do most.
    def append(self, table, rows, schema="main", catalog="lake", headers=None, **params):
        return self.session.post(self.url + "/append", json=rows, headers=headers,
                                 params={"catalog": catalog, "schema": schema, "table": table, **params})

    def upload(self, table, body, mode, content_type=None, schema="main", **params):
        headers = {"Content-Type": content_type} if content_type else {}
        return self.session.post(self.url + "/upload", data=body, headers=headers,
                                 params={"catalog": "lake", "schema": schema, "table": table,
                                         "mode": mode, **params})

    def query(self, statement, **fields):
        """All rows; raises on any error."""
        import json
        response = self.session.post(self.url + "/query", json={"statement": statement, **fields})
        if response.status_code != 200:
            raise AssertionError(f"{response.status_code}: {response.text}")
        lines = [json.loads(line) for line in response.text.splitlines()]
        for line in lines[1:]:
            if isinstance(line, dict):
                raise AssertionError(line["error"])
        return lines[2:]

    def value(self, statement, **fields):
        return self.query(statement, **fields)[0][0]
