"""Statistics of a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmxray.compare import text as text_room
from llmxray.compare.text import (
    count_syllables,
    distinct_words,
    is_haiku,
    jaccard,
    syllables_per_line,
    word_set,
    words,
)

HAIKU = "An old silent pond\nA frog jumps into the pond\nSplash! Silence again."


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        *[
            ("cat", 1),
            ("banana", 3),
            ("artificial", 4),
            ("bake", 1),
            ("baked", 1),
            ("table", 2),
            ("wanted", 2),
        ],
        *[("matches", 2), ("careless", 2), ("rhythm", 2), ("create", 2), ("reaction", 3), ("nation", 2)],
        *[("piano", 3), ("people", 2), ("barefoot", 2), ("the", 1), ("I", 1), ("queue", 1), ("radius", 3)],
        *[("well-known", 2), ("SILENT", 2), ("naïvely", 2), ("don't", 1), ("—", 0), ("", 0), ("42", 1)],
    ],
)
def test_syllables(word, expected):
    """Silent endings are not counted, hiatus is; hyphenated parts add up, a number counts as one word of one."""
    assert expected == count_syllables(word)


@given(st.text(max_size=40))
def test_any_text_can_be_counted(text):
    """Each line counted has at least as many syllables as words, and only lines with words count."""
    counts = syllables_per_line(text)
    lines = [words(line) for line in text.splitlines()]
    assert len(counts) == sum(1 for line in lines if line)
    assert all(count >= 1 for count in counts)


def test_haiku():
    """Three lines of 5, 7, 5, blank lines aside."""
    assert syllables_per_line(HAIKU) == (5, 7, 5)
    assert is_haiku(HAIKU)
    assert is_haiku("\n" + HAIKU.replace("\n", "\n\n") + "\n")


def test_a_reply_of_a_megabyte_is_soon_no_haiku(monkeypatch):
    """No syllables are counted of more words than a haiku can have."""
    monkeypatch.setattr(text_room, "count_syllables", lambda word: pytest.fail("counted"))
    assert not is_haiku("a " * 480_000)
    assert not is_haiku("a\n" * 18)


def test_not_a_haiku():
    """Another line, another count or no text is none."""
    for text in ("", "An old silent pond", HAIKU + "\nThe end.", HAIKU.replace("frog", "little frog")):
        assert not is_haiku(text)


def test_words_fold_case_and_marks():
    """Marks go, case goes, inner apostrophes and hyphens stay."""
    assert words("Don't PANIC, well-known *reader*_1!") == ("don't", "panic", "well-known", "reader", "1")


def test_distinct_words_over_all_texts():
    """Distinct words over all words, texts taken together; None without words."""
    assert distinct_words(["the cat", "The cat sat"]) == pytest.approx(3 / 5)
    assert distinct_words(["", "…"]) is distinct_words([]) is None


def test_jaccard():
    """Shared words over all words; order and repetition do not count."""
    assert jaccard(word_set("a b c"), word_set("c B d")) == pytest.approx(2 / 4)
    assert jaccard(word_set("a a b"), word_set("b a")) == 1.0
    assert jaccard(word_set("a"), word_set("")) == 0.0
    assert jaccard(word_set(""), word_set("!")) is None
