"""Which payloads are errors, and what they say."""

import pytest

from llmxray.wire.openai_errors import error_text, find_error, is_broken_off, is_error


@pytest.mark.parametrize(
    "payload",
    [
        {"object": "error", "message": "bad", "type": "BadRequestError", "param": None, "code": 400},
        {"type": "error", "message": "overloaded"},
        {"detail": "Not Found"},
        {"detail": {"message": "no such model"}},
        {"message": "Unauthorized"},
        {"message": {"message": "inner", "code": "x"}},
        {"success": False, "errors": [{"code": 7000, "message": "No route"}]},
        {"errorMessage": "gone"},
        {"msg": "gone", "code": 1},
    ],
)
def test_errors_without_an_error_key(payload):
    """Every shape is one, and says something."""
    assert is_error(payload)
    assert error_text(payload) not in ("", "error")


@pytest.mark.parametrize(
    "payload",
    [
        {"choices": []},
        {"choices": [], "message": "a server's greeting"},
        {"x_groq": {"id": "r"}},
        {"type": "ping"},
        {"detail": None, "message": ""},
        {},
    ],
)
def test_what_is_no_error(payload):
    """Replies, usage, pings, and a message of the model in another API's form."""
    assert not is_error(payload)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain\nwords", "plain words"),
        ({"message": "a"}, "a"),
        ({"error": {"message": {"detail": "deep"}}}, "deep"),
        ({"code": 5}, '{"code": 5}'),
        ([1], "[1]"),
        (None, "null"),
        ("", "error"),
    ],
)
def test_one_line(value, text):
    """Out of any shape."""
    assert error_text(value) == text


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        ({"error": {"message": "overloaded"}, "choices": []}, "overloaded"),
        ({"choices": [], "x_groq": {"id": "r", "error": "over capacity"}}, "over capacity"),
        ({"x_groq": {"error": {"message": "over capacity", "type": "internal"}}}, "over capacity"),
        (
            {"choices": None, "base_resp": {"status_code": 1008, "status_msg": "insufficient balance"}},
            "insufficient balance",
        ),
        ({"detail": "Not Found"}, "Not Found"),
    ],
)
def test_complaints(payload, says):
    """In the place that each server has for them."""
    wrong = find_error(payload)
    assert error_text(wrong) == says


@pytest.mark.parametrize(
    ("reason", "broken"),
    [
        ("error", True),
        ("abort", True),
        ("insufficient_system_resource", True),
        ("network_error", True),
        ("cancelled", True),
        ("time_limit", False),
        ("stop", False),
        ("content_filter", False),
        (None, False),
    ],
)
def test_finish_reasons_that_are_errors(reason, broken):
    """The server failed; what was said until then is no answer."""
    assert is_broken_off(reason) == broken
