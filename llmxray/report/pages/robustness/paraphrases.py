"""Does a score survive rewording? Each question beside its paraphrase: same answer, flips, test."""

from __future__ import annotations

from collections.abc import Sequence

from llmxray.plan import item_address
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults
from llmxray.report.analysis.paraphrases import ParaphraseAnswers, ParaphrasedSuites, paraphrased_suites
from llmxray.report.analysis.questions import cell, shortened
from llmxray.report.analysis.rows import address, grouped
from llmxray.report.sentences import Finding
from llmxray.report.widgets.frame import Values
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
from llmxray.report.wording.headline import rewording
from llmxray.types import LETTERS, Item, Row

# A page is for reading; results.csv holds the rest.
MOST = 40


def make(analysis: Analysis) -> Values | None:
    """The part on paraphrases; None where no suite asks the questions of another in other words."""
    # A table without any reply would be empty.
    found = [each for each in paraphrased_suites(analysis) if each.is_answered]
    if not found:
        return None
    return Values(
        lede=rewording(found[0]),
        sections=tuple(_section(analysis, paraphrases, place) for place, paraphrases in enumerate(found, 1)),
    )


def _section(analysis: Analysis, paraphrases: ParaphrasedSuites, place: int) -> Values:
    """Two suites, with what was left out of them."""
    alone = numbers.plural(paraphrases.alone, "question")
    are = "has no paraphrase here and is" if paraphrases.alone == 1 else "have no paraphrase here and are"
    return Values(
        id=f"paraphrases-{place}",
        first=analysis.label_of_suite(paraphrases.first),
        second=analysis.label_of_suite(paraphrases.second),
        note=f"{alone} {are} left out." if paraphrases.alone else "",
        table=_table(analysis, paraphrases),
        flips=tuple(
            _flips(analysis, paraphrases, each, lost=lost)
            for each in paraphrases.conditions
            for lost in (True, False)
            if (each.lost if lost else each.gained)
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
    rows = [(each.view, _cells(paraphrases, each)) for each in paraphrases.conditions]
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


def _anchor(paraphrases: ParaphrasedSuites, view: ConditionResults, *, lost: bool) -> str:
    return f"{'lost' if lost else 'gained'}-{view.id}-{paraphrases.second}"


def _flips(
    analysis: Analysis, paraphrases: ParaphrasedSuites, each: ParaphraseAnswers, *, lost: bool
) -> Values:
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
    return Values(
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
