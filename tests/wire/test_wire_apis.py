"""Requests of chat, spelled for the Responses API."""

from __future__ import annotations

from typing import Any

import pytest

from llmxray.wire import APIS

SCHEMA = {"name": "a", "strict": True, "schema": {"type": "object"}}
TOOL = {"name": "add", "description": "Adds.", "parameters": {"type": "object"}}


@pytest.mark.parametrize(
    ("chat", "sent"),
    [
        ({"messages": [{"role": "system", "content": "Hi"}]}, {"input": [{"role": "system", "content": "Hi"}]}),
        ({"stream": True, "stream_options": {"include_usage": True}}, {"stream": True}),
        (
            {"logprobs": True, "top_logprobs": 3, "include": ["reasoning.encrypted_content"]},
            {"include": ["reasoning.encrypted_content", "message.output_text.logprobs"], "top_logprobs": 3},
        ),
        ({"logprobs": False, "temperature": 0}, {"temperature": 0}),
        ({"reasoning": {"summary": "auto"}, "reasoning_effort": "low"}, {"reasoning": {"summary": "auto", "effort": "low"}}),
        (
            {"response_format": {"type": "json_schema", "json_schema": SCHEMA}, "text": {"verbosity": "low"}},
            {"text": {"verbosity": "low", "format": {"type": "json_schema", **SCHEMA}}},
        ),
        ({"response_format": {"type": "json_object"}}, {"text": {"format": {"type": "json_object"}}}),
        ({"tools": [{"type": "function", "function": TOOL}]}, {"tools": [{"type": "function", "strict": False, **TOOL}]}),
        ({"max_output_tokens": 64, "store": True, "min_p": 0.1}, {"max_output_tokens": 64, "store": True, "min_p": 0.1}),
    ],
)  # fmt: skip
def test_a_request_as_the_responses_api_spells_it(chat: dict[str, Any], sent: dict[str, Any]) -> None:
    """Every field has its place, nothing is stored, and a second time changes nothing; chat stays as it is."""
    body = APIS["responses"].body(chat)
    assert body == {"store": False, **sent} == APIS["responses"].body(body)
    assert APIS["chat"].body(chat) == chat
