"""Playback: the whole run, which can be emptied and filled again in recorded time, and one answer as it was written."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionView, Pair, accuracy_of, mean_latency
from llmxray.report.analysis.leaders import order
from llmxray.report.analysis.questions import CODES, Question, labels, opening, questions_of
from llmxray.report.files import playback_data
from llmxray.report.sentences import Finding, Joined
from llmxray.report.widgets.frame import TemplateValues, framed
from llmxray.report.widgets.render import Output
from llmxray.report.wording.headline import main_finding
from llmxray.report.wording.speed import cut_warning, load_warning, stall_warning, time_sentences
from llmxray.report.wording.verdicts import compared
from llmxray.types import UNCOUNTED, Json, Outcome, Row

# Above it a row is a bar: a hundred thousand marks would be neither drawn quickly nor read.
MOST_MARKS = 6_000
# A run is over in about so many seconds, at one of these speeds.
_SECONDS = 15
_SPEEDS = (1, 3, 10, 30, 60, 100, 300, 1_000, 3_000, 10_000)
_UNCOUNTED = {CODES[each] for each in UNCOUNTED}


class _Lane(NamedTuple):
    """The answers of one condition to one group of questions: letters of outcomes, and when they were there."""

    view: ConditionView
    rows: list[Row]
    times: list[int]

    @property
    def codes(self) -> str:
        return "".join(CODES[row.outcome] for row in self.rows)


def write(renderer: Output, analysis: Analysis) -> None:
    """Write the page and its data files."""
    groups = _run(analysis)
    rows: list[Json] = [
        [
            [now - before for before, now in pairwise((0, *lane.times))],
            lane.codes,
            analysis.ranked.index(lane.view),
        ]
        for lanes in groups.values()
        for lane in lanes
    ]
    first = opening(analysis)
    asked = sorted(questions_of(analysis), key=lambda each: each.address != first)
    index, playable = playback_data.write(renderer, analysis, asked, rows)
    page = make(analysis, groups, index, playable)
    renderer.page(f"{analysis.data.name}/playback.html", "pages/playback/page.html", page)


def make(
    analysis: Analysis, groups: dict[str, list[_Lane]], index: str, playable: Sequence[Question]
) -> TemplateValues:
    """The page, with everything as it was at the end.

    Args:
        index, playable: what `playback_data.write` returned.
    """
    lanes = [lane for group in groups.values() for lane in group]
    headline, times = _headline(analysis)
    end = max((lane.times[-1] for lane in lanes), default=0)
    fit = next((speed for speed in _SPEEDS if end <= 1000 * _SECONDS * speed), _SPEEDS[-1])
    return framed(
        analysis.data,
        "playback",
        "Playback",
        index=index,
        headline=headline,
        times=times,
        slow=load_warning(analysis) or stall_warning(analysis) or cut_warning(analysis),
        said=Finding(
            "playback.said",
            overlap=Finding("playback.overlap")
            if any(row.concurrency > 1 for view in analysis.views for row in view.rows)
            else None,
        ),
        heads=[_head(view, [lane for lane in lanes if lane.view is view]) for view in analysis.ranked],
        groups=[(name, [_shown(analysis, lane) for lane in group]) for name, group in groups.items()],
        outcomes={code for lane in lanes for code in lane.codes},
        drawn=sum(len(lane.rows) for lane in lanes) <= MOST_MARKS,
        speeds=[each for each in _SPEEDS if each <= 5 * fit],
        fit=fit,
        questions=playable,
        n=len(questions_of(analysis)),
        most=playback_data.MOST_QUESTIONS,
        fewest=playback_data.FEWEST_PIECES,
        views=analysis.ranked,
    )


def _run(analysis: Analysis) -> dict[str, list[_Lane]]:
    """By suite, or by category of a single one, the answers of each condition, asked one after the other."""
    several = len({row.suite for row in analysis.data.results.rows}) > 1
    groups: dict[str, dict[str, _Lane]] = {}
    for view in analysis.ranked:
        now = 0
        for row in view.rows:
            if row.outcome is Outcome.ERROR or row.latency_s is None:
                continue
            now += round(1000 * row.latency_s)
            # Two suites may have a category of one name.
            name = ("" if several else row.category) or analysis.label_of_suite(row.suite)
            lane = groups.setdefault(name, {}).setdefault(view.id, _Lane(view, [], []))
            lane.rows.append(row)
            lane.times.append(now)
    return {name: list(lanes.values()) for name, lanes in groups.items()}


def _head(view: ConditionView, lanes: Sequence[_Lane]) -> TemplateValues:
    every = "".join(lane.codes for lane in lanes)
    ms = max((lane.times[-1] for lane in lanes), default=0)
    scored = sum(code not in _UNCOUNTED for code in every)
    return TemplateValues(
        view=view,
        right=every.count("c") if scored else len(every),
        of=f"right of {numbers.count(scored)}" if scored else "answers",
        share=every.count("c") / scored if scored else 1.0,
        time=_clock(ms),
    )


def _shown(analysis: Analysis, lane: _Lane) -> TemplateValues:
    suites = {row.suite for row in lane.rows}
    categories = {row.category for row in lane.rows}
    share = accuracy_of(lane.rows, analysis.design).value
    conditions = analysis.plan.conditions
    return TemplateValues(
        view=lane.view,
        label=labels(conditions)[conditions.index(lane.view.condition)],
        codes=lane.codes,
        share=share,
        text=numbers.count(len(lane.rows)) if share is None else numbers.percent(share),
        href=analysis.contents.questions(
            suite=suites.pop() if len(suites) == 1 else "",
            category=categories.pop() if len(categories) == 1 else "",
            condition=lane.view.id,
        ),
    )


def _clock(ms: float) -> str:
    """As page.js writes it."""
    minutes, seconds = divmod(int(ms / 1000), 60)
    return f"{minutes}:{seconds:02} min" if minutes else f"{ms / 1000:.1f} s"


def _headline(analysis: Analysis) -> tuple[Finding, Finding | None]:
    """Which is right more often of the two that the experiment compares, or of the best and the worst; and the times.

    Where nothing is scored, the times alone.
    """
    views = [view for view in analysis.ranked if mean_latency(view) is not None]
    if len(views) < 2:
        view = views[0] if views else analysis.views[0]
        right = sum(row.outcome is Outcome.CORRECT for row in view.rows)
        time = _clock(1000 * sum(row.latency_s or 0.0 for row in view.rows))
        return Finding("playback.alone", view=view, n=len(view.rows), time=time, right=right or None), None
    in_question = main_finding(analysis).compared
    two = [view for view in views if view.id in in_question]
    a, z = two if len(two) == 2 else (views[0], views[-1])
    pair, times = analysis.pair(a, z), Joined(*time_sentences(analysis, a, z)[:1])
    if pair.difference.value is None and times.parts:
        return times, None
    said = compared(analysis, pair)
    both = _both(analysis, pair, said)
    return (both, None) if both else (said, times)


def _both(analysis: Analysis, pair: Pair, said: Finding) -> Finding | None:
    """How many times as long, and as often right, as far as tests show it; None where they show neither."""
    first, second, _ = order(pair)
    time, hits = analysis.latency_ratio(first, second), [view.means("right") for view in (first, second)]
    more, less = (sum(each[item] for item in hits[0] if item in hits[1]) for each in hits)
    way = "slower" if (time.low or 0.0) > 1 else "faster" if 0 < (time.high or 0.0) < 1 else ""
    if not (less and way and time.value and "first" in said.values):
        return None
    slow, fast = (said.values[each] for each in ("first", "second")[:: 1 if way == "slower" else -1])
    kind, ratio = way if pair.differs else "open", max(time.value, 1 / time.value)
    return Finding(f"playback.{kind}", slow=slow, fast=fast, time=ratio, right=more / less)
