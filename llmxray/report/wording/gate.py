"""A candidate beside its baseline, on the questions that both answered: a table in Markdown, an object for scripts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from operator import attrgetter

from llmxray.errors import InputError
from llmxray.experiment.spelling import did_you_mean
from llmxray.experiment.until import LAST_LOOK_ONLY
from llmxray.metrics.equivalence import ALPHA, Comparison, Verdict, compare
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionView, ExperimentData, address, prediction_evidence
from llmxray.report.analysis.course import course_of
from llmxray.report.sentences import Finding, Joined
from llmxray.types import GateMetric, Json, Outcome, Row

# Where more of the questions have no value, what failed decides as much as what was answered.
MOST_LEFT_OUT = 0.05
_PLACE = attrgetter("suite", "item_id", "sample", "rotation")
_SAID = attrgetter(
    *(field.name for field in fields(Row) if field.name not in ("trial", "condition", "recordings"))
)
_share = partial(numbers.percent, digits=1)
_METRICS: Mapping[GateMetric, tuple[str, str, Callable[[float | None], str]]] = {
    "accuracy": ("accuracy", " points", _share),
    "ece": ("calibration error (ECE-15)", " points", _share),
    "latency": ("median latency", "%", numbers.seconds),
}
"""Name, unit of a difference, and how a value is written."""
_NONE = (None, None)
_MARKS = {"better": "✅", "equivalent": "✅", "worse": "❌", "inconclusive": "❔"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What a gate found: a verdict on the candidate.

    Attributes:
        margin: as a share: of accuracy and ECE in their own unit, of the baseline's latency.
        values: of the candidate and of the baseline; shares 0–1, or seconds; None without evidence.
        comparison: None where there is no evidence; ``why`` then says why not.
        left_out: questions that both were asked and that have no value for both.
        baseline_only, candidate_only: questions that were asked of one of the two.
        alike: whether all that is known of both, times included, is the same, as it is of one run under two names.
        stopped: that the recording ended early; "" where it did not.
    """

    metric: GateMetric
    margin: float
    baseline: ConditionView
    candidate: ConditionView
    values: tuple[float, float] | None
    comparison: Comparison | None
    why: str = ""
    left_out: int = 0
    baseline_only: int = 0
    candidate_only: int = 0
    alike: bool = False
    stopped: str = ""

    @property
    def verdict(self) -> Verdict:
        """The verdict; inconclusive without evidence, and where many questions are left out, unless it is worse."""
        if self.comparison is None:
            return "inconclusive"
        found = self.comparison.verdict
        return found if found == "worse" or not self.has_gaps else "inconclusive"

    @property
    def has_gaps(self) -> bool:
        """Whether so many questions of the baseline have no value for both that nothing can be said for the candidate.

        A candidate that broke off was asked the first ones, or the easy ones.
        """
        n, gaps = self.comparison.n if self.comparison else 0, self.left_out + self.baseline_only
        return gaps > MOST_LEFT_OUT * (n + gaps)

    @property
    def markdown(self) -> str:
        """One table for a pull request, and what it rests on."""
        found = self.comparison
        intervals = [f"{_level(level)} CI" for level in (found.levels if found else (0.95, 0.9))]
        head = ("Metric", "Baseline", "Candidate", "Difference", *intervals, "Margin", "Verdict")
        cells = (
            _METRICS[self.metric][0],
            *(_condition(self, side) for side in (1, 0)),
            _signed(self, found.value) if found else numbers.MISSING,
            _ends(self, found.interval if found else _NONE),
            _ends(self, found.equivalence_interval if found else _NONE),
            f"±{_bare(self, self.margin)}",
            f"{_MARKS[self.verdict]} **{self.verdict}**",
        )
        rows = (head, ["---"] * len(head), cells)
        stopped = f" {self.stopped}" if self.stopped else ""
        return "".join(f"| {' | '.join(row)} |\n" for row in rows) + f"\n{_sentences(self)}{stopped}\n"

    @property
    def json(self) -> dict[str, Json]:
        """The same for scripts: shares from 0 to 1, seconds; of latency the difference is a share of the baseline's."""
        found = self.comparison
        ends = found.interval if found else _NONE
        narrower = found.equivalence_interval if found else _NONE
        values = self.values or _NONE
        return {
            "verdict": self.verdict,
            "metric": self.metric,
            "margin": self.margin,
            "baseline": _side(self.baseline, values[1]),
            "candidate": _side(self.candidate, values[0]),
            "difference": numbers.short(found.value if found else None),
            "ci95": [numbers.short(end) for end in ends],
            "ci90": [numbers.short(end) for end in narrower],
            "p_different": numbers.short(found.p_different if found else None),
            "p_equivalent": numbers.short(found.p_equivalent if found else None),
            "n": found.n if found else 0,
            "left_out": self.left_out,
            "baseline_only": self.baseline_only,
            "candidate_only": self.candidate_only,
            "alike": self.alike,
            "method": found.method if found else "",
            "why": self.why,
            **(
                {"levels": [numbers.short(level) for level in found.levels]} if found and self.stopped else {}
            ),
            **({"stopped": self.stopped} if self.stopped else {}),
        }


def gate_of(data: ExperimentData, metric: GateMetric, baseline: str, candidate: str, margin: float) -> Gate:
    """Compare two conditions.

    Args:
        baseline, candidate: ids or labels of conditions.
        margin: see `Gate`.

    Raises:
        InputError: there is no such condition, both are the same one, or the margin is negative or not finite.
    """
    analysis = Analysis(data)
    base, other = (_named(analysis, name) for name in (baseline, candidate))
    if base.id == other.id:
        raise InputError(f"baseline and candidate are the same condition, {base.id}")
    course, alphas = course_of(analysis), (ALPHA, ALPHA)
    if course is not None:
        alphas = 2 * course.level(ALPHA / 2), course.level(ALPHA)
    found = prediction_evidence.compare_conditions(
        analysis, metric, other.id, base.id, relative=metric == "latency"
    )
    if data.results.stopped and metric in LAST_LOOK_ONLY:
        found = f"{metric} is judged once all questions were asked"
    asked, asked_other = _asked(base), _asked(other)
    contrast = None if isinstance(found, str) else found
    return Gate(
        metric=metric,
        margin=margin,
        baseline=base,
        candidate=other,
        values=None if contrast is None else (contrast.values[0], contrast.values[1]),
        comparison=None
        if contrast is None
        else compare(contrast.evidence, margin, lower_is_better=metric != "accuracy", alphas=alphas),
        why=found if isinstance(found, str) else "",
        left_out=len((asked & asked_other) - prediction_evidence.questions_with_value(metric, (base, other))),
        baseline_only=len(asked - asked_other),
        candidate_only=len(asked_other - asked),
        alike=_are_alike(base, other),
        stopped=data.results.stopped,
    )


def _named(analysis: Analysis, name: str) -> ConditionView:
    # Ids first: they are unique, and labels need not be.
    for key in ("id", "label"):
        found = [view for view in analysis.views if getattr(view, key) == name]
        if len(found) == 1:
            return found[0]
    known = [view.id for view in analysis.views]
    advice = did_you_mean(name, known) or f"; there is {', '.join(known)}"
    raise InputError(f"no condition named {name!r}{advice}")


def _are_alike(one: ConditionView, other: ConditionView) -> bool:
    rows = {_PLACE(row): row for row in other.rows}
    return len(one.rows) == len(other.rows) and all(
        (twin := rows.get(_PLACE(row))) is not None and _SAID(row) == _SAID(twin) for row in one.rows
    )


def _asked(view: ConditionView) -> set[str]:
    """The questions that count for a condition, answered or not."""
    return {view.design.unit(address(row)) for row in view.rows if row.outcome is not Outcome.UNSCORED}


def _level(level: float) -> str:
    return f"{100 * level:.4g}%"


def _side(view: ConditionView, value: float | None) -> dict[str, Json]:
    return {"condition": view.id, "label": view.label, "value": numbers.short(value)}


def _condition(gate: Gate, side: int) -> str:
    view = (gate.candidate, gate.baseline)[side]
    value = _METRICS[gate.metric][2](gate.values[side] if gate.values else None)
    # In a cell a bar would end it, in code too.
    return f"{_literal(view.label)}: {value}".replace("|", "\\|")


def _ends(gate: Gate, interval: tuple[float | None, float | None]) -> str:
    low, high = interval
    if low is None or high is None:
        return numbers.MISSING
    # Where an end would be printed as 0 or as the margin and is neither, another digit: what is printed never
    # contradicts the verdict.
    near = [
        (100 * end, 100 * mark)
        for end in (low, high)
        for mark in (0.0, gate.margin, -gate.margin)
        if not math.isclose(end, mark, abs_tol=1e-12)
    ]
    digits = next((n for n in (1, 2, 3) if all(round(end, n) != round(mark, n) for end, mark in near)), 4)
    return f"{_signed(gate, low, digits)} to {_signed(gate, high, digits)}"


def _signed(gate: Gate, value: float, digits: int = 1) -> str:
    # Adding 0.0 takes the sign from a negative nought.
    text = f"{round(100 * value, digits) + 0.0:+.{digits}f}".replace("-", "−")
    return f"{text}%" if gate.metric == "latency" else text


def _bare(gate: Gate, value: float) -> str:
    return f"{100 * value:g}{_METRICS[gate.metric][1]}"


def _sentences(gate: Gate) -> Finding:
    """What the verdict means, and what it rests on."""
    found = gate.comparison
    left_out = Finding(
        "gate.left-out",
        left_out=gate.left_out or None,
        baseline_only=gate.baseline_only or None,
        candidate_only=gate.candidate_only or None,
        alike=Finding("gate.alike") if gate.alike else None,
    )
    if found is None:
        return Joined(Finding("gate.undecided", why=gate.why), left_out, between="")
    gaps = (
        "have no value for both" if gate.left_out else "",
        "were asked of the baseline only" if gate.baseline_only else "",
    )
    meaning = Finding(
        "gate.gaps" if gate.verdict == "inconclusive" and gate.has_gaps else f"gate.{gate.verdict}",
        name=_METRICS[gate.metric][0],
        candidate=_literal(gate.candidate.label),
        baseline=_literal(gate.baseline.label),
        margin=_bare(gate, gate.margin),
        levels=[*map(_level, found.levels)],
        found=found,
        gaps=" or ".join(filter(None, gaps)),
        basis=Finding("gate.basis", found=found, equivalent=found.p_equivalent if gate.margin else None),
    )
    return Joined(meaning, left_out, between="")


def _literal(text: str) -> str:
    """A name as code, in which nothing is a link, a mention or HTML: it comes from a file, and is posted to others."""
    plain = " ".join(text.split()).replace("`", "'")
    return f"`{plain}`"
