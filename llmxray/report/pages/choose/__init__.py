"""Which one for my use case? Hard limits first, then weights for accuracy, calibration, speed and price."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import compress
from operator import attrgetter

import numpy as np

from llmxray.metrics.choice import above_chance, trust
from llmxray.metrics.columns import FloatArray
from llmxray.metrics.joint import Joint, Replicates, auroc_on_draws, sheet
from llmxray.metrics.resampling import encode_clusters
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionView, confidence, costs, mean_latency
from llmxray.report.analysis.leaders import above_guessing
from llmxray.report.analysis.questions import labels
from llmxray.report.analysis.rows import address, grouped, memoized, right, seeded
from llmxray.report.files.shards import write_data
from llmxray.report.sentences import Finding
from llmxray.report.widgets.frame import TemplateValues, framed
from llmxray.report.widgets.render import Output
from llmxray.report.widgets.table import ColumnHead, Table, of_conditions, share_cell, value_cell
from llmxray.report.widgets.timed import Axis, points
from llmxray.report.wording import tables
from llmxray.report.wording.asking import model_name
from llmxray.report.wording.speed import cut_warning, load_warning, stall_warning
from llmxray.types import Estimate, Json, Row

CRITERIA = ("accuracy", "calibration", "speed", "price")
_WORDS = ("right", "honest", "fast", "cheap")
_NINE_IN_TEN = 0.9
# Every draw is in the page's data file, and its script counts them at each move of a slider.
_N_DRAWS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One condition.

    Attributes:
        scores: by criterion; the value is None where nothing was recorded.
        accuracy: right of all; ``beats_guessing`` whether that is shown to be above blind guessing. error: ECE-15.
        seconds: 90% of answers took at most this long; None without times.
        cost: what it costs, in tokens and where there are prices in money.
    """

    view: ConditionView
    scores: tuple[Estimate, ...]
    accuracy: Estimate
    beats_guessing: bool
    error: Estimate
    seconds: float | None
    cost: costs.Cost

    @property
    def asked(self) -> bool:
        """Whether it has an answer to the questions that are compared."""
        return self.accuracy.value is not None

    @property
    def kind(self) -> str:
        """Kind of answer by which it was asked."""
        return self.view.condition.answer


def candidates(analysis: Analysis) -> Analysis:
    """The experiment on the questions that all answered: on the suites that all were asked, where a condition was asked
    too few of the others to be ranked on everything.
    """
    if not analysis.left_out:
        return analysis.common
    rows = analysis.data.results.rows
    suites = set.intersection(*({row.suite for row in view.rows} for view in analysis.views if view.rows))
    shared = analysis.on(frozenset(address(row) for row in rows if row.suite in suites))
    return analysis.common if shared.left_out or not suites else shared.common


class Scores:
    """Conditions of an experiment as ``options``, in rank order.

    Attributes:
        criteria: places among `CRITERIA` of what can be weighed: what nobody has a score of cannot.
        ways: kinds of answer by which two or more were asked, where not all were asked alike; ``way`` is the one with
            the most conditions above guessing, "either" where there is none to choose.
        currency: of all prices; "" without any, and where they are in two.
    """

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        prices = [costs.cost_of(analysis, view) for view in analysis.views]
        currencies = {cost.currency for cost in prices} - {""}
        self.currency = currencies.pop() if len(currencies) == 1 else ""
        amounts = (cost.thousand for cost in prices if self.currency)
        self._cheapest = min(filter(None, amounts), default=None)
        self._fastest = min(filter(None, map(mean_latency, analysis.views)), default=None)
        self.options = tuple(self._option(view) for view in analysis.ranked)
        asked = [option for option in self.options if option.asked]
        self.criteria = tuple(
            place
            for place in range(len(CRITERIA))
            if not place or any(option.scores[place].value is not None for option in asked)
        )
        kinds = Counter(option.kind for option in asked)
        several = [kind for kind, n in kinds.items() if n > 1]
        self.ways = tuple(several) if len(kinds) > 1 else ()
        fit = Counter(option.kind for option in asked if option.beats_guessing)
        self.way = max(self.ways, key=fit.__getitem__, default="either")

    def places(self, way: str) -> list[int]:
        """Places of the options that were asked in a way; of all for "either"."""
        return [place for place, option in enumerate(self.options) if way in ("either", option.kind)]

    def names(self, way: str) -> dict[str, tuple[str, str]]:
        """Names by id of those asked in a way, alone and in a sentence: the model's where that tells them apart."""
        views = [self.options[place].view for place in self.places(way)]
        models = [model_name(view) for view in views]
        unique = all(models) and len({*models}) == len(models)
        names = models if unique else labels([view.condition for view in views])
        said = models if unique else [f"“{name}”" for name in names]
        return {view.id: (name, words) for view, name, words in zip(views, names, said, strict=True)}

    @cached_property
    def joint(self) -> Joint:
        """The draw of questions that all options share."""
        return Joint(encode_clusters(self.analysis.units), seeded(self.analysis.data.name, "joint"), _N_DRAWS)

    @memoized
    def replicates(self, view: ConditionView) -> Replicates:
        """The condition's accuracy, mean latency and ECE-15 on the data and on every resample."""
        found = grouped(view.rows, attrgetter("suite", "item_id"))
        rows = [found.get(key, []) for key in self.analysis.keys]
        columns = sheet(
            [[float(hit) for row in each if (hit := right(row)) is not None] for each in rows],
            [[row.latency_s for row in each if row.latency_s is not None] for each in rows],
            [[pair for row in each if (pair := _confident(row)) is not None] for each in rows],
        )
        return self.joint.replicates(columns)

    @cached_property
    def draws(self) -> FloatArray:
        """Redrawn scores in thousandths, shape (options, criteria, draws); NaN where there is none."""
        made = [self.replicates(each.view) for each in self.options]
        aurocs = [self._aurocs(each.view) for each in self.options]
        # Where nothing was timed or sure, NaN says so.
        with np.errstate(invalid="ignore", divide="ignore"):
            # The first replicate is the data itself, and no draw.
            latency = np.stack([each.latency_s[1:] for each in made])
            # fmin leaves NaN out: a condition without times must not take the speed of the others away.
            fastest = np.fmin.reduce(latency, axis=0)
            drawn = [
                (
                    above_chance(each.accuracy[1:], self.analysis.guessing(option.view)),
                    trust(each.ece[1:], auroc[1:]),
                    fastest / seconds,
                    # What a question costs is known well beside what it shows: it is not drawn.
                    np.full_like(seconds, np.nan if (price := option.scores[3].value) is None else price),
                )
                for option, each, auroc, seconds in zip(self.options, made, aurocs, latency, strict=True)
            ]
        return np.round(1000 * np.array(drawn, dtype=np.float64))

    def _option(self, view: ConditionView) -> Option:
        times = sorted(row.latency_s for row in view.rows if row.latency_s is not None)
        accuracy, guessing = self.analysis.accuracies[view.id], self.analysis.guessing(view)
        cost = costs.cost_of(self.analysis, view)
        error = confidence.estimate(self.analysis, view, confidence.ECE_15)
        # Where no options were shown, nothing is guessed.
        beats = above_guessing(self.analysis).get(view.id)
        return Option(
            view=view,
            scores=(
                _above(accuracy, guessing),
                self._trust(view, error),
                _ratio(self._fastest, mean_latency(view), "mean latency of the fastest / its own"),
                _ratio(self._cheapest, cost.thousand, "the cheapest / its own"),
            ),
            accuracy=accuracy,
            beats_guessing=(accuracy.low or 0.0) > guessing if beats is None else beats,
            error=error,
            # Nearest rank: a time that was really recorded, not one between two.
            seconds=times[math.ceil(_NINE_IN_TEN * len(times)) - 1] if times else None,
            cost=cost,
        )

    def _trust(self, view: ConditionView, error: Estimate) -> Estimate:
        value = trust(self.replicates(view).ece[:1], self._aurocs(view)[:1])[0]
        known = error.value is not None and not np.isnan(value)
        method = "(1 − ECE-15)·(2·AUROC − 1)"
        return Estimate(float(value) if known else None, n=error.n, n_missing=error.n_missing, method=method)

    @memoized
    def _aurocs(self, view: ConditionView) -> FloatArray:
        """AUROC on the data and on each draw, shape (1 + draws,); NaN where there is none."""
        rows = confidence.columns(view).known
        items, strata, sure, hits = zip(*rows, strict=True) if rows else ((), (), (), ())
        place_of = {unit: place for place, unit in enumerate(self.analysis.units)}
        found = auroc_on_draws(
            self.joint.times,
            np.array([place_of[item] for item in items], dtype=np.intp),
            np.minimum(np.array(sure, dtype=np.float64), 1.0),
            np.array(hits, dtype=np.float64),
            strata,
        )
        # A draw without a wrong answer, or without a right one, shows nothing of what confidence knows.
        return found if np.isnan(found[0]) else np.nan_to_num(found, nan=0.5)


def _confident(row: Row) -> tuple[float, float] | None:
    hit = right(row)
    return None if hit is None or row.option_confidence is None else (row.option_confidence, float(hit))


def _ratio(least: float | None, own: float | None, method: str) -> Estimate:
    return Estimate(least / own if least and own else None, method=method)


def _above(accuracy: Estimate, guessing: float) -> Estimate:
    value, low, high = (
        None if each is None else float(above_chance(each, guessing))
        for each in (accuracy.value, accuracy.low, accuracy.high)
    )
    return Estimate(value, low, high, accuracy.n, accuracy.n_missing, "accuracy above guessing")


# Below this share of redrawn question sets a first place is too close to call.
FIRM = 0.95
USES = tables("uses")
# What the page's script says, with values that it fills in.
_SENTENCES = ("none", "unscored", "alone", "incomplete", "equal", "leads", "close", "own")
_REMARKS = ("redrawn", "settle", "unranked", "mixed")
_VALUES = ("first", "names", "points", "other", "share", "n")


def write_page(renderer: Output, analysis: Analysis) -> None:
    """Write the page and the scores its form ranks by."""
    scores = Scores(candidates(analysis))
    name = analysis.data.name
    data = write_data(renderer, name, "choose", _data(scores))
    renderer.page(f"{name}/choose.html", "pages/choose/page.html", page_values(analysis, scores), data=data)


def page_values(analysis: Analysis, scores: Scores) -> TemplateValues:
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
            questions=of.answered_questions if analysis.unlike else numbers.plural(of.n_scored(), "question"),
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
        busy=load_warning(analysis) or stall_warning(analysis) or cut_warning(analysis),
        figures=[(way, figure) for way in (*scores.ways, "either") if (figure := _figure(scores, way))],
        criteria=[(CRITERIA[place], _WORDS[place]) for place in scores.criteria],
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
    # It goes on behind the limits of the uses, so that their walls have room.
    axis = Axis([*(1.5 * use["seconds"] for use in USES.values()), *(of.seconds or 0.0 for of in options)])
    dots = [
        (option.seconds or 0.0, option.accuracy, names[option.view.id][0], option.view.label)
        for option in options
    ]
    return TemplateValues(
        title=_most_right(scores, way),
        scale=axis,
        axis="90% of answers within this time, log scale →",
        chance=scores.analysis.chance,
        points=[
            (option.view.id, option.view.css, point)
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
            share_cell(option.accuracy, chance=_beside(option.accuracy.low, "least")),
            share_cell(option.error, chance=_beside(option.error.high, "error")),
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


def _beside(end: float | None, limit: str) -> float | None:
    """The limit of a use that an end would be printed as; None for none."""
    limits = (use[limit] for use in USES.values() if limit in use)
    return next((each for each in limits if numbers.percent(each) == numbers.percent(end)), None)


def _notes(scores: Scores) -> tuple[Finding, ...]:
    asked = [option for option in scores.options if option.asked]
    missing = [name for place, name in enumerate(CRITERIA[:3]) if place not in scores.criteria]
    notes = [Finding("choose.no-scores", names=numbers.listed(missing))] if missing else []
    blank = [option for option in asked if option.scores[1].value is None] if 1 in scores.criteria else []
    if blank:
        notes.append(Finding("choose.no-calibration", names=[each.view.label for each in blank]))
    parts = [
        f"{option.error.n} of {option.view.label}" for option in asked if option.error.n < option.accuracy.n
    ]
    if parts and not blank and 1 in scores.criteria:
        notes.append(Finding("choose.part-calibrated", n=asked[0].accuracy.n, parts=parts))
    unpriced = [option.view.label for option in asked if option.cost.thousand is None]
    if unpriced and scores.currency:
        notes.append(Finding("choose.no-price", names=unpriced))
    return tuple(notes)


def _data(scores: Scores) -> Json:
    names = {way: scores.names(way) for way in (*scores.ways, "either")}
    criteria = scores.criteria
    return {
        "criteria": [CRITERIA[place] for place in criteria],
        "words": [_WORDS[place] for place in criteria],
        "firm": FIRM,
        "way": scores.way,
        "phrases": {
            kind: str(Finding(f"choose.{kind}", **{name: f"{{{name}}}" for name in _VALUES}))
            for kind in (*_SENTENCES, *_REMARKS)
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
