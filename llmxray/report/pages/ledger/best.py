"""The first screen of the ledger: which model does best, on which questions, and how long it takes.

A panel a suite, a bar a model: the most accurate of its runs on that suite. Models may have been asked different
questions, so a lead is called clear only where the two 95% intervals do not meet.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from llmxray.report import numbers
from llmxray.report.analysis.legend import N_COLOURS, colour, model_in
from llmxray.report.analysis.runs import Run
from llmxray.report.links import questions_href
from llmxray.report.widgets import quantised
from llmxray.report.widgets.bars import BarLine, bar_line
from llmxray.report.widgets.heatmap import FEW
from llmxray.report.wording import terms
from llmxray.report.wording.asking import asked_in_words
from llmxray.types import Estimate

MOST_MODELS = 5
MOST_SUITES = 8
# From the first blank before a bracket: from each of them, a label of blanks would be gone over as often as it is long.
_IN_BRACKETS = re.compile(r"(?<!\s)\s*\([^()]*\)")

type Scores = Mapping[str, Mapping[str, Estimate]]
"""Accuracy by suite and run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BestLine:
    """The best run of a model on a suite.

    Attributes:
        bar: under the model's name.
        how: what tells the run from others of the model.
    """

    bar: BarLine
    how: str
    n: str
    time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A suite with the best run of each model.

    Attributes:
        verdict: who is ahead, and whether clearly.
        chance: class of the place of blind guessing, "" without one; chance_text: its level.
        more: how many models are left out, in words.
    """

    suite: str
    title: str
    verdict: str
    lines: tuple[BestLine, ...]
    chance: str
    chance_text: str
    more: str


@dataclass(frozen=True, slots=True)
class Best:
    """The first screen.

    Attributes:
        colours: class of each run's model by the run's key, for runs of the models that have a colour.
        left_out: suites that have no panel.
        likelihood: what that is, "" where no run is asked so.
    """

    sentences: tuple[str, ...]
    panels: tuple[Panel, ...]
    colours: Mapping[str, str]
    timed: bool
    left_out: int
    likelihood: str


@dataclass(frozen=True, slots=True)
class _Top:
    """The best run of a model on a suite."""

    model: str
    run: Run
    estimate: Estimate

    @property
    def value(self) -> float:
        return self.estimate.value or 0.0

    def is_above(self, level: float | None) -> bool:
        """Whether its whole interval is; never above what is not known."""
        low = self.estimate.low
        return low is not None and level is not None and low > level


def make(
    runs: Sequence[Run],
    suites: Mapping[str, str],
    found: Scores,
    chances: Mapping[str, float],
    bases: Mapping[str, str],
) -> Best | None:
    """The first screen; None where nothing has an accuracy."""
    tops = {suite: _tops(runs, suite, found[suite]) for suite in suites}
    # The suite that most runs have comes first.
    order = sorted((suite for suite in suites if tops[suite]), key=lambda suite: -len(found[suite]))
    if not order:
        return None
    names = _names(runs)
    wins = Counter(tops[suite][0].model for suite in order)
    ranked = sorted(names, key=lambda model: -wins[model])
    # In the order of the site, so that a model is coloured as in the experiment that comes first.
    coloured = [model for model in names if model in ranked[:N_COLOURS]]
    css = {model: colour(place) for place, model in enumerate(coloured)}
    # In one unit, over all panels.
    times = [
        top.run.seconds[suite]
        for suite in order[:MOST_SUITES]
        for top in tops[suite][:MOST_MODELS]
        if suite in top.run.seconds
    ]
    panels = tuple(
        _panel(suite, suites[suite], tops[suite], names, css, _chance(runs, suite, chances), bases, times)
        for suite in order[:MOST_SUITES]
    )
    said = terms.said("Likelihood answer")
    weighed = any(run.kind(suite).startswith("likelihood") for run in runs for suite in run.scores)
    return Best(
        _sentences(runs, order, suites, tops, names, found[order[0]]),
        panels,
        {run.key: css[run.identity] for run in runs if run.identity in css},
        any(line.time for panel in panels for line in panel.lines),
        len(order) - len(panels),
        f"By likelihood: {said[:1].lower()}{said[1:]}" if weighed else "",
    )


def _chance(runs: Sequence[Run], suite: str, chances: Mapping[str, float]) -> float | None:
    """Accuracy of blind guessing; None where some run writes its answer, which no guess among options matches."""
    kinds = {run.kind(suite).partition(", ")[0] for run in runs if suite in run.scores}
    return chances.get(suite) if kinds <= {"letter", "likelihood"} else None


def _tops(runs: Sequence[Run], suite: str, found: Mapping[str, Estimate]) -> list[_Top]:
    """The best run of each model, the best model first; runs of a few questions only where there is no other."""
    best: dict[str, _Top] = {}
    for run in runs:
        estimate = found.get(run.key)
        if estimate is None or estimate.value is None:
            continue
        top, model = _Top(run.identity, run, estimate), run.identity
        if model not in best or _strength(top) > _strength(best[model]):
            best[model] = top
    return sorted(best.values(), key=_strength, reverse=True)


def _strength(top: _Top) -> tuple[bool, float, int]:
    return top.estimate.n >= FEW, top.value, top.estimate.n


def _names(runs: Sequence[Run]) -> dict[str, str]:
    """A name for people by model."""
    names: dict[str, str] = {}
    labels: dict[str, set[str]] = {}
    for run in runs:
        model = run.identity
        labels.setdefault(model, set()).add(run.label)
        # The name that the server has for it, where labels speak of something else.
        if names.get(model, run.model) == run.model:
            names[model] = model_in(run.label, run.model) or run.model
    for model, given in labels.items():
        if len(given) == 1:
            (label,) = given
            names[model] = model_in(label, names[model]) or label or names[model]
    return names


def _panel(
    suite: str,
    title: str,
    tops: Sequence[_Top],
    names: Mapping[str, str],
    css: Mapping[str, str],
    chance: float | None,
    bases: Mapping[str, str],
    times: Sequence[float],
) -> Panel:
    rest = len(tops) - MOST_MODELS
    return Panel(
        suite=suite,
        title=title,
        verdict=_verdict(tops, names, chance),
        lines=tuple(
            _line(top, suite, names[top.model], css.get(top.model, ""), bases, times)
            for top in tops[:MOST_MODELS]
        ),
        chance="" if chance is None else quantised.left(chance),
        chance_text="" if chance is None else numbers.percent(chance),
        more=f"{numbers.plural(rest, 'more model')} below" if rest > 0 else "",
    )


def _line(
    top: _Top, suite: str, name: str, css: str, bases: Mapping[str, str], beside: Sequence[float]
) -> BestLine:
    base, seconds = bases[top.run.experiment], top.run.seconds.get(suite)
    href = f"{base}/{questions_href(condition=top.run.id, suite=suite)}" if base else ""
    return BestLine(
        bar=bar_line(css, (name, top.estimate, href)),
        how=_how(top.run, suite, name),
        n=numbers.plural(top.estimate.n, "question"),
        time="" if seconds is None else numbers.seconds(seconds, *beside),
    )


def _named(top: _Top, names: Mapping[str, str]) -> str:
    """The run as a subject, with what tells it from others of its model in brackets."""
    name = names[top.model]
    if not top.run.label.startswith(name):
        return f"“{top.run.label or top.run.id}”"
    tail = _IN_BRACKETS.sub("", top.run.label.removeprefix(name)).lstrip(", ")
    return f"{name} ({tail})" if tail else name


def _how(run: Run, suite: str, name: str) -> str:
    """What its label says after the model's name, else how it was asked."""
    tail = run.label.removeprefix(name).lstrip(", ") if run.label.startswith(name) else run.label
    return tail or asked_in_words(run.kind(suite))


def _verdict(tops: Sequence[_Top], names: Mapping[str, str], chance: float | None) -> str:
    best, *others = tops
    if chance is not None and not any(top.is_above(chance) for top in tops):
        return "No model is clearly above guessing."
    if not others:
        return f"Only {names[best.model]} was asked."
    clearly = "clearly ahead" if _is_clear(tops) else "ahead, but not clearly"
    return f"{names[best.model]} is {clearly}."


def _is_clear(tops: Sequence[_Top]) -> bool:
    """Whether the best is clear of every other: one of few questions may reach further than the second."""
    return all(tops[0].is_above(other.estimate.high) for other in tops[1:])


def _sentences(
    runs: Sequence[Run],
    order: Sequence[str],
    suites: Mapping[str, str],
    tops: Mapping[str, Sequence[_Top]],
    names: Mapping[str, str],
    found: Mapping[str, Estimate],
) -> tuple[str, ...]:
    usual = order[0]
    best = tops[usual][0]
    return tuple(
        filter(
            None,
            (
                _winner([tops[suite] for suite in order], names),
                f"On {suites[usual]}, {_named(best, names)} gets "
                f"{numbers.percent(best.estimate.value)} right{_waited(best.run, usual)}.",
                _quicker(runs, usual, best, found, names),
            ),
        )
    )


def _winner(of: Sequence[Sequence[_Top]], names: Mapping[str, str]) -> str:
    """Which model is ahead most often, of suites on which two or more were asked."""
    contests = [tops for tops in of if len(tops) > 1]
    wins = Counter(tops[0].model for tops in contests if tops[0].value > tops[1].value)
    (first, n), *others = [*wins.most_common(2), ("", 0)]
    if len(contests) < 2 or not n or (others and others[0][1] == n):
        return ""
    clear = sum(tops[0].model == first and _is_clear(tops) for tops in contests)
    how = "clearly each time" if clear == n else f"clearly on {clear}" if clear else "though never clearly"
    return f"{names[first]} does best on {n} of {len(contests)} sets of questions, {how}."


def _waited(run: Run, suite: str, *beside: float) -> str:
    seconds = run.seconds.get(suite)
    return "" if seconds is None else f", in {numbers.seconds(seconds, *beside)} a question"


def _quicker(
    runs: Sequence[Run], suite: str, best: _Top, found: Mapping[str, Estimate], names: Mapping[str, str]
) -> str:
    """The most accurate run that takes half of the time or less."""
    limit = best.run.seconds.get(suite)
    if limit is None:
        return ""
    quick = [run for run in runs if run.seconds.get(suite, limit) <= limit / 2]
    top = next(iter(_tops(quick, suite, found)), None)
    if top is None or top.estimate.n < FEW:
        return ""
    return (
        f"For half of that time or less: {_named(top, names)} gets "
        f"{numbers.percent(top.estimate.value)}{_waited(top.run, suite, limit)}."
    )
