"""A model server whose replies depend on the request alone: ``python upstream.py PORT [MODEL,MODEL] [--log FILE]``.

It runs as a process of its own, as a real one does; each request that is no probe adds a line to the log.
"""

import argparse
import hashlib
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

parser = argparse.ArgumentParser()
parser.add_argument("port", type=int)
parser.add_argument("model", nargs="?", default="m,n")
parser.add_argument("--delay", type=float, default=0.0)
parser.add_argument("--log", type=Path)
parser.add_argument("--version", default="1")
given = parser.parse_args()


class Handler(BaseHTTPRequestHandler):
    """Lists one model, and answers with words made from the request."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """The list of models."""
        about = {"object": "model", "owned_by": "vllm", "max_model_len": 4096}
        listed = [{"id": name, **about} for name in given.model.split(",")]
        self._say("application/json", json.dumps({"object": "list", "data": listed}).encode())

    def do_POST(self) -> None:
        """A stream of two words and a letter."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        text = str(json.loads(body)["messages"][-1]["content"])
        if "capital of France" not in text and given.log is not None:
            time.sleep(given.delay)
            with given.log.open("a") as file:
                file.write(hashlib.sha256(body).hexdigest() + "\n")
        digest = hashlib.sha256(body).hexdigest()
        pieces: list[Any] = [digest[:6], " ", "ABCD"[int(digest, 16) % 4]]
        chunks = [self._chunk(piece, None) for piece in pieces] + [
            self._chunk("", "stop"),
            b"data: [DONE]\n\n",
        ]
        self._say("text/event-stream", b"".join(chunks))

    def _chunk(self, text: str, finish: str | None) -> bytes:
        choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
        return b"data: " + json.dumps({"id": "c", "model": "m", "system_fingerprint": given.version,
                                       "choices": [choice]}).encode() + b"\n\n"  # fmt: skip

    def _say(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", given.port), Handler).serve_forever()
