"""What an experiment lends to the front page: one answer to look into, one question to try, one race.

Each is chosen from the data by a rule, and absent where the data have nothing of the kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llmxray.plan import PROMPTS
from llmxray.report.analysis import Analysis, ConditionResults
from llmxray.report.analysis.questions import Question, questions_of
from llmxray.report.analysis.telling import telling
from llmxray.types import LETTERS, Outcome, Row

# So many questions make a race that is over in a breath and still shows who is ahead.
MOST_IN_RACE = 60
# What a person reads at a glance.
_LONGEST, _MOST_CHOICES = 220, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """An option of a question, with the probability that a model gave it; None where it is not known."""

    letter: str
    text: str
    right: bool
    probability: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The surest wrong answer of the most accurate condition.

    Attributes:
        confidence: option confidence of its answer, 0–1.
        chosen: letter of its answer.
    """

    label: str
    question: str
    address: str
    options: tuple[Option, ...]
    chosen: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a condition answered: letter, whether it is right, how sure it was (0–1, None where unknown)."""

    label: str
    css: str
    letter: str
    right: bool
    confidence: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Duel:
    """A question that the conditions disagree about, for the reader to answer."""

    question: str
    address: str
    options: tuple[Option, ...]
    why: str
    replies: tuple[Reply, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """A condition in the race: seconds and outcome of each of the questions, in their order."""

    label: str
    css: str
    seconds: tuple[float, ...]
    right: tuple[bool, ...]


def moment(analysis: Analysis) -> Moment | None:
    """The answer to look into."""
    found = next((each for each in telling(analysis) if each.kind == "sure and wrong"), None)
    if found is None or found.view is None or not found.question.item.choices:
        return None
    question = found.question
    row = _row(found.view, question)
    if (
        row is None
        or row.option_confidence is None
        or not row.answer
        or len(question.item.choices) > _MOST_CHOICES
    ):
        return None
    return Moment(
        label=found.view.label,
        question=question.item.question,
        address=question.address,
        options=_options(question, row.option_probs),
        chosen=row.answer,
        confidence=row.option_confidence,
    )


def duel(analysis: Analysis) -> Duel | None:
    """The question to try: the one that the conditions disagree about most surely, short enough to read."""
    views = [view for view in analysis.ranked if view.condition.answer in ("letter", "likelihood")]
    known = [
        (score, question)
        for question in questions_of(analysis)
        if (score := _dispute(analysis, question)) is not None
    ]
    if len(views) < 2 or not known:
        return None
    _, question = max(known, key=lambda each: each[0])
    replies = tuple(reply for view in views if (reply := _reply(view, question)) is not None)
    if len(replies) < 2:
        return None
    return Duel(
        question=question.item.question,
        address=question.address,
        options=_options(question, ()),
        why=question.item.why,
        replies=replies,
    )


def race(analysis: Analysis) -> tuple[Runner, ...]:
    """The first questions that every condition answered, in order; empty with fewer than two conditions."""
    times = [_times(view) for view in analysis.views]
    if len(times) < 2:
        return ()
    shared = [address for address in times[0] if all(address in each for each in times)][:MOST_IN_RACE]
    if not shared:
        return ()
    return tuple(
        Runner(
            label=view.label,
            css=view.css,
            seconds=tuple(round(each[address][0], 3) for address in shared),
            right=tuple(each[address][1] for address in shared),
        )
        for view, each in zip(analysis.views, times, strict=True)
    )


def _times(view: ConditionResults) -> dict[str, tuple[float, bool]]:
    return {
        f"{row.suite}/{row.item_id}": (row.latency_s, row.outcome is Outcome.CORRECT)
        for row in view.rows
        if row.latency_s is not None
        and row.sample == 0
        and not row.rotation
        and row.outcome is not Outcome.UNSCORED
    }


def _dispute(analysis: Analysis, question: Question) -> float | None:
    """How sure the conditions are that disagree; None for a question that nobody would read, or that all agree on."""
    item = question.item
    if question.suite == PROMPTS or question.mixed or not 2 <= len(item.choices) <= _MOST_CHOICES:
        return None
    if len(item.question) + sum(map(len, item.choices)) > _LONGEST:
        return None
    hits = [cell.mostly_right for cell in question.cells]
    if True not in hits or False not in hits:
        return None
    known = [cell.confidence for cell in question.cells if cell.confidence is not None]
    return sum(known) / len(known) if known else 0.0


def _options(question: Question, probabilities: Sequence[float | None]) -> tuple[Option, ...]:
    item = question.item
    given = list(probabilities) or [None] * len(item.choices)
    return tuple(
        Option(letter=letter, text=text, right=letter == item.answer, probability=probability)
        for letter, text, probability in zip(LETTERS, item.choices, given, strict=False)
    )


def _reply(view: ConditionResults, question: Question) -> Reply | None:
    row = _row(view, question)
    if row is None or not row.answer:
        return None
    return Reply(
        label=view.label,
        css=view.css,
        letter=row.answer,
        right=row.outcome is Outcome.CORRECT,
        confidence=row.option_confidence,
    )


def _row(view: ConditionResults, question: Question) -> Row | None:
    """The first answer of a condition to a question."""
    found = (row for row in view.rows if row.suite == question.suite and row.item_id == question.item.id)
    return next(found, None)
