"""What an experiment found, in a plain sentence or two with at most two numbers each: its card on the front page."""

from __future__ import annotations

from dataclasses import dataclass, replace

from llmxray.experiment import EVERYWHERE
from llmxray.plan import PROMPTS
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, address, right
from llmxray.report.analysis.leaders import order, rival_of
from llmxray.report.analysis.measured import rows_on
from llmxray.report.sentences import Finding
from llmxray.report.wording.headline import headline
from llmxray.report.wording.labels import model_name, named, ways_of
from llmxray.report.wording.predictions import Verdict, verdicts
from llmxray.report.wording.speed import many_cut

# Two conditions are compared by these on the questions to which both have an answer that counts.
OF_ANSWERS = {"accuracy", "accuracy_per_second", "ece", "brier", "auroc"}


@dataclass(frozen=True, slots=True, kw_only=True)
class InShort:
    """The finding.

    Attributes:
        more: what is said beside it, below a headline.
        verdict: the prediction that it is about; None where it is about none.
        compared: the conditions that it compares, none where it compares others.
    """

    sentence: Finding
    more: Finding | None = None
    verdict: Verdict | None = None
    compared: tuple[str, ...] = ()


def in_short(analysis: Analysis) -> InShort:
    """The finding of an experiment in a sentence, and perhaps another one."""
    found = headline(analysis)
    # Where positions, wordings or seeds are what varies, they are the story.
    if found.short is not None:
        return InShort(sentence=found.short)
    between = [
        each for each in verdicts(analysis) if each.shown and each.against in {v.id for v in analysis.views}
    ]
    # The first of the file, whatever became of it.
    if chosen := next(iter(between), None):
        pair = chosen.of, str(chosen.against)
        # What varies more may be wrong more often: how right the same two are is said as well.
        right = [each for each in between if each.metric == "accuracy" and (each.of, each.against) == pair]
        if chosen.metric == "accuracy":
            more = _price(analysis, chosen)
        else:
            more = _compared(analysis, right[0]) if right else None
        return InShort(sentence=_compared(analysis, chosen), more=more, verdict=chosen, compared=pair)
    if found.ranked:
        return InShort(sentence=_ranked(analysis))
    return InShort(sentence=found.sentences[0] if found.sentences else Finding("findings.unscored"))


def _compared(analysis: Analysis, verdict: Verdict) -> Finding:
    views = {view.id: view for view in analysis.views}
    of, against = views[verdict.of], views[str(verdict.against)]
    place = ""
    if verdict.on not in (EVERYWHERE, PROMPTS):
        place = analysis.label_of_suite(verdict.on) if verdict.on in analysis.plan.suites else verdict.on
    both = None
    if verdict.metric in OF_ANSWERS and _answered(of, verdict.on) != _answered(against, verdict.on):
        both = Finding(f"findings.short-both{'' if place else '-first'}", n=verdict.n)
    # Scored prompts beside a suite make a score over everything, which is another one.
    n = verdict.n if verdict.n and PROMPTS in analysis.suites else None
    is_clear = (verdict.low or 0.0) > 0 or (verdict.high or 0.0) < 0
    first, second = _values(verdict)
    ways = ways_of(of, against)
    does = Finding(
        f"findings.does-{verdict.metric}",
        name=model_name(of) if ways else named(of),
        value=first,
        way=ways[0] if ways else None,
    )
    return Finding(
        "findings.short-compared",
        place=place,
        n=n,
        both=both,
        first=does,
        second=Finding("findings.short-way", value=second, way=ways[1])
        if ways
        else Finding("findings.short-other", name=named(against), value=second),
        doubt=None if is_clear else Finding("findings.short-chance"),
    )


def _answered(view: ConditionResults, on: str) -> frozenset[str]:
    return frozenset(address(row) for row in rows_on(view.rows, on) if right(row) is not None)


def _price(analysis: Analysis, verdict: Verdict) -> Finding | None:
    """How many times as long the more accurate of two takes; None where it is not clearly slower."""
    views = {view.id: view for view in analysis.views}
    of, against = views[verdict.of], views[str(verdict.against)]
    is_turned = (verdict.of_value or 0.0) < (verdict.against_value or 0.0)
    slow, quick = (against, of) if is_turned else (of, against)
    of_place = [replace(view, rows=rows_on(view.rows, verdict.on)) for view in (slow, quick)]
    ratio = analysis.pairing.latency_ratio(*of_place)
    # Replies that run on to their limit say where that is, not how long an answer takes.
    is_cut = any(many_cut(view.rows) for view in of_place)
    if is_cut or ratio.value is None or (ratio.low or ratio.value) <= 1:
        return None
    times = "about twice" if 1.9 <= round(ratio.value, 1) <= 2.1 else numbers.times(ratio.value)
    if ways := ways_of(slow, quick):
        return Finding("findings.short-price-way", way=f"{ways[0][:1].upper()}{ways[0][1:]}", times=times)
    return Finding("findings.short-price", name=named(slow) if is_turned else "It", times=times)


def _values(verdict: Verdict) -> tuple[str, str]:
    if verdict.metric == "similarity":
        return numbers.percent(verdict.of_value), numbers.percent(verdict.against_value)
    # A unit of several words belongs to the first number here.
    return " ".join(filter(None, (verdict.of_shown, verdict.unit_shown))), verdict.against_shown


def _ranked(analysis: Analysis) -> Finding:
    best, rival = analysis.ranked[0], rival_of(analysis)
    value = analysis.accuracies[best.id].value
    if value is None:
        return headline(analysis).sentences[0]
    if rival is None:
        return Finding("findings.short-alone", named=named(best), value=value)
    pair = analysis.pair(best, rival)
    if pair.difference.value is None or pair.has_few:
        return headline(analysis).sentences[0]
    ahead, behind, _ = order(pair)
    of, who = analysis.common, str(analysis.common.all_answered)
    first, second = (of.accuracies[view.id].value or 0.0 for view in (ahead, behind))
    if not analysis.is_comparable or first < second:
        # On what all answered, which is less, the order may be another one: the test is over what both did.
        of, who = (
            analysis.on(frozenset(ahead.means("right").keys() & behind.means("right").keys())),
            "both answered",
        )
        first, second = (of.accuracies[view.id].value or 0.0 for view in (ahead, behind))
    is_all = analysis.common is analysis and of.n_items == analysis.n_items
    return Finding(
        "findings.short-ranked",
        n=None if is_all else of.n_items,
        who=who,
        ahead=named(ahead),
        first=first,
        behind=named(behind),
        second=second,
        doubt=None if pair.differs else Finding("findings.short-no-difference"),
    )
