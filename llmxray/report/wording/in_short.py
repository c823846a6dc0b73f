"""What an experiment found, in a plain sentence or two with at most two numbers each: its card on the front page."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from llmxray.experiment import EVERYWHERE
from llmxray.plan import PROMPTS
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, address, right
from llmxray.report.analysis.leaders import order, rival_of
from llmxray.report.analysis.legend import model_in
from llmxray.report.analysis.measured import rows_on
from llmxray.report.analysis.paraphrases import paraphrased_suites
from llmxray.report.analysis.position import Audit, groups
from llmxray.report.analysis.similarity import prompts_compared
from llmxray.report.wording.headline import ONE_SEED, headline, of_seeds
from llmxray.report.wording.predictions import METRICS, SHOWN, Verdict, verdicts
from llmxray.report.wording.speed import many_cut
from llmxray.types import LETTERS

# Two conditions are compared by these on the questions to which both have an answer that counts.
OF_ANSWERS = {"accuracy", "accuracy_per_second", "ece", "brier", "auroc"}
_PREPOSITION = re.compile(r"(?:by|after|at|with|without|in|as|on)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class InShort:
    """The finding.

    Attributes:
        verdict: the prediction that it is about; None where it is about none.
        compared: the conditions that it compares, none where it compares others.
    """

    sentence: str
    verdict: Verdict | None = None
    compared: tuple[str, ...] = ()


def in_short(analysis: Analysis) -> InShort:
    """The finding of an experiment in a sentence."""
    # Where positions or wordings are what varies, they are the story.
    special = _position(analysis) or _reworded(analysis) or _by_seed(analysis)
    if special:
        return InShort(sentence=special)
    between = [
        each for each in verdicts(analysis) if each.shown and each.against in {v.id for v in analysis.views}
    ]
    # The first of the file, whatever became of it.
    if chosen := next(iter(between), None):
        # What varies more may be wrong more often: how right the same two are is said as well.
        right = next(
            (
                each
                for each in between
                if each.metric == "accuracy" != chosen.metric
                and (each.of, each.against) == (chosen.of, chosen.against)
            ),
            None,
        )
        more = _price(analysis, chosen) if right is None else _compared(analysis, right)
        sentences = (_compared(analysis, chosen), more)
        return InShort(
            sentence=" ".join(filter(None, sentences)),
            verdict=chosen,
            compared=(chosen.of, str(chosen.against)),
        )
    found = headline(analysis)
    return InShort(sentence=_ranked(analysis) if found.ranked else found.sentences[0])


def named(view: ConditionResults) -> str:
    """A label as a subject: in quotation marks where it does not begin with the model's name."""
    name = model_name(view)
    tail = _tail(view, name)
    return f"“{view.label}”" if not name else f"{name} ({tail})" if tail else name


def _tail(view: ConditionResults, name: str) -> str:
    """What a label says after the model's name, without brackets around all of it."""
    tail = view.label.removeprefix(name).lstrip(", ")
    return tail[1:-1] if re.fullmatch(r"\([^()]*\)", tail) else tail


def model_name(view: ConditionResults) -> str:
    """The model's name for people, as the label begins with it; "" where it begins with something else."""
    return model_in(view.label, view.condition.model)


def _position(analysis: Analysis) -> str:
    if not analysis.rotated:
        return ""
    group = max(groups(analysis), key=lambda each: each.n)
    told = [each for each, test in zip(group.audits, group.tests, strict=True) if test.is_significant]
    if not told:
        if not any(each.is_tested for each in group.audits):
            return "Whether it matters where the right option stands cannot be told from these answers."
        return "Where the right option stands makes no significant difference."
    audit = max(told, key=_favourite)
    share, letter = _favourite(audit)
    return (
        f"{named(audit.view)} picks {letter} in {numbers.percent(share)} of its answers; {letter} is right in "
        f"{numbers.percent(1 / group.size)}."
    )


def _favourite(audit: Audit) -> tuple[float, str]:
    return max((each.value or 0.0, letter) for each, letter in zip(audit.letters, LETTERS, strict=False))


def _reworded(analysis: Analysis) -> str:
    found = [each for each in paraphrased_suites(analysis) if each.is_answered]
    if not found:
        return ""
    told = [each for each in found[0].conditions if each.differs]
    if not told:
        return "Rewording the questions makes no significant difference."
    most = max(told, key=lambda each: abs(each.difference.value or 0.0))
    return (
        f"With the questions reworded, {named(most.view)} gets {numbers.percent(most.second.value)} right instead of "
        f"{numbers.percent(most.first.value)}."
    )


def _by_seed(analysis: Analysis) -> str:
    """What a shared seed does, where the experiment asks about it; "" where nothing was repeated."""
    if analysis.data.experiment.preset != ONE_SEED or not prompts_compared(analysis):
        return ""
    return of_seeds(analysis)


def _compared(analysis: Analysis, verdict: Verdict) -> str:
    views = {view.id: view for view in analysis.views}
    of, against = views[verdict.of], views[str(verdict.against)]
    first, second = _values(verdict)
    verb, before = METRICS[verdict.metric]["verb"], METRICS[verdict.metric].get("second", "")
    verb = verb if "{name}" in verb else f"{{name}} {verb}"
    n, place = numbers.plural(verdict.n, "question"), ""
    if verdict.on not in (EVERYWHERE, PROMPTS):
        place = analysis.label_of_suite(verdict.on) if verdict.on in analysis.plan.suites else verdict.on
        # Scored prompts beside a suite make a score over everything, which is another one.
        place += f", {n}: " if verdict.n and PROMPTS in analysis.suites else ": "
    if verdict.metric in OF_ANSWERS and _answered(of, verdict.on) != _answered(against, verdict.on):
        place += f"{'on' if place else 'On'} the {n} that both answered, "
    is_clear = (verdict.low or 0.0) > 0 or (verdict.high or 0.0) < 0
    doubt = "" if is_clear else "; the difference may be chance"
    if ways := _ways(of, against):
        return f"{place}{verb.format(first, name=model_name(of))} {ways[0]}, {second} {ways[1]}{doubt}."
    return f"{place}{verb.format(first, name=named(of))}, {named(against)} {before}{second}{doubt}."


def _answered(view: ConditionResults, on: str) -> frozenset[str]:
    return frozenset(address(row) for row in rows_on(view.rows, on) if right(row) is not None)


def _price(analysis: Analysis, verdict: Verdict) -> str:
    """How many times as long the more accurate of two takes; "" where it is not clearly slower."""
    if verdict.metric != "accuracy":
        return ""
    views = {view.id: view for view in analysis.views}
    of, against = views[verdict.of], views[str(verdict.against)]
    if (verdict.of_value or 0.0) < (verdict.against_value or 0.0):
        of, against = against, of
    # Replies that run on to their limit say where that is, not how long an answer takes.
    if any(many_cut(rows_on(view.rows, verdict.on)) for view in (of, against)):
        return ""
    of_place = [replace(view, rows=rows_on(view.rows, verdict.on)) for view in (of, against)]
    ratio = analysis.pairing.latency_ratio(*of_place)
    if ratio.value is None or (ratio.low or ratio.value) <= 1:
        return ""
    times = f"{_times(ratio.value)} as long on average"
    if ways := _ways(of, against):
        return f"{ways[0][:1].upper()}{ways[0][1:]} a question takes {times}."
    return f"{named(of)} takes {times}."


def _times(ratio: float) -> str:
    # More digits would contradict the rounded seconds that stand below it.
    if ratio < 1.95:
        return f"{numbers.ratio(ratio)} times"
    return "about twice" if ratio < 2.5 else f"about {ratio:.0f} times"


def _ways(of: ConditionResults, against: ConditionResults) -> list[str]:
    """How one model was asked in either condition; empty where they are of two models, or a label does not say it."""
    name = model_name(of)
    tails = [_tail(view, name) for view in (of, against)]
    ways = [_how(tail) for tail in tails]
    # What differs in brackets alone is the same without them.
    is_told = all(tails) and len(set(ways)) == len(ways)
    return ways if name and name == model_name(against) and is_told else []


def _how(tail: str) -> str:
    tail = re.sub(r" \([^()]*\)", "", tail)
    return tail if _PREPOSITION.match(tail) else f"at {tail}" if tail[-1:].isdigit() else f"as “{tail}”"


def _values(verdict: Verdict) -> tuple[str, str]:
    if verdict.metric == "similarity":
        return numbers.percent(verdict.of_value), numbers.percent(verdict.against_value)
    first, _, second = verdict.shown.partition(" against ")
    number, _, unit = second.partition(" ")
    # A unit of several words stands behind the second number only: here it belongs to the first.
    if verdict.metric in SHOWN and unit and not first.endswith(unit):
        return f"{first} {unit}", number
    return first, second


def _ranked(analysis: Analysis) -> str:
    best, rival = analysis.ranked[0], rival_of(analysis)
    if analysis.accuracies[best.id].value is None:
        return headline(analysis).sentences[0]
    if rival is None:
        return f"{named(best)} gets {numbers.percent(analysis.accuracies[best.id].value)} right."
    pair = analysis.pair(best, rival)
    if pair.difference.value is None or pair.has_few:
        return headline(analysis).sentences[0]
    ahead, behind, _ = order(pair)
    of, who = analysis.common, analysis.common.all_answered
    first, second = (of.accuracies[view.id].value or 0.0 for view in (ahead, behind))
    if not analysis.is_comparable or first < second:
        # On what all answered, which is less, the order may be another one: the test is over what both did.
        of, who = (
            analysis.on(frozenset(ahead.means("right").keys() & behind.means("right").keys())),
            "both answered",
        )
        first, second = (of.accuracies[view.id].value or 0.0 for view in (ahead, behind))
    where = (
        ""
        if analysis.common is analysis and of.n_items == analysis.n_items
        else f"On the {numbers.plural(of.n_items, 'question')} that {who}, "
    )
    doubt = "" if pair.differs else "; no clear difference"
    said = f"{named(ahead)} gets {numbers.percent(first)} right, {named(behind)} {numbers.percent(second)}"
    return f"{where}{said}{doubt}."
