"""Writing to a client: a recorded exchange in its rhythm, or an error of ours in OpenAI's shape."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable

from aiohttp import web

from llmxray.types import EndCause, Interaction

SAMPLE_HEADER = "X-Llmxray-Sample"
ATTEMPT_HEADER = "X-Llmxray-Attempt"
REPLAYED_HEADER = "X-Llmxray-Replayed"


def failure(status: int, kind: str, message: str) -> web.Response:
    """An error reply that OpenAI clients show as they show a server's own."""
    return web.json_response({"error": {"type": kind, "message": message, "code": status}}, status=status)


def start(
    status: int, headers: Iterable[tuple[str, str]], *, sample: int | None, attempt: int | None, replayed: bool
) -> web.StreamResponse:
    """A streaming reply with the recorded status and headers, and ours that say which recording it is."""
    response = web.StreamResponse(status=status)
    for name, value in headers:
        response.headers.add(name, value)
    if sample is not None:
        response.headers[SAMPLE_HEADER] = str(sample)
        response.headers[ATTEMPT_HEADER] = str(attempt)
    response.headers[REPLAYED_HEADER] = "1" if replayed else "0"
    response.enable_chunked_encoding()
    return response


async def replay(request: web.Request, interaction: Interaction, speed: float) -> web.StreamResponse:
    """Send a recording again, chunk by chunk.

    Args:
        speed: 0 sends at once, 1 as recorded, N that many times as fast; deadlines are absolute, so delays do
            not add up.
    """
    if interaction.status is None:
        return failure(502, "llmxray_upstream", interaction.error or "the server could not be reached")
    response = start(
        interaction.status,
        interaction.headers,
        sample=interaction.sample,
        attempt=interaction.attempt,
        replayed=True,
    )
    loop = asyncio.get_running_loop()
    began = loop.time()
    await response.prepare(request)
    for chunk in interaction.chunks:
        if speed > 0:
            await asyncio.sleep(max(0.0, began + chunk.t_s / speed - loop.time()))
        await response.write(chunk.raw)
    if interaction.end is not EndCause.CLEAN:
        hang_up(request)
        return response
    await response.write_eof()
    return response


def hang_up(request: web.Request) -> None:
    """Break off inside the framing, after what was written has left."""
    if request.transport is not None:
        request.transport.close()


def models(names: Iterable[str]) -> web.Response:
    """The reply of ``/v1/models``."""
    data = [{"id": name, "object": "model", "owned_by": "llmxray"} for name in sorted(set(names))]
    return web.Response(text=json.dumps({"object": "list", "data": data}), content_type="application/json")
