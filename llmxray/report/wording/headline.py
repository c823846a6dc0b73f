"""What an experiment found, in the terms of the question it was made for, and the numbers that show it.

A benchmark asks who is more accurate. One with rotations asks whether the place of the right option matters, one
with paraphrases whether the wording does, and a comparison whether a setting changes what is written: a ranking by
accuracy answers none of these. The front page and the experiment's own first page both open with this: `main_finding`
says it in a plain sentence or two, with at most two numbers each.
"""

from __future__ import annotations

import statistics
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from llmxray.experiment import EVERYWHERE
from llmxray.plan import PROMPTS
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionView, Corrected, asked_twice, similarity
from llmxray.report.analysis.experiment import accuracy_of
from llmxray.report.analysis.leaders import cells_above_guessing, order, rival_of
from llmxray.report.analysis.prediction_evidence import rows_on
from llmxray.report.analysis.questions import shortened
from llmxray.report.analysis.rows import address, right
from llmxray.report.links import Link
from llmxray.report.sentences import Finding, Joined
from llmxray.report.wording.asking import model_name, named, ways_of
from llmxray.report.wording.predictions import Verdict, verdicts
from llmxray.report.wording.speed import many_cut
from llmxray.report.wording.verdicts import verdict
from llmxray.scoring import OPTIONS_ONLY
from llmxray.types import LETTERS, Condition, Estimate

ONE_SEED = "deterministic-pair"
"""The variants of this preset differ in temperature, but what it asks about is the seed they share."""


type Row = tuple[str, str, Sequence[tuple[str, Estimate, str]]]
"""A condition with its colour class, or a prompt without one, and its measures: name, share, questions behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """The finding.

    Attributes:
        short: it in a plain sentence, where another way of asking is what varies.
        caption: of how many questions, in words.
        by_variant: each condition has several numbers, and how they differ is the finding.
        ranked: rows are conditions by accuracy, and the first one is the best.
        chance: level of blind guessing, None where there is none.
        link: the page that has it in full; None where that is the experiment's first page.
    """

    sentences: tuple[Finding, ...]
    short: Finding | None = None
    rows: tuple[Row, ...] = ()
    caption: str = ""
    title: str = "Correct answers"
    by_variant: bool = False
    ranked: bool = False
    chance: float | None = None
    link: Link | None = None


def headline(analysis: Analysis) -> Headline:
    """The finding of an experiment."""
    if analysis.rotated:
        return _rotated(analysis)
    if analysis.data.experiment.kind == "compare":
        return _compared(analysis) or _ranked(analysis)
    return _reworded(analysis) or _ranked(analysis)


def _of(analysis: Analysis, view: ConditionView, measures: Iterable[tuple[str, Estimate]]) -> Row:
    href = analysis.contents.questions(condition=view.id)
    return view.label, view.css, [(*measure, href) for measure in measures]


def _ranked(analysis: Analysis) -> Headline:
    of = analysis.common
    rows = tuple(
        _of(analysis, view, [("", of.accuracies[view.id])])
        for view in analysis.ranked
        if of.accuracies[view.id].value is not None
    )
    questions = numbers.plural(of.n_scored(), "question")
    which = f" {analysis.whose}" if analysis.whose else ""
    alone = "" if analysis.is_comparable else f" {analysis.unlike}"
    return Headline(
        sentences=(verdict(analysis),),
        rows=rows,
        caption=f"{questions}{which}.{alone}",
        ranked=True,
        # Where each answered other questions, no one level is that of guessing.
        chance=of.chance if analysis.is_comparable else None,
        link=analysis.contents.link("All results", "results"),
    )


def _rotated(analysis: Analysis) -> Headline:
    # Questions of one size share their places; most questions, most said.
    group = max(asked_twice.groups(analysis), key=lambda each: each.n)
    names = [f"right is {letter}" for letter in LETTERS[: group.size]]
    n = numbers.plural(group.n, "question")
    return Headline(
        sentences=position_sentences(group),
        short=_favourite_letter(group),
        rows=tuple(_of(analysis, each.view, zip(names, each.places, strict=True)) for each in group.audits),
        caption=f"{n}, each asked with its right option at every position." if group.n else "",
        title="Correct answers by the position of the right option",
        by_variant=True,
        chance=1 / group.size,
        link=analysis.contents.link("Positions in full", "robustness", "position"),
    )


def _reworded(analysis: Analysis) -> Headline | None:
    found = [suite for suite in asked_twice.paraphrased_suites(analysis) if suite.is_answered]
    if not found:
        return None
    first = found[0]
    suites = (first.first, first.second)
    one, other = map(analysis.label_of_suite, suites)
    return Headline(
        sentences=(rewording(first),),
        short=_most_reworded(first),
        rows=tuple(
            _of(analysis, each.view, [(one, each.first), (other, each.second)]) for each in first.conditions
        ),
        caption="The same questions in two wordings.",
        title="Correct answers in two wordings",
        by_variant=True,
        chance=analysis.chance_of(suites),
        link=analysis.contents.link("Paraphrases in full", "robustness", "rewording"),
    )


def _compared(analysis: Analysis) -> Headline | None:
    """Similarity of the answers to each prompt; None where nothing was repeated, or there is nothing to compare."""
    found = similarity.prompts_compared(analysis)
    if not found:
        return None
    by_seed = analysis.data.experiment.preset == ONE_SEED
    what = varied(analysis.plan.conditions)
    same, other = ("same seed", "other seeds") if by_seed else (f"same {what}", f"different {what}s")
    rows = []
    for name, each in found.items():
        href = analysis.contents.question(f"{PROMPTS}/{name}")
        within = each.all_same if by_seed else each.all_within
        rows.append((name, "", [(same, within, href), (other, each.all_between, href)]))
    finding = (
        seed_in_short(similarity.seed_effect(analysis), found.values()) if by_seed else of_settings(analysis)
    )
    return Headline(
        sentences=(finding,) if finding else (),
        short=finding if by_seed else None,
        rows=tuple(rows),
        caption="Share of their words that two answers to a prompt have in common; "
        f"{next(iter(found.values())).all_within.n} samples a {what}.",
        title="Words that two answers to a prompt share",
        link=analysis.contents.link("The answers side by side", "compare"),
        by_variant=by_seed,
    )


def _favourite_letter(group: asked_twice.PositionGroup) -> Finding:
    """The letter that a model picks most, of those whose answers depend on the position."""
    moved = [each for each, test in zip(group.audits, group.tests, strict=True) if test.is_significant]
    if not moved:
        tested = any(each.is_tested for each in group.audits)
        return Finding(f"findings.short-position-{'none' if tested else 'untested'}")
    audit = max(moved, key=_favourite)
    share, letter = _favourite(audit)
    return Finding(
        "findings.short-position", named=named(audit.view), letter=letter, share=share, even=1 / group.size
    )


def _favourite(audit: asked_twice.Audit) -> tuple[float, str]:
    return max((each.value or 0.0, letter) for each, letter in zip(audit.letters, LETTERS, strict=False))


def _most_reworded(paraphrases: asked_twice.ParaphrasedSuites) -> Finding:
    """The condition that other words change most."""
    changed = [condition for condition in paraphrases.conditions if condition.differs]
    if not changed:
        return Finding("findings.short-reworded-none")
    most = max(changed, key=lambda each: abs(each.difference.value or 0.0))
    first, second = most.first.value, most.second.value
    return Finding("findings.short-reworded", named=named(most.view), first=first, second=second)


def of_settings(analysis: Analysis) -> Finding | None:
    """Of how many prompts the setting clearly changes the answers, and of which most; None without repeats."""
    names = {
        name: shortened(item.question) for (suite, name), item in analysis.items.items() if suite == PROMPTS
    }
    what = varied(analysis.plan.conditions)
    found = similarity.prompts_compared(analysis)
    prompts = sum(suite == PROMPTS for suite, _ in analysis.items)
    which = " without a right answer" if len(found) < min(prompts, similarity.MOST_PROMPTS) else ""
    effect = similarity.setting_effect(analysis)
    if not found:
        return None
    n, of = len(found), {"what": what, "n": len(found), "which": which}
    if effect.together.p_holm is None:
        return Finding("findings.setting-few", what=what)
    if not effect.together.is_significant:
        return Finding("findings.setting-none", together=" taken together" if n > 1 else None, **of)
    clearly = effect.together.claim("clearly")
    if not effect.clear and n > 1:
        return Finding("findings.setting-together", clearly=clearly, **of)
    return Finding(
        f"findings.setting-{'all' if len(effect.clear) == n else 'some'}",
        clear=len(effect.clear),
        most=names[most_changed(effect, found)] if n > 1 else None,
        clearly=clearly,
        **of,
    )


def varied(conditions: Sequence[Condition]) -> str:
    """What the conditions of a comparison differ in: "setting", "model", or "condition" for both."""
    models = {(condition.endpoint, condition.model) for condition in conditions}
    settings = {(repr(sorted(each.sampling.items())), each.system) for each in conditions}
    return "setting" if len(models) == 1 else "model" if len(settings) == 1 else "condition"


def most_changed(effect: similarity.Effect, found: Mapping[str, similarity.Similarity]) -> str:
    """The prompt whose answers a setting clearly changes, and changes most; "" for none."""
    return max(effect.clear, key=lambda name: (found[name].setting_effect.value or 0.0, name), default="")


def seed_in_short(effect: similarity.Effect, prompts: Collection[similarity.Similarity]) -> Finding:
    """Whether answers that share a seed are more alike, over all prompts."""
    n = len(prompts)
    if not effect.together.is_significant:
        return Finding("findings.seed-none")
    how = "" if len(effect.clear) == n else "some" if effect.clear else "together"
    return Finding(
        "findings.seed",
        measurably=effect.together.claim("measurably"),
        where=Finding(f"findings.seed-{how}", clear=len(effect.clear), n=n) if how else "",
        more=statistics.fmean(prompt.seed_effect.value or 0.0 for prompt in prompts),
    )


def position_sentences(group: asked_twice.PositionGroup) -> tuple[Finding, ...]:
    """What the place of the right option does to each condition."""
    return tuple(_of_position(*each) for each in zip(group.audits, group.tests, strict=True))


def _of_position(found: asked_twice.Audit, test: Corrected) -> Finding:
    values = [place.value for place in found.places]
    known = [value for value in values if value is not None]
    if not known:
        return Finding("findings.position-silent", view=found.view)
    share, letter = _favourite(found)
    picks = Finding("findings.position-picks", letter=letter, share=share) if share else None
    if not found.is_tested:
        how = "few" if found.test.n else "none"
        return Joined(Finding(f"findings.position-{how}", view=found.view, test=found.test), picks)
    best, worst = max(known), min(known)
    said = Finding(
        f"findings.position-{'moves' if test.is_significant else 'equal'}",
        view=found.view,
        best=best,
        worst=worst,
        high=LETTERS[values.index(best)],
        low=LETTERS[values.index(worst)],
        test=found.test,
        p=None if test.p_holm is None else test.doubt,
    )
    return Joined(said, picks)


def rewording(paraphrases: asked_twice.ParaphrasedSuites) -> Finding:
    """Whether the wording makes a difference, for each condition."""
    told = [condition for condition in paraphrases.conditions if condition.differs]
    n = max((each.n for each in paraphrases.conditions), default=0)
    if not told:
        return Finding("findings.reworded-none", n=n)
    changes = list(map(_change, told))
    # Who answered no question in both wordings was not tested.
    others = [each for each in paraphrases.conditions if each.p_value is not None and not each.differs]
    rest = [other.view.label for other in others]
    return Finding("findings.reworded", n=n, changes=Joined(*changes, between="; "), rest=rest)


def _change(each: asked_twice.ParaphraseAnswers) -> Finding:
    how = "fewer" if (each.difference.value or 0.0) > 0 else "more"
    return Finding("findings.reworded-change", each=each, how=how)


# Two conditions are compared by these on the questions to which both have an answer that counts.
OF_ANSWERS = {"accuracy", "accuracy_per_second", "ece", "brier", "auroc"}


@dataclass(frozen=True, slots=True, kw_only=True)
class MainFinding:
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


def main_finding(analysis: Analysis) -> MainFinding:
    """The finding of an experiment in a sentence, and perhaps another one."""
    found = headline(analysis)
    # Where positions, wordings or seeds are what varies, they are the story.
    if found.short is not None:
        return MainFinding(sentence=found.short)
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
            more = _short_compared(analysis, right[0]) if right else None
        return MainFinding(
            sentence=_short_compared(analysis, chosen), more=more, verdict=chosen, compared=pair
        )
    if found.ranked:
        return MainFinding(sentence=_short_ranked(analysis))
    return MainFinding(sentence=found.sentences[0] if found.sentences else Finding("findings.unscored"))


def _short_compared(analysis: Analysis, verdict: Verdict) -> Finding:
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
    # A unit of several words belongs to the first number here.
    first, second = " ".join(filter(None, (verdict.of_shown, verdict.unit_shown))), verdict.against_shown
    if verdict.metric == "similarity":
        first, second = numbers.percent(verdict.of_value), numbers.percent(verdict.against_value)
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
        third=_third_way(analysis, verdict, of, against) if ways and verdict.metric == "accuracy" else None,
    )


def _third_way(
    analysis: Analysis, verdict: Verdict, of: ConditionView, against: ConditionView
) -> Finding | None:
    """What else the same model was asked, where that is better than ``against``: a gain over it alone says too much."""
    same = {
        view.id: accuracy_of(rows_on(view.rows, verdict.on), view.design).value or 0.0
        for view in analysis.views
        if view not in (of, against)
        and model_name(view) == model_name(of)
        and _answered(view, verdict.on) == _answered(of, verdict.on)
    }
    best = max(analysis.views, key=lambda view: same.get(view.id, 0.0))
    ways = ways_of(best, of)
    least = min(verdict.of_value or 0.0, verdict.against_value or 0.0)
    if not ways or 100 * same.get(best.id, 0.0) <= least:
        return None
    return Finding("findings.short-way", value=numbers.percent(same[best.id]), way=ways[0])


def _answered(view: ConditionView, on: str) -> frozenset[str]:
    return frozenset(address(row) for row in rows_on(view.rows, on) if right(row) is not None)


def _price(analysis: Analysis, verdict: Verdict) -> Finding | None:
    """How many times as long the more accurate of two takes; None where it is not clearly slower."""
    views = {view.id: view for view in analysis.views}
    of, against = views[verdict.of], views[str(verdict.against)]
    is_turned = (verdict.of_value or 0.0) < (verdict.against_value or 0.0)
    slow, quick = (against, of) if is_turned else (of, against)
    of_place = [replace(view, rows=rows_on(view.rows, verdict.on)) for view in (slow, quick)]
    ratio = analysis.latency_ratio(*of_place)
    # Replies that run on to their limit say where that is, not how long an answer takes.
    is_cut = any(many_cut(view.rows) for view in of_place)
    if is_cut or ratio.value is None or (ratio.low or ratio.value) <= 1:
        return None
    times = "about twice" if 1.9 <= round(ratio.value, 1) <= 2.1 else numbers.times(ratio.value)
    there = None if verdict.on in ("", "all") else "there"
    if ways := ways_of(slow, quick):
        return Finding(
            "findings.short-price-way", way=f"{ways[0][:1].upper()}{ways[0][1:]}", times=times, there=there
        )
    return Finding("findings.short-price", name=named(slow) if is_turned else "It", times=times, there=there)


def _short_ranked(analysis: Analysis) -> Finding:
    if all(view.condition.layout == OPTIONS_ONLY for view in analysis.views):
        return _unseen(analysis)
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
        both = frozenset(ahead.means("right").keys() & behind.means("right").keys())
        of, who = analysis.on(both), "both answered"
        first, second = (of.accuracies[view.id].value or 0.0 for view in (ahead, behind))
    is_all = analysis.common is analysis and of.n_scored() == analysis.n_scored()
    return Finding(
        "findings.short-ranked",
        n=None if is_all else of.n_scored(),
        who=who,
        ahead=named(ahead),
        first=first,
        behind=named(behind),
        second=second,
        doubt=None if pair.differs else Finding("findings.short-no-difference"),
    )


def _unseen(analysis: Analysis) -> Finding:
    """What a model most surely gets right without the question: its options alone tell it."""
    shown = [
        (test.p_holm, *key[:2])
        for key, test in cells_above_guessing(analysis).items()
        if test.family == "suite total" and test.is_significant
    ]
    if not shown:
        return Finding("findings.short-unseen-none")
    _, name, suite = min(shown)
    view = next(view for view in analysis.views if view.id == name)
    return Finding(
        "findings.short-unseen",
        name=model_name(view) or view.label,
        value=accuracy_of(view.of(suite=suite), view.design).value,
        suite=analysis.label_of_suite(suite),
        chance=analysis.chance_of((suite,)),
    )
