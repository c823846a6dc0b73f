"""The APIs that our own requests go to: where each is, how it spells a request, how its replies are read.

Experiment files, prompts and conditions name fields as chat does. Only what is sent is spelled as another API wants it,
and a frozen plan holds what was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from llmxray.types import BUDGET_FIELDS, CHAT, RESPONSES, ApiName, Completion, Json, Route
from llmxray.wire.openai import read_completion
from llmxray.wire.other_apis import read_other

type Body = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Api:
    """One API.

    Attributes:
        route: of its requests.
        prompt: field that holds the messages.
        body: spells the body of a chat request as this API wants it; leaves alone what is spelled so already.
        read: reads a reply: ``read(chunks, content_type=…, status=…)``.
        budget_names: names of the completion budget in an experiment file.
        budget_field: request field of the budget; "" where the server decides.
        least_tokens: smallest budget that its vendor takes.
        has_stop: whether it takes stop strings.
    """

    route: Route
    prompt: str
    body: Callable[[Body], dict[str, Json]]
    read: Callable[..., Completion]
    budget_names: tuple[str, ...] = BUDGET_FIELDS
    budget_field: str = ""
    least_tokens: int = 1
    has_stop: bool = True

    def url(self, base_url: str) -> str:
        """The address of its requests."""
        return f"{base_url}{self.route.path.removeprefix('/v1')}"


def prompt_of(body: Body) -> Json:
    """The messages of a request, in whichever API; None without any."""
    return body.get("messages", body.get("input"))


def _responses_body(chat: Body) -> dict[str, Json]:
    body: dict[str, Json] = {}
    for name, value in chat.items():
        match name, value:
            case "messages", _:
                body["input"] = value
            case "stream_options", _:
                # Token counts are always sent.
                pass
            case "logprobs", bool():
                if value:
                    included = chat.get("include")
                    body["include"] = [
                        *(included if isinstance(included, list) else ()),
                        "message.output_text.logprobs",
                    ]
            case "include", _:
                body.setdefault("include", value)
            case "reasoning_effort", _:
                body["reasoning"] = _with(chat.get("reasoning"), effort=value)
            case "reasoning", _:
                body.setdefault("reasoning", value)
            case "response_format", {"type": "json_schema", "json_schema": dict(schema)}:
                body["text"] = _with(chat.get("text"), format={"type": "json_schema", **schema})
            case "response_format", _:
                body["text"] = _with(chat.get("text"), format=value)
            case "text", _:
                body.setdefault("text", value)
            case "tools", list():
                body["tools"] = [_tool(tool) for tool in value]
            case _:
                body[name] = value
    return body if "store" in body else {**body, "store": False}


def _with(fields: Json, **more: Json) -> dict[str, Json]:
    return {**(fields if isinstance(fields, dict) else {}), **more}


def _tool(tool: Json) -> Json:
    match tool:
        case {"type": "function", "function": dict(function)}:
            # Strict by default here, and not in chat: answers are to be comparable.
            return {"type": "function", "strict": False, **function}
    return tool


APIS: Mapping[ApiName, Api] = {
    "chat": Api(CHAT, "messages", dict, read_completion),
    "responses": Api(
        RESPONSES,
        "input",
        _responses_body,
        partial(read_other, path=RESPONSES.path),
        budget_names=(*BUDGET_FIELDS, "max_output_tokens"),
        budget_field="max_output_tokens",
        # OpenAI refuses less.
        least_tokens=16,
        has_stop=False,
    ),
}
