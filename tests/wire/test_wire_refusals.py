"""Which field an error is about: the vendors' own words, as people reported them in public."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from vendors import Refused, forbidden, gpt_5, mistral_error, openai_error, tgi

from llmxray.wire import refused_field, wants_more_tokens

SENT = {
    "model", "messages", "stream", "stream_options", "max_tokens", "temperature", "top_p", "top_k", "min_p", "seed",
    "stop", "logprobs", "top_logprobs", "presence_penalty", "max_completion_tokens", "repeat_penalty",
}  # fmt: skip


def gemini(message: str) -> list[dict[str, Any]]:
    """Google's shape: a list."""
    return [{"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}}]


def cerebras(*fields: str) -> dict[str, Any]:
    """Cerebras': a line each."""
    said = "\n".join(f"body.{name}: property 'body.{name}' is unsupported" for name in fields)
    kind = {"type": "invalid_request_error", "param": "validation_error", "code": "wrong_api_format"}
    return {"message": said, **kind}


@dataclass(frozen=True)
class Case:
    """An error, the field it is about, the budget's other name, and whether another value would do."""

    body: Any
    field: str
    instead: str = ""
    other_value: bool = False
    status: int = 400


def words(refused: Refused) -> Any:
    """What a vendor says."""
    return refused[1]


CASES = {
    "openai-max-tokens": Case(words(gpt_5({"max_tokens": 9})), "max_tokens", instead="max_completion_tokens"),
    "openai-temperature": Case(words(gpt_5({"temperature": 0})), "temperature", other_value=True),
    "openai-403": Case(
        openai_error("You are not allowed to request logprobs from this model"), "logprobs", status=403
    ),
    "openai-several": Case(openai_error("Unrecognized request arguments supplied: min_p, top_k"), "min_p"),
    "azure-old-version": Case(
        openai_error("Unrecognized request argument supplied: max_completion_tokens"),
        "max_completion_tokens",
        instead="max_tokens",
    ),
    "openai-too-many": Case(
        openai_error(
            "max_tokens is too large: 100000. This model supports at most 16384 completion tokens, whereas you "
            "provided 100000.",
            "max_tokens",
            "invalid_value",
        ),
        "max_tokens",
        other_value=True,
    ),
    "mistral-usage": Case(
        mistral_error(forbidden(["stream_options", "include_usage"])), "stream_options", status=422
    ),
    "mistral-json-in-json": Case(
        {
            "object": "error",
            "message": json.dumps({"detail": [forbidden(["presence_penalty"])]}),
            "type": "internal_error_proxy",
            "param": None,
            "code": "1000",
        },
        "presence_penalty",
        status=422,
    ),
    "vllm-python-text": Case(
        {
            "object": "error",
            "message": "[{'type': 'extra_forbidden', 'loc': ('body', 'max_completion_tokens'), "
            "'msg': 'Extra inputs are not permitted', 'input': 800}]",
            "type": "BadRequestError",
            "param": None,
            "code": 400,
        },
        "max_completion_tokens",
        instead="max_tokens",
    ),
    "groq-property": Case(openai_error("property 'min_p' is unsupported, did you mean 'stop'?"), "min_p"),
    "deepseek-early": Case(
        {"detail": "Invalid top_logprobs and logprobs value"}, "top_logprobs", other_value=True
    ),
    "xai": Case(
        {
            "code": "Client specified an invalid argument",
            "error": "Argument not supported on this model: presencePenalty",
        },
        "presence_penalty",
    ),
    "gemini": Case(
        gemini('Invalid JSON payload received. Unknown name "top_k": Cannot find field.'), "top_k"
    ),
    "gemini-not-enabled": Case(gemini("Logprobs is not enabled for models/gemini-2.5-pro"), "logprobs"),
    "litellm-logprobs": Case(
        openai_error(
            "litellm.UnsupportedParamsError: ollama_chat does not support parameters: ['logprobs'], for model=llama3. "
            "To drop these, set `litellm.drop_params=True` or for proxy:\n\n`litellm_settings:\n drop_params: true`\n."
        ),
        "logprobs",
    ),
    "cerebras": Case(cerebras("min_p", "top_k"), "min_p"),
    "cerebras-everyday-word": Case(cerebras("seed"), "seed"),
    "tgi-alternatives": Case(words(tgi({"top_logprobs": 20})), "top_logprobs", other_value=True, status=422),
}


@pytest.mark.parametrize("name", CASES)
def test_public_error_texts(name):
    """In one line, with the field as it was sent."""
    case = CASES[name]
    found = refused_field(case.status, json.dumps(case.body).encode(), SENT)
    assert (case.field, case.instead, case.other_value) == (found.field, found.instead, found.other_value)
    assert found.message
    assert "\n" not in found.message


ABOUT_NO_FIELD = {
    "context": openai_error(
        "This model's maximum context length is 4097 tokens. However, you requested 5000 tokens (1000 in the messages, "
        "4000 in the completion). Please reduce the length of the messages or completion.",
        "messages",
        "context_length_exceeded",
    ),
    "unfinished": words(gpt_5({"max_completion_tokens": 9})),
    "router": {
        "error": {"message": "No endpoints found that can handle the requested parameters.", "code": 404}
    },
    "everyday": openai_error("Unexpected end of input: please stop and seed again"),
    "not-sent": openai_error("Unrecognized request argument supplied: guided_regex"),
}


@pytest.mark.parametrize("name", ABOUT_NO_FIELD)
def test_errors_about_no_field(name):
    """A length, a model, a key, a word of everyday language, a field that was not sent."""
    assert refused_field(400, json.dumps(ABOUT_NO_FIELD[name]).encode(), SENT) is None


@pytest.mark.parametrize("status", [200, 401, 429, 500])
def test_other_statuses(status):
    """A server that is busy, or a key that is wrong, refuses no field."""
    body = json.dumps(openai_error("Unrecognized request argument supplied: top_k")).encode()
    assert refused_field(status, body, SENT) is None


def test_a_budget_that_hidden_thinking_used_up():
    """OpenAI's error for a model that had no token left for an answer."""
    assert wants_more_tokens(json.dumps(ABOUT_NO_FIELD["unfinished"]).encode())
    assert not wants_more_tokens(json.dumps(CASES["openai-max-tokens"].body).encode())
