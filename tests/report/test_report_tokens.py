"""Token columns for the browser."""

import math

import pytest

from llmxray.report.analysis.reply_tokens import Strings, columns, entropy_bits, joined, pieces, visible
from llmxray.types import Alternative, TokenLogprob


def token(
    text: str,
    logprob: float | None = -0.5,
    *top: tuple[str, float],
    raw: bytes | None = None,
    part: str = "answer",
):
    """A token with alternatives given by probability."""
    alternatives = tuple(Alternative(name, math.log(p)) for name, p in top)
    return TokenLogprob(text, raw, logprob, alternatives, part=part)  # type: ignore[arg-type]


def test_columns_share_strings_and_keep_five_alternatives():
    """Texts are held once; logprobs are rounded and turned positive."""
    strings = Strings()
    tops = [("a", 0.5), ("b", 0.2), ("c", 0.1), ("d", 0.1), ("e", 0.05), ("f", 0.05)]
    found = columns([token("a", -0.6931, *tops), token("a", -math.inf, *tops)], strings)
    assert ["a", "b", "c", "d", "e"] == strings.since(0)
    assert [0, 0] == found["t"]
    assert [693, None] == found["l"]
    assert 5 == found["n"]
    assert [0, 1, 2, 3, 4, 0, 1, 2, 3, 4] == found["a"]
    assert [69, 161, 230, 230, 300] == found["b"][:5]
    assert "r" not in found


def test_a_character_cut_into_tokens_is_shown_by_the_token_that_completes_it():
    """The pieces before show their bytes."""
    raw = "é".encode()
    assert ["\\xc3", "é", "!"] == pieces(
        [token("\ufffd", raw=raw[:1]), token("\ufffd", raw=raw[1:]), token("!", raw=b"!")]
    )


def test_entropy_is_over_the_alternatives_sent():
    """Two equal alternatives are one bit, whatever they sum to."""
    assert 1.0 == pytest.approx(
        entropy_bits([Alternative("a", math.log(0.2)), Alternative("b", math.log(0.2))])
    )
    assert 0.0 == entropy_bits([Alternative("a", math.log(0.9))])
    assert entropy_bits([]) is None


def test_white_space_is_visible():
    """A token of white space can be told from an empty one."""
    assert "␣a↵" == visible(" a\n")
    assert "(empty)" == visible("")


def test_a_piece_of_several_tokens_is_known_by_its_alternatives():
    """llama.cpp sends a character in one piece, with the logprob and the alternatives of its last part."""
    parts = (("\ufffd", 0.6), ("\ufffd", 0.3))
    whole = token("面", math.log(0.6), *parts, raw="面".encode())
    assert joined(whole)
    assert "01" == columns([token("a", -0.5, ("a", 1.0)), whole], Strings())["m"]


@pytest.mark.parametrize(
    "single",
    [
        token("°", -4.0, ("degrees", 0.5), ("0", 0.2)),  # rare, but of whole alternatives
        token("é", -0.5, ("é", 0.6), ("\ufffd", 0.2)),  # among its alternatives
        token("\ufffd", -3.0, ("\ufffd", 0.2), raw=b"\xc3"),  # a part, sent as one
        token("面", -0.5),  # nothing is known of it
        token(".", -6.0, ("\ufffd", 0.5), ("a", 0.2)),  # one byte, sampled where the model was at a loss
    ],
)
def test_other_pieces_are_one_token(single):
    """No mark where the piece may be a token of its own."""
    assert not joined(single)
    assert "m" not in columns([single], Strings())


def test_an_invalid_logprob_is_no_probability_of_zero():
    """Marked, and left out where all are valid."""
    found = columns([token("a", None), token("b", -math.inf), token("c")], Strings())
    assert ([None, None, 500], "100") == (found["l"], found["u"])
    assert "u" not in columns([token("a", -math.inf)], Strings())
