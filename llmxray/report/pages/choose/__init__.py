"""Which one for my use case? Hard limits first, then weights for accuracy, calibration and speed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, confidence
from llmxray.report.analysis.common_questions import on_common_questions
from llmxray.report.files.data_file import write_data
from llmxray.report.pages.choose.profiles import PROFILES, Profile, Ranked, Ranking, ranking
from llmxray.report.pages.choose.scores import CRITERIA, Option, Scores
from llmxray.report.widgets.frame import Nav, footer, nav
from llmxray.report.widgets.table import Cell, Column, Line, Table, head, share_cell, sort_key
from llmxray.types import Estimate, Json

if TYPE_CHECKING:
    from llmxray.report.widgets.render import Renderer

# Below this share of redrawn question sets a first place is no more than a lead.
FIRM = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileView:
    """A profile with its ranking."""

    id: str
    title: str
    why: str
    terms: str
    sentence: str
    table: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoosePage:
    """The page.

    Attributes:
        priced: currency of the prices in the experiment file, "" without any.
        has_context: whether any server said how much context it holds.
    """

    title: str
    nav: Nav
    lede: str
    profiles: tuple[ProfileView, ...]
    scores: Table
    notes: tuple[str, ...]
    priced: str
    has_context: bool
    footer: tuple[str, ...]


def write(renderer: Renderer, analysis: Analysis) -> None:
    """Write the page and the scores its form ranks by."""
    scores = Scores(on_common_questions(analysis))
    name = analysis.data.name
    data = write_data(renderer, name, "choose", _data(scores))
    renderer.page(f"{name}/choose.html", "pages/choose/page.html", make(analysis, scores), data=data)


def make(analysis: Analysis, scores: Scores) -> ChoosePage:
    """The choose page of an experiment."""
    rankings = [ranking(scores, profile) for profile in PROFILES]
    currencies = sorted({option.currency for option in scores.options if option.currency})
    return ChoosePage(
        title="Choose",
        nav=nav(analysis.data, "choose.html"),
        lede=_lede(rankings),
        profiles=tuple(_profile(each) for each in rankings),
        scores=_scores(scores),
        notes=(*_basis(analysis, scores), *_notes(scores)),
        priced=currencies[0] if len(currencies) == 1 else "",
        has_context=any(option.context is not None for option in scores.options),
        footer=footer(analysis.data),
    )


def _leader(found: Ranking) -> Ranked | None:
    """Who comes first; None where nobody is within the limits and has all the scores that are weighed."""
    first = next(iter(found.ranked), None)
    return None if first is None or first.score is None or first.wins is None else first


def _lede(rankings: Sequence[Ranking]) -> str:
    uses: dict[str, list[str]] = {}
    for each in rankings:
        if leader := _leader(each):
            uses.setdefault(leader.option.view.label, []).append(each.profile.use)
    unfit = [each.profile.use for each in rankings if not each.ranked]
    unscored = [each.profile.use for each in rankings if each.ranked and _leader(each) is None]
    if len(unfit) == len(rankings):
        return "None of these conditions is fit for any of these uses; what each lacks is said below."
    parts = [f"{name} comes first for {numbers.listed(each)}" for name, each in uses.items()]
    if len(uses) == 1 and not unfit and not unscored:
        parts = [f"{next(iter(uses))} comes first in all three use cases below"]
    elif len(uses) > 1:
        parts = [
            "There is no best model, only one for a use: "
            + "; ".join(f"{name} for {numbers.listed(each)}" for name, each in uses.items())
        ]
    if unfit:
        parts.append(f"for {numbers.listed(unfit)} none of these conditions is fit")
    if unscored:
        parts.append(f"for {numbers.listed(unscored)} no condition has all the scores that are weighed")
    sentence = "; ".join(parts)
    loose = [each.profile.use for each in rankings if (leader := _leader(each)) and (leader.wins or 0) < FIRM]
    doubt = f". For {numbers.listed(loose)} other questions could have put another one first" if loose else ""
    return f"{sentence[0].upper() if not uses else sentence[0]}{sentence[1:]}{doubt}."


def _profile(found: Ranking) -> ProfileView:
    profile = found.profile
    return ProfileView(
        id=profile.id,
        title=profile.title,
        why=profile.why,
        terms=_terms(profile),
        sentence=_sentence(found),
        table=_ranking_table(found),
    )


def _terms(profile: Profile) -> str:
    weights = ", ".join(f"{name} {weight}%" for name, weight in zip(CRITERIA, profile.weights, strict=True))
    limits = []
    if profile.seconds is not None:
        limits.append(
            # Limits are whole seconds; “10.0 s” would look measured.
            f"90% of answers within {numbers.seconds(float(profile.seconds)).replace('.0', '')}"
        )
    if profile.context is not None:
        limits.append(f"{numbers.count(profile.context)} tokens of context")
    if profile.least is not None:
        limits.append(f"shown to be right in {numbers.percent(profile.least)} or more")
    if profile.error is not None:
        limits.append(f"shown to have an ECE-15 of {numbers.percent(profile.error)} or less")
    return f"Weights: {weights}." + (f" Required: {numbers.listed(limits)}." if limits else "")


def _sentence(found: Ranking) -> str:
    if not found.ranked:
        return "None of these conditions is fit for this use."
    first = _leader(found)
    if first is None or first.wins is None:
        return "No condition has all the scores that these weights ask for."
    name = first.option.view.label
    if len(found.ranked) == 1:
        return f"{name} is the only one within the limits."
    share = numbers.percent(first.wins)
    if first.wins >= FIRM:
        return f"{name} comes first, in {share} of redrawn question sets."
    return f"{name} leads, but in {share} of redrawn question sets only: these questions do not settle it."


def _ranking_table(found: Ranking) -> Table:
    lines = []
    for place, each in enumerate(found.ranked, 1):
        scored = each.score is not None
        small = "" if scored else "a weighted score is missing"
        points = None if each.score is None else 100 * each.score
        cells = (
            Cell(numbers.decimal(points, 0), small, best=place == 1 and scored),
            Cell(numbers.percent(each.wins)),
        )
        lines.append(Line(each.option.view.label, cells, css=f"k {each.option.view.css}"))
    for out in found.excluded:
        view = out.option.view
        lines.append(Line(view.label, (Cell("out"), Cell("")), out.why, f"k {view.css} struck"))
    columns = (
        Column("condition", numeric=False),
        Column("score", "0 to 100"),
        Column("first", "questions redrawn", anchor="weighted-choice"),
    )
    return Table("", columns, tuple(lines))


def _scores(scores: Scores) -> Table:
    priced = any(option.cost is not None for option in scores.options)
    has_context = any(option.context is not None for option in scores.options)
    has_tools = bool(scores.tool_suites)
    lines = []
    for option in scores.options:
        cells = [share_cell(each) for each in option.scores]
        cells += [
            share_cell(option.accuracy, chance=option.guessing or None),
            share_cell(option.error),
            Cell(
                numbers.unit(option.auroc.value),
                numbers.auroc_interval(option.auroc) if option.auroc.low is not None else "",
                sort=sort_key(option.auroc.value),
            ),
            Cell(numbers.seconds(option.seconds), sort=sort_key(option.seconds)),
            Cell(numbers.decimal(option.tokens, 0), sort=sort_key(option.tokens)),
        ]
        if has_context:
            small = "trained on" if option.trained else ""
            cells.append(Cell(numbers.count(option.context), small, sort=sort_key(option.context)))
        if has_tools:
            cells.append(share_cell(option.tools or Estimate(None)))
        if priced:
            cells.append(Cell(numbers.money(option.cost), option.currency, sort=sort_key(option.cost)))
        lines.append(head(option.view, cells))
    columns = [
        Column("condition", numeric=False),
        Column("accuracy", "above guessing", anchor="weighted-choice"),
        Column("calibration", "times discrimination", anchor="weighted-choice"),
        Column("speed", "fastest's time ÷ own", anchor="weighted-choice"),
        Column("accuracy", "right of all", anchor="accuracy"),
        Column("ECE-15", "lower is closer", anchor="ece-15"),
        Column("AUROC", "0.5 is no signal", anchor="auroc"),
        Column("90th percentile", "seconds"),
        Column("tokens", "a question, in and out"),
    ]
    columns += [Column("context", "tokens, as the server says")] if has_context else []
    columns += [Column("tool calls", "right of all asked")] if has_tools else []
    columns += [Column("cost", "1000 questions", anchor="cost")] if priced else []
    caption = (
        "First what is weighed, 0 to 100%, higher is better: accuracy is 0% for guessing; calibration is 0% where "
        "confidence does not sort right from wrong. Then the numbers behind it, and what can be limited (95% "
        "intervals)."
    )
    return Table(caption, tuple(columns), tuple(lines), True)


def _basis(analysis: Analysis, scores: Scores) -> list[str]:
    """Which questions the numbers are over, where conditions were asked different ones."""
    if not analysis.unlike:
        return []
    if scores.unlike:
        return [
            "No question was asked of all conditions: each number is over other questions, so compare with care."
        ]
    n = numbers.plural(scores.n_items, "question")
    return [
        f"Not all conditions were asked the same questions. This page compares them on the {n} that all were asked."
    ]


def _notes(scores: Scores) -> tuple[str, ...]:
    notes = [note for note in [confidence.differ_in_kind([option.view for option in scores.options])] if note]
    blank = [option.view.label for option in scores.options if option.scores[1].value is None]
    if blank:
        notes.append(
            f"{numbers.listed(blank)}: no option confidence was recorded. Give calibration the weight 0 to rank them."
        )
    if all(option.context is None for option in scores.options):
        notes.append(
            "These servers did not say how much context they hold, so that limit excludes nobody here."
        )
    if all(option.cost is None for option in scores.options):
        notes.append("The experiment file states no prices; tokens a question stand in for cost.")
    elif len({option.currency for option in scores.options if option.currency}) > 1:
        notes.append("The prices are in several currencies, so no limit on cost can be set here.")
    elif unpriced := [option.view.label for option in scores.options if option.cost is None]:
        notes.append(f"{numbers.listed(unpriced)}: no price, so the limit on cost excludes none of them.")
    notes += [
        f"Cost: {each}." for each in dict.fromkeys(option.assumption for option in scores.options) if each
    ]
    if trained := [option.view.label for option in scores.options if option.trained]:
        notes.append(
            f"{numbers.listed(trained)}: the context is what the model was trained on; the server may hold less."
        )
    if scores.tool_suites:
        notes.append(
            "Tool calls count in the accuracy like every other question, and are shown on their own here."
        )
    else:
        notes.append(
            "Whether a model can call tools was not tried here and is not weighed; the suite starter/tools tries it."
        )
    return tuple(notes)


def _data(scores: Scores) -> Json:
    return {
        "criteria": list(CRITERIA),
        "firm": FIRM,
        "options": [_option(option, scores, place) for place, option in enumerate(scores.options)],
        "profiles": {
            each.id: {
                "weights": list(each.weights),
                "seconds": each.seconds,
                "context": each.context,
                "cost": each.cost,
                "least": None if each.least is None else round(100 * each.least),
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
        "scores": [None if each.value is None else round(1000 * each.value) for each in option.scores],
        # JSON has no NaN: a criterion that was not recorded is null.
        "draws": [None if np.isnan(row).any() else [int(value) for value in row] for row in draws],
        "seconds": option.seconds,
        "tokens": option.tokens,
        "context": option.context,
        "cost": option.cost,
        "beats": option.beats_guessing,
        # The ends that requirements are held against, in per cent.
        "least": None if option.accuracy.low is None else 100 * option.accuracy.low,
        "error": None if option.error.high is None else 100 * option.error.high,
    }
