"""Questions: one cell a condition, of what became of its samples, and the three that show a result best.

- *sure and wrong*: the most accurate condition's wrong answer of the highest option confidence, from `SURE` on.
- *only one knew*: what only the most accurate condition got right, of those its most confident one.
- *all missed*: what no condition got right, of those the one with the highest mean confidence.

Where a question was asked several times, one right sample is enough for a condition not to have missed it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Literal

from llmxray.plan import item_address, reorder_options
from llmxray.report.analysis import Analysis, ExperimentData, address, grouped, memoized
from llmxray.report.analysis.confidence import SURE
from llmxray.scoring import CHOSEN
from llmxray.types import LETTERS, UNCOUNTED, Condition, Item, Outcome, Row

# Characters of an answer in the table of questions.
_SAID = 24
# One letter per outcome: short in the data files, and the key of the filters.
CODES: Mapping[Outcome, str] = {
    Outcome.CORRECT: "c",
    Outcome.WRONG: "w",
    Outcome.UNPARSED: "u",
    Outcome.TRUNCATED: "t",
    Outcome.REFUSED: "r",
    Outcome.TOOL_CALL: "f",
    Outcome.UNREAD: "n",
    Outcome.ERROR: "e",
    Outcome.UNSCORED: "o",
}
_UNCOUNTED = frozenset(CODES[each] for each in UNCOUNTED)
_SHORT = 140


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionCell:
    """The samples of one question in one condition.

    Attributes:
        codes: one letter of `CODES` per sample, in sample order; "" when nothing was planned.
        answer: the answer given, the most frequent one where samples differ; "" when there is none.
        confidence: mean option confidence over the samples that have one, 0–1.
    """

    codes: str
    answer: str = ""
    confidence: float | None = None

    @property
    def n(self) -> int:
        """Samples that count: all but errors, unread and unscored ones."""
        return sum(code not in _UNCOUNTED for code in self.codes)

    @property
    def right(self) -> int:
        """Samples that are right."""
        return self.codes.count("c")

    @property
    def outcome(self) -> Outcome | None:
        """The outcome of the one sample, or the most frequent one (the first of them in a draw)."""
        if not self.codes:
            return None
        # A dict keeps sample order; with a set, draws would go by hashes that change from run to run.
        code = max(dict.fromkeys(self.codes), key=self.codes.count)
        return next(outcome for outcome, letter in CODES.items() if letter == code)

    @property
    def said(self) -> str:
        """The answer on one line, cut where the table has no room for it."""
        line = " ".join(self.answer.split())
        return line if len(line) <= _SAID else line[: _SAID - 1] + "…"

    @property
    def mostly_right(self) -> bool | None:
        """Whether more than half of the samples that count are right; None when none counts."""
        # `verdict` in filters.js has the same rule, or links would lead to other questions than were counted.
        return self.right * 2 > self.n if self.n else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question with its cells in condition order.

    Attributes:
        address: ``suite/item``, the value of ``?q=``.
        item: options in the order in which they were shown, where every condition showed the same one.
        short: the question on one line, cut at a word.
        right: the right answer, letter and text; "" when there is none.
        mixed: conditions showed the options in different orders, so that letters cannot be compared.
    """

    address: str
    suite: str
    item: Item
    short: str
    right: str
    cells: tuple[QuestionCell, ...]
    mixed: bool = False

    @property
    def confidence(self) -> float:
        """Mean confidence of the conditions that have one; 0 where none has."""
        known = [cell.confidence for cell in self.cells if cell.confidence is not None]
        return sum(known) / len(known) if known else 0.0


type Verdicts = Mapping[str, Sequence[bool | None]]


def verdicts(data: ExperimentData, found: Sequence[Question]) -> Verdicts:
    """By condition, whether each question counts as right; None where no sample counts."""
    return {
        condition.id: [question.cells[place].mostly_right for question in found]
        for place, condition in enumerate(data.results.plan.conditions)
    }


@memoized
def questions_of(analysis: Analysis) -> tuple[Question, ...]:
    """Every question of the experiment in plan order, with every answer to it."""
    plan = analysis.plan
    rows = grouped(analysis.data.results.rows, attrgetter("suite", "item_id", "condition"))
    return tuple(
        _question(
            suite,
            item,
            [rows.get((suite, item.id, condition.id), []) for condition in plan.conditions],
            lettered=any(planned.answer_kind(condition) in CHOSEN for condition in plan.conditions),
        )
        for suite, planned in plan.suites.items()
        for item in planned.items
    )


def labels(conditions: Sequence[Condition]) -> tuple[str, ...]:
    """Names of conditions for people: what all share, the model, is left out; names that two share become ids."""
    names = [condition.label or condition.id for condition in conditions]
    parts = [name.partition(", ") for name in names]
    if len(parts) > 1 and len({head for head, _, _ in parts}) == 1 and all(tail for _, _, tail in parts):
        names = [tail for _, _, tail in parts]
    return tuple(
        name if names.count(name) == 1 else condition.id
        for name, condition in zip(names, conditions, strict=True)
    )


def permille(value: float | None) -> int | None:
    """In thousandths, rounded down, so that 49.99% is below 50% and 99.9999999% no certainty, but never to nothing.

    Pages round it once more, to the same per cent as the value itself.
    """
    if value is None:
        return None
    shown = min(int(1000 * value + 1e-6), 999 if value < 1 else 1000)
    if value > 0 and shown == 0:
        return 1
    return shown + round(100 * value) - (shown + 5) // 10


def cell(rows: Sequence[Row]) -> QuestionCell:
    """The cell of one question's samples in one condition."""
    ordered = sorted(rows, key=attrgetter("sample")) if len(rows) > 1 else rows
    answers = [row.answer for row in ordered if row.answer]
    known = [row.option_confidence for row in ordered if row.option_confidence is not None]
    return QuestionCell(
        codes="".join(CODES[row.outcome] for row in ordered),
        # The first of a draw.
        answer=Counter(answers).most_common(1)[0][0] if answers else "",
        # The row's own number where there is one: a large experiment has a cell for each answer.
        confidence=sum(known) / len(known) if len(known) > 1 else next(iter(known), None),
    )


def with_option(written: str, item: Item) -> str:
    """A letter with the option that it names ("B, gravity"), anything else as it was written."""
    options = dict(zip(LETTERS, item.choices, strict=False))
    return f"{written}, {shortened(options[written])}" if written in options else written


def shortened(text: str, limit: int = _SHORT) -> str:
    """One line of at most ``limit`` characters, cut between words where there is a place to cut."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    cut = line[:limit]
    return (cut.rpartition(" ")[0] or cut) + " …"


def _question(suite: str, item: Item, samples: Sequence[Sequence[Row]], *, lettered: bool) -> Question:
    orders = {row.order for rows in samples for row in rows}
    mixed = len(orders) > 1
    # As the models saw it: their letters are then the reader's.
    if len(orders) == 1:
        item = reorder_options(item, orders.pop())
    is_lettered = lettered and not mixed and item.choices
    return Question(
        address=item_address(suite, item.id),
        suite=suite,
        item=item,
        short=shortened(item.question),
        # "B · gravity", or its text alone where letters mean nothing.
        right=f"{item.answer} · {item.answer_text}" if is_lettered else item.answer_text,
        cells=tuple(cell(rows) for rows in samples),
        mixed=mixed,
    )


type Kind = Literal["sure and wrong", "only one knew", "all missed"]
# Shorter replies, in characters, are a letter or a number; the longer ones show how a model got there.
_LETTER, _WRITTEN = 2, 20
_OPENS: tuple[Kind, ...] = ("only one knew", "sure and wrong", "all missed")


def example_questions(
    analysis: Analysis, suite: str = "", *, but: Collection[str] = ()
) -> dict[Kind, Question]:
    """A question of each kind that there is, no question twice; none where nothing is scored.

    Args:
        suite: that the finding is about; "" for all.
        but: letters; no question is chosen whose right option has one of these.
    """
    asked = [
        each for each in questions_of(analysis) if suite in ("", each.suite) and each.item.answer not in but
    ]
    return _example_questions(analysis, asked)


def opening(analysis: Analysis) -> str:
    """Address of the question that pages of one question open with; "" without questions.

    Questions with a written reply come first, then those with more than a letter. Of these it is the one that only
    the best condition knew, or another telling one, or the one with the longest reply.
    """
    asked, lengths = questions_of(analysis), _lengths(analysis)
    if not asked:
        return ""
    longest = max(lengths.get(each.address, 0) for each in asked)
    least = next((limit for limit in (_WRITTEN, _LETTER) if longest > limit), -1)
    open_to = [each for each in asked if lengths.get(each.address, 0) > least]
    found = _example_questions(analysis, open_to)
    told = next((found[kind] for kind in _OPENS if kind in found), None)
    return (told or max(open_to, key=lambda each: lengths.get(each.address, 0))).address


def _lengths(analysis: Analysis) -> dict[str, int]:
    """Characters of the longest first reply to each question."""
    lengths: dict[str, int] = {}
    for view in analysis.views:
        for row in view.rows:
            if row.sample == 0:
                where = address(row)
                lengths[where] = max(lengths.get(where, 0), len(row.reasoning) + len(row.text.strip()))
    return lengths


def _example_questions(analysis: Analysis, asked: Sequence[Question]) -> dict[Kind, Question]:
    if not analysis.suites:
        return {}
    place = analysis.views.index(analysis.ranked[0])
    rules: dict[Kind, Callable[[Question], float | None]] = {
        "only one knew": lambda question: _only_one(question, place),
        "sure and wrong": lambda question: _sure_and_wrong(question, place),
        "all missed": _all_missed,
    }
    chosen: dict[Kind, Question] = {}
    for kind, rule in rules.items():
        free = [
            (score, question)
            for question in asked
            if question not in chosen.values() and (score := rule(question)) is not None
        ]
        if free:
            # The first of equals: the order is the plan's.
            chosen[kind] = max(free, key=lambda scored: scored[0])[1]
    return chosen


def _sure_and_wrong(question: Question, place: int) -> float | None:
    cell = question.cells[place]
    if cell.outcome is not Outcome.WRONG or cell.right or (cell.confidence or 0.0) < SURE:
        return None
    return cell.confidence


def _only_one(question: Question, place: int) -> float | None:
    others = [cell for number, cell in enumerate(question.cells) if number != place]
    # Who is right in two samples of five knew it as well.
    if (
        not question.cells[place].mostly_right
        or not others
        or any(cell.right or not cell.n for cell in others)
    ):
        return None
    return question.cells[place].confidence or 0.0


def _all_missed(question: Question) -> float | None:
    return None if any(cell.right or not cell.n for cell in question.cells) else question.confidence
