"""Fixtures of every test that needs a server."""
import pytest

from firn_server import FIRN, Firn


@pytest.fixture(scope="session", autouse=True)
def built():
    assert FIRN.exists(), "build/release/bin/firn is missing: run ./dev build"


@pytest.fixture(scope="module")
def firn(tmp_path_factory):
    server = Firn(tmp_path_factory.mktemp("firn") / "data").start()
    yield server
    assert server.stop() == 0, server.log()


@pytest.fixture
def make_firn(tmp_path):
    """Servers with settings of their own; whatever still runs is killed afterwards."""
    servers = []

    def make(*flags, name="data", **environment):
        server = Firn(tmp_path / name, flags, environment)
        servers.append(server)
        return server

    yield make
    for server in servers:
        if server.process and server.process.poll() is None:
            server.kill()
