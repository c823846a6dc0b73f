"""Predictions of an experiment, stated before it is recorded.

A prediction compares one metric of one condition with another condition, with blind guessing or with a number.
``of`` above ``X`` with margin m predicts metric(of) − metric(X) > m; below predicts metric(X) − metric(of) > m.
Accuracy, ece and truncation stand in percent (60 for 60%) and their margins in percentage points.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from llmxray.experiment.faults import Fault, refusal, shown
from llmxray.experiment.fields import DATE_PATTERN, Number, Strict, Text

Metric = Literal[
    "accuracy",
    "ece",
    "brier",
    "auroc",
    "latency",
    "tokens",
    "tokens_per_second",
    "accuracy_per_second",
    "similarity",
    "truncation",
]
METRICS: tuple[Metric, ...] = get_args(Metric)
PERCENT: frozenset[str] = frozenset({"accuracy", "ece", "truncation"})
"""Metrics that people write from 0 to 100."""
UNIT_INTERVAL: frozenset[str] = frozenset({"brier", "auroc", "similarity"})
CHANCE = "chance"
EVERYWHERE = "all"
# Each reads all questions, and after Holm's correction of so many hardly any could be significant.
MOST_PREDICTIONS = 100


# Checked before the union is tried, because a union reports one finding per branch, which would confuse users.
def _check_against(value: object) -> object:
    finite = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")
    if value is None or finite or (isinstance(value, str) and value):
        return value
    raise PydanticCustomError(
        "against", "must be a condition, chance or a number, not {value}", {"value": shown(value)}
    )


Against = Annotated[Text | Number, BeforeValidator(_check_against)]


class EarlierRecording(Strict):
    """A recording of the same question that this one replaced, with what came of it."""

    date: Annotated[str, Field(pattern=DATE_PATTERN)] = Field(description="Day of the recording: 2026-11-25.")
    result: Text = Field(description="What it showed, with its numbers.")
    change: Text = Field(description="What was changed since.")


class Anchor(Strict):
    """Where the author published the plan's fingerprint, which `llmxray check` prints, before recording."""

    at: Annotated[str, Field(min_length=1, max_length=300)] = Field(
        description="A commit, a registry entry (OSF, Zenodo) or another https address."
    )
    date: Annotated[str, Field(pattern=DATE_PATTERN)] | None = Field(
        default=None, description="The day on which it was published."
    )


class Prediction(Strict):
    """What would count for or against the hypothesis, stated before the first answer is recorded."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["above"]}, {"required": ["below"]}]},
    )

    claim: Text = Field(description="The prediction in a sentence, for people.")
    metric: Metric = Field(
        description="What is compared. accuracy, ece and truncation are in percent (60 for 60%); brier, auroc and "
        "similarity from 0 to 1; latency is the median of seconds a question, tokens that of completion tokens; rates "
        "are per second."
    )
    of: Text = Field(
        description="The condition: a model's id, a variant's id where there is one model, else model@variant."
    )
    above: Against | None = Field(
        default=None,
        description="It will be higher than this: another condition, chance (accuracy only) or a number.",
    )
    below: Against | None = Field(
        default=None, description="It will be lower than this: another condition, chance or a number."
    )
    on: Text = Field(default=EVERYWHERE, description="A suite, a category, a prompt, or all.")
    margin: Annotated[Number, Field(ge=0)] = Field(
        default=0, description="By more than this, in the metric's unit (percentage points for percent)."
    )

    @model_validator(mode="after")
    def _consistent(self) -> Prediction:
        faults = tuple(self._faults())
        if faults:
            raise refusal(faults)
        return self

    @property
    def direction(self) -> Literal["above", "below"]:
        """Whether the metric is predicted above or below ``against``."""
        return "above" if self.above is not None else "below"

    @property
    def against(self) -> str | float:
        """The value that the metric is compared with: a condition's id, ``chance`` or a number."""
        # Validation ensures that one of the two is set.
        return self.above if self.above is not None else self.below  # type: ignore[return-value]

    def as_dict(self) -> dict[str, Any]:
        """The prediction as in a file, with its defaults, as it is frozen into a cassette."""
        return self.model_dump(mode="json", exclude_none=True)

    def _faults(self) -> Iterator[Fault]:
        if (self.above is None) == (self.below is None):
            yield Fault((), "needs either 'above' or 'below' (and not both)")
            return
        if self.against == CHANCE and self.metric != "accuracy":
            yield Fault((self.direction,), f"blind guessing has an accuracy and no {self.metric}")
        if self.against == self.of:
            yield Fault((self.direction,), f"'{self.of}' is compared with itself")
        faults = [*self._scale_faults("margin", self.margin, "5 for 5 percentage points")]
        if not isinstance(self.against, str):
            faults += self._scale_faults(self.direction, self.against, "60 for 60%")
            faults = faults or [*self._reach_faults(self.against)]
        yield from faults

    @property
    def _highest(self) -> float:
        return 100 if self.metric in PERCENT else 1 if self.metric in UNIT_INTERVAL else float("inf")

    def _scale_faults(self, key: str, value: float, example: str) -> Iterator[Fault]:
        if self.metric in PERCENT and 0 < value < 1:
            yield Fault((key,), f"{self.metric} is in percent: write {example}, not {value:g}")
        elif not 0 <= value <= self._highest:
            bounds = "at least 0" if self._highest == float("inf") else f"from 0 to {self._highest:g}"
            yield Fault((key,), f"{self.metric} must be {bounds}, not {value:g}")

    def _reach_faults(self, against: float) -> Iterator[Fault]:
        """Faults of a prediction that no data could confirm."""
        beyond = " by that margin" if self.margin else ""
        if self.above is not None and against + self.margin >= self._highest:
            yield Fault(("above",), f"{self.metric} is never above {against:g}{beyond}")
        if self.below is not None and against - self.margin <= 0:
            yield Fault(("below",), f"{self.metric} is never below {against:g}{beyond}")


def prediction_of(data: Mapping[str, Any]) -> Prediction | None:
    """The prediction that `Prediction.as_dict` dumped; None if the data are no valid prediction."""
    try:
        return Prediction.model_validate(dict(data))
    except ValidationError:
        return None


# Words of a hypothesis that name what some metrics measure.
_TOPICS: Mapping[str, tuple[str, tuple[Metric, ...]]] = {
    "accuracy": (r"accura\w*|right|correct\w*|wrong", ("accuracy", "accuracy_per_second")),
    "time": (
        r"fast\w*|slow\w*|quick\w*|waits?|waiting|latency|seconds?",
        ("latency", "tokens_per_second", "accuracy_per_second"),
    ),
    "calibration": (r"calibrat\w*|confiden\w*|overconfident|underconfident", ("ece", "brier", "auroc")),
    "similarity": (r"more alike|less alike|similar\w*|varied|variety", ("similarity",)),
}


def hypothesis_warnings(hypothesis: str, predictions: Sequence[Prediction]) -> Iterator[str]:
    """What a hypothesis says that no prediction tests, and predictions that contradict one another."""
    if hypothesis and not predictions:
        yield "no prediction tests the hypothesis: add 'predictions:'"
    for topic, (words, metrics) in _TOPICS.items() if hypothesis and predictions else ():
        named = re.search(rf"\b(?:{words})\b", hypothesis, re.IGNORECASE)
        if named and not any(prediction.metric in metrics for prediction in predictions):
            yield f"the hypothesis says {named[0]!r}, and no prediction is about {topic} ({', '.join(metrics)})"
    for (i, one), (j, other) in itertools.combinations(enumerate(predictions, 1), 2):
        if (one.metric, one.on) == (other.metric, other.on) and _contradict(one, other):
            yield f"predictions {i} and {j} contradict one another: {one.claim!r}, {other.claim!r}"


def _contradict(one: Prediction, other: Prediction) -> bool:
    """Whether both cannot hold, of two predictions on the same metric and questions."""
    (more, less), (more_too, less_too) = _sides(one), _sides(other)
    if isinstance(more, str) and isinstance(less, str):
        return (more, less) == (less_too, more_too)
    # One says that a condition is above a number, the other that it is below one.
    for above, below in ((one, other), (other, one)):
        floor, ceiling = above.above, below.below
        if above.of == below.of and isinstance(floor, int | float) and isinstance(ceiling, int | float):
            return floor + above.margin >= ceiling - below.margin
    return False


def _sides(prediction: Prediction) -> tuple[str | float, str | float]:
    """What is said to be more, and what less."""
    sides = prediction.of, prediction.against
    return sides if prediction.direction == "above" else sides[::-1]
