"""Predictions of an experiment, stated before it is recorded.

A prediction compares one metric of one condition with another condition, with blind guessing or with a number.
``of`` above ``X`` with margin m predicts metric(of) − metric(X) > m; below predicts metric(X) − metric(of) > m; the
same as X within w predicts |metric(of) − metric(X)| < w. Shares stand in percent (60 for 60%), and what they may differ
by in percentage points. ``same_seed`` is about several conditions together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, get_args, override

from pydantic import ConfigDict, Field, ValidationError

from llmxray.experiment.faults import Fault
from llmxray.experiment.fields import DATE_PATTERN, Number, Strict, Text, checked_first

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
    "same_seed",
    "paraphrase_gap",
    "favourite_share",
]
METRICS: tuple[Metric, ...] = get_args(Metric)
PERCENT: frozenset[str] = frozenset({"accuracy", "ece", "truncation", "paraphrase_gap", "favourite_share"})
"""Metrics that people write from 0 to 100."""
UNIT_INTERVAL: frozenset[str] = frozenset({"brier", "auroc", "similarity", "same_seed"})
DIFFERENCES: frozenset[str] = frozenset({"same_seed", "paraphrase_gap"})
"""Metrics that are differences themselves, and so may be negative."""
ALONE = DIFFERENCES | {"favourite_share"}
"""Metrics that are compared with numbers only."""
CHANCE = "chance"
EVERYWHERE = "all"
POSITION = "position"
"""What a prediction is on that must hold at every position of the right option."""


def _is_side(value: object) -> bool:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return abs(value) < float("inf")
    return isinstance(value, str) and value != ""


Against = Annotated[Text | Number, checked_first(_is_side, "a condition, chance or a number, not {value}")]


class EarlierRecording(Strict):
    """A recording of the same question that this one replaced, with what came of it."""

    date: Annotated[str, Field(pattern=DATE_PATTERN)] = Field(description="Day of the recording: 2026-11-25.")
    result: Text = Field(description="What it showed, with its numbers.")
    change: Text = Field(description="What was changed since.")


class Anchor(Strict):
    """Where you published the plan's fingerprint before recording."""

    at: Annotated[str, Field(min_length=1, max_length=300)] = Field(
        description="Its https address: a commit, OSF, Zenodo."
    )
    date: Annotated[str, Field(pattern=DATE_PATTERN)] | None = Field(
        default=None, description="Day of publication."
    )


class Prediction(Strict):
    """What would count for or against the hypothesis, stated before the first answer is recorded."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": [key]} for key in ("above", "below", "within")]},
    )

    claim: Text = Field(description="The prediction in a sentence.")
    metric: Metric = Field(
        description="accuracy, ece and truncation in percent (60 for 60%); brier, auroc and similarity from 0 to 1; "
        "latency: median seconds a question; tokens: median completion tokens; rates per second. "
        "same_seed: how much more similar (-1 to 1) answers are with the same seed. "
        "paraphrase_gap: accuracy in the first wording minus the others, in percentage points. "
        "favourite_share: percentage of letter answers with the commonest letter."
    )
    of: Text = Field(
        description="A condition: a model's id, a variant's id if there is one model, or model@variant. For "
        "same_seed two or more, such as 't0.3 and t0.9', or all."
    )
    above: Against | None = Field(
        default=None,
        description="Higher than another condition, chance (accuracy only) or a number.",
    )
    below: Against | None = Field(default=None, description="Lower than this; values as in 'above'.")
    same_as: Against | None = Field(
        default=None,
        description="The same as this, up to 'within'; values as in 'above'. Default 0 for same_seed and "
        "paraphrase_gap.",
    )
    within: Annotated[Number, Field(gt=0)] | None = Field(
        default=None, description="How far 'the same' may differ, in the metric's unit."
    )
    on: Text = Field(
        default=EVERYWHERE,
        description="A suite, a category, a prompt, or all. position: at every position of the right option "
        "(accuracy, with 'rotations: all').",
    )
    margin: Annotated[Number, Field(ge=0)] = Field(
        default=0, description="By more than this, in the metric's unit."
    )

    @property
    def direction(self) -> Literal["above", "below", "same_as"]:
        """How the metric is predicted to compare with ``against``."""
        return "same_as" if self.within is not None else "above" if self.above is not None else "below"

    @property
    def against(self) -> str | float:
        """The value that the metric is compared with: a condition's id, ``chance`` or a number."""
        return next((side for side in (self.above, self.below, self.same_as) if side is not None), 0.0)

    @property
    def distance(self) -> float:
        """By how much the two must differ or, where they are predicted to be the same, may."""
        return self.margin if self.within is None else self.within

    @property
    def range(self) -> tuple[float | None, float | None]:
        """What metric(of) − metric(against) is predicted to lie between; None for no end."""
        low = None if self.direction == "below" else self.margin - (self.within or 0.0)
        return low, None if self.direction == "above" else (self.within or 0.0) - self.margin

    def conditions(self, known: Sequence[str]) -> tuple[str, ...]:
        """The conditions that the metric is of, among those of the experiment."""
        if self.metric != "same_seed":
            return (self.of,)
        return tuple(known) if self.of == EVERYWHERE else tuple(self.of.split(" and "))

    def as_dict(self) -> dict[str, Any]:
        """The prediction as in a file, with its defaults, as it is frozen into a cassette."""
        return self.model_dump(mode="json", exclude_none=True)

    @override
    def faults(self) -> Iterator[Fault]:
        if sum(key is not None for key in (self.above, self.below, self.within)) != 1:
            yield Fault((), "needs either 'above' or 'below' or 'within' (one of them)")
            return
        yield from self._form_faults()
        faults = [*self._scale_faults("margin", self.margin, "5 for 5 percentage points")]
        if self.within is not None:
            faults += self._scale_faults("within", self.within, "5 for 5 percentage points")
        if not isinstance(self.against, str):
            faults += self._scale_faults(self.direction, self.against, "60 for 60%")
            faults = faults or [*self._reach_faults(self.against)]
        yield from faults

    def _form_faults(self) -> Iterator[Fault]:
        """Faults of keys that do not go together."""
        if self.within is None and self.same_as is not None:
            yield Fault(("same_as",), "needs 'within': by how much the two may differ")
        elif self.within is not None and self.same_as is None and self.metric not in DIFFERENCES:
            yield Fault(("within",), "needs 'same_as': a condition, chance or a number")
        if self.within is not None and self.margin:
            yield Fault(("margin",), "goes with 'above' and 'below'; 'within' stands for itself")
        if self.against == CHANCE and self.metric != "accuracy":
            yield Fault((self.direction,), f"blind guessing has an accuracy and no {self.metric}")
        elif self.metric in ALONE and isinstance(self.against, str):
            yield Fault((self.direction,), f"{self.metric} is compared with a number, not with a condition")
        if self.against == self.of:
            yield Fault((self.direction,), f"'{self.of}' is compared with itself")
        if self.metric == "same_seed" and self.of != EVERYWHERE and len(set(self.conditions(()))) < 2:
            yield Fault(("of",), "same_seed compares conditions: write 'of: t0.3 and t0.9', or 'of: all'")
        if self.on == POSITION and (self.metric != "accuracy" or self.within is not None):
            yield Fault(("on",), "position goes with accuracy that is predicted to be above or below")

    @property
    def _highest(self) -> float:
        return 100 if self.metric in PERCENT else 1 if self.metric in UNIT_INTERVAL else float("inf")

    @property
    def _lowest(self) -> float:
        return -self._highest if self.metric in DIFFERENCES else 0.0

    def _scale_faults(self, key: str, value: float, example: str) -> Iterator[Fault]:
        lowest = self._lowest if key == self.direction else 0.0
        if self.metric in PERCENT and 0 < abs(value) < 1:
            yield Fault((key,), f"{self.metric} is in percent: write {example}, not {value:g}")
        elif not lowest <= value <= self._highest:
            bounds = (
                "at least 0" if self._highest == float("inf") else f"from {lowest:g} to {self._highest:g}"
            )
            yield Fault((key,), f"{self.metric} must be {bounds}, not {value:g}")

    def _reach_faults(self, against: float) -> Iterator[Fault]:
        """Faults of a prediction that no data could confirm."""
        beyond = " by that margin" if self.margin else ""
        if self.above is not None and against + self.margin >= self._highest:
            yield Fault(("above",), f"{self.metric} is never above {against:g}{beyond}")
        if self.below is not None and against - self.margin <= self._lowest:
            yield Fault(("below",), f"{self.metric} is never below {against:g}{beyond}")


def prediction_of(data: Mapping[str, Any]) -> Prediction | None:
    """The prediction that `Prediction.as_dict` dumped; None if the data are no valid prediction."""
    try:
        return Prediction.model_validate(dict(data))
    except ValidationError:
        return None
