"""Subscriptions: who may, who may not, and that what happens arrives."""
import threading
import time

import pytest

import matrix
from hub import Client
from events import events
from test_matrix import CALLERS, callers, expected, rules, stranger, world  # noqa: F401


def first_codes(client, document, variables):
    for payload in events(client, document, variables):
        return [error["extensions"]["code"] for error in payload.get("errors", [])]
    return []


@pytest.mark.parametrize("name", sorted(matrix.SUBSCRIPTIONS))
def test_denied_where_the_schema_says(name, world, callers, stranger):  # noqa: F811
    rule = rules()[f"Subscription.{name}"]
    document, variables = matrix.SUBSCRIPTIONS[name](world)
    for caller in CALLERS:
        wanted = expected(rule, caller)
        if wanted:
            assert first_codes(callers[caller], document, variables) == [wanted], (name, caller)
    if variables:  # about an object; the others are about what one's own organization has
        assert first_codes(stranger, document, variables) == ["NOT_FOUND"], name


def collect(client, document, variables, count):
    found = []

    def run():
        for payload in events(client, document, variables):
            found.append(payload)
            if len(found) == count:
                return

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    time.sleep(0.5)
    return thread, found


def test_a_commit_arrives(world, callers):  # noqa: F811
    document, variables = matrix.SUBSCRIPTIONS["tableChanged"](world)
    thread, found = collect(callers["VIEWER"], document.replace("snapshotId", "snapshotId addedRows totalRows"), variables, 1)
    snapshot = world.server.append("t", [{"a": 3, "b": "x"}], sync="true").json()["snapshot_id"]
    thread.join(10)
    assert found[0]["data"]["tableChanged"]["snapshotId"] == str(snapshot)
    assert found[0]["data"]["tableChanged"]["addedRows"] == 1


def test_a_proposal_arrives_in_its_organization_alone(world, callers, stranger):  # noqa: F811
    document, variables = matrix.SUBSCRIPTIONS["proposalChanged"](world)
    thread, found = collect(callers["VIEWER"], document, variables, 2)
    _, leaked = collect(stranger, document, variables, 1)
    proposal = world.proposal()
    callers["EDITOR"].ask('mutation($id: ID!) { rejectProposal(id: $id, reason: "no") { id } }', id=proposal)
    thread.join(10)
    assert [one["data"]["proposalChanged"]["state"] for one in found] == ["PENDING", "REJECTED"]
    assert leaked == []


def test_a_saved_dashboard_arrives(world, callers):  # noqa: F811
    document, variables = matrix.SUBSCRIPTIONS["dashboardChanged"](world)
    thread, found = collect(callers["VIEWER"], document, variables, 1)
    world.make('mutation($id: ID!) { updateDashboard(input: {id: $id, version: 1, name: "new"}) { id } }', id=variables["id"])
    thread.join(10)
    assert found[0]["data"]["dashboardChanged"]["version"] == 2


def test_a_query_tells_when_it_has_ended(world):  # noqa: F811
    run = world.make("""mutation { runQuery(input: {waitMs: 0, statement:
        "SELECT sum(a.range * b.range) FROM range(30000) a, range(10000) b"}) { id state } }""")
    states = [payload["data"]["queryProgress"]["state"]
              for payload in events(world.owner, matrix.SUBSCRIPTIONS["queryProgress"](world)[0], {"id": run["id"]}, 60)]
    assert states[-1] == "DONE" and states[0] in ("RUNNING", "DONE")


def test_a_task_tells_how_it_goes(world):  # noqa: F811
    task = world.export()["task"]["id"]
    document, _ = matrix.SUBSCRIPTIONS["taskChanged"](world)
    states = [payload["data"]["taskChanged"]["state"] for payload in events(world.owner, document, {"id": task}, 60)]
    assert states[-1] == "DONE"  # and that is the end


def test_ones_own_tasks_arrive_and_nobody_elses(world, callers):  # noqa: F811
    document = "subscription { taskChanged { id state requestedBy } }"
    thread, found = collect(world.owner, document, {}, 3)
    _, others = collect(callers["EDITOR"], document, {}, 1)
    task = world.export()["task"]["id"]
    thread.join(20)
    mine = [one["data"]["taskChanged"]["state"] for one in found if one["data"]["taskChanged"]["id"] == task]
    assert mine[0] in ("WAITING", "RUNNING") and "RUNNING" in mine
    assert others == []


@pytest.mark.parametrize("end", ["key", "account", "role"])
def test_who_is_gone_gets_nothing_more(world, end):  # noqa: F811
    account = world.account("VIEWER")
    key = world.make("mutation($i: ID!) { createKey(input: {serviceAccountId: $i}) { secret key { id } } }", i=account)
    leaver = Client(world.server.url, key["secret"])
    watched = {name: matrix.SUBSCRIPTIONS[name](world) for name in ("dashboardChanged", "tableChanged", "proposalChanged")}
    streams = {name: collect(leaver, document, variables, 2) for name, (document, variables) in watched.items()}
    if end == "key":
        world.make("mutation($id: ID!) { revokeKey(id: $id) { id } }", id=key["key"]["id"])
    elif end == "account":
        world.make("mutation($id: ID!) { deleteServiceAccount(id: $id) }", id=account)
    else:
        world.make("mutation($id: ID!) { setServiceAccountRole(id: $id, role: null) { id } }", id=account)
    world.server.append("t", [{"a": 4, "b": "after"}], sync="true")
    world.proposal()
    world.make('mutation($id: ID!) { updateDashboard(input: {id: $id, version: 1, name: "secret"}) { id } }', **watched["dashboardChanged"][1])
    for name, (thread, found) in streams.items():
        thread.join(10)
        assert not thread.is_alive() or end == "role", name  # it has ended
        assert [error["extensions"]["code"] for payload in found for error in payload.get("errors", [])], (name, found)
        assert not any((payload.get("data") or {}).get(name) for payload in found), (name, found)
