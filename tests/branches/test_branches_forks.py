"""Which tokens of a reply fork by the rule of the file."""

import math

import pytest

from llmxray.branches.forks import forks_of
from llmxray.experiment.branches import Branches
from llmxray.types import Alternative, TokenLogprob


def token(text: str, p: float = 0.9, **others: float) -> TokenLogprob:
    """A token with its alternatives, itself among them."""
    top = tuple(Alternative(name, math.log(q)) for name, q in {text: p, **others}.items())
    return TokenLogprob(text, text.encode(), math.log(p), top)


SUM = [token(" "), token("9", 0.7, a=0.29), token(" ="), token(" $"), token("1", 0.9, x=0.06, **{"2": 0.02}),
       token("8", 0.99, **{"7": 0.002}), token("."), token("3", 0.6, **{"4": 0.3})]  # fmt: skip


@pytest.mark.parametrize(
    ("tokens", "rule", "forks"),
    [
        # The second choice in doubt; behind "=" the likeliest other digit from 1% on, which need not be the second.
        (SUM, Branches(), [(1, "a"), (4, "2"), (7, "4")]),
        (SUM, Branches(digits=False), [(1, "a"), (7, "4")]),
        (SUM, Branches(at_most=1, digits=False), [(7, "4")]),
        (SUM, Branches(second=30, digits=False), [(7, "4")]),
        # The model would write the token's beginning, its own token, and go on as it did.
        ([token("a", 0.6, ab=0.4)], Branches(), []),
        ([token("ab", 0.6, a=0.4)], Branches(), [(0, "a")]),
        # The end has no text, and a part of a character is none.
        ([token("a", 0.6, **{"": 0.4})], Branches(), []),
        ([token("a", 0.6, **{"\ufffd": 0.4})], Branches(), []),
        ([TokenLogprob("\ufffd", b"\xf0", -0.1), token("a", 0.6, b=0.4)], Branches(), []),
    ],
)
def test_forks(tokens, rule, forks):
    """By place."""
    assert [(fork.place, fork.token) for fork in forks_of(tokens, rule)] == forks
