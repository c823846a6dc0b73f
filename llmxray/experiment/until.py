"""The keys of an experiment that is recorded only until its predictions are decided."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from llmxray.experiment.faults import Fault
from llmxray.experiment.fields import Number, Seed, Strict, checked_first
from llmxray.experiment.predictions import Prediction

LAST_LOOK_ONLY: frozenset[str] = frozenset({"ece", "auroc", "similarity", "same_seed"})
"""Metrics whose evidence on few answers is too weak, or unknown, to be judged before all were asked."""
FEWEST_QUESTIONS = 60
"""With fewer there is nothing to save."""


class Order(Strict):
    """The random order in which questions are asked."""

    seed: Seed = Field(description="Seed of the order.")


class Until(Strict):
    """When recording may end before all questions were asked."""

    decided: Annotated[Literal[True], checked_first(lambda value: value is True, "true, not {value}")] = (
        Field(description="Once every prediction is decided, or hardly can be any more.")
    )
    first: Annotated[int, Field(strict=True, ge=10)] = Field(
        default=20, description="Questions before the first look; each next one is half as many again."
    )
    futility: Annotated[Number, Field(ge=0, le=50)] = Field(
        default=5, description="Give up below this chance, in percent, that all questions would decide."
    )


def _spelt_out(value: Any) -> Any:
    return {"decided": True} if value == "decided" else value


def _or_word(schema: dict[str, Any]) -> None:
    schema["anyOf"] = [{"const": "decided"}, {"$ref": schema.pop("$ref")}]


Decided = Annotated[
    Until | None,
    BeforeValidator(_spelt_out),
    # It runs first: a mapping is all that is left.
    checked_first(
        lambda value: value == "decided" or isinstance(value, dict | Until),
        "decided, or a mapping such as {decided: true, first: 20, futility: 5}, not {value}",
    ),
    Field(json_schema_extra=_or_word),
]


def until_faults(
    until: Until | None, order: Order | None, kind: str, predictions: tuple[Prediction, ...]
) -> Iterator[Fault]:
    """Faults of the two keys beside the others of the file."""
    if until is None:
        if order is not None:
            yield Fault(
                ("order",), "goes with 'until: decided'; otherwise all questions are asked", at_key=True
            )
        return
    if kind != "benchmark":
        yield Fault(("until",), "goes with 'kind: benchmark', which has questions to draw from", at_key=True)
    elif not predictions:
        yield Fault(("until",), "needs 'predictions:', which say what is to be decided", at_key=True)
    elif all(prediction.metric in LAST_LOOK_ONLY for prediction in predictions):
        names = ", ".join(dict.fromkeys(each.metric for each in predictions))
        yield Fault(
            ("until",), f"could never end early: {names} is judged once all questions were asked", at_key=True
        )
    if order is None:
        yield Fault(
            ("until",), "needs 'order: {seed: 1}': questions are asked in a random order", at_key=True
        )
