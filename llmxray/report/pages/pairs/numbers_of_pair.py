"""Two conditions in numbers: right and wrong two by two, and the sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, Pair, confidence
from llmxray.report.analysis.leaders import order, turned
from llmxray.report.analysis.questions import Question, Verdicts, questions_of
from llmxray.report.links import Link, question_href, questions_href
from llmxray.report.widgets import quantised
from llmxray.report.wording.speed import COVERED, speed_sentences
from llmxray.report.wording.verdicts import Finding, doubt

# Enough to see what they have in common.
_LISTED = 12


@dataclass(frozen=True, slots=True)
class SquareCell:
    """One field of the two-by-two table.

    Attributes:
        width: class of its bar, as a share of all questions.
    """

    n: int
    share: str
    width: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Square:
    """Right and wrong of both: what only one got right is what the test counts."""

    both: SquareCell
    a_only: SquareCell
    b_only: SquareCell
    neither: SquareCell
    n: int
    note: str


def square(pair: Pair, questions: Sequence[Question], verdicts: Verdicts) -> Square:
    """The table over all questions that both answered."""
    known = [each for each in zip(verdicts[pair.a.id], verdicts[pair.b.id], strict=True) if None not in each]
    repeats = any(len(cell.codes) > 1 for question in questions for cell in question.cells)

    def cell(of_a: bool, of_b: bool) -> SquareCell:
        n = known.count((of_a, of_b))
        part = n / len(known) if known else None
        right = ",".join(name for name, hit in ((pair.a.id, of_a), (pair.b.id, of_b)) if hit)
        wrong = ",".join(name for name, hit in ((pair.a.id, of_a), (pair.b.id, of_b)) if not hit)
        link = questions_href(right=right, wrong=wrong) if n else ""
        return SquareCell(n, numbers.percent(part), quantised.width(part), link)

    note = (
        "A question counts as right here where more than half of its answers are; the test does not halve: it takes "
        "each question's share of right answers."
        if repeats
        else ""
    )
    if len(known) > pair.difference.n:
        note += f" {len(known)} wordings of {numbers.plural(pair.difference.n, 'question')}: the test counts questions."
    return Square(
        both=cell(True, True),
        a_only=cell(True, False),
        b_only=cell(False, True),
        neither=cell(False, False),
        n=len(known),
        note=note.strip(),
    )


def facts(analysis: Analysis, pair: Pair) -> tuple[Finding, ...]:
    """The comparison in sentences: ratio, time, calibration, what would show."""
    made = (
        _as_ratio(analysis, pair),
        _time(analysis, pair),
        _calibration(analysis, pair),
        _detectable(analysis, pair),
        _left_out(analysis, pair),
    )
    return tuple(each for each in made if each is not None)


def _as_ratio(analysis: Analysis, pair: Pair) -> Finding | None:
    ahead, behind, _ = order(pair)
    ratio = analysis.pairing.accuracy_ratio(ahead, behind)
    if ratio.value is None or ratio.value == 1:
        return None
    times, about = numbers.ratio_within(ratio), doubt(ratio, numbers.ratio)
    if pair.differs and (ratio.low or 0.0) > 1:
        said = f"{ahead.label} gets {times} times as many right answers as {behind.label} ({about})."
    else:
        said = f"No clear difference: {ahead.label} to {behind.label}, the ratio of right answers is {times} ({about})."
    if not pair.differs and (ratio.low or 0.0) > 1:
        said += " The interval leaves out 1, but it is an approximation: the test of the difference decides."
    return Finding("As a ratio", (said,))


def _time(analysis: Analysis, pair: Pair) -> Finding | None:
    sentences = speed_sentences(analysis, pair.a, pair.b)
    links = analysis.contents.links(("Speed of all", "results", "speed"))
    return Finding("Time", (*sentences, COVERED), links) if sentences else None


def _calibration(analysis: Analysis, pair: Pair) -> Finding | None:
    sentence = calibration_sentence(analysis, pair)
    return (
        Finding(
            "Calibration", (sentence,), analysis.contents.links(("Calibration of all", "calibration", ""))
        )
        if sentence
        else None
    )


def calibration_sentence(analysis: Analysis, pair: Pair) -> str:
    """Which of two conditions is better calibrated, and whether that can be told; "" without confidences.

    Confidences of two kinds are named, not compared.
    """
    gap = analysis.pairing.ece_difference(pair.a, pair.b)
    if gap.value is None:
        return ""
    worse, better = (pair.a, pair.b) if gap.value > 0 else (pair.b, pair.a)
    size = numbers.in_points(gap.value)
    kinds = confidence.differ_in_kind([pair.a, pair.b])
    if kinds:
        return kinds
    if gap.low is not None and gap.high is not None and (gap.low > 0 or gap.high < 0):
        ends = numbers.points_interval(turned(gap) if gap.value < 0 else gap)
        return (
            f"The confidence of {worse.label} is further from what it gets right: its ECE-15 is {size} above "
            f"that of {better.label} (95% {ends}; {numbers.plural(gap.n, 'question')})."
        )
    return (
        f"Their calibration does not differ clearly: ECE-15 differs by {size} "
        f"({doubt(gap, numbers.points, 0.0)})."
    )


def _detectable(analysis: Analysis, pair: Pair) -> Finding | None:
    if pair.detectable is None:
        return None
    size = numbers.in_points(pair.detectable)
    n_pairs = len(analysis.pairs)
    among = f" With Holm's correction for {n_pairs} pairs it is larger." if n_pairs > 1 else ""
    return Finding(
        "Minimum detectable effect",
        (
            f"{size} with {numbers.these(pair.difference.n, 'question')} (at a power of 80%, and as often as the two "
            f"disagree).{among}",
        ),
    )


def _left_out(analysis: Analysis, pair: Pair) -> Finding | None:
    """Questions that could not be joined, by name where they are few."""
    if not pair.unmatched:
        return None
    n = numbers.plural(len(pair.unmatched), "question")
    verb = "has" if len(pair.unmatched) == 1 else "have"
    sentence = f"{n} {verb} a whole reply from one of the two only, so nothing here is about them."
    if len(pair.unmatched) > _LISTED:
        return Finding("Left out", (f"{sentence} All trials are in results.csv.",))
    texts = {question.address: question.short for question in questions_of(analysis)}
    links = [Link(texts.get(each, each), question_href(each)) for each in pair.unmatched]
    return Finding("Left out", (sentence,), tuple(links))
