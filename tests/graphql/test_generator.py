"""graphqlgen refuses what has no C++ form, and root fields that nobody described or guarded."""
import subprocess

import pytest

from graphql_server import BIN

HEAD = "directive @auth on FIELD_DEFINITION\ndirective @value on OBJECT\n"


def generate(tmp_path, sdl):
    source = tmp_path / "api.graphql"
    source.write_text(HEAD + sdl)
    return subprocess.run([BIN / "graphqlgen", "--out", tmp_path / "out", "--prefix", "x", "--namespace", "x", source],
                          capture_output=True, text=True)


def test_a_described_and_guarded_root_field_is_fine(tmp_path):
    run = generate(tmp_path, 'type Query {\n  "A number."\n  a: Int @auth\n}\n')
    assert run.returncode == 0, run.stderr
    assert (tmp_path / "out" / "types.h").exists()


@pytest.mark.parametrize("sdl, message", [
    ("type Query {\n  a: Int @auth\n}\n", "api.graphql:4:3: the root field Query.a has no description\n"),
    ('type Query {\n  "A number."\n  a: Int\n}\n', "api.graphql:4:3: the root field Query.a has no @auth directive\n"),
    ('type Query { "A." a: Int @auth }\nextend type Mutation { b: Int }\ntype Mutation { "C." c: Int @auth }',
     "api.graphql:4:24: the root field Mutation.b has no description\n"
     "api.graphql:4:24: the root field Mutation.b has no @auth directive\n"),
    ('type Query { "A." a: S @auth }\nscalar S\n', "api.graphql:4:1: scalar S has no C++ type; name one with --scalar S=TYPE\n"),
    ('type Query { "A." a: V @auth }\ntype V @value { v: V }\n', "api.graphql:4:1: the @value V holds itself; a list of it would do\n"),
    ('type Query { "A." a: V @auth }\ntype V @value { v(b: Int): Int }\n',
     "api.graphql:4:17: V.v takes arguments, which a field of a @value cannot\n"),
    ('type Query { "A." a: Nope @auth }', 'api.graphql:3:22: Unknown type "Nope".\n'),
])
def test_what_is_refused(tmp_path, sdl, message):
    run = generate(tmp_path, sdl)
    assert run.returncode == 1
    assert run.stderr == message
