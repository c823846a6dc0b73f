"""The part Items of the ledger: the hardest, the most discriminating, and those whose key may be wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from llmxray import tables
from llmxray.metrics.items import LEAST
from llmxray.plan import item_address
from llmxray.report import numbers
from llmxray.report.analysis.items import MOST_MODELS_FOR_ONE, ItemFinding, Panel
from llmxray.report.analysis.runs import suite_of
from llmxray.report.links import question_href
from llmxray.report.widgets.table import Cell, ColumnHead, Line, Table, measured_cell, share_cell
from llmxray.report.wording.asking import asked_in_words
from llmxray.types import Estimate

MOST = 20
CSV = "items.csv"
# An answer may be a text.
_LONGEST = 40
_COLUMNS = (
    "suite", "item_id", "category", "asked", "models", "difficulty", "difficulty_low", "difficulty_high",
    "discrimination", "discrimination_low", "discrimination_high", "key", "rival", "rival_share", "rival_low",
    "rival_high", "rival_p_holm", "suspicious",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemsPart:
    """What the page shows of the items.

    Attributes:
        told: which models count, a sentence for each suite that has enough.
        least, one_in: models that must have been asked an item, at least, and one in how many.
    """

    told: tuple[str, ...]
    lists: tuple[ItemList, ...]
    csv: str = CSV
    least: int = LEAST
    one_in: int = MOST_MODELS_FOR_ONE


@dataclass(frozen=True, slots=True)
class ItemList:
    """One list of items.

    Attributes:
        meaning: what its items have in common. table: None where it would be empty; ``why`` says why.
    """

    anchor: str
    heading: str
    meaning: str
    table: Table | None
    why: str = ""


def make(panels: Sequence[Panel], titles: Mapping[str, str], bases: Mapping[str, str]) -> ItemsPart:
    """The part.

    Args:
        titles: by suite. bases: folder of an experiment's pages, "" where there are none.
    """
    found = [finding for panel in panels for finding in panel.findings]

    def table(
        listed: Sequence[ItemFinding],
        cells: Callable[[ItemFinding], tuple[Cell, ...]],
        columns: tuple[ColumnHead, ...],
    ) -> Table | None:
        lines = tuple(_line(each, cells(each), titles, bases) for each in listed[:MOST])
        return Table("", (ColumnHead("item", numeric=False), *columns), lines) if lines else None

    hardest = sorted((each for each in found if each.difficulty.value is not None), key=_hardness)
    telling = [each for each in found if (each.discrimination.low or 0) > 0]
    telling.sort(key=lambda each: -(each.discrimination.low or 0))
    agreed = [each for each in found if (each.agreeing.value or 0) > 0.5]
    agreed.sort(key=lambda each: (each.p_holm, -(each.agreeing.value or 0)))
    flagged = sum(each.suspicious for each in agreed)
    return ItemsPart(
        told=_told(panels, titles),
        lists=(
            ItemList(
                "wrong-keys",
                "Suspicious items",
                "Most models give the same answer, and it is not the key. The key may be wrong, or the error is a "
                f"popular one. {_flagged(flagged, len(agreed))}",
                table(agreed, _suspicion, _SUSPICIOUS),
                _no_majority(panels),
            ),
            ItemList(
                "hardest",
                "Hardest items",
                "The smallest share of models is right, in the order of the upper end of its 95% interval.",
                table(hardest, _measured, _MEASURED),
            ),
            ItemList(
                "discriminating",
                "Most discriminating items",
                "Models that are right elsewhere are right here: the corrected item–rest correlation, in the order of "
                "the lower end of its 95% interval.",
                table(telling, _measured, _MEASURED),
                "No item has a discrimination that is significantly above 0.",
            ),
        ),
    )


def as_csv(panels: Sequence[Panel]) -> bytes:
    """All items as a table."""
    return tables.write([_COLUMNS, *(_values(panel, each) for panel in panels for each in panel.findings)])


def _values(panel: Panel, found: ItemFinding) -> list[str | int | float | None]:
    hard, telling, agreeing = found.difficulty, found.discrimination, found.agreeing
    return [
        *(suite_of(found.suite), found.id, found.category, panel.asked, hard.n),
        *(hard.value, hard.low, hard.high, telling.value, telling.low, telling.high),
        *(found.key, found.rival, agreeing.value, agreeing.low, agreeing.high, found.p_holm),
        "" if found.p_holm is None else "yes" if found.suspicious else "no",
    ]


def _hardness(found: ItemFinding) -> float:
    return 1.0 if found.difficulty.high is None else found.difficulty.high


def _told(panels: Sequence[Panel], titles: Mapping[str, str]) -> tuple[str, ...]:
    told, few = [], []
    for panel in panels:
        models = numbers.plural(panel.models, "model")
        if panel.models < LEAST:
            few.append(f"{titles[panel.suite]} ({models}, {asked_in_words(panel.asked)})")
            continue
        known = (
            "" if panel.answered == panel.models else f"; {numbers.count(panel.answered)} have answers here"
        )
        items = numbers.plural(len(panel.findings), "item")
        told.append(f"{titles[panel.suite]}: {models} ({asked_in_words(panel.asked)}) on {items}{known}.")
    if few:
        told.append(
            f"Item statistics need {LEAST} models that were asked alike. Too few: {numbers.listed(few)}."
        )
    return tuple(told)


def _flagged(flagged: int, agreed: int) -> str:
    return f"Significant after Holm correction over all items: {flagged} of {agreed}." if agreed else ""


def _no_majority(panels: Sequence[Panel]) -> str:
    if any(panel.answered >= LEAST for panel in panels):
        return "On no item do more than half of the models agree on another answer than the key."
    return f"There are no answers to compare: they need results.parquet of at least {LEAST} models."


_MEASURED = (
    ColumnHead("right", "share of models"),
    ColumnHead("discrimination", "item–rest r"),
    ColumnHead("models"),
)
_SUSPICIOUS = (
    ColumnHead("key", numeric=False),
    ColumnHead("most give", numeric=False),
    ColumnHead("models that give it"),
    ColumnHead("discrimination", "of the key"),
    ColumnHead("adjusted p", "Holm"),
)


def _line(
    found: ItemFinding, cells: tuple[Cell, ...], titles: Mapping[str, str], bases: Mapping[str, str]
) -> Line:
    base = bases.get(found.experiment, "")
    small = " · ".join(part for part in (titles[found.suite], found.category) if part)
    href = f"{base}/{question_href(item_address(suite_of(found.suite), found.id))}" if base else ""
    return Line(_short(found.id), cells, small, href=href)


def _measured(found: ItemFinding) -> tuple[Cell, ...]:
    n = found.difficulty.n
    return (
        share_cell(found.difficulty),
        _correlation(found.discrimination),
        Cell(numbers.count(n), sort=str(n)),
    )


def _suspicion(found: ItemFinding) -> tuple[Cell, ...]:
    return (
        Cell(_short(found.key), numeric=False),
        Cell(_short(found.rival), numeric=False),
        share_cell(found.agreeing),
        _correlation(found.discrimination),
        Cell(numbers.bare_p(found.p_holm), "significant" if found.suspicious else "not significant"),
    )


def _correlation(r: Estimate) -> Cell:
    return measured_cell(r, numbers.decimal, 0.0)


def _short(text: str) -> str:
    # One letter is an option; longer answers are texts or numbers.
    text = text.upper() if len(text) == 1 else text
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
