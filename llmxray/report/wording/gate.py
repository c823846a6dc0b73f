"""The finding of a gate: a table in Markdown for a pull request, and an object for scripts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from llmxray.metrics.equivalence import Verdict
from llmxray.report import numbers
from llmxray.report.analysis import ConditionResults
from llmxray.report.analysis.gate import Gate
from llmxray.types import GateMetric, Json

_NAMES: Mapping[GateMetric, str] = {
    "accuracy": "accuracy",
    "ece": "calibration error (ECE-15)",
    "latency": "median latency",
}
_UNITS: Mapping[GateMetric, str] = {"accuracy": "points", "ece": "points", "latency": "%"}
_SHOWN: Mapping[GateMetric, Callable[[float | None], str]] = {
    "accuracy": partial(numbers.percent, digits=1),
    "ece": partial(numbers.percent, digits=1),
    "latency": numbers.seconds,
}
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
            _NAMES[gate.metric],
            *(_condition(gate, side) for side in (1, 0)),
            _signed(gate, found.value) if found else numbers.MISSING,
            _ends(gate, found.interval if found else _NONE),
            _ends(gate, found.equivalence_interval if found else _NONE),
            f"±{_bare(gate, gate.margin)}",
            f"{_MARKS[gate.verdict]} **{gate.verdict}**",
        )
        lines = [_line(head), _line(["---"] * len(head)), _line(cells), "", _sentence(gate)]
        return "\n".join(lines) + "\n"

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


def _side(view: ConditionResults, value: float | None) -> dict[str, Json]:
    return {"condition": view.id, "label": view.label, "value": numbers.short(value)}


def _condition(gate: Gate, side: int) -> str:
    view = (gate.candidate, gate.baseline)[side]
    value = _SHOWN[gate.metric](gate.values[side] if gate.values else None)
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
    unit = _UNITS[gate.metric]
    return f"{100 * value:g}{'' if unit == '%' else ' '}{unit}"


def _sentence(gate: Gate) -> str:
    """What the verdict means, and what it rests on."""
    candidate, baseline = _literal(gate.candidate.label), _literal(gate.baseline.label)
    margin, name = _bare(gate, gate.margin), _NAMES[gate.metric]
    left_out, found = _left_out(gate), gate.comparison
    if found is None:
        return f"Nothing is decided: {gate.why}.{left_out}"
    why = {
        "have no value for both": gate.left_out,
        "were asked of the baseline only": gate.baseline_only,
    }
    gaps = " or ".join(each for each, n in why.items() if n)
    meaning = {
        "better": f"The {name} of {candidate} is better than that of {baseline} (95% CI beyond 0).",
        "equivalent": f"The {name} of {candidate} is within {margin} of that of {baseline} (90% CI inside the margin).",
        "worse": f"The {name} of {candidate} is worse than that of {baseline} (95% CI beyond 0).",
        "inconclusive": f"Too many questions {gaps}, so the candidate does not pass on the others."
        if gate.has_gaps
        else f"{numbers.plural(found.n, 'question')} show neither a difference nor that it is within "
        f"{margin}.",
    }[gate.verdict]
    tests = f"{numbers.p_value(found.p_different)} (no difference)"
    if gate.margin:
        tests += f", {numbers.p_value(found.p_equivalent)} (two one-sided tests)"
    return f"{meaning} Paired on {numbers.plural(found.n, 'question')}; {found.method}; {tests}.{left_out}"


def _left_out(gate: Gate) -> str:
    """The questions that the comparison does not rest on; or that it may rest on nothing."""
    said = [
        f" {numbers.plural(n, 'question')} {what}."
        for n, what in (
            (gate.left_out, "left out: no value for both"),
            (gate.baseline_only, "asked of the baseline only"),
            (gate.candidate_only, "asked of the candidate only"),
        )
        if n
    ]
    if gate.alike:
        said.append(" All that is known of both is the same: if that is one run, nothing was compared.")
    return "".join(said)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _literal(text: str) -> str:
    """A name as code, in which nothing is a link, a mention or HTML: it comes from a file, and is posted to others."""
    plain = " ".join(text.split()).replace("`", "'")
    return f"`{plain}`"
