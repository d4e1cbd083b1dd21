"""Scheduled queries, alerts and their messages, profiles of tables: what Firn does by the clock."""
import email
import email.policy
import hashlib
import hmac
import http.server
import json
import queue
import socketserver
import sqlite3
import ssl
import subprocess
import threading
import time

import pytest

from authorization.hub import Client
from firn_server import Firn

NEVER = {"cron": "0 0 1 1 *"}
TASK = "query($id: ID!) { task(id: $id) { id state attempts error { code message } } }"


class Hook(http.server.BaseHTTPRequestHandler):
    """A webhook's receiver: answers what it is told to, and hands on what it got."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.put((self.path, dict(self.headers), body))
        self.send_response(self.server.answers.pop(0) if self.server.answers else 204)
        self.send_header("Location", "https://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, *_):
        pass


class Smtp(socketserver.StreamRequestHandler):
    """The few words of SMTP that it takes to get a mail."""

    def handle(self):
        say = lambda line: self.wfile.write(line.encode() + b"\r\n")  # noqa: E731
        say("220 test")
        recipients = []
        while line := self.rfile.readline().decode().strip():
            verb = line.upper()
            if verb.startswith("EHLO"):
                say("250 test")
            elif verb.startswith("RCPT"):
                recipients.append(line[8:])
                say("250 ok")
            elif verb == "DATA":
                say("354 go on")
                text = b""
                while (more := self.rfile.readline()) != b".\r\n":
                    text += more
                self.server.received.put((recipients, text))
                say("250 ok")
            elif verb == "QUIT":
                return say("221 bye")
            else:
                say("250 ok")


@pytest.fixture(scope="module")
def outside(tmp_path_factory):
    """A receiver of webhooks with TLS, and a mail server, on this machine."""
    folder = tmp_path_factory.mktemp("outside")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
                   check=True, capture_output=True)
    hook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    hook.socket = context.wrap_socket(hook.socket, server_side=True)
    smtp = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Smtp)
    for server in (hook, smtp):
        server.received, server.answers = queue.Queue(), []
        threading.Thread(target=server.serve_forever, daemon=True).start()
    hook.certificate = folder / "cert.pem"
    hook.url = f"https://localhost:{hook.server_port}/hook"
    yield hook, smtp
    hook.shutdown()
    smtp.shutdown()


@pytest.fixture(scope="module")
def firn(tmp_path_factory, outside):
    hook, smtp = outside
    server = Firn(tmp_path_factory.mktemp("automation") / "data",
                  ("--connection-hosts-allowed", "127.0.0.1", "--webhook-ca-file", str(hook.certificate),
                   "--smtp-url", f"smtp://127.0.0.1:{smtp.server_address[1]}", "--smtp-from", "firn@example.org")).start()
    assert server.append("t", [{"a": 1, "b": "x"}, {"a": 2, "b": None}], sync="true").json()["ok"]
    yield server
    assert server.stop() == 0, server.log()


@pytest.fixture(scope="module")
def hub(firn):
    return Client(firn.url, firn.key)


def key_of(hub, role, name):
    account = hub.ask("mutation($n: String!, $r: Role) { createServiceAccount(input: {name: $n, role: $r}) { id } }",
                      n=name, r=role)["createServiceAccount"]["id"]
    return hub.ask("mutation($i: ID!) { createKey(input: {serviceAccountId: $i}) { secret } }", i=account)["createKey"]["secret"]


def finish(hub, task):
    for _ in range(600):
        now = hub.ask(TASK, id=task["id"])["task"]
        if now["state"] in ("DONE", "FAILED", "CANCELLED"):
            return now
        time.sleep(0.05)
    raise AssertionError(now)


def schedule(hub, **query):
    return hub.ask("mutation($i: ScheduledQueryInput!) { setScheduledQuery(input: $i) { id name plan { nextAt runsAs paused } } }",
                   i={"plan": NEVER, **query})["setScheduledQuery"]


def run(hub, query):
    return finish(hub, hub.ask("mutation($id: ID!) { runScheduledQuery(id: $id) { id } }", id=query["id"])["runScheduledQuery"])


RESULTS = "query($id: ID!) { scheduledResults(id: $id, first: 30) { at result { columns rows rowCount } } }"


def test_a_scheduled_query_keeps_its_last_results(firn, hub):
    query = schedule(hub, name="sum", statement="SELECT sum(a) AS total FROM t")
    assert query["plan"]["nextAt"].endswith("-01-01T00:00:00.000Z") and not query["plan"]["paused"]
    for _ in range(22):
        assert run(hub, query)["state"] == "DONE"
    results = hub.ask(RESULTS, id=query["id"])["scheduledResults"]
    assert len(results) == 20 and [[str(v) for v in row] for row in results[0]["result"]["rows"]] == [["3"]]
    assert results[0]["result"]["columns"][0]["name"] == "total"
    changed = schedule(hub, id=query["id"], name="max", statement="SELECT max(a) FROM t", plan={"cron": "*/5 * * * *", "timezone": "Asia/Tokyo", "paused": True})
    assert changed["id"] == query["id"] and changed["plan"]["nextAt"] is None
    hub.ask("mutation($id: ID!) { deleteScheduledQuery(id: $id) }", id=query["id"])
    assert hub.ask("query($id: ID!) { scheduledQuery(id: $id) { id } }", id=query["id"])["scheduledQuery"] is None
    assert hub.codes("mutation($i: ScheduledQueryInput!) { setScheduledQuery(input: $i) { id } }",
                     {"i": {"name": "n", "statement": "SELECT 1", "plan": {"cron": "61 * * * *"}}}) == ["BAD_USER_INPUT"]


def test_the_clock_asks(firn, hub):
    query = schedule(hub, name="by the clock", statement="SELECT 1 AS one", plan={"cron": "* * * * *"})
    # As if its minute had come.
    with sqlite3.connect(firn.data_dir / "firn.db", timeout=20) as database:
        database.execute("UPDATE task_plans SET next_us = 1 WHERE id = ?", [query["id"].split(":")[1]])
    database.close()
    for _ in range(200):
        if results := hub.ask(RESULTS, id=query["id"])["scheduledResults"]:
            break
        time.sleep(0.05)
    assert results[0]["result"]["rows"] == [[1]]
    assert hub.ask("query($id: ID!) { scheduledQuery(id: $id) { plan { lastAt } } }", id=query["id"])["scheduledQuery"]["plan"]["lastAt"]
    hub.ask("mutation($id: ID!) { deleteScheduledQuery(id: $id) }", id=query["id"])


REFRESH = """query($id: ID!) { dashboardRefresh(dashboardId: $id) { plan { cron runsAs lastAt paused }
    tiles { tileId statement at error { code message } result { columns rows } } } }"""


def refresh(hub, dashboard):
    return finish(hub, hub.ask("mutation($id: ID!) { refreshDashboard(dashboardId: $id) { id } }", id=dashboard)["refreshDashboard"])


def test_a_dashboard_is_refreshed_with_its_variables(firn, hub):
    assert firn.append("refreshed", [{"a": 1, "who": "x"}, {"a": 5, "who": "y"}], sync="true").json()["ok"]
    place = {"x": 0, "y": 0, "width": 4, "height": 4}
    chart = {"spec": {"kind": "TABLE"}, **place}
    dashboard = hub.ask("mutation($i: CreateDashboardInput!) { createDashboard(input: $i) { id } }", i={
        "name": "refreshed", "variables": [{"name": "least", "type": "number", "defaultValue": "2"},
                                           {"name": "who", "defaultValue": "it's y"}],
        "tiles": [{"id": "note", "kind": "TEXT", "text": "hello", **place},
                  {"id": "sum", "statement": "SELECT sum(a)::INTEGER AS s FROM refreshed WHERE a > $least", **chart},
                  {"id": "who", "statement": "SELECT $who AS who, $least AS least", **chart},
                  {"id": "wrong", "statement": "SELECT nothing FROM refreshed", **chart}]})["createDashboard"]["id"]
    assert hub.ask(REFRESH, id=dashboard)["dashboardRefresh"] is None
    assert hub.codes("mutation($id: ID!) { refreshDashboard(dashboardId: $id) { id } }", {"id": dashboard}) == ["NOT_FOUND"]
    set_it = "mutation($id: ID!, $p: TimetableInput!) { setDashboardRefresh(dashboardId: $id, plan: $p) { tiles { tileId } } }"
    assert hub.codes(set_it, {"id": dashboard, "p": {"cron": "every day"}}) == ["BAD_USER_INPUT"]
    assert hub.ask(set_it, id=dashboard, p=NEVER)["setDashboardRefresh"] == {"tiles": []}
    assert refresh(hub, dashboard)["state"] == "DONE"
    tiles = {tile["tileId"]: tile for tile in hub.ask(REFRESH, id=dashboard)["dashboardRefresh"]["tiles"]}
    assert list(tiles) == ["sum", "who", "wrong"]
    assert tiles["sum"]["result"]["rows"] == [[5]] and tiles["who"]["result"]["rows"] == [["it's y", 2]]
    assert tiles["wrong"]["result"] is None and "nothing" in tiles["wrong"]["error"]["message"]
    # What somebody else may not see of the table is not theirs to see here.
    reader = Client(firn.url, key_of(hub, "VIEWER", "refresh reader"))
    assert reader.ask(REFRESH, id=dashboard)["dashboardRefresh"]["tiles"][0]["result"]["rows"] == [[5]]
    table = hub.ask('{ table(name: "refreshed") { id } }')["table"]["id"]
    hub.ask("mutation($i: SetPolicyInput!) { setPolicy(input: $i) { id } }", i={"tableId": table, "name": "p", "roles": ["VIEWER"], "rowFilter": "a < 2"})
    shown = reader.ask(REFRESH, id=dashboard)["dashboardRefresh"]["tiles"]
    assert [tile["result"] is None for tile in shown] == [True, False, True]
    # Tiles that are gone are not shown; a refresh goes with its dashboard.
    hub.ask("mutation($i: UpdateDashboardInput!) { updateDashboard(input: $i) { id } }",
            i={"id": dashboard, "version": 1, "tiles": [{"id": "who", "statement": "SELECT 1 AS one", **chart}]})
    assert [tile["tileId"] for tile in hub.ask(REFRESH, id=dashboard)["dashboardRefresh"]["tiles"]] == ["who"]
    assert refresh(hub, dashboard)["state"] == "DONE"
    assert hub.ask(REFRESH, id=dashboard)["dashboardRefresh"]["tiles"][0]["result"]["rows"] == [[1]]
    hub.ask("mutation($id: ID!) { deleteDashboardRefresh(dashboardId: $id) }", id=dashboard)
    assert hub.ask(REFRESH, id=dashboard)["dashboardRefresh"] is None
    hub.ask(set_it, id=dashboard, p=NEVER)
    assert hub.ask(REFRESH, id=dashboard)["dashboardRefresh"]["tiles"] == []  # what was kept is gone
    hub.ask("mutation($id: ID!) { deleteDashboard(id: $id) }", id=dashboard)
    with sqlite3.connect(firn.data_dir / "firn.db", timeout=20) as database:
        database.execute("UPDATE task_plans SET next_us = 1 WHERE id = ?", [dashboard.split(":")[1]])
        for _ in range(200):
            if not database.execute("SELECT 1 FROM task_plans WHERE id = ?", [dashboard.split(":")[1]]).fetchall():
                break
            database.commit()
            time.sleep(0.05)
        assert database.execute("SELECT count(*) FROM dashboard_refreshes").fetchone() == (0,)
    database.close()


def test_kept_rows_are_for_those_who_may_read_the_tables(firn, hub):
    assert firn.append("guarded", [{"a": 1}], sync="true").json()["ok"]
    table = hub.ask('{ table(name: "guarded") { id } }')["table"]["id"]
    query = schedule(hub, name="guarded", statement="SELECT a FROM guarded")
    assert run(hub, query)["state"] == "DONE"
    assert finish(hub, hub.ask("mutation($id: ID!) { profileTable(tableId: $id) { id } }", id=table)["profileTable"])["state"] == "DONE"
    profile = "query($id: ID!) { tableProfile(tableId: $id) { profiledAt summary { columns rows } } }"
    alert = hub.ask("mutation($i: AlertInput!) { setAlert(input: $i) { id } }",
                    i={"name": "guarded", "statement": "SELECT a FROM guarded", "condition": "ABOVE", "threshold": 5, "plan": NEVER})["setAlert"]
    finish(hub, hub.ask("mutation($id: ID!) { checkAlert(id: $id) { id } }", id=alert["id"])["checkAlert"])
    value = "query($id: ID!) { alert(id: $id) { state lastCheck { value } } }"
    reader = Client(firn.url, key_of(hub, "VIEWER", "reader"))
    for client in (hub, reader):
        assert client.ask(RESULTS, id=query["id"])["scheduledResults"][0]["result"]["rows"] == [[1]]
        summary = client.ask(profile, id=table)["tableProfile"]["summary"]
        assert [column["name"] for column in summary["columns"]][:2] == ["column_name", "column_type"] and summary["rows"][0][:4] == ["a", "BIGINT", "1", "1"]
        assert client.ask(value, id=alert["id"])["alert"] == {"state": "OK", "lastCheck": {"value": 1.0}}
    hub.ask("mutation($i: SetPolicyInput!) { setPolicy(input: $i) { id } }", i={"tableId": table, "name": "p", "roles": ["VIEWER"], "rowFilter": "a > 1"})
    assert reader.ask(RESULTS, id=query["id"])["scheduledResults"] == []
    assert reader.ask(profile, id=table)["tableProfile"] is None
    assert reader.ask(value, id=alert["id"])["alert"] == {"state": "OK", "lastCheck": {"value": None}}
    # Their own profile shows what they see, to them.
    assert finish(reader, reader.ask("mutation($id: ID!) { profileTable(tableId: $id) { id } }", id=table)["profileTable"])["state"] == "DONE"
    assert reader.ask(profile, id=table)["tableProfile"]["summary"]["rows"][0][2] is None
    assert hub.ask(profile, id=table)["tableProfile"]["summary"]["rows"][0][2] == "1"


def channel(hub, **given):
    return hub.ask("mutation($i: ChannelInput!) { createChannel(input: $i) { secret channel { id url to } } }", i=given)["createChannel"]


def check(hub, alert, expected):
    done = finish(hub, hub.ask("mutation($id: ID!) { checkAlert(id: $id) { id } }", id=alert["id"])["checkAlert"])
    assert done["state"] == "DONE", done
    assert hub.ask("query($id: ID!) { alert(id: $id) { state } }", id=alert["id"])["alert"]["state"] == expected


def test_an_alert_tells_when_its_state_changes_and_then_only(firn, hub, outside):
    hook, smtp = outside
    assert firn.append("metric", [{"v": 1}], sync="true").json()["ok"]
    web = channel(hub, name="hook", kind="WEBHOOK", url=hook.url)
    mail = channel(hub, name="mail", kind="EMAIL", to=["Ops@Example.org", "two@example.org"])
    assert len(web["secret"]) == 64 and mail["secret"] is None and mail["channel"]["to"] == ["ops@example.org", "two@example.org"]
    alert = hub.ask("mutation($i: AlertInput!) { setAlert(input: $i) { id state } }",
                    i={"name": "Zählt zu viel\u2026", "statement": "SELECT sum(v) FROM metric", "condition": "ABOVE", "threshold": 10,
                       "channelIds": [web["channel"]["id"], mail["channel"]["id"]], "plan": NEVER})["setAlert"]
    assert alert["state"] == "UNKNOWN"
    check(hub, alert, "OK")
    assert firn.append("metric", [{"v": 100}]).json()["ok"]
    hook.answers = [503]
    check(hub, alert, "FIRING")
    check(hub, alert, "FIRING")
    path, headers, body = hook.received.get(timeout=20)
    event = json.loads(body)
    assert path == "/hook" and (event["event"]["state"], event["event"]["was"], event["event"]["value"]) == ("FIRING", "OK", 101)
    stamp, signature = (part.split("=")[1] for part in headers["X-Firn-Signature"].split(","))
    assert signature == hmac.new(web["secret"].encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    # It answered 503: the queue tries again, here at once.
    task = event["id"]
    waiting = "query($id: ID!) { job(id: $id) { state } }"
    while (hub.ask(waiting, id=f"job:{task}")["job"] or {}).get("state") != "RETRYING":
        time.sleep(0.02)
    hub.ask("mutation($id: ID!) { requeueJob(id: $id) { state } }", id=f"job:{task}")
    again = hook.received.get(timeout=20)
    assert json.loads(again[2])["id"] == task == again[1]["X-Firn-Delivery"]
    assert finish(hub, {"id": f"task:{task}"})["attempts"] == 2
    recipients, text = smtp.received.get(timeout=20)
    message = email.message_from_bytes(text, policy=email.policy.default)
    assert recipients == ["<ops@example.org>", "<two@example.org>"] and message["Subject"] == "FIRING: Zählt zu viel\u2026"
    assert "Value: 101" in message.get_content()
    # An error is a state, too; and so is its end.
    hub.ask("mutation($i: AlertInput!) { setAlert(input: $i) { id } }",
            i={"id": alert["id"], "name": "n", "statement": "SELECT 'no number'", "condition": "ABOVE", "threshold": 10,
               "channelIds": [web["channel"]["id"]], "plan": NEVER})
    check(hub, alert, "ERROR")
    assert json.loads(hook.received.get(timeout=20)[2])["event"]["state"] == "ERROR"
    hub.ask("mutation($i: AlertInput!) { setAlert(input: $i) { id } }",
            i={"id": alert["id"], "name": "n", "statement": "SELECT 5", "condition": "ABOVE", "threshold": 10,
               "channelIds": [web["channel"]["id"]], "plan": NEVER})
    check(hub, alert, "OK")
    assert json.loads(hook.received.get(timeout=20)[2])["event"]["state"] == "OK"
    states = [c["state"] for c in hub.ask("query($id: ID!) { alertChecks(id: $id) { state } }", id=alert["id"])["alertChecks"]]
    assert states == ["OK", "ERROR", "FIRING", "FIRING", "OK"]
    assert hook.received.empty() and smtp.received.empty()


def test_redirects_and_refusals_are_not_followed(hub, outside):
    hook, _ = outside
    web = channel(hub, name="moved", kind="WEBHOOK", url=hook.url)
    for status in (302, 410):
        hook.answers = [status]
        done = finish(hub, hub.ask("mutation($id: ID!) { testChannel(id: $id) { id } }", id=web["channel"]["id"])["testChannel"])
        assert (done["state"], done["attempts"]) == ("FAILED", 1) and str(status) in done["error"]["message"]
        hook.received.get(timeout=20)


def test_webhooks_do_not_reach_what_is_near(make_firn, outside):
    hook, _ = outside
    server = make_firn().start()
    hub = Client(server.url, server.key)
    create = "mutation($i: ChannelInput!) { createChannel(input: $i) { secret } }"
    for url in (hook.url, "https://169.254.169.254/latest", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://0x7f.1/", "https://2130706433/"):
        assert hub.codes(create, {"i": {"name": "n", "kind": "WEBHOOK", "url": url}}) == ["FORBIDDEN"], url
    for url in ("http://example.org/", "ftp://example.org", "https://user:pass@example.org/", "file:///etc/passwd", "https://", ""):
        assert hub.codes(create, {"i": {"name": "n", "kind": "WEBHOOK", "url": url}}) == ["BAD_USER_INPUT"], url
    for to in ([], ["no address"], ["a@b.org\r\nBcc: c@d.org"], ["a@b.org>"]):
        assert hub.codes(create, {"i": {"name": "n", "kind": "EMAIL", "to": to}}) == ["BAD_USER_INPUT"], to
    # Without a mail server, mails lie in a folder.
    mail = channel(hub, name="mail", kind="EMAIL", to=["ops@example.org"])
    assert finish(hub, hub.ask("mutation($id: ID!) { testChannel(id: $id) { id } }", id=mail["channel"]["id"])["testChannel"])["state"] == "DONE"
    file, = (server.data_dir / "mail").iterdir()
    assert "messages of Firn arrive here" in email.message_from_bytes(file.read_bytes(), policy=email.policy.default).get_content()
