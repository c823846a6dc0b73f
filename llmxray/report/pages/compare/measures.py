"""The variants of a prompt in numbers, as bars; scored questions under each setting, and what makes an answer stay.

An answer stays where its first token is that of the greedy answer, which temperature 0 would give: the likeliest
alternative at the first position, whose probability there is the same at every temperature where the server reports
probabilities from before the temperature is applied, as llama.cpp does. A question counts once: its samples are
averaged first, so intervals are over questions (Wilson, n the number of questions).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter

from llmxray.compare.text import distinct_words, is_haiku, words
from llmxray.metrics import accuracy, latency
from llmxray.plan import PROMPTS
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ExperimentData, accuracy_of, address, reply_tokens, right
from llmxray.report.analysis.questions import labels, questions_of
from llmxray.report.analysis.rows import rate
from llmxray.report.analysis.similarity import Similarity, is_whole, rows_of
from llmxray.report.sentences import Finding
from llmxray.report.widgets.frame import TemplateValues
from llmxray.report.widgets.table import Cell, ColumnHead, Line, Table
from llmxray.report.wording.verdicts import compared
from llmxray.types import UNCOUNTED, Estimate, Outcome, Row

# More prompts are read together only.
_MOST_LISTED = 6
# No sentence is made of a share over fewer questions than this.
_ENOUGH = 5
# The lesson's samples keep it in 89% and more above 80%, at any temperature; in 28 to 68% below 40%.
_BANDS = ((0.0, 0.4, "below 40%"), (0.4, 0.8, "40 to 80%"), (0.8, math.inf, "80% or more"))
type _Agreement = tuple[str, str, float, float]
"""Condition, question, probability of its greedy first token, and share of the samples that keep it."""


def facts_view(analysis: Analysis) -> TemplateValues | None:
    """The section on scored questions; None when nothing is scored."""
    data, conditions = analysis.data, analysis.plan.conditions
    rows = [row for row in data.results.rows if row.outcome not in UNCOUNTED]
    if not rows:
        return None
    names = dict(zip([condition.id for condition in conditions], labels(conditions), strict=True))
    points = _agreements(data, rows)
    known = [view for view in analysis.ranked if analysis.accuracies[view.id].value is not None]
    # The widest of all gaps is a pick among the pairs, so it is judged as one of them.
    widest = analysis.pair(known[0], known[-1]) if len(known) > 1 else None
    return TemplateValues(
        compared=compared(analysis, widest) if widest else None,
        accuracies=lines(
            [(view.css, names[view.id]) for view in analysis.views],
            [analysis.accuracies[view.id] for view in analysis.views],
        ),
        hrefs=tuple(analysis.contents.questions(condition=view.id) for view in analysis.views),
        n=max(share.n for share in analysis.accuracies.values()),
        shares_seeds=any(row.sample for row in rows) and "seed" in conditions[0].sampling,
        stays=_stays(points, names),
        panels=_panels(analysis, points, names),
        # Its answers are what the chart marks as right or not.
        first=names[conditions[0].id],
    )


def right_answers(analysis: Analysis) -> Table | None:
    """How often each setting is right, of prompts with a right answer and of suites; None where nothing is scored."""
    items = analysis.plan.suites[PROMPTS].items if PROMPTS in analysis.plan.suites else ()
    rows = {item.id: rows_of(analysis.data, item) for item in items if item.answer}
    # A failed trial is no answer.
    marks = {
        name: [[right(row) for row in of[view.id] if right(row) is not None] for view in analysis.views]
        for name, of in rows.items()
    }
    asked = [item for item in items if item.id in marks and all(marks[item.id])]
    lines = [
        Line(
            head=item.question,
            small=item.answer,
            href=analysis.contents.question(f"{PROMPTS}/{item.id}"),
            cells=tuple(Cell(text=f"{sum(map(bool, each))} of {len(each)}") for each in marks[item.id]),
        )
        for item in asked[:_MOST_LISTED]
    ]
    if len(asked) > 1:
        shares = [[mark for item in asked for mark in marks[item.id][k]] for k in range(len(analysis.views))]
        cells = tuple(Cell(text=numbers.percent(sum(map(bool, share)) / len(share))) for share in shares)
        lines.append(Line(head=f"All {len(asked)} prompts with a right answer", cells=cells))
    for suite in analysis.suites:
        if suite == PROMPTS:
            continue
        cells = tuple(
            Cell(
                text=numbers.percent(accuracy_of(view.of(suite=suite)).value),
                href=analysis.contents.questions(condition=view.id, suite=suite),
            )
            for view in analysis.views
        )
        n = numbers.plural(len(analysis.plan.suites[suite].items), "question")
        lines.append(Line(head=analysis.label_of_suite(suite), small=n, cells=cells))
    if not lines:
        return None
    names = labels(analysis.plan.conditions)
    heads = (
        ColumnHead(text=name, css=f"k {view.css}") for name, view in zip(names, analysis.views, strict=True)
    )
    return Table(caption="", columns=(ColumnHead(text="asked", numeric=False), *heads), lines=tuple(lines))


def _agreements(data: ExperimentData, rows: Iterable[Row]) -> list[_Agreement]:
    """Samples averaged within each question and condition; nothing of replies without valid alternatives."""
    conditions = {condition.id: condition for condition in data.results.plan.conditions}
    samples: dict[tuple[str, str], list[tuple[float, bool]]] = defaultdict(list)
    for row in rows:
        first, *_ = (*reply_tokens.answer_tokens(data.cassette, row, conditions[row.condition]), None)
        if first and first.top and not first.invalid:
            greedy = max(first.top, key=attrgetter("logprob_nats"))
            kept = math.exp(greedy.logprob_nats), first.token == greedy.token
            samples[row.condition, address(row)].append(kept)
    return [
        (*of, sum(sure for sure, _ in each) / len(each), sum(kept for _, kept in each) / len(each))
        for of, each in samples.items()
    ]


def _panels(
    analysis: Analysis, points: Sequence[_Agreement], names: Mapping[str, str]
) -> tuple[TemplateValues, ...]:
    """The share kept against the probability, a panel for each setting; none without logprobs."""
    # The first setting of a sweep is the coldest, so its answer is the nearest to the greedy one.
    verdict = {each.address: bool(each.cells[0].mostly_right) for each in questions_of(analysis)}
    panels = (
        TemplateValues(
            name=name,
            css=analysis.data.colours[id_],
            points=[(sure, share, verdict[item]) for of, item, sure, share in points if of == id_],
        )
        for id_, name in names.items()
    )
    return tuple(panel for panel in panels if panel.points)


def _stays(points: Sequence[_Agreement], names: Mapping[str, str]) -> Finding | None:
    """What is kept where the model was sure and where it was not."""
    # The last setting of a sweep is the hottest, where least is kept.
    hot, name = list(names.items())[-1]
    bands = []
    for least, below, band in _BANDS:
        shares = [share for of, _, sure, share in points if of == hot and least <= sure < below]
        if len(shares) >= _ENOUGH:
            bands.append((band, accuracy.averaged_share(shares)))
    if len(bands) < 2:
        return None
    (low, unsure), (high, sure) = bands[0], bands[-1]
    return Finding("compare.stays", name=name, sure_band=high, sure=sure, unsure_band=low, unsure=unsure)


def _whole(value: float | None, *_: float | None) -> str:
    return numbers.decimal(value, 0)


# Medians, and how they are written.
_MEDIANS: Mapping[str, tuple[Callable[[Row], float | None], Callable[..., str]]] = {
    "ttft_s": (lambda row: row.ttft_s, numbers.seconds),
    "latency_s": (lambda row: row.latency_s, numbers.seconds),
    "tokens": (lambda row: row.completion_tokens, _whole),
    "rate": (rate, _whole),
}


def variant_measures(
    names: Mapping[str, tuple[str, str]],
    rows: Mapping[str, Sequence[Row]],
    alike: Similarity | None,
    *,
    haiku: bool,
) -> dict[str, list[TemplateValues]]:
    """Measures by kind, all samples together, each with a line per condition in plan order.

    Args:
        names: colour class and name of each condition.
    """
    own = [rows[name] for name in names]
    texts = [[row.text for row in each if is_whole(row)] for each in own]
    estimates: dict[str, list[Estimate | None]] = {"right": [_right(each) for each in own]}
    if haiku:
        # A failed trial wrote no poem, neither one that scans nor one that does not.
        scans = [[is_haiku(row.text.strip()) if is_whole(row) else None for row in each] for each in own]
        estimates["scans"] = [accuracy.proportion(scan) for scan in scans]
    estimates["distinct"] = [
        Estimate(distinct_words(text), n=sum(map(len, map(words, text)))) for text in texts
    ]
    # Among its own samples.
    estimates["alike"] = [alike.within[name] if alike else None for name in names]
    for kind, (of, _) in _MEDIANS.items():
        estimates[kind] = [latency.summary([of(row) for row in each]) for each in own]
    return {
        kind: lines(list(names.values()), found, *_MEDIANS.get(kind, ("", None))[1:])
        for kind, found in estimates.items()
        if any(found)
    }


def lines(
    names: Sequence[tuple[str, str]],
    estimates: Sequence[Estimate | None],
    scale: Callable[..., str] | None = None,
) -> list[TemplateValues]:
    """A measure as bars.

    Args:
        names: colour class and name of each line.
        scale: how values are written; by default they are shares of 1, otherwise the largest end fills the axis.
    """
    known = [estimate or Estimate(None) for estimate in estimates]
    longest = max((each.high or each.value or 0.0 for each in known), default=0.0) if scale else 1.0
    return [
        TemplateValues(
            css=css,
            name=name,
            share=(each.value or 0.0) / (longest or 1.0),
            ends=() if each.low is None or each.high is None else (each.low / longest, each.high / longest),
            text=numbers.percent(each.value) if scale is None else scale(each.value, longest),
            interval=numbers.interval(each, scale or numbers.percent) if each.low is not None else "",
        )
        for (css, name), each in zip(names, known, strict=True)
    ]


def _right(rows: Sequence[Row]) -> Estimate | None:
    if any(row.outcome is Outcome.UNSCORED for row in rows):
        return None
    return accuracy.proportion([right(row) for row in rows])
