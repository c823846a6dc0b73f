"""Folding of texts."""

import pytest

from llmxray.scoring.wording import find_named_option, fold, to_plain_characters


@pytest.mark.parametrize("text", ["（Ｂ）", "ﬁne ½ Ａ", "", "👩‍🔬 A"])
def test_offsets_survive(text):
    """Characters that would become several are left as they are."""
    assert len(text) == len(to_plain_characters(text))


@pytest.mark.parametrize(
    ("text", "words"),
    [("The  Moon!", "moon"), ("vitamin A", "vitamin a"), ("3.5 m/s", "3.5 m s"), ("it's", "it's")],
)
def test_folding(text, words):
    """Case, punctuation and an article in front go; a letter that ends a name stays."""
    assert words == fold(text)


def test_two_equal_options_name_none():
    """Equal options cannot be distinguished by their text."""
    assert find_named_option("x", ("x", "x", "y")) is None
