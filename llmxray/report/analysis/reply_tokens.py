"""Tokens of an answer as columns for the browser: strings by number, logprobs in thousandths of a nat.

Per token: its text, its logprob, the entropy of the alternatives the server sent, and at most
`PUBLISHED` of those alternatives. The cassette keeps all of them.
"""

from __future__ import annotations

import codecs
import math
from collections.abc import Iterable, Mapping, Sequence

from llmxray.cassette import Address
from llmxray.report.analysis.data import Recordings
from llmxray.scoring import opens_thinking, thinking_split
from llmxray.types import Alternative, Completion, Condition, Json, Row, TokenLogprob

PUBLISHED = 5
_NATS_PER_BIT = math.log(2)
# What a part of a character decodes to.
_PART = "\ufffd"


class Strings:
    """A table of strings, each held once and named by its place."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self._texts: list[Json] = []

    def __call__(self, text: str) -> int:
        """The place of a text, added when it is new."""
        place = self._places.setdefault(text, len(self._texts))
        if place == len(self._texts):
            self._texts.append(text)
        return place

    def since(self, size: int) -> list[Json]:
        """The texts added after the table had that size."""
        return self._texts[size:]

    def __len__(self) -> int:
        return len(self._texts)


def replies(cassette: Recordings, row: Row) -> list[Completion]:
    """The replies a row was scored from, in request order; empty for a trial without a whole answer."""
    return [cassette.completion(Address.parse(recording)) for recording in row.recordings]


def marked(reply: Completion, condition: Condition) -> tuple[TokenLogprob, ...]:
    """The tokens of a reply that have text, each marked as thinking or answer."""
    tokens = thinking_split(reply, thinks=opens_thinking(condition.layout))[2]
    return tuple(token for token in tokens if token.token)


def answer_tokens(cassette: Recordings, row: Row, condition: Condition) -> tuple[TokenLogprob, ...]:
    """The tokens of a row's first reply without its thinking."""
    whole = replies(cassette, row)
    return tuple(each for each in marked(whole[0], condition) if each.part == "answer") if whole else ()


def columns(tokens: Sequence[TokenLogprob], strings: Strings) -> Mapping[str, Json]:
    """The tokens as columns.

    Returns:
        ``t`` text, ``l`` −1000 × logprob (None for probability zero), ``e`` entropy in hundredths of a bit
        (None without alternatives), ``n`` alternatives per token (one number where all have as many), ``a``
        their texts and ``b`` −100 × their logprobs, one token's after the other's; ``r`` marks of the
        thinking ("1"), left out when all is answer; ``m`` marks of `joined` pieces and ``u`` of tokens without a
        valid logprob, left out without any.
    """
    published = [token.top[:PUBLISHED] for token in tokens]
    flat = [alternative for top in published for alternative in top]
    counts = [len(top) for top in published]
    found: dict[str, Json] = {
        "t": [strings(text) for text in pieces(tokens)],
        "l": [None if (nats := token.logprob_nats) is None else _scaled(nats, 1000) for token in tokens],
        "e": [None if (bits := entropy_bits(token.top)) is None else round(100 * bits) for token in tokens],
        "n": counts[0] if len(set(counts)) == 1 else list[Json](counts),
        "a": [strings(alternative.token) for alternative in flat],
        "b": [_scaled(alternative.logprob_nats, 100) for alternative in flat],
    }
    found |= marks("r", (token.part == "reasoning" for token in tokens))
    found |= marks("u", (token.logprob_nats is None for token in tokens))
    return found | marks("m", map(joined, tokens))


def marks(name: str, flags: Iterable[bool]) -> dict[str, Json]:
    """A column of "1" and "0" of that name; no column where nothing is marked."""
    column = "".join("01"[flag] for flag in flags)
    return {name: column} if "1" in column else {}


def joined(token: TokenLogprob) -> bool:
    """Whether a piece is several tokens, and its logprob and alternatives are those of the last one.

    llama.cpp holds the parts of a character back until it is whole, and sends them as one piece with what it
    knows of the last part. Such a piece is whole text beyond ASCII whose alternatives are parts of characters, itself
    not among them; the usage that the server reports counts more tokens than it sent pieces.
    """
    whole = not token.token.isascii() and _PART not in token.token
    texts = [each.token for each in token.top]
    return whole and token.token not in texts and any(_PART in text for text in texts)


def pieces(tokens: Sequence[TokenLogprob]) -> list[str]:
    """What to show for each token: its text, or its bytes in hex where it is a part of a character.

    The piece that completes a character shows it, so that an emoji cut into three tokens can be read.
    """
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    shown = []
    for token in tokens:
        # Some servers send no bytes; the text is then all there is, and ends what was begun.
        if token.bytes is None:
            decoder.reset()
            shown.append(token.token)
            continue
        text = decoder.decode(token.bytes)
        shown.append(text or "".join(f"\\x{byte:02x}" for byte in token.bytes))
    return shown


def visible(token: str) -> str:
    """White space made visible, for a token shown on its own."""
    return token.replace(" ", "␣").replace("\n", "↵").replace("\t", "⇥") or "(empty)"


def entropy_bits(top: Sequence[Alternative]) -> float | None:
    """Entropy of the alternatives sent, renormalised over them, in bits; None without alternatives."""
    nats = [each.logprob_nats for each in top if each.logprob_nats > -math.inf]
    masses = [math.exp(each) for each in nats]
    whole = math.fsum(masses)
    if whole <= 0:
        return None
    # Σ −p·ln p with p = mass/whole, without a second logarithm for each: a large site has millions.
    return abs(math.log(whole) - math.sumprod(masses, nats) / whole) / _NATS_PER_BIT


def _scaled(logprob_nats: float, steps: int) -> int | None:
    # JSON has no −Infinity.
    return round(-steps * logprob_nats) if math.isfinite(logprob_nats) else None
