"""Which requests are the same, and what a miss says about the nearest one."""

import hashlib
import json
from contextlib import suppress
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from llmxray.errors import InputError
from llmxray.wire import FieldDiff, encode_body, miss_message, nearest_request, parse_body, request_key
from llmxray.wire.identity import RequestBodyError

BODY: dict[str, Any] = {
    "model": "smollm2",
    "messages": [
        {"role": "system", "content": "You answer quiz questions."},
        {"role": "user", "content": "What is the capital of Australia?"},
    ],
    "temperature": 0,
    "seed": 7,
    "stream": True,
    "stream_options": {"include_usage": True},
}

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def key(body: Any, **where: str) -> str:
    """Key of a body at the usual place."""
    place = {"method": "POST", "path": "/chat/completions", "endpoint": "tiny", **where}
    return request_key(body=body, **place)


def test_key_is_the_hash_of_canonical_json():
    """The formula, spelled out once by hand."""
    canonical = '{"body":{"a":1,"é":"x"},"endpoint":"tiny","method":"POST","path":"/chat/completions"}'
    expected = "v1:" + hashlib.sha256(canonical.encode()).hexdigest()
    assert key('{"é": "x", "a": 1.0}'.encode()) == expected


def test_key_order_and_white_space_do_not_matter():
    """However a client writes the same JSON, it is the same request."""
    backwards = dict(reversed(BODY.items()))
    for text in (json.dumps(BODY), json.dumps(backwards, indent=2), json.dumps(BODY, ensure_ascii=False)):
        assert key(text.encode()) == key(BODY)


@pytest.mark.parametrize(
    "extra",
    [
        {"user": "me"},
        {"metadata": {"run": "1"}},
        {"prompt_cache_key": "abc", "prompt_cache_retention": "24h"},
        {"service_tier": "flex"},
        {"stream_options": {"include_usage": True, "include_obfuscation": False}},
    ],
)
def test_dropped_fields(extra):
    """Fields that change no answer change no key."""
    assert key({**BODY, **extra}) == key(BODY)


def test_emptied_stream_options_are_dropped():
    """Options with nothing left in them count as absent; empty ones as sent do not."""
    bare = {k: v for k, v in BODY.items() if k != "stream_options"}
    assert key({**bare, "stream_options": {"include_obfuscation": False}}) == key(bare)
    assert key({**bare, "stream_options": {}}) != key(bare)


@pytest.mark.parametrize(
    "change",
    [
        {"temperature": 0.1},
        {"temperature": "0"},
        {"stream": False},
        {"extra": None},
        {"stream_options": {"include_usage": False}},
    ],
)
def test_everything_else_matters(change):
    """Any other difference is another request."""
    assert key({**BODY, **change}) != key(BODY)


@pytest.mark.parametrize("where", [{"method": "GET"}, {"path": "/models"}, {"endpoint": "lab"}])
def test_place_matters(where):
    """Method, path and endpoint label are part of the identity, big integers or not."""
    assert key(BODY, **where) != key(BODY)
    assert key({"seed": 2**60}, **where) != key({"seed": 2**60})


@pytest.mark.parametrize("text", ['{"seed":9007199254740993}', '{"prompt":"\\ud800"}', '{"\\ud800":1}'])
def test_beyond_rfc_8785(text):
    """Where there is no canonical form the bytes decide, and what we send ourselves still matches."""
    raw = text.encode()
    assert key(raw) == key(parse_body(raw))
    assert key(raw) != key(raw.replace(b":", b": "))
    assert key(b'{"seed":9007199254740993}') != key(b'{"seed":9007199254740992}')


@given(st.dictionaries(st.text(), json_values, max_size=4))
def test_mapping_and_bytes_agree(body):
    """The planner's key of a mapping is the proxy's key of the bytes sent for it; by RFC 8785 where it has a form."""
    assert key(body) == key(encode_body(body))
    with suppress(ValueError):
        place = {"method": "POST", "path": "/chat/completions", "endpoint": "tiny"}
        assert key(body) == "v1:" + hashlib.sha256(rfc8785.dumps({**place, "body": body})).hexdigest()


@pytest.mark.parametrize("text", ['{"a":1,"a":1}', '{"m":[{"role":"x","role":"y"}]}', '{"a":1,"\\u0061":2}'])
def test_duplicate_keys_are_refused(text):
    """A key given twice, at any depth and however it is escaped, is an input error."""
    with pytest.raises(RequestBodyError, match="twice"):
        key(text.encode())


@pytest.mark.parametrize("raw", [b"[1]", b"x", b"\xff", b"[" * 100_000, b"\xef\xbb\xbf{}"])
def test_bodies_without_identity(raw):
    """What is no JSON object is refused in one line, as an input error and a ValueError."""
    with pytest.raises(RequestBodyError) as caught:
        parse_body(raw)
    assert isinstance(caught.value, InputError)
    assert isinstance(caught.value, ValueError)
    assert "\n" not in str(caught.value)


def test_request_without_a_body():
    """GET /models has an identity too."""
    assert key(b"", method="GET", path="/models") == key({}, method="GET", path="/models")


class TestNearest:
    """The recorded request a miss is explained with."""

    def test_fewest_fields_win(self):
        """One differing field beats two, and the fields are named with both values."""
        near, far = {**BODY, "temperature": 0.7}, {**BODY, "temperature": 0.7, "seed": 1}
        expected = ("near", (FieldDiff("temperature", "0.7", "0"),))
        assert nearest_request(BODY, [("far", far), ("near", near)]) == expected

    def test_most_similar_text_wins_among_equals(self):
        """Of requests that differ in one text, the one whose text is most alike."""
        typo = json.loads(json.dumps(BODY).replace("Australia", "Austria"))
        other = json.loads(json.dumps(BODY).replace("What is the capital of Australia", "Who wrote Emma"))
        found = nearest_request(BODY, [("other", other), ("typo", typo)])
        assert found[0] == "typo"
        assert [diff.path for diff in found[1]] == ["messages[1].content"]

    def test_fields_that_the_user_ignores_are_not_named(self):
        """Neither as a difference nor as the only one."""
        other = {**BODY, "trace_id": "1", "temperature": 1}
        found = nearest_request(BODY, [("k", other)], ignored=["trace_id"])
        assert ["temperature"] == [diff.path for diff in found[1]]

    def test_long_texts_are_cut_around_the_difference(self):
        """Thousands of equal characters do not hide the one that differs."""
        found = nearest_request(
            {"p": "x" * 5000 + "Y" + "z" * 500}, [("k", {"p": "x" * 5000 + "N" + "z" * 500})]
        )
        (diff,) = found[1]
        assert diff.recorded.startswith("…xxx")
        assert "xN" in diff.recorded
        assert "xY" in diff.asked
        assert len(diff.asked) < 80


class TestMissMessage:
    """The paragraph a person reads."""

    def test_same_body_elsewhere_and_empty_cassette(self):
        """No differing field points at path or endpoint; no recording is said."""
        assert "another path or endpoint" in miss_message("c", "v1:a", ("v1:b", ()))
        assert "no recording" in miss_message("c", "v1:a", None)


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999", "-1e400"])
def test_numbers_that_json_does_not_have(number):
    """Refused wherever they stand; ordinary numbers are read as ever."""
    raw = f'{{"a": [{{"b": {number}}}]}}'.encode()
    with pytest.raises(RequestBodyError, match="is no number"):
        parse_body(raw)
    assert {"a": 1e308, "b": 7, "c": 0.5} == parse_body(b'{"a": 1e308, "b": 7, "c": 0.5}')
