"""MCP 2026-07-28 over HTTP, by hand, for tests."""
import requests

VERSION = "2026-07-28"
META = "io.modelcontextprotocol/"


class McpError(Exception):
    def __init__(self, status, error):
        super().__init__(f"{status} {error}")
        self.status, self.code, self.message = status, error.get("code"), error.get("message")


class Mcp:
    def __init__(self, url, key=None, query=""):
        self.url = url + "/mcp" + query
        self.headers = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": VERSION}
        if key:
            self.headers["Authorization"] = f"Bearer {key}"

    def post(self, method, params=None, **headers):
        params = {**(params or {}), "_meta": {META + "protocolVersion": VERSION, META + "clientCapabilities": {}}}
        named = {"Mcp-Name": params[k] for k in ("name", "uri") if k in params and method != "completion/complete"}
        return requests.post(self.url, json={"jsonrpc": "2.0", "id": 1, "method": method, "params": params},
                             headers={**self.headers, "Mcp-Method": method, **named, **headers})

    def ask(self, method, params=None):
        response = self.post(method, params)
        answer = response.json()
        if "error" in answer:
            raise McpError(response.status_code, answer["error"])
        return answer["result"]

    def tools(self):
        found, cursor = [], None
        while True:
            page = self.ask("tools/list", {"cursor": cursor} if cursor else {})
            found += page["tools"]
            cursor = page.get("nextCursor")
            if not cursor:
                return found

    def call(self, tool, /, **arguments):
        return self.ask("tools/call", {"name": tool, "arguments": arguments})

    def data(self, tool, /, **arguments):
        result = self.call(tool, **arguments)
        assert not result.get("isError"), result["content"]
        return result["structuredContent"]

    def refused(self, tool, /, **arguments):
        """The text of a call that fails."""
        result = self.call(tool, **arguments)
        assert result["isError"], result
        return result["content"][0]["text"]
