"""A language model that follows a script, behind the real wire formats over HTTP with server-sent events.

It keeps no state of a conversation: which turn is due is read from what was sent, as a real provider does,
so that whoever asks may be killed in between. A script is a function of a Conversation; it gives a Turn.
"""
import http.server
import json
import random
import re
import threading
import time

KEY = "sk-scripted-0123456789abcdef"


class Turn:
    def __init__(self, text="", calls=(), stop=None, raw_arguments=None):
        self.text, self.calls, self.stop = text, list(calls), stop
        self.raw_arguments = raw_arguments  # of the first call, instead of JSON


class Conversation:
    """What was sent, the same for all formats: messages of {role, text, calls, results}."""

    def __init__(self, system, messages, tools):
        self.system, self.messages, self.tools = system, messages, tools

    @property
    def turn(self):
        return sum(message["role"] == "assistant" for message in self.messages)

    @property
    def results(self):
        """Of the last calls: (text, failed)."""
        return self.messages[-1]["results"]

    def seen(self):
        return "\n".join([m["text"] for m in self.messages] + [r for m in self.messages for r, _ in m["results"]])

    def evidence(self):
        """Ids in the order in which they were first seen."""
        return list(dict.fromkeys(re.findall(r"evidence:[0-9a-f-]{36}", self.seen())))


def read_anthropic(body):
    messages = []
    for message in body["messages"]:
        one = {"role": message["role"], "text": "", "calls": [], "results": []}
        for block in message["content"]:
            if block["type"] == "text":
                one["text"] += block["text"]
            elif block["type"] == "tool_use":
                one["calls"].append((block["name"], block["input"]))
            elif block["type"] == "tool_result":
                one["results"].append((block["content"], block.get("is_error", False)))
        messages.append(one)
    ids = [b["id"] for m in body["messages"] for b in m["content"] if b["type"] == "tool_use"]
    answered = [b["tool_use_id"] for m in body["messages"] for b in m["content"] if b["type"] == "tool_result"]
    assert ids == answered, "each call has one result, in order"
    assert [m["role"] for m in messages] == [("user", "assistant")[i % 2] for i in range(len(messages))]
    system = "".join(block["text"] for block in body["system"])
    return Conversation(system, messages, [tool["name"] for tool in body.get("tools", [])])


def read_chat(body):
    system, messages = "", []
    asked, answered = [], []
    for message in body["messages"]:
        if message["role"] == "system":
            system += message["content"]
        elif message["role"] == "assistant":
            calls = message.get("tool_calls", [])
            asked += [call["id"] for call in calls]
            messages.append({"role": "assistant", "text": message["content"] or "", "results": [],
                             "calls": [(c["function"]["name"], json.loads(c["function"]["arguments"])) for c in calls]})
        else:
            if not messages or messages[-1]["role"] == "assistant":
                messages.append({"role": "user", "text": "", "calls": [], "results": []})
            if message["role"] == "tool":
                answered.append(message["tool_call_id"])
                messages[-1]["results"].append((message["content"], message["content"].startswith("Failed: ")))
            else:
                messages[-1]["text"] += message["content"]
    assert asked == answered
    assert body["stream_options"] == {"include_usage": True}
    return Conversation(system, messages, [tool["function"]["name"] for tool in body.get("tools", [])])


def read_responses(body):
    messages = []
    asked, answered = [], []

    def last(role):
        if not messages or messages[-1]["role"] != role:
            messages.append({"role": role, "text": "", "calls": [], "results": []})
        return messages[-1]

    for item in body["input"]:
        if item.get("type") == "function_call":
            asked.append(item["call_id"])
            last("assistant")["calls"].append((item["name"], json.loads(item["arguments"])))
        elif item.get("type") == "function_call_output":
            answered.append(item["call_id"])
            last("user")["results"].append((item["output"], item["output"].startswith("Failed: ")))
        else:
            last(item["role"])["text"] += item["content"]
    assert asked == answered and body["store"] is False
    return Conversation(body["instructions"], messages, [tool["name"] for tool in body.get("tools", [])])


def arguments_of(turn, i):
    if i == 0 and turn.raw_arguments is not None:
        return turn.raw_arguments
    return json.dumps(turn.calls[i][1])


def write_anthropic(turn, number, usage):
    def event(kind, **fields):
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n"

    yield event("message_start", message={"id": f"msg_{number}", "role": "assistant", "content": [],
                                          "usage": {"input_tokens": usage[0] - 7, "cache_read_input_tokens": 7, "output_tokens": 1}})
    yield event("ping")
    index = 0
    if turn.text:
        yield event("content_block_start", index=0, content_block={"type": "text", "text": ""})
        for at in range(0, len(turn.text), 40):
            yield event("content_block_delta", index=0, delta={"type": "text_delta", "text": turn.text[at:at + 40]})
        yield event("content_block_stop", index=0)
        index = 1
    for i, (name, _) in enumerate(turn.calls):
        yield event("content_block_start", index=index + i,
                    content_block={"type": "tool_use", "id": f"toolu_{number}_{i}", "name": name, "input": {}})
        text = arguments_of(turn, i)
        for at in range(0, len(text), 30):
            yield event("content_block_delta", index=index + i, delta={"type": "input_json_delta", "partial_json": text[at:at + 30]})
        yield event("content_block_stop", index=index + i)
    stop = turn.stop or ("tool_use" if turn.calls else "end_turn")
    yield event("message_delta", delta={"stop_reason": stop}, usage={"output_tokens": usage[1]})
    yield event("message_stop")


def write_chat(turn, number, usage):
    def chunk(delta, **fields):
        return f"data: {json.dumps({'id': f'c{number}', 'object': 'chat.completion.chunk', 'choices': [{'index': 0, 'delta': delta, **fields}]})}\r\n\r\n"

    yield chunk({"role": "assistant", "content": ""})
    for at in range(0, len(turn.text), 40):
        yield chunk({"content": turn.text[at:at + 40]})
    for i, (name, _) in enumerate(turn.calls):
        yield chunk({"tool_calls": [{"index": i, "id": f"call_{number}_{i}", "type": "function", "function": {"name": name, "arguments": ""}}]})
    # The parts of parallel calls come mixed.
    texts = [arguments_of(turn, i) for i in range(len(turn.calls))]
    for at in range(0, max([len(text) for text in texts], default=0), 30):
        for i, text in enumerate(texts):
            if text[at:at + 30]:
                yield chunk({"tool_calls": [{"index": i, "function": {"arguments": text[at:at + 30]}}]})
    stop = {"max_tokens": "length"}.get(turn.stop) or ("tool_calls" if turn.calls else "stop")
    yield chunk({}, finish_reason=stop)
    yield f"data: {json.dumps({'choices': [], 'usage': {'prompt_tokens': usage[0], 'completion_tokens': usage[1]}})}\n\n"
    yield "data: [DONE]\n\n"


def write_responses(turn, number, usage):
    def event(kind, **fields):
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n"

    output = []
    yield event("response.created", response={"id": f"resp_{number}", "status": "in_progress"})
    if turn.text:
        for at in range(0, len(turn.text), 40):
            yield event("response.output_text.delta", output_index=0, content_index=0, delta=turn.text[at:at + 40])
        output.append({"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": turn.text}]})
        yield event("response.output_item.done", output_index=0, item=output[-1])
    for i, (name, _) in enumerate(turn.calls):
        text = arguments_of(turn, i)
        yield event("response.function_call_arguments.delta", output_index=len(output), delta=text)
        output.append({"type": "function_call", "call_id": f"call_{number}_{i}", "name": name, "arguments": text})
        yield event("response.output_item.done", output_index=len(output) - 1, item=output[-1])
    incomplete = {"incomplete_details": {"reason": "max_output_tokens"}} if turn.stop == "max_tokens" else {}
    yield event("response.incomplete" if incomplete else "response.completed",
                response={"id": f"resp_{number}", "output": output, **incomplete,
                          "usage": {"input_tokens": usage[0], "output_tokens": usage[1]}})


FORMATS = {
    "/v1/messages": (read_anthropic, write_anthropic),
    "/v1/chat/completions": (read_chat, write_chat),
    "/v1/responses": (read_responses, write_responses),
}
PROVIDERS = ("anthropic", "openai", "openai-responses")


class ScriptedModel:
    """`scripts`: by a word that stands in the system prompt, as [script NAME]; others get "default".
    `faults`: (NAME, turn) to a list of faults, each used up by one request."""

    def __init__(self):
        self.scripts, self.faults, self.requests, self.problems = {}, {}, [], []
        self.on_request = None  # told (name, turn) before the answer
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        model = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                try:
                    model.answer(self, body)
                except (BrokenPipeError, ConnectionResetError):
                    pass
                except Exception as problem:  # a test asserts that there is none
                    model.problems.append(repr(problem))
                    raise
                self.close_connection = True

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def flags(self, provider="anthropic"):
        base = f"http://127.0.0.1:{self.port}" + ("" if provider == "anthropic" else "/v1/")
        return ["--model-provider", provider, "--model-url", base, "--model", "scripted-1", "--model-silence-seconds", "1"]

    def stop(self):
        self.stopping.set()
        self.server.shutdown()
        self.server.server_close()

    def answer(self, handler, body):
        read, write = FORMATS[handler.path]
        if handler.path == "/v1/messages":
            assert handler.headers["x-api-key"] == KEY and handler.headers["anthropic-version"] == "2023-06-01"
        else:
            assert handler.headers["Authorization"] == f"Bearer {KEY}"
        sent = json.loads(body)
        assert sent["model"] == "scripted-1" and sent["stream"] is True
        talk = read(sent)
        named = re.search(r"\[script ([\w-]+)\]", talk.system)
        name = named.group(1) if named else "default"
        with self.lock:
            self.requests.append((name, talk.turn))
            number = len(self.requests)
            waiting = self.faults.get((name, talk.turn), [])
            fault = waiting.pop(0) if waiting else None
        if self.on_request:
            self.on_request(name, talk.turn)
        if isinstance(fault, tuple):
            return self.refuse(handler, *fault)
        turn = self.scripts[name](talk)
        usage = (len(body) // 4 + 8, (len(turn.text) + len(json.dumps(turn.calls))) // 4 + 1)
        self.stream(handler, "".join(write(turn, number, usage)).encode(), fault)

    def refuse(self, handler, status, message, *headers):
        body = json.dumps({"type": "error", "error": {"type": "an_error", "message": message}}).encode()
        handler.send_response(status)
        for name, value in headers:
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def stream(self, handler, text, fault):
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Connection", "close")
        handler.end_headers()
        if fault == "malformed":
            text = text[:len(text) // 2].rsplit(b"\n\n", 1)[0] + b"\n\ndata: {\"type\": nonsense\n\n"
        if fault in ("cut", "hang"):
            text = text[:len(text) // 2]
        rng = random.Random(len(text))
        while text:  # through the middle of lines and characters
            n = rng.choice((1, 7, 100, 3000))
            handler.wfile.write(text[:n])
            handler.wfile.flush()
            text = text[n:]
        if fault == "hang":
            self.stopping.wait(30)


def wait_until(true, what, seconds=60):
    for _ in range(int(seconds / 0.02)):
        if true():
            return
        time.sleep(0.02)
    raise AssertionError(f"it does not happen: {what}")
