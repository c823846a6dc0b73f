"""Where two replies part."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmxray.compare.divergence import first_divergence
from llmxray.types import TokenLogprob


def tokens(*texts):
    """Tokens without bytes, as servers that send none."""
    return [TokenLogprob(text, None, -0.5) for text in texts]


def raw(*pieces):
    """Tokens known by their bytes; the text is what a server makes of them."""
    return [TokenLogprob(piece.decode("utf-8", "replace"), piece, -0.5) for piece in pieces]


cuts = st.lists(st.text("ab c", min_size=1, max_size=3), max_size=8)


def test_the_first_other_token():
    """Index, both tokens and the text before them."""
    a, b = tokens("The", " capital", " is", " Canberra"), tokens("The", " capital", " is", " Sydney", ".")
    found = first_divergence(a, b)
    assert (found.index, found.a, found.b, found.prefix_text) == (3, a[3], b[3], "The capital is")


def test_the_same_text_cut_differently_is_no_divergence():
    """Tokenisation alone is no difference."""
    assert first_divergence(tokens("Can", "berra"), tokens("Canberra")) is None
    assert first_divergence([], []) is None


def test_alignment_is_by_text():
    """After differently cut but equal text, each side has its own index."""
    a, b = tokens("Can", "berra", " is"), tokens("Canberra", " was")
    found = first_divergence(a, b)
    assert (found.index, found.index_b) == (2, 1)
    assert (found.a.token, found.b.token, found.prefix_text) == (" is", " was", "Canberra")


def test_a_difference_inside_a_token_goes_back_to_the_common_boundary():
    """ "Canberra" against "Can" + "ada" part where both began, not three letters in."""
    found = first_divergence(tokens("In ", "Canberra"), tokens("In ", "Can", "ada"))
    assert (found.a.token, found.b.token, found.prefix_text) == ("Canberra", "Can", "In ")


def test_one_reply_ends_early():
    """The side that ended has no token there."""
    long, short = tokens("Yes", ",", " sure"), tokens("Yes")
    found = first_divergence(long, short)
    assert (found.index, found.a.token, found.b, found.index_b) == (1, ",", None, 1)
    assert first_divergence(short, long).a is None
    assert first_divergence([], long).prefix_text == ""


def test_empty_tokens_are_passed_over():
    """An empty token is never the one that differs."""
    found = first_divergence(tokens("Yes", "", " a"), tokens("Yes", " b", ""))
    assert (found.index, found.a.token, found.b.token) == (2, " a", " b")


def test_split_characters_are_compared_by_their_bytes():
    """Two emoji that share their first bytes part before the character, or inside by the bytes."""
    smile, grin = "😀".encode(), "😁".encode()
    found = first_divergence(raw(b"ok ", smile[:3], smile[3:]), raw(b"ok ", grin[:3], grin[3:]))
    assert (found.index, found.a.bytes, found.b.bytes) == (2, smile[3:], grin[3:])
    assert found.prefix_text == "ok \ufffd"


def test_lone_surrogates_compare():
    """A lone surrogate equals itself and differs from another."""
    assert first_divergence(tokens("\ud83d"), tokens("\ud83d")) is None
    assert first_divergence(tokens("\ud83d"), tokens("\ud83e")).index == 0


@given(cuts, cuts)
def test_both_sides_share_the_prefix_and_differ_after(first, second):
    """The prefix is what either side read before its token, and the texts differ beyond it."""
    a, b = tokens(*first), tokens(*second)
    found = first_divergence(a, b)
    if found is None:
        assert "".join(first) == "".join(second)
        return
    assert found.prefix_text == "".join(first[: found.index]) == "".join(second[: found.index_b])
    assert found.a != found.b
    assert (found.a is None) == (found.index == len(a))
