"""What an experiment lends to the front page: two questions with two answers each, one to try, one race.

Each is chosen from the data by a rule, and absent where the data have nothing of the kind. No question is shown whose
right option has the favourite letter of a condition beside it: that one is right there without knowing anything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from llmxray.plan import PROMPTS, item_address
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults
from llmxray.report.analysis.leaders import rival_of
from llmxray.report.analysis.questions import Question, questions_of
from llmxray.report.analysis.rows import address
from llmxray.report.analysis.telling import Kind, telling
from llmxray.scoring import right_options
from llmxray.types import LETTERS, Outcome

# So many questions make a race that is over in a breath and still shows who is ahead.
MOST_IN_RACE = 60
_MOMENTS: tuple[Kind, ...] = ("only one knew", "sure and wrong")
# What a person reads at a glance.
_LONGEST, _MOST_CHOICES = 220, 5
# A favourite letter is named in so many more of a condition's answers than it is right in, as a share of them.
_HABIT = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownOption:
    """An option of a question."""

    letter: str
    text: str
    right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownReply:
    """What a condition answered.

    Attributes:
        letter, text: the option that it named.
        confidence: option confidence, 0–1; None where it is not known.
    """

    label: str
    css: str
    letter: str
    text: str
    right: bool
    confidence: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A question with the answers of the best condition and of its rival.

    Attributes:
        kind: why it was chosen.
        right: text of the right option.
        replies: of the best condition, and of its rival.
    """

    kind: Kind
    question: str
    address: str
    right: str
    replies: tuple[ShownReply, ShownReply]


@dataclass(frozen=True, slots=True, kw_only=True)
class Duel:
    """A question that the conditions disagree about, for the reader to answer."""

    question: str
    address: str
    options: tuple[ShownOption, ...]
    why: str
    replies: tuple[ShownReply, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """A condition in the race.

    Attributes:
        seconds, right: of each of the questions, in their order.
        guessing: accuracy of blind guessing at them, 0–1; None where not all of them offer options.
    """

    label: str
    css: str
    seconds: tuple[float, ...]
    right: tuple[bool, ...]
    guessing: float | None


def moments(analysis: Analysis) -> tuple[Moment, ...]:
    """What the best condition alone knew, and what it was surest of and got wrong: at most two, in this order."""
    rival = rival_of(analysis)
    if rival is None:
        return ()
    letters = _favourites([analysis.ranked[0], rival])
    found = {each.kind: each.question for each in telling(analysis, but=letters)}
    made = (_moment(kind, found[kind], analysis.ranked[0], rival) for kind in _MOMENTS if kind in found)
    return tuple(each for each in made if each is not None)


def _favourites(views: Iterable[ConditionResults]) -> set[str]:
    """The letter of each condition that names one much more often than it is right."""
    found = set()
    for view in views:
        rows = [row for row in view.rows if row.answer and row.answer in LETTERS]
        named, right = Counter(row.answer or "" for row in rows), Counter(row.expected for row in rows)
        found |= {letter for letter, n in named.items() if n - right[letter] > _HABIT * len(rows)}
    return found


def _moment(kind: Kind, question: Question, best: ConditionResults, rival: ConditionResults) -> Moment | None:
    first, second = _reply(best, question), _reply(rival, question)
    if first is None or second is None:
        return None
    return Moment(
        kind=kind,
        question=question.short,
        address=question.address,
        right=next((option.text for option in _options(question) if option.right), ""),
        replies=(first, second),
    )


def duel(analysis: Analysis, answered: Sequence[Moment] = ()) -> Duel | None:
    """The question to try, none of those already answered: the surest disagreement that is short enough to read."""
    views = [view for view in analysis.ranked if view.condition.answer in ("letter", "likelihood")]
    shown, letters = {each.address for each in answered}, _favourites(views)
    known = [
        (score, question)
        for question in questions_of(analysis)
        if question.address not in shown
        and question.item.answer not in letters
        and (score := _dispute(question)) is not None
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
        options=_options(question),
        why=question.item.why,
        replies=replies,
    )


def race(analysis: Analysis) -> tuple[Runner, ...]:
    """The first questions that every condition answered, in order; empty with fewer than two conditions."""
    times = _race_times(analysis)
    shared = _shared(times)[:MOST_IN_RACE]
    if not shared:
        return ()
    return tuple(
        Runner(
            label=view.label,
            css=view.css,
            seconds=tuple(round(each[address][0], 3) for address in shared),
            right=tuple(each[address][1] for address in shared),
            guessing=_guessing(analysis, view, shared),
        )
        for view, each in zip(analysis.views, times, strict=True)
    )


def raced(analysis: Analysis) -> str:
    """Which part of the questions the race shows, in words: "School science only, 60 of 176 questions"; "" for all."""
    shared = _shared(_race_times(analysis))
    if len(shared) <= MOST_IN_RACE:
        return ""
    keys = {item_address(*key): key for key in analysis.items}
    suites = [*dict.fromkeys(keys[each][0] for each in shared[:MOST_IN_RACE])]
    n = sum(keys[each][0] in suites for each in shared)
    part = f"{'' if n == MOST_IN_RACE else f'{MOST_IN_RACE} of '}{numbers.plural(n, 'question')}"
    if len(suites) == len(analysis.suites):
        return part
    return f"{numbers.listed([analysis.label_of_suite(suite) for suite in suites])} only, {part}"


def _race_times(analysis: Analysis) -> list[dict[str, tuple[float, bool]]]:
    return [_times(view) for view in analysis.views]


def _shared(times: Sequence[Mapping[str, object]]) -> list[str]:
    """Questions that every condition answered; none with fewer than two conditions."""
    if len(times) < 2:
        return []
    return [address for address in times[0] if all(address in each for each in times)]


def _guessing(analysis: Analysis, view: ConditionResults, shared: Sequence[str]) -> float | None:
    keys = {item_address(*key): key for key in analysis.items}
    rates = [rate for each in shared if (rate := analysis.guess_rate(view, keys[each])) is not None]
    return sum(rates) / len(rates) if len(rates) == len(shared) else None


def _times(view: ConditionResults) -> dict[str, tuple[float, bool]]:
    return {
        address(row): (row.latency_s, row.outcome is Outcome.CORRECT)
        for row in view.rows
        if row.latency_s is not None
        and row.sample == 0
        and not row.rotation
        and row.outcome is not Outcome.UNSCORED
    }


def _dispute(question: Question) -> float | None:
    """How sure the conditions are that disagree; None for a question that nobody would read, or that all agree on."""
    item = question.item
    if question.suite == PROMPTS or question.mixed or not 2 <= len(item.choices) <= _MOST_CHOICES:
        return None
    # A reader's letter is compared with the one that is right.
    if len(right_options(item)) != 1:
        return None
    if len(item.question) + sum(map(len, item.choices)) > _LONGEST:
        return None
    hits = [cell.mostly_right for cell in question.cells]
    return question.confidence if True in hits and False in hits else None


def _options(question: Question) -> tuple[ShownOption, ...]:
    item = question.item
    return tuple(
        ShownOption(letter=letter, text=text, right=letter == item.answer)
        for letter, text in zip(LETTERS, item.choices, strict=False)
    )


def _reply(view: ConditionResults, question: Question) -> ShownReply | None:
    """The first answer of a condition; None where it named no option that the page shows."""
    rows = (row for row in view.rows if row.suite == question.suite and row.item_id == question.item.id)
    row = next(rows, None)
    options = {option.letter: option.text for option in _options(question)}
    if row is None or row.answer not in options or question.mixed:
        return None
    return ShownReply(
        label=view.label,
        css=view.css,
        letter=row.answer,
        text=options[row.answer],
        right=row.outcome is Outcome.CORRECT,
        confidence=row.option_confidence,
    )
