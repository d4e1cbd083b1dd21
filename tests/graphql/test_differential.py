"""Firn's validator against graphql-js: verdict, number of errors and their places."""
import json
import subprocess

import pytest

from firn_server import FIRN
from graphql_server import ROOT, node


@pytest.fixture(scope="module")
def schemas(tmp_path_factory):
    firn = tmp_path_factory.mktemp("schemas") / "firn.graphql"
    firn.write_bytes(subprocess.run([FIRN, "graphql", "schema"], check=True, capture_output=True).stdout)
    return {
        "zoo": ROOT / "tests/graphql/schemas/zoo.graphql",
        "library": ROOT / "src/graphql/tests/library/library.graphql",
        "firn": firn,
    }


@pytest.mark.parametrize("name", ["zoo", "library", "firn"])
def test_same_verdict_as_graphql_js(schemas, name):
    # A failure prints the seed of each document that differs.
    run = node("differential.mjs", FIRN, schemas[name], 7000, 1)
    assert run.returncode == 0, run.stdout + run.stderr


def test_one_document(tmp_path, schemas):
    document = tmp_path / "query.graphql"
    for text, code, valid in [("{ hello }", 0, True), ("{\r  helo }", 1, False)]:
        document.write_bytes(text.encode())
        run = subprocess.run([FIRN, "graphql", "validate", "--schema", schemas["library"], "--document", document],
                             capture_output=True, text=True)
        assert run.returncode == code
        answer = json.loads(run.stdout)
        assert answer["valid"] == valid
        if not valid:
            assert answer["errors"][0]["locations"] == [{"line": 2, "column": 3}]
            assert answer["errors"][0]["message"] == 'Cannot query field "helo" on type "Query". Did you mean "hello"?'
