"""Which one for my use case? Hard limits first, then weights for accuracy, calibration, speed and price."""

from __future__ import annotations

import math
from functools import partial
from itertools import compress

import numpy as np

from llmxray.report import numbers
from llmxray.report.analysis import Analysis
from llmxray.report.files.shards import write_data
from llmxray.report.pages.choose.scores import (
    CRITERIA,
    PROFILES,
    Profile,
    Scores,
    candidates,
    ranking,
)
from llmxray.report.sentences import Finding
from llmxray.report.widgets.frame import Values, framed
from llmxray.report.widgets.render import Output
from llmxray.report.widgets.table import ColumnHead, Table, of_conditions, share_cell, value_cell
from llmxray.report.widgets.timed import Axis, points
from llmxray.types import Json

# Below this share of redrawn question sets a first place is too close to call.
FIRM = 0.95
_OUTCOMES = ("none", "unscored", "alone", "incomplete", "equal", "leads", "close")
_PHRASES = (
    *_OUTCOMES,
    *(f"card-{kind}" for kind in _OUTCOMES),
    *("own", "redrawn", "redrawn-close", "redrawn-equal", "unranked", "mixed"),
)
_VALUES = ("where", "first", "names", "points", "other", "share", "n")


def write(renderer: Output, analysis: Analysis) -> None:
    """Write the page and the scores its form ranks by."""
    scores = Scores(candidates(analysis))
    name = analysis.data.name
    data = write_data(renderer, name, "choose", _data(scores))
    renderer.page(f"{name}/choose.html", "pages/choose/page.html", make(analysis, scores), data=data)


def make(analysis: Analysis, scores: Scores) -> Values:
    """The choose page of an experiment."""
    of, outcomes = scores.analysis, {profile.id: outcome(scores, profile) for profile in PROFILES}
    suites = [of.label_of_suite(suite) for suite in of.suites]
    return framed(
        analysis.data,
        "choose",
        "Choose",
        kicker=Finding(
            "choose.kicker",
            title=analysis.data.title,
            questions=of.answered_questions if analysis.unlike else numbers.plural(of.n_items, "question"),
            suites=numbers.listed(suites) if len(suites) < len(analysis.suites) else "",
        ),
        headline=outcomes[_opening(scores)]
        if of.is_comparable
        else Finding("choose.apart", few=of.few_shared),
        is_ranked=of.is_comparable,
        opens=_opening(scores),
        profiles=[
            Values(
                id=profile.id,
                title=profile.title,
                why=profile.why,
                required=Finding(
                    "choose.required",
                    seconds=f"{profile.seconds:g}",
                    least=profile.least,
                    error="" if profile.error is None else f"{100 * profile.error:.0f}",
                ),
                outcome=Finding(f"choose.card-{found.kind[7:]}", **found.values),
            )
            for profile in PROFILES
            for found in (outcomes[profile.id],)
        ],
        ways=[(way, Finding(f"ways.says-{way}")) for way in scores.ways],
        way=scores.way,
        figures=[(way, figure) for way in (*scores.ways, "") if (figure := _figure(scores, way))],
        criteria=[CRITERIA[place] for place in scores.criteria],
        timed=any(option.seconds is not None for option in scores.options),
        # Where prices are in two currencies, no limit can be set on them.
        currency=scores.currency,
        cost=_cost(scores),
        links=analysis.contents.links(
            ("What a threshold of confidence would refuse", "calibration", "thresholds"),
            ("Cards for a committee that argues it out", "committee", ""),
        ),
        scores=_scores(scores),
        notes=_notes(scores),
    )


def _opening(scores: Scores) -> str:
    # A page that opens on "none is fit" shows nothing of what it can do; one with rivals shows most.
    return max(PROFILES, key=lambda each: _OUTCOMES.index(outcome(scores, each).kind[7:]) // 2).id


def outcome(scores: Scores, profile: Profile) -> Finding:
    """Who comes first for a use, among those that are asked in the usual way."""
    ranked, names = ranking(scores, profile), scores.names(scores.way)
    listed = [each for each in ranked if each.score is not None]
    where = str(Finding("choose.for", use=profile.use))
    if not listed:
        return Finding(f"choose.{'unscored' if ranked else 'none'}", where=where)
    first = [each for each in listed if math.isclose(each.score or 0, listed[0].score or 0, abs_tol=1e-9)]
    wins = sum(each.wins or 0.0 for each in first)
    if len(listed) == 1:
        kind = "alone" if len(ranked) == 1 else "incomplete"
    elif len(first) > 1:
        kind = "equal"
    else:
        kind = "leads" if wins >= FIRM else "close"
    points = [f"{100 * (each.score or 0.0):.0f}" for each in listed]
    return Finding(
        f"choose.{kind}",
        where=where,
        first=names[listed[0].option.view.id][1],
        names=numbers.listed([names[each.option.view.id][1] for each in first]),
        points=points[0],
        other=points[min(1, len(points) - 1)],
        share=numbers.percent(wins),
    )


def _figure(scores: Scores, way: str) -> Values | None:
    """Accuracy against the time of nine answers in ten; None where nothing was timed."""
    names = scores.names(way)
    options = [
        option
        for place in scores.places(way)
        if (option := scores.options[place]).asked and option.seconds is not None
    ]
    if not options:
        return None
    limit = next(each.seconds for each in PROFILES if each.id == _opening(scores))
    axis = Axis((limit, *(option.seconds or 0.0 for option in options)))
    dots = [
        (option.seconds or 0.0, option.accuracy, names[option.view.id][0], option.view.label)
        for option in options
    ]
    return Values(
        low=axis.low,
        high=axis.high,
        ticks=axis.ticks,
        axis="90% of answers within this time, log scale →",
        chance=scores.analysis.chance,
        points=[
            (option.view.id, option.view.css, names[option.view.id][0], point)
            for option, point in zip(options, points(axis, dots), strict=True)
        ],
    )


def _cost(scores: Scores) -> Finding | None:
    """The cheapest and the dearest of those that were asked in the usual way; None without prices to compare."""
    names, asked = scores.names(scores.way), [scores.options[place] for place in scores.places(scores.way)]
    costs = sorted(
        (option.cost.thousand, names[option.view.id][1])
        for option in asked
        if option.cost.thousand is not None
    )
    if len(costs) < 2 or not scores.currency:
        return None
    (least, cheapest), (most, dearest) = costs[0], costs[-1]
    return Finding(
        "choose.cost",
        least=numbers.priced(least, scores.currency),
        cheapest=cheapest,
        most=numbers.priced(most, scores.currency),
        dearest=dearest,
        assumption=asked[0].cost.assumption,
    )


def _scores(scores: Scores) -> Table:
    options = [option for option in scores.options if option.asked] or scores.options
    seconds = numbers.in_one_unit(numbers.seconds, *(option.seconds for option in options))
    money = partial(numbers.priced, currency=scores.currency)
    rows = [
        [
            *map(share_cell, option.scores),
            share_cell(option.accuracy, chance=scores.analysis.chance),
            share_cell(option.error),
            value_cell(option.seconds, seconds),
            value_cell(option.cost.tokens, partial(numbers.decimal, digits=0)),
            value_cell(option.cost.thousand if scores.currency else None, money),
        ]
        for option in options
    ]
    weighed = ("above guessing", "times discrimination", "fastest's time ÷ own", "cheapest's price ÷ own")
    heads = [
        *(
            ColumnHead(text=f"{name} score", small=small, anchor="weighted-choice")
            for name, small in zip(CRITERIA, weighed, strict=True)
        ),
        ColumnHead(text="accuracy", small="right of all", anchor="accuracy"),
        ColumnHead(text="ECE-15", small="lower is closer", anchor="ece-15"),
        ColumnHead(text="90th percentile", small="time of an answer"),
        ColumnHead(text="tokens", small="a question, in and out"),
        ColumnHead(text="cost", small="1 000 questions", anchor="cost"),
    ]
    shown = [not all(cell.missing for cell in cells) for cells in zip(*rows, strict=True)]
    lines = [(option.view, [*compress(cells, shown)]) for option, cells in zip(options, rows, strict=True)]
    return of_conditions("", [*compress(heads, shown)], lines, sortable=True)


def _notes(scores: Scores) -> tuple[Finding, ...]:
    asked = [option for option in scores.options if option.asked]
    missing = [name for place, name in enumerate(CRITERIA[:3]) if place not in scores.criteria]
    notes = [Finding("choose.no-scores", names=numbers.listed(missing))] if missing else []
    blank = [option for option in asked if option.scores[1].value is None] if 1 in scores.criteria else []
    if blank:
        notes.append(Finding("choose.no-calibration", names=[each.view.label for each in blank]))
    unpriced = [option.view.label for option in asked if option.cost.thousand is None]
    if unpriced and scores.currency:
        notes.append(Finding("choose.no-price", names=unpriced))
    return tuple(notes)


def _data(scores: Scores) -> Json:
    names = {way: scores.names(way) for way in (*scores.ways, "")}
    criteria = scores.criteria
    return {
        "criteria": [CRITERIA[place] for place in criteria],
        "firm": FIRM,
        "way": scores.way,
        "opens": _opening(scores),
        "phrases": {
            kind: str(Finding(f"choose.{kind}", **{name: f"{{{name}}}" for name in _VALUES}))
            for kind in _PHRASES
        },
        "options": [
            {
                "id": option.view.id,
                "css": option.view.css,
                "kind": option.kind,
                "names": {way: list(of[option.view.id]) for way, of in names.items() if option.view.id in of},
                "scores": [
                    None if value is None else round(1000 * value)
                    for value in (option.scores[place].value for place in criteria)
                ],
                # JSON has no NaN: a criterion that was not recorded is null.
                "draws": [
                    None if np.isnan(row).any() else [int(value) for value in row]
                    for row in draws[[*criteria]]
                ],
                "seconds": option.seconds,
                "cost": option.cost.thousand,
                "asked": option.asked,
                "beats": option.beats_guessing,
                # The ends that requirements are held against, in per cent.
                "least": None if option.accuracy.low is None else 100 * option.accuracy.low,
                "error": None if option.error.high is None else 100 * option.error.high,
            }
            for option, draws in zip(scores.options, scores.draws, strict=True)
        ],
        "profiles": {
            each.id: {
                "where": str(Finding("choose.for", use=each.use)),
                "weights": [each.weights[place] for place in criteria],
                "seconds": each.seconds,
                "least": round(100 * each.least),
                "error": None if each.error is None else round(100 * each.error),
            }
            for each in PROFILES
        },
    }
