"""Checks of a plan that was read from a cassette: the types of its values, and the consistency of its parts.

Cassettes come from strangers, who can make every hash fit. What is wrong in a plan would show far from where it stands.
Pure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, get_args

from llmxray.plan.bodies import layout_of, tool_declarations
from llmxray.plan.forcing import FORCING_FIELDS, FORCINGS, force_text
from llmxray.plan.model import PROMPTS, Plan, key_of, reorder_options
from llmxray.plan.servers import absent_fields
from llmxray.scoring import OPTIONS_ONLY, continuation
from llmxray.types import (
    LETTERS,
    AnswerKind,
    ApiName,
    Condition,
    Item,
    Json,
    PlannedRequest,
    SuiteCard,
    Trial,
)
from llmxray.wire import APIS, IGNORED

# Layouts that show worked examples as turns of a chat.
_CHATS = ("few-shot", "few-shot-think")
# Fields that llmxray adds to those of a condition.
_ADDED = ("stream", "stream_options", "stop", "tools", "logprobs")
_ANOTHER_QUESTION = re.compile(r"\n(?:Question:|[A-Z]\. )")


def asks_question(shown: Item, prompt: Json, kind: AnswerKind, layout: str, system: str | None) -> bool:
    """Whether a prompt asks a question last, with the options of a letter as they are shown.

    A plan keeps its requests as they were sent, so that recordings stay usable when a later version words its
    instructions otherwise. What must not differ is what a reply is read against.

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


def _is_count(value: object) -> bool:
    # In Python True is an int too.
    return type(value) is int and value >= 0


_TOO_LARGE = 1e18
# Request fields that pages compute with and compare.
_NUMBERS = ("temperature", "top_p", "seed", "top_logprobs", "presence_penalty", "frequency_penalty")
# Checks by the annotation of a field, as written in `llmxray.types`.
_KINDS: Mapping[str, Callable[[Any], bool]] = {
    "str": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "int": _is_count,
    "int | None": lambda value: value is None or _is_count(value),
    "float | None": lambda value: (
        value is None or (isinstance(value, int | float) and not isinstance(value, bool))
    ),
    "tuple[str, ...]": lambda value: (
        isinstance(value, tuple) and all(isinstance(entry, str) for entry in value)
    ),
    "AnswerKind": lambda value: value in get_args(AnswerKind),
    "ApiName": lambda value: value in get_args(ApiName),
    "Mapping[str, Json]": lambda value: isinstance(value, dict),
}


def check_count(value: object) -> int:
    """Return the value if it is a count that can be shown.

    Raises:
        ValueError: the value is no whole number, is negative or too large.
    """
    if not isinstance(value, int) or not _is_count(value) or value > _TOO_LARGE:
        raise ValueError("a number of faults is no whole number")
    return value


def check_types(value: Condition | Item | SuiteCard) -> None:
    """Refuse a value with a field of another type than its own.

    Raises:
        ValueError: names the field.
    """
    for field in fields(value):
        if not _KINDS[str(field.type)](getattr(value, field.name)):
            raise ValueError(f"the {field.name} of a {type(value).__name__.lower()} is not of its type")
    if isinstance(value, Condition) and not all(_is_setting(value.sampling.get(name)) for name in _NUMBERS):
        raise ValueError("a request field of a condition is not the number that it should be")


def _is_setting(value: object) -> bool:
    # JSON allows whole numbers of any length, which pages cannot show.
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return value is None or (number and abs(value) < _TOO_LARGE)  # type: ignore[arg-type]


def check_fit(
    conditions: Sequence[Condition], pools: Mapping[str, Sequence[Item]], trials: Sequence[Trial]
) -> None:
    """Refuse conditions, items and trials that do not fit together.

    Args:
        pools: items by suite.

    Raises:
        ValueError: an id stands twice, a trial too, a right answer is no option, or a trial asks for what is not there.
    """
    _check_unique("condition", (condition.id for condition in conditions))
    items_by_key: dict[tuple[str, str], Item] = {}
    for suite, items in pools.items():
        _check_unique(f"item of {suite}", (item.id for item in items))
        for item in items:
            if item.choices and item.answer not in [*LETTERS[: len(item.choices)]]:
                raise ValueError(f"item {item.id!r} has an answer that is none of its options")
            if len(item.choices) > len(LETTERS):
                raise ValueError(f"item {item.id!r} has more options than there are letters")
            items_by_key[suite, item.id] = item
    for trial in trials:
        _check_trial(trial, items_by_key)
    _check_unique("trial", (trial.id for trial in trials))


def check_requests(plan: Plan) -> None:
    """Refuse trials whose requests ask another model, otherwise, or something else than the trial says.

    Else the reply to one question would be read as the answer to another without a word. The wording of instructions,
    worked examples and budgets is as it was frozen: later versions may word them otherwise.

    Raises:
        ValueError: names the trial.
    """
    conditions = {condition.id: condition for condition in plan.conditions}
    items, kinds = plan.items(), plan.answer_kinds()
    # Trials may share a request, whose key is computed once.
    keys: set[str] = set()
    forcings: dict[str, str | None] = {}
    for trial in plan.trials:
        condition, kind = conditions[trial.condition], kinds[trial.condition, trial.suite]
        item = items[trial.suite, trial.item]
        api = APIS[condition.api]
        _check_parts(trial, item, kind, api.prompt)
        shown = reorder_options(item, trial.order)
        tools = api.body({"tools": tool_declarations(item.tools)})["tools"]
        layout = layout_of(condition, trial.suite, kind)
        # A prompt of the experiment file may have a system prompt of its own.
        system = None if trial.suite == PROMPTS else condition.system
        for request in trial.requests:
            if request.key not in keys:
                keys.add(request.key)
                if request.key != key_of(condition, request.body, plan.ignored):
                    raise ValueError(f"a request of {condition.id!r} is not the one that its key stands for")
            is_right = (
                asks_question(shown, request.body.get(api.prompt), kind, layout, system)
                and has_condition_fields(request, condition, trial.sample, plan.ignored)
                and request.body.get("tools", []) == tools
            )
            if is_right and request.option is not None:
                forcing = forcing_of(shown, condition, request, layout)
                is_right = forcing is not None and forcings.setdefault(condition.id, forcing) == forcing
            if not is_right:
                raise ValueError(f"trial {trial.id} has a request that asks something else")


def _check_parts(trial: Trial, item: Item, kind: AnswerKind, prompt: str) -> None:
    """Refuse a trial that has other requests than are read, or a rotation that its options do not have."""
    wanted = [*range(len(item.choices))] if kind == "likelihood" else [None]
    if [request.option for request in trial.requests] != wanted:
        raise ValueError(f"trial {trial.id} has other requests than an answer of its kind is read from")
    # A hint in the prompt of one option would make it the likeliest.
    prompts = [request.body.get(prompt) for request in trial.requests]
    if any(messages != prompts[0] for messages in prompts):
        raise ValueError(f"trial {trial.id} weighs its options behind different prompts")
    if trial.rotation is not None and not (trial.order and trial.rotation < len(trial.order)):
        raise ValueError(f"trial {trial.id} has a rotation that its options do not have")


def _check_trial(trial: Trial, items_by_key: Mapping[tuple[str, str], Item]) -> None:
    item = items_by_key.get((trial.suite, trial.item)) if isinstance(trial.item, str) else None
    if item is None:
        raise ValueError(f"a trial asks for an item that is not there: {trial.item!r}")
    if not _is_count(trial.sample) or not (trial.rotation is None or _is_count(trial.rotation)):
        raise ValueError(f"a trial of item {item.id!r} has a sample or rotation that is no whole number")
    if trial.order and sorted(trial.order) != [*range(len(item.choices))]:
        raise ValueError(f"a trial of item {item.id!r} shows its options in an order that is none of them")
    options = [request.option for request in trial.requests if request.option is not None]
    if not all(_is_count(index) and index < len(item.choices) for index in options):
        raise ValueError(f"a trial of item {item.id!r} forces an option that it does not have")


def _check_unique(kind: str, ids: Iterable[str]) -> None:
    for name, times in Counter(ids).most_common(1):
        if times > 1:
            raise ValueError(f"the {kind} {name!r} stands twice")
