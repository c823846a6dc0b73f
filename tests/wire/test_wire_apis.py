"""Requests of chat, spelled for the Responses API."""

from llmxray.types import Json
from llmxray.wire import APIS

TOOL: dict[str, Json] = {"name": "add", "description": "Adds.", "parameters": {"type": "object"}}
SCHEMA: dict[str, Json] = {"name": "a", "strict": True, "schema": {"type": "object"}}
CHAT: dict[str, Json] = {
    "model": "m", "messages": [{"role": "system", "content": "Hi"}], "stream": True,
    "stream_options": {"include_usage": True}, "max_output_tokens": 64, "temperature": 0, "min_p": 0.1,
    "logprobs": True, "top_logprobs": 3, "include": ["reasoning.encrypted_content"],
    "reasoning_effort": "low", "reasoning": {"summary": "auto"}, "text": {"verbosity": "low"},
    "response_format": {"type": "json_schema", "json_schema": SCHEMA},
    "tools": [{"type": "function", "function": TOOL}, {"type": "web_search"}],
}  # fmt: skip
SENT: dict[str, Json] = {
    "model": "m", "input": [{"role": "system", "content": "Hi"}], "stream": True, "store": False,
    "max_output_tokens": 64, "temperature": 0, "min_p": 0.1, "top_logprobs": 3,
    "include": ["reasoning.encrypted_content", "message.output_text.logprobs"],
    "reasoning": {"summary": "auto", "effort": "low"},
    "text": {"verbosity": "low", "format": {"type": "json_schema", **SCHEMA}},
    "tools": [{"type": "function", "strict": False, **TOOL}, {"type": "web_search"}],
}  # fmt: skip


def test_a_request_as_the_responses_api_spells_it():
    """Every field has its place, nothing is stored, and a second time changes nothing; chat stays as it is."""
    body = APIS["responses"].body
    assert body(CHAT) == SENT == body(SENT)
    assert body({"logprobs": False, "store": True}) == {"store": True}
    assert body({"response_format": {"type": "json_object"}})["text"] == {"format": {"type": "json_object"}}
    assert APIS["chat"].body(CHAT) == CHAT
