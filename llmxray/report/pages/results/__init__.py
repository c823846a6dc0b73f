"""All results of an experiment: accuracy, every pair compared, time, tokens and money, confidence, outcomes."""

from __future__ import annotations

from collections import Counter
from itertools import groupby

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionView, Pair
from llmxray.report.analysis.leaders import href_of
from llmxray.report.analysis.rescoring import readings, scored_otherwise
from llmxray.report.files import export
from llmxray.report.links import Link
from llmxray.report.pages.results import measures
from llmxray.report.sentences import Finding, Joined
from llmxray.report.widgets.frame import TemplateValues, framed
from llmxray.report.widgets.opening import MOST_CONDITIONS
from llmxray.report.wording.speed import time_notes
from llmxray.report.wording.verdicts import averaged, compared, verdict
from llmxray.types import Outcome

_TABLES = {"results.csv": "CSV", "results.json": "JSON", "results.parquet": "Parquet"}


def make(analysis: Analysis) -> TemplateValues:
    """The results page of an experiment; a part is empty where there is nothing to show."""
    rows = analysis.data.results.rows
    contents = analysis.contents
    return framed(
        analysis.data,
        "results",
        "Results",
        headline=_headline(analysis),
        views=analysis.ranked,
        is_drawn=len(analysis.views) <= MOST_CONDITIONS,
        accuracy=measures.accuracy(analysis),
        unlike=analysis.unlike,
        is_part=analysis.common.n_scored() < analysis.n_scored(),
        by_letter=Finding("results.by-letter")
        if any("letter" in analysis.kinds_of(suite) for suite in analysis.suites)
        else None,
        otherwise=contents.href("robustness", "rescoring")
        if scored_otherwise(analysis.data, readings(analysis))
        else "",
        pairs=tuple(
            TemplateValues(view=view, rows=tuple(_pair(analysis, pair) for pair in of))
            for view, of in groupby(analysis.pairs, lambda pair: pair.a)
        ),
        n_pairs=len(analysis.pairs),
        test=analysis.test,
        together=averaged(analysis),
        several=analysis.answers > 1,
        times=measures.times(analysis),
        time_notes=time_notes(analysis),
        cost_notes=tuple(measures.cost_notes(analysis)),
        sure=measures.sure(analysis),
        pooled=measures.pooled(analysis),
        is_of_app=analysis.data.is_of_app,
        outcomes=_outcomes(analysis),
        n_rows=len(rows),
        links=tuple(
            Link(text=_TABLES[name], href=contents.file(name)) for name in export.names(analysis.data)
        ),
    )


def _headline(analysis: Analysis) -> Finding:
    """Who leads on the questions that all answered, and whether the others differ."""
    of = analysis.common
    known = [view for view in of.ranked if of.accuracies[view.id].value is not None]
    if not known:
        return verdict(analysis)
    if len(analysis.views) == 2:
        return compared(analysis, analysis.pairs[0])
    best, *others = known
    if not analysis.is_comparable:
        return Finding("results.unlike", why=analysis.few_shared)
    if not others:
        share = of.accuracies[best.id].value
        return Finding("results.alone", view=best, share=share, chance=of.chance)
    pairs = [of.pair(best, view) for view in others]
    close = next((pair for pair in pairs if not pair.differs), None)
    if close is not None:
        first, second = (of.accuracies[view.id].value for view in (close.a, close.b))
        return Finding("results.close", pair=close, first=first, second=second)
    least = min(pair.difference.value or 0.0 for pair in pairs)
    rest = [of.pair(a, b) for a in others for b in others if a is not b]
    return Joined(
        Finding(
            "results.leads",
            best=best,
            clearly=pairs[-1].among.claim("clearly"),
            by=numbers.points(least).lstrip("+"),
        ),
        None if not rest or any(pair.differs for pair in rest) else Finding("results.rest"),
    )


def _pair(analysis: Analysis, pair: Pair) -> TemplateValues:
    # What is averaged within a question, or over a group of them, is in no list of questions.
    is_listed = analysis.test[1] == "mcnemar"

    def ahead(n: int, first: ConditionView, second: ConditionView) -> Link:
        href = analysis.contents.questions(right=first.id, wrong=second.id) if is_listed and n else ""
        return Link(text=numbers.count(n), href=href)

    return TemplateValues(
        pair=pair,
        href=href_of(analysis, pair),
        ahead=(ahead(pair.test.a_ahead, pair.a, pair.b), ahead(pair.test.b_ahead, pair.b, pair.a)),
        detectable=numbers.points(pair.test.detectable).lstrip("+"),
    )


def _outcomes(analysis: Analysis) -> tuple[TemplateValues, ...]:
    """What became of the trials; nothing where all are right or wrong, which the accuracies say."""
    views = analysis.ranked
    counts = {view.id: Counter(row.outcome for row in view.rows) for view in views}
    known = {outcome for of in counts.values() for outcome in of}
    if known <= {Outcome.CORRECT, Outcome.WRONG}:
        return ()

    def cell(view: ConditionView, outcome: Outcome) -> TemplateValues:
        of = counts[view.id]
        n, scored = of[outcome], of.total() - of[Outcome.UNSCORED]
        return TemplateValues(
            label=view.label,
            css=view.css,
            text=numbers.count(n),
            small=numbers.percent(n / scored) if n and outcome is not Outcome.UNSCORED else "",
            href=analysis.contents.questions(condition=view.id, outcome=outcome.value) if n else "",
            mark="",
            sort="",
        )

    return tuple(
        TemplateValues(
            label=f"{outcome.mark} {outcome.label}", cells=tuple(cell(view, outcome) for view in views)
        )
        for outcome in Outcome
        if outcome in known
    )
