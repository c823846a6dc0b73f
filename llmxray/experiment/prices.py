"""Prices of requests: of tokens by model, and of an hour of the machine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, override

from pydantic import ConfigDict, Field, model_validator

from llmxray.experiment.faults import Fault
from llmxray.experiment.fields import CURRENCY_PATTERN, Number, Strict, Text

Currency = Annotated[str, Field(pattern=CURRENCY_PATTERN)]
# No currency has as much: sums of larger ones would be infinite.
Amount = Annotated[Number, Field(ge=0, le=1e12)]


class Price(Strict):
    """What a model's tokens cost."""

    input_per_million: Amount = Field(description="Price of a million prompt tokens.")
    output_per_million: Amount = Field(description="Price of a million completion tokens.")
    currency: Currency = Field(default="USD", description="ISO 4217 code.")


class Prices(Strict):
    """Token prices by model id, and the price of an hour of the machine that runs the models."""

    # Ids of models stand beside the other keys, so extra keys are allowed.
    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Price] = Field(init=False)

    machine_per_hour: Amount | None = Field(
        default=None,
        description="Price of a machine hour, for models without token prices.",
    )
    currency: Currency = Field(default="USD", description="ISO 4217 code, also for models without their own.")
    source: Text | None = Field(default=None, description="Source of the price of an hour.")

    @property
    def models(self) -> Mapping[str, Price]:
        """Price of each model's tokens, by model id."""
        return self.__pydantic_extra__

    @classmethod
    @override
    def key_faults(cls, data: Mapping[str, object]) -> Iterable[Fault]:
        """No faults: every other key is a model's id, which is checked against the models."""
        return ()

    @model_validator(mode="before")
    @classmethod
    def _one_currency(cls, data: Any) -> Any:
        currency = data.get("currency") if isinstance(data, dict) else None
        # An invalid code is reported once, by its field, and not for every model.
        if not isinstance(currency, str) or not re.match(CURRENCY_PATTERN, currency):
            return data
        return {
            key: {"currency": currency, **value} if isinstance(value, dict) else value
            for key, value in data.items()
        }

    @override
    def faults(self) -> Iterator[Fault]:
        if self.source is not None and self.machine_per_hour is None:
            yield Fault(("source",), "goes with 'machine_per_hour', which is missing", at_key=True)
