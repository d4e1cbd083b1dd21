"""A schema that the web app does not follow fails before anything runs."""
import os
import shutil
import subprocess

import pytest

from firn_server import ROOT

NODE = ROOT / ".deps" / "node" / "bin"


@pytest.fixture
def copy(tmp_path):
    """The app and the schema, to be changed; the packages are the app's own."""
    shutil.copytree(ROOT / "web", tmp_path / "web", ignore=shutil.ignore_patterns("node_modules", "dist", "gql"))
    (tmp_path / "web" / "node_modules").symlink_to(ROOT / "web" / "node_modules")
    shutil.copytree(ROOT / "schema", tmp_path / "schema")
    return tmp_path


def change(copy, file, old, new):
    path = copy / "schema" / file
    text = path.read_text()
    assert old in text, f"{file} has changed: adapt this test"
    path.write_text(text.replace(old, new))


def compile_app(copy):
    environment = {**os.environ, "PATH": f"{NODE}:{os.environ['PATH']}"}
    return subprocess.run("npm run --silent codegen && npx tsc --noEmit", shell=True, cwd=copy / "web",
                          env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)


def test_a_renamed_field_is_named(copy):
    change(copy, "catalog.graphql", "  hotRowCount: Long!", "  uncommittedRowCount: Long!")
    run = compile_app(copy)
    assert run.returncode != 0
    assert 'Cannot query field "hotRowCount" on type "Table"' in run.stdout


def test_a_field_of_another_type_does_not_compile(copy):
    change(copy, "catalog.graphql", "  sizeBytes: Long!\n  fileCount", "  sizeBytes: String!\n  fileCount")
    run = compile_app(copy)
    assert run.returncode != 0
    assert "Type 'string' is not assignable to type 'number'" in run.stdout or \
        "Argument of type 'string' is not assignable to parameter of type 'number'" in run.stdout


def test_an_argument_that_became_needed_is_named(copy):
    change(copy, "dashboard.graphql", "deleteDashboard(id: ID!)", "deleteDashboard(id: ID!, version: Int!)")
    run = compile_app(copy)
    assert run.returncode != 0
    assert "version" in run.stdout
