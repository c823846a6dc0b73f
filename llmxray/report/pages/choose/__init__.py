"""Which one for my use case? Hard limits first, then weights for accuracy, calibration, speed and price."""

from __future__ import annotations

from functools import partial
from itertools import compress

import numpy as np

from llmxray.report import numbers
from llmxray.report.analysis import Analysis
from llmxray.report.files.shards import write_data
from llmxray.report.pages.choose.scores import CRITERIA, Scores, candidates
from llmxray.report.sentences import Finding
from llmxray.report.widgets.frame import TemplateValues, framed
from llmxray.report.widgets.render import Output
from llmxray.report.widgets.table import ColumnHead, Table, of_conditions, share_cell, value_cell
from llmxray.report.widgets.timed import Axis, points
from llmxray.report.wording import tables
from llmxray.report.wording.speed import load_warning, stall_warning
from llmxray.types import Json

# Below this share of redrawn question sets a first place is too close to call.
FIRM = 0.95
USES = tables("uses")
# What the page's script says, with values that it fills in.
_PHRASES = (
    *("none", "unscored", "alone", "incomplete", "equal", "leads", "close"),
    *("own", "redrawn", "unranked", "mixed"),
)
_VALUES = ("first", "names", "points", "other", "share", "n")


def write(renderer: Output, analysis: Analysis) -> None:
    """Write the page and the scores its form ranks by."""
    scores = Scores(candidates(analysis))
    name = analysis.data.name
    data = write_data(renderer, name, "choose", _data(scores))
    renderer.page(f"{name}/choose.html", "pages/choose/page.html", make(analysis, scores), data=data)


def make(analysis: Analysis, scores: Scores) -> TemplateValues:
    """The choose page of an experiment."""
    of = scores.analysis
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
        # Who comes first is for the script to say, which knows the use.
        headline=_most_right(scores, scores.way)
        if of.is_comparable
        else Finding("choose.apart", few=of.few_shared),
        is_ranked=of.is_comparable,
        uses=[
            (
                id_,
                use,
                Finding(
                    "choose.required",
                    seconds=f"{use['seconds']:g}",
                    least=use["least"],
                    error=f"{100 * use['error']:.0f}" if "error" in use else "",
                ),
            )
            for id_, use in USES.items()
        ],
        ways=[(way, Finding(f"ways.says-{way}")) for way in scores.ways],
        way=scores.way,
        busy=load_warning(analysis) or stall_warning(analysis),
        figures=[(way, figure) for way in (*scores.ways, "either") if (figure := _figure(scores, way))],
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


def _most_right(scores: Scores, way: str) -> Finding:
    """Who of those asked in a way is right most often, where tests show it, and who is quickest."""
    names = scores.names(way)
    options = [option for place in scores.places(way) if (option := scores.options[place]).asked]
    if not options:
        return Finding("choose.unanswered")
    best, *others = sorted(options, key=lambda option: -(option.accuracy.value or 0.0))
    timed = [option for option in options if option.seconds]
    quick = min(timed, key=lambda option: option.seconds or 0.0, default=None)
    leads = all(scores.analysis.pair(best.view, other.view).differs for other in others)
    return Finding(
        "choose.most-right" if leads else "choose.open",
        best=names[best.view.id][1],
        share=best.accuracy.value,
        quick=names[quick.view.id][1] if quick not in (None, best) else None,
    )


def _figure(scores: Scores, way: str) -> TemplateValues | None:
    """Accuracy against the time of nine answers in ten; None where nothing was timed."""
    names = scores.names(way)
    options = [
        option
        for place in scores.places(way)
        if (option := scores.options[place]).asked and option.seconds is not None
    ]
    if not options:
        return None
    axis = Axis(option.seconds or 0.0 for option in options)
    dots = [
        (option.seconds or 0.0, option.accuracy, names[option.view.id][0], option.view.label)
        for option in options
    ]
    return TemplateValues(
        title=_most_right(scores, way),
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
    names = {way: scores.names(way) for way in (*scores.ways, "either")}
    criteria = scores.criteria
    return {
        "criteria": [CRITERIA[place] for place in criteria],
        "firm": FIRM,
        "way": scores.way,
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
        # As the fields of the form are named and filled.
        "uses": {
            id_: {
                **dict(zip(CRITERIA, use["weights"], strict=True)),
                "where": use["where"],
                "seconds": use["seconds"],
                "least": round(100 * use["least"]),
                "error": round(100 * use["error"]) if "error" in use else "",
            }
            for id_, use in USES.items()
        },
    }
