"""What a finish reason says, in the words of each server."""

import pytest

from llmxray.wire import is_cut, is_filtered


@pytest.mark.parametrize(
    ("reason", "cut", "filtered"),
    [
        ("length", True, False),
        ("model_context_window_exceeded", True, False),
        ("MAX_TOKENS", True, False),
        ("token_limit", True, False),
        ("guardrail_intervened", False, True),
        ("content_filter: PROHIBITED_CONTENT", False, True),
        ("sensitive", False, True),
        ("SAFETY", False, True),
        ("eos", False, False),
        ("lengthy", False, False),
        ("", False, False),
        (None, False, False),
    ],
)
def test_reasons(reason, cut, filtered):
    """Cut at a limit, withheld by a filter, or neither."""
    assert (is_cut(reason), is_filtered(reason)) == (cut, filtered)
