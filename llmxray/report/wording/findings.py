"""Findings in sentences, each made from the data with its interval and its doubt."""

from __future__ import annotations

import math
from collections import Counter

from llmxray.metrics import paired
from llmxray.report import numbers
from llmxray.report.analysis import (
    ALPHA,
    Analysis,
    ConditionResults,
    accuracy_of,
    confidence,
    item_means,
    right,
)
from llmxray.report.analysis.by_category import grouping
from llmxray.report.analysis.leaders import above_guessing, rival_of
from llmxray.report.links import Link, questions_href
from llmxray.report.wording.groups import group_sentences
from llmxray.report.wording.speed import speed_sentences
from llmxray.report.wording.verdicts import Finding
from llmxray.types import Estimate, Outcome

# Above this share, what a rule could not read or a budget cut off changes the ranking.
NOTEWORTHY = 0.05
_WHY_NO_ANSWER = {
    Outcome.TRUNCATED: "cut off by the token budget{}",
    Outcome.UNPARSED: "without an answer we could read",
    Outcome.TOOL_CALL: "a function call instead of an answer",
    Outcome.UNREAD: "of a form that llmxray does not read",
}
_LOPSIDED = 0.25


def findings(analysis: Analysis) -> tuple[Finding, ...]:
    """Everything worth saying, in reading order; what does not apply is left out."""
    if analysis.accuracies[analysis.ranked[0].id].value is None:
        return ()
    made = (
        _family(analysis),
        _guessing(analysis),
        calibrated(analysis) or _kinds(analysis),
        _suites(analysis),
        _speed(analysis),
        _loser(analysis),
        _letters(analysis),
        _unread(analysis),
    )
    return tuple(finding for finding in made if finding is not None)


def _family(analysis: Analysis) -> Finding | None:
    if len(analysis.pairs) < 2:
        return None
    told = [pair for pair in analysis.pairs if pair.differs]
    tied = [pair for pair in analysis.pairs if not pair.differs]
    name = "paired sign-flip test" if analysis.test[1] == "sign-flip" else "exact McNemar"
    how = f"{name}, Holm-adjusted over all of them"
    total = len(analysis.pairs)
    counted = f"All {total} pairs" if not tied else f"{len(told) or 'None'} of {total} pairs"
    sentences = [f"{counted} of conditions {'differs' if len(told) == 1 else 'differ'} in accuracy ({how})."]
    if tied:
        names = "; ".join(f"{pair.a.label} with {pair.b.label}" for pair in tied)
        sentences.append(f"Not significantly different: {names}.")
    return Finding(
        "Who differs", tuple(sentences), analysis.contents.links(("Every pair", "results", "pairs"))
    )


def _guessing(analysis: Analysis) -> Finding | None:
    beaten = [(view, above_guessing(analysis, view)) for view in analysis.ranked]
    shown = [view for view, above in beaten if above is not None]
    near = [view for view, above in beaten if above is False]
    if not shown:
        return None
    # Each condition's own: not all answered the same questions.
    levels = [numbers.percent(each) for each in sorted({analysis.guessing(view) for view in shown})]
    level = f"Blind guessing would get {' to '.join(dict.fromkeys([levels[0], levels[-1]]))}"
    every = "every condition" if len(shown) == len(analysis.ranked) else "every choice among options"
    if near:
        names = [f"{view.label} ({numbers.percent(analysis.accuracies[view.id].value)})" for view in near]
        first = f"{level}: {numbers.listed(names)} {'is' if len(near) == 1 else 'are'} not shown to be above that."
    else:
        first = f"{level}: {every} is shown to be above that."
    parted = [_parted(analysis, view, above=above) for view, above in beaten if above is not None]
    return Finding("Above guessing?", (first, *filter(None, parted)))


def _parted(analysis: Analysis, view: ConditionResults, *, above: bool) -> str:
    """Why the interval of an accuracy says otherwise than the test; "" where they agree."""
    found = analysis.accuracies[view.id]
    if found.low is None or (found.low > analysis.guessing(view)) == above:
        return ""
    reach = "holds" if above else "leaves out"
    return (
        f"The interval of {view.label} (95% {numbers.interval(found)}) {reach} that level, but it is an "
        "approximation: the test over questions decides."
    )


def calibrated(analysis: Analysis) -> Finding | None:
    """Whether the highest accuracy and the lowest ECE-15 go together; None where confidences cannot be compared."""
    views = _confident(analysis)
    # Errors of confidences of two kinds are no two values of one thing.
    if len(views) < 2 or confidence.differ_in_kind(views):
        return None
    errors = {view.id: confidence.estimate(analysis, view, confidence.ECE_15) for view in views}
    best, calm = views[0], min(views, key=lambda view: errors[view.id].value or 0.0)
    top = [view for view in views if analysis.accuracies[view.id].value == analysis.accuracies[best.id].value]
    among = "" if len(views) == len(analysis.ranked) else " among those with a confidence"
    names, verb = numbers.listed([view.label for view in top]), "has" if len(top) == 1 else "have"
    opening = f"{names} {verb} the highest accuracy{among}"
    if calm in top:
        rest = [view for view in views if view is not calm]
        other = min(rest, key=lambda view: errors[view.id].value or 0.0)
        opening += (
            f", and {calm.label} the lowest ECE-15" if len(top) > 1 else " and the lowest ECE-15 as well"
        )
    else:
        other = best
        opening += f", {calm.label} the lowest ECE-15"
    # Picked by the data as the extremes of so many conditions, so the interval is adjusted for every pair of them.
    n_pairs = math.comb(len(views), 2)
    difference = analysis.pairing.ece_difference(other, calm, n_pairs)
    values = (
        f"{numbers.percent(errors[calm.id].value)} against {numbers.percent(errors[other.id].value)} "
        f"for {other.label}"
    )
    terms = (errors[other.id].value, errors[calm.id].value)
    first = f"{opening}: {values}{_apart(difference, n_pairs, terms)}."
    told = difference.low is not None and difference.low > 0
    if difference.value is not None and not told:
        first += f" The calibration of {calm.label} and {other.label} does not differ clearly."
    elif told and calm not in top:
        first = f"Accuracy is not calibration: {first}"
    return Finding(
        "Calibration",
        (first, _sorting(calm)),
        analysis.contents.links(("Calibration", "calibration", "")),
    )


def _kinds(analysis: Analysis) -> Finding | None:
    """That the conditions' confidences are of several kinds; None where they are of one."""
    said = confidence.differ_in_kind(_confident(analysis))
    links = analysis.contents.links(("Calibration", "calibration", ""))
    return Finding("Calibration", (said,), links) if said else None


def _confident(analysis: Analysis) -> list[ConditionResults]:
    """The conditions whose calibration says something, in rank order."""
    # The few confidences of a condition whose answers were mostly cut off are not its calibration.
    return [view for view in analysis.ranked if 2 * confidence.columns(view).n >= max(1, len(view.rows))]


def _apart(difference: Estimate, n_pairs: int, terms: tuple[float | None, float | None]) -> str:
    """How far apart two errors are on the questions that they share; "" where they share none."""
    if difference.value is None:
        return ""
    adjusted = f", adjusted for {numbers.plural(n_pairs, 'pair')}" if n_pairs > 1 else ""
    about = f"95% {numbers.points_interval(difference)}{adjusted}; {numbers.plural(difference.n, 'question')}"
    return f" ({numbers.in_points(difference.value, beside=terms)} apart, {about})"


def _sorting(view: ConditionResults) -> str:
    auroc = confidence.auroc(view)
    if auroc.value is None:
        return (
            f"Whether the confidence of {view.label} separates right from wrong answers cannot be computed."
        )
    told = f"AUROC {numbers.unit(auroc.value)}, 95% {numbers.interval(auroc, numbers.unit, 0.5)}"
    if _low(auroc) <= 0.5:
        return (
            f"But a low error is not knowledge: the confidence of {view.label} does not separate right "
            f"from wrong answers significantly ({told})."
        )
    return f"The confidence of {view.label} separates right from wrong answers ({told})."


def _suites(analysis: Analysis) -> Finding | None:
    if len(analysis.suites) < 2 or len(analysis.ranked) < 2 or analysis.data.experiment.kind == "compare":
        return None
    leads = [_lead(analysis, suite) for suite in analysis.suites]
    # Leader and runner-up are picked by the data, so each p is adjusted for every pair, and then over the suites.
    n_pairs = math.comb(len(analysis.ranked), 2)
    adjusted = paired.holm([None if p is None else min(1.0, n_pairs * p) for _, _, p in leads])
    sure = [
        analysis.label_of_suite(suite)
        for suite, p in zip(analysis.suites, adjusted, strict=True)
        if p is not None and p < ALPHA
    ]
    leaders = list(dict.fromkeys(leader for leader, _, _ in leads if leader))
    shown = {lead[0] for lead, p in zip(leads, adjusted, strict=True) if p is not None and p < ALPHA}
    first = max(leaders, key=[leader for leader, _, _ in leads].count, default="")
    n_first = sum(leader == first for leader, _, _ in leads)
    parts = [
        f"{analysis.label_of_suite(suite)}: {text}"
        for suite, (_, text, _) in zip(analysis.suites, leads, strict=True)
    ]
    opening = (
        f"{leaders[0]} has the highest score in every suite"
        if leaders and n_first == len(leads)
        else "No suite has one best condition"
        if not leaders
        else "The highest score changes hands from suite to suite"
        if len(shown) > 1
        else f"{first} has the highest score in {n_first} of {numbers.plural(len(leads), 'suite')}"
    )
    told = (
        f"Leader and runner-up differ significantly in {numbers.listed(sure)} only."
        if sure
        else "In no suite do leader and runner-up differ significantly."
    )
    if len(sure) == len(leads):
        told = "In each suite leader and runner-up differ significantly."
    benchmark = analysis.data.experiment.kind == "benchmark"
    where = ("Suites and categories", "categories", "") if benchmark else ("Suites", "results", "")
    return Finding("By suite", (f"{opening}. {'; '.join(parts)}.", told), analysis.contents.links(where))


def _lead(analysis: Analysis, suite: str) -> tuple[str, str, float | None]:
    """(leader, "" where several are equal; its number in words; p of leader against runner-up)."""
    found = {view.id: accuracy_of(view.of(suite=suite)) for view in analysis.ranked}
    order = sorted(analysis.ranked, key=lambda view: -(found[view.id].value or 0.0))
    of_first, of_second = (item_means(view.of(suite=suite), right) for view in order[:2])
    test = analysis.tested(order[0], order[1], of_first, of_second)
    highest = found[order[0].id].value
    labels = [view.label for view in order if found[view.id].value == highest]
    leader = labels[0] if len(labels) == 1 else ""
    return leader, f"{numbers.listed(labels)} {numbers.percent(highest)}", test.p_value


def _speed(analysis: Analysis) -> Finding | None:
    rival = rival_of(analysis)
    sentences = speed_sentences(analysis, analysis.ranked[0], rival) if rival else ()
    return (
        Finding("Speed", sentences, analysis.contents.links(("Speed in numbers", "results", "speed")))
        if sentences
        else None
    )


def _loser(analysis: Analysis) -> Finding | None:
    rival, best = rival_of(analysis), analysis.ranked[0]
    if rival is None or analysis.data.experiment.kind == "compare":
        return None
    pair = analysis.pair(best, rival)
    found = analysis.pairing.groups(pair.a, pair.b, grouping(analysis))
    if len(found) < 2:
        return None
    found = tuple(sorted(found, key=lambda each: each.difference.value or 0.0))
    return Finding(
        "Where the other holds",
        group_sentences(pair, found, "category", "categories"),
        analysis.contents.links(("The pair in full", "pairs", "categories")),
    )


def _letters(analysis: Analysis) -> Finding | None:
    if analysis.rotated:
        # The headline says it, from every place of the right option.
        return None
    sentences = []
    for view in analysis.views:
        rows = [row for row in view.rows if row.option_probs and row.answer and len(row.answer) == 1]
        if view.condition.answer != "letter" or not rows:
            continue
        (letter, n), *_ = Counter(row.answer for row in rows).most_common(1)
        expected = sum(row.expected == letter for row in rows) / len(rows)
        if n / len(rows) > expected + _LOPSIDED:
            n_items = len({(row.suite, row.item_id) for row in rows})
            to = f" to {numbers.plural(n_items, 'question')}" if n_items < len(rows) else ""
            sentences.append(
                f"{view.label} names {letter} in {numbers.percent(n / len(rows))} of its "
                f"{numbers.plural(len(rows), 'answer')}{to}; {letter} is right in {numbers.percent(expected)}."
            )
    return Finding("Position bias", tuple(sentences)) if sentences else None


def _unread(analysis: Analysis) -> Finding | None:
    sentences, links = [], []
    for view in analysis.views:
        replies = [row.outcome for row in view.rows if row.outcome is not Outcome.ERROR]
        for outcome, why in _WHY_NO_ANSWER.items():
            n = sum(each is outcome for each in replies)
            if n and n / len(replies) > NOTEWORTHY:
                how = "in no accuracy" if outcome is Outcome.UNREAD else "as not right"
                sentences.append(
                    f"{view.label}: {numbers.percent(n / len(replies))} of "
                    f"{numbers.plural(len(replies), 'reply was', 'replies were')} "
                    f"{why.format(_of_budget(view))}; "
                    f"{'it counts' if len(replies) == 1 else 'they count'} {how}."
                )
                behind = questions_href(condition=view.id, outcome=outcome.value)
                links.append(Link(f"Those of {view.label}", behind))
    return Finding("Answers not found", tuple(sentences), tuple(links)) if sentences else None


def _of_budget(view: ConditionResults) -> str:
    # Files of other tools may not state it.
    return f" of {view.condition.max_tokens}" if view.condition.max_tokens else ""


def _low(estimate: Estimate) -> float:
    # Without an interval nothing is shown to be above anything.
    return estimate.low if estimate.low is not None else float("-inf")
