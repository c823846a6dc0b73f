"""All results of an experiment: accuracy, every pair compared, time, tokens and money, confidence, outcomes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from operator import attrgetter

from llmxray.metrics.accuracy import mean
from llmxray.metrics.bands import band
from llmxray.report import numbers
from llmxray.report.analysis import (
    Analysis,
    ConditionView,
    Pair,
    Value,
    accuracy_of,
    confidence,
    costs,
    median_of,
)
from llmxray.report.analysis.leaders import above_guessing, cells_above_guessing, href_of
from llmxray.report.analysis.rescoring import readings, scored_otherwise
from llmxray.report.analysis.rows import first_token
from llmxray.report.files import export
from llmxray.report.links import Link
from llmxray.report.sentences import Finding, Joined
from llmxray.report.widgets.frame import TemplateValues, framed
from llmxray.report.widgets.opening import MOST_CONDITIONS
from llmxray.report.widgets.table import sort_key
from llmxray.report.wording.calibration import pooled_questions
from llmxray.report.wording.speed import per_second, time_notes
from llmxray.report.wording.verdicts import averaged, compared, verdict
from llmxray.types import Estimate, Outcome

_TABLES = {"results.csv": "CSV", "results.json": "JSON", "results.parquet": "Parquet"}


def page_values(analysis: Analysis) -> TemplateValues:
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
        accuracy=accuracy(analysis),
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
        times=times(analysis),
        time_notes=time_notes(analysis),
        cost_notes=tuple(cost_notes(analysis)),
        sure=sure(analysis),
        pooled=pooled(analysis),
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


_WHOLE = partial(numbers.decimal, digits=0)
type Estimates = Mapping[str, Estimate]


def accuracy(analysis: Analysis) -> tuple[TemplateValues, ...]:
    """Accuracy on the questions that all answered, then by suite: the best answered first, as on the overview."""
    of, suites = analysis.common, [_of_suite(analysis, suite) for suite in analysis.suites]
    suites.sort(key=lambda row: -max((cell.share or 0.0 for cell in row.cells), default=0.0))
    # Where these are one suite, or all that anybody answered, they have a row already.
    is_suite = len(of.suites) == 1 and of.n_scored() == analysis.n_scored(of.suites[0])
    return (*([_whole(analysis)] if of.suites and analysis.is_comparable and not is_suite else []), *suites)


def _whole(analysis: Analysis) -> TemplateValues:
    of = analysis.common
    # The page of questions has all that a condition answered.
    listed = {view.id for view in of.views if of.accuracies[view.id] == analysis.accuracies[view.id]}
    guessing = {view.id for view in of.views if above_guessing(of).get(view.id) is False}
    return _shares(of, of.accuracies, _leader(of), guessing, listed)


def _leader(analysis: Analysis) -> str:
    """Who is ahead of all others, by the adjusted tests of all pairs; "" for nobody."""
    known = [view for view in analysis.ranked if analysis.accuracies[view.id].value is not None]
    leads = len(known) > 1 and all(analysis.pair(known[0], view).differs for view in known[1:])
    return known[0].id if leads else ""


def _of_suite(analysis: Analysis, suite: str) -> TemplateValues:
    shares = {view.id: accuracy_of(view.of(suite=suite), view.design) for view in analysis.views}
    tests = {view.id: cells_above_guessing(analysis).get((view.id, suite, "")) for view in analysis.views}
    guessing = {
        name for name, test in tests.items() if test and test.p_holm is not None and not test.is_significant
    }
    # The tests of all pairs are over all questions.
    lead = _leader(analysis) if len(analysis.suites) == 1 and not analysis.unlike else ""
    return _shares(analysis, shares, lead, guessing, {*shares}, suite)


def _shares(
    analysis: Analysis, shares: Estimates, lead: str, guessing: set[str], listed: set[str], suite: str = ""
) -> TemplateValues:
    def of(view: ConditionView) -> TemplateValues:
        is_linked = shares[view.id].n and view.id in listed
        return cell(
            view,
            shares[view.id],
            numbers.percent,
            missing="no reply" if view.of(suite=suite) else "not asked" if suite else "not asked all",
            mark="ahead" if view.id == lead else "guess" if view.id in guessing else "",
            href=analysis.contents.questions(condition=view.id, suite=suite) if is_linked else "",
        )

    return TemplateValues(
        label=analysis.label_of_suite(suite) if suite else "",
        n=analysis.n_scored(suite),
        chance=analysis.chance_of((suite,)) if suite else analysis.chance,
        cells=tuple(map(of, analysis.ranked)),
    )


def cell(
    view: ConditionView,
    estimate: Estimate,
    scale: Callable[..., str],
    *,
    missing: str = "not recorded",
    mark: str = "",
    href: str = "",
    longest: float = 1.0,
) -> TemplateValues:
    """A number with its interval, and its place on an axis that ends at ``longest``."""
    ends = (estimate.value, estimate.low, estimate.high)
    share, low, high = (None if end is None else end / longest for end in ends)
    text = missing if share is None else scale(estimate.value)
    return TemplateValues(
        label=view.label,
        css=view.css,
        text=text,
        small=numbers.interval(estimate, scale) if None not in ends else "",
        title=f"{view.label}: {text}",
        share=share,
        low=low,
        high=high,
        mark="missing" if share is None else mark,
        href=href,
        sort=sort_key(estimate.value),
    )


def times(analysis: Analysis) -> tuple[TemplateValues, ...]:
    """Times, correct answers per second, tokens and money, as far as they were recorded."""
    views = analysis.ranked

    def median(kind: str, value: Value, anchor: str) -> TemplateValues | None:
        return _row(kind, views, {view.id: median_of(view, value) for view in views}, numbers.seconds, anchor)

    def tokens(kind: str, field: str) -> TemplateValues | None:
        means = {view.id: attrgetter(field)(costs.cost_of(analysis, view)) for view in views}
        return _row(kind, views, means, _WHOLE, drawn=False)

    # Without thinking the first token is the first of the answer.
    thinks = any(row.reasoning for row in analysis.data.results.rows)
    guessing = {view.id for view in views if above_guessing(analysis).get(view.id) is False}
    rates = {view.id: per_second(analysis, view) for view in views}
    rows = (
        median("first", first_token, anchor="ttft"),
        median("first-of-answer", "ttfa_s", "ttft") if thinks else None,
        median("latency", "latency_s", anchor="latency"),
        _row("rate", views, rates, numbers.decimal, anchor="per-second", guessing=guessing),
        tokens("in", "tokens_in"),
        tokens("out", "tokens_out"),
        tokens("thinking", "thinking") if any(costs.cost_of(analysis, view).thinking.value for view in views) else None,
        _money(analysis, views),
    )  # fmt: skip
    return tuple(row for row in rows if row is not None)


def _row(
    kind: str,
    views: Sequence[ConditionView],
    values: Estimates,
    scale: Callable[..., str],
    anchor: str = "",
    *,
    drawn: bool = True,
    guessing: Collection[str] = (),
) -> TemplateValues | None:
    """A row, drawn from 0 to its largest value; None where nothing of it was recorded."""
    if all(estimate.value is None for estimate in values.values()):
        return None
    longest = max(estimate.high or estimate.value or 0.0 for estimate in values.values())
    shown = numbers.in_one_unit(scale, longest)
    # Files of others may lead to infinity, which is on no axis.
    is_drawn = drawn and 0 < longest < math.inf
    longest = longest if is_drawn and scale is not numbers.percent else 1.0
    return TemplateValues(
        kind=kind,
        anchor=anchor,
        drawn=is_drawn,
        cells=tuple(
            cell(view, values[view.id], shown, longest=longest, mark="guess" if view.id in guessing else "")
            for view in views
        ),
    )


def _money(analysis: Analysis, views: Sequence[ConditionView]) -> TemplateValues | None:
    prices = {view.id: costs.cost_of(analysis, view) for view in views}
    amounts = {name: _thousand(cost.question) for name, cost in prices.items()}
    one_currency = len({cost.currency for cost in prices.values()}) == 1
    row = _row("cost", views, amounts, numbers.money, "cost", drawn=one_currency)
    if row is not None:
        for amount, cost in zip(row.cells, prices.values(), strict=True):
            amount.text = numbers.priced(cost.thousand, cost.currency) if cost.currency else "no price"
    return row


def _thousand(question: Estimate) -> Estimate:
    ends = (question.value, question.low, question.high)
    value, low, high = (None if end is None else costs.QUESTIONS * end for end in ends)
    return replace(question, value=value, low=low, high=high)


def cost_notes(analysis: Analysis) -> Iterator[Finding]:
    """What the tokens and amounts take for granted, and what is missing from them."""
    prices = [costs.cost_of(analysis, view) for view in analysis.ranked]
    unpriced = [cost.view.label for cost in prices if cost.question.value is None]
    rented = [cost for cost in prices if cost.assumption]
    if len(unpriced) == len(prices):
        yield Finding("results.no-prices")
    elif unpriced:
        yield Finding("results.unpriced", names=unpriced)
    if rented:
        whose = [cost.view.label for cost in rented] if len(rented) < len(prices) else ""
        # The file states one price of an hour.
        yield Finding("results.rented", whose=numbers.listed(whose), assumption=rented[0].assumption)
    if missing := [cost for cost in prices if cost.tokens_in.n and cost.tokens_in.n_missing]:
        counts = [f"{numbers.count(cost.tokens_in.n_missing)} of {cost.view.label}" for cost in missing]
        yield Finding("results.no-usage", counts=counts)
    if forced := [cost.view.label for cost in prices if cost.view.condition.answer == "likelihood"]:
        yield Finding("results.forced", names=forced)


def sure(analysis: Analysis) -> tuple[TemplateValues, ...]:
    """How sure, and how often right when sure; of files of the original app the mean probability of the tokens.

    These files keep one alternative a token, so they have no option confidence. Beside option confidence the other
    number would invite comparing two different things.
    """
    views = analysis.ranked
    if analysis.data.is_of_app:
        field, name = "mean_token_probability", analysis.data.name
        known = {view.id: confidence.columns(view, field) for view in views}
        means = {id_: mean(of.confidence) for id_, of in known.items()}
        rows = [_row("of-tokens", views, means, numbers.percent)]
        for each in (confidence.ECE_15, confidence.MODULE_BINS):
            errors = {id_: confidence.estimate_of((of,), each, name) for id_, of in known.items()}
            rows.append(_row(each.anchor, views, errors, numbers.percent, each.anchor))
        order = {view.id: confidence.auroc(view, field) for view in views}
        rows.append(_row("auroc", views, order, numbers.unit, "auroc"))
        return tuple(row for row in rows if row is not None)
    means = {view.id: confidence.mean_confidence(view) for view in views}
    errors = {view.id: confidence.estimate(analysis, view, confidence.ECE_15) for view in views}
    rows = [
        _row("mean", views, means, numbers.percent, "option-confidence"),
        _row("ece-15", views, errors, numbers.percent, "ece-15"),
    ]
    made = [row for row in rows if row is not None]
    return (*made, _above(analysis)) if made else ()


def _above(analysis: Analysis) -> TemplateValues:
    """How often the surest answers are right, among questions with equally many options."""
    # The page of questions does not filter by the number of options.
    conf = "" if pooled(analysis) else "0.8005-1"

    def of(view: ConditionView) -> TemplateValues:
        data = confidence.columns(view).comparable
        right = band(
            data.confidence, data.correct, lambda sure: sure > confidence.SURE, data.clusters
        ).accuracy
        href = analysis.contents.questions(condition=view.id, conf=conf) if conf and right.n else ""
        share = cell(view, right, numbers.percent, missing="never" if data.n else "not recorded", href=href)
        share.small = f"of {numbers.plural(right.n, 'answer')}" if right.n else ""
        return share

    return TemplateValues(kind="above", anchor="", drawn=False, cells=tuple(map(of, analysis.ranked)))


def pooled(analysis: Analysis) -> str:
    """Which questions the surest answers are counted among; "" for all."""
    return pooled_questions([confidence.columns(view).pool for view in analysis.views])
