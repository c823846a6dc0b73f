"""Which routes are passed on, what identifies a request there, and when its reply is whole."""

from dataclasses import replace
from typing import Any

import pytest
from recordings import interaction

from llmxray.errors import InputError
from llmxray.types import CHAT, EndCause, Route
from llmxray.wire import RouteError, is_whole, request_key, route_key, route_of

BODY: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}


@pytest.mark.parametrize(
    "target",
    [
        "/v1/embeddings",
        "/v1/responses/resp_68af40337e50819fb7b6.b0",
        "/v1/models/org/name",
        "/v1/models/org%2Fname:free",
        "/v1/messages?beta=true",
        "/v1/chat/completions?api-version=2024-10-21",
        "/v1/files?limit=3&after=file%2Babc",
        "/v1/a..b/c.d/~e/f@g+h",
    ],
)
def test_paths_that_are_passed_on(target):
    """As they were sent, query and escapes included."""
    assert target == route_of("GET", target, {}).path


@pytest.mark.parametrize(
    "target",
    [
        "/v1", "/v1/", "/v2/models", "/v1/../admin", "/v1/./admin", "/v1/a/../../admin", "/v1/%2e%2e/admin",
        "/v1/%2E%2e%2fadmin", "/v1/a%2f..%2f..%2fadmin", "/v1/..%5cadmin", "/v1/a%5C..%5cadmin", "/v1/%252e%252e/admin",
        "/v1/..;/admin", "/v1/a;b", "/v1//evil.example/", "/v1/a//b", "/v1/a b", "/v1/a%00b", "/v1/a%0d%0ab",
        "/v1/a%7f", "/v1/%", "/v1/%zz", "/v1/a\\b", "/v1/a#b", "/v1/.%20./x", "/v1/…",
        "http://evil.example/v1/models", "//evil.example/v1/models", "/v1/models?a b", "/v1/models?a=<b>",
        "v1/models", ""])  # fmt: skip
def test_paths_that_lead_elsewhere(target):
    """Up, away, or wherever the next server would read them to lead."""
    with pytest.raises(RouteError) as caught:
        route_of("POST", target, {})
    assert isinstance(caught.value, InputError)


@pytest.mark.parametrize(
    "name",
    [
        *("key", "api_key", "APIKEY", "apiKey", "access_token", "sig", "x-api-key", "auth", "PWD", "code"),
        *("subscription-key", "client_secret", "X-Amz-Signature", "x.auth.token", "api%5Fkey"),
    ],
)
def test_keys_in_the_address(name):
    """Would stand in the recording; the value is not repeated."""
    with pytest.raises(RouteError, match="send the key in a header") as caught:
        route_of("GET", f"/v1/models?limit=3&{name}=SECRET", {})
    assert "SECRET" not in str(caught.value)
    # A name that only contains one is no key, and neither is the place where a list goes on.
    assert route_of(
        "GET", "/v1/models?monkey=1&next_page_token_kind=a&pageToken=b&sort_key=c&author=d&lang_code=e", {}
    )


@pytest.mark.parametrize(
    "value",
    ["sk-proj-0123456789abcdefgh", "AIzaSyA0123456789012345678901234567890", "eyJhbGciOi.eyJzdWIiOi.c2ln"],
)
def test_keys_under_a_name_that_says_nothing(value):
    """Told by how services begin their keys."""
    with pytest.raises(RouteError, match="'x' in the address would be recorded") as caught:
        route_of("GET", f"/v1/models?x={value}", {})
    assert value not in str(caught.value)
    assert route_of("GET", "/v1/models?after=eyJpZCI6IDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2fQ&x=sk-1", {})


def test_chat_keeps_its_key():
    """Headers and the new fields change no key of a chat request."""
    headers = {"anthropic-version": "2023-06-01", "openai-beta": "x"}
    route = route_of("POST", "/v1/chat/completions", headers)
    assert route == CHAT
    assert route.is_chat
    assert request_key("POST", "/v1/chat/completions", "x", BODY) == route_key(route, "x", BODY)


def test_what_tells_requests_apart_elsewhere():
    """Method, path, query, and the headers that choose a version."""
    routes = [
        Route(),
        Route("GET"),
        Route(path="/v1/embeddings"),
        Route(path="/v1/embeddings?a=1"),
        route_of("POST", "/v1/messages", {"anthropic-version": "2023-06-01"}),
        route_of("POST", "/v1/messages", {"anthropic-version": "2024-06-01"}),
        route_of("POST", "/v1/messages", {}),
    ]
    assert len(routes) == len({route_key(each, "x", BODY) for each in routes})
    assert route_key(route_of("POST", "/v1/messages", {"user-agent": "a"}), "x", BODY) == route_key(
        routes[-1], "x", BODY
    )


def test_whole_replies():
    """Chat by what it says, everything else by how its framing ended and by its status."""
    embeddings = Route(path="/v1/embeddings")
    said = interaction(body=b'{"data": [{"embedding": [0.1]}]}')
    assert not is_whole(said)
    assert is_whole(replace(said, route=embeddings))
    assert is_whole(replace(said, route=embeddings, status=204))
    for broken in (
        {"status": 500},
        {"status": None},
        {"status": 302},
        {"end": EndCause.RESET},
        {"end": EndCause.CLIENT_GONE},
    ):
        assert not is_whole(replace(said, route=embeddings, **broken))  # type: ignore[arg-type]
    assert is_whole(interaction())
