"""Three questions that show a result better than its average does, each chosen by a rule that is said.

- *sure and wrong*: the most accurate condition's wrong answer of the highest option confidence, from `SURE` on.
- *only one knew*: what only the most accurate condition got right, of those its most confident one.
- *all missed*: what no condition got right, of those the one with the highest mean confidence.

Where a question was asked several times, one right sample is enough for a condition not to have missed it.

One of the kind is what a page of a single question opens with.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Literal

from llmxray.report.analysis import Analysis
from llmxray.report.analysis.questions import Question, questions_of
from llmxray.report.analysis.rows import address
from llmxray.types import Outcome

type Kind = Literal["sure and wrong", "only one knew", "all missed"]
# A model that gives its answer less than this was not sure of it.
SURE = 0.7
# Shorter replies, in characters, are a letter or a number; the longer ones show how a model got there.
_LETTER, _WRITTEN = 2, 20
_OPENS: tuple[Kind, ...] = ("only one knew", "sure and wrong", "all missed")


def telling(analysis: Analysis, suite: str = "", *, but: Collection[str] = ()) -> dict[Kind, Question]:
    """A question of each kind that there is, no question twice; none where nothing is scored.

    Args:
        suite: that the finding is about; "" for all.
        but: letters; no question is chosen whose right option has one of these.
    """
    asked = [
        each for each in questions_of(analysis) if suite in ("", each.suite) and each.item.answer not in but
    ]
    return _telling(analysis, asked)


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
    found = _telling(analysis, open_to)
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


def _telling(analysis: Analysis, asked: Sequence[Question]) -> dict[Kind, Question]:
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
