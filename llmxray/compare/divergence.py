"""First divergence of two replies: the first token that differs after a common text.

Replies are aligned by text, not by token index, because two tokenisers (or two servers) cut the same
text differently. The divergence is placed at the last position up to which both texts agree and
where both have a token boundary: there each model had read the same prefix and chose another token,
so their alternatives can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from llmxray.types import TokenLogprob


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first difference of two token sequences.

    Attributes:
        index: index of ``a`` in its sequence, its length when that sequence had ended.
        a: the token of the first sequence, None when it had ended.
        b: the token of the second sequence, None when it had ended.
        prefix_text: the common text before both tokens.
        index_b: index of ``b`` in its own sequence.
    """

    index: int
    a: TokenLogprob | None
    b: TokenLogprob | None
    prefix_text: str
    index_b: int


def first_divergence(tokens_a: Sequence[TokenLogprob], tokens_b: Sequence[TokenLogprob]) -> Divergence | None:
    """Return the first divergence of two token sequences; None when their texts are the same."""
    raw_a, raw_b = _raw(tokens_a), _raw(tokens_b)
    text_a, text_b = b"".join(raw_a), b"".join(raw_b)
    if text_a == text_b:
        return None
    agreed = _common_length(text_a, text_b)
    starts_a, starts_b = _starts(raw_a), _starts(raw_b)
    offset = max(start for start in starts_a.keys() & starts_b.keys() if start <= agreed)
    index_a, index_b = starts_a[offset], starts_b[offset]
    return Divergence(
        index=index_a,
        a=tokens_a[index_a] if index_a < len(tokens_a) else None,
        b=tokens_b[index_b] if index_b < len(tokens_b) else None,
        prefix_text=text_a[:offset].decode("utf-8", "replace"),
        index_b=index_b,
    )


def _raw(tokens: Sequence[TokenLogprob]) -> list[bytes]:
    # Strict encoding rejects a lone surrogate, which still has to compare equal to itself.
    return [t.token.encode("utf-8", "surrogatepass") if t.bytes is None else t.bytes for t in tokens]


def _common_length(a: bytes, b: bytes) -> int:
    for offset, (byte_a, byte_b) in enumerate(zip(a, b, strict=False)):
        if byte_a != byte_b:
            return offset
    return min(len(a), len(b))


def _starts(raw: Sequence[bytes]) -> dict[int, int]:
    """Byte offset → index of the token that begins there; the end of the text counts as a boundary.

    Empty tokens (an end mark, a byte held back) share their offset with the next one, which wins.
    """
    starts: dict[int, int] = {}
    offset = 0
    for index, token_bytes in enumerate(raw):
        starts[offset] = index
        offset += len(token_bytes)
    starts[offset] = len(raw)
    return starts
