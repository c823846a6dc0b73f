"""The plan as values: conditions, suites and trials of an experiment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from textwrap import shorten

from llmxray.experiment.branches import Branches
from llmxray.suites.base import chance
from llmxray.types import LETTERS, AnswerKind, Condition, Item, Json, PlannedRequest, SuiteCard, Trial
from llmxray.wire import APIS, route_key

# Characters in a repr.
_SHOWN = 100
PROMPTS = "prompts"


@dataclass(frozen=True, slots=True)
class PlannedSuite:
    """A suite as the plan uses it.

    Attributes:
        items: the selected questions, options in the suite's own order.
        answer: how its answers are asked for, whatever the condition says; None leaves it to the condition.
        faults: errors in the data of these items, one sentence each; the first ones of very many.
        more_faults: number of further errors.
    """

    card: SuiteCard
    items: tuple[Item, ...]
    answer: AnswerKind | None = None
    faults: tuple[str, ...] = ()
    more_faults: int = 0

    def answer_kind(self, condition: Condition) -> AnswerKind:
        """Return the kind of answer that a condition gives in this suite."""
        return self.answer or condition.answer

    @property
    def n_faults(self) -> int:
        """Number of faults, listed or not."""
        return len(self.faults) + self.more_faults


@dataclass(frozen=True, slots=True)
class SuiteDifference:
    """What a recorded plan has otherwise than the suite, or the file, that it names.

    Attributes:
        text: one sentence, which begins with the suite.
        scores: whether scores over the whole suite depend on it, and not only what is said beside them.
    """

    text: str
    scores: bool = True

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Rounds:
    """The order in which a recording asks that may end early, and its looks at the answers.

    Attributes:
        units: ``suite/item`` of the questions that are asked together, in the order in which they are asked.
        looks: number of units after which the answers are looked at, ascending; the last is all.
        seed: of the order.
        futility: chance of a decision, 0–1, below which a prediction counts as lost.
    """

    units: tuple[tuple[str, ...], ...]
    looks: tuple[int, ...]
    seed: int
    futility: float

    @property
    def shares(self) -> tuple[float, ...]:
        """Share of the units at each look."""
        return tuple(n / len(self.units) for n in self.looks)

    def items(self, look: int) -> frozenset[str]:
        """``suite/item`` of all questions that a look, from 0, is about."""
        return frozenset(address for unit in self.units[: self.looks[look]] for address in unit)


@dataclass(frozen=True, slots=True, repr=False)
class Plan:
    """All trials of an experiment, with their requests.

    Attributes:
        experiment: name.
        fingerprint: of all that changes a request; equal fingerprints mean equal requests for equal items; ""
            of what was read from files of other tools.
        conditions: in the order of the experiment file.
        suites: by name, in the order of the experiment file.
        trials: condition by condition, suite by suite, item by item, sample by sample.
        ignored: request fields that the file leaves out of the identity, sorted.
        rounds: of a recording that may end early; None where all questions are asked.
        branches: which tokens of the answers are replaced in further requests; those are no trials.
    """

    experiment: str
    fingerprint: str
    conditions: tuple[Condition, ...]
    suites: Mapping[str, PlannedSuite]
    trials: tuple[Trial, ...]
    ignored: tuple[str, ...] = ()
    rounds: Rounds | None = None
    branches: Branches | None = None

    def __repr__(self) -> str:
        names = ", ".join(condition.id for condition in self.conditions)
        counts = f"{len(self.trials)} trials, {len(self.suites)} suites, {len(self.conditions)} conditions"
        return f"<Plan of {self.experiment[:_SHOWN]}: {counts} ({shorten(names, _SHOWN, placeholder=' …')})>"

    def requests(self) -> Iterator[tuple[Condition, PlannedRequest]]:
        """Yield distinct requests with the first condition that makes them, in plan order."""
        conditions = {condition.id: condition for condition in self.conditions}
        seen: set[str] = set()
        for trial in self.trials:
            for request in trial.requests:
                # Trials may share a request: MMLU-Pro has 159 repeated prompts, each paid for once.
                if request.key not in seen:
                    seen.add(request.key)
                    yield conditions[trial.condition], request

    def items(self) -> dict[tuple[str, str], Item]:
        """Return every item by (suite, item id), options in the suite's own order."""
        return {(name, item.id): item for name, suite in self.suites.items() for item in suite.items}

    def answer_kinds(self) -> dict[tuple[str, str], AnswerKind]:
        """Return the kind of answer by (condition id, suite)."""
        return {
            (condition.id, name): suite.answer_kind(condition)
            for condition in self.conditions
            for name, suite in self.suites.items()
        }


def plan_request(
    condition: Condition, body: Mapping[str, Json], ignored: Sequence[str], option: int | None = None
) -> PlannedRequest:
    """Return a request of a condition, its body as the condition's API spells it."""
    sent = APIS[condition.api].body(body)
    return PlannedRequest(key_of(condition, sent, ignored), sent, option)


def key_of(condition: Condition, sent: Mapping[str, Json], ignored: Sequence[str]) -> str:
    """Return the identity of a request of a condition."""
    route = replace(APIS[condition.api].route, ignored=tuple(ignored))
    return route_key(route, condition.endpoint, sent)


def reorder_options(item: Item, order: Sequence[int]) -> Item:
    """Return the item with its options in ``order`` and its answer's letter changed accordingly."""
    if not order:
        return item
    answer_index = list(order).index(LETTERS.index(item.answer))
    return replace(item, choices=tuple(item.choices[index] for index in order), answer=LETTERS[answer_index])


def item_address(suite: str, item: str) -> str:
    """Return ``suite/item``, or ``suite//item`` for an id with a slash: no two items of an experiment share one.

    Names of suites may hold single slashes: else ``x/0`` of ``quiz`` would be ``0`` of ``quiz/x``.
    """
    return f"{suite}{'//' if '/' in item else '/'}{item}"


def trial_id(condition: str, suite: str, item: str, sample: int, rotation: int | None = None) -> str:
    """Return the id of a trial; rotations and samples have different ids."""
    name = f"{condition}/{item_address(suite, item)}/{sample}"
    return name if rotation is None else f"{name}/r{rotation}"


def first_questions(plan: Plan, count: int, fingerprint: str) -> Plan:
    """Return the plan with at most ``count`` questions of each suite; prompts of a compare experiment all stay.

    A suite's ``limit`` is the last step of its selection, so this is the plan that the limited experiment has,
    without the rows it came from.

    Args:
        fingerprint: of the experiment with that limit.
    """
    suites = {
        name: suite if name == PROMPTS else _shorten(suite, count) for name, suite in plan.suites.items()
    }
    kept_items = {(name, item.id) for name, suite in suites.items() for item in suite.items}
    trials = tuple(trial for trial in plan.trials if (trial.suite, trial.item) in kept_items)
    return replace(plan, fingerprint=fingerprint, suites=suites, trials=trials)


def with_trials(plan: Plan, trials: Iterable[Trial]) -> Plan:
    """Return the plan of these trials, with the conditions, suites and questions that they ask."""
    kept = tuple(trials)
    asked = {(trial.suite, trial.item) for trial in kept}
    suites = {
        name: replace(suite, items=items)
        for name, suite in plan.suites.items()
        if (items := tuple(item for item in suite.items if (name, item.id) in asked))
    }
    used = {trial.condition for trial in kept}
    conditions = tuple(condition for condition in plan.conditions if condition.id in used)
    return replace(plan, conditions=conditions, suites=suites, trials=kept)


def first_looks(plan: Plan, count: int) -> Plan:
    """Return the plan of the questions that the first looks are about; its rounds stay whole."""
    if plan.rounds is None:
        return plan
    asked = plan.rounds.items(count - 1)
    return with_trials(plan, (each for each in plan.trials if item_address(each.suite, each.item) in asked))


def _shorten(suite: PlannedSuite, count: int) -> PlannedSuite:
    items = suite.items[:count]
    # Answers in words are not guessed among the options, which are not shown.
    guessing = None if suite.card.chance is None else chance(items)
    return replace(suite, items=items, card=replace(suite.card, chance=guessing))
