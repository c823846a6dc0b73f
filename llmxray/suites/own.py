"""Detection of a benchmark's own rows, by the columns that the data set has where it is published.

Other data sets share names of columns, and would be read under a card that is not theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llmxray.errors import SuiteError
from llmxray.suites.data_rows import DataRow, list_names, quote_value
from llmxray.suites.sources import PREVIEW

# pandas writes a table's index under these names.
_INDEX = ("", "Unnamed: 0", "__index_level_0__")


@dataclass(frozen=True, slots=True)
class Schema:
    """Columns of a published data set.

    Attributes:
        columns: every row has these.
        others: a row may have these as well.
    """

    columns: tuple[str, ...]
    others: tuple[str, ...] = ()

    def fits(self, row: DataRow) -> bool:
        """Return whether the row has the columns of this schema and no foreign ones."""
        return row.has(*self.columns) and not self.foreign_columns(row)

    def foreign_columns(self, row: DataRow) -> list[str]:
        """Return the row's columns that are not in this schema."""
        return [column for column in row.data if column not in (*self.columns, *self.others, *_INDEX)]


def refuse_foreign(suite: str, schemas: Sequence[Schema], rows: Sequence[DataRow]) -> None:
    """Refuse rows of another data set; a suite without schemas takes any.

    Raises:
        SuiteError: names the first such row, and says how to describe it.
    """
    for row in rows if schemas else ():
        if any(schema.fits(row) for schema in schemas):
            continue
        nearest = max(schemas, key=lambda schema: sum(map(row.has, schema.columns)))
        missing = next((column for column in nearest.columns if not row.has(column)), None)
        if missing is not None:
            reason = f"there is no column {missing!r}; it has: {list_names(row.data)}"
        else:
            reason = f"the column {quote_value(nearest.foreign_columns(row)[0])} is not one of {suite}'s"
        raise SuiteError(f"{row.place}: {reason}; {other_data_set(suite)}")


def other_data_set(suite: str) -> str:
    """Return advice for rows that are not this suite's."""
    return f"for rows that are not {suite}'s write 'suite: custom' with 'columns:' ({PREVIEW})"
