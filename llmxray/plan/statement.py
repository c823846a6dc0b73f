"""Statement of an experiment file when its recording began: hypothesis and predictions, with the date.

A statement is frozen with the plan and never overwritten by a later recording into the same cassette. A fresh
recording has today's, and keeps the earlier ones where they differ: the first, the newest, and how many there were.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from llmxray.errors import CassetteError, ExperimentError
from llmxray.experiment import Experiment, parse

if TYPE_CHECKING:
    from llmxray.cassette.manifest import Manifest

# Limit on the earlier statements that are kept, the first among them; the others are counted.
_MOST_EARLIER = 100
_CLAIMS = ("hypothesis", "predictions")


class PlanLines(Protocol):
    """A recording with its frozen plan; files of other tools have none."""

    @property
    def manifest(self) -> Manifest | None:
        """Facts of the recording; None without one."""

    def lines(self, role: str) -> Iterator[Any]:
        """The lines of a file that was frozen with the recordings."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Hypothesis and predictions of one version of an experiment file.

    Attributes:
        hypothesis: "" where there was none, None where that is not known.
        predictions: as they stood in the file, defaults filled in; None where they are not known.
        stated_on: the day on which recording began, as an ISO 8601 date in UTC; None where that is not known.
        earlier: statements of the recordings that fresh ones have replaced, the oldest first.
        left_out: number of statements between the first and the second of these.
        source: text of the experiment file that states it; "" where that is not known.
    """

    hypothesis: str | None = None
    predictions: tuple[Mapping[str, Any], ...] | None = None
    stated_on: str | None = None
    earlier: tuple[Statement, ...] = ()
    left_out: int = 0
    source: str = field(default="", compare=False)

    def is_same_claim(self, statement: Statement) -> bool:
        """Return whether hypothesis and predictions are equal, whatever the dates."""
        return (self.hypothesis, self.predictions) == (statement.hypothesis, statement.predictions)

    def with_history_of(self, replaced: Statement) -> Statement:
        """Return this statement of a fresh recording, with earlier statements of the replaced one where they differ."""
        earlier = replaced.earlier
        if not self.is_same_claim(replaced):
            earlier += (replace(replaced, earlier=(), left_out=0, source=""),)
        left_out = replaced.left_out + max(0, len(earlier) - _MOST_EARLIER)
        if len(earlier) > _MOST_EARLIER:
            earlier = (earlier[0], *earlier[1 - _MOST_EARLIER :])
        return replace(self, earlier=earlier, left_out=left_out)

    def as_header(self, source: str) -> dict[str, Any]:
        """Return the statement's keys in the first line of a plan that is frozen with this experiment file."""
        omission = {"earlier_left_out": self.left_out} if self.left_out else {}
        # The file may have been edited between two recordings into one cassette.
        other = {"stated_in": self.source} if self.source not in ("", source) else {}
        earlier = [_as_json(statement) for statement in self.earlier]
        return {**_as_json(self), "earlier": earlier, **omission, **other}


def statement_of(experiment: Experiment, stated_on: str | None, source: str = "") -> Statement:
    """Return the current statement of an experiment file."""
    predictions = tuple(prediction.as_dict() for prediction in experiment.predictions)
    return Statement(experiment.hypothesis or "", predictions, stated_on, source=source)


def recorded_statement(recording: PlanLines) -> Statement:
    """Return the statement of a cassette; an unknown one without a plan, which another client recorded.

    Raises:
        CassetteError: as for `frozen_statement`.
    """
    header = next(recording.lines("plan"), None)
    return Statement() if header is None else frozen_statement(header, first_recorded(recording))


def first_recorded(recording: PlanLines) -> str:
    """Return the day of the first recording as the manifest states it; "" where it states none."""
    return recording.manifest.recorded.get("first", "")[:10] if recording.manifest else ""


def frozen_statement(header: Mapping[str, Any], first_day: str = "") -> Statement:
    """Return the statement of the day recording began, from the first line of a frozen plan.

    It is that of the experiment file that was frozen with the plan. Where this version cannot read that file, nothing
    shows what was stated, and so the statement has no date.

    Args:
        header: the first line of a frozen plan.
        first_day: ISO 8601 date of the first recording; "" where it is not known.

    Raises:
        CassetteError: the line is not one that `freeze` wrote, or has a date after the first recording.
    """
    source = str(header.get("stated_in") or header.get("source", ""))
    in_file = _source_statement(source)
    stated = dict(header)
    if in_file.hypothesis is not None:
        # The file is what was stated; the header repeats it for versions that cannot read the file, or says that
        # nothing is known.
        from_file = _as_json(in_file)
        stated |= {name: from_file[name] for name in _CLAIMS if header.get(name, "") is not None}
    try:
        left_out = int(stated.get("earlier_left_out", 0))
        earlier = tuple(map(_from_json, stated.get("earlier") or ()))
        statement = _from_json(stated)
    # Cassettes come from strangers, so a field may hold a value of any type.
    except (AttributeError, TypeError, ValueError) as error:
        raise CassetteError(f"the frozen predictions cannot be read ({error})") from error
    if first_day and statement.stated_on is not None and statement.stated_on > first_day:
        raise CassetteError(
            f"the plan states that it was frozen on {statement.stated_on}, which is after the first recording "
            f"({first_day})"
        )
    stated_on = None if in_file.hypothesis is None else statement.stated_on
    return replace(statement, stated_on=stated_on, earlier=earlier, left_out=left_out, source=source)


def _source_statement(source: str) -> Statement:
    try:
        return statement_of(parse(source), None)
    except ExperimentError:
        return Statement()


def _as_json(statement: Statement) -> dict[str, Any]:
    predictions = statement.predictions
    return {
        "stated_on": statement.stated_on,
        "hypothesis": statement.hypothesis,
        "predictions": None if predictions is None else [dict(prediction) for prediction in predictions],
    }


def _from_json(data: Mapping[str, Any]) -> Statement:
    stated_on = _text(data.get("stated_on"))
    # Written in one form only, so that dates can be compared as text.
    if stated_on is not None and date.fromisoformat(stated_on).isoformat() != stated_on:
        raise ValueError(f"{stated_on!r} is not a date such as 2026-12-01")
    predictions: Any = data.get("predictions")
    return Statement(
        _text(data.get("hypothesis")),
        None if predictions is None else tuple(map(dict, predictions)),
        stated_on,
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
