"""The claims of a pack, compared with the numbers that its recordings give when everything is computed again."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llmxray import limits, names, spreadsheets
from llmxray.cassette.codec import loads_strictly
from llmxray.errors import PackError
from llmxray.results import COLUMN_TYPES

# Another build of numpy may add in another order. Published digits are far coarser than this.
TOLERANCE = 1e-9
_NAMES = ("condition", "suite", "item_id", "sample")
_ROTATION = "rotation"
# What is read from a reply is a text, whatever it looks like.
_KINDS = {name: kind for name, (kind, _) in COLUMN_TYPES.items()}
_SHOWN = 40
# What the name of a cell begins with, before its trial and its column; neither has a space in a table of ours.
_CELL = "results.csv "
# Memory that a claim takes beside its name.
_CLAIM_BYTES = 100

# As every table is written.
_NUMERAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?", re.ASCII)
_COUNT = re.compile(r"0|-?[1-9][0-9]{0,18}", re.ASCII)

type Value = float | int | str | None


@dataclass(frozen=True, slots=True)
class ClaimedValue:
    """One published figure or cell: its name and its value, None where the page shows "—"."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that was not reproduced, or a part of the table that is not claimed.

    Attributes:
        why: what is wrong instead, of what has no value to compare.
    """

    name: str
    claimed: Value = None
    found: Value = None
    why: str = ""

    def __str__(self) -> str:
        if self.why:
            return f"{self.name}: {self.why}"
        text = f"{self.name}: claimed {_text(self.claimed)}, found {_text(self.found)}"
        if isinstance(self.claimed, float | int) and isinstance(self.found, float | int):
            text += f" (off by {self.found - self.claimed:+.3g})"
        return text


@dataclass(frozen=True, slots=True)
class ClaimsComparison:
    """The result of comparing claims.

    Attributes:
        total: number of claims that were compared, and of cells that should have been claimed.
        reproduced: those of them that came out.
        differences: claims that differ, in their order; then the rows that should have been claimed.
        figures: number of recomputed figures and cells that are not claimed.
    """

    total: int
    reproduced: int
    differences: tuple[Difference, ...]
    figures: int = 0

    def __str__(self) -> str:
        return f"reproduced: {self.reproduced:,} of {self.total:,} numbers"


def compare(claimed: Sequence[ClaimedValue], found: Sequence[ClaimedValue]) -> ClaimsComparison:
    """Compare every claim with the recomputed value of its name; every row must be claimed.

    Figures and columns that are not claimed are counted only: a later version may state more of them.

    Args:
        claimed: the claims of a pack.
        found: the recomputed values; none if nothing could be recomputed.

    Raises:
        PackError: two claims of one side have the same name.
    """
    claims, recomputed = _by_name(claimed), _by_name(found)
    differing = [
        Difference(name, value, recomputed.get(name))
        for name, value in claims.items()
        if name not in recomputed or not _equal(value, recomputed[name])
    ]
    unclaimed = [name for name in recomputed if name not in claims]
    claimed_trials = {name.split(" ")[1] for name in claims if name.startswith(_CELL)}
    cells = [
        name for name in unclaimed if name.startswith(_CELL) and name.split(" ")[1] not in claimed_trials
    ]
    rows = dict.fromkeys(name.split(" ")[1] for name in cells)
    missing = [
        Difference(f"{_CELL}{trial}", why="a row that was recorded, and is not claimed") for trial in rows
    ]
    return ClaimsComparison(
        len(claims) + len(cells),
        len(claims) - len(differing),
        (*differing, *missing),
        len(unclaimed) - len(cells),
    )


def _by_name(claims: Sequence[ClaimedValue]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for claim in claims:
        # One of the two would be compared with the other's value, or not at all.
        if claim.name in values:
            raise PackError(f"two claims have one name: {claim.name}")
        values[claim.name] = claim.value
    return values


def figure_claims(data: bytes, *, file: str) -> list[ClaimedValue]:
    """The claims in a ``figures.json``.

    Args:
        data: content of the file.
        file: its name, for errors.

    Raises:
        PackError: the data are no table of figures.
    """
    try:
        figures = loads_strictly(data)
        # The table claims its cells itself, or lacks them.
        if cell := next((name for name in figures if name.startswith(_CELL)), None):
            raise ValueError(f"{cell[:_SHOWN]!a} is the name of a cell")
        return [ClaimedValue(name, _value(value)) for name, value in figures.items()]
    # OverflowError: a whole number of four hundred digits is valid JSON, but too large for a float.
    except (ValueError, AttributeError, TypeError, OverflowError) as error:
        raise PackError(f"{file}: not a table of figures ({error})") from error


def table_claims(data: bytes, *, file: str) -> list[ClaimedValue]:
    """Every cell of a ``results.csv`` as a claim, named by its trial and column.

    Args:
        data: content of the file.
        file: its name, for errors.

    Raises:
        PackError: the data are no table of results, or one of very long names.
    """
    # Memory is limited, because the name of each claim repeats the trial's: a long one is kept once per column.
    most, taken, claims = limits.CLAIMS_BYTES + limits.CLAIMS_RATIO * len(data), 0, list[ClaimedValue]()
    try:
        rows = csv.DictReader(spreadsheets.open_csv(data.decode("utf-8")))
        columns = rows.fieldnames or ()
        if len({*columns}) < len(columns):
            raise ValueError("a column stands twice")
        for row in rows:
            for claim in _cells(_texts(row)):
                taken += len(claim.name) + _CLAIM_BYTES
                if taken > most:
                    raise ValueError(
                        f"grows to more than {most:,} bytes, the most that so small a file may hold"
                    )
                claims.append(claim)
    except (ValueError, KeyError, TypeError, csv.Error) as error:
        raise PackError(f"{file}: not a table of results ({type(error).__name__}: {error})") from error
    return claims


def _texts(row: Mapping[str, Any]) -> dict[str, Any]:
    texts = {}
    for name, cell in row.items():
        # A row that is too short or too long has values that are no texts; `_cells` refuses them.
        texts[name] = spreadsheets.unescape_formula(cell) if isinstance(cell, str) else cell
        if isinstance(cell, str) and spreadsheets.escape_formula(texts[name]) != cell:
            raise ValueError(f"a spreadsheet would run {cell[:_SHOWN]!r}")
    return texts


def _cells(row: Mapping[str, str]) -> Iterator[ClaimedValue]:
    if None in row or None in row.values():
        raise ValueError("a row that is longer or shorter than the first")
    parts = [row[name] for name in _NAMES]
    # Added only for a rotation, so that tables without rotations keep the names of their cells.
    if row.get(_ROTATION) not in (None, "", "0"):
        parts.append(f"r{row[_ROTATION]}")
    trial = "/".join(map(names.escaped, parts))
    for column, text in row.items():
        if column not in _NAMES:
            yield ClaimedValue(f"{_CELL}{trial} {column}", _cell(column, text))


def _cell(column: str, text: str) -> Value:
    if not text:
        return None
    kind = _KINDS.get(column)
    if kind == "float64" and _NUMERAL.fullmatch(text):
        return float(text)
    return int(text) if kind == "int64" and _COUNT.fullmatch(text) else text


def _value(value: object) -> Value:
    if value is None or isinstance(value, str):
        return value
    # In Python True is an int, but it is no figure.
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"a value of the kind {type(value).__name__} is not a figure")
    # Python's JSON reader accepts NaN, and reads 1e999 as infinite.
    if not math.isfinite(number := float(value)):
        raise ValueError(f"{number} is not a figure")
    return value


def _equal(claimed: Value, found: Value) -> bool:
    if isinstance(claimed, int) and isinstance(found, int):
        return claimed == found
    if isinstance(claimed, float | int) and isinstance(found, float | int):
        # An absolute tolerance for 0, because rounding leaves a small rest of a difference that should be 0.
        return math.isclose(claimed, found, rel_tol=TOLERANCE, abs_tol=0.0 if claimed and found else 1e-12)
    return claimed == found


def _text(value: Value) -> str:
    return "—" if value is None else repr(value)
