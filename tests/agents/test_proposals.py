"""From a proposal to its effect: who may, what is recorded, what is refused."""
import pathlib
import sys
import threading

import pytest

from authorization.hub import Client

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "mcp"))
from mcp_client import Mcp  # noqa: E402

PROPOSE = "mutation($i: ProposeInput!) { propose(input: $i) { id state proposedBy } }"
APPROVE = "mutation($id: ID!) { approveProposal(id: $id) { state decidedBy reason result } }"
INSIGHT = {"title": "Delays rise in the evening", "narrative": "24.8 minutes at 19 h.", "action": "createInsight",
           "arguments": {"input": {"title": "Delays rise in the evening", "narrative": "24.8 minutes at 19 h."}}}


@pytest.fixture(scope="module")
def owner(firn):
    assert firn.append("t", [{"a": 1}], sync="true").json()["ok"]
    return Client(firn.url, firn.key)


@pytest.fixture(scope="module")
def clients(firn, owner):
    def make(role):
        account = owner.ask("mutation($i: CreateServiceAccountInput!) { createServiceAccount(input: $i) { id } }",
                            i={"name": f"a {role}", "role": role})["createServiceAccount"]["id"]
        secret = owner.ask("mutation($id: ID!) { createKey(input: {serviceAccountId: $id}) { secret } }", id=account)["createKey"]["secret"]
        return Client(firn.url, secret)
    return {role: make(role) for role in ("VIEWER", "EDITOR", "ADMIN")}


def propose(client, **changed):
    return client.ask(PROPOSE, i={**INSIGHT, **changed})["propose"]["id"]


def test_an_insight_goes_from_proposal_to_approval_to_effect(clients, owner):
    evidence = clients["VIEWER"].ask('{ runSql(statement: "SELECT count(*) FROM lake.main.t") { evidenceId } }')["runSql"]["evidenceId"]
    arguments = {"input": {**INSIGHT["arguments"]["input"], "evidenceId": evidence}}
    proposal = propose(clients["VIEWER"], arguments=arguments, evidenceId=evidence)
    assert owner.ask("query($id: ID!) { proposal(id: $id) { state evidenceId } }", id=proposal)["proposal"] == {
        "state": "PENDING", "evidenceId": evidence}
    done = clients["EDITOR"].ask(APPROVE, id=proposal)["approveProposal"]
    assert (done["state"], done["decidedBy"], done["reason"]) == ("APPROVED", "a EDITOR", None)
    made = done["result"]["createInsight"]
    insight = owner.ask("query($id: ID!) { insight(id: $id) { title createdBy evidenceId } }", id=made["id"])["insight"]
    # It is the approver's, who stands for it.
    assert insight == {"title": INSIGHT["title"], "createdBy": "a EDITOR", "evidenceId": evidence}
    log = owner.ask("{ auditLog(first: 10) { edges { node { action principalName client objects error } } } }")["auditLog"]["edges"]
    actions = [(edge["node"]["action"], edge["node"]["principalName"]) for edge in log]
    assert actions[:3] == [("approveProposal", "a EDITOR"), ("createInsight", "a EDITOR"), ("propose", "a VIEWER")]
    # Which proposal it was made for stands with the change.
    assert proposal.split(":")[-1] in log[1]["node"]["client"] or "proposal" in log[1]["node"]["client"]


def test_the_same_by_mcp(firn, clients, owner):
    agent, editor = (Mcp(firn.url, clients[role].session.headers["Authorization"].removeprefix("Bearer "), "?mode=full") for role in ("VIEWER", "EDITOR"))
    evidence = agent.data("runSql", statement="SELECT count(*) FROM lake.main.t")["runSql"]["evidenceId"]
    made = agent.data("propose", input={**INSIGHT, "title": "by MCP", "evidenceId": evidence})["propose"]
    assert made["state"] == "PENDING"
    # A viewer has no such tool, and the name alone does not help.
    assert "approveProposal" not in {tool["name"] for tool in agent.tools()}
    assert agent.refused("approveProposal", id=made["id"])
    assert made["id"] in {proposal["id"] for proposal in (edge["node"] for edge in editor.data(
        "proposals", state="PENDING", fields="edges { node { id title narrative evidenceId } }")["proposals"]["edges"])}
    done = editor.data("approveProposal", id=made["id"], fields="state decidedBy result")["approveProposal"]
    assert (done["state"], done["decidedBy"]) == ("APPROVED", "a EDITOR")
    insight = editor.data("insight", id=done["result"]["createInsight"]["id"], fields="title createdBy")["insight"]
    assert insight == {"title": INSIGHT["title"], "createdBy": "a EDITOR"}
    log = [edge["node"] for edge in owner.ask("{ auditLog(first: 10) { edges { node { action principalName client } } } }")["auditLog"]["edges"]]
    assert [(entry["action"], entry["principalName"]) for entry in log if entry["action"] in ("approveProposal", "createInsight", "propose")][:3] == [
        ("approveProposal", "a EDITOR"), ("createInsight", "a EDITOR"), ("propose", "a VIEWER")]
    assert all("mcp" in entry["client"].lower() or "proposal" in entry["client"] for entry in log[:2]), log[:2]


def test_who_proposes_does_not_decide(clients):
    proposal = propose(clients["EDITOR"])
    assert clients["EDITOR"].codes(APPROVE, {"id": proposal}) == ["FORBIDDEN"]
    assert clients["EDITOR"].codes('mutation($id: ID!) { rejectProposal(id: $id, reason: "x") { state } }', {"id": proposal}) == ["FORBIDDEN"]
    assert clients["VIEWER"].codes(APPROVE, {"id": proposal}) == ["FORBIDDEN"]
    assert clients["ADMIN"].ask(APPROVE, id=proposal)["approveProposal"]["state"] == "APPROVED"


def test_approval_gives_no_right_that_the_approver_has_not(clients, owner):
    proposal = propose(clients["VIEWER"], action="createServiceAccount",
                       arguments={"input": {"name": "mine", "role": "OWNER"}})
    done = clients["EDITOR"].ask(APPROVE, id=proposal)["approveProposal"]
    assert done["state"] == "FAILED" and "role" in done["reason"], done
    names = owner.ask("{ organization { serviceAccounts { edges { node { name } } } } }")
    assert "mine" not in str(names)


def test_a_rejection_has_a_reason_and_is_final(clients):
    proposal = propose(clients["VIEWER"])
    reject = "mutation($id: ID!, $r: String!) { rejectProposal(id: $id, reason: $r) { state reason decidedBy } }"
    assert clients["ADMIN"].codes(reject, {"id": proposal, "r": ""}) == ["BAD_USER_INPUT"]
    assert clients["ADMIN"].ask(reject, id=proposal, r="known")["rejectProposal"] == {
        "state": "REJECTED", "reason": "known", "decidedBy": "a ADMIN"}
    assert clients["EDITOR"].codes(APPROVE, {"id": proposal}) == ["CONFLICT"]


def test_of_many_who_approve_at_once_one_does(clients, owner):
    proposal = propose(clients["VIEWER"], action="createDashboard", arguments={"input": {"name": "once"}})
    outcomes = []

    def approve(role):
        outcomes.append(clients[role].codes(APPROVE, {"id": proposal}))
    threads = [threading.Thread(target=approve, args=(role,)) for role in ("EDITOR", "ADMIN") * 4]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(outcomes) == [[]] + [["CONFLICT"]] * 7
    assert owner.ask('{ dashboards(search: "once") { totalCount } }')["dashboards"]["totalCount"] == 1


@pytest.mark.parametrize("changed,word", [
    ({"action": "createInsigt"}, "createInsight"),
    ({"action": "insights"}, "no mutation"),
    ({"action": "approveProposal", "arguments": {"id": "x"}}, "cannot be proposed"),
    ({"arguments": {}}, "needs the argument"),
    ({"arguments": {"input": {"title": 1, "narrative": "x"}}}, "input.title"),
    ({"arguments": {"input": {"title": "a", "narrative": "x", "colour": "red"}}}, "colour"),
    ({"arguments": [1]}, "object"),
    ({"arguments": {"other": 1, "input": INSIGHT["arguments"]["input"]}}, "other"),
    ({"title": ""}, "title"),
    ({"title": "x" * 301}, "title"),
])
def test_what_could_never_be_done_cannot_be_proposed(clients, changed, word):
    answer = clients["VIEWER"].post(PROPOSE, {"i": {**INSIGHT, **changed}})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"], answer
    assert word in answer["errors"][0]["message"], answer


def test_proposals_survive_a_restart(make_firn):
    firn = make_firn().start()
    proposal = propose(Client(firn.url, firn.key))
    firn.kill()
    firn.start()
    page = Client(firn.url, firn.key).ask("{ proposals(state: PENDING) { totalCount edges { node { id title arguments } } } }")["proposals"]
    assert page["totalCount"] == 1
    assert page["edges"][0]["node"] == {"id": proposal, "title": INSIGHT["title"], "arguments": INSIGHT["arguments"]}
