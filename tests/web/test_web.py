"""The web app as people use it: journeys in a real browser before a real server."""
import os
import pathlib
import sqlite3
import subprocess

import pytest

from firn_server import FIRN, ROOT, Firn

HERE = pathlib.Path(__file__).resolve().parent
NODE = ROOT / ".deps" / "node" / "bin" / "node"


def journey(server, name, tmp_path, timeout=180, **environment):
    """One function of journeys.mjs; its last page is in the report where it fails."""
    run = subprocess.run(
        [NODE, HERE / "journeys.mjs", name], capture_output=True, text=True, timeout=timeout,
        env={**os.environ, "FIRN_URL": server.url, "FIRN_WEB_FAILED": str(tmp_path),
             "FIRN_JOBS": f"127.0.0.1:{server.jobs_port}", **environment})
    assert run.returncode == 0, f"{run.stdout}{run.stderr}\n\nserver:\n{server.log()[-2000:]}"


def load_demo(server):
    subprocess.run([FIRN, "demo"], check=True, capture_output=True, timeout=120,
                   env={**os.environ, "FIRN_URL": server.url, "FIRN_BOOTSTRAP_KEY": server.key})


def connectable_files(folder):
    """The flag for a folder with fleet.db: five of the planes that flew."""
    folder.mkdir()
    with sqlite3.connect(folder / "fleet.db") as fleet:
        fleet.execute("CREATE TABLE planes (tailnum TEXT NOT NULL, manufacturer TEXT, model TEXT, year INTEGER, seats INTEGER)")
        fleet.executemany("INSERT INTO planes VALUES (?, ?, ?, ?, ?)", [
            ("N14228", "BOEING", "737-824", 1999, 149), ("N24211", "BOEING", "737-824", 1998, 149), ("N619AA", "BOEING", "757-223", 1990, 178),
            ("N668DN", "BOEING", "757-232", 1991, 178), ("N804JB", "AIRBUS", "A320-232", 2012, 200)])
        fleet.execute("CREATE TABLE airlines (carrier TEXT NOT NULL, name TEXT)")
        fleet.executemany("INSERT INTO airlines VALUES (?, ?)", [("UA", "United Air Lines"), ("B6", "JetBlue Airways"), ("DL", "Delta Air Lines")])
    return "--connection-files", folder


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("web")
    server = Firn(folder / "data", connectable_files(folder / "files")).start()
    load_demo(server)
    yield server
    assert server.stop() == 0, server.log()


def test_a_new_server_is_set_up_and_a_session_ends_and_begins(make_firn, tmp_path):
    journey(make_firn().start(), "first_run", tmp_path)


@pytest.mark.parametrize("name", ["browse", "query", "cancel", "trouble", "dashboard", "narrow", "past", "weight", "refresh", "conflict",
                                  "people_and_keys", "proposals", "live", "agents", "ask", "automation", "connections", "explore", "time", "ingestion", "jobs",
                                  "policies", "columns", "roll_back", "retry", "change"])
def test_journey(demo, name, tmp_path):
    journey(demo, name, tmp_path)


def test_every_page_is_accessible_in_both_schemes_and_sizes(demo, tmp_path):
    journey(demo, "accessible", tmp_path, timeout=600)


def test_every_page_has_its_picture(make_firn, tmp_path):
    """With FIRN_SCREENSHOTS set, the pictures become those of docs/images."""
    server = make_firn(*connectable_files(tmp_path / "files")).start()
    load_demo(server)
    kept = ROOT / "docs" / "images"
    pictures = kept if os.environ.get("FIRN_SCREENSHOTS") else tmp_path / "pictures"
    pictures.mkdir(exist_ok=True)
    journey(server, "screenshots", tmp_path, timeout=600, FIRN_SCREENSHOTS=str(pictures))
    made = {picture.name for picture in pictures.glob("*.png")}
    assert made and made == {picture.name for picture in kept.glob("*.png")}
    for picture in pictures.glob("*.png"):
        assert 2_000 < picture.stat().st_size < 200_000, picture


def test_pages_come_with_a_strict_policy_and_assets_that_can_be_kept(demo):
    page = demo.session.get(demo.url + "/dashboards/anything", headers={"Accept": "text/html"})
    assert page.status_code == 200 and page.headers["Content-Type"].startswith("text/html")
    policy = page.headers["Content-Security-Policy"]
    for rule in ("default-src 'self'", "script-src 'self';", "connect-src 'self'", "frame-ancestors 'none'"):
        assert rule in policy
    assert "unsafe-eval" not in policy
    assert "<style" not in page.text and "style=" not in page.text and "onclick" not in page.text
    script = page.text.split('src="/assets/')[1].split('"')[0]
    asset = demo.session.get(f"{demo.url}/assets/{script}")
    assert asset.status_code == 200 and "immutable" in asset.headers["Cache-Control"]
    assert "immutable" not in page.headers.get("Cache-Control", "")
