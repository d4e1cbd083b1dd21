"""What MCP shows and allows is what GraphQL does, for every role: same operations, same allow, same deny."""
import pathlib
import re
import sys

import jsonschema
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "mcp"))
from mcp_client import Mcp, McpError  # noqa: E402
from test_matrix import CALLERS, COVERS, ROWS, callers, rules, world  # noqa: E402, F401

META_TOOLS = {"search_schema", "describe", "run_query_document", "run_mutation_document"}
ROLES = [role for role in CALLERS if role != "ANONYMOUS"]


@pytest.fixture(scope="module")
def agents(world, callers):  # noqa: F811
    keys = {role: callers[role].session.headers["Authorization"].removeprefix("Bearer ") for role in COVERS}
    return {role: Mcp(world.server.url, key, "?mode=full") for role, key in keys.items()}


def root_fields(world):  # noqa: F811
    """{"tables": ("Query", hidden?), ...} by introspection, and what the schema's files hide."""
    schema = world.owner.ask("{ __schema { queryType { fields { name } } mutationType { fields { name } } } }")["__schema"]
    text = "".join(file.read_text() for file in (pathlib.Path(__file__).parents[2] / "schema").glob("*.graphql"))
    hidden = {match.group(1) for match in re.finditer(r"^  (\w+).*@tool\([^)]*hidden: true", text, re.M)}
    return {field["name"]: (root, field["name"] in hidden)
            for root, kind in (("Query", "queryType"), ("Mutation", "mutationType")) for field in schema[kind]["fields"]}


def allowed(rule, role):
    return rule in ("PUBLIC", "SIGNED_IN") or rule in COVERS[role]


def test_the_tools_are_the_operations(world, agents):  # noqa: F811
    wanted = {name for name, (_, hidden) in root_fields(world).items() if not hidden}
    assert {tool["name"] for tool in agents["OWNER"].tools()} == wanted | META_TOOLS


@pytest.mark.parametrize("role", ROLES)
def test_each_role_sees_the_tools_that_it_may_use(role, world, agents):  # noqa: F811
    known = rules()
    wanted = {name for name, (root, hidden) in root_fields(world).items() if not hidden and allowed(known[f"{root}.{name}"], role)}
    assert {tool["name"] for tool in agents[role].tools()} == wanted | META_TOOLS


@pytest.mark.parametrize("name", sorted(name for name in ROWS if name.startswith(("Query.", "Mutation."))))
def test_each_role_is_allowed_and_denied_alike(name, world, callers, agents):  # noqa: F811
    tool = "run_query_document" if name.startswith("Query.") else "run_mutation_document"
    for role in ROLES:
        codes = callers[role].codes(*ROWS[name](world))
        document, variables = ROWS[name](world)
        result = agents[role].call(tool, document=document, variables=variables)
        text = result["content"][-1]["text"] if result.get("isError") or codes else ""
        denied = {"FORBIDDEN", "UNAUTHENTICATED"} & set(codes)
        assert bool(denied) == ("(FORBIDDEN)" in text or "(UNAUTHENTICATED)" in text), (name, role, codes, text)
        assert "(INTERNAL)" not in text


def test_a_tool_that_is_not_listed_is_refused_by_the_executor(world, agents):  # noqa: F811
    assert "FORBIDDEN" in agents["VIEWER"].refused("createNamespace", catalog="lake", name="sneaky")
    assert "FORBIDDEN" in agents["INGEST"].refused("runSql", statement="SELECT 1")


def test_every_schema_is_json_schema(agents):
    for tool in agents["OWNER"].tools():
        assert re.fullmatch(r"[A-Za-z0-9_.-]{1,128}", tool["name"]) and tool["description"], tool["name"]
        for schema in (tool["inputSchema"], tool.get("outputSchema", {"type": "object"})):
            jsonschema.Draft202012Validator.check_schema(schema)
            assert schema["type"] == "object" and "$schema" not in schema


def example(schema, definitions):
    """A value that the schema takes."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rsplit("/", 1)[1]]
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "object":
        names = schema.get("required") or list(schema.get("properties", {}))[:schema.get("minProperties", 0)]
        return {name: example(schema["properties"][name], definitions) for name in names}
    if kind == "array":
        return [example(schema["items"], definitions)]
    if schema.get("format") == "date-time":
        return "2026-01-01T00:00:00.000Z"
    return {"integer": 1, "number": 1.5, "boolean": True, "string": "t"}.get(kind, {})


def test_every_reading_tool_answers_or_refuses_cleanly(world, agents):  # noqa: F811
    answered = 0
    for tool in agents["OWNER"].tools():
        if not tool["annotations"]["readOnlyHint"]:
            continue
        schema = tool["inputSchema"]
        validator = jsonschema.Draft202012Validator(schema)
        arguments = example(schema, schema.get("$defs", {}))
        validator.validate(arguments)
        for given in (arguments, {}, {**arguments, "no_such_argument": 1}):
            result = agents["OWNER"].call(tool["name"], **given)
            text = result["content"][-1]["text"]
            assert "INTERNAL" not in text and "Internal error" not in text, (tool["name"], given, text)
            if not result.get("isError"):
                answered += 1
                if "outputSchema" in tool:
                    jsonschema.Draft202012Validator(tool["outputSchema"]).validate(result["structuredContent"])
    assert answered > 30


def test_a_key_that_is_revoked_ends_the_agent(world):  # noqa: F811
    account = world.account()
    made = world.make("mutation($i: ID!) { createKey(input: {serviceAccountId: $i}) { secret key { id } } }", i=account)
    agent = Mcp(world.server.url, made["secret"])
    assert agent.data("viewer")["viewer"]["id"]
    world.make("mutation($i: ID!) { revokeKey(id: $i) { id } }", i=made["key"]["id"])
    assert agent.post("tools/list").status_code == 401
