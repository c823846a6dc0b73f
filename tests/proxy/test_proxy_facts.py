"""What the recorded streams of server families show of themselves."""

import json
import math

import pytest
from servers import events

from llmxray.proxy.facts import (
    detect_thinking,
    forcing_fields,
    model_facts,
    read_forced,
    reasoning_field,
    server_name,
    was_forced,
)
from llmxray.types import Completion, TokenLogprob


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
def test_reasoning_field(body, name):
    """The first that has something in it."""
    assert name == reasoning_field(body)


@pytest.mark.parametrize(
    ("model", "reply", "capabilities", "thinks", "says"),
    [
        ("m", Completion("x", reasoning="hm"), (), True, "reasoning"),
        ("m", Completion("<think>hm"), (), True, "<think>"),
        ("deepseek-r1:7b", Completion("x"), (), True, "name"),
        ("m", Completion("x"), ("completion",), False, ""),
    ],
)
def test_thinking(model, reply, capabilities, thinks, says):
    """By the reply, by what the server says, by the name."""
    found, why = detect_thinking(model, reply, capabilities)
    assert thinks == found
    assert says in why
    assert found == bool(why)


@pytest.mark.parametrize(
    ("entry", "fingerprint", "headers", "url", "name"),
    [
        ({"owned_by": "llamacpp"}, "b1-x", {"server": "llama.cpp"}, "http://127.0.0.1:8080/v1", "llama.cpp"),
        ({"owned_by": "openai"}, "", {}, "https://api.openai.com/v1", "OpenAI"),
        ({"owned_by": "system"}, "", {"server": "cloudflare"}, "https://api.openai.com/v1", "OpenAI"),
        # A gateway lists every model as OpenAI's, and hands on the fingerprint of the server behind it.
        ({}, "fp_ollama", {"x-litellm-version": "1.80.0"}, "http://127.0.0.1:4000/v1", "LiteLLM"),
        ({"owned_by": "openai"}, "", {}, "https://api.openai.com.evil.example/v1", ""),
        ({}, "", {}, "http://lab.example/v1", ""),
    ],
)
def test_server_name(entry, fingerprint, headers, url, name):
    """What is known: the gateway, the software, the vendor at its own address; else the header, named as one."""
    assert name == server_name(entry, Completion("", system_fingerprint=fingerprint), headers, url)


def test_model_facts():
    """Known numbers, nested or not; nothing else, no paths."""
    entry = {
        "id": "m",
        "max_model_len": 4096,
        "root": "/models/secret",
        "meta": {"n_params": 7, "path": "/x"},
    }
    assert "n_params 7, max_model_len 4096" == model_facts(entry)
    assert "" == model_facts({"meta": None})


def test_forcing():
    """Each way names the text; a reply is forced when it is that text, plain or in its object."""
    for fields in forcing_fields("Zanzibar").values():
        assert "Zanzibar" in json.dumps(fields)
    assert was_forced(Completion(" Zanzibar\n"), "Zanzibar")
    assert was_forced(Completion('{"answer": "Zanzibar"}'), "Zanzibar")
    assert not was_forced(Completion("Paris"), "Zanzibar")
    assert not was_forced(Completion("[1"), "Zanzibar")
    assert not was_forced(Completion("[" * 200_000), "Zanzibar")


def said(*tokens: tuple[str, float]) -> Completion:
    """A reply of these tokens."""
    return Completion(
        "".join(text for text, _ in tokens),
        tokens=tuple(TokenLogprob(text, None, nats) for text, nats in tokens),
    )


@pytest.mark.parametrize(
    ("reply", "usable"),
    [
        (said(("Zan", -9.0), ("zibar", -0.1)), True),
        (said(("Zan", -math.inf), ("zibar", -0.1)), True),
        (said(("Zan", 0.0), ("zibar", 0.0)), False),
        (said(("Z", -0.6), ("anzibar", -0.2)), False),
        (Completion("Zanzibar"), True),
    ],
    ids=["before-the-mask", "impossible", "after-the-mask", "shared-out-over-spellings", "no-logprobs"],
)
def test_log_probabilities_from_after_the_mask(reply, usable):
    """An absurd answer that is near certain tells of the mask, not of the model."""
    found = read_forced(reply, "Zanzibar")
    assert usable == (found.why == "")
    assert found.logprob_nats is None or -9999.0 <= found.logprob_nats <= 0
    assert json.loads(json.dumps(found.logprob_nats)) == found.logprob_nats
