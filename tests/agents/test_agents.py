"""Agents: runs as tasks on an account of their own, step by step, and what becomes of what they find."""
import time

import pytest

from authorization.hub import Client
from planted import Case

CREATE = "mutation($i: CreateAgentInput!) { createAgent(input: $i) { id name serviceAccountId paused } }"
AGENT = """query($id: ID!) { agent(id: $id) { name cron paused runs { id task { state requestedBy error { code message } result }
    steps { number tool failed arguments text } } } }"""


@pytest.fixture(scope="module")
def owner(firn):
    for case in (Case(3, "SPIKE"), Case(4, "DRIVER")):
        assert firn.append(case.name, case.rows, sync="true").json()["ok"]
    return Client(firn.url, firn.key)


def make(owner, name, tables=("lake.main.case_spike_3",), **more):
    return owner.ask(CREATE, i={"name": name, "tables": list(tables), **more})["createAgent"]


def run(owner, agent):
    owner.ask("mutation($id: ID!) { runAgent(id: $id) { id state } }", id=agent["id"])
    return ended(owner, agent)


def ended(owner, agent, seconds=60):
    for _ in range(seconds * 10):
        newest = owner.ask(AGENT, id=agent["id"])["agent"]["runs"][:1]
        if newest and newest[0]["task"]["state"] not in ("WAITING", "RUNNING"):
            return newest[0]
        time.sleep(0.1)
    raise AssertionError("the run does not end")


def pending(owner):
    page = owner.ask("{ proposals(state: PENDING, first: 100) { edges { node { id title action proposedBy evidenceId arguments } } } }")
    return [edge["node"] for edge in page["proposals"]["edges"]]


def test_a_run_proposes_what_it_found_and_every_step_can_be_read(owner):
    agent = make(owner, "watcher", ("case_spike_3", "case_driver_4"))
    done = run(owner, agent)
    assert done["task"]["state"] == "DONE", done
    assert done["task"]["requestedBy"] == "agent watcher"
    steps = done["steps"]
    assert [step["number"] for step in steps] == list(range(1, len(steps) + 1))
    assert steps[0]["tool"] == "describeTable" and steps[1]["tool"] == "runSql"
    assert done["task"]["result"]["calls"] == len(steps)
    proposed = [one for one in pending(owner) if one["proposedBy"] == "agent watcher"]
    assert len(proposed) == done["task"]["result"]["proposals"] >= 2
    assert all(one["action"] == "createInsight" and one["evidenceId"] for one in proposed)
    assert any("region" in one["title"] for one in proposed)
    # What it asked stands in the history, with the run that asked it.
    history = owner.ask("{ queryHistory(first: 50, everybody: true) { edges { node { requestedBy client } } } }")["queryHistory"]["edges"]
    assert any(edge["node"]["requestedBy"] == "agent watcher" and "watcher run" in (edge["node"]["client"] or "") for edge in history), history[:3]


def test_the_same_finding_is_proposed_once_and_a_rejection_is_heard(owner):
    agent = make(owner, "again")
    first = run(owner, agent)["task"]["result"]
    mine = [one for one in pending(owner) if one["proposedBy"] == "agent again"]
    before = len(pending(owner))
    for one in mine:
        owner.ask('mutation($id: ID!) { rejectProposal(id: $id, reason: "known") { state } }', id=one["id"])
    second = run(owner, agent)["task"]["result"]
    assert second["findings"] == first["findings"] and second["proposals"] == 0
    assert len(pending(owner)) == before - len(mine)


def test_an_approved_finding_is_an_insight_whose_evidence_replays(owner):
    case_proposals = [one for one in pending(owner) if one["proposedBy"] == "agent watcher"]
    proposal = case_proposals[0]
    done = owner.ask("mutation($id: ID!) { approveProposal(id: $id) { state reason result } }", id=proposal["id"])["approveProposal"]
    assert done["state"] == "APPROVED", done
    insight = owner.ask("query($id: ID!) { insight(id: $id) { title evidenceId spec { kind } } }",
                        id=done["result"]["createInsight"]["id"])["insight"]
    assert insight["title"] == proposal["title"] and insight["evidenceId"] == proposal["evidenceId"]
    verdict = owner.ask("mutation($id: ID!) { replay(evidenceId: $id) { verdict } }", id=insight["evidenceId"])
    assert verdict["replay"]["verdict"] == "SAME"


def test_a_budget_ends_a_run(owner):
    done = run(owner, make(owner, "poor", budgetCalls=2))
    assert done["task"]["state"] == "FAILED"
    assert "budget of 2 calls" in done["task"]["error"]["message"]
    assert len(done["steps"]) == 2


def test_a_table_that_is_gone_fails_the_run_and_says_so(owner):
    done = run(owner, make(owner, "lost", ("lake.main.nothing",)))
    assert done["task"]["state"] == "FAILED" and "nothing" in done["task"]["error"]["message"]
    assert done["steps"][0]["failed"]


def test_an_account_that_lost_its_role_sees_nothing(owner):
    agent = make(owner, "demoted")
    owner.ask("mutation($id: ID!) { setServiceAccountRole(id: $id, role: INGEST) { role } }", id=agent["serviceAccountId"])
    done = run(owner, agent)
    assert done["task"]["state"] == "FAILED" and done["task"]["error"]["code"] == "FORBIDDEN"
    assert done["steps"] == []


@pytest.mark.parametrize("more,word", [
    ({"tables": []}, "1 to 20"), ({"findings": 0}, "1 to 50"), ({"budgetCalls": 0}, "10,000"),
    ({"cron": "every day"}, "five fields"), ({"cron": "0 6 * * *", "zone": "Mars/Base"}, "Mars/Base"), ({"name": ""}, "name"),
])
def test_an_agent_that_cannot_be_is_refused_and_leaves_nothing(owner, more, word):
    count = "{ agents { name } organization { serviceAccounts { totalCount } } }"
    before = owner.ask(count)
    answer = owner.post(CREATE, {"i": {"name": "wrong", "tables": ["t"], **more}})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"], answer
    assert word in answer["errors"][0]["message"], answer
    assert owner.ask(count) == before


def test_changing_and_deleting(owner):
    agent = make(owner, "brief", cron="0 6 * * *", zone="Europe/Zurich")
    update = "mutation($i: UpdateAgentInput!) { updateAgent(input: $i) { name cron paused tables } }"
    changed = owner.ask(update, i={"id": agent["id"], "paused": True, "cron": ""})["updateAgent"]
    assert changed == {"name": "brief", "cron": "", "paused": True, "tables": ["lake.main.case_spike_3"]}
    owner.ask("mutation($id: ID!) { deleteAgent(id: $id) }", id=agent["id"])
    assert owner.ask(AGENT, id=agent["id"]) == {"agent": None}
    accounts = owner.ask("{ organization { serviceAccounts(first: 100) { edges { node { name } } } } }")
    assert "agent brief" not in str(accounts)


def test_a_run_goes_on_after_a_crash_where_it_was(make_firn):
    firn = make_firn().start()
    owner = Client(firn.url, firn.key)
    cases = [Case(seed, "DRIVER") for seed in range(6)]
    for case in cases:
        assert firn.append(case.name, case.rows, sync="true").json()["ok"]
    agent = make(owner, "steady", [case.name for case in cases])
    owner.ask("mutation($id: ID!) { runAgent(id: $id) { id } }", id=agent["id"])
    for _ in range(600):
        runs = owner.ask(AGENT, id=agent["id"])["agent"]["runs"]
        if runs and len(runs[0]["steps"]) >= 10:
            break
        time.sleep(0.02)
    assert runs[0]["task"]["state"] == "RUNNING", "it has to be in the middle"
    firn.kill()
    before = runs[0]["steps"]
    firn.start()
    owner = Client(firn.url, firn.key)
    done = ended(owner, agent)
    assert done["task"]["state"] == "DONE", done["task"]
    assert done["steps"][:len(before)] == before
    # What was asked before the crash was not asked again.
    asked = [step for step in done["steps"] if step["tool"] == "runSql"]
    history = owner.ask("{ queryHistory(first: 500, everybody: true) { edges { node { requestedBy } } } }")["queryHistory"]["edges"]
    ran = [edge for edge in history if edge["node"]["requestedBy"] == "agent steady"]
    # The one that the crash cut off may stand there twice.
    assert len(asked) <= len(ran) <= len(asked) + 1
    assert done["task"]["result"]["proposals"] >= len(cases)
