"""The part Items of the ledger: those whose key may be wrong; all of them are in a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llmxray import spreadsheets
from llmxray.metrics.items import LEAST
from llmxray.plan import item_address
from llmxray.report import numbers
from llmxray.report.analysis.items import MOST_MODELS_FOR_ONE, ItemFinding, Panel
from llmxray.report.analysis.runs import suite_of
from llmxray.report.links import within
from llmxray.report.sentences import Finding
from llmxray.report.widgets.frame import Values
from llmxray.report.widgets.table import Cell, ColumnHead, Line, Table, measured_cell, share_cell
from llmxray.report.wording.asking import asked_in_words

MOST = 20
CSV = "items.csv"
# An answer may be a text.
_LONGEST = 40
_COLUMNS = (
    "suite", "item_id", "category", "asked", "models", "difficulty", "difficulty_low", "difficulty_high",
    "discrimination", "discrimination_low", "discrimination_high", "key", "rival", "rival_share", "rival_low",
    "rival_high", "rival_p_holm", "suspicious",
)  # fmt: skip
_HEADS = (
    ColumnHead(text="item", numeric=False),
    ColumnHead(text="right", small="share of models"),
    ColumnHead(text="discrimination", small="item–rest r"),
    ColumnHead(text="key", numeric=False),
    ColumnHead(text="most give", numeric=False),
    ColumnHead(text="models that give it"),
    ColumnHead(text="adjusted p", stat="Holm"),
)


def make(panels: Sequence[Panel], titles: Mapping[str, str], bases: Mapping[str, str]) -> Values:
    """The part.

    Args:
        titles: by suite. bases: folder of an experiment's pages, "" where there are none.
    """
    found = [finding for panel in panels for finding in panel.findings]
    agreed = [item for item in found if (item.agreeing.value or 0) > 0.5]
    agreed.sort(key=lambda item: (item.p_holm or 0.0, -(item.agreeing.value or 0)))
    return Values(
        panels=[
            Finding(
                "ledger.items" if panel.findings else "ledger.items-few",
                suite=titles[panel.suite],
                models=panel.models,
                asked=asked_in_words(panel.asked),
                n=len(panel.findings),
                least=LEAST,
            )
            for panel in panels
        ],
        csv=CSV,
        # Models that must have been asked an item, at least, and one in how many.
        least=LEAST,
        one_in=MOST_MODELS_FOR_ONE,
        agreed=len(agreed),
        flagged=sum(item.suspicious for item in agreed),
        table=Table(
            caption="",
            columns=_HEADS,
            lines=tuple(
                Line(
                    head=_short(item.id),
                    cells=_cells(item),
                    small=" · ".join(filter(None, (titles[item.suite], item.category))),
                    href=within(bases[item.experiment]).question(item_address(suite_of(item.suite), item.id)),
                )
                for item in agreed[:MOST]
            ),
        ),
    )


def as_csv(panels: Sequence[Panel]) -> bytes:
    """All items as a table."""
    return spreadsheets.write(
        [_COLUMNS, *(_values(panel, item) for panel in panels for item in panel.findings)]
    )


def _values(panel: Panel, found: ItemFinding) -> list[str | int | float | None]:
    hard, telling, agreeing = found.difficulty, found.discrimination, found.agreeing
    return [
        *(suite_of(found.suite), found.id, found.category, panel.asked, hard.n),
        *(hard.value, hard.low, hard.high, telling.value, telling.low, telling.high),
        *(found.key, found.rival, agreeing.value, agreeing.low, agreeing.high, found.p_holm),
        "" if found.p_holm is None else "yes" if found.suspicious else "no",
    ]


def _cells(found: ItemFinding) -> tuple[Cell, ...]:
    return (
        share_cell(found.difficulty),
        measured_cell(found.discrimination, numbers.decimal, 0.0),
        Cell(text=_short(found.key), numeric=False),
        Cell(text=_short(found.rival), numeric=False),
        share_cell(found.agreeing),
        Cell(
            text=numbers.bare_p(found.p_holm), small="significant" if found.suspicious else "not significant"
        ),
    )


def _short(text: str) -> str:
    # One letter is an option; longer answers are texts or numbers.
    text = text.upper() if len(text) == 1 else text
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
