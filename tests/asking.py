"""A small HTTP server on a thread, for tests that run a whole command in this process."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

type Reply = Callable[[str, bytes], tuple[int, str, bytes]]
"""(path, body of the request) to (status, content type, body)."""


@contextmanager
def served(reply: Reply) -> Iterator[str]:
    """Base URL of a server that answers so."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, kind, body = reply(self.path, asked)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1"
        finally:
            server.shutdown()
            thread.join()


def stream(text: str) -> bytes:
    """A whole reply of one event, with neither logprobs nor usage."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": "stop"}
    return b"data: " + json.dumps({"id": "c", "choices": [choice]}).encode() + b"\n\ndata: [DONE]\n\n"


def answering(answer: Callable[[bytes], str | tuple[int, str, bytes]], *models: str) -> Reply:
    """Lists these models, and answers a body with a text, or with a whole reply."""

    def reply(path: str, body: bytes) -> tuple[int, str, bytes]:
        if path.endswith("/models"):
            listed = {"object": "list", "data": [{"id": name, "object": "model"} for name in models]}
            return 200, "application/json", json.dumps(listed).encode()
        said = answer(body)
        return (200, "text/event-stream", stream(said)) if isinstance(said, str) else said

    return reply
