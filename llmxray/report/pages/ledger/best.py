"""The first screen of the ledger: a row a set of questions, a column a model, each row asked in one way.

Only like stands beside like: of each set the way of asking that most models share, a model by its run with the most
questions. A lead is called clear only where the 95% intervals of all others lie below that of the best.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from llmxray.report import numbers
from llmxray.report.analysis.legend import N_COLOURS, colour, model_in
from llmxray.report.analysis.runs import LedgerRun, question_sets
from llmxray.report.links import questions_href
from llmxray.report.widgets import quantised
from llmxray.report.widgets.bars import BarLine, bar_line
from llmxray.report.wording.asking import asked_in_words
from llmxray.types import Estimate

MOST_MODELS = 5
MOST_SUITES = 8
_MOST_NAMED = 3

type Scores = Mapping[str, Mapping[str, Estimate]]
"""Accuracy by suite and run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BestCell:
    """A model's bar on a set of questions.

    Attributes:
        n: how many questions, where the models of the row were asked different numbers of them; else "".
        clear: whether it is clearly ahead of every other model of the row.
    """

    bar: BarLine
    n: str
    clear: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BestRow:
    """A set of questions with the models that were asked it in the same way.

    Attributes:
        asked: in which way. n: how many questions, a range where the models were asked different numbers of them.
        doubt: that nobody is clearly above guessing, "" where somebody is.
        cells: in the order of `Best.models`; None for a model that was not asked so.
        chance: class of the place of blind guessing, "" without one; chance_text: its level.
    """

    title: str
    asked: str
    n: str
    doubt: str
    cells: tuple[BestCell | None, ...]
    chance: str
    chance_text: str


@dataclass(frozen=True, slots=True)
class Best:
    """The first screen.

    Attributes:
        said: who does best.
        models: name and colour class of each column.
        colours: class of each run's model by the run's key, for runs of the models that have a colour.
        left_out: models and sets of questions that have no place here, in words; "" for none.
    """

    said: str
    models: tuple[tuple[str, str], ...]
    rows: tuple[BestRow, ...]
    colours: Mapping[str, str]
    left_out: str


@dataclass(frozen=True, slots=True)
class _Top:
    """A model on a suite: its run with the most questions."""

    run: LedgerRun
    estimate: Estimate

    @property
    def model(self) -> str:
        return self.run.identity

    @property
    def value(self) -> float:
        return self.estimate.value or 0.0

    def is_above(self, level: float | None) -> bool:
        """Whether its whole interval is; never above what is not known."""
        low = self.estimate.low
        return low is not None and level is not None and low > level


@dataclass(frozen=True, slots=True)
class _Contest:
    """A suite as most models were asked it, the best model first.

    Attributes:
        chance: accuracy of blind guessing; None where answers are written, which no guess among options matches.
    """

    suite: str
    asked: str
    tops: Sequence[_Top]
    chance: float | None

    @property
    def is_clear(self) -> bool:
        """Whether the best is clear of every other: one of few questions may reach further than the second."""
        return self.above_guessing and all(
            self.tops[0].is_above(other.estimate.high) for other in self.tops[1:]
        )

    @property
    def above_guessing(self) -> bool:
        """Whether somebody is, clearly."""
        return self.chance is None or any(top.is_above(self.chance) for top in self.tops)


def make(
    runs: Sequence[LedgerRun],
    suites: Mapping[str, str],
    found: Scores,
    chances: Mapping[str, float],
    bases: Mapping[str, str],
) -> Best | None:
    """The first screen; None where nothing has an accuracy."""
    alike = [each for suite in suites if (each := _contest(runs, suite, found[suite], chances))]
    if not alike:
        return None
    # The suite that most runs have comes first. One model alone ranks nothing, and stands here only if all do.
    alike.sort(key=lambda each: -len(found[each.suite]))
    contests = [each for each in alike if len(each.tops) > 1] or alike
    names = _names(runs)
    beaten = _beaten(contests, names)
    ranked = [model for model, _ in beaten.most_common()]
    # In the order of the site, so that a model is coloured as in the experiment that comes first.
    coloured = [model for model in names if model in ranked[:N_COLOURS]]
    css = {model: colour(place) for place, model in enumerate(coloured)}
    shown = {top.model for each in contests[:MOST_SUITES] for top in each.tops}
    columns = [model for model in ranked if model in shown][:MOST_MODELS]
    rows = {each.suite for each in contests[:MOST_SUITES]}
    missing = (
        ([name for model, name in names.items() if model not in columns], "model", ""),
        (
            [title for suite, title in suites.items() if suite not in rows],
            "set of questions",
            "sets of questions",
        ),
    )
    return Best(
        _said(contests, suites, names),
        tuple((names[model], css.get(model, "")) for model in columns),
        tuple(_row(each, suites[each.suite], columns, css, bases) for each in contests[:MOST_SUITES]),
        {run.key: css[run.identity] for run in runs if run.identity in css},
        numbers.listed(
            [
                each
                for absent, one, many in missing
                for each in (
                    absent if len(absent) <= _MOST_NAMED else [numbers.plural(len(absent), one, many)]
                )
            ]
        ),
    )


def _contest(
    runs: Sequence[LedgerRun], suite: str, found: Mapping[str, Estimate], chances: Mapping[str, float]
) -> _Contest | None:
    """The largest group of models that were asked the same questions of a suite alike.

    Of groups of one size that with the most questions, then that in which some model does best.
    """
    ways: dict[tuple[str, int], dict[str, _Top]] = {}
    sets = question_sets(runs, suite)
    for run in runs:
        estimate = found.get(run.key)
        if estimate is None or estimate.value is None:
            continue
        tops = ways.setdefault((run.kind(suite), sets[run.key]), {})
        if run.identity not in tops or estimate.n > tops[run.identity].estimate.n:
            tops[run.identity] = _Top(run, estimate)
    if not ways:
        return None

    def size(way: tuple[str, int]) -> tuple[int, int, float]:
        tops = ways[way].values()
        return len(tops), max(top.estimate.n for top in tops), max(top.value for top in tops)

    way = max(ways, key=size)
    best_first = sorted(ways[way].values(), key=lambda top: -top.value)
    asked, _ = way
    among_options = asked.partition(", ")[0] in {"letter", "likelihood"}
    return _Contest(suite, asked, best_first, chances.get(suite) if among_options else None)


def _beaten(contests: Sequence[_Contest], models: Iterable[str]) -> Counter[str]:
    """How many others each model is ahead of, over all contests; in the order of ``models``, those of none as well."""
    beaten = Counter(dict.fromkeys(models, 0))
    for each in contests:
        upwards = sorted(top.value for top in each.tops)
        for top in each.tops:
            beaten[top.model] += bisect_left(upwards, top.value)
    return beaten


def _names(runs: Sequence[LedgerRun]) -> dict[str, str]:
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


def _row(
    contest: _Contest,
    title: str,
    columns: Sequence[str],
    css: Mapping[str, str],
    bases: Mapping[str, str],
) -> BestRow:
    sizes = sorted({top.estimate.n for top in contest.tops})
    of = {top.model: top for top in contest.tops}

    def cell(model: str) -> BestCell | None:
        top = of.get(model)
        if top is None:
            return None
        base = bases[top.run.experiment]
        href = f"{base}/{questions_href(condition=top.run.id, suite=contest.suite)}" if base else ""
        return BestCell(
            bar=bar_line(css.get(model, ""), ("", top.estimate, href)),
            n=numbers.plural(top.estimate.n, "question") if len(sizes) > 1 else "",
            clear=len(of) > 1 and top is contest.tops[0] and contest.is_clear,
        )

    fewest = f"{numbers.count(sizes[0])} to " if len(sizes) > 1 else ""
    return BestRow(
        title=title,
        asked=asked_in_words(contest.asked),
        n=fewest + numbers.plural(sizes[-1], "question"),
        doubt="" if contest.above_guessing else "No model is clearly above guessing.",
        cells=tuple(map(cell, columns)),
        chance="" if contest.chance is None else quantised.left(contest.chance),
        chance_text="" if contest.chance is None else numbers.percent(contest.chance),
    )


def _said(contests: Sequence[_Contest], suites: Mapping[str, str], names: Mapping[str, str]) -> str:
    """Which model does best."""
    first, best = contests[0], contests[0].tops[0]
    if len(first.tops) < 2:
        return "No two models were asked the same questions in the same way: nothing is ranked."
    if len(contests) == 1:
        if not first.above_guessing:
            return f"On {suites[first.suite]}, no model is clearly above guessing."
        right = numbers.percent(best.estimate.value)
        if best.value == first.tops[1].value:
            return f"On {suites[first.suite]}, no model is ahead: the best are equal, {right} right."
        how = "clearly ahead" if first.is_clear else "ahead, but not clearly"
        return f"On {suites[first.suite]}, {names[best.model]} is {how}: {right} right."
    # Equals share no win.
    wins = Counter(each.tops[0].model for each in contests if each.tops[0].value > each.tops[1].value)
    (winner, n), *others = [*wins.most_common(2), ("", 0)]
    if not n or (others and others[0][1] == n):
        return f"No model does best on most of the {numbers.count(len(contests))} sets of questions."
    clear = sum(each.tops[0].model == winner and each.is_clear for each in contests)
    how = "clearly each time" if clear == n else f"clearly on {clear}" if clear else "though never clearly"
    if n == 1:
        how = "clearly" if clear else "but not clearly"
    asked = sum(any(top.model == winner for top in each.tops) for each in contests)
    of = f"{n} of {asked} sets" if asked > n else f"all {n} sets" if n > 1 else "the one set"
    which = "" if asked == len(contests) else " that it was asked"
    return f"Asked alike, {names[winner]} does best on {of} of questions{which}, {how}."
