"""Every root field and every field with a rule, as every role, against what @auth in the schema says."""
import itertools
import pathlib
import re
import sqlite3

import pytest

from hub import Client
import matrix

ROOT = pathlib.Path(__file__).resolve().parents[2]
COVERS = {"OWNER": {"OWNER", "ADMIN", "EDITOR", "VIEWER", "INGEST", "ENGINE"}, "ADMIN": {"ADMIN", "EDITOR", "VIEWER", "INGEST"},
          "EDITOR": {"EDITOR", "VIEWER", "INGEST"}, "VIEWER": {"VIEWER"}, "INGEST": {"INGEST"}, "ENGINE": {"ENGINE", "VIEWER"}, "NONE": set()}
CALLERS = [*COVERS, "ANONYMOUS"]


def rules():
    """{"Query.node": "SIGNED_IN", "Mutation.dropTable": "EDITOR", ...}: every field with @auth."""
    found = {}
    for file in sorted((ROOT / "schema").glob("*.graphql")):
        kind = field = None
        for line in file.read_text().splitlines():
            start = re.match(r"(?:extend )?type (\w+)", line)
            if start:
                kind = start.group(1)
            # A field's arguments may stand on lines of their own; the rule is on the last.
            field = re.match(r"  (\w+)[(:]", line) or (field if line.startswith("  )") or line.startswith("    ") else None)
            rule = re.search(r"@auth\((?:role|scope): (\w+)\)", line)
            if kind and field and rule:
                found[f"{kind}.{field.group(1)}"] = rule.group(1)
            if line.startswith("}"):
                kind = None
    return found


class World:
    """Makes what calls are about."""

    counter = itertools.count()

    def __init__(self, server):
        self.server = server
        self.owner = Client(server.url, server.key)
        for rows in ([{"a": 1, "b": "secret-row"}], [{"a": 2, "b": "secret-row"}]):
            assert server.append("t", rows, sync="true").json()["ok"]

    def name(self):
        return f"n{next(self.counter)}"

    def make(self, document, **variables):
        return next(iter(self.owner.ask(document, **variables).values()))

    def table(self):
        return self.make('{ table(name: "t") { id } }')["id"]

    def timed_table(self):
        name = self.name()
        assert self.server.append(name, [{"at": "2026-01-05T00:00:00Z", "a": 1}], sync="true").json()["ok"]
        return name

    def snapshot(self):
        return self.make('{ table(name: "t") { currentSnapshot { id } } }')["currentSnapshot"]["id"]

    def tag(self):
        name = self.name()
        self.make("mutation($i: ID!, $n: String!, $s: ID!) { createTag(tableId: $i, name: $n, snapshotId: $s) { name } }",
                  i=self.table(), n=name, s=self.snapshot())
        return name

    def new_table(self):
        return self.make("""mutation($n: String!) { createTable(input: {table: {name: $n}, columns: [
            {name: "a", type: "int"}, {name: "b", type: "string"}]}) { id } }""", n=self.name())["id"]

    def namespace(self):
        return self.make('mutation($n: String!) { createNamespace(catalog: "lake", name: $n) { name } }', n=self.name())["name"]

    def environment(self):
        return self.make("mutation($n: String!) { createEnvironment(name: $n) { id } }", n=self.name())["id"]

    def connection(self):
        # One for all: an organization has a hundred at most.
        self.connected = getattr(self, "connected", None) or self.environment()
        return self.make("""mutation($e: ID!, $n: String!) { createConnection(input: {environmentId: $e, name: $n, kind: SQLITE,
            path: "shop.sqlite"}) { id } }""", e=self.connected, n=self.name())["id"]

    def run(self):
        return self.make('mutation { runQuery(input: {statement: "SELECT * FROM lake.main.t"}) { id evidence { id } } }')

    def saved_query(self):
        return self.make('mutation($n: String!) { saveQuery(input: {name: $n, statement: "SELECT 1"}) { id } }', n=self.name())["id"]

    def dashboard(self):
        return self.make("mutation($n: String!) { createDashboard(input: {name: $n}) { id } }", n=self.name())["id"]

    def chart(self):
        return self.make('mutation($n: String!) { createChart(input: {name: $n, statement: "SELECT 1", spec: {kind: BAR}}) { id } }',
                         n=self.name())["id"]

    def insight(self):
        return self.make('mutation { createInsight(input: {title: "secret-title", narrative: "n"}) { id } }')["id"]

    def invitation(self, role="VIEWER"):
        return self.make("mutation($e: String!, $r: Role!) { invitePerson(input: {email: $e, role: $r}) { link invitation { id } } }",
                         e=self.name() + "@example.org", r=role)

    def person(self):
        token = self.invitation()["link"].split("#")[1]
        return Client(self.server.url).ask("mutation($i: AcceptInvitationInput!) { acceptInvitation(input: $i) { id } }",
                                           i={"token": token, "name": "P", "password": "a long password"})["acceptInvitation"]["id"]

    def account(self, role="VIEWER"):
        return self.make("mutation($n: String!, $r: Role) { createServiceAccount(input: {name: $n, role: $r}) { id } }",
                         n=self.name(), r=role)["id"]

    def key(self, account=None):
        return self.make("mutation($i: ID!) { createKey(input: {serviceAccountId: $i}) { key { id } } }", i=account or self.account())["key"]["id"]

    def secret(self, role):
        return self.make("mutation($i: ID!) { createKey(input: {serviceAccountId: $i}) { secret } }", i=self.account(role))["secret"]

    def grant(self):
        return self.make('mutation($p: ID!) { grantRole(input: {principalId: $p, role: VIEWER, catalogId: "catalog:lake"}) { id } }',
                         p=self.account())["id"]

    def job(self):
        return self.make("""mutation { pushJob(input: {type: "secret-type", args: ["secret-argument"],
            at: "2090-01-01T00:00:00Z"}) { id } }""")["id"]

    def agent(self):
        return self.make('mutation($n: String!) { createAgent(input: {name: $n, tables: ["secret-table"]}) { id } }', n=self.name())["id"]

    def agent_memory(self):
        return self.make('mutation($a: ID!) { addAgentMemory(input: {agentId: $a, text: "m"}) { id } }', a=self.agent())["id"]

    def change(self):
        return self.make("""mutation($t: String!) { stageChange(input: {table: $t, mode: APPEND,
            statement: "SELECT now() AS at, 2 AS a -- secret"}) { id } }""", t=self.timed_table())["id"]

    def proposal(self):
        """Of somebody who decides nothing, so that all others may."""
        if not hasattr(self, "proposer"):
            account = self.make('mutation($n: String!) { createServiceAccount(input: {name: $n, role: VIEWER}) { id } }', n=self.name())["id"]
            secret = self.make("mutation($id: ID!) { createKey(input: {serviceAccountId: $id}) { secret } }", id=account)["secret"]
            self.proposer = Client(self.server.url, secret)
        return self.proposer.ask("""mutation($i: ProposeInput!) { propose(input: $i) { id } }""", i={
            "title": "secret title", "action": "archiveInsight", "arguments": {"id": self.insight()}})["propose"]["id"]

    def export(self):
        return self.make("""mutation { exportQuery(input: {statement: "SELECT 'secret-row'"}) { id task { id } } }""")

    def scheduled_query(self):
        return self.make("""mutation($n: String!) { setScheduledQuery(input: {name: $n, statement: "SELECT 'secret-row'",
            plan: {cron: "0 0 1 1 *"}}) { id } }""", n="secret-" + self.name())["id"]

    def refreshed_dashboard(self):
        dashboard = self.dashboard()
        self.make('mutation($id: ID!) { setDashboardRefresh(dashboardId: $id, plan: {cron: "0 0 1 1 *"}) { plan { cron } } }', id=dashboard)
        return dashboard

    def alert(self):
        return self.make("""mutation($n: String!) { setAlert(input: {name: $n, statement: "SELECT 1", condition: ABOVE,
            threshold: 5, plan: {cron: "0 0 1 1 *"}}) { id } }""", n="secret-" + self.name())["id"]

    def channel(self):
        return self.make("""mutation($n: String!) { createChannel(input: {name: $n, kind: EMAIL,
            to: ["secret@example.org"]}) { channel { id } } }""", n=self.name())["channel"]["id"]

    def schedule(self):
        return self.make("""mutation($n: String!) { setJobSchedule(input: {name: $n, cron: "0 0 1 1 *",
            type: "secret-type"}) { name } }""", n=self.name())["name"]

    def policy(self):
        return self.make("mutation($i: SetPolicyInput!) { setPolicy(input: $i) { id } }",
                         i={"tableId": self.new_table(), "name": "p", "roles": ["VIEWER"], "rowFilter": "a > 1"})["id"]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    from firn_server import Firn
    # The first person is made here, so that setUp is closed.
    folder = tmp_path_factory.mktemp("matrix")
    (folder / "files").mkdir()
    with sqlite3.connect(folder / "files" / "shop.sqlite") as shop:
        shop.execute("CREATE TABLE secret_orders (id INTEGER)")
    server = Firn(folder / "data", ("--connection-files", folder / "files"),
                  {"FIRN_ADMIN_EMAIL": "owner@example.org", "FIRN_ADMIN_PASSWORD": "a long password"}).start()
    yield World(server)
    assert server.stop() == 0, server.log()


@pytest.fixture(scope="module")
def callers(world):
    clients = {role: Client(world.server.url, world.secret(role if role != "NONE" else None)) for role in COVERS}
    return {**clients, "ANONYMOUS": Client(world.server.url)}


@pytest.fixture(scope="module")
def stranger(world):
    """The owner of another organization on the same server."""
    made = world.make('mutation { createOrganization(name: "Other", ownerEmail: "zoe@other.org") { invitation { link } } }')
    client = Client(world.server.url)
    client.ask("mutation($i: AcceptInvitationInput!) { acceptInvitation(input: $i) { id } }",
               i={"token": made["invitation"]["link"].split("#")[1], "name": "Zoe", "password": "a long password"})
    client.session.headers["X-Firn-CSRF"] = client.session.cookies["firn_csrf"]
    return client


ROWS = {**{f"Query.{name}": row for name, row in matrix.QUERIES.items()},
        **{f"Mutation.{name}": row for name, row in matrix.MUTATIONS.items()}, **matrix.FIELDS}


def test_every_rule_has_a_row():
    subscriptions = {f"Subscription.{name}" for name in matrix.SUBSCRIPTIONS}
    assert set(rules()) == set(ROWS) | subscriptions


def expected(rule, caller):
    if rule == "PUBLIC":
        return None
    if caller == "ANONYMOUS":
        return "UNAUTHENTICATED"
    return None if rule == "SIGNED_IN" or rule in COVERS[caller] else "FORBIDDEN"


@pytest.mark.parametrize("name", sorted(ROWS))
def test_each_role_may_what_the_schema_says(name, world, callers):
    rule = rules()[name]
    field = name.split(".")[1]
    for caller in CALLERS:
        document, variables = ROWS[name](world)
        codes = callers[caller].codes(document, variables)
        wanted = expected(rule, caller)
        if field in matrix.REFUSED_LATER:
            assert codes == [matrix.REFUSED_LATER[field]], (name, caller)
        elif wanted is None:
            assert not {"FORBIDDEN", "UNAUTHENTICATED", "INTERNAL"} & set(codes), (name, caller, codes)
        else:
            assert codes == [wanted], (name, caller)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_another_organization_sees_and_changes_nothing(name, world, stranger):
    field = name.split(".")[1]
    document, variables = ROWS[name](world)
    answer = stranger.post(document, variables) if field != "signOut" else {}
    text = str(answer)
    assert "secret" not in text, answer
    ours = [value for value in variables.values() if isinstance(value, str) and ":" in value and "@" not in value]
    if not ours:
        return
    codes = [error["extensions"]["code"] for error in answer.get("errors", [])]
    data = answer.get("data") or {}
    value = data.get(field) if name.startswith("Query") else None
    is_nothing = value is None or value == [None]
    assert (not codes and is_nothing) or set(codes) <= {"NOT_FOUND", "BAD_USER_INPUT"}, (name, answer)


def test_ids_of_another_organization_look_like_none(world, stranger):
    for real in (world.table(), world.dashboard(), world.run()["id"], world.account(), world.key(), world.insight(), world.policy()):
        kind = real.split(":")[0]
        made_up = kind + ":00000000-0000-4000-8000-000000000000"
        documents = ["query($id: ID!) { node(id: $id) { id } }"]
        if kind == "table":
            documents += ["mutation($id: ID!) { dropTable(id: $id) }", "query($id: ID!) { rejectedRows(tableId: $id) { totalCount } }"]
        for document in documents:
            answers = [str(stranger.post(document, {"id": id})).replace(id, "ID") for id in (real, made_up)]
            assert answers[0] == answers[1], document


def test_catalogs_of_the_same_name_do_not_meet(world, stranger):
    environment = stranger.ask("{ organization { environments { id } } }")["organization"]["environments"][0]["id"]
    made = stranger.ask('mutation($e: ID!) { createCatalog(environmentId: $e, name: "lake") { name } }', e=environment)
    assert made["createCatalog"]["name"] == "lake"
    stranger.ask('mutation { createTable(input: {table: {name: "mine"}, columns: [{name: "a", type: "long"}]}) { id } }')
    names = [edge["node"]["fullName"] for edge in stranger.ask("{ tables { edges { node { fullName } } } }")["tables"]["edges"]]
    assert names == ["lake.main.mine"]
    assert stranger.ask('{ table(name: "t") { id } }')["table"] is None
    codes = stranger.post('mutation { runQuery(input: {statement: "SELECT * FROM lake.main.t", waitMs: 20000}) { state error { code } } }')
    assert codes["data"]["runQuery"]["error"]["code"] == "NOT_FOUND", codes
    ours = world.owner.ask('{ table(name: "t") { location } }')["table"]["location"]
    theirs = stranger.ask('{ table(name: "mine") { location } }')["table"]["location"]
    assert ours.rsplit("/", 1)[0] != theirs.rsplit("/", 1)[0]


def test_every_change_is_in_the_audit_log(world):
    entries, after = set(), None
    while True:
        page = world.owner.ask("query($a: String) { auditLog(first: 500, after: $a) { edges { node { action } } pageInfo { hasNextPage endCursor } } }",
                               a=after)["auditLog"]
        entries |= {edge["node"]["action"] for edge in page["edges"]}
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    # A query is in the history instead; and of these nothing was ever done here.
    never = {"runQuery", "setUp", "signIn", "signOut"}
    assert set(matrix.MUTATIONS) - never <= entries, set(matrix.MUTATIONS) - entries
