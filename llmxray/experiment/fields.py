"""Field types that the models share, and their base class, which refuses unknown keys with a suggestion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from llmxray import limits, names
from llmxray.experiment.faults import MOST_FAULTS, Fault, refusal, shown
from llmxray.experiment.spelling import did_you_mean
from llmxray.types import AnswerKind

NAME_PATTERN, LABEL_PATTERN, SUITE_PATTERN = (
    rule.pattern for rule in (names.EXPERIMENT, names.LABEL, names.SUITE)
)
# Capitals only, so that a key pasted by mistake hardly ever passes for a name.
KEY_ENV_PATTERN = r"^[A-Z_][A-Z0-9_]*$"
HUB_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?$"
HUB_MODEL_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*$"
CURRENCY_PATTERN = r"^[A-Z]{3}$"
DATE_PATTERN = r"^\d{4}-\d{2}-\d{2}$"


Name = Annotated[str, Field(pattern=NAME_PATTERN, max_length=names.EXPERIMENT.longest)]
Label = Annotated[str, Field(pattern=LABEL_PATTERN, max_length=names.LABEL.longest)]
SuiteName = Annotated[str, Field(pattern=SUITE_PATTERN, max_length=names.SUITE.longest)]
KeyEnv = Annotated[str, Field(pattern=KEY_ENV_PATTERN, max_length=64)]
Text = Annotated[str, Field(min_length=1)]
Texts = tuple[Text, ...]
# Pages write these texts in one line; they are limited because drawing each letter takes time.
LabelText = Annotated[str, Field(min_length=1, max_length=200)]
Line = Annotated[str, Field(max_length=500)]
Title = Annotated[Line, Field(min_length=1)]
# Strict, because pydantic would else read the text '5' and the number 5.0 as 5.
Count = Annotated[int, Field(strict=True, ge=1)]
Seed = Annotated[int, Field(strict=True, ge=0)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Flag = Annotated[bool, Field(strict=True)]

Layout = Literal[
    "zero-shot",
    "zero-shot-raw",
    "zero-shot-cot",
    "few-shot",
    "few-shot-think",
    "few-shot-raw",
    "few-shot-cot",
    "few-shot-think-raw",
    "options-only",
]
Answer = AnswerKind
# Servers have two names for the budget, and a server may refuse either.
BudgetField = Literal["max_tokens", "max_completion_tokens"]


def checked_first(is_right: Callable[[Any], bool], wanted: str) -> BeforeValidator:
    """A check before a union is tried, which reports one finding per branch and so would confuse users.

    Args:
        is_right: whether a value that is not null can be used.
        wanted: what it must be; "{value}" stands for what it is.
    """

    def check(value: object) -> object:
        if value is None or is_right(value):
            return value
        raise PydanticCustomError("union", f"must be {wanted}", {"value": shown(value)})

    return BeforeValidator(check)


def is_text_or_texts(value: object) -> bool:
    """Whether a value is a text, or a list of one or more, none of them empty."""
    entries = value if isinstance(value, list | tuple) else [value]
    return bool(entries) and all(isinstance(entry, str) and entry for entry in entries)


class Strict(BaseModel):
    """A frozen model that refuses an unknown key with the nearest known one, or with the list of known keys."""

    # Unknown keys are refused below in better words; "forbid" also closes the JSON Schema.
    model_config = ConfigDict(extra="forbid", frozen=True)

    hints: ClassVar[Mapping[str, str]] = {}
    """Advice for keys that people write here by mistake."""

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        # Before any entry is looked at: pydantic keeps what is wrong with each, which takes a thousand times its text.
        faults = [
            Fault((key,), f"has {len(value):,} entries; at most {limits.ENTRIES:,} are taken", at_key=True)
            for key, value in data.items()
            if isinstance(value, list | tuple | dict) and len(value) > limits.ENTRIES
        ]
        faults = faults or [*islice(cls.key_faults(data), MOST_FAULTS)]
        if faults:
            raise refusal(faults)
        return data

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if faults := tuple(self.faults()):
            raise refusal(faults)
        return self

    def faults(self) -> Iterable[Fault]:
        """Faults between the values, each of which is valid by itself."""
        return ()

    @classmethod
    def key_faults(cls, data: Mapping[str, object]) -> Iterable[Fault]:
        """One fault per key that does not belong here."""
        for key in data:
            if key not in cls.model_fields:
                yield Fault((key,), cls._about_unknown(key), at_key=True)

    @classmethod
    def _about_unknown(cls, key: str) -> str:
        # Advice for a known mistake goes before the nearest spelling.
        advice = cls.hints.get(key)
        if advice:
            return advice
        known = list(cls.model_fields)
        return f"unknown key{did_you_mean(key, known) or '; known here: ' + ', '.join(known)}"
