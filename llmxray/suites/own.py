"""Which rows are a benchmark's own: by the columns that the data set has where it is published.

Other data sets share names of columns, and would be read under a card that is not theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llmxray.errors import SuiteError
from llmxray.suites.rows import Row, names_there, shown
from llmxray.suites.sources import PREVIEW

# What pandas writes for a table's index.
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

    def fits(self, row: Row) -> bool:
        """Whether the row has the columns of this schema and no foreign ones."""
        return row.has(*self.columns) and not self.foreign(row)

    def foreign(self, row: Row) -> list[str]:
        """The row's columns that are not in this schema."""
        return [each for each in row.data if each not in (*self.columns, *self.others, *_INDEX)]


def refuse_foreign(suite: str, schemas: Sequence[Schema], rows: Sequence[Row]) -> None:
    """Refuse rows of another data set; a suite without schemas takes any.

    Raises:
        SuiteError: names the first such row, and says how to describe it.
    """
    for row in rows if schemas else ():
        if any(schema.fits(row) for schema in schemas):
            continue
        nearest = max(schemas, key=lambda schema: sum(map(row.has, schema.columns)))
        missing = next((each for each in nearest.columns if not row.has(each)), None)
        if missing is not None:
            reason = f"there is no column {missing!r}; it has: {names_there(row.data)}"
        else:
            reason = f"the column {shown(nearest.foreign(row)[0])} is not one of {suite}'s"
        raise SuiteError(f"{row.place}: {reason}; {other_data_set(suite)}")


def other_data_set(suite: str) -> str:
    """What to do with rows that are not this suite's."""
    return f"for rows that are not {suite}'s write 'suite: custom' with 'columns:' ({PREVIEW})"
