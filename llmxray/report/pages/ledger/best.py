"""The first screen of the ledger: a group a set of questions, in it a row a model, a column a way of asking.

Only like stands below like: of each way the one in which most models were asked, a model by its run with the most
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
from llmxray.report.analysis.standings import STEPS, names_of, way_of
from llmxray.report.sentences import Finding
from llmxray.report.widgets.frame import Values
from llmxray.report.wording.claim_words import claimed
from llmxray.scoring import OPTIONS_ONLY
from llmxray.types import Estimate

MOST_MODELS = 8
MOST_SUITES = 8
_MOST_NAMED = 3
_WAYS = ("letter", "likelihood", "number", "text", "tool", STEPS)

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
    ways = {
        each.suite: {
            way: contest
            for way in _WAYS
            if (
                contest := _contest(
                    [r for r in asked if _way(r, each.suite) == way], each.suite, found[each.suite], chances
                )
            )
        }
        for each in alike
    }
    # A set that compares nobody says nothing, unless there is no other.
    several = [
        each for each in alike if sum(len(contest.tops) for contest in ways[each.suite].values()) > 1
    ] or alike
    drawn = several[:MOST_SUITES]
    # Sets of one suite have its title.
    titles = Counter(suites[each.suite] for each in drawn)
    asked_any = {top.model for each in drawn for contest in ways[each.suite].values() for top in contest.tops}
    shown = [model for model in ranked if model in asked_any][:MOST_MODELS]
    columns = [way for way in _WAYS if any(way in ways[each.suite] for each in drawn)]
    rows = {each.suite for each in drawn}
    titles_of_rows = {suites[suite] for suite in rows}
    models = [name for model, name in names.items() if model not in shown]
    sets = [
        f"other questions of {title}" if title in titles_of_rows else title
        for suite, title in suites.items()
        if suite not in rows
    ]
    headline = _headline(contests, leads, alike, suites, names)
    return Values(
        headline=headline,
        # Where nobody else was asked like it, it neither leads nor trails.
        rivals=Finding("ledger.rivals") if headline.values.get("asked", len(alike)) != len(alike) else None,
        n_pairs=n_pairs,
        ways=[Finding(f"ways.says-{way}") for way in columns],
        sets=tuple(
            Values(
                title=f"{title} ({each.tops[0].run.title})"
                if titles[title := suites[each.suite]] > 1
                else title,
                sizes=[_sizes(ways[each.suite].get(way)) for way in columns],
                notes=_notes(
                    each,
                    leads.get(each.suite),
                    names,
                    _without_question(controls, found[each.suite], chances.get(each.suite), names),
                ),
                rows=_rows(each.suite, ways[each.suite], columns, shown, names, css, link),
            )
            for each in drawn
        ),
        colours={run.key: css[run.identity] for run in runs if run.identity in css},
        # What has no place here.
        left_out=numbers.listed(_few(models, "model") + _few(sets, "set of questions", "sets of questions")),
    )


def _way(run: LedgerRun, suite: str) -> str:
    return way_of(run, suite) if suite in run.scores else ""


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


def _sizes(contest: _Contest | None) -> str:
    """How many questions models were asked: "176 questions", "18 to 20 questions"; "" where none was."""
    if contest is None:
        return ""
    sizes = sorted({top.estimate.n for top in contest.tops})
    fewest = f"{numbers.count(sizes[0])} to " if len(sizes) > 1 else ""
    return fewest + numbers.plural(sizes[-1], "question")


def _rows(
    suite: str,
    ways: Mapping[str, _Contest],
    columns: Sequence[str],
    models: Sequence[str],
    names: Mapping[str, str],
    css: Mapping[str, str],
    link: Link,
) -> list[Values]:
    """The models that were asked a set of questions, each with its cells in the order of the columns."""
    tops = {(way, top.model): top for way, contest in ways.items() for top in contest.tops}

    def cell(way: str, model: str) -> Values | None:
        top = tops.get((way, model))
        if top is None:
            return None
        return Values(
            share=top.value,
            text=numbers.percent(top.value),
            low=top.estimate.low,
            high=top.estimate.high,
            chance=ways[way].chance,
            href=link(top.run, suite),
            n="" if ways[way].like else numbers.count(top.estimate.n),
        )

    return [
        Values(name=names[model], css=css.get(model, ""), cells=[cell(way, model) for way in columns])
        for model in models
        if any((way, model) in tops for way in columns)
    ]


def _notes(
    contest: _Contest, lead: Corrected | None, names: Mapping[str, str], control: Finding | None
) -> list[Finding]:
    """Who is clearly ahead; or that nobody is above guessing; and what models score without seeing the questions."""
    notes = []
    if not contest.above_guessing:
        notes.append(Finding("ledger.unshown"))
    elif lead and lead.is_significant and contest.winner:
        way = Finding(f"ways.says-{_way(contest.winner.run, contest.suite)}")
        name = names[contest.winner.model]
        notes.append(Finding("ledger.first", way=way, name=name, clearly=claimed("clearly", lead)))
    return notes + ([control] if control else [])


def _without_question(
    controls: Sequence[LedgerRun],
    found: Mapping[str, Estimate],
    chance: float | None,
    names: Mapping[str, str],
) -> Finding | None:
    """What models score on a suite of which they see the options alone; None where none was asked so."""
    scores = [
        f"{names[run.identity]} {numbers.percent(found[run.key].value)}"
        for run in controls
        if run.key in found and found[run.key].value is not None
    ]
    return Finding("ledger.unseen", scores=numbers.listed(scores), chance=chance) if scores else None


def _headline(
    contests: Sequence[_Contest],
    leads: Mapping[str, Corrected | None],
    everything: Sequence[_Contest],
    suites: Mapping[str, str],
    names: Mapping[str, str],
) -> Finding:
    """Which model leads on the sets of questions of ``contests``, among ``everything`` that there is."""
    if len(contests[0].tops) < 2:
        return Finding("ledger.nothing")
    if len(contests) == 1:
        return _who_leads(contests[0], leads[contests[0].suite], suites[contests[0].suite], names)
    # Equals share no win.
    wins = Counter(each.winner.model for each in contests if each.winner is not None)
    (winner, n), *others = [*wins.most_common(2), ("", 0)]
    if not n or (others and others[0][1] == n):
        return Finding("ledger.nobody", n=len(contests))
    won = [leads[each.suite] for each in contests if each.winner is not None and each.winner.model == winner]
    clear = [lead for lead in won if lead and lead.is_significant]
    how = "but not significantly" if n == 1 else "though never significantly"
    if clear:
        where = "" if n == 1 else " each time" if len(clear) == n else f" on {len(clear)}"
        how = claimed("clearly", clear[0]) + where
    groups = [[group for group in each.groups if winner in group] for each in everything]
    asked = sum(any(len(group) > 1 for group in each) for each in groups)
    kind = "leads" if asked > n else "leads-all" if n > 1 else "leads-one"
    return Finding(f"ledger.{kind}", name=names[winner], n=n, asked=asked, how=how)


def _who_leads(contest: _Contest, lead: Corrected | None, suite: str, names: Mapping[str, str]) -> Finding:
    """Which model leads on the only set of questions."""
    best, right = contest.winner, contest.tops[0].value
    if not contest.above_guessing:
        return Finding("ledger.guessing", suite=suite)
    if best is None:
        return Finding("ledger.equal" if contest.like else "ledger.nobody-ahead", suite=suite, right=right)
    how = "ahead, but not significantly"
    if lead and lead.is_significant:
        how = f"{claimed('clearly', lead)} ahead"
    kind = "ahead" if contest.like else "ahead-both"
    return Finding(f"ledger.{kind}", suite=suite, name=names[best.model], how=how, right=right)
