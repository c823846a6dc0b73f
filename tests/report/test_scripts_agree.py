"""One pair of answers has one number of changed words on the whole site, whether Python or the browser counts."""

from __future__ import annotations

import in_node
import pytest

from llmxray.compare.worddiff import (
    REWRITTEN,
    STOPWORDS,
    changed_words,
    mostly_rewritten,
    similarity,
    word_diff,
)

PAIRS = [
    ("a b", "a, c d"),
    (
        "The AI's voice is a language of the mind, a language.",
        "Ava, the AI,\nis the beauty of the world, of the mind",
    ),
    ("red of green", "blue of white"),
    ("one two three four", "three four one two"),
    ("one two three four", "one two three five"),
    ("one two", "three four five"),
    ("of red", "of blue"),
    ("a b c", "a b c"),
    ("", "x"),
    ("", ""),
    ("naïve 你好 — don't", "don't — naïve"),
]


def test_the_word_diff_of_the_browser_is_that_of_the_compare_page() -> None:
    """Runs, counts, similarity, and whether most was rewritten."""
    stopwords = sorted(STOPWORDS)
    runs = in_node.all_called([("diff", "wordDiff", a, b, stopwords) for a, b in PAIRS])
    counts = in_node.all_called([("diff", "changedWords", each) for each in runs])
    shares = in_node.all_called([("diff", "similarity", each) for each in counts])
    verdicts = in_node.all_called([("diff", "mostlyRewritten", each, REWRITTEN) for each in counts])
    for place, (a, b) in enumerate(PAIRS):
        ops = word_diff(a, b)
        assert [[op.kind, op.text] for op in ops] == runs[place]
        expected = changed_words(ops)
        assert {
            "delete": expected.deleted,
            "insert": expected.inserted,
            "equal": expected.kept,
        } == counts[place]
        share = similarity(ops)
        assert shares[place] == (None if share is None else pytest.approx(share))
        assert mostly_rewritten(ops) is verdicts[place]
