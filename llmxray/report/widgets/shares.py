"""The numbers of a headline as a table."""

from __future__ import annotations

from dataclasses import replace

from llmxray.report.widgets.table import Cell, Column, Line, Table, share_cell
from llmxray.report.wording.headline import Headline
from llmxray.types import Estimate

# Columns whose intervals have room in words on the front page.
_MOST_WORDED = 2


def shares_table(found: Headline, *, compact: bool = False, folder: str = "") -> Table:
    """The numbers of a headline as a table.

    Args:
        compact: without a caption, and where there are many columns with intervals that are only drawn.
        folder: of the experiment, ending in a slash, for a page above it.
    """
    bare = compact and len(found.measures) > _MOST_WORDED
    lines = tuple(
        Line(
            row.name,
            tuple(
                _cell(each, found.chance, best=found.ranked and place == 0, bare=bare) for each in row.shares
            ),
            css=row.css,
            href=f"{folder}{row.href}",
        )
        for place, row in enumerate(found.rows)
    )
    columns = (Column("", numeric=False), *(Column(measure) for measure in found.measures))
    return Table("" if compact else found.caption, columns, lines)


def _cell(share: Estimate, chance: float | None, *, best: bool, bare: bool) -> Cell:
    made = share_cell(share, chance=chance, best=best)
    return replace(made, small="") if bare else made
