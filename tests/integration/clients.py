"""How clients connect to Firn's REST catalog; also used in processes of their own."""

from pyiceberg.catalog import load_catalog


def pyiceberg_catalog(url, key):
    return load_catalog("lake", type="rest", uri=f"{url}/iceberg", warehouse="lake", token=key)
