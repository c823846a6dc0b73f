"""Three questions that show a result better than its average does, each chosen by a rule that is said.

- *sure and wrong*: the most accurate condition's wrong answer of the highest option confidence, from `SURE` on.
- *only one knew*: what only the most accurate condition got right, of those its most confident one.
- *one of two knew*, instead of that where two conditions are compared: what the one of them that has more right got
  right and the other answered wrongly, of those its most confident one.
- *all missed*: what no condition got right, of those the one with the highest mean confidence.

Where a question was asked several times, one right sample is enough for a condition not to have missed it.

One of the kind is what a page of a single question opens with.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from llmxray.report.analysis import Analysis
from llmxray.report.analysis.questions import Question, questions_of
from llmxray.report.analysis.rows import address
from llmxray.types import Outcome

type Kind = Literal["sure and wrong", "only one knew", "one of two knew", "all missed"]
# A model that gives its answer less than this was not sure of it.
SURE = 0.7
# Shorter replies, in characters, are a letter or a number; the longer ones show how a model got there.
_LETTER, _WRITTEN = 2, 20
_OPENS: tuple[Kind, ...] = ("only one knew", "sure and wrong", "all missed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A question that tells something.

    Attributes:
        about: ids of the conditions that it is about; () where it is about all.
    """

    kind: Kind
    question: Question
    about: tuple[str, ...]


def telling(
    analysis: Analysis, compared: Sequence[str] = (), suite: str = "", *, but: Collection[str] = ()
) -> tuple[Telling, ...]:
    """At most three questions, no question twice; none where nothing is scored.

    Args:
        compared: ids of the two conditions that the finding compares. suite: that it is about; "" for all.
        but: letters; no question is chosen whose right option has one of these.
    """
    asked = [
        each for each in questions_of(analysis) if suite in ("", each.suite) and each.item.answer not in but
    ]
    return _telling(analysis, asked, compared)


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
    found = {each.kind: each.question for each in _telling(analysis, open_to)}
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


def _telling(
    analysis: Analysis, asked: Sequence[Question], compared: Sequence[str] = ()
) -> tuple[Telling, ...]:
    if not analysis.suites:
        return ()
    best = analysis.ranked[0].id
    ids = [view.id for view in analysis.views]
    place = ids.index(best)

    def n_right(name: str) -> int:
        return sum(bool(question.cells[ids.index(name)].mostly_right) for question in asked)

    ahead = sorted(compared, key=n_right, reverse=True)
    two = [ids.index(name) for name in ahead]
    knew: tuple[Kind, tuple[str, ...], Callable[[Question], float | None]] = (
        ("one of two knew", tuple(ahead), lambda question: _one_of_two(question, *two))
        if ahead
        else ("only one knew", (), lambda question: _only_one(question, place))
    )
    rules: tuple[tuple[Kind, tuple[str, ...], Callable[[Question], float | None]], ...] = (
        knew,
        ("sure and wrong", (best,), lambda question: _sure_and_wrong(question, place)),
        ("all missed", (), _all_missed),
    )
    chosen: dict[str, Telling] = {}
    for kind, about, rule in rules:
        free = [
            (score, question)
            for question in asked
            if question.address not in chosen and (score := rule(question)) is not None
        ]
        if free:
            # The first of equals: the order is the plan's.
            _, question = max(free, key=lambda each: each[0])
            chosen[question.address] = Telling(kind=kind, question=question, about=about)
    return tuple(chosen.values())


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


def _one_of_two(question: Question, ahead: int, behind: int) -> float | None:
    knew, other = question.cells[ahead], question.cells[behind]
    # An answer that is cut off or cannot be read shows no difference in what the two know.
    if not knew.mostly_right or other.right or other.outcome is not Outcome.WRONG:
        return None
    return knew.confidence or 0.0


def _all_missed(question: Question) -> float | None:
    return None if any(cell.right or not cell.n for cell in question.cells) else question.confidence
