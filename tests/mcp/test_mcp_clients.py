"""The official SDK's client: by key, over standard input, and by OAuth with a person in a real browser."""
import base64
import hashlib
import os
import pathlib
import re
import subprocess
import urllib.parse

import pytest
import requests

from firn_server import ROOT, Firn

HERE = pathlib.Path(__file__).resolve().parent
PERSON = {"FIRN_ADMIN_EMAIL": "owner@example.org", "FIRN_ADMIN_PASSWORD": "correct horse battery"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    firn = Firn(tmp_path_factory.mktemp("mcp") / "data", (), PERSON).start()
    yield firn
    assert firn.stop() == 0, firn.log()


@pytest.mark.parametrize("way", ["key", "stdio", "oauth"])
def test_the_sdk_client(server, way):
    run = subprocess.run([ROOT / ".deps/node/bin/node", HERE / "sdk.mjs", way], capture_output=True, text=True, timeout=180,
                         env={**os.environ, "FIRN_URL": server.url, "FIRN_KEY": server.key, "FIRN_EMAIL": PERSON["FIRN_ADMIN_EMAIL"],
                              "FIRN_PASSWORD": PERSON["FIRN_ADMIN_PASSWORD"]})
    assert run.returncode == 0, run.stdout + run.stderr + server.log()[-2000:]


BACK = "http://127.0.0.1:9/callback"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(b"v" * 50).digest()).decode().rstrip("=")


def register(server, **more):
    return requests.post(server.url + "/oauth/register", json={"client_name": "T", "redirect_uris": [BACK], **more})


def authorize(server, **changed):
    query = {"client_id": register(server).json()["client_id"], "redirect_uri": BACK, "response_type": "code", "state": "s",
             "code_challenge": CHALLENGE, "code_challenge_method": "S256", "resource": server.url + "/mcp", **changed}
    return requests.get(server.url + "/oauth/authorize", params={k: v for k, v in query.items() if v}, allow_redirects=False)


def test_the_metadata_says_where_everything_is(server):
    resource = requests.get(server.url + "/.well-known/oauth-protected-resource/mcp").json()
    assert resource["resource"] == server.url + "/mcp" and resource["authorization_servers"] == [server.url]
    about = requests.get(server.url + "/.well-known/oauth-authorization-server").json()
    assert about["issuer"] == server.url and about["code_challenge_methods_supported"] == ["S256"]
    for endpoint in ("authorization", "token", "registration", "revocation"):
        assert about[f"{endpoint}_endpoint"].startswith(server.url + "/oauth/")
    challenge = requests.post(server.url + "/mcp", json={}).headers["WWW-Authenticate"]
    assert re.search(r'resource_metadata="([^"]+)"', challenge).group(1) == server.url + "/.well-known/oauth-protected-resource/mcp"


@pytest.mark.parametrize("uri", ["http://evil.example.org/cb", "javascript:alert(1)", "https://a.example/#part", "", "myapp://cb"])
def test_a_redirect_uri_that_could_leak_a_code_is_not_registered(server, uri):
    answer = register(server, redirect_uris=[uri])
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_redirect_uri"


def test_an_unknown_program_or_another_redirect_uri_gets_no_redirect(server):
    for changed in ({"client_id": "client_none"}, {"redirect_uri": BACK + "/more"}, {"redirect_uri": "https://evil.example.org/"}):
        answer = authorize(server, **changed)
        assert answer.status_code == 400 and "Location" not in answer.headers


@pytest.mark.parametrize("changed, error", [
    ({"response_type": "token"}, "invalid_request"), ({"code_challenge": None}, "invalid_request"),
    ({"code_challenge_method": "plain"}, "invalid_request"), ({"scope": "firn:everything"}, "invalid_scope"),
    ({"resource": "https://elsewhere.example.org/mcp"}, "invalid_target")])
def test_a_wrong_request_goes_back_with_its_error(server, changed, error):
    back = urllib.parse.urlsplit(authorize(server, **changed).headers["Location"])
    query = urllib.parse.parse_qs(back.query)
    assert back.netloc == "127.0.0.1:9" and query["error"] == [error] and query["state"] == ["s"]


def sign_in(server):
    session = requests.Session()
    session.post(server.url + "/graphql", json={"query": "mutation($i: SignInInput!) { signIn(input: $i) { id } }", "variables": {"i": {
        "email": PERSON["FIRN_ADMIN_EMAIL"], "password": PERSON["FIRN_ADMIN_PASSWORD"]}}})
    session.headers["X-Firn-CSRF"] = session.cookies["firn_csrf"]
    return session


def decide(server, session, request, role="VIEWER"):
    answer = session.post(server.url + "/graphql", json={"query": "mutation($i: ID!, $r: Role!) { decideAuthorization(id: $i, approve: true, role: $r) }",
                                                         "variables": {"i": request, "r": role}}).json()
    return answer


def test_a_code_is_for_one_client_one_verifier_and_one_use(server):
    session = sign_in(server)
    asked = authorize(server)
    request = urllib.parse.parse_qs(urllib.parse.urlsplit(asked.headers["Location"]).query)["request"][0]
    assert decide(server, session, request, "OWNER")["errors"][0]["extensions"]["code"] == "FORBIDDEN"  # more than asked for
    back = decide(server, session, request)["data"]["decideAuthorization"]
    assert decide(server, session, request)["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)["code"][0]
    answer = requests.post(server.url + "/oauth/token", data={"grant_type": "authorization_code", "code": code, "client_id": "client_other",
                                                              "redirect_uri": BACK, "code_verifier": "v" * 50})
    assert answer.status_code == 400 and answer.json()["error"] == "invalid_grant"


def test_an_agent_cannot_consent_for_a_person(server):
    request = urllib.parse.parse_qs(urllib.parse.urlsplit(authorize(server).headers["Location"]).query)["request"][0]
    key = requests.Session()
    key.headers["Authorization"] = f"Bearer {server.key}"
    assert decide(server, key, request)["errors"][0]["extensions"]["code"] == "FORBIDDEN"


def test_forms_that_are_none_are_refused(server):
    for data, kind in (('{"grant_type": "x"}', "application/json"), ("grant_type=a&grant_type=b", "application/x-www-form-urlencoded"),
                       ("grant_type=password", "application/x-www-form-urlencoded"), ("a=%zz", "application/x-www-form-urlencoded")):
        answer = requests.post(server.url + "/oauth/token", data=data, headers={"Content-Type": kind})
        assert answer.status_code == 400 and answer.json()["error"] in ("invalid_request", "unsupported_grant_type"), answer.text
