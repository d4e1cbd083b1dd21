"""The GraphQL API as a test's client: one object per principal."""
import json

import requests


class Client:
    def __init__(self, url, key=None):
        self.url = url
        self.session = requests.Session()
        if key:
            self.session.headers["Authorization"] = f"Bearer {key}"

    def post(self, query, variables=None):
        response = self.session.post(self.url + "/graphql", json={"query": query, "variables": variables or {}})
        return response.json()

    def ask(self, query, **variables):
        """The data; fails on any error."""
        answer = self.post(query, variables)
        assert "errors" not in answer, json.dumps(answer)
        return answer["data"]

    def codes(self, query, variables=None):
        """The codes of the errors, in order; empty when all went well."""
        answer = self.post(query, variables)
        return [error.get("extensions", {}).get("code", error["message"]) for error in answer.get("errors", [])]


def sign_in(url, email, password):
    """A person in a browser: cookies, and the CSRF token in its header."""
    client = Client(url)
    client.ask("mutation($i: SignInInput!) { signIn(input: $i) { id } }", i={"email": email, "password": password})
    client.session.headers["X-Firn-CSRF"] = client.session.cookies["firn_csrf"]
    return client
