"""How each root field is tried: a document, and what it needs. A field of the schema without a row
here fails the test, and so does a row without a field.

A row is a function of a World (see test_matrix.py), which makes what the call is about, afresh for
every call, with the owner's key; it gives (document, variables).
"""


def by_id(document, make):
    return lambda world: (document, {"id": make(world)})


def plain(document, **variables):
    return lambda world: (document, variables)


QUERIES = {
    "node": by_id("query($id: ID!) { node(id: $id) { id } }", lambda w: w.table()),
    "nodes": by_id("query($id: ID!) { nodes(ids: [$id]) { id } }", lambda w: w.dashboard()),
    "viewer": plain("{ viewer { id name grants { id } } }"),
    "setup": plain("{ setup { needed version } }"),
    "organization": plain("{ organization { id name environments { name } } }"),
    "catalogs": plain("{ catalogs { id name environment { name } namespaces { name } } }"),
    "catalog": plain('{ catalog(name: "lake") { id } }'),
    "table": plain('{ table(name: "t") { id rowCount refs { name } } }'),
    "tables": plain("{ tables(first: 5) { edges { node { id } } } }"),
    "queryRun": by_id("query($id: ID!) { queryRun(id: $id) { statement } }", lambda w: w.run()["id"]),
    "queryHistory": plain("{ queryHistory { edges { node { statement } } } }"),
    "validateQuery": plain('{ validateQuery(statement: "SELECT 1") { valid } }'),
    "explainQuery": plain('{ explainQuery(statement: "SELECT 1") { text } }'),
    "completions": plain('{ completions(statement: "SEL") { text } }'),
    "savedQueries": plain("{ savedQueries { totalCount } }"),
    "savedQuery": by_id("query($id: ID!) { savedQuery(id: $id) { name } }", lambda w: w.saved_query()),
    "evidence": by_id("query($id: ID!) { evidence(id: $id) { statement } }", lambda w: w.run()["evidence"]["id"]),
    "dashboards": plain("{ dashboards { totalCount } }"),
    "dashboard": by_id("query($id: ID!) { dashboard(id: $id) { name versions { totalCount } } }", lambda w: w.dashboard()),
    "charts": plain("{ charts { totalCount } }"),
    "chart": by_id("query($id: ID!) { chart(id: $id) { name } }", lambda w: w.chart()),
    "insights": plain("{ insights { totalCount } }"),
    "insight": by_id("query($id: ID!) { insight(id: $id) { title } }", lambda w: w.insight()),
    "ingestion": plain("{ ingestion { rowsAppended recentRows } }"),
    "rejectedRows": by_id("query($id: ID!) { rejectedRows(tableId: $id) { totalCount } }", lambda w: w.table()),
    "auditLog": plain("{ auditLog { edges { node { action } } } }"),
    "deployment": plain("{ deployment { version } }"),
    "authorizationRequest": plain('{ authorizationRequest(id: "none") { clientName } }'),
    "connectedPrograms": plain("{ connectedPrograms { id name } }"),
    "searchCatalog": plain('{ searchCatalog(text: "t") { name id } }'),
    "describeTable": plain('{ describeTable(name: "t") { fullName columns { name } asked { by } } }'),
    "runSql": plain('{ runSql(statement: "SELECT 1") { rows evidenceId } }'),
    "profileColumn": plain('{ profileColumn(table: "t", column: "a") { rowCount } }'),
    "comparePeriods": lambda w: ("""query($t: String!) { comparePeriods(table: $t, timeColumn: "at", measure: "count(*)",
        before: {start: "2026-01-01T00:00:00Z", end: "2026-02-01T00:00:00Z"}, after: {start: "2026-02-01T00:00:00Z", end: "2026-03-01T00:00:00Z"}) { before } }""",
        {"t": w.timed_table()}),
    "connections": plain("{ connections { id name schemas { name } } }"),
    "connection": by_id("query($id: ID!) { connection(id: $id) { name user } }", lambda w: w.connection()),
}

MUTATIONS = {
    "setUp": plain("mutation($i: SetUpInput!) { setUp(input: $i) { id } }",
                   i={"name": "Eve", "email": "eve@example.org", "password": "a long password"}),
    "signIn": lambda w: ("mutation($i: SignInInput!) { signIn(input: $i) { id } }",
                         {"i": {"email": w.name() + "@example.org", "password": "a wrong password"}}),
    "signOut": plain("mutation { signOut }"),
    "acceptInvitation": plain("mutation($i: AcceptInvitationInput!) { acceptInvitation(input: $i) { id } }",
                              i={"token": "none", "name": "Eve", "password": "a long password"}),
    "changePassword": plain('mutation { changePassword(current: "a long password", new: "another password") }'),
    "decideAuthorization": plain('mutation { decideAuthorization(id: "none", approve: false) }'),
    "disconnectProgram": plain('mutation { disconnectProgram(id: "none") }'),
    "renameMe": plain('mutation { renameMe(name: "Eve") { name } }'),
    "renameOrganization": plain('mutation { renameOrganization(name: "Acme") { name } }'),
    "createOrganization": lambda w: ("mutation($n: String!) { createOrganization(name: $n, ownerEmail: \"zoe@example.org\") { id } }",
                                     {"n": w.name()}),
    "createEnvironment": lambda w: ("mutation($n: String!) { createEnvironment(name: $n) { id } }", {"n": w.name()}),
    "deleteEnvironment": by_id("mutation($id: ID!) { deleteEnvironment(id: $id) }", lambda w: w.environment()),
    "invitePerson": lambda w: ("mutation($e: String!) { invitePerson(input: {email: $e, role: VIEWER}) { link } }",
                               {"e": w.name() + "@example.org"}),
    "revokeInvitation": by_id("mutation($id: ID!) { revokeInvitation(id: $id) }", lambda w: w.invitation()["invitation"]["id"]),
    "setPersonRole": by_id("mutation($id: ID!) { setPersonRole(id: $id, role: VIEWER) { role } }", lambda w: w.person()),
    "removePerson": by_id("mutation($id: ID!) { removePerson(id: $id) }", lambda w: w.person()),
    "createServiceAccount": lambda w: ("mutation($n: String!) { createServiceAccount(input: {name: $n, role: VIEWER}) { id } }",
                                       {"n": w.name()}),
    "setServiceAccountRole": by_id("mutation($id: ID!) { setServiceAccountRole(id: $id, role: INGEST) { role } }", lambda w: w.account()),
    "deleteServiceAccount": by_id("mutation($id: ID!) { deleteServiceAccount(id: $id) }", lambda w: w.account()),
    "createKey": by_id("mutation($id: ID!) { createKey(input: {serviceAccountId: $id}) { secret } }", lambda w: w.account()),
    "rotateKey": by_id("mutation($id: ID!) { rotateKey(id: $id) { secret } }", lambda w: w.key()),
    "revokeKey": by_id("mutation($id: ID!) { revokeKey(id: $id) { revokedAt } }", lambda w: w.key()),
    "grantRole": lambda w: ("mutation($p: ID!, $c: ID!) { grantRole(input: {principalId: $p, role: VIEWER, catalogId: $c}) { id } }",
                            {"p": w.account(), "c": "catalog:lake"}),
    "revokeGrant": by_id("mutation($id: ID!) { revokeGrant(id: $id) }", lambda w: w.grant()),
    "createCatalog": lambda w: ("mutation($e: ID!, $n: String!) { createCatalog(environmentId: $e, name: $n) { name } }",
                                {"e": w.environment(), "n": "c" + w.name()}),
    "createNamespace": lambda w: ('mutation($n: String!) { createNamespace(catalog: "lake", name: $n) { name } }', {"n": w.name()}),
    "dropNamespace": lambda w: ('mutation($n: String!) { dropNamespace(catalog: "lake", name: $n) }', {"n": w.namespace()}),
    "createTable": lambda w: ("mutation($n: String!) { createTable(input: {table: {name: $n}, columns: [{name: \"a\", type: \"long\"}]}) { id } }",
                              {"n": w.name()}),
    "renameTable": lambda w: ("mutation($id: ID!, $n: String!) { renameTable(id: $id, name: $n) { name } }", {"id": w.new_table(), "n": w.name()}),
    "dropTable": by_id("mutation($id: ID!) { dropTable(id: $id, purge: true) }", lambda w: w.new_table()),
    "setTableComment": by_id('mutation($id: ID!) { setTableComment(id: $id, comment: "c") { comment } }', lambda w: w.table()),
    "addColumn": lambda w: ("mutation($id: ID!, $n: String!) { addColumn(tableId: $id, column: {name: $n, type: \"int\"}) { id } }",
                            {"id": w.new_table(), "n": w.name()}),
    "renameColumn": by_id('mutation($id: ID!) { renameColumn(tableId: $id, fieldId: 1, name: "z") { id } }', lambda w: w.new_table()),
    "widenColumn": by_id('mutation($id: ID!) { widenColumn(tableId: $id, fieldId: 1, type: "long") { id } }', lambda w: w.new_table()),
    "setColumnComment": by_id('mutation($id: ID!) { setColumnComment(tableId: $id, fieldId: 1, comment: "c") { id } }', lambda w: w.new_table()),
    "dropColumn": by_id("mutation($id: ID!) { dropColumn(tableId: $id, fieldId: 2) { id } }", lambda w: w.new_table()),
    "rollBackTable": lambda w: ("mutation($id: ID!, $s: ID!) { rollBackTable(tableId: $id, snapshotId: $s) { id } }",
                                {"id": w.table(), "s": w.snapshot()}),
    "createTag": lambda w: ("mutation($id: ID!, $n: String!, $s: ID!) { createTag(tableId: $id, name: $n, snapshotId: $s) { name } }",
                            {"id": w.table(), "n": w.name(), "s": w.snapshot()}),
    "createBranch": lambda w: ("mutation($id: ID!, $n: String!, $s: ID!) { createBranch(tableId: $id, name: $n, snapshotId: $s) { name } }",
                               {"id": w.table(), "n": w.name(), "s": w.snapshot()}),
    "dropRef": lambda w: ("mutation($id: ID!, $n: String!) { dropRef(tableId: $id, name: $n) }", {"id": w.table(), "n": w.tag()}),
    "setPolicy": lambda w: ("mutation($i: SetPolicyInput!) { setPolicy(input: $i) { id } }",
                            {"i": {"tableId": w.new_table(), "name": "p", "roles": ["VIEWER"], "rowFilter": "a > 1"}}),
    "removePolicy": by_id("mutation($id: ID!) { removePolicy(id: $id) }", lambda w: w.policy()),
    "runQuery": plain('mutation { runQuery(input: {statement: "SELECT 1"}) { state } }'),
    "cancelQuery": lambda w: ("mutation($id: ID!) { cancelQuery(id: $id) { state } }", {"id": w.run()["id"]}),
    "saveQuery": lambda w: ("mutation($n: String!) { saveQuery(input: {name: $n, statement: \"SELECT 1\"}) { id } }", {"n": w.name()}),
    "updateSavedQuery": by_id('mutation($id: ID!) { updateSavedQuery(input: {id: $id, name: "n"}) { version } }', lambda w: w.saved_query()),
    "deleteSavedQuery": by_id("mutation($id: ID!) { deleteSavedQuery(id: $id) }", lambda w: w.saved_query()),
    "replay": by_id("mutation($id: ID!) { replay(evidenceId: $id) { verdict } }", lambda w: w.run()["evidence"]["id"]),
    "pinEvidence": by_id("mutation($id: ID!) { pinEvidence(id: $id) { pinned } }", lambda w: w.run()["evidence"]["id"]),
    "unpinEvidence": by_id("mutation($id: ID!) { unpinEvidence(id: $id) { pinned } }", lambda w: w.run()["evidence"]["id"]),
    "createDashboard": lambda w: ("mutation($n: String!) { createDashboard(input: {name: $n}) { id } }", {"n": w.name()}),
    "updateDashboard": by_id("mutation($id: ID!) { updateDashboard(input: {id: $id, version: 1, name: \"n\"}) { version } }", lambda w: w.dashboard()),
    "restoreDashboard": by_id("mutation($id: ID!) { restoreDashboard(id: $id, version: 1) { version } }", lambda w: w.dashboard()),
    "deleteDashboard": by_id("mutation($id: ID!) { deleteDashboard(id: $id) }", lambda w: w.dashboard()),
    "createChart": lambda w: ("mutation($n: String!) { createChart(input: {name: $n, statement: \"SELECT 1\", spec: {kind: BAR}}) { id } }", {"n": w.name()}),
    "updateChart": by_id('mutation($id: ID!) { updateChart(input: {id: $id, name: "n"}) { name } }', lambda w: w.chart()),
    "deleteChart": by_id("mutation($id: ID!) { deleteChart(id: $id) }", lambda w: w.chart()),
    "createInsight": plain('mutation { createInsight(input: {title: "t", narrative: "n"}) { id } }'),
    "archiveInsight": by_id("mutation($id: ID!) { archiveInsight(id: $id) { archived } }", lambda w: w.insight()),
    "createConnection": lambda w: ("mutation($e: ID!, $n: String!) { createConnection(input: {environmentId: $e, name: $n, kind: SQLITE, "
                                   "path: \"shop.sqlite\"}) { id } }", {"e": w.environment(), "n": w.name()}),
    "updateConnection": by_id('mutation($id: ID!) { updateConnection(input: {id: $id, description: "d"}) { id } }', lambda w: w.connection()),
    "deleteConnection": by_id("mutation($id: ID!) { deleteConnection(id: $id) }", lambda w: w.connection()),
    "testConnection": by_id("mutation($id: ID!) { testConnection(id: $id) { status { ok } } }", lambda w: w.connection()),
    "refreshConnection": by_id("mutation($id: ID!) { refreshConnection(id: $id) { refreshedAt } }", lambda w: w.connection()),
    "replayRejectedRows": by_id("mutation($id: ID!) { replayRejectedRows(tableId: $id, ids: []) { accepted } }", lambda w: w.table()),
}

# Tried over WebSocket by tests/authorization/test_subscriptions.py.
SUBSCRIPTIONS = {
    "tableChanged": by_id("subscription($id: ID!) { tableChanged(tableId: $id) { snapshotId } }", lambda w: w.table()),
    "dashboardChanged": by_id("subscription($id: ID!) { dashboardChanged(id: $id) { version } }", lambda w: w.dashboard()),
    "queryProgress": by_id("subscription($id: ID!) { queryProgress(id: $id) { state } }", lambda w: w.run()["id"]),
}

# Fields below the roots that have a rule of their own.
FIELDS = {
    "Organization.people": plain("{ organization { people { totalCount } } }"),
    "Organization.invitations": plain("{ organization { invitations { id } } }"),
    "Organization.serviceAccounts": plain("{ organization { serviceAccounts { totalCount } } }"),
    "Organization.grants": plain("{ organization { grants { id } } }"),
    "Table.policies": plain('{ table(name: "t") { policies { id } } }'),
}

# Where an object belongs to whoever made it, others with the role get what a stranger gets.
OWN_OBJECTS = {"queryRun", "cancelQuery", "queryProgress"}
# Allowed by the rule, refused for another reason that has the same code.
REFUSED_LATER = {"setUp": "FORBIDDEN", "signIn": "UNAUTHENTICATED"}
