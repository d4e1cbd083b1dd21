"""How clients connect to Firn's REST catalog; also used in processes of their own."""

import pathlib
import site

import duckdb
from pyiceberg.catalog import load_catalog


def pyiceberg_catalog(url, key):
    return load_catalog("lake", type="rest", uri=f"{url}/iceberg", warehouse="lake", token=key)


def load_duckdb_extension(connection, extension):
    for folder in site.getsitepackages():
        for path in pathlib.Path(folder).glob(
                f"duckdb_extension_{extension}/extensions/*/{extension}.duckdb_extension"):
            connection.execute(f"LOAD '{path}'")
            return
    raise AssertionError(f"the package duckdb-extension-{extension} is not installed")


def duckdb_over(url, key):
    connection = duckdb.connect()
    for extension in ("avro", "httpfs", "iceberg"):
        load_duckdb_extension(connection, extension)
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"CREATE SECRET firn (TYPE iceberg, TOKEN '{key}')")
    # DuckDB 1.5 takes `main` for its own unless it is told that the namespace is meant.
    connection.execute(f"ATTACH 'lake' AS lake (TYPE iceberg, ENDPOINT '{url}/iceberg', SECRET firn, "
                       "DEFAULT_SCHEMA 'main')")
    return connection
