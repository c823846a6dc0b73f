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

# Fields of chat that go elsewhere in a request of the Responses API, or nowhere.
_ELSEWHERE = frozenset({"messages", "stream_options", "logprobs", "reasoning_effort", "response_format"})


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
    # Token counts come without being asked for, and nothing is to be kept there.
    body = {"store": False} | {name: value for name, value in chat.items() if name not in _ELSEWHERE}
    if "messages" in chat:
        body["input"] = chat["messages"]
    if chat.get("logprobs"):
        included = chat.get("include")
        body["include"] = [*(included if isinstance(included, list) else ()), "message.output_text.logprobs"]
    if "reasoning_effort" in chat:
        body["reasoning"] = {**_object(chat.get("reasoning")), "effort": chat["reasoning_effort"]}
    if shape := _object(chat.get("response_format")):
        schema = _object(shape.pop("json_schema", None))
        body["text"] = {**_object(chat.get("text")), "format": {**shape, **schema}}
    if isinstance(tools := chat.get("tools"), list):
        body["tools"] = [_tool(tool) for tool in tools]
    return body


def _object(value: Json) -> dict[str, Json]:
    return {**value} if isinstance(value, dict) else {}


def _tool(tool: Json) -> Json:
    function = _object(tool).get("function")
    # Strict by default here, and not in chat: answers are to be comparable.
    return {"type": "function", "strict": False, **function} if isinstance(function, dict) else tool


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
