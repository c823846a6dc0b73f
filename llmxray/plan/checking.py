"""Checks of a plan that was read from a cassette: the types of its values, and the consistency of its parts.

Cassettes come from strangers, who can make every hash fit. What is wrong in a plan would show far from where it stands.
Pure.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from functools import lru_cache, partial
from typing import Any, get_args

from llmxray.plan.asked import REQUEST_NUMBERS, forcing_of, has_fields, is_asked
from llmxray.plan.bodies import layout_of, request_body
from llmxray.plan.model import CHAT_PATH, PROMPTS, Plan, reorder_options
from llmxray.plan.servers import absent_fields
from llmxray.suites.base import LONGEST_NAME, accepted_complaint
from llmxray.types import (
    BUDGET_FIELDS,
    LETTERS,
    AnswerKind,
    Condition,
    Item,
    Json,
    PlannedRequest,
    SuiteCard,
    Trial,
)
from llmxray.wire import request_key


def _is_count(value: object) -> bool:
    # In Python True is an int too.
    return type(value) is int and value >= 0


# How a request is asked: layout, kind of answer, functions.
type _Asking = tuple[str, AnswerKind, tuple[str, ...]]
# So many bodies are kept while a plan is looked through: those with functions are large.
_MOST_BODIES = 8
# Characters of prompts that are looked through for a second question, or for more of them.
_MOST_SEARCHED = 1_000_000_000
_TOO_LARGE = 1e18
# Limits in characters on texts that pages show in a line, by type and field; experiments stay far below. A system
# prompt may be as long as an experiment file.
_LONGEST: Mapping[tuple[type, str], int] = {
    (Condition, "model"): 1_000,
    (Condition, "layout"): 500,
    (Condition, "budget_reason"): 500,
    (Condition, "budget_field"): 500,
    (Condition, "label"): 1_000,
    (Condition, "system"): 1 << 20,
    (SuiteCard, "title"): 2_000,
    (Item, "id"): LONGEST_NAME,
    (Item, "category"): LONGEST_NAME,
}
# Servers take a tenth of it.
_MOST_FUNCTIONS = 1_000
# Fields that every request has, whatever its condition; a file may say to send no `input`, and no chat has one.
_NEEDED = frozenset({"model", "messages", "stream"})
# Limits on the number of a condition's request fields, and on the characters of their names.
_MOST_FIELDS, _LONGEST_FIELD = 1_000, 500
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
    """Refuse a value with a field of another type than its own, or with a text of a line that is megabytes long.

    Raises:
        ValueError: names the field.
    """
    for field in fields(value):
        content = getattr(value, field.name)
        if not _KINDS[str(field.type)](content):
            raise ValueError(f"the {field.name} of a {type(value).__name__.lower()} is not of its type")
        limit = _LONGEST.get((type(value), field.name))
        if limit is not None and len(content) > limit:
            field_name = f"the {field.name} of a {type(value).__name__.lower()}"
            raise ValueError(f"{field_name} has {len(content):,} characters, more than {limit:,}")
    if isinstance(value, Condition):
        _check_fields(value)
    if isinstance(value, Condition) and not all(
        _is_setting(value.sampling.get(name)) for name in REQUEST_NUMBERS
    ):
        raise ValueError("a request field of a condition is not the number that it should be")


def _check_fields(condition: Condition) -> None:
    for names in (condition.sampling, condition.omitted, condition.refused):
        if len(names) > _MOST_FIELDS or any(len(name) > _LONGEST_FIELD for name in names):
            raise ValueError(
                "a condition has more request fields, or longer names of them, than any server knows"
            )
    if condition.budget_field not in ("", *BUDGET_FIELDS):
        raise ValueError("the budget of a condition goes as a field that is none")
    if not _NEEDED.isdisjoint((*condition.omitted, *condition.refused)):
        raise ValueError("a condition leaves out a request field that none can do without")


def _is_setting(value: object) -> bool:
    # JSON allows whole numbers of any length, which pages cannot show.
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return value is None or (number and abs(value) < _TOO_LARGE)  # type: ignore[arg-type]


def check_fit(
    conditions: Sequence[Condition], pools: Mapping[str, Sequence[Item]], trials: Iterable[Trial]
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
            if len(item.tools) > _MOST_FUNCTIONS:
                raise ValueError(f"item {item.id!r} declares more functions than a server takes")
            if complaint := accepted_complaint(item.accept):
                raise ValueError(f"item {item.id!r}: {complaint}")
            items_by_key[suite, item.id] = item
    found = tuple(trials)
    for trial in found:
        _check_trial(trial, items_by_key)
    _check_unique("trial", (trial.id for trial in found))


def check_requests(plan: Plan, groups: Mapping[str, str]) -> None:
    """Refuse trials whose requests ask another model, otherwise, or something else than the trial says.

    Else the reply to one question would be read as the answer to another without a word. The wording of instructions,
    worked examples and budgets is as it was frozen: later versions may word them otherwise.

    Args:
        groups: by key of a request, the condition whose recordings hold the reply.

    Raises:
        ValueError: names the trial.
    """
    conditions = {condition.id: condition for condition in plan.conditions}
    items, kinds = plan.items(), plan.answer_kinds()
    # By key of a request, who asks it: the condition whose recordings hold the reply, where it does.
    askers: dict[str, str] = {}
    # Conditions share their prompts, which are looked through once.
    seen: dict[tuple[object, ...], bool] = {}
    prompts, searched = set[int](), 0
    alike: set[tuple[int, int]] = set()
    starts: dict[tuple[str, str, str], tuple[bool, tuple[int, ...]]] = {}
    forcings: dict[str, str | None] = {}
    bodies = _Fields(plan, conditions)
    for trial in plan.trials:
        condition, kind = conditions[trial.condition], kinds[trial.condition, trial.suite]
        item = items[trial.suite, trial.item]
        _check_parts(trial, item, kind, alike)
        start = starts.setdefault((trial.condition, trial.suite, trial.item), _unturned(trial))
        if start != _unturned(trial):
            raise ValueError(
                f"trial {trial.id} turns the options otherwise than the other trials of its question"
            )
        shown = reorder_options(item, trial.order)
        layout = layout_of(condition, trial.suite, kind)
        # A prompt of the experiment file may have a system prompt of its own.
        system = None if trial.suite == PROMPTS else condition.system
        for request in trial.requests:
            is_shared = request.key in askers
            if not is_shared:
                _check_key(condition, request, plan.ignored)
            if askers.get(request.key) != groups[request.key]:
                askers[request.key] = trial.condition
            prompt, is_forced = request.body.get("messages"), request.option is not None
            place = (shown.question, shown.choices, kind, layout, system, id(prompt))
            if place not in seen:
                searched += len(str(prompt)) if id(prompt) in prompts else 0
                if searched > _MOST_SEARCHED:
                    raise ValueError("too many questions are asked by one long prompt")
                prompts.add(id(prompt))
                seen[place] = is_asked(shown, prompt, kind, layout, system)
            asking = layout, kind, shown.tools
            if not seen[place] or not bodies.fit(request, trial, condition, asking, is_shared=is_shared):
                raise ValueError(f"trial {trial.id} has a request that asks something else")
            if is_forced:
                forcing = bodies.forcing(request, condition, shown, layout, is_shared=is_shared)
                if forcing is None or forcings.setdefault(condition.id, forcing) != forcing:
                    raise ValueError(f"trial {trial.id} has a request that asks something else")
    for key, name in askers.items():
        if groups[key] != name:
            raise ValueError(f"a request of {groups[key]!r} is asked by {name!r} only")


class _Fields:
    """The fields that requests have today, held against those that they have in a plan."""

    def __init__(self, plan: Plan, conditions: Mapping[str, Condition]) -> None:
        self._plan, self._stated = plan, _Stated(plan)
        # Of requests that several trials share: a small file may hold very many of these trials.
        self._known: dict[tuple[object, ...], bool] = {}
        self._forcings: dict[tuple[object, ...], str | None] = {}

        def expected(name: str, asking: _Asking) -> Mapping[str, Json]:
            layout, kind, tools = asking
            return request_body(conditions[name], None, layout, kind, 0, tools)

        self._expected = lru_cache(_MOST_BODIES)(expected)

    def fit(
        self, request: PlannedRequest, trial: Trial, condition: Condition, asking: _Asking, *, is_shared: bool
    ) -> bool:
        """Whether a request has the fields of its condition, and no others.

        Args:
            is_shared: whether another trial has the request too.
        """
        # Samples differ by their seeds only.
        seed = _seed_of(condition)
        if seed is not None and not self._is_seed(request.body.get("seed"), seed, trial):
            return False
        is_forced = request.option is not None
        place = (condition.id, asking, self._stated.group(trial.suite), id(request.body), is_forced)
        known = self._known.get(place)
        if known is None:
            known = has_fields(
                request.body if seed is None else {**request.body, "seed": seed},
                self._expected(condition.id, asking),
                asking[0],
                is_forced=is_forced,
                ignored=self._plan.ignored,
                is_stated=partial(self._stated.has, trial.suite),
            )
            if is_shared:
                self._known[place] = known
        return known

    def forcing(
        self, request: PlannedRequest, condition: Condition, shown: Item, layout: str, *, is_shared: bool
    ) -> str | None:
        """What `forcing_of` says of a request."""
        place = (condition.id, layout, id(request.body), shown.choices[request.option or 0])
        if place in self._forcings:
            return self._forcings[place]
        found = forcing_of(shown, condition, request, layout)
        if is_shared:
            self._forcings[place] = found
        return found

    def _is_seed(self, sent: Json, seed: int, trial: Trial) -> bool:
        if type(sent) is int and sent == seed + trial.sample:
            return True
        return "seed" in self._plan.ignored and self._stated.has(trial.suite, "seed", sent)


def _seed_of(condition: Condition) -> int | None:
    """The seed that its repeats count on from."""
    seed = condition.sampling.get("seed")
    is_sent = isinstance(seed, int) and not isinstance(seed, bool) and "seed" not in absent_fields(condition)
    return seed if is_sent and isinstance(seed, int) else None


class _Stated:
    """What the conditions' requests have in fields that tell no requests apart: whoever asks first sends its own."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._kinds = plan, plan.answer_kinds()
        self._last_sample = max((trial.sample for trial in plan.trials), default=0)
        stated = {condition.sampling.get("seed") for condition in plan.conditions}
        self._seeds = sorted(seed for seed in stated if type(seed) is int)
        # Suites that are asked alike are one: a plan may have hundreds, with as many conditions and ignored fields.
        self._groups: dict[str, int] = {}
        self._asked: dict[tuple[tuple[str, str, AnswerKind], ...], int] = {}
        self._bodies: dict[tuple[str, str, AnswerKind], Mapping[str, Json]] = {}
        self._values: dict[tuple[int, str], set[str]] = {}

    def group(self, suite: str) -> int:
        """A number of the suites whose requests have the same fields."""
        if suite not in self._groups:
            asked = [
                (condition, (condition.id, layout_of(condition, suite, kind), kind))
                for condition in self._plan.conditions
                if (kind := self._kinds[condition.id, suite])
            ]
            for condition, place in asked:
                if place not in self._bodies:
                    self._bodies[place] = request_body(condition, None, *place[1:], 0, ())
            places = tuple(place for _, place in asked)
            self._groups[suite] = self._asked.setdefault(places, len(self._asked))
        return self._groups[suite]

    def has(self, suite: str, name: str, sent: Json) -> bool:
        """Whether some condition's request has that value there; None stands for nothing."""
        if name == "seed" and type(sent) is int:
            place = bisect_right(self._seeds, sent)
            return place > 0 and sent - self._seeds[place - 1] <= self._last_sample
        group = self.group(suite)
        if (group, name) not in self._values:
            places = next(places for places, number in self._asked.items() if number == group)
            self._values[group, name] = {_written(self._bodies[place].get(name)) for place in places}
        return _written(sent) in self._values[group, name]


def _written(value: Json) -> str:
    # JSON writes 1.0 and 1 where they mean the same, and Python takes True for 1.
    return json.dumps(
        int(value) if isinstance(value, float) and value.is_integer() else value, sort_keys=True
    )


def _check_parts(trial: Trial, item: Item, kind: AnswerKind, alike: set[tuple[int, int]]) -> None:
    """Refuse a trial that has other requests than are read, or a rotation that its options do not have.

    Args:
        alike: pairs of prompts that are known to be equal; many trials may share them.
    """
    wanted = [*range(len(item.choices))] if kind == "likelihood" else [None]
    if [request.option for request in trial.requests] != wanted:
        raise ValueError(f"trial {trial.id} has other requests than an answer of its kind is read from")
    # A hint in the prompt of one option would make it the likeliest.
    prompts = [request.body.get("messages") for request in trial.requests]
    for prompt in prompts:
        pair = id(prompts[0]), id(prompt)
        if prompt is prompts[0] or pair in alike:
            continue
        if prompt != prompts[0]:
            raise ValueError(f"trial {trial.id} weighs its options behind different prompts")
        alike.add(pair)
    if trial.rotation is not None and not (trial.order and trial.rotation < len(trial.order)):
        raise ValueError(f"trial {trial.id} has a rotation that its options do not have")


def _unturned(trial: Trial) -> tuple[bool, tuple[int, ...]]:
    """Whether the options are turned, and their order before they were: one for all trials of a question.

    Else a reply could be counted several times, under numbers of rotations that ask the same.
    """
    turned = trial.rotation or 0
    places = len(trial.order) - turned
    return trial.rotation is not None, (*trial.order[places:], *trial.order[:places])


def _check_key(condition: Condition, request: PlannedRequest, ignored: Collection[str]) -> None:
    """Refuse a request that is not the one whose recordings are read."""
    if request.key != request_key("POST", CHAT_PATH, condition.endpoint, request.body, ignored=ignored):
        raise ValueError(f"a request of {condition.id!r} is not the one that its key stands for")


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
