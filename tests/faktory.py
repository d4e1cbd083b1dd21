"""The Faktory Work Protocol in the few lines that tests need: what a client sends, what it gets."""
import json
import socket


class Refused(Exception):
    """The server said -ERR."""


class Faktory:
    def __init__(self, port, wid=None, timeout_s=20):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout_s)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        self.greeting = self.answer()
        self.ask("HELLO", {"v": 2, **({"wid": wid} if wid else {})})

    def answer(self):
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("closed")
        kind, text = line[:1], line[1:-2].decode()
        if kind == b"-":
            raise Refused(text)
        if kind == b"$":
            size = int(text)
            if size < 0:
                return None
            body = self.file.read(size + 2)
            if len(body) != size + 2:
                raise ConnectionError("closed")
            return body[:-2].decode()
        return text

    def ask(self, verb, argument=None):
        line = verb if argument is None else f"{verb} {argument if isinstance(argument, str) else json.dumps(argument)}"
        self.socket.sendall(line.encode() + b"\r\n")
        return self.answer()

    def push(self, jid, jobtype="t", args=(), **more):
        return self.ask("PUSH", {"jid": jid, "jobtype": jobtype, "args": list(args), **more})

    def fetch(self, *queues):
        job = self.ask("FETCH", " ".join(queues or ["default"]))
        return job and json.loads(job)

    def ack(self, jid):
        return self.ask("ACK", {"jid": jid})

    def fail(self, jid, message="it failed"):
        return self.ask("FAIL", {"jid": jid, "errtype": "Error", "message": message, "backtrace": []})

    def info(self):
        return json.loads(self.ask("INFO"))

    def close(self):
        self.file.close()
        self.socket.close()
