"""Subscriptions over server-sent events, with plain HTTP."""
import json


def events(client, document, variables=None, timeout_s=20):
    """Each `next` event's payload, until `complete`."""
    response = client.session.post(client.url + "/graphql", json={"query": document, "variables": variables or {}},
                                   headers={"Accept": "text/event-stream"}, stream=True, timeout=timeout_s)
    kind = None
    try:
        for line in response.iter_lines(decode_unicode=True):
            if line.startswith("event:"):
                kind = line[6:].strip()
                if kind == "complete":
                    return
            elif line.startswith("data:") and kind == "next":
                yield json.loads(line[5:])
    finally:
        response.close()
