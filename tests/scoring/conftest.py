"""Items and tokens to score."""

import math
from collections.abc import Callable, Mapping

import pytest

from llmxray.types import Alternative, Item, TokenLogprob

type MakeToken = Callable[..., TokenLogprob]


@pytest.fixture
def item() -> Item:
    """Four options; B is right."""
    return Item("q1", "What pulls a ball down?", ("magnetism", "gravity", "buoyancy", "friction"), "B")


@pytest.fixture
def token() -> MakeToken:
    """Make a token from its text, its probability, and its alternatives' probabilities."""

    def make(
        text: str, p: float = 1.0, top: Mapping[str, float] | None = None, part: str = "answer"
    ) -> TokenLogprob:
        alternatives = tuple(Alternative(name, math.log(value)) for name, value in (top or {}).items())
        return TokenLogprob(text, text.encode(), math.log(p), alternatives, part=part)  # type: ignore[arg-type]

    return make
