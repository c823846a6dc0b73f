"""A tool call as text: equal where name and arguments are equal as JSON."""

import pytest

from llmxray.types import ToolCall
from llmxray.wire import call_text


@pytest.mark.parametrize(
    "arguments", ['{"a":1,"b":"x"}', '{ "b": "x", "a": 1.0 }', '{"b":"\\u0078","a":1e0}', '{"a":1,\n"b":"x"}']
)
def test_what_does_not_count(arguments):
    """The order of keys, white space, escapes, and how a number is written."""
    assert call_text(ToolCall("f", arguments)) == 'f({"a":1,"b":"x"})'


@pytest.mark.parametrize(
    "arguments",
    [
        '{"a":2,"b":"x"}',
        '{"a":"1","b":"x"}',
        '{"a":true,"b":"x"}',
        '{"a":1}',
        '{"a":1,"b":"X"}',
        '{"a":1,"b":["x"]}',
    ],
)
def test_everything_else_counts(arguments):
    """Other values, other types, other keys."""
    assert call_text(ToolCall("f", arguments)) not in (None, 'f({"a":1,"b":"x"})')
    assert call_text(ToolCall("g", '{"a":1,"b":"x"}')) != 'f({"a":1,"b":"x"})'


def test_a_call_without_arguments():
    """Nothing and an empty object are the same."""
    assert call_text(ToolCall("now", "")) == call_text(ToolCall("now", "{}")) == "now({})"


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("f", "{"), ("f", "[1]"), ("f", '"x"'), ("f", '{"a": NaN}'), ("f", "[" * 100_000), ("", "{}")],
)
def test_what_is_no_call(name, arguments):
    """Arguments that are no JSON object, and a call of nothing."""
    assert call_text(ToolCall(name, arguments)) is None
