"""Statement of an experiment file when its recording began: hypothesis and predictions, with the date.

A statement is frozen with the plan and never overwritten by a later recording into the same cassette. A fresh
recording has today's, and keeps the earlier ones where they differ: the first, the newest, and how many there were.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from llmxray.errors import CassetteError, ExperimentError
from llmxray.experiment import MOST_PREDICTIONS, Experiment, parse

# Limit on the earlier statements that are kept, the first among them; the others are counted.
_MOST_EARLIER = 100
# Limit on the characters of a statement, which is that of an experiment file.
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
        left_out: number of statements between the first and the second of these.
    """

    hypothesis: str | None = None
    predictions: tuple[Mapping[str, Any], ...] | None = None
    stated_on: str | None = None
    earlier: tuple[Statement, ...] = ()
    left_out: int = 0

    def is_same_claim(self, statement: Statement) -> bool:
        """Return whether hypothesis and predictions are equal, whatever the dates."""
        return (self.hypothesis, self.predictions) == (statement.hypothesis, statement.predictions)

    def with_history_of(self, replaced: Statement) -> Statement:
        """Return this statement of a fresh recording, with earlier statements of the replaced one where they differ."""
        earlier = (
            replaced.earlier
            if self.is_same_claim(replaced)
            else (*replaced.earlier, _without_earlier(replaced))
        )
        left_out = replaced.left_out + max(0, len(earlier) - _MOST_EARLIER)
        return Statement(
            self.hypothesis, self.predictions, self.stated_on, _oldest_and_newest(earlier), left_out
        )

    def as_header(self) -> dict[str, Any]:
        """Return the statement's keys in a frozen plan's first line."""
        omission = {"earlier_left_out": self.left_out} if self.left_out else {}
        return {**_as_json(self), "earlier": [_as_json(statement) for statement in self.earlier], **omission}


def statement_of(experiment: Experiment, stated_on: str | None) -> Statement:
    """Return the current statement of an experiment file."""
    predictions = tuple(prediction.as_dict() for prediction in experiment.predictions)
    return Statement(experiment.hypothesis or "", predictions, stated_on)


def frozen_statement(header: Mapping[str, Any]) -> Statement:
    """Return the statement of the day recording began, from the first line of a frozen plan.

    Older cassettes have it only in the experiment file that was frozen with them.

    Raises:
        CassetteError: the line is not one that `freeze` wrote.
    """
    stated = header
    if not {"hypothesis", "predictions"} <= header.keys():
        stated = {**_as_json(_source_statement(header)), **header}
    try:
        lines = tuple(stated.get("earlier") or ())
        left_out = _check_count(stated.get("earlier_left_out", 0)) + max(0, len(lines) - _MOST_EARLIER)
        earlier = tuple(map(_from_json, _oldest_and_newest(lines)))
        statement = _from_json(stated)
    # Cassettes come from strangers, so a field may hold a value of any type.
    except (AttributeError, TypeError, ValueError) as error:
        raise CassetteError(f"the frozen predictions cannot be read ({error})") from error
    return Statement(statement.hypothesis, statement.predictions, statement.stated_on, earlier, left_out)


def _source_statement(header: Mapping[str, Any]) -> Statement:
    try:
        return statement_of(parse(str(header["source"])), None)
    except (KeyError, ExperimentError):
        return Statement()


def _without_earlier(statement: Statement) -> Statement:
    return Statement(statement.hypothesis, statement.predictions, statement.stated_on)


def _oldest_and_newest[T](earlier: tuple[T, ...]) -> tuple[T, ...]:
    """The first statement and the newest ones, as many as may be kept."""
    return earlier if len(earlier) <= _MOST_EARLIER else (earlier[0], *earlier[1 - _MOST_EARLIER :])


def _as_json(statement: Statement) -> dict[str, Any]:
    predictions = statement.predictions
    return {
        "stated_on": statement.stated_on,
        "hypothesis": statement.hypothesis,
        "predictions": None if predictions is None else [dict(prediction) for prediction in predictions],
    }


def _from_json(data: Mapping[str, Any]) -> Statement:
    statement = Statement(
        _text(data.get("hypothesis")), _predictions(data.get("predictions")), _text(data.get("stated_on"))
    )
    values = [value for prediction in statement.predictions or () for value in prediction.values()]
    texts = [statement.hypothesis, *values]
    if sum(len(text) for text in texts if isinstance(text, str)) > _MOST_CHARACTERS:
        raise ValueError(f"more than {_MOST_CHARACTERS:,} characters of hypothesis and predictions")
    if len(statement.stated_on or "") > _LONGEST_DATE:
        raise ValueError("the date is none")
    return statement


def _check_count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _MOST_CHARACTERS:
        raise ValueError("the number of earlier statements is none")
    return value


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _predictions(value: Any) -> tuple[Mapping[str, Any], ...] | None:
    if value is None:
        return None
    # The limit is that of an experiment file, since each prediction is evaluated over all questions.
    if len(value) > MOST_PREDICTIONS:
        raise ValueError(f"there are {len(value):,}; at most {MOST_PREDICTIONS} are read")
    predictions = tuple(dict(prediction) for prediction in value)
    if any(isinstance(field, list | dict) for prediction in predictions for field in prediction.values()):
        raise ValueError("a prediction with a list or a mapping in it")
    return predictions
