"""Fixtures of the tests that need the test server."""
import pytest

from graphql_server import TestServer


@pytest.fixture(scope="module")
def library():
    server = TestServer()
    yield server.url
    server.stop()


@pytest.fixture
def make_library():
    servers = []

    def make(*flags):
        servers.append(TestServer(*flags))
        return servers[-1].url

    yield make
    for server in servers:
        server.stop()
