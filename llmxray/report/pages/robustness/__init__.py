"""Does the result survive another way of asking, or of scoring? Positions, paraphrases, scoring."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import get_args

from llmxray import results as results_room
from llmxray.metrics import accuracy
from llmxray.plan import item_address
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionView, ExperimentData, accuracy_of, applies, rescoring
from llmxray.report.analysis.asked_twice import (
    ParaphraseAnswers,
    ParaphrasedSuites,
    PositionGroup,
    groups,
    paraphrased_suites,
)
from llmxray.report.analysis.questions import cell, shortened
from llmxray.report.analysis.rows import address, grouped, item_means
from llmxray.report.links import Contents, Link
from llmxray.report.sentences import Finding
from llmxray.report.widgets.frame import TemplateValues, framed
from llmxray.report.widgets.table import (
    Cell,
    ColumnHead,
    Line,
    Table,
    of_conditions,
    points_cell,
    share_cell,
    value_cell,
    verdict_cell,
)
from llmxray.report.wording.headline import main_finding, position_sentences, rewording
from llmxray.scoring import CHAINS, right_options
from llmxray.types import LETTERS, Estimate, Item, LikelihoodScore, Outcome, Row


def positions_part(analysis: Analysis) -> tuple[TemplateValues, ...]:
    """The part on positions, a section for each number of options; none where they were not rotated."""
    found = groups(analysis) if analysis.rotated else ()
    # A table without any reply would be empty.
    found = tuple(each for each in found if any(audit.mean.n for audit in each.audits))
    return tuple(
        TemplateValues(
            title=f"Questions with {group.size} options" if len(found) > 1 else "",
            sentences=position_sentences(group),
            audits=group.audits,
            letters=LETTERS[: group.size],
            chance=1 / group.size,
            averaged=_averaged(group),
            places=_places(group, analysis.contents),
        )
        for group in found
    )


def _averaged(group: PositionGroup) -> TemplateValues | None:
    """What the averaged probabilities of the options answer; None where no model gave them in every rotation."""
    known = [pair for pair in zip(group.audits, group.gains, strict=True) if pair[0].averaged.n]
    if not known:
        return None
    return TemplateValues(
        title=_knew_more(group) or "Averaged over the positions",
        sentences=[Finding("findings.position-averaged", found=of, test=test) for of, test in known],
        audits=tuple(found for found, _ in known),
    )


def _knew_more(group: PositionGroup) -> Finding | None:
    """Whose answers depend on the place and are better averaged over the rotations; None where none are shown to."""
    better = [
        found.view.label
        for found, place, test in zip(group.audits, group.tests, group.gains, strict=True)
        if place.is_significant and test.is_significant and (found.gain.difference.value or 0.0) > 0
    ]
    if not better:
        return None
    if len(better) > 2:
        return Finding("findings.position-knew-of", n=len(better), all=len(group.audits))
    return Finding("findings.position-knew", names=better, it="it" if len(better) == 1 else "they")


def _places(group: PositionGroup, contents: Contents) -> Table:
    rows, size = [], group.size
    for found, test in zip(group.audits, group.tests, strict=True):
        link = contents.questions(condition=found.view.id)
        cells = [share_cell(place, chance=1 / size, href=link) for place in found.places]
        rows.append((found.view, [*cells, Cell(text=numbers.p_value(test.p_holm))]))
    columns = (
        *(ColumnHead(text=f"right is {LETTERS[i]}") for i in range(size)),
        ColumnHead(text="test", anchor="cochran-q", css="stat"),
    )
    return of_conditions(Finding("robustness.places"), columns, rows)


# A page is for reading; results.csv holds the rest.
MOST = 40


def rewording_part(analysis: Analysis) -> TemplateValues | None:
    """The part on paraphrases; None where no suite asks the questions of another in other words."""
    # A table without any reply would be empty.
    found = [suite for suite in paraphrased_suites(analysis) if suite.is_answered]
    if not found:
        return None
    return TemplateValues(
        lede=rewording(found[0]),
        sections=tuple(_section(analysis, paraphrases, place) for place, paraphrases in enumerate(found, 1)),
    )


def _section(analysis: Analysis, paraphrases: ParaphrasedSuites, place: int) -> TemplateValues:
    """Two suites, with what was left out of them."""
    alone = paraphrases.alone
    return TemplateValues(
        id=f"paraphrases-{place}",
        first=analysis.label_of_suite(paraphrases.first),
        second=analysis.label_of_suite(paraphrases.second),
        note=Finding(f"robustness.{'one-' if alone == 1 else ''}alone", n=alone) if alone else None,
        table=_table(analysis, paraphrases),
        flips=tuple(
            _flips(analysis, paraphrases, condition, lost=lost)
            for condition in paraphrases.conditions
            for lost in (True, False)
            if (condition.lost if lost else condition.gained)
        ),
    )


def _table(analysis: Analysis, paraphrases: ParaphrasedSuites) -> Table:
    test, anchor = analysis.test_of_one_wording
    columns = [
        ColumnHead(text="first wording", small="accuracy", anchor="paraphrases"),
        ColumnHead(text="second wording", small="accuracy"),
        ColumnHead(text="difference", small="points", stat=", 95%"),
        ColumnHead(text="right → wrong", small="paraphrases"),
        ColumnHead(text="wrong → right", small="paraphrases"),
        ColumnHead(text="same answer", small="in both, right or wrong", anchor="same-answer"),
        ColumnHead(text="p adjusted", small=f"{test}, Holm", anchor=anchor, css="stat"),
        ColumnHead(text="clear difference?", numeric=False),
        ColumnHead(text="n", small="paraphrases"),
    ]
    caption = Finding("robustness.wordings", unadjusted=numbers.UNADJUSTED)
    rows = [(condition.view, _cells(paraphrases, condition)) for condition in paraphrases.conditions]
    return of_conditions(caption, columns, rows)


def _cells(paraphrases: ParaphrasedSuites, each: ParaphraseAnswers) -> list[Cell]:
    least = None if each.differs else each.test.detectable
    unseen = "" if least is None else f"under {numbers.in_points(least, numbers.points)} missed"
    return [
        share_cell(each.first),
        share_cell(each.second),
        points_cell(each.difference),
        _flip_cell(paraphrases, each, lost=True),
        _flip_cell(paraphrases, each, lost=False),
        share_cell(each.same),
        value_cell(each.p_holm, numbers.bare_p),
        verdict_cell(None if each.p_value is None else each.differs, unseen),
        Cell(text=numbers.count(each.n), small=f"{each.n_missing} missing" if each.n_missing else ""),
    ]


def _flip_cell(paraphrases: ParaphrasedSuites, each: ParaphraseAnswers, *, lost: bool) -> Cell:
    n = len(each.lost if lost else each.gained)
    return Cell(text=numbers.count(n), href=f"#{_anchor(paraphrases, each.view, lost=lost)}" if n else "")


def _anchor(paraphrases: ParaphrasedSuites, view: ConditionView, *, lost: bool) -> str:
    return f"{'lost' if lost else 'gained'}-{view.id}-{paraphrases.second}"


def _flips(
    analysis: Analysis, paraphrases: ParaphrasedSuites, each: ParaphraseAnswers, *, lost: bool
) -> TemplateValues:
    """The ``n`` questions that one condition had right in one wording only, in one direction; the first `MOST`."""
    ids = each.lost if lost else each.gained
    rows, lines = grouped(each.view.rows, address), []
    for id_ in ids[:MOST]:
        item = analysis.items[paraphrases.first, id_]
        first, second = (
            _said(analysis, suite, analysis.items[suite, id_], rows.get(item_address(suite, id_), []))
            for suite in (paraphrases.first, paraphrases.second)
        )
        cells = (second, Cell(text=item.answer_text, small=item.category, numeric=False))
        lines.append(Line(head=first.text, cells=cells, small=first.small, href=first.href))
    columns = tuple(
        ColumnHead(text=name, numeric=False) for name in ("first wording", "second wording", "right answer")
    )
    more = f"The first {MOST}; the others are in results.csv." if len(ids) > MOST else ""
    return TemplateValues(
        anchor=_anchor(paraphrases, each.view, lost=lost),
        title=f"{each.view.label} {'right, then wrong' if lost else 'wrong, then right'}",
        n=len(ids),
        table=Table(caption=more, columns=columns, lines=tuple(lines)),
    )


def _said(analysis: Analysis, suite: str, item: Item, rows: Sequence[Row]) -> Cell:
    """One wording, and what was answered to it: mark, answer, confidence."""
    found = cell(rows)
    answer = shortened(_text(item, found.answer, rows[0].order if rows else ()), 40) or numbers.MISSING
    mark = f"{found.outcome.mark} " if found.outcome else ""
    sure = "" if found.confidence is None else f", {numbers.percent(found.confidence)}"
    return Cell(
        text=shortened(item.question),
        small=f"{mark}{answer}{sure}",
        numeric=False,
        href=analysis.contents.question(item_address(suite, item.id)),
    )


def _text(item: Item, answer: str, order: Sequence[int]) -> str:
    """The chosen option in words, for its letter may be another in the other wording."""
    places = order or range(len(item.choices))
    if answer and answer in LETTERS[: len(item.choices)]:
        return item.choices[places[LETTERS.index(answer)]]
    return answer


_NO_ANSWER = (Outcome.UNPARSED, Outcome.TRUNCATED)


def rescoring_part(analysis: Analysis) -> TemplateValues | None:
    """The part on other ways of scoring; None where answers were neither weighed nor come out otherwise."""
    found, weighed = rescoring.readings(analysis), rescoring.rows_of(analysis.data, "likelihood")
    if not (found.changed or weighed):
        return None
    marked = [analysis.label_of_suite(suite) for suite in rescoring.marked_suites(analysis.data)]
    return TemplateValues(
        lede=_lede(analysis, found) if found.changed else None,
        left_out=Finding("robustness.marked", names=marked) if marked else None,
        silent=Finding("robustness.silent", names=found.left_out) if found.left_out else None,
        chains=_chains(analysis, found) if found.changed else None,
        manners=tuple((name, CHAINS[name].manner) for name in found.outcomes),
        weights=_weights(analysis, weighed) if weighed else None,
        command=f"llmxray report {analysis.data.name} --chain mmlu-pro",
    )


def _scores(analysis: Analysis, found: rescoring.Readings, view: ConditionView) -> dict[str, Estimate]:
    rows = found.rows[view.id]
    return {name: accuracy_of(rows, analysis.design, of[view.id]) for name, of in found.outcomes.items()}


def _lede(analysis: Analysis, found: rescoring.Readings) -> Finding:
    spans = []
    for view in analysis.views:
        if view.id in found.rows:
            scores = _scores(analysis, found, view)
            known = [(each.value or 0.0, name) for name, each in scores.items()]
            spans.append((max(known)[0] - min(known)[0], view.label, min(known), max(known)))
    width, name, (low, low_chain), (high, high_chain) = max(spans)
    return Finding(
        "robustness.lede", name=name, low=low, by=low_chain, high=high, other=high_chain, points=100 * width
    )


def _chains(analysis: Analysis, found: rescoring.Readings) -> Table:
    rows = []
    for view in analysis.views:
        if view.id not in found.rows:
            continue
        scores, cells = _scores(analysis, found, view), []
        for name, of in found.outcomes.items():
            unread = sum(outcome in _NO_ANSWER for outcome in of[view.id])
            cells += [share_cell(scores[name]), Cell(text=numbers.count(unread))]
        rows.append((view, cells))
    return of_conditions(
        Finding("robustness.chains"),
        [
            each
            for name in found.outcomes
            for each in (ColumnHead(text=name, small="accuracy"), ColumnHead(text="no answer", small=name))
        ],
        rows,
    )


def _weights(analysis: Analysis, weighed: Mapping[str, Sequence[Row]]) -> Table:
    # MC2 is about questions with several right options.
    several = {suite for (suite, _), item in analysis.items.items() if len(right_options(item)) > 1}
    lines, moved = [], 0.0
    for view in analysis.views:
        if view.id not in weighed:
            continue
        by = {
            name: results_room.rescore(analysis.plan, weighed[view.id], likelihood=name)
            for name in get_args(LikelihoodScore)
        }
        scores = [accuracy_of(list(each), view.design) for each in by.values()]
        known = [score.value or 0.0 for score in scores]
        moved, cells = max(moved, max(known) - min(known)), list(map(share_cell, scores))
        if several:
            cells.append(share_cell(_mass(view, [row for row in by["acc"] if row.suite in several])))
        lines.append((view, cells))
    columns = [
        ColumnHead(text="acc", small="total log-probability"),
        ColumnHead(text="acc_norm", small="per character"),
        ColumnHead(text="acc_bytes", small="per byte"),
    ]
    if several:
        columns.append(ColumnHead(text="MC2", small="mass on right options", anchor="right-mass"))
    return of_conditions(
        Finding("robustness.weights", moved=moved),
        columns,
        lines,
    )


def _mass(view: ConditionView, rows: Sequence[Row]) -> Estimate:
    """The mean share of the probability that lies on right options."""
    masses = item_means(rows, lambda row: row.right_mass)
    units = [view.design.unit(item) for item in masses]
    return accuracy.within_unit(accuracy.clustered(list(masses.values()), units))


# The template and the anchor of each part, its title and what makes it.
_PARTS: Mapping[str, tuple[str, Callable[[Analysis], object]]] = {
    "position": ("Position of the right option", positions_part),
    "rewording": ("Paraphrases", rewording_part),
    "rescoring": ("Other ways of scoring", rescoring_part),
}


def has_parts(data: ExperimentData) -> bool:
    """Whether there is anything to say: something was asked in two ways, or another rule changes a score."""
    asked_twice = applies.has_rotations(data) or applies.has_paraphrases(data)
    return asked_twice or rescoring.scored_otherwise(data, rescoring.readings_of(data))


def page_values(analysis: Analysis) -> TemplateValues:
    """The robustness page of an experiment; a part is None where it has nothing of the kind."""
    found = {name: part(analysis) for name, (_, part) in _PARTS.items()}
    return framed(
        analysis.data,
        "robustness",
        "Robustness",
        # The sentence on the card is of the rotations or the paraphrases, where there are any.
        headline=main_finding(analysis).sentence
        if found["position"] or found["rewording"]
        else "What another way of reading the same replies changes",
        parts=[Link(text=title, href=f"#{name}") for name, (title, _) in _PARTS.items() if found[name]],
        found=found,
    )
