"""Where two replies part."""

from hypothesis import given
from hypothesis import strategies as st

from llmxray.report.pages.compare.divergence import first_divergence
from llmxray.types import TokenLogprob


def tokens(*texts):
    """Tokens without bytes, as servers that send none."""
    return [TokenLogprob(text, None, -0.5) for text in texts]


def raw(*pieces):
    """Tokens known by their bytes; the text is what a server makes of them."""
    return [TokenLogprob(piece.decode("utf-8", "replace"), piece, -0.5) for piece in pieces]


cuts = st.lists(st.text("ab c", min_size=1, max_size=3), max_size=8)


def test_the_first_other_token():
    """The index in each reply."""
    one, other, third = (
        tokens("The", " capital", " is", city) for city in (" Canberra", " Sydney", " Perth")
    )
    assert (3, 3) == first_divergence([one, other])
    assert (3, 3, 3) == first_divergence([one, other, third])
    assert (2, 2, 2) == first_divergence([one, other, tokens("The", " capital", " of")])


def test_the_same_text_cut_differently_is_no_divergence():
    """Tokenisation alone is no difference."""
    assert first_divergence([tokens("Can", "berra"), tokens("Canberra")]) is None
    assert first_divergence([[], []]) is None


def test_alignment_is_by_text():
    """After differently cut but equal text, each side has its own index; a common boundary may lie before it."""
    assert (2, 1) == first_divergence([tokens("Can", "berra", " is"), tokens("Canberra", " was")])
    assert (1, 1) == first_divergence([tokens("In ", "Canberra"), tokens("In ", "Can", "ada")])


def test_empty_tokens_are_passed_over():
    """An empty token is never the one that differs."""
    assert (2, 1) == first_divergence([tokens("Yes", "", " a"), tokens("Yes", " b", "")])


def test_split_characters_are_compared_by_their_bytes():
    """Two emoji that share their first bytes part before the character, or inside by the bytes."""
    smile, grin = "😀".encode(), "😁".encode()
    assert (2, 2) == first_divergence([raw(b"ok ", smile[:3], smile[3:]), raw(b"ok ", grin[:3], grin[3:])])


@given(cuts, cuts, cuts)
def test_all_share_the_prefix_and_differ_after(one, other, third):
    """The prefix is what each read before its token, and the texts differ beyond it."""
    texts = (one, other, third)
    found = first_divergence([tokens(*each) for each in texts])
    if found is None:
        assert len({"".join(each) for each in texts}) == 1
        return
    assert len({"".join(each[:place]) for each, place in zip(texts, found, strict=True)}) == 1
    assert len({tuple(each[place : place + 1]) for each, place in zip(texts, found, strict=True)}) > 1
