"""Writing to a client: a recorded exchange in its rhythm, or an error of ours in OpenAI's shape."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from contextvars import ContextVar

from aiohttp import web
from multidict import CIMultiDict

from llmxray.cassette import Address
from llmxray.errors import EndpointError
from llmxray.types import EndCause, Interaction

SAMPLE_HEADER = "X-Llmxray-Sample"
ATTEMPT_HEADER = "X-Llmxray-Attempt"
REPLAYED_HEADER = "X-Llmxray-Replayed"
MORE_HEADER = "X-Llmxray-More"
ERROR_HEADER = "X-Llmxray-Error"
WHOLE_HEADER = "X-Llmxray-Whole"
"""From a client that takes a reply in one piece, without its rhythm: our runner without a live view."""
# A browser that opens a reply shows it as a page of the proxy's origin, which the access check lets in. So
# scripts are blocked and its type is not guessed.
_CONFINED = {"Content-Security-Policy": "sandbox; default-src 'none'", "X-Content-Type-Options": "nosniff"}
# When the request being answered came, by the clock of the event loop.
arrived_s: ContextVar[float] = ContextVar("arrived_s")


def error_response(
    status: int, kind: str, message: str, headers: Mapping[str, str] | None = None
) -> web.Response:
    """An error reply of ours that OpenAI clients show as they show a server's own."""
    # In the header as well, to tell our errors from a server's.
    body = {"error": {"type": kind, "message": message, "code": status}}
    return web.json_response(body, status=status, headers={ERROR_HEADER: kind, **(headers or {})})


def recording_headers(address: Address | None, *, replayed: bool, more: bool = False) -> dict[str, str]:
    """Headers naming the recording of a reply, and whether a later try is recorded."""
    where = (
        {} if address is None else {SAMPLE_HEADER: str(address.sample), ATTEMPT_HEADER: str(address.attempt)}
    )
    return {**where, REPLAYED_HEADER: str(int(replayed)), MORE_HEADER: str(int(more))}


def refuse_replay(server: str, headers: Iterable[tuple[str, str]]) -> None:
    """Refuse a server's reply that an llmxray proxy replayed: recorded again, it would seem to be new.

    Raises:
        EndpointError: the headers say so.
    """
    if (REPLAYED_HEADER.lower(), "1") in ((name.lower(), value.strip()) for name, value in headers):
        raise EndpointError(
            f"{server} sends replies that llmxray recorded earlier ({REPLAYED_HEADER}: 1), which are not recorded "
            "again: give the address of the model server"
        )


async def add_security_headers(_: web.Request, response: web.StreamResponse) -> None:
    """Let nothing of a reply run in a browser, errors of aiohttp too."""
    response.headers.update(_CONFINED)


async def start_response(
    request: web.Request, status: int, headers: Iterable[tuple[str, str]], ours: Mapping[str, str]
) -> web.StreamResponse:
    """A streaming reply, begun, with the recorded status and headers, and ours.

    Chunked, except for clients of HTTP/1.0, whose body ends with the connection.
    """
    response = web.StreamResponse(status=status)
    for name, value in headers:
        # Added, not set: a name may be there twice.
        response.headers.add(name, value)
    response.headers.update(ours)
    await response.prepare(request)
    return response


async def replay(
    request: web.Request, interaction: Interaction, speed: float, *, more: bool = False
) -> web.StreamResponse:
    """Send a recording again, chunk by chunk.

    Args:
        speed: 0 sends at once, 1 as recorded, N that many times as fast; deadlines are absolute, so delays do
            not add up.
        more: whether a later try of the same sample is recorded.
    """
    address = Address(interaction.key, interaction.sample, interaction.attempt)
    ours = recording_headers(address, replayed=True, more=more)
    if interaction.status is None:
        why = interaction.error or "the server could not be reached"
        return error_response(502, "llmxray_upstream", why, ours)
    if not speed and WHOLE_HEADER in request.headers:
        if interaction.end is EndCause.CLEAN:
            headers = CIMultiDict([*interaction.headers, *ours.items()])
            return web.Response(body=interaction.body, status=interaction.status, headers=headers)
        # Cut again where it was: the last byte that is announced never comes.
        ours["Content-Length"] = str(len(interaction.body) + 1)
    loop = asyncio.get_running_loop()
    # From when the request came, not from when its recording was found: that would make every chunk late.
    began = arrived_s.get(loop.time())
    response = await start_response(request, interaction.status, interaction.headers, ours)
    # The client may have seen enough.
    with suppress(ConnectionError):
        for chunk in interaction.chunks:
            if speed > 0:
                await asyncio.sleep(max(0.0, began + chunk.t_s / speed - loop.time()))
            await response.write(chunk.raw)
        if interaction.end is EndCause.CLEAN:
            await response.write_eof()
        else:
            hang_up(request)
    return response


def hang_up(request: web.Request) -> None:
    """Break off inside the framing, after sending the buffer."""
    if request.transport is not None:
        # Not abort, which would drop the buffer.
        request.transport.close()


def models_response(names: Iterable[str]) -> web.Response:
    """The reply of ``/v1/models``."""
    data = [{"id": name, "object": "model", "owned_by": "llmxray"} for name in sorted(set(names))]
    return web.Response(text=json.dumps({"object": "list", "data": data}), content_type="application/json")
