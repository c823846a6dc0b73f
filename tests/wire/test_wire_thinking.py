"""Thinking and answer are separated by their text."""

import pytest

from llmxray.types import TokenLogprob
from llmxray.wire import closes_thinking, mark_answer, mark_thinking, opening_tag, split_thinking


def tokens(*texts: str) -> tuple[TokenLogprob, ...]:
    """Tokens that spell ``texts``."""
    return tuple(TokenLogprob(text, text.encode(), -0.1) for text in texts)


def parts(marked: tuple[TokenLogprob, ...]) -> str:
    """One letter a token: r for reasoning, a for answer."""
    return "".join(token.part[0] for token in marked)


@pytest.mark.parametrize(
    ("text", "thinking", "answer"),
    [
        ("<think>hm</think>\n\nB", "hm", "B"),
        ("hm, so\n</think>\n\nB", "hm, so", "B"),
        ("<think>one</think>x <think>two</think>y", "one\ntwo", "x y"),
        ("plain  ", "", "plain  "),
        ("</think>B", "", "B"),
        ("<thought>hm</thought>\n\nB", "hm", "B"),
        ("<reasoning>hm, <b>so</b></reasoning>B", "hm, <b>so</b>", "B"),
        # A tag is closed by its own name.
        ("<thinking>I <think> so</thinking>B", "I <think> so", "B"),
        # Marks of a model that its server does not know.
        ("[THINK]hm[/THINK]B", "hm", "B"),
        ("<seed:think>hm</seed:think>B", "hm", "B"),
        ("<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>B", "hm", "B"),
        ("<|channel|>analysis<|message|>A) maybe…", "A) maybe…", ""),
        ("<|channel|>final<|message|>B", "", "B"),
        ("x[1] and [think]", "", "x[1] and [think]"),
    ],
)
def test_split_thinking(text, thinking, answer):
    """Closed, headless and unclosed thinking is split off; text without tags is left alone."""
    assert split_thinking(text) == (thinking, answer)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("<think>", "hm", "</think>", "\n\n", "B"), "rrraa"),
        (("<th", "ink>", "hm", "</", "think", ">", "B"), "rrrrrra"),
        (("hm", "</think>", "B"), "rra"),
        (("hm", "</think>B"), "ra"),
        (("A", "B"), "aa"),
    ],
)
def test_mark_thinking(texts, expected):
    """Tokens inside or on the edge of the tags are reasoning, tags split over tokens included."""
    assert parts(mark_thinking(tokens(*texts))) == expected


def test_mark_thinking_across_a_split_character():
    """Half characters are matched by their bytes."""
    halves = (TokenLogprob("�", b"\xc3", -1.0), TokenLogprob("�", b"\xa9</think>", -1.0))
    assert parts(mark_thinking((*halves, *tokens("B")))) == "rra"


def test_mark_thinking_leaves_reasoning_fields_alone():
    """Tokens a reasoning field already claimed stay reasoning."""
    claimed = TokenLogprob("x", b"x", -1.0, part="reasoning")
    assert parts(mark_thinking((claimed, *tokens("B")))) == "ra"


@pytest.mark.parametrize(
    ("texts", "answer", "expected"),
    [
        (("so B", "</think>", "\n\n", "B", "<|im_end|>"), "B", "rrraa"),
        (("hm", "</think>", " the", " answer"), "the answer", "rraa"),
        (("so", " B"), "C", "aa"),
        (("so", " B"), "", "aa"),
    ],
)
def test_mark_answer(texts, answer, expected):
    """The last tokens that spell the answer are the answer; without a match nothing changes."""
    assert parts(mark_answer(tokens(*texts), answer)) == expected


@pytest.mark.parametrize(
    ("text", "tag", "closes"),
    [
        ("<think>hm", "<think>", False),
        ("hm</reasoning>B", "", True),
        ("so <think>hm", "", False),
        ("hm<|channel|>final<|message|>B", "", True),
    ],
)
def test_tags(text, tag, closes):
    """Which one a text begins with, and whether one ends in it."""
    assert (opening_tag(text), closes_thinking(text)) == (tag, closes)
