"""The first screen of the ledger: a group a set of questions, in it a row a model, a column a way of asking.

Only like stands below like: of each way the one in which most models were asked, a model by its run with the most
questions. A model leads where it is ahead of each other one on the questions that both answered, and clearly so only
where the test of each such pair is significant after correction for all pairs of models in the table.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from llmxray.metrics.paired import compare_shares
from llmxray.report import numbers
from llmxray.report.analysis.ledger_entry import LedgerEntry, LedgerRun, asked_alike, shared_shares, suite_of
from llmxray.report.analysis.pairing import Corrected
from llmxray.report.analysis.standings import STEPS, names_of, way_of
from llmxray.report.sentences import Finding
from llmxray.report.widgets.frame import TemplateValues
from llmxray.scoring import OPTIONS_ONLY

MOST_MODELS = 8
MOST_SUITES = 8
_MOST_NAMED = 3
_WAYS = ("letter", "likelihood", "number", "text", "tool", STEPS)

type Link = Callable[[LedgerRun, str], str]
"""Address of the questions of a run on a suite, "" without one."""
type Alike = Mapping[str, Mapping[str, LedgerRun]]
"""Runs by how they were asked and by model."""


@dataclass(frozen=True, kw_only=True)
class _Contest:
    """A suite as most models were asked it.

    Attributes:
        alike: all ways in which it was asked.
        guessing: accuracy of blind guessing among the options.
    """

    suite: str
    alike: Alike
    guessing: float | None

    @cached_property
    def asked(self) -> str:
        """How most models were asked; of those the one with the most questions, then in which some model does best."""

        def size(kind: str) -> tuple[int, int, float]:
            found = [run.estimate(self.suite) for run in self.alike[kind].values()]
            return len(found), max(of.n for of in found), max(of.value or 0.0 for of in found)

        return max(self.alike, key=size)

    @cached_property
    def runs(self) -> Sequence[LedgerRun]:
        """One a model, the best first."""
        return sorted(self.alike[self.asked].values(), key=self.value, reverse=True)

    @property
    def chance(self) -> float | None:
        """Accuracy of blind guessing; None where answers are written, which no guess among options matches."""
        return self.guessing if self.asked.partition(", ")[0] in {"letter", "likelihood"} else None

    def value(self, run: LedgerRun) -> float:
        """Accuracy of a run."""
        return run.estimate(self.suite).value or 0.0

    @cached_property
    def sizes(self) -> Sequence[int]:
        """How many questions its runs answered, each number once."""
        return sorted({run.estimate(self.suite).n for run in self.runs})

    @cached_property
    def is_like(self) -> bool:
        """Whether all answered the same questions."""
        first = self.runs[0]
        return all([shared_shares(first, run, self.suite)[0].size] == self.sizes for run in self.runs)

    @cached_property
    def above_guessing(self) -> bool:
        """Whether the whole interval of some model is; always so where guessing gives no answer."""
        lows = (run.estimate(self.suite).low for run in self.runs)
        return self.chance is None or any(low is not None and low > self.chance for low in lows)

    @cached_property
    def winner(self) -> LedgerRun | None:
        """Ahead of every other on the questions that both answered; None where nobody is."""

        def is_ahead(one: LedgerRun, other: LedgerRun) -> bool:
            first, second = shared_shares(one, other, self.suite)
            # Thirds that are added up in another order differ in their last bits.
            return bool(first.sum() - second.sum() > 1e-6)

        # Whoever is ahead of all others is the last one left over.
        best = self.runs[0]
        for run in self.runs[1:]:
            best = run if is_ahead(run, best) else best
        return best if all(run is best or is_ahead(best, run) for run in self.runs) else None

    def lead(self, n_pairs: int) -> Corrected | None:
        """The winner against every other model, Bonferroni over so many pairs; None without a claim to test."""
        if self.winner is None or not self.above_guessing or len(self.runs) < 2:
            return None
        tests = [
            compare_shares(*shared_shares(self.winner, run, self.suite))
            for run in self.runs
            if run is not self.winner
        ]
        p = max(1.0 if test.p_value is None else test.p_value for test in tests)
        return Corrected(p_holm=min(1.0, n_pairs * p), family="model pair", size=n_pairs)


def best_values(
    runs: Sequence[LedgerRun],
    suites: Mapping[str, str],
    entries: Sequence[LedgerEntry],
    css: Mapping[str, str],
    link: Link,
) -> TemplateValues | None:
    """The first screen; None where nothing has an accuracy.

    Args:
        suites: title by name. css: colour class by model.
    """
    chances = {suite: chance for entry in entries for suite, chance in entry.chances.items()}
    controls = [run for run in runs if run.asked.endswith(OPTIONS_ONLY)]
    asked = [run for run in runs if not run.asked.endswith(OPTIONS_ONLY)]
    alike = [
        _Contest(suite=suite, alike=kinds, guessing=chances.get(suite))
        for suite in suites
        if (kinds := asked_alike(asked, suite))
    ]
    if not alike:
        return None
    # The suite that most runs have comes first. One model alone ranks nothing, and stands here only if all do.
    having = Counter(suite_of(suite) for run in runs for suite in run.scores if run.estimate(suite).n)
    alike.sort(key=lambda contest: -having[suite_of(contest.suite)])
    contests = [contest for contest in alike if len(contest.runs) > 1] or alike
    n_pairs = sum(math.comb(len(contest.runs), 2) for contest in contests)
    leads = {contest.suite: contest.lead(n_pairs) for contest in contests}
    names = names_of(runs)
    ways = {contest.suite: _by_way(contest) for contest in alike}
    # A set that compares nobody says nothing, unless there is no other.
    several = [
        contest for contest in alike if sum(len(way.runs) for way in ways[contest.suite].values()) > 1
    ] or alike
    drawn = several[:MOST_SUITES]
    there = {run.identity for contest in drawn for way in ways[contest.suite].values() for run in way.runs}
    shown = [model for model in _ranked(contests, names) if model in there][:MOST_MODELS]
    columns = [way for way in _WAYS if any(way in ways[contest.suite] for contest in drawn)]
    models = [name for model, name in names.items() if model not in shown]
    rows = {contest.suite for contest in drawn}
    sets = [title for suite, title in suites.items() if suite not in rows]
    headline = _headline(contests, leads, alike, suites, names)
    return TemplateValues(
        headline=headline,
        # Where nobody else was asked like it, it neither leads nor trails.
        rivals=Finding("ledger.rivals") if headline.values.get("asked", len(alike)) != len(alike) else None,
        n_pairs=n_pairs,
        ways=[Finding(f"ways.says-{way}") for way in columns],
        sets=tuple(
            TemplateValues(
                title=suites[contest.suite],
                sizes=[_sizes(ways[contest.suite].get(way)) for way in columns],
                notes=_notes(contest, leads.get(contest.suite), names, controls),
                rows=_rows(ways[contest.suite], columns, shown, names, css, link),
            )
            for contest in drawn
        ),
        # What has no place here: the names, or how many there are where those are many.
        left_out=numbers.listed(
            [*_briefly(models, "model"), *_briefly(sets, "set of questions", "sets of questions")]
        ),
    )


def _briefly(names: Sequence[str], one: str, many: str = "") -> Sequence[str]:
    return names if len(names) <= _MOST_NAMED else [numbers.plural(len(names), one, many)]


def _by_way(contest: _Contest) -> dict[str, _Contest]:
    """The contests in each way of asking, whatever the layout."""
    ways: dict[str, dict[str, Mapping[str, LedgerRun]]] = {}
    for kind, of in contest.alike.items():
        ways.setdefault(way_of(next(iter(of.values())), contest.suite), {})[kind] = of
    return {
        way: _Contest(suite=contest.suite, alike=alike, guessing=contest.guessing)
        for way, alike in ways.items()
    }


def _ranked(contests: Sequence[_Contest], names: Mapping[str, str]) -> list[str]:
    """The models by how many others they are ahead of, over all contests; of equals the first."""
    beaten = Counter(dict.fromkeys(names, 0))
    for contest in contests:
        upwards = sorted(map(contest.value, contest.runs))
        for run in contest.runs:
            beaten[run.identity] += bisect_left(upwards, contest.value(run))
    return [model for model, _ in beaten.most_common()]


def _sizes(contest: _Contest | None) -> str:
    """How many questions models were asked: "176 questions", "18 to 20 questions"; "" where none was."""
    if contest is None:
        return ""
    fewest = f"{numbers.count(contest.sizes[0])} to " if len(contest.sizes) > 1 else ""
    return fewest + numbers.plural(contest.sizes[-1], "question")


def _rows(
    ways: Mapping[str, _Contest],
    columns: Sequence[str],
    models: Sequence[str],
    names: Mapping[str, str],
    css: Mapping[str, str],
    link: Link,
) -> list[TemplateValues]:
    """The models that were asked a set of questions, each with its cells in the order of the columns."""

    def cell(contest: _Contest | None, model: str) -> TemplateValues | None:
        if contest is None or not any(model in of for of in contest.alike.values()):
            return None
        if model not in contest.alike[contest.asked]:
            # Beside the others its share would seem to be comparable.
            return TemplateValues(found=None)
        run = contest.alike[contest.asked][model]
        return TemplateValues(
            found=run.estimate(contest.suite),
            chance=contest.chance,
            href=link(run, contest.suite),
            is_like=contest.is_like,
        )

    rows = [(model, [cell(ways.get(way), model) for way in columns]) for model in models]
    return [
        TemplateValues(name=names[model], css=css.get(model, ""), cells=cells)
        for model, cells in rows
        if any(cell and cell.found for cell in cells)
    ]


def _notes(
    contest: _Contest, lead: Corrected | None, names: Mapping[str, str], controls: Sequence[LedgerRun]
) -> list[Finding]:
    """Who is clearly ahead; or that nobody is above guessing; and what models score without seeing the questions."""
    notes = []
    if not contest.above_guessing:
        notes.append(Finding("ledger.unshown"))
    elif lead and lead.is_significant and contest.winner:
        way = Finding(f"ways.says-{way_of(contest.winner, contest.suite)}")
        name = names[contest.winner.identity]
        notes.append(Finding("ledger.first", way=way, name=name, clearly=lead.claim("clearly")))
    unseen: dict[str, list[str]] = {}
    for run in controls:
        if contest.suite in run.scores and (found := run.estimate(contest.suite)).n:
            score = f"{names[run.identity]} {numbers.percent(found.value)}"
            unseen.setdefault(way_of(run, contest.suite), []).append(score)
    for kind, scores in unseen.items():
        asked = str(Finding(f"ways.says-{kind}"))
        told = {"way": asked, "scores": numbers.listed(scores), "chance": contest.guessing}
        notes.append(Finding("ledger.unseen", **told))
    return notes


def _headline(
    contests: Sequence[_Contest],
    leads: Mapping[str, Corrected | None],
    everything: Sequence[_Contest],
    suites: Mapping[str, str],
    names: Mapping[str, str],
) -> Finding:
    """Which model leads on the sets of questions of ``contests``, among ``everything`` that there is."""
    if len(contests[0].runs) < 2:
        return Finding("ledger.nothing")
    if len(contests) == 1:
        return _who_leads(contests[0], leads[contests[0].suite], suites[contests[0].suite], names)
    # Equals share no win.
    wins = Counter(contest.winner.identity for contest in contests if contest.winner)
    (winner, n), (_, next_n) = [*wins.most_common(2), ("", 0), ("", 0)][:2]
    if n == next_n:
        return Finding("ledger.nobody", n=len(contests))
    won = [
        leads[contest.suite] for contest in contests if contest.winner and contest.winner.identity == winner
    ]
    clear = [lead for lead in won if lead and lead.is_significant]
    how = "but not significantly" if n == 1 else "though never significantly"
    if clear:
        where = "" if n == 1 else " each time" if len(clear) == n else f" on {len(clear)}"
        how = clear[0].claim("clearly") + where
    asked = sum(any(winner in of and len(of) > 1 for of in contest.alike.values()) for contest in everything)
    every = "leads-all" if n == len(everything) else "leads-asked"
    kind = "leads" if asked > n else every if n > 1 else "leads-one"
    return Finding(f"ledger.{kind}", name=names[winner], n=n, asked=asked, how=how)


def _who_leads(contest: _Contest, lead: Corrected | None, suite: str, names: Mapping[str, str]) -> Finding:
    """Which model leads on the only set of questions."""
    best, right = contest.winner, contest.value(contest.runs[0])
    if not contest.above_guessing:
        return Finding("ledger.guessing", suite=suite)
    if best is None:
        return Finding("ledger.equal" if contest.is_like else "ledger.nobody-ahead", suite=suite, right=right)
    how = "ahead, but not significantly"
    if lead and lead.is_significant:
        how = f"{lead.claim('clearly')} ahead"
    kind = "ahead" if contest.is_like else "ahead-both"
    return Finding(f"ledger.{kind}", suite=suite, name=names[best.identity], how=how, right=right)
