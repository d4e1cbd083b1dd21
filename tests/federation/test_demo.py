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
