"""Tool calls are scored by exact JSON of name and arguments."""

import pytest

from llmxray.scoring import score, shown_calls
from llmxray.types import Completion, Item, Outcome, ToolCall

ITEM = Item(
    "t",
    "What is 2 times 3?",
    (),
    'calculate({"a":2,"b":3})',
    accept=('calculate({"a":3,"b":2})',),
    tools=("{}",),
)


def called(*arguments: str, name: str = "calculate", **fields: object) -> Completion:
    """A reply that calls a function once for each of these arguments."""
    calls = tuple(ToolCall(name, each) for each in arguments)
    return Completion("", tool_calls=calls, **{"finish_reason": "tool_calls", **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reply", "outcome", "answer"),
    [
        (called('{"a": 2, "b": 3}'), Outcome.CORRECT, 'calculate({"a":2,"b":3})'),
        (called('{"b": 3.0, "a": 2}'), Outcome.CORRECT, 'calculate({"a":2,"b":3})'),
        (called('{"a": "2", "b": 3}'), Outcome.WRONG, 'calculate({"a":"2","b":3})'),
        (called('{"a": 2, "b": 3}', name="multiply"), Outcome.WRONG, 'multiply({"a":2,"b":3})'),
        (
            called('{"a": 2, "b": 3}', '{"a": 2, "b": 3}'),
            Outcome.WRONG,
            'calculate({"a":2,"b":3}); calculate({"a":2,"b":3})',
        ),
        (called('{"a": 2, "b"'), Outcome.UNPARSED, None),
        (called('{"a": 2, "b"', finish_reason="length"), Outcome.TRUNCATED, None),
        (Completion("It is 6.", finish_reason="stop"), Outcome.UNPARSED, None),
        (None, Outcome.ERROR, None),
    ],
)
def test_outcomes(reply, outcome, answer):
    """Equal as JSON or not; what is no call is unparsed, and nothing is ever guessed."""
    scored = score(ITEM, "tool", [reply])
    assert (scored.outcome, scored.answer) == (outcome, answer)
    assert bool(scored.rule) is (answer is not None)


def test_a_call_written_into_the_text():
    """Models write it so where the server does not take it for a call; the rule says which way it came."""
    text = '<tool_call>\n{"name": "calculate", "arguments": {"a": 2, "b": 3}}\n</tool_call>'
    scored = score(
        ITEM, "tool", [Completion(f"<think>two times three</think>\n{text}", finish_reason="stop")]
    )
    assert (scored.outcome, scored.rule) == (Outcome.CORRECT, "tool-call-text")
    assert scored.reasoning == "two times three"
    assert score(ITEM, "tool", [called('{"a": 2, "b": 3}')]).rule == "tool-call"


@pytest.mark.parametrize(
    "text",
    [
        '<tool_call>{"arguments": {}}</tool_call>',
        '<tool_call>{"name": "calculate", "arguments": {"a": 2, "b": 3}}',
        '<think><tool_call>{"name": "calculate", "arguments": {"a": 2, "b": 3}}</tool_call>',
    ],
)
def test_text_that_is_no_call(text):
    """Broken, unnamed, unclosed, or only thought of."""
    assert score(ITEM, "tool", [Completion(text, finish_reason="stop")]).outcome is Outcome.UNPARSED


def test_shown_as_sent():
    """A reader sees the arguments as the model wrote them."""
    assert shown_calls(called('{"b": 3.0}', "{").tool_calls) == 'calculate({"b": 3.0})\ncalculate({)'
