"""What opens an experiment, on its own page and on its card: a badge for each verdict, and one picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from llmxray.experiment import CHANCE, DIFFERENCES, EVERYWHERE, PERCENT, POSITION
from llmxray.plan import PROMPTS
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionView, accuracy_of, address, median_of
from llmxray.report.analysis.costs import cost_of
from llmxray.report.analysis.prediction_evidence import metric_of, rows_on
from llmxray.report.widgets.bars import Bars, bars
from llmxray.report.widgets.frame import TemplateValues
from llmxray.report.wording.asking import named
from llmxray.report.wording.headline import OF_ANSWERS, Headline, main_finding
from llmxray.report.wording.predictions import METRICS, SHOWN, Verdict, verdicts
from llmxray.types import Estimate

_LONGEST_BESIDE = 20
_UP_TO_ONE = ("brier", "auroc", "similarity")
_CSS = {"held": "held", "did not hold": "failed"}


def badge(analysis: Analysis, verdict: Verdict) -> TemplateValues:
    """What became of a prediction.

    ``css`` is ``held``, ``failed`` or ``open``; ``shown`` the two numbers that are compared, "" without evidence;
    ``where`` what was asked; ``note`` the margin that the claim leaves out, and that it was added later, dropped, or
    worded otherwise.
    """
    how = "within" if verdict.direction == "same_as" else "by more than"
    notes = (
        # Without it "less alike" could not be told from "less alike by 0.1", which is what the verdict is about.
        verdict.margin_shown and f"{how} {verdict.margin_shown}",
        "added after recording" if verdict.added_after else "",
        "no longer in the file" if verdict.dropped else "",
        verdict.stated_claim and f"tested as before recording, when it read “{verdict.stated_claim}”",
    )
    return TemplateValues(
        verdict=verdict,
        css=_CSS.get(verdict.outcome, "open"),
        shown=_shown(verdict) if verdict.shown else "",
        where=_where(analysis, verdict) if verdict.shown else "",
        note=", ".join(filter(None, notes)),
    )


def _shown(verdict: Verdict) -> str:
    """Both numbers with what they measure: "10% correct against 71%", "82% correct, predicted: above 80%"."""
    words = METRICS[verdict.metric]
    before, after = (words.get(name, "") for name in ("before", "after"))
    if not verdict.against_shown:
        return f"{before}{verdict.shown}{after}"
    unit = f" {verdict.unit_shown}" if verdict.unit_shown else ""
    if isinstance(verdict.against, str):
        by = " by guessing" if verdict.against == CHANCE else ""
        return f"{before}{verdict.of_shown}{after} against {verdict.against_shown}{unit}{by}"
    direction = verdict.direction.replace("_", " ")
    return f"{before}{verdict.of_shown}{after}, predicted: {direction} {verdict.against_shown}{unit}"


def _where(analysis: Analysis, verdict: Verdict) -> str:
    """Of whom, and what was asked: "All suites, 154 questions". Two verdicts may be of different questions."""
    views = {view.id: named(view) for view in analysis.views}
    who = " against ".join(views[name] for name in (verdict.of, verdict.against) if name in views)
    suites = [name for name in analysis.plan.suites if name != PROMPTS]
    place = ""
    if len(suites) > 1 and verdict.on in (EVERYWHERE, POSITION):
        place = "All suites"
    # Prompts beside a suite may be scored as well: another page has both together.
    elif len(analysis.plan.suites) > 1 and verdict.on not in (PROMPTS, EVERYWHERE, POSITION):
        place = analysis.label_of_suite(verdict.on) if verdict.on in suites else verdict.on
    prompts = verdict.on == PROMPTS or not suites or verdict.metric == "same_seed"
    one = "prompt" if prompts else analysis.design.unit_name
    # Rotations of a question are averaged, and a claim may speak of each position.
    mean = verdict.extreme or ("mean over the positions of the right option" if analysis.rotated else "")
    return f"{who}: " + ", ".join(
        filter(None, (place, numbers.plural(verdict.n, one) if verdict.n else "", mean))
    )


def leading(analysis: Analysis) -> Verdict | None:
    """The verdict that an experiment opens with, on its own page and on its card; None without any.

    The one that the finding is about, so that sentence, badge and picture agree; else the first with evidence. Never
    one that was chosen by its outcome.
    """
    judged = verdicts(analysis)
    first = next((each for each in judged if each.shown), judged[0] if judged else None)
    return main_finding(analysis).verdict or first


def picture(analysis: Analysis, found: Headline) -> Bars | None:
    """The picture: what the leading verdict is about, or the headline's own numbers; None where there are none."""
    lead = leading(analysis)
    # Where the headline has several numbers a condition (positions, wordings), they are the story.
    is_shown = lead is not None and lead.shown and not (found.rows and found.by_variant)
    if lead and is_shown and (made := _of_prediction(analysis, lead)) is not None:
        return made
    options = options_of(analysis, analysis.suites)
    made = bars(found.title, found.caption, found.rows, chance=found.chance, options=options)
    return made if found.rows else None


def _of_prediction(analysis: Analysis, verdict: Verdict) -> Bars | None:
    metric = verdict.metric
    # Bars begin at 0, and a bar of the weakest position would be taken for the mean.
    if metric in DIFFERENCES or verdict.on == POSITION:
        return None
    of = _on_the_same(analysis, verdict)
    values = [(view, metric_of(of, view, metric, verdict.on)) for view in of.views]
    ends = [end for _, each in values for end in (each.value, each.high) if end is not None]
    share = metric in PERCENT or metric in _UP_TO_ONE
    suite = verdict.on if verdict.on in analysis.plan.suites and verdict.on != PROMPTS else ""
    n = max((each.n for _, each in values), default=0)
    chance = None
    if metric == "accuracy":
        chance = of.chance_of((suite,)) if suite else of.chance if verdict.on == EVERYWHERE else None
    place = analysis.label_of_suite(verdict.on) if verdict.on in analysis.plan.suites else verdict.on
    asked = numbers.plural(n, "prompt" if verdict.on == PROMPTS else "question")
    asked += f" that {of.all_answered}" if of is not analysis else ""
    return bars(
        METRICS[metric]["title"] + (f" on {place}" if verdict.on not in (EVERYWHERE, PROMPTS) else ""),
        f"{asked}.",
        [
            (view.label, view.css, [("", each, analysis.contents.questions(condition=view.id, suite=suite))])
            for view, each in values
        ],
        # A share of words, as the sentence about it says.
        shown=numbers.percent if metric == "similarity" else numbers.in_one_unit(SHOWN[metric], *ends),
        top=1.0 if share else max(ends, default=1.0),
        chance=chance,
        options=options_of(analysis, [suite] if suite else analysis.suites),
    )


def _on_the_same(analysis: Analysis, verdict: Verdict) -> Analysis:
    """The questions of a verdict that all answered, where it compares two conditions by their answers; else all."""
    if verdict.metric not in OF_ANSWERS or verdict.against not in {view.id for view in analysis.views}:
        return analysis
    if not analysis.unlike or verdict.on == EVERYWHERE:
        return analysis.common
    there = frozenset(address(row) for view in analysis.views for row in rows_on(view.rows, verdict.on))
    found = analysis.on(there)
    return found.common if found.unlike else analysis


# More conditions make no picture that is read at a glance; they stand in the table of results.
MOST_CONDITIONS = 8


def dots(analysis: Analysis) -> TemplateValues | None:
    """The chart; None of too many conditions, and where they cannot be compared."""
    views = [view for view in analysis.ranked if analysis.common.accuracies[view.id].value is not None]
    if not 0 < len(views) <= MOST_CONDITIONS or not analysis.is_comparable:
        return None
    of = analysis.common
    common = {view.id: view for view in of.views}
    times = {view.id: median_of(common[view.id], "latency_s").value for view in views}
    longest = max((each for each in times.values() if each), default=0.0)
    costs = [cost_of(analysis, view) for view in views]
    is_priced = (
        all(each.thousand is not None for each in costs) and len({each.currency for each in costs}) == 1
    )
    whole = TemplateValues(
        label=f"All {numbers.plural(of.n_scored(), 'question')}",
        small=str(analysis.whose or ""),
        chance=of.chance,
        rows=tuple(
            _row(
                analysis,
                view,
                of.accuracies[view.id],
                times[view.id],
                longest,
                money=numbers.priced(cost.thousand, cost.currency) if is_priced else "",
            )
            for view, cost in zip(views, costs, strict=True)
        ),
    )
    groups = [whole]
    if len(analysis.suites) > 1:
        shown = [common[view.id] for view in views]
        suites = [_suite(analysis, of, shown, suite, longest) for suite in of.suites]
        # The easiest first.
        groups += sorted(
            suites, key=lambda suite: -max((row.found.value or 0.0 for row in suite.rows), default=0.0)
        )
    return TemplateValues(
        groups=groups,
        timed=all(each is not None for each in times.values()),
        priced=is_priced,
        # Beside a dot far to the right, longer names would run into the times.
        named_above=any(len(row.view.label) > _LONGEST_BESIDE for row in whole.rows),
        assumption=costs[0].assumption if is_priced else "",
        # Among so many one guesses, where one does.
        options=""
        if all(group.chance is None for group in groups)
        else options_of(analysis, analysis.suites),
    )


def _suite(
    analysis: Analysis, of: Analysis, views: Sequence[ConditionView], suite: str, longest: float
) -> TemplateValues:
    rows = []
    for view in views:
        own = replace(view, rows=view.of(suite=suite))
        if own.rows:
            seconds = median_of(own, "latency_s").value
            rows.append(_row(analysis, view, accuracy_of(own.rows, of.design), seconds, longest, suite=suite))
    n = of.n_scored(suite)
    return TemplateValues(
        label=analysis.label_of_suite(suite),
        small=numbers.plural(n, "question"),
        chance=of.chance_of((suite,)),
        rows=tuple(rows),
    )


def _row(
    analysis: Analysis,
    view: ConditionView,
    found: Estimate,
    seconds: float | None,
    longest: float,
    *,
    suite: str = "",
    money: str = "",
) -> TemplateValues:
    # Suites differ in length: one that takes longer than all together is cut at the edge.
    share = min(1.0, 0.8 * (seconds or 0.0) / longest) if longest else 0.0
    return TemplateValues(
        view=view,
        found=found,
        seconds=numbers.seconds(seconds, longest),
        time=share,
        money=money,
        href=analysis.contents.questions(condition=view.id, suite=suite),
    )


def options_of(analysis: Analysis, suites: Sequence[str]) -> str:
    """How many options the questions of these suites have: "4", "2 to 10"; "" where they have none."""
    sizes = {len(item.choices) for (suite, _), item in analysis.items.items() if suite in suites} - {0}
    return " to ".join(str(each) for each in sorted({min(sizes), max(sizes)})) if sizes else ""
