"""Which routes a proxy passes on, what identifies a request on one, and when its reply is whole. Pure.

Chat completions are read into results; replies of ``/v1/responses`` and ``/v1/messages`` are read as well. Everything
else under ``/v1/`` is recorded and replayed byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from urllib.parse import parse_qsl, unquote

from llmxray.errors import InputError
from llmxray.types import CHAT, Completion, EndCause, Interaction, Json, Route
from llmxray.wire.identity import request_key
from llmxray.wire.openai import is_complete

VERSION = "/v1"
# They choose a version of the interface, and with it what is answered.
IDENTIFYING_HEADERS = ("anthropic-beta", "anthropic-version", "openai-beta")
# No ";", which some servers cut off with what follows: "..;" would be "..".
_SEGMENT = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,=:@-]|%[0-9A-Fa-f]{2})+")
_QUERY = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,=:@/?-]|%[0-9A-Fa-f]{2})*")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
# A name whose last word is one of these holds a key: subscription-key, client_secret, X-Amz-Signature, apiKey.
_SECRETS = frozenset(
    [
        *(
            "key",
            "apikey",
            "accesskey",
            "token",
            "accesstoken",
            "authtoken",
            "secret",
            "password",
            "passwd",
            "pwd",
        ),
        *("sig", "signature", "credential", "credentials", "auth", "authorization", "bearer", "jwt"),
    ]
)
# But for those of the place where a list goes on, and of its order.
_PAGING = frozenset({"next", "prev", "previous", "page", "continuation", "sync", "sort", "order"})
# A name may say nothing; the value is then told by the beginnings that services give their keys.
_KEY_VALUE = re.compile(
    r"(sk|pk|rk|gsk|hf|ghp|xai)[-_][A-Za-z0-9_-]{16,}|AIza[A-Za-z0-9_-]{30,}|eyJ[\w-]+\.[\w-]+\.[\w-]+",
    re.ASCII,
)


class RouteError(InputError, ValueError):
    """A request that is not passed on: its path leads elsewhere, or its address holds a key."""


def route_of(method: str, target: str, headers: Mapping[str, str], *, ignored: Collection[str] = ()) -> Route:
    """The route of a request.

    Args:
        target: path from ``/v1`` on, with the query, as the client sent it.
        headers: of the request; the lookup must not depend on case.
        ignored: fields of the body that the user leaves out of the identity.

    Raises:
        RouteError: the path could leave ``/v1/``, or the query holds a key.
    """
    complaint = _complaint(target)
    if complaint:
        raise RouteError(complaint)
    # Chat is identified by its body alone, as ever.
    sent = () if target == CHAT.path else IDENTIFYING_HEADERS
    kept = tuple((name, headers[name]) for name in sent if name in headers)
    return Route(method, target, kept, tuple(sorted(ignored)))


def route_key(route: Route, endpoint: str, body: bytes | Mapping[str, Json]) -> str:
    """`request_key` of a request on that route.

    Raises:
        RequestBodyError: see `request_key`.
    """
    return request_key(route.method, route.path, endpoint, body, headers=route.headers, ignored=route.ignored)


def is_whole(interaction: Interaction, reply: Completion | None = None) -> bool:
    """Whether a recording is an answer: `is_complete` where replies are read, elsewhere a clean end and a success.

    Args:
        reply: what it reads as, where that is at hand.
    """
    if interaction.route.is_chat or interaction.route.other_api:
        return is_complete(interaction, reply)
    status = interaction.status
    return interaction.end is EndCause.CLEAN and status is not None and 200 <= status < 300


# The same few paths are asked for again and again.
@lru_cache(256)
def _complaint(target: str) -> str:
    """Why a path with its query is not passed on; "" where it is."""
    path, _, query = target.partition("?")
    if not path.startswith(VERSION + "/") or not _stays_below(path[len(VERSION) + 1 :]):
        return "this path is not passed on: only paths below /v1/, without '..' and the like"
    if not _QUERY.fullmatch(query):
        return "the query of this address is not passed on: it has characters that must be escaped"
    named = [
        name
        for name, value in parse_qsl(query, keep_blank_values=True)
        if _is_secret(name) or _KEY_VALUE.fullmatch(value)
    ]
    # The path is recorded, and recordings are shared.
    return f"'{named[0]}' in the address would be recorded: send the key in a header" if named else ""


def _is_secret(name: str) -> bool:
    """Whether a field of a query is named as keys are."""
    words = [word.lower() for word in _WORD.findall(name)]
    # Azure's functions take theirs as `code`, which ends many a name that is none.
    return words == ["code"] or (bool(words) and words[-1] in _SECRETS and words[0] not in _PAGING)


def _stays_below(path: str) -> bool:
    """Whether no part of the path leads up or away, whoever decodes it and how often."""
    for segment in path.split("/"):
        if not _SEGMENT.fullmatch(segment):
            return False
        decoded = unquote(segment)
        # What is still escaped could be decoded once more by the next server.
        if "%" in decoded or not decoded.isprintable():
            return False
        if any(not piece.strip(" .") for piece in re.split(r"[/\\]", decoded)):
            return False
    return True
