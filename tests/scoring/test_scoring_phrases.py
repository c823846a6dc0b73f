"""Accepted answers looked for together are those found one by one."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmxray.scoring import extraction
from llmxray.scoring.extraction import expected
from llmxray.scoring.phrases import find_phrases
from llmxray.scoring.wording import fold

# Words that fold alike or away, repeat and nest; blanks of every sort between them.
_WORDS = [
    "a",
    "A",
    "an",
    "the",
    "b",
    "ß",
    "ss",
    "SS",
    "ab",
    "a-b",
    "b's",
    "-5",
    "5",
    "...",
    "_",
    "",
    "ﬁ",
    "fi",
    "ä",
    "ä",
]
_BLANKS = st.sampled_from([" ", "  ", "\n", "\t", "\u00a0", "\u2003", "\x1c", ", ", "-", "_", ".", ""])
_TEXTS = st.lists(st.tuples(st.sampled_from(_WORDS), _BLANKS), max_size=12).map(
    lambda pieces: "".join(word + blank for word, blank in pieces)
) | st.text(max_size=6)


@given(
    text=_TEXTS, answers=st.lists(_TEXTS, max_size=8), few=st.sampled_from([0, 2]), times=st.integers(1, 3)
)
def test_the_first_accepted_answer_that_is_said_is_found(
    text: str, answers: list[str], few: int, times: int
) -> None:
    """As by the plain definition, in the order given, whether answers are looked for alone or together."""
    text *= times
    said = f" {fold(text)} "
    right = next((each for each in answers if (words := fold(each)) and f" {words} " in said), None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extraction, "_FEW_ANSWERS", few)
        patch.setattr(extraction, "_SHORT_REPLY", 0)
        found = expected(text, answers)
    assert right == (found.answer if found and found.rule == "expected-text" else None)
    assert found == expected(text, answers)


@given(
    said=st.text("ab", max_size=40), phrases=st.lists(st.text("ab", max_size=6) | st.text("abc", max_size=3))
)
def test_phrases_that_nest_and_overlap_are_all_found(said: str, phrases: list[str]) -> None:
    """Words are single letters here, so that a text is its own list of words."""
    assert [bool(phrase) and phrase in said for phrase in phrases] == find_phrases(said, phrases)


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("ß" * 500_000, ["ß" * 9 + ("ß" if i % 2 else "s") for i in range(1000)]),
        ("a b " * 250_000, ["a b " * (i % 5 + 1) + "c" for i in range(1000)]),
        ("a " * 500_000, ["a " * i + "b" for i in range(1, 140)]),
        ("a " * 500_000, ["b " + "a " * i for i in range(1, 140)]),
    ],
    ids=["one word", "few words", "ends differ", "beginnings differ"],
)
def test_a_thousand_accepted_answers_cost_one_look(text: str, answers: list[str]) -> None:
    """Each of them in a reply of a megabyte would be seconds a reply."""
    began = time.process_time()
    found = expected(text, answers)
    assert time.process_time() - began < 2
    assert found is not None
    assert found.rule == "first-line"
