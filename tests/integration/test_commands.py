"""The firn command as people use it."""
import json
import os
import subprocess

from firn_server import FIRN, ROOT


def run(*arguments, firn=None, **environment):
    env = {**os.environ, **environment}
    if firn:
        env.update(FIRN_URL=firn.url, FIRN_KEY=firn.key)
    return subprocess.run([FIRN, *arguments], env=env, capture_output=True, text=True, timeout=120)


def test_version_help_and_completion():
    assert run("--version").stdout.startswith("firn 0.")
    assert "firn serve" in run("--help").stdout
    assert "--data-dir" in run("serve", "--help").stdout
    script = run("completion", "bash").stdout
    assert subprocess.run(["bash", "-n"], input=script, text=True).returncode == 0


def test_demo_query_tables_and_doctor(firn):
    loaded = run("demo", firn=firn)
    assert loaded.returncode == 0, loaded.stderr
    assert "336776 rows" in loaded.stderr
    again = run("demo", firn=firn)
    assert again.returncode == 0 and "is there already" in again.stderr
    listing = run("tables", firn=firn)
    assert "lake.main.flights" in listing.stdout and "336776" in listing.stdout
    sql = "SELECT origin, count(*) AS n, min(time_hour) AS first FROM lake.main.flights GROUP BY ALL ORDER BY ALL"
    table = run("query", sql, firn=firn)
    assert table.stdout.splitlines()[0].split() == ["origin", "│", "n", "│", "first"]
    assert "3 rows in" in table.stderr
    rows = [json.loads(line) for line in run("query", sql, "--format", "json", firn=firn).stdout.splitlines()]
    assert [(row["origin"], row["n"]) for row in rows] == [("EWR", 120835), ("JFK", 111279), ("LGA", 104662)]
    assert run("query", sql, "--format", "csv", firn=firn).stdout.splitlines()[0] == "origin,n,first"
    assert firn.value("SELECT count(*) FROM lake.main.flights WHERE dep_time IS NULL") == 8255
    health = run("doctor", firn=firn)
    assert health.returncode == 0, health.stdout
    assert "a first query was answered" in health.stdout


def test_ingest_a_file(firn, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("name;age\nAda;36\nAlan;41\nbroken\n")
    done = run("ingest", str(path), "--table", "lake.main.people_csv", firn=firn)
    assert done.returncode == 0, done.stderr
    assert "lake.main.people_csv: 2 rows" in done.stderr and "1 rows were rejected" in done.stderr


def test_errors_are_one_line_that_says_what_to_do(firn):
    cases = [
        (("nonsense",), 2, "there is no command 'nonsense'"),
        (("query",), 2, "usage: firn query"),
        (("query", "SELECT 1", "--format", "xml"), 2, "--format is table, csv or json"),
        (("query", "SELEC 1"), 1, "syntax error"),
        (("ingest", "/nowhere.csv", "--table", "t"), 1, "no such file"),
        (("serve", "--hot-bytes-max", "many"), 2, "--hot-bytes-max must be a whole number"),
        (("serve", "--nope"), 2, "there is no flag --nope"),
    ]
    for arguments, code, text in cases:
        done = run(*arguments, firn=firn)
        assert done.returncode == code, (arguments, done.stderr)
        assert text in done.stderr and done.stderr.strip().count("\n") <= 3, (arguments, done.stderr)
    offline = run("query", "SELECT 1", FIRN_URL="http://127.0.0.1:1")
    assert offline.returncode == 1 and "cannot talk to http://127.0.0.1:1" in offline.stderr
    no_key = run("query", "SELECT 1", FIRN_URL=firn.url, FIRN_KEY="", FIRN_BOOTSTRAP_KEY="")
    assert no_key.returncode == 1 and "set FIRN_KEY" in no_key.stderr


def test_settings_come_from_flags_then_variables_then_the_file(make_firn, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "firn.toml").write_text("columns_max = 3\nappend_bytes_max = 2048\n")
    firn = make_firn(FIRN_COLUMNS_MAX="4").start()
    assert "more than 4 columns" in firn.append("t", {f"c{i}": 1 for i in range(5)}).json()["message"]
    assert firn.append("t", {"a": "x" * 3000}).status_code == 413
    (tmp_path / "data" / "firn.toml").write_text("no_such_setting = 3\n")
    broken = subprocess.run([FIRN, "serve", "--data-dir", tmp_path / "data"], capture_output=True, text=True, timeout=20)
    assert broken.returncode == 2 and "no_such_setting is not a setting" in broken.stderr
    assert ROOT.exists()
