"""Whether a request of a plan asks what its trial says: question and options, fields, forced option. Pure.

A plan keeps its requests as they were sent, so that recordings stay usable when a later version words its instructions
otherwise. What must not differ is what a reply is read against.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from llmxray.plan.forcing import FORCING_FIELDS, FORCINGS, force_text
from llmxray.plan.servers import absent_fields
from llmxray.scoring import OPTIONS_ONLY, continuation
from llmxray.types import LETTERS, AnswerKind, Condition, Item, Json, PlannedRequest
from llmxray.wire import APIS, IGNORED

# Layouts that show worked examples as turns of a chat.
_CHATS = ("few-shot", "few-shot-think")
# Fields that llmxray adds to those of a condition.
_ADDED = ("stream", "stream_options", "stop", "tools", "logprobs")
_ANOTHER_QUESTION = re.compile(r"\n(?:Question:|[A-Z]\. )")


def asks_question(shown: Item, prompt: Json, kind: AnswerKind, layout: str, system: str | None) -> bool:
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
    if layout == OPTIONS_ONLY:
        shown = replace(shown, question="")
        # A context that is to be continued would stand at the very end.
        if not texts[-1].endswith(("\n", "\nAnswer:")):
            return False
    return texts[-1] == shown.question if layout == "verbatim" else _ends_in(texts[-1], shown, kind)


def _ends_in(text: str, shown: Item, kind: AnswerKind) -> bool:
    """Whether the last question of a text is this one: whole lines, and no other question or option after them."""
    asked = [shown.question]
    if kind == "letter":
        options = [f"{LETTERS[index]}. {choice}" for index, choice in enumerate(shown.choices)]
        asked = ["\n".join([shown.question, *head, *options]) for head in ([], ["Options:"])]
    lines = f"\n{text}\n"
    # Backwards, for to search from the end takes time that grows with the lengths of both texts multiplied.
    turned = lines[::-1]
    for lead in ("\n", "\nQuestion: "):
        for block in asked:
            rest = turned.find(f"{lead}{block}\n"[::-1])
            if rest >= 0 and not _ANOTHER_QUESTION.search(lines, len(lines) - rest - 1):
                return True
    return False


def has_condition_fields(
    request: PlannedRequest, condition: Condition, sample: int, ignored: Collection[str]
) -> bool:
    """Whether a request has the fields of its condition, and none beside those that llmxray adds.

    Args:
        sample: number of the repeat, by which seeds differ.
        ignored: fields that are no part of a request's identity: they are those of whichever condition asked first.
    """
    body, api = request.body, APIS[condition.api]
    stated = api.body({"model": condition.model, **condition.sampling})
    seed = condition.sampling.get("seed")
    if isinstance(seed, int):
        stated["seed"] = seed + sample
    added = (*_ADDED, api.prompt, *api.budget_names)
    skipped = {*added, *IGNORED, *ignored, *(FORCING_FIELDS if request.option is not None else ())}
    names = (body.keys() | stated.keys()) - skipped
    return all(name in body and name in stated and body[name] == stated[name] for name in names)


def forcing_of(shown: Item, condition: Condition, request: PlannedRequest, layout: str) -> str | None:
    """The request field with which a request forces its option as it stands, and nothing else; None where it does not.

    Args:
        shown: options in the order in which the trial shows them.
        layout: that of the prompt.
    """
    text, absent = continuation(shown.choices[request.option or 0], layout), absent_fields(condition)
    sent = {name: value for name, value in request.body.items() if name in FORCING_FIELDS}
    # Also where the file says not to send that field: it speaks of what would be sent otherwise.
    used = next((name for name in FORCINGS if name in sent), "")
    forced = force_text(used, text) if used else {}
    # The second of two fields, where the file says not to send it.
    needed = {name: value for name, value in forced.items() if name == used or name not in absent}
    return used if sent and sent in (forced, needed) else None
