"""The part Items of the ledger: the hardest, the most discriminating, and those whose key may be wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from llmxray import spreadsheets
from llmxray.metrics.items import LEAST
from llmxray.plan import item_address
from llmxray.report import numbers
from llmxray.report.analysis.items import MOST_MODELS_FOR_ONE, ItemFinding, Panel
from llmxray.report.analysis.runs import suite_of
from llmxray.report.links import within
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


def make(panels: Sequence[Panel], titles: Mapping[str, str], bases: Mapping[str, str]) -> Values:
    """The part.

    Args:
        titles: by suite. bases: folder of an experiment's pages, "" where there are none.
    """
    found = [finding for panel in panels for finding in panel.findings]

    def listed(
        anchor: str,
        heading: str,
        meaning: str,
        items: Sequence[ItemFinding],
        columns: Sequence[Column],
        why: str = "",
    ) -> Values:
        """One list: what its items have in common, and their table, or ``why`` there is none."""
        heads = (ColumnHead(text="item", numeric=False), *(head for head, _ in columns))
        lines = tuple(_line(each, columns, titles, bases) for each in items[:MOST])
        table = Table(caption="", columns=heads, lines=lines) if lines else None
        return Values(anchor=anchor, heading=heading, meaning=meaning, table=table, why=why)

    hardest = sorted(
        (each for each in found if each.difficulty.value is not None),
        key=lambda each: 1.0 if each.difficulty.high is None else each.difficulty.high,
    )
    telling = [each for each in found if (each.discrimination.low or 0) > 0]
    telling.sort(key=lambda each: -(each.discrimination.low or 0))
    agreed = [each for each in found if (each.agreeing.value or 0) > 0.5]
    agreed.sort(key=lambda each: (each.p_holm, -(each.agreeing.value or 0)))
    flagged = sum(each.suspicious for each in agreed)
    tested = f"Significant after Holm correction over all items: {flagged} of {len(agreed)}."
    return Values(
        told=_told(panels, titles),
        csv=CSV,
        # Models that must have been asked an item, at least, and one in how many.
        least=LEAST,
        one_in=MOST_MODELS_FOR_ONE,
        lists=(
            listed(
                "wrong-keys",
                "Suspicious items",
                "Most models give the same answer, and it is not the key. The key may be wrong, or the error is a "
                f"popular one. {tested if agreed else ''}",
                agreed,
                _SUSPICIOUS,
                "On no item do more than half of the models agree on another answer than the key."
                if any(panel.answered >= LEAST for panel in panels)
                else f"There are no answers to compare: they need results.parquet of at least {LEAST} models.",
            ),
            listed(
                "hardest",
                "Hardest items",
                "The smallest share of models is right, in the order of the upper end of its 95% interval.",
                hardest,
                _MEASURED,
            ),
            listed(
                "discriminating",
                "Most discriminating items",
                "Models that are right elsewhere are right here: the corrected item–rest correlation, in the order of "
                "the lower end of its 95% interval.",
                telling,
                _MEASURED,
                "No item has a discrimination that is significantly above 0.",
            ),
        ),
    )


def as_csv(panels: Sequence[Panel]) -> bytes:
    """All items as a table."""
    return spreadsheets.write(
        [_COLUMNS, *(_values(panel, each) for panel in panels for each in panel.findings)]
    )


def _values(panel: Panel, found: ItemFinding) -> list[str | int | float | None]:
    hard, telling, agreeing = found.difficulty, found.discrimination, found.agreeing
    return [
        *(suite_of(found.suite), found.id, found.category, panel.asked, hard.n),
        *(hard.value, hard.low, hard.high, telling.value, telling.low, telling.high),
        *(found.key, found.rival, agreeing.value, agreeing.low, agreeing.high, found.p_holm),
        "" if found.p_holm is None else "yes" if found.suspicious else "no",
    ]


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


def _line(
    found: ItemFinding, columns: Sequence[Column], titles: Mapping[str, str], bases: Mapping[str, str]
) -> Line:
    small = " · ".join(part for part in (titles[found.suite], found.category) if part)
    address = item_address(suite_of(found.suite), found.id)
    href = within(bases.get(found.experiment, "")).question(address)
    return Line(
        head=_short(found.id), cells=tuple(cell(found) for _, cell in columns), small=small, href=href
    )


def _discrimination(found: ItemFinding) -> Cell:
    return measured_cell(found.discrimination, numbers.decimal, 0.0)


def _short(text: str) -> str:
    # One letter is an option; longer answers are texts or numbers.
    text = text.upper() if len(text) == 1 else text
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


type Column = tuple[ColumnHead, Callable[[ItemFinding], Cell]]

_MEASURED: tuple[Column, ...] = (
    (ColumnHead(text="right", small="share of models"), lambda found: share_cell(found.difficulty)),
    (ColumnHead(text="discrimination", small="item–rest r"), _discrimination),
    (
        ColumnHead(text="models"),
        lambda found: Cell(text=numbers.count(found.difficulty.n), sort=str(found.difficulty.n)),
    ),
)
_SUSPICIOUS: tuple[Column, ...] = (
    (ColumnHead(text="key", numeric=False), lambda found: Cell(text=_short(found.key), numeric=False)),
    (
        ColumnHead(text="most give", numeric=False),
        lambda found: Cell(text=_short(found.rival), numeric=False),
    ),
    (ColumnHead(text="models that give it"), lambda found: share_cell(found.agreeing)),
    (ColumnHead(text="discrimination", small="of the key"), _discrimination),
    (
        ColumnHead(text="adjusted p", stat="Holm"),
        lambda found: Cell(
            text=numbers.bare_p(found.p_holm), small="significant" if found.suspicious else "not significant"
        ),
    ),
)
