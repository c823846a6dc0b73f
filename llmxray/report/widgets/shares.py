"""The numbers of a headline as a table."""

from __future__ import annotations

from llmxray.report.widgets.table import Column, Line, Table, share_cell
from llmxray.report.wording.headline import Headline


def shares_table(found: Headline) -> Table:
    """The numbers of a headline as a table."""
    lines = tuple(
        Line(
            row.name,
            tuple(share_cell(each, chance=found.chance) for each in row.shares),
            css=row.css,
            href=row.href,
        )
        for row in found.rows
    )
    columns = (Column("", numeric=False), *(Column(measure) for measure in found.measures))
    return Table(found.caption, columns, lines)
