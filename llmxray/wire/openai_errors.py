"""Errors of chat endpoints: which payloads and finish reasons are errors, and what they say, in any of their shapes."""

from __future__ import annotations

import json
from collections.abc import Mapping

from llmxray.types import Json
from llmxray.wire.json_values import well_formed

# A gateway's error body is a whole web page.
_ERROR_CHARS = 500
# OpenAI and Mistral, FastAPI (vLLM, Mistral's 422), Ollama's bare `error`, Cloudflare, gateways of their own, MiniMax.
_SAYING = ("message", "detail", "error", "errors", "error_message", "errorMessage", "msg", "status_msg")
# Of these, what a success says as well; and what beside it tells an error.
_REMARKS = ("message", "msg", "status_msg")
_SIGNS = (
    *(name for name in _SAYING if name not in _REMARKS),
    *("code", "status", "status_code", "type", "x_groq", "base_resp"),
)
# OpenRouter and Mistral; vLLM and SGLang; DeepSeek; Zhipu; gateways. What was said until then is no answer.
_BROKEN_OFF = frozenset(
    {
        *("error", "abort", "aborted", "insufficient_system_resource", "network_error"),
        *("cancelled", "canceled", "timeout", "failed"),
    }
)


def find_error(payload: Mapping[str, Json]) -> Json:
    """The error in an event or a body, for `error_text`; None where it is no error.

    Beside the shapes of `is_error` there are ``error``, Groq's ``x_groq.error``, which ends a stream early, and
    MiniMax's ``base_resp`` with a status other than 0.
    """
    if payload.get("error"):
        return payload["error"]
    groq, status = payload.get("x_groq"), payload.get("base_resp")
    if isinstance(groq, dict) and groq.get("error"):
        return groq["error"]
    if isinstance(status, dict) and status.get("status_code"):
        return status
    return dict(payload) if is_error(payload) else None


def is_broken_off(finish_reason: str | None) -> bool:
    """Whether a reply ended because the server failed."""
    return finish_reason is not None and finish_reason.lower() in _BROKEN_OFF


def is_error(payload: Mapping[str, Json]) -> bool:
    """Whether an event or a body is an error although it has no ``error`` key.

    vLLM and Mistral send ``{"object": "error", "message": …}``, others ``{"type": "error", …}``, FastAPI
    ``{"detail": …}`` or a bare ``{"message": …}``; a reply always has ``choices``.
    """
    if payload.get("object") == "error" or payload.get("type") == "error":
        return True
    return "choices" not in payload and any(_complains(payload.get(name)) for name in _SAYING)


def is_remark(payload: Mapping[str, Json]) -> bool:
    """Whether what makes an error of a payload may be said of a success as well: ``{"message": "ok"}`` alone.

    Where a reply is whole without it, it is none.
    """
    if payload.get("object") == "error" or payload.get("success") is False or any(map(payload.get, _SIGNS)):
        return False
    return all(isinstance(payload.get(name), str | None) for name in _REMARKS)


def _complains(value: Json) -> bool:
    if isinstance(value, dict):
        # Other APIs send the model's message under the same name.
        return any(isinstance(value.get(name), str) for name in (*_SAYING, "code"))
    return isinstance(value, str | list) and bool(value)


def error_text(value: object) -> str:
    """One line out of an error in any of its shapes; never empty."""
    while isinstance(value, dict):
        inner = next((value[name] for name in _SAYING if value.get(name)), None)
        if inner is None:
            break
        value = inner
    return one_line(value if isinstance(value, str) else json.dumps(value)) or "error"


def one_line(text: str) -> str:
    """The text on one line, cut where it is long."""
    # As many words as surely fill the line, for a reply may have millions.
    line = " ".join(well_formed(text).split(None, _ERROR_CHARS))
    return line if len(line) <= _ERROR_CHARS else line[: _ERROR_CHARS - 1] + "…"
