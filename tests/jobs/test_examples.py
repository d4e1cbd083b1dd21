"""The workers of examples/workers: each takes the same job."""
import os
import signal
import subprocess
import sys

import pytest

from faktory import Faktory
from firn_server import ROOT

EXAMPLES = ROOT / "examples" / "workers"
WORKERS = {
    "python": [sys.executable, EXAMPLES / "python" / "worker.py"],
    "node": [ROOT / ".deps" / "node" / "bin" / "node", EXAMPLES / "node" / "worker.cjs"],
    "rust": [ROOT / ".deps" / "faktory-rust" / "example-worker"],
    "c++": [ROOT / "build" / "release" / "bin" / "example_worker"],
}


@pytest.mark.parametrize("language", WORKERS)
def test_counts_words(firn, language):
    client = Faktory(firn.jobs_port, f"test-{language}")
    jid = f"count-words-{language}"
    client.push(jid, "count_words", [{"text": "how many words  are\nhere"}], queue="examples")
    environment = {**os.environ, "FAKTORY_URL": f"tcp://127.0.0.1:{firn.jobs_port}",
                   "NODE_PATH": str(ROOT / "tests" / "clients" / "node_modules")}
    worker = subprocess.Popen(WORKERS[language], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              start_new_session=True)
    try:
        counted = next(job for job in (client.fetch("counted") for _ in range(15)) if job)
        assert counted["args"] == [{"language": language, "words": 5}]
        client.ack(counted["jid"])
        # Acknowledged, not just done.
        for _ in range(100):
            if client.info()["faktory"]["tasks"]["Working"]["size"] == 0:
                break
            client.fetch("nothing-here")
        assert client.info()["faktory"]["tasks"]["Working"]["size"] == 0
    finally:
        # With its children: one that lived on would hold the connection, and what is fetched over it.
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
