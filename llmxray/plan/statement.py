"""What an experiment file stated when its recording began: the hypothesis and the predictions, with the date.

A statement is frozen with the plan and never overwritten by a later recording into the same cassette. A fresh
recording has today's, and keeps the earlier ones where they differ: the first, the newest, and how many there were.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from llmxray.errors import CassetteError, ExperimentError
from llmxray.experiment import MOST_PREDICTIONS, Experiment, parse

# Earlier statements that are kept, the first among them; more are counted.
_MOST_EARLIER = 100
# Characters of a statement: an experiment file has no more.
_MOST_CHARACTERS = 1 << 20
_LONGEST_DATE = 40


@dataclass(frozen=True, slots=True)
class Statement:
    """Hypothesis and predictions of one version of an experiment file.

    Attributes:
        hypothesis: "" where there was none, None where that is not known.
        predictions: as they stood in the file, defaults filled in; None where they are not known.
        stated_on: the day on which recording began, as an ISO 8601 date in UTC; None where that is not known.
        earlier: statements of the recordings that fresh ones have replaced, the oldest first.
        left_out: how many stood between the first and the second of these.
    """

    hypothesis: str | None = None
    predictions: tuple[Mapping[str, Any], ...] | None = None
    stated_on: str | None = None
    earlier: tuple[Statement, ...] = ()
    left_out: int = 0

    def same(self, other: Statement) -> bool:
        """Whether both say the same, whenever they said it."""
        return (self.hypothesis, self.predictions) == (other.hypothesis, other.predictions)

    def after(self, old: Statement) -> Statement:
        """This statement of a fresh recording, with those of the recording it replaces where they differ."""
        before = old.earlier if self.same(old) else (*old.earlier, _alone(old))
        left_out = old.left_out + max(0, len(before) - _MOST_EARLIER)
        return Statement(self.hypothesis, self.predictions, self.stated_on, _kept(before), left_out)

    def as_header(self) -> dict[str, Any]:
        """The keys of a frozen plan's first line."""
        more = {"earlier_left_out": self.left_out} if self.left_out else {}
        return {**_as_json(self), "earlier": [_as_json(each) for each in self.earlier], **more}


def statement_of(experiment: Experiment, stated_on: str | None) -> Statement:
    """What the experiment file states now."""
    predictions = tuple(each.as_dict() for each in experiment.predictions)
    return Statement(experiment.hypothesis or "", predictions, stated_on)


def frozen_statement(header: Mapping[str, Any]) -> Statement:
    """What was stated when recording began, from the first line of a frozen plan.

    Cassettes that do not hold it apart hold it in the experiment file that was frozen with them.

    Raises:
        CassetteError: the line is not one that `freeze` wrote.
    """
    known = header
    if not {"hypothesis", "predictions"} <= header.keys():
        known = {**_as_json(_source_statement(header)), **header}
    try:
        listed = tuple(known.get("earlier") or ())
        left_out = _count(known.get("earlier_left_out", 0)) + max(0, len(listed) - _MOST_EARLIER)
        earlier = tuple(map(_from_json, _kept(listed)))
        found = _from_json(known)
    # Cassettes come from strangers: a plan may hold anything.
    except (AttributeError, TypeError, ValueError) as error:
        raise CassetteError(f"the frozen predictions cannot be read ({error})") from error
    return Statement(found.hypothesis, found.predictions, found.stated_on, earlier, left_out)


def _source_statement(header: Mapping[str, Any]) -> Statement:
    try:
        return statement_of(parse(str(header["source"])), None)
    except (KeyError, ExperimentError):
        return Statement()


def _alone(statement: Statement) -> Statement:
    return Statement(statement.hypothesis, statement.predictions, statement.stated_on)


def _kept[T](earlier: tuple[T, ...]) -> tuple[T, ...]:
    """The first one, and the newest."""
    return earlier if len(earlier) <= _MOST_EARLIER else (earlier[0], *earlier[1 - _MOST_EARLIER :])


def _as_json(statement: Statement) -> dict[str, Any]:
    predictions = statement.predictions
    return {
        "stated_on": statement.stated_on,
        "hypothesis": statement.hypothesis,
        "predictions": None if predictions is None else [dict(each) for each in predictions],
    }


def _from_json(data: Mapping[str, Any]) -> Statement:
    found = Statement(
        _text(data.get("hypothesis")), _predictions(data.get("predictions")), _text(data.get("stated_on"))
    )
    values = [value for each in found.predictions or () for value in each.values()]
    texts = [found.hypothesis, *values]
    if sum(len(each) for each in texts if isinstance(each, str)) > _MOST_CHARACTERS:
        raise ValueError(f"more than {_MOST_CHARACTERS:,} characters of hypothesis and predictions")
    if len(found.stated_on or "") > _LONGEST_DATE:
        raise ValueError("the date is none")
    return found


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _MOST_CHARACTERS:
        raise ValueError("the number of earlier statements is none")
    return value


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _predictions(value: Any) -> tuple[Mapping[str, Any], ...] | None:
    if value is None:
        return None
    # As an experiment file may have: each goes over all questions.
    if len(value) > MOST_PREDICTIONS:
        raise ValueError(f"there are {len(value):,}; at most {MOST_PREDICTIONS} are read")
    found = tuple(dict(each) for each in value)
    if any(isinstance(each, list | dict) for prediction in found for each in prediction.values()):
        raise ValueError("a prediction with a list or a mapping in it")
    return found
