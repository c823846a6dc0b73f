"""The finding of a gate: a table in Markdown for a pull request, and an object for scripts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from llmxray.metrics.equivalence import Verdict
from llmxray.report import numbers
from llmxray.report.analysis import ConditionView
from llmxray.report.analysis.gate import Gate
from llmxray.report.sentences import Finding, Joined
from llmxray.types import GateMetric, Json

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
class GateFinding:
    """What a gate found, to be written."""

    gate: Gate

    @property
    def verdict(self) -> Verdict:
        """The verdict on the candidate."""
        return self.gate.verdict

    @property
    def markdown(self) -> str:
        """One table for a pull request, and what it rests on."""
        gate = self.gate
        found = gate.comparison
        head = ("Metric", "Baseline", "Candidate", "Difference", "95% CI", "90% CI", "Margin", "Verdict")
        cells = (
            _METRICS[gate.metric][0],
            *(_condition(gate, side) for side in (1, 0)),
            _signed(gate, found.value) if found else numbers.MISSING,
            _ends(gate, found.interval if found else _NONE),
            _ends(gate, found.equivalence_interval if found else _NONE),
            f"±{_bare(gate, gate.margin)}",
            f"{_MARKS[gate.verdict]} **{gate.verdict}**",
        )
        rows = (head, ["---"] * len(head), cells)
        return "".join(f"| {' | '.join(row)} |\n" for row in rows) + f"\n{_sentences(gate)}\n"

    @property
    def json(self) -> dict[str, Json]:
        """The same for scripts: shares from 0 to 1, seconds; of latency the difference is a share of the baseline's."""
        gate = self.gate
        found = gate.comparison
        ends = found.interval if found else _NONE
        narrower = found.equivalence_interval if found else _NONE
        values = gate.values or _NONE
        return {
            "verdict": gate.verdict,
            "metric": gate.metric,
            "margin": gate.margin,
            "baseline": _side(gate.baseline, values[1]),
            "candidate": _side(gate.candidate, values[0]),
            "difference": numbers.short(found.value if found else None),
            "ci95": [numbers.short(end) for end in ends],
            "ci90": [numbers.short(end) for end in narrower],
            "p_different": numbers.short(found.p_different if found else None),
            "p_equivalent": numbers.short(found.p_equivalent if found else None),
            "n": found.n if found else 0,
            "left_out": gate.left_out,
            "baseline_only": gate.baseline_only,
            "candidate_only": gate.candidate_only,
            "alike": gate.alike,
            "method": found.method if found else "",
            "why": gate.why,
        }


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
        found=found,
        gaps=" or ".join(filter(None, gaps)),
        basis=Finding("gate.basis", found=found, equivalent=found.p_equivalent if gate.margin else None),
    )
    return Joined(meaning, left_out, between="")


def _literal(text: str) -> str:
    """A name as code, in which nothing is a link, a mention or HTML: it comes from a file, and is posted to others."""
    plain = " ".join(text.split()).replace("`", "'")
    return f"`{plain}`"
