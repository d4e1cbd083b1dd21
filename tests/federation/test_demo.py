"""What `./dev run` shows: planes and airlines in a PostgreSQL that the demo starts, flights in the lake."""
import subprocess

import pytest

from firn_server import FIRN, ROOT, Firn
from hub import Client

STATEMENT = """SELECT a.name AS airline, count(*) AS flights, sum(p.seats)::bigint AS seats FROM lake.main.flights f
    JOIN pg.public.planes p USING (tailnum) JOIN pg.public.airlines a USING (carrier)
    WHERE f.dest = 'SFO' GROUP BY ALL ORDER BY seats DESC LIMIT 2"""
ROWS = [["United Air Lines Inc.", 6475, 1130206], ["Virgin America", 2197, 387176]]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    tool = ROOT / "tools" / "demo_database"
    server = Firn(folder / "data", ("--connection-hosts-allowed", "127.0.0.1")).start()

    def load():
        port = subprocess.run([tool, "start", folder / "postgres", ROOT / ".deps" / "demo"], check=True, text=True, stdout=subprocess.PIPE).stdout
        done = subprocess.run([FIRN, "demo", "--url", server.url, "--database", port.strip(), "--password-file", folder / "postgres" / "password"],
                              env={"FIRN_KEY": server.key}, text=True, stderr=subprocess.PIPE)
        assert done.returncode == 0, done.stderr
        return done.stderr

    assert "connected planes" in load()
    yield server, load, lambda: subprocess.run([tool, "stop", folder / "postgres"], check=True)
    subprocess.run([tool, "stop", folder / "postgres"], check=True)
    assert server.stop() == 0, server.log()


def test_flights_are_joined_with_planes_by_query_and_by_graphql(demo):
    server, load, stop = demo
    assert server.query(STATEMENT) == ROWS
    run = Client(server.url, server.key).ask("mutation($s: String!) { runQuery(input: {statement: $s, waitMs: 60000}) { result { rows } } }",
                                             s=STATEMENT)["runQuery"]
    assert run["result"]["rows"] == ROWS


def test_the_second_start_finds_everything_there(demo):
    server, load, stop = demo
    stop()
    assert "connected already" in load()
    assert server.query(STATEMENT) == ROWS


REPLAY = "mutation($i: ID!, $a: ReplayAgainst!) { replay(evidenceId: $i, against: $a) { verdict } }"


def test_the_demo_ends_with_facts_that_replay(demo):
    server, load, stop = demo
    owner = Client(server.url, server.key)
    proposals = [edge["node"] for edge in owner.ask("""{ proposals(first: 100) { edges { node { id title state action proposedBy evidenceId } } } }""")
                 ["proposals"]["edges"]]
    assert {proposal["proposedBy"] for proposal in proposals} == {"agent flight delays"}
    titles = "\n".join(proposal["title"] for proposal in proposals)
    # What is known of these flights: late in the evening, by EWR, by some carriers, in the rain.
    for fact in ("dep_delay depends on hour: 24.8 where it is 19", "dep_delay depends on carrier", "dep_delay depends on origin: 15.1 where it is EWR, 11.3 elsewhere",
                 "dep_delay depends on precip of lake.main.weather: 30.9 where it is above 0, 11.4 elsewhere"):
        assert fact in titles, titles
    for proposal in proposals:
        done = owner.ask("mutation($i: ID!) { approveProposal(id: $i) { state reason } }", i=proposal["id"])["approveProposal"]
        assert done["state"] == "APPROVED", done
    insights = [edge["node"] for edge in owner.ask("{ insights(first: 100) { edges { node { title evidenceId } } } }")["insights"]["edges"]]
    assert {insight["title"] for insight in insights} >= {proposal["title"] for proposal in proposals}
    for insight in insights:
        assert owner.ask(REPLAY, i=insight["evidenceId"], a="SNAPSHOT")["replay"]["verdict"] == "SAME", insight
        assert owner.ask(REPLAY, i=insight["evidenceId"], a="NOW")["replay"]["verdict"] == "SAME", insight
    late = [{"year": 2014, "month": 1, "day": 1, "hour": 19, "carrier": "UA", "origin": "EWR", "dest": "XXX", "dep_delay": 900} for _ in range(1000)]
    assert server.append("flights", late, sync="true").json()["ok"]
    by_hour = next(insight for insight in insights if insight["title"].startswith("dep_delay depends on hour"))
    assert owner.ask(REPLAY, i=by_hour["evidenceId"], a="SNAPSHOT")["replay"]["verdict"] == "SAME"
    assert owner.ask(REPLAY, i=by_hour["evidenceId"], a="NOW")["replay"]["verdict"] == "CHANGED"
