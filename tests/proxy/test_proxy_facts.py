"""What the recorded streams of server families show of themselves."""

from __future__ import annotations

import json
from typing import Any

import pytest
from servers import events

from llmxray.proxy.facts import (
    forcing_fields,
    model_facts,
    reasoning_field,
    server_name,
    thinking,
    was_forced,
)
from llmxray.types import Completion


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b'{"delta": {"reasoning_content": "a"}}', "reasoning_content"),
        (b'{"delta":{"reasoning":"a","content":""}}', "reasoning"),
        (b'{"delta":{"reasoning":null,"reasoning_details":[{"text":"a"}]}}', "reasoning_details"),
        (b'{"delta":{"reasoning_content": null, "content": "a"}}', ""),
        (b"".join(events("a")), ""),
    ],
)
def test_reasoning_field(body: bytes, name: str) -> None:
    """The first that has something in it."""
    assert name == reasoning_field(body)


@pytest.mark.parametrize(
    ("model", "reply", "capabilities", "thinks", "says"),
    [
        ("m", Completion("x", reasoning="hm"), (), True, "reasoning"),
        ("m", Completion("<think>hm"), (), True, "<think>"),
        ("deepseek-r1:7b", Completion("x"), (), True, "name"),
        ("m", Completion("x"), ("completion", "thinking"), True, "server says"),
        ("m", Completion("x"), ("completion",), False, ""),
    ],
)
def test_thinking(
    model: str, reply: Completion, capabilities: tuple[str, ...], thinks: bool, says: str
) -> None:
    """By the reply, by what the server says, by the name."""
    found, why = thinking(model, reply, capabilities)
    assert thinks == found
    assert says in why
    assert found == bool(why)


@pytest.mark.parametrize(
    ("entry", "fingerprint", "header", "name"),
    [
        ({"owned_by": "llamacpp"}, "b1-x", "llama.cpp", "llama.cpp"),
        ({"owned_by": "vllm"}, "", "uvicorn", "vLLM"),
        ({"owned_by": "library"}, "fp_ollama", "", "Ollama"),
        ({}, "", "uvicorn", "uvicorn"),
        ({}, "", "", ""),
    ],
)
def test_server_name(entry: dict[str, Any], fingerprint: str, header: str, name: str) -> None:
    """By its list, by its fingerprint, else by its header."""
    assert name == server_name(entry, Completion("", system_fingerprint=fingerprint), header)


def test_model_facts() -> None:
    """Known numbers, nested or not; nothing else, no paths."""
    entry = {
        "id": "m",
        "max_model_len": 4096,
        "root": "/models/secret",
        "meta": {"n_params": 7, "path": "/x"},
    }
    assert "n_params 7, max_model_len 4096" == model_facts(entry)
    assert "" == model_facts({"meta": None})


def test_forcing() -> None:
    """Each way names the text; a reply is forced when it is that text, plain or in its object."""
    for fields in forcing_fields("Zanzibar").values():
        assert "Zanzibar" in json.dumps(fields)
    assert was_forced(Completion(" Zanzibar\n"), "Zanzibar")
    assert was_forced(Completion('{"answer": "Zanzibar"}'), "Zanzibar")
    assert not was_forced(Completion("Paris"), "Zanzibar")
    assert not was_forced(Completion("[1"), "Zanzibar")
