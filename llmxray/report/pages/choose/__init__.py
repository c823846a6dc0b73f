"""Which one for my use case? Hard limits first, then weights for accuracy, calibration and speed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import compress

import numpy as np

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, confidence
from llmxray.report.files.shards import write_data
from llmxray.report.pages.choose.scores import CRITERIA, PROFILES, Option, Ranked, Scores, ranking
from llmxray.report.widgets.frame import Values, framed
from llmxray.report.widgets.render import Output
from llmxray.report.widgets.table import Cell, ColumnHead, Table, of_conditions, share_cell, value_cell
from llmxray.types import Estimate, Json

# Below this share of redrawn question sets a first place is no more than a lead.
FIRM = 0.95
_LIMITED = ("tokens", "context", "cost")
_MIXED = "Calibration is weighed here although the confidences differ in kind."


def write(renderer: Output, analysis: Analysis) -> None:
    """Write the page and the scores its form ranks by."""
    scores = Scores(analysis.common)
    name = analysis.data.name
    data = write_data(renderer, name, "choose", _data(scores))
    renderer.page(f"{name}/choose.html", "pages/choose/page.html", make(analysis, scores), data=data)


def make(analysis: Analysis, scores: Scores) -> Values:
    """The choose page of an experiment."""
    currencies = _currencies(scores)
    return framed(
        analysis.data,
        "choose",
        "Choose",
        lede=_lede(scores),
        profiles=PROFILES,
        scores=_scores(scores),
        notes=(*_basis(analysis, scores), *_notes(scores)),
        # Where prices are in two currencies, no limit can be set on them.
        priced=currencies.pop() if len(currencies) == 1 else "",
        has=dict(zip(_LIMITED, _telling(scores.options), strict=True)),
        # Of confidences that differ in kind the scores of calibration do, and they are weighed nevertheless.
        unlike=_unlike(scores),
        # For a use that none is fit for.
        unsure=analysis.contents.link("Answer only when sure", "calibration", "thresholds"),
    )


def _unlike(scores: Scores) -> str:
    """That the confidences that are weighed against one another differ in kind; "" where they do not."""
    return confidence.differ_in_kind([option.view for option in scores.options if option.asked])


def _currencies(scores: Scores) -> set[str]:
    return {option.cost.currency for option in scores.options if option.cost.currency}


def _leaders(ranked: Sequence[Ranked]) -> tuple[Ranked, ...]:
    """Who comes first, several of them where equal; none where nobody is fit and has all scores that are weighed."""
    scored = [each for each in ranked if each.score is not None and each.wins is not None]
    # The first of the ranking may have no score; then all have none.
    return tuple(
        each for each in scored if math.isclose(each.score or 0.0, scored[0].score or 0.0, abs_tol=1e-9)
    )


def _lede(scores: Scores) -> str:
    if not scores.analysis.is_comparable:
        return f"{scores.analysis.few_shared}, so none of them comes first."
    rankings = {profile.use: ranking(scores, profile) for profile in PROFILES}
    leaders = {use: found for use, ranked in rankings.items() if (found := _leaders(ranked))}
    # Who comes first, and for what: of equals all, and then they come first together.
    uses: dict[tuple[str, str], list[str]] = {}
    for use, found in leaders.items():
        names = numbers.listed([each.option.view.label for each in found])
        uses.setdefault((names, "comes first" if len(found) == 1 else "are equal and come first"), []).append(
            use
        )
    unfit = [use for use, ranked in rankings.items() if not ranked]
    unscored = [use for use, ranked in rankings.items() if ranked and use not in leaders]
    if len(unfit) == len(rankings):
        return "None of these conditions is fit for any of these uses; the form says what each lacks."
    parts = [f"{name} {first} for {numbers.listed(each)}" for (name, first), each in uses.items()]
    if len(uses) == 1 and not unfit and not unscored:
        parts = [f"{' '.join(next(iter(uses)))} in all three use cases"]
    elif len(uses) > 1:
        parts = [
            "There is no best model, only one for a use: "
            + "; ".join(f"{name} for {numbers.listed(each)}" for (name, _), each in uses.items())
        ]
    if unfit:
        parts.append(f"for {numbers.listed(unfit)} none of these conditions is fit")
    if unscored:
        parts.append(f"for {numbers.listed(unscored)} no condition has all the scores that are weighed")
    sentence = "; ".join(parts)
    loose = [use for use, found in leaders.items() if sum(each.wins or 0.0 for each in found) < FIRM]
    doubt = f". For {numbers.listed(loose)} other questions could have put another one first" if loose else ""
    # Fit for a use that another one leads: a score is missing, and the other may have less of the rest.
    left = dict.fromkeys(
        each.option.view.label for use in leaders for each in rankings[use] if each.score is None
    )
    unranked = f" Without all the scores, {numbers.listed(list(left))} cannot be ranked." if left else ""
    mixed = f" {_MIXED}" if any(_is_mixed(rankings[use]) for use in leaders) else ""
    return f"{sentence[0].upper() if not uses else sentence[0]}{sentence[1:]}{doubt}.{unranked}{mixed}"


def _is_mixed(ranked: Sequence[Ranked]) -> bool:
    """Whether those that are ranked have confidences that differ in kind."""
    return len({each.option.view.condition.answer for each in ranked if each.score is not None}) > 1


def _scores(scores: Scores) -> Table:
    options = [option for option in scores.options if option.asked] or scores.options
    seconds = numbers.in_one_unit(numbers.seconds, *(option.seconds for option in options))
    rows = []
    for option in options:
        cells = [share_cell(each) for each in option.scores]
        cells += [
            share_cell(option.accuracy, chance=option.guessing or None),
            _error_cell(option.error),
            value_cell(option.seconds, seconds),
            share_cell(option.tools or Estimate(None)),
            *_limited(option),
        ]
        rows.append(cells)
    heads = [
        ColumnHead(text="accuracy score", small="above guessing", anchor="weighted-choice"),
        ColumnHead(text="calibration score", small="times discrimination", anchor="weighted-choice"),
        ColumnHead(text="speed score", small="fastest's time ÷ own", anchor="weighted-choice"),
        ColumnHead(text="accuracy", small="right of all", anchor="accuracy"),
        ColumnHead(text="ECE-15", small="lower is closer", anchor="ece-15"),
        ColumnHead(text="90th percentile", small="time of an answer"),
        ColumnHead(text="tool calls", small="right of all asked"),
        ColumnHead(text="tokens", small="a question, in and out"),
        ColumnHead(text="context", small="tokens, as the server says"),
        ColumnHead(text="cost", small="1000 questions", anchor="cost"),
    ]
    known = [not all(cell.missing for cell in cells) for cells in zip(*rows, strict=True)]
    shown = [*known[: -len(_LIMITED)], *_telling(options)]
    caption = (
        "First the scores that are weighed, 0 to 100%, higher is better: accuracy is 0% for guessing; calibration is "
        "0% where confidence does not sort right from wrong. Then the numbers behind it, and what can be limited (95% "
        "intervals)."
    )
    lines = [(option.view, [*compress(cells, shown)]) for option, cells in zip(options, rows, strict=True)]
    return of_conditions(caption, [*compress(heads, shown)], lines, sortable=True)


def _error_cell(error: Estimate) -> Cell:
    """ECE-15, and of how many answers where not all have a confidence."""
    made = share_cell(error)
    return replace(made, text=f"{made.text} (n = {numbers.count(error.n)})") if error.n_missing else made


def _limited(option: Option) -> tuple[Cell, ...]:
    """What can be limited besides, in the order of `_LIMITED`."""
    cost = option.cost
    return (
        value_cell(cost.tokens, partial(numbers.decimal, digits=0)),
        value_cell(option.context, numbers.count, "trained on" if option.trained else ""),
        value_cell(cost.thousand, numbers.money, "" if cost.thousand is None else cost.currency),
    )


def _telling(options: Sequence[Option]) -> list[bool]:
    """Whether each of `_LIMITED` tells one condition from another: it is known, and not the same for all."""
    columns = zip(*map(_limited, options), strict=True)
    return [len({(cell.text, cell.small) for cell in cells}) > 1 for cells in columns]


def _basis(analysis: Analysis, scores: Scores) -> list[str]:
    """Which questions the numbers are over, where conditions answered different ones."""
    if not analysis.unlike:
        return []
    if not scores.analysis.is_comparable:
        return [f"{scores.analysis.few_shared}: each number is over other questions, so compare with care."]
    return [
        "Not all conditions answered the same questions. This page compares them on the "
        f"{analysis.common.answered_questions}."
    ]


def _notes(scores: Scores) -> tuple[str, ...]:
    notes = []
    asked = [option for option in scores.options if option.asked]
    blank = [option for option in asked if option.scores[1].value is None]
    # Without right and wrong answers to separate, an error of calibration alone is no calibration.
    for has_error, why in (
        (False, "no option confidence was recorded"),
        (True, "too few answers with an option confidence to tell right from wrong"),
    ):
        if names := [each.view.label for each in blank if (each.error.value is not None) is has_error]:
            notes.append(f"{numbers.listed(names)}: {why}. Give calibration the weight 0 to rank them.")
    unpriced = [option.view.label for option in asked if option.cost.thousand is None]
    if unpriced and len(_currencies(scores)) == 1:
        notes.append(f"{numbers.listed(unpriced)}: no price, so the limit on cost excludes none of them.")
    assumed = dict.fromkeys(option.cost.assumption for option in scores.options)
    notes += [f"Cost: {each}." for each in assumed if each]
    return tuple(notes)


def _data(scores: Scores) -> Json:
    return {
        "criteria": list(CRITERIA),
        "firm": FIRM,
        "mixed": _MIXED,
        # A page that opens on "nobody is fit" shows nothing of what it can do.
        "opens": next((each.id for each in PROFILES if _leaders(ranking(scores, each))), PROFILES[0].id),
        "options": [_option(option, scores, place) for place, option in enumerate(scores.options)],
        "profiles": {
            each.id: {
                "weights": list(each.weights),
                "seconds": each.seconds,
                "least": round(100 * each.least),
                "error": None if each.error is None else round(100 * each.error),
            }
            for each in PROFILES
        },
    }


def _option(option: Option, scores: Scores, place: int) -> Json:
    draws = scores.draws[place]
    return {
        "id": option.view.id,
        "label": option.view.label,
        "css": option.view.css,
        "kind": option.view.condition.answer,
        "scores": [None if each.value is None else round(1000 * each.value) for each in option.scores],
        # JSON has no NaN: a criterion that was not recorded is null.
        "draws": [None if np.isnan(row).any() else [int(value) for value in row] for row in draws],
        "seconds": option.seconds,
        "tokens": option.cost.tokens,
        "context": option.context,
        "cost": option.cost.thousand,
        "asked": option.asked,
        "beats": option.beats_guessing,
        # The ends that requirements are held against, in per cent.
        "least": None if option.accuracy.low is None else 100 * option.accuracy.low,
        "error": None if option.error.high is None else 100 * option.error.high,
    }
