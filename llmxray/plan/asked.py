"""Whether a request of a plan asks what its trial says: question and options, fields, forced option. Pure.

A plan keeps its requests as they were sent, so that recordings stay usable when a later version words its instructions
otherwise. What must not differ is what a reply is read against.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping

from llmxray.plan.forcing import FORCING_FIELDS, FORCINGS, force
from llmxray.plan.servers import absent_fields
from llmxray.scoring import stop_strings
from llmxray.types import LETTERS, AnswerKind, Condition, Item, Json, PlannedRequest
from llmxray.wire import IGNORED

REQUEST_NUMBERS = (
    "temperature",
    "top_p",
    "seed",
    "top_logprobs",
    "presence_penalty",
    "frequency_penalty",
)
"""Request fields that pages compute with and compare."""
# Fields that the plan sets itself in every request, beside the budget.
_OWN_FIELDS = frozenset({"messages", "stream", "stream_options"})
# Layouts that show worked examples as turns of a chat.
_CHATS = ("few-shot", "few-shot-think")
# Stands for those of a layout, which had others in earlier versions: each ends a reply where a next question begins.
_STOPS: list[Json] = []
_A_STOP = re.compile(r"(?=.)\n{0,2}(?:Question:)?", re.DOTALL)
_ANOTHER_QUESTION = re.compile(r"\n(?:Question:|[A-Z]\. )")


def is_asked(shown: Item, prompt: Json, kind: AnswerKind, layout: str, system: str | None) -> bool:
    """Whether a prompt asks a question last, with the options of a letter as they are shown.

    Args:
        shown: options in the order in which the trial shows them.
        prompt: the ``messages`` of the request.
        system: system prompt, "" for none; None where any will do.
    """
    if not isinstance(prompt, list):
        return False
    turns = [
        (message["role"], message["content"])
        for message in prompt
        if isinstance(message, dict) and message.keys() == {"role", "content"}
    ]
    texts = [text for _, text in turns if isinstance(text, str)]
    if not turns or len(texts) < len(prompt):
        return False
    if turns[0][0] == "system":
        said, turns = texts[0], turns[1:]
    else:
        said = ""
    roles = [role for role, _ in turns]
    chat = ["user", "assistant"] * (len(roles) // 2)
    if (system is not None and said != system) or roles != [*chat, "user"]:
        return False
    if chat and layout not in _CHATS:
        return False
    return texts[-1] == shown.question if layout == "verbatim" else _ends_in(texts[-1], shown, kind)


def _ends_in(text: str, shown: Item, kind: AnswerKind) -> bool:
    """Whether the last question of a text is this one: whole lines, and no other question or option after them."""
    options = [f"{LETTERS[index]}. {choice}" for index, choice in enumerate(shown.choices)]
    asked = (
        ["\n".join([shown.question, *head, *options]) for head in ([], ["Options:"])]
        if kind == "letter"
        else [shown.question]
    )
    lines = f"\n{text}\n"
    for lead in ("\n", "\nQuestion: "):
        for block in asked:
            place = lines.rfind(f"{lead}{block}\n")
            if place >= 0 and not _ANOTHER_QUESTION.search(lines, place + len(lead) + len(block)):
                return True
    return False


def with_own_fields(
    condition: Condition, shown: Item, kind: AnswerKind, layout: str, sample: int
) -> dict[str, Json]:
    """The fields of a condition's request for a question, but for its prompt, its budget and how it streams.

    Repeats have seeds of their own.
    """
    fields: dict[str, Json] = {"model": condition.model}
    if shown.tools:
        fields["tools"] = [{"type": "function", "function": json.loads(tool)} for tool in shown.tools]
    # Inside thinking a stop string would end the reply.
    if not condition.thinks and stop_strings(layout, kind):
        fields["stop"] = _STOPS
    fields.update(condition.sampling)
    seed = fields.get("seed")
    if type(seed) is int:
        fields["seed"] = seed + sample
    return fields


def has_fields(
    fields: Mapping[str, Json], condition: Condition, request: PlannedRequest, ignored: Collection[str]
) -> bool:
    """Whether a request has these fields, and no others than every request of the condition has.

    Fields that are no part of a request's identity are those of whichever condition asked first.
    """
    absent, body = absent_fields(condition), request.body
    loose = {*IGNORED, *ignored, *(FORCING_FIELDS if request.option is not None else ())}
    return all(
        name not in body if name in absent else name in body and _is_same(body[name], value)
        for name, value in fields.items()
        if name not in loose
    ) and body.keys() <= {*_OWN_FIELDS, condition.budget_field, *fields, *loose}


def _is_same(a: Json, b: Json) -> bool:
    if b is _STOPS:
        return isinstance(a, list) and bool(a) and all(_A_STOP.fullmatch(str(each)) for each in a)
    # To Python 1 is True, and JSON writes 1.0 and 1 where they mean the same.
    return a == b and isinstance(a, bool) == isinstance(b, bool)


def is_forced(shown: Item, condition: Condition, request: PlannedRequest) -> bool:
    """Whether a request that forces an option forces the one that it says, and nothing else."""
    if request.option is None:
        return True
    option, absent = shown.choices[request.option], absent_fields(condition)
    used = [name for name in FORCINGS if name in request.body]
    return (
        len(used) == 1
        and used[0] not in absent
        and any(
            all(
                (name in absent and name not in request.body) or _is_same(request.body.get(name), value)
                for name, value in force(used[0], text).items()
            )
            for text in (option, f" {option}")
        )
    )
