"""Clients of the Iceberg REST catalog that know nothing of Firn."""

import uuid

import pytest
from clients import duckdb_over, pyiceberg_catalog
from firn_server import Firn
from trino_server import Trino


@pytest.fixture(scope="session")
def firn(tmp_path_factory):
    """One server for all of these tests: Trino takes long to start and knows one address."""
    server = Firn(tmp_path_factory.mktemp("firn") / "data").start()
    yield server
    assert server.stop() == 0, server.log()


@pytest.fixture(scope="session")
def lake(firn):
    return pyiceberg_catalog(firn.url, firn.key)


@pytest.fixture
def name():
    """A table name of this test's own."""
    return f"t_{uuid.uuid4().hex[:12]}"


@pytest.fixture
def duck(firn):
    with duckdb_over(firn.url, firn.key) as connection:
        yield connection


@pytest.fixture(scope="session")
def trino_server(firn, tmp_path_factory):
    server = Trino(tmp_path_factory.mktemp("trino"), firn).start()
    yield server
    server.stop()
