"""The questions on which two conditions disagree: the only ones that tell them apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llmxray.report import numbers
from llmxray.report.analysis import ConditionResults, Pair
from llmxray.report.analysis.questions import Cell, Question, Verdicts
from llmxray.report.links import question_href, questions_href

# A page is for reading; the table of questions holds the rest.
MOST = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one condition answered; ``tally`` is "2 of 8 right" where there are repeats, else ""."""

    css: str
    outcome: str
    answer: str
    confidence: str
    tally: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """One question with both answers."""

    href: str
    text: str
    category: str
    right: str
    a: Said
    b: Said


@dataclass(frozen=True, slots=True)
class Disagreements:
    """The questions that only one of the two got right, the first `MOST` of them."""

    title: str
    n: int
    shown: tuple[Disagreement, ...]
    href: str


def disagreements(pair: Pair, questions: Sequence[Question], verdicts: Verdicts) -> tuple[Disagreements, ...]:
    """What only the first got right, then what only the second did; empty lists are left out."""
    made = (
        _only(pair, pair.a, pair.b, questions, verdicts),
        _only(pair, pair.b, pair.a, questions, verdicts),
    )
    return tuple(each for each in made if each.n)


def _only(
    pair: Pair,
    right: ConditionResults,
    wrong: ConditionResults,
    questions: Sequence[Question],
    verdicts: Verdicts,
) -> Disagreements:
    both = zip(questions, verdicts[right.id], verdicts[wrong.id], strict=True)
    found = [question for question, hit, missed in both if hit is True and missed is False]
    link = questions_href(right=right.id, wrong=wrong.id)
    order = list(verdicts)
    places = [(view, order.index(view.id)) for view in (pair.a, pair.b)]
    return Disagreements(
        f"Only {right.label} is right",
        len(found),
        tuple(_disagreement(each, places, link) for each in found[:MOST]),
        link,
    )


def _disagreement(
    question: Question, places: Sequence[tuple[ConditionResults, int]], link: str
) -> Disagreement:
    a, b = (_said(view, question.cells[place]) for view, place in places)
    # The filter goes along, so that the next question is the next disagreement.
    hash_ = link.partition("#")[2]
    return Disagreement(
        href=f"{question_href(question.address)}#{hash_}",
        text=question.short,
        category=question.item.category,
        right=question.right,
        a=a,
        b=b,
    )


def _said(view: ConditionResults, cell: Cell) -> Said:
    answer = " ".join(cell.answer.split())
    return Said(
        css=view.css,
        outcome=cell.outcome.value if cell.outcome else "",
        answer=answer if len(answer) <= 40 else answer[:39] + "…",
        confidence="" if cell.confidence is None else numbers.percent(cell.confidence),
        tally=f"{cell.right} of {cell.n} right" if len(cell.codes) > 1 else "",
    )
