"""First divergence of replies: the first tokens that differ after a common text.

Replies are aligned by text, not by token index, because two tokenisers (or two servers) cut the same
text differently. The divergence is placed at the last position up to which all texts agree and
where all have a token boundary: there each model had read the same prefix and chose another token,
so their alternatives can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence

from llmxray.types import TokenLogprob


def first_divergence(replies: Sequence[Sequence[TokenLogprob]]) -> tuple[int, ...] | None:
    """Return where the replies part: for each the index of its token there, or its length if it ends there.

    None when all texts are the same.
    """
    raw = [[_bytes(token) for token in tokens] for tokens in replies]
    texts = [b"".join(each) for each in raw]
    if len(set(texts)) < 2:
        return None
    shortest = min(map(len, texts))
    agreed = next((at for at, same in enumerate(zip(*texts, strict=False)) if len(set(same)) > 1), shortest)
    starts = [_starts(each) for each in raw]
    offset = max(start for start in set(starts[0]).intersection(*starts[1:]) if start <= agreed)
    return tuple(each[offset] for each in starts)


def _bytes(token: TokenLogprob) -> bytes:
    # Strict encoding rejects a lone surrogate, which still has to compare equal to itself.
    return token.token.encode("utf-8", "surrogatepass") if token.bytes is None else token.bytes


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
