"""What a pack claims, beside what its recordings give when everything is computed again."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llmxray import tables
from llmxray.cassette import bounds
from llmxray.cassette.codec import loads_strictly
from llmxray.errors import PackError

# Sums may be taken in another order by another build of numpy; a published digit is far coarser than this.
TOLERANCE = 1e-9
_NAMES = ("condition", "suite", "item_id", "sample")
_ROTATION = "rotation"
# Of memory, beside its name.
_CLAIM_BYTES = 100

type Value = float | str | None


@dataclass(frozen=True, slots=True)
class Claim:
    """One published figure or cell: its name and its value, None where the page shows "—"."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that did not come out as claimed."""

    name: str
    claimed: Value
    found: Value

    def __str__(self) -> str:
        text = f"{self.name}: claimed {_text(self.claimed)}, found {_text(self.found)}"
        if isinstance(self.claimed, float) and isinstance(self.found, float):
            text += f" (off by {self.found - self.claimed:+.3g})"
        return text


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a reproduction went.

    Attributes:
        total: claims that were compared.
        differences: those that differ, in the order of the claims.
    """

    total: int
    differences: tuple[Difference, ...]

    @property
    def reproduced(self) -> int:
        """Claims that came out as claimed."""
        return self.total - len(self.differences)

    def __str__(self) -> str:
        return f"reproduced: {self.reproduced:,} of {self.total:,} numbers"


def compare(claimed: Sequence[Claim], found: Sequence[Claim]) -> Comparison:
    """Every claim against what was found under its name; what only ``found`` has is claimed by nobody."""
    by_name = {claim.name: claim.value for claim in found}
    differences = tuple(
        Difference(claim.name, claim.value, by_name.get(claim.name))
        for claim in claimed
        if claim.name not in by_name or not _equal(claim.value, by_name[claim.name])
    )
    return Comparison(len(claimed), differences)


def figure_claims(data: bytes, *, file: str) -> list[Claim]:
    """The claims in a ``figures.json``.

    Raises:
        PackError: it is not one.
    """
    try:
        figures = loads_strictly(data)
        return [Claim(str(name), _value(value)) for name, value in figures.items()]
    # A whole number of four hundred digits is JSON, and no float.
    except (ValueError, AttributeError, TypeError, OverflowError) as error:
        raise PackError(f"{file}: not a table of figures ({error})") from error


def table_claims(data: bytes, *, file: str) -> list[Claim]:
    """Every cell of a ``results.csv``, named by its trial and column.

    Raises:
        PackError: it is not one.
    """
    try:
        rows = csv.DictReader(io.StringIO(data.decode("utf-8"), newline=""))
        columns = rows.fieldnames or ()
        if len({*columns}) < len(columns):
            raise ValueError("a column stands twice")
        # A name has the whole trial in it, and so a long one stands in as many as there are columns.
        room, claims = bounds.REBUILT.room(len(data)), []
        for claim in (claim for row in rows for claim in _cells(_texts(row))):
            room.take(len(claim.name) + _CLAIM_BYTES)
            claims.append(claim)
        return claims
    except (ValueError, KeyError, TypeError, csv.Error) as error:
        raise PackError(f"{file}: not a table of results ({type(error).__name__}: {error})") from error


def _texts(row: Mapping[str, Any]) -> dict[str, Any]:
    # A row that is too short or too long has other things in it, which are refused where they are used.
    return {name: tables.unguarded(cell) if isinstance(cell, str) else cell for name, cell in row.items()}


def _cells(row: Mapping[str, str]) -> Iterator[Claim]:
    if None in row or None in row.values():
        raise ValueError("a row that is longer or shorter than the first")
    names = [row[name] for name in _NAMES]
    # Only where there is one: tables without rotations keep the names of their cells.
    if row.get(_ROTATION) not in (None, "", "0"):
        names.append(f"r{row[_ROTATION]}")
    trial = "/".join(names)
    for column, text in row.items():
        if column not in _NAMES:
            yield Claim(f"results.csv {trial} {column}", _cell(text))


def _cell(text: str) -> Value:
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        return text


def _value(value: object) -> Value:
    if value is None or isinstance(value, str):
        return value
    # True is an int to Python, and no figure.
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"a value of the kind {type(value).__name__} is not a figure")
    # Python reads NaN, and 1e999 as infinite.
    if not math.isfinite(number := float(value)):
        raise ValueError(f"{number} is not a figure")
    return number


def _equal(claimed: Value, found: Value) -> bool:
    if isinstance(claimed, float) and isinstance(found, float):
        # Of a difference that should be 0, rounding leaves something.
        return math.isclose(claimed, found, rel_tol=TOLERANCE, abs_tol=0.0 if claimed and found else 1e-12)
    return claimed == found


def _text(value: Value) -> str:
    return "—" if value is None else f"{value:.6g}" if isinstance(value, float) else repr(value)
