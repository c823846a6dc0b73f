"""Log-probabilities in a tool's file → the tokens of a reply, where they are those of the text beside them."""

from __future__ import annotations

from llmxray.types import TokenLogprob
from llmxray.wire.openai_logprobs import logprob_entries, token_of

UNLIKE = "the tokens in the file do not spell the reply: the tool may have changed it"
SHUFFLED = "the tool shuffled the options, and the letters of the tokens are those of the shuffled ones"
_FILLED = "the file has 0 for every log-probability, which stands for none"
_UNKNOWN = "the log-probabilities in the file have a form that is not read"


def read_tokens(logprobs: object, said: str) -> tuple[tuple[TokenLogprob, ...], str]:
    """The tokens of a reply, and why there are none where the file has something in their place.

    Args:
        logprobs: as the chat API has them, or in one of the forms that `llmxray.wire` knows.
        said: text of the reply.
    """
    found = logprob_entries(logprobs, said)
    tokens = tuple(token_of(entry, 0.0, "answer") for entry in found.content)
    if not tokens:
        return (), "" if found.is_known else _UNKNOWN
    if all(token.logprob_nats == 0 and len(token.top) < 2 for token in tokens):
        return (), _FILLED
    return (tokens, "") if said.strip() in _spelled(tokens) else ((), UNLIKE)


def _spelled(tokens: tuple[TokenLogprob, ...]) -> str:
    if all(token.bytes is None for token in tokens):
        return "".join(token.token for token in tokens)
    # A character may be cut into several tokens.
    pieces = (token.token.encode() if token.bytes is None else token.bytes for token in tokens)
    return b"".join(pieces).decode("utf-8", "replace")
