"""The first screen of the ledger: a row a set of questions, a column a model, each row asked in one way.

Only like stands beside like: of each set the way of asking that most models share, a model by its run with the most
questions. A model leads where it is ahead of each other one on the questions that both answered, and clearly so only
where the test of each such pair is significant after correction for all pairs of models in the table.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from llmxray.metrics.paired import compare_shares
from llmxray.report import numbers
from llmxray.report.analysis import ALPHA
from llmxray.report.analysis.families import Corrected
from llmxray.report.analysis.legend import N_HUES
from llmxray.report.analysis.runs import LedgerRun, on_shared, shared_shares, suite_of
from llmxray.report.analysis.standings import names_of
from llmxray.report.widgets.bars import bar_line
from llmxray.report.widgets.frame import Values
from llmxray.report.wording.asking import asked_in_words
from llmxray.report.wording.claim_words import claimed
from llmxray.scoring import OPTIONS_ONLY
from llmxray.types import Estimate

MOST_MODELS = 5
MOST_SUITES = 8
_MOST_NAMED = 3

type Scores = Mapping[str, Mapping[str, Estimate]]
"""Accuracy by suite and run."""
type Link = Callable[[LedgerRun, str], str]
"""Address of the questions of a run on a suite, "" without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Contest:
    """A suite as most models were asked it, the best model first.

    Attributes:
        groups: models that were asked it alike, for every way.
        chance: accuracy of blind guessing; None where answers are written, which no guess among options matches.
        like: whether all answered the same questions.
        above_guessing: whether the whole interval of some model is.
        winner: ahead of every other; None where nobody is.
    """

    suite: str
    asked: str
    tops: Sequence[_Top]
    groups: Sequence[Set[str]]
    chance: float | None
    like: bool
    above_guessing: bool
    winner: _Top | None

    def lead(self, n_pairs: int) -> Corrected | None:
        """The winner against every other model, Bonferroni over so many pairs; None without a claim to test."""
        if self.winner is None or not self.above_guessing or len(self.tops) < 2:
            return None
        p = 0.0
        # The nearest rival first: where that one is not beaten, no other needs a test.
        for top in self.tops:
            if top is not self.winner and n_pairs * p < ALPHA:
                shares = shared_shares(self.winner.run, top.run, self.suite)
                test = compare_shares(*shares)
                p = max(p, 1.0 if test.p_value is None else test.p_value)
        return Corrected(p_holm=min(1.0, n_pairs * p), family="model pair", size=n_pairs)


def make(
    runs: Sequence[LedgerRun],
    suites: Mapping[str, str],
    found: Scores,
    chances: Mapping[str, float],
    hues: Mapping[str, int],
    link: Link,
) -> Values | None:
    """The first screen, and the colour class of each run by its key; None where nothing has an accuracy."""
    controls = [run for run in runs if run.asked.endswith(OPTIONS_ONLY)]
    asked = [run for run in runs if run not in controls]
    alike = [each for suite in suites if (each := _contest(asked, suite, found[suite], chances))]
    if not alike:
        return None
    # The suite that most runs have comes first. One model alone ranks nothing, and stands here only if all do.
    having = Counter(suite_of(suite) for suite in suites for _ in found[suite])
    alike.sort(key=lambda each: -having[suite_of(each.suite)])
    contests = [each for each in alike if len(each.tops) > 1] or alike
    n_pairs = sum(math.comb(len(each.tops), 2) for each in contests)
    leads = {each.suite: each.lead(n_pairs) for each in contests}
    names = names_of(runs)
    beaten = _beaten(contests, names)
    ranked = [model for model, _ in beaten.most_common()]
    css = {model: f"c{hues[model] % N_HUES}" for model in names if model in hues}
    # Sets of one suite have its title.
    titles = Counter(suites[each.suite] for each in contests)
    shown = {top.model for each in contests[:MOST_SUITES] for top in each.tops}
    columns = [model for model in ranked if model in shown][:MOST_MODELS]
    # A row that compares nobody says nothing, unless there is no other.
    compared = [each for each in contests[:MOST_SUITES] if len({t.model for t in each.tops} & {*columns}) > 1]
    drawn = compared or contests[:MOST_SUITES]
    rows = {each.suite for each in drawn}
    titles_of_rows = {suites[suite] for suite in rows}
    models = [name for model, name in names.items() if model not in columns]
    sets = [
        f"other questions of {title}" if title in titles_of_rows else title
        for suite, title in suites.items()
        if suite not in rows
    ]
    return Values(
        said=_said(contests, leads, alike, suites, names),
        n_pairs=n_pairs,
        # Name and colour class of each column.
        models=tuple((names[model], css.get(model, "")) for model in columns),
        rows=tuple(
            _row(
                each,
                f"{title} ({each.tops[0].run.title})" if titles[title := suites[each.suite]] > 1 else title,
                leads[each.suite],
                columns,
                css,
                link,
                _without_question(controls, found[each.suite], chances.get(each.suite), names),
            )
            for each in drawn
        ),
        colours={run.key: css[run.identity] for run in runs if run.identity in css},
        # Whether models of a row answered different questions.
        uneven=not all(each.like for each in drawn),
        # What has no place here.
        left_out=numbers.listed(_few(models, "model") + _few(sets, "set of questions", "sets of questions")),
    )


def _few(names: list[str], one: str, many: str = "") -> list[str]:
    """The names, or how many there are where those are many."""
    return names if len(names) <= _MOST_NAMED else [numbers.plural(len(names), one, many)]


def _contest(
    runs: Sequence[LedgerRun], suite: str, found: Mapping[str, Estimate], chances: Mapping[str, float]
) -> _Contest | None:
    """The largest group of models that were asked a suite alike.

    Of groups of one size that with the most questions, then that in which some model does best.
    """
    ways: dict[str, dict[str, _Top]] = {}
    for run in runs:
        estimate = found.get(run.key)
        if estimate is None or estimate.value is None:
            continue
        of = ways.setdefault(run.kind(suite), {})
        if run.identity not in of or estimate.n > of[run.identity].estimate.n:
            of[run.identity] = _Top(run=run, estimate=estimate)
    if not ways:
        return None

    def size(way: str) -> tuple[int, int, float]:
        of = ways[way].values()
        return len(of), max(top.estimate.n for top in of), max(top.value for top in of)

    asked = max(ways, key=size)
    tops = sorted(ways[asked].values(), key=lambda top: -top.value)
    chance = chances.get(suite) if asked.partition(", ")[0] in {"letter", "likelihood"} else None

    def beside(a: _Top, b: _Top) -> tuple[_Top, _Top]:
        first, second = on_shared(a.run, b.run, suite)
        return _Top(run=a.run, estimate=first), _Top(run=b.run, estimate=second)

    whole = [(tops[0], top, *beside(tops[0], top)) for top in tops]
    like = all(a.estimate.n == b.estimate.n == first.estimate.n for a, b, first, _ in whole)
    # Whoever is ahead of all others is the last one left over.
    best = tops[0]
    for other in () if like else tops[1:]:
        first, second = beside(other, best)
        if first.value > second.value:
            best = other
    above = chance is None or any(top.is_above(chance) for top in tops)
    duels = [(best, top) if like else beside(best, top) for top in tops if top is not best]
    return _Contest(
        suite=suite,
        asked=asked,
        tops=tops,
        groups=[each.keys() for each in ways.values()],
        chance=chance,
        like=like,
        above_guessing=above,
        winner=best if all(first.value > second.value for first, second in duels) else None,
    )


def _beaten(contests: Sequence[_Contest], models: Iterable[str]) -> Counter[str]:
    """How many others each model is ahead of, over all contests; in the order of ``models``, those of none as well."""
    beaten = Counter(dict.fromkeys(models, 0))
    for each in contests:
        upwards = sorted(top.value for top in each.tops)
        for top in each.tops:
            beaten[top.model] += bisect_left(upwards, top.value)
    return beaten


def _row(
    contest: _Contest,
    title: str,
    lead: Corrected | None,
    columns: Sequence[str],
    css: Mapping[str, str],
    link: Link,
    control: str,
) -> Values:
    """A set of questions with the models that were asked it in the same way.

    Args:
        control: what models score without seeing the questions, in a sentence.
    """
    sizes = sorted({top.estimate.n for top in contest.tops})
    of = {top.model: top for top in contest.tops}

    clear = claimed("clearly", lead) if lead and lead.is_significant else ""

    def cell(top: _Top | None) -> Values | None:
        if top is None:
            return None
        return Values(
            bar=bar_line(css.get(top.model, ""), ("", top.estimate, link(top.run, contest.suite))),
            n=numbers.plural(top.estimate.n, "question") if len(sizes) > 1 else "",
            clear=clear if top is contest.winner else "",
        )

    fewest = f"{numbers.count(sizes[0])} to " if len(sizes) > 1 else ""
    return Values(
        title=title,
        asked=asked_in_words(contest.asked),
        n=fewest + numbers.plural(sizes[-1], "question"),
        doubt=control
        if contest.above_guessing
        else f"No model is shown to be above guessing. {control}".rstrip(),
        # In the order of the columns; None for a model that was not asked so.
        cells=tuple(cell(of.get(model)) for model in columns),
        chance=contest.chance,
        chance_text="" if contest.chance is None else numbers.percent(contest.chance),
    )


def _without_question(
    controls: Sequence[LedgerRun],
    found: Mapping[str, Estimate],
    chance: float | None,
    names: Mapping[str, str],
) -> str:
    """What models score on a suite of which they see the options alone; "" where none was asked so."""
    scores = [
        f"{names[run.identity]} {numbers.percent(found[run.key].value)}"
        for run in controls
        if run.key in found and found[run.key].value is not None
    ]
    guessing = "" if chance is None else f" (guessing {numbers.percent(chance)})"
    return f"Without seeing the question: {numbers.listed(scores)}{guessing}." if scores else ""


def _said(
    contests: Sequence[_Contest],
    leads: Mapping[str, Corrected | None],
    everything: Sequence[_Contest],
    suites: Mapping[str, str],
    names: Mapping[str, str],
) -> str:
    """Which model leads on the sets of questions of ``contests``, among ``everything`` that there is."""
    if len(contests[0].tops) < 2:
        return "No two models were asked the same questions in the same way: nothing is ranked."
    if len(contests) == 1:
        return f"On {suites[contests[0].suite]}, {_who_leads(contests[0], leads[contests[0].suite], names)}."
    # Equals share no win.
    wins = Counter(each.winner.model for each in contests if each.winner is not None)
    (winner, n), *others = [*wins.most_common(2), ("", 0)]
    if not n or (others and others[0][1] == n):
        return f"No model leads on most of the {numbers.count(len(contests))} sets of questions."
    won = [leads[each.suite] for each in contests if each.winner is not None and each.winner.model == winner]
    clear = [lead for lead in won if lead and lead.is_significant]
    how = "but not significantly" if n == 1 else "though never significantly"
    if clear:
        where = "" if n == 1 else " each time" if len(clear) == n else f" on {len(clear)}"
        how = claimed("clearly", clear[0]) + where
    groups = [[group for group in each.groups if winner in group] for each in everything]
    asked = sum(any(len(group) > 1 for group in each) for each in groups)
    of = f"{n} of {asked} sets" if asked > n else f"all {n} sets" if n > 1 else "the one set"
    # Where nobody else was asked like it, it neither leads nor trails.
    which = "" if asked == len(everything) else " of this table on which it has a rival asked alike"
    return f"Asked alike, {names[winner]} leads on {of} of questions{which}, {how}."


def _who_leads(contest: _Contest, lead: Corrected | None, names: Mapping[str, str]) -> str:
    """Which model leads on the only set of questions."""
    best, right = contest.winner, numbers.percent(contest.tops[0].estimate.value)
    others = "of every other on the questions that both answered"
    if not contest.above_guessing:
        return "no model is shown to be above guessing"
    if best is None:
        return f"no model is ahead{f': the most accurate are equal, {right} right' if contest.like else f' {others}'}"
    ahead, comma = "ahead, but not significantly", ","
    if lead and lead.is_significant:
        ahead, comma = f"{claimed('clearly', lead)} ahead", ""
    return f"{names[best.model]} is {ahead}" + (f": {right} right" if contest.like else f"{comma} {others}")
