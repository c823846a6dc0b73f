"""What a blank brief asks, what the right answers are, and how an answer is judged."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from llmxray import names
from llmxray.metrics import calibration
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionView, confidence, median_of, right, seeded
from llmxray.report.analysis.by_category import widest
from llmxray.report.analysis.leaders import order, rival_of
from llmxray.report.wording.speed import per_second
from llmxray.types import Row

# As many as the worksheet of the calibration page: they are worked out by hand.
DRAW = 20
# A per cent may have been rounded on the way; a ratio is read off with two digits.
POINTS, SHARE = 1.0, 0.06


@dataclass(frozen=True, slots=True, kw_only=True)
class Blank:
    """One thing a brief asks for.

    Attributes:
        unit: "%", "points", "times", "a second" or "" for words.
        number: the right answer where it is a number, in that unit.
        words: right answers where it is a name; several where categories are level.
    """

    id: str
    question: str
    unit: str = ""
    number: float | None = None
    words: tuple[str, ...] = ()

    @property
    def asked(self) -> str:
        """The question with its unit."""
        return f"{self.question} ({self.unit})" if self.unit else self.question

    @property
    def expected(self) -> str:
        """The right answer as the instructor's key writes it."""
        if self.words:
            return " or ".join(self.words)
        return numbers.MISSING if self.number is None else f"{self.number:.3g} {self.unit}".strip()

    @property
    def within(self) -> float:
        """How far from the number an answer may be."""
        return POINTS if self.unit in ("%", "points") else SHARE * abs(self.number or 0.0)

    def accepts(self, answer: str) -> bool:
        """Whether an answer is right: a number within rounding, or a name as `names.plain` compares it."""
        if self.words:
            # Two suites may share a category's name, so a careful student says in brackets which one is meant.
            named = re.sub(r"\s*\([^()]*\)$", "", answer.strip())
            # A category's own name may end in brackets.
            return not {names.plain(answer), names.plain(named)}.isdisjoint(map(names.plain, self.words))
        given = _number(answer)
        if given is None or self.number is None:
            return False
        return abs(given - self.number) <= self.within + 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """One hand-in: what was answered to each blank, and whether it was right."""

    student: str
    answers: tuple[tuple[Blank, str, bool], ...]

    @property
    def points(self) -> int:
        """Right answers."""
        return sum(good for _, _, good in self.answers)


def compared(analysis: Analysis) -> tuple[ConditionView, ConditionView] | None:
    """The two conditions of a brief: the most accurate, and its rival."""
    rival = rival_of(analysis)
    return (analysis.ranked[0], rival) if rival is not None else None


def draw(analysis: Analysis, view: ConditionView, student: str) -> tuple[Row, ...]:
    """The student's own questions: the first answer to at most `DRAW` of them that have a confidence."""
    rows = [
        row
        for row in view.rows
        if row.sample == 0
        and not row.rotation
        and row.option_confidence is not None
        and right(row) is not None
    ]
    # A name typed with another case or another space is the same student, as is one with its accents apart.
    rng = seeded(analysis.data.name, "brief", names.plain(student))
    picked = sorted(rng.permutation(len(rows))[:DRAW])
    return tuple(rows[int(place)] for place in picked)


def on_sheet(row: Row) -> float:
    """A drawn question's confidence, 0–1, as the sheet shows it: in whole per cent.

    The key is worked out on these, or an answer at 80.2% would be in another bin for the key than for the student.
    """
    return round(100 * (row.option_confidence or 0.0)) / 100


def key(analysis: Analysis, student: str) -> tuple[Blank, ...]:
    """Everything a blank brief asks this student, with the right answers; what has no number is not asked."""
    pair = compared(analysis)
    if pair is None:
        return ()
    best, rival = pair
    found = analysis.pair(best, rival)
    ahead, behind, gap = order(found)
    # Where they answered others besides, the difference is that of no two accuracies on the page.
    own, of, where = (
        (", all its answers", f" of {behind.label}", " on the questions that both answered")
        if analysis.unlike
        else ("", "", "")
    )
    asked = [
        *_of_both(
            pair,
            "accuracy",
            f"Accuracy of {{}}{own}",
            "%",
            lambda view: _percent(analysis.accuracies[view.id].value),
        ),
        Blank(
            id="difference",
            question=f"{ahead.label} is ahead{of}{where} by",
            unit="points",
            number=_percent(gap.value),
        ),
        # Without a test there is neither.
        *_clear("significant", "difference", None if found.p_value is None else found.differs),
        *_categories(analysis, best),
        *_calibration(analysis, pair),
        *_own_draw(draw(analysis, best, student)),
        *_speed(analysis, pair),
    ]
    return tuple(blank for blank in asked if blank.words or blank.number is not None)


def graded(analysis: Analysis, student: str, answers: Mapping[str, str]) -> Grade:
    """A hand-in against the key of that student."""
    judged = [(blank, str(answers.get(blank.id, "")).strip()) for blank in key(analysis, student)]
    return Grade(
        student=student, answers=tuple((blank, answer, blank.accepts(answer)) for blank, answer in judged)
    )


def _clear(id_: str, what: str, differs: bool | None) -> list[Blank]:
    words = ("yes" if differs else "no",)
    asked = f"Is it a clear {what}? (yes or no)"
    return [] if differs is None else [Blank(id=id_, question=asked, words=words)]


type _Two = tuple[ConditionView, ConditionView]


def _of_both(
    pair: _Two, id_: str, question: str, unit: str, number: Callable[[ConditionView], float | None]
) -> list[Blank]:
    return [
        Blank(id=f"{id_}-{name}", question=question.replace("{}", view.label), unit=unit, number=number(view))
        for name, view in zip(("best", "rival"), pair, strict=True)
    ]


def _categories(analysis: Analysis, view: ConditionView) -> list[Blank]:
    found = widest(analysis, view)
    if found is None:
        return []
    where = f" in {analysis.label_of_suite(found.suite)}" if len(analysis.suites) > 1 else ""
    return [
        Blank(
            id=f"category-{name}",
            question=f"The {name} category of {view.label}{where}, by name",
            words=tuple(category for category, each in found.categories if each.value == end.value),
        )
        for name, (_, end) in (("best", found.categories[0]), ("worst", found.categories[-1]))
    ]


def _calibration(analysis: Analysis, pair: _Two) -> list[Blank]:
    apart = confidence.ece_difference(analysis, *pair)
    if apart.low is None or apart.high is None:
        return []
    return [
        *_of_both(
            pair,
            "ece",
            "ECE-15 of {}, all its answers",
            "%",
            lambda view: _percent(confidence.estimate(analysis, view, confidence.ECE_15).value),
        ),
        *_clear("ece-significant", "difference in ECE-15", apart.low > 0 or apart.high < 0),
    ]


def _own_draw(rows: tuple[Row, ...]) -> list[Blank]:
    if not rows:
        return []
    sure, hits = [on_sheet(row) for row in rows], [right(row) for row in rows]
    five, once = calibration.ece(sure, hits, n_bins=5), calibration.module_bin_average(sure, hits)
    asked = (
        ("accuracy", "Accuracy on your questions", "%", sum(map(bool, hits)) / len(rows)),
        ("confidence", "Mean confidence on your questions", "%", sum(sure) / len(rows)),
        ("gap", "Gap: confidence less accuracy", "points", calibration.gap(sure, hits)),
        ("ece", "ECE of your questions: five bins, weighted by count", "%", five),
        ("module", "The module's average: five bins, each counting once", "%", once),
    )
    return [
        Blank(id=f"draw-{name}", question=question, unit=unit, number=_percent(share))
        for name, question, unit, share in asked
    ]


def _speed(analysis: Analysis, pair: _Two) -> list[Blank]:
    if any(median_of(view, "latency_s").value is None for view in pair):
        return []
    ratio, (slow, fast) = analysis.latency_ratio, pair
    if (ratio(slow, fast).value or 1.0) < 1:
        slow, fast = fast, slow
    slower = f"{slow.label} takes … times as long as {fast.label}, on average"
    return [
        Blank(id="slowdown", question=slower, unit="times", number=ratio(slow, fast).value),
        *_of_both(
            pair,
            "per-second",
            "Right answers a second of {}",
            "a second",
            lambda view: per_second(analysis, view).value,
        ),
    ]


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _number(text: str) -> float | None:
    plain = text.replace("−", "-").replace(",", ".").replace("\u00a0", " ")
    found = re.fullmatch(r"\s*([+-]?\d+(?:\.\d+)?|[+-]?\.\d+)\s*(%|points?|times|x|×|a second|/s)?\s*", plain)
    return float(found[1]) if found else None
