"""A mitmproxy addon that shows the replies of a model server.

Put mitmweb in front of the model server, and the recorder in front of mitmweb::

    mitmweb --mode reverse:http://127.0.0.1:8000@8001 -s "$(python -m llmxray.proxy.watch)"
    llmxray proxy --mode record --cassette cassettes/mine --upstream http://127.0.0.1:8001/v1

By itself mitmweb holds a reply back until it is whole, which would destroy its rhythm. With this addon every
chunk passes as it comes, the whole body can be read afterwards, and each flow carries a comment that says how
many chunks came, when the first one did, and what the answer was. This module does not import mitmproxy.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from llmxray.proxy.decoding import Decoder
from llmxray.types import Chunk
from llmxray.wire import read_completion

_SHOWN_CHARS = 60


class WatchAddon:
    """Streams every reply through, keeps it for the eye, and sums it up in the flow's comment."""

    def __init__(self) -> None:
        self._sent_at: dict[str, float] = {}
        self._pieces: dict[str, list[Chunk]] = {}

    def request(self, flow: Any) -> None:
        """Start the clock."""
        self._sent_at[flow.id] = time.monotonic()

    def responseheaders(self, flow: Any) -> None:
        """Let chunks pass as they come."""
        sent_at = self._sent_at.get(flow.id, time.monotonic())
        pieces = self._pieces[flow.id] = []

        def stream(data: bytes) -> bytes:
            if data:
                pieces.append(Chunk(time.monotonic() - sent_at, data))
            return data

        flow.response.stream = stream

    def response(self, flow: Any) -> None:
        """Give the body back to the flow, for mitmweb to show, and sum it up."""
        pieces = self._forget(flow)
        # As received: mitmweb decodes it by the headers itself.
        flow.response.raw_content = b"".join(piece.raw for piece in pieces)
        flow.comment = _summary(flow.response, pieces)

    def error(self, flow: Any) -> None:
        """Describe the chunks before the exchange broke."""
        pieces = self._forget(flow)
        flow.comment = f"broken after {len(pieces)} chunks, {sum(len(piece.raw) for piece in pieces)} bytes"

    def _forget(self, flow: Any) -> list[Chunk]:
        self._sent_at.pop(flow.id, None)
        return self._pieces.pop(flow.id, [])


def _summary(response: Any, pieces: list[Chunk]) -> str:
    if not pieces:
        return "no body"
    came = (
        f"{len(pieces)} chunks, the first after {pieces[0].t_s:.3f} s, the last after {pieces[-1].t_s:.3f} s"
    )
    try:
        # The end is unknown: a cut body is summarised so far.
        decoder = Decoder(response.headers.get("content-encoding", ""))
        plain = [Chunk(piece.t_s, decoder.feed(piece.raw)) for piece in pieces]
    except ValueError as error:
        return f"{came}; {error}"
    kind = response.headers.get("content-type", "")
    reply = read_completion(plain, content_type=kind, status=response.status_code)
    said = " ".join((reply.text or reply.error).split())
    shown = said if len(said) <= _SHOWN_CHARS else said[:_SHOWN_CHARS] + "…"
    whole = "" if reply.whole else "; not a whole answer"
    return f"{came}{whole}{f': {shown}' if shown else ''}"


# The name that mitmweb looks for in a script.
addons = [WatchAddon()]

if __name__ == "__main__":
    sys.stdout.write(f"{__file__}\n")
