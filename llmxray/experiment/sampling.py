"""Request fields that are sent with every request, and the variants that change them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, override

from pydantic import ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from llmxray.experiment.faults import Fault, shown
from llmxray.experiment.fields import (
    Flag,
    Label,
    LabelText,
    Number,
    Seed,
    Strict,
    Text,
    checked_first,
    is_text_or_texts,
)
from llmxray.experiment.spelling import slip_of
from llmxray.types import Json

# Known fields, only used to recognise misspelt ones; fields that are not listed are sent too.
OTHER_REQUEST_FIELDS = (
    "top_k",
    "top_a",
    "min_p",
    "typical_p",
    "repeat_penalty",
    "repetition_penalty",
    "logit_bias",
    "grammar",
    "num_ctx",
    "think",
    "reasoning_effort",
    "response_format",
    "chat_template_kwargs",
    "max_completion_tokens",
)
# Refused even under 'extra', because a second value would contradict the plan.
SET_BY_LLMXRAY: Mapping[str, str] = {
    "model": "stands under 'models:', not among the request fields",
    "messages": "is built from the prompts and suites; use 'system:' for a system prompt",
    "prompt": "is built from the prompts and suites",
    "stream": "is set by llmxray, which always streams",
    "n": "must stay 1; write 'samples:' at the top level to repeat each request",
}


@dataclass(frozen=True, slots=True)
class RequestFields:
    """The request fields of one level of an experiment file, or of several merged levels.

    Attributes:
        sent: values by field.
        omitted: fields that the file says not to send.
    """

    sent: Mapping[str, Json] = field(default_factory=dict)
    omitted: frozenset[str] = frozenset()

    def under(self, nearer: RequestFields) -> RequestFields:
        """These fields, overridden by those of a nearer level, null included."""
        sent = {
            **{name: value for name, value in self.sent.items() if name not in nearer.omitted},
            **nearer.sent,
        }
        return RequestFields(sent, (self.omitted - nearer.sent.keys()) | nearer.omitted)

    def agreed(self) -> RequestFields:
        """The same fields with ``logprobs`` and ``top_logprobs`` in agreement: alternatives need ``logprobs``."""
        sent, omitted = dict(self.sent), self.omitted
        if "logprobs" in omitted or sent.get("logprobs") is False:
            sent.pop("top_logprobs", None)
        elif "top_logprobs" in sent:
            sent = {"logprobs": True, **sent}
        # A server that refuses one of them refuses both.
        if "logprobs" in omitted or ("top_logprobs" in omitted and "logprobs" not in sent):
            omitted |= {"logprobs", "top_logprobs"}
        return RequestFields(sent, omitted)


class Sampling(Strict):
    """Request fields. Any field a server knows may stand here; slips of the common ones are refused.

    A field that is null is not sent, whatever another level of the file or a preset says.
    """

    model_config = ConfigDict(extra="allow")
    hints: ClassVar[Mapping[str, str]] = {
        **SET_BY_LLMXRAY,
        "sampling": "is no request field; write its fields themselves here, such as 'temperature: 0'",
        "system": "is no request field; write it beside a model, a prompt or a variant",
    }
    __pydantic_extra__: dict[str, Json] = Field(init=False)

    # Ranges are OpenAI's, the narrowest of the known servers.
    temperature: Annotated[Number, Field(ge=0, le=2)] | None = Field(
        default=None, description="0 to 2; 0 always takes the likeliest token."
    )
    top_p: Annotated[Number, Field(ge=0, le=1)] | None = Field(
        default=None,
        description="Nucleus sampling: the likeliest tokens up to this probability; 1 is off.",
    )
    seed: Seed | None = Field(default=None, description="Repeat number s sends seed + s.")
    top_logprobs: Annotated[int, Field(strict=True, ge=0, le=20)] | None = Field(
        default=None,
        description="Alternatives per token, 0 to 20; above 0 switches logprobs on.",
    )
    max_tokens: Annotated[int, Field(strict=True, ge=1)] | None = Field(
        default=None, description="Completion budget in tokens."
    )
    logprobs: Flag | None = Field(default=None, description="Ask for token log-probabilities.")
    stop: Annotated[
        str | tuple[str, ...] | None, checked_first(is_text_or_texts, "a text or a list of texts")
    ] = Field(default=None, description="Texts that end the completion.")
    presence_penalty: Annotated[Number, Field(ge=-2, le=2)] | None = Field(
        default=None, description="OpenAI's presence penalty, -2 to 2."
    )
    frequency_penalty: Annotated[Number, Field(ge=-2, le=2)] | None = Field(
        default=None, description="OpenAI's frequency penalty, -2 to 2."
    )
    extra: dict[str, Json] | None = Field(
        default=None,
        description="A server's own request fields, sent unchecked.",
    )

    @classmethod
    def key_faults(cls, data: Mapping[str, object]) -> Iterable[Fault]:
        """Faults for misspelt known fields, and for fields that llmxray sets itself."""
        for key in data:
            # Known fields are skipped first, because top_k is one edit away from top_p.
            if key in cls.model_fields or key in OTHER_REQUEST_FIELDS:
                continue
            meant = slip_of(key, [*cls.model_fields, *OTHER_REQUEST_FIELDS])
            if key in cls.hints:
                yield Fault((key,), cls.hints[key], at_key=True)
            elif meant:
                said = f"unknown request field; did you mean '{meant}'? ('extra:' takes {shown(key)} as it stands)"
                yield Fault((key,), said, at_key=True)

    @override
    def faults(self) -> Iterator[Fault]:
        if self.top_logprobs is not None and (self.logprobs is False or "logprobs" in self._nulls()):
            value = "null" if self.logprobs is None else "false"
            yield Fault(("top_logprobs",), f"contradicts 'logprobs: {value}'")
        if self.max_tokens is not None and self.__pydantic_extra__.get("max_completion_tokens") is not None:
            yield Fault(("max_completion_tokens",), "stands beside 'max_tokens'; keep one", at_key=True)
        # A field on both sides is refused, because merging would silently drop one of the two.
        beside = {*self.model_fields_set, *self.__pydantic_extra__}
        for key in self.extra or {}:
            if key in SET_BY_LLMXRAY:
                yield Fault(("extra", key), SET_BY_LLMXRAY[key], at_key=True)
            elif key in beside and getattr(self, key) is not None:
                yield Fault(("extra", key), "stands both in 'extra' and beside it; keep one", at_key=True)

    def level(self) -> RequestFields:
        """The request fields of this level of the file, and those that null leaves out."""
        fields: dict[str, Json] = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in self._declared()
            if value is not None
        }
        own = {name: value for name, value in self.__pydantic_extra__.items() if value is not None}
        return RequestFields({**fields, **own, **(self.extra or {})}, self._nulls()).agreed()

    def _nulls(self) -> frozenset[str]:
        """Fields that the file says not to send."""
        declared = {
            name for name, value in self._declared() if value is None and name in self.model_fields_set
        }
        return frozenset(
            declared | {name for name, value in self.__pydantic_extra__.items() if value is None}
        )

    @model_serializer(mode="wrap")
    def _without_absent(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # An absent field must not be dumped as null, because null leaves a field out of requests.
        stated = self.model_fields_set | self.__pydantic_extra__.keys()
        return {name: value for name, value in handler(self).items() if value is not None or name in stated}

    def _declared(self) -> Iterator[tuple[str, Any]]:
        # The fields of `Sampling` and not of a subclass: a variant's id and system are no request fields.
        for name in Sampling.model_fields:
            if name != "extra":
                yield name, getattr(self, name)


class Variant(Sampling):
    """One of the settings a compare experiment puts side by side: an id and the fields it changes."""

    own: ClassVar[frozenset[str]] = frozenset({"id", "label", "system", "model"})
    """Keys that are no request fields."""

    id: Label = Field(description="Name in tables and addresses.")
    label: LabelText | None = Field(default=None, description="Longer name for people, after the model's.")
    system: str | None = Field(default=None, description="System prompt.")
    model: Text | None = Field(default=None, description="Id of its only model; all by default.")
