"""Word diff."""

import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmxray.compare.text import words
from llmxray.compare.worddiff import Op, changed_words, word_diff

# Texts that share words often, with awkward white space, marks and letters.
marks = [".", ",", " ", "  ", "\n", "_", "\u2028"]
pieces = st.sampled_from(["the", "cat", "Cat", "sat", "don't", "é", "日本", *marks])
texts = st.one_of(st.text(max_size=30), st.lists(pieces, max_size=25).map("".join))


def side(ops, kind):
    """The text of the equal operations and those of one kind."""
    return "".join(op.text for op in ops if op.kind in ("equal", kind))


@given(texts, texts)
def test_both_texts_can_be_rebuilt(a, b):
    """Equal + insert is b, character by character; equal + delete is a but for capitals, which are those of b."""
    ops = word_diff(a, b)
    assert a.casefold() == side(ops, "delete").casefold()
    assert b == side(ops, "insert")


@given(texts, texts)
def test_counts_are_those_of_the_texts(a, b):
    """Kept + deleted is the number of a's words, kept + inserted that of b's."""
    count = changed_words(word_diff(a, b))
    words_of = [changed_words([Op("equal", text)]).unchanged for text in (a, b)]
    assert words_of == [count.unchanged + count.deleted, count.unchanged + count.inserted]


@given(texts, texts)
def test_no_diff_keeps_more_words(a, b):
    """What is kept is a longest common subsequence of the words, whatever their capitals."""
    one, other = words(a), words(b)
    best = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i, j in itertools.product(range(len(one)), range(len(other))):
        matched = best[i][j] + 1 if one[i] == other[j] else 0
        best[i + 1][j + 1] = max(matched, best[i][j + 1], best[i + 1][j])
    assert changed_words(word_diff(a, b)).unchanged == best[-1][-1]


def test_a_word_that_both_have_is_not_struck_out():
    """Two haiku that share "intelligence" and "and": the one has another capital, the other is a stopword."""
    a = "Artificial intelligence,\nLearning and growing,\nInfinite potential."
    b = "Intelligence, machines,\nPerfects tasks, and solves,\nA future for all."
    count = changed_words(word_diff(a, b))
    assert (count.deleted, count.unchanged, count.inserted) == (5, 2, 8)


def test_one_word_changed():
    """The changed word alone is marked, its white space with it."""
    assert word_diff("The cat sat here.", "The dog sat here.") == (
        Op("equal", "The "),
        Op("delete", "cat "),
        Op("insert", "dog "),
        Op("equal", "sat here."),
    )


def test_punctuation_does_not_change_a_word():
    """A word that gains a full stop is kept; the mark is inserted and is no word."""
    ops = word_diff("It is Canberra", "It is Canberra.")
    assert ops == (Op("equal", "It is Canberra"), Op("insert", "."))
    count = changed_words(ops)
    assert (count.inserted, count.deleted, count.unchanged) == (0, 0, 3)


def test_a_moved_line_break_changes_no_word():
    """White space differs, words do not."""
    ops = word_diff("one two\nthree", "one\ntwo three")
    assert changed_words(ops).similarity == 1.0
    assert [op.text for op in ops if op.kind == "delete"] == [" ", "\n"]


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("one two three four", "one two three four", 1.0),
        ("one two three four", "one two five six", 0.5),
        ("alpha beta", "gamma delta", 0.0),
        ("", "gamma delta", 0.0),
    ],
)
def test_similarity(a, b, expected):
    """2·unchanged over all words of both."""
    assert changed_words(word_diff(a, b)).similarity == pytest.approx(expected)


def test_no_words_no_similarity():
    """Two texts without words are neither alike nor unlike, nor rewritten."""
    for a, b in (("", ""), ("!", "?")):
        assert changed_words(word_diff(a, b)).similarity is None
        assert not changed_words(word_diff(a, b)).is_rewritten()


def test_mostly_rewritten_is_above_the_threshold():
    """Exactly half changed is not mostly."""
    half = word_diff("one two three four", "one two five six")
    assert not changed_words(half).is_rewritten()
    assert changed_words(word_diff("a b c", "x y z")).is_rewritten()


def test_repetitive_replies_are_diffed():
    """A model stuck in a loop for a thousand words still gets a diff, and an exact one."""
    a, b = "I am " * 500 + "sure", "I am " * 480 + "not sure"
    ops = word_diff(a, b)
    assert (a, b) == (side(ops, "delete"), side(ops, "insert"))
    assert changed_words(ops).similarity > 0.95


def test_replies_that_repeat_themselves_without_end_take_no_time():
    """Nothing is matched; every word is there all the same."""
    a, b = "x " * 20_000 + "end", "x y " * 20_000 + "end"
    began = time.process_time()
    ops = word_diff(a, b)
    assert time.process_time() - began < 5
    assert (a, b) == (side(ops, "delete"), side(ops, "insert"))
    assert word_diff(a, a) == (Op("equal", a),)
