"""Log-probabilities as servers send them → tokens.

::

    {"content": [{token, logprob, bytes, top_logprobs}], "refusal": […]}   OpenAI, llama.cpp, vLLM, Ollama
    {"content": […], "reasoning_content": […]}                             DeepSeek
    "reasoning_logprobs": {"content": […]}, beside "logprobs"              Cerebras
    {"tokens": […], "token_logprobs": […], "top_logprobs": […]}            Together, legacy completions
    [{token, logprob, …}], or the one number of the one token of a delta   gateways

``top_logprobs`` is a list of objects, or a mapping from token to number. A number is used only where it is the
logarithm of a probability: at or below -9999 it is -inf (vLLM clamps to -9999, llama.cpp sends the lowest float32,
about -3.4e38), above 0 by no more than rounding it is 0. Everything else (null, text, NaN, a positive number) is
invalid: missing, and counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, repeat, starmap
from typing import NamedTuple

from llmxray.types import Alternative, Json, TokenLogprob, TokenPart
from llmxray.wire.json_values import text_of, well_formed

LOGPROB_OBJECTS = ("logprobs", "reasoning_logprobs")
"""Fields of a choice that hold log-probabilities; Cerebras has the second one for the thinking."""
TOKEN_LISTS = ("content", "refusal", "reasoning_content")
"""Their lists of token entries."""
_SENTINEL_NATS = -9999.0
# Sums of float32 probabilities exceed 1 by less.
_ROUNDING_NATS = 1e-6


type Entry = Mapping[str, Json]


class LogprobEntries(NamedTuple):
    """The token entries of one ``logprobs`` value.

    Attributes:
        content: of the answer; of the thinking too where it has no list of its own.
        refusal: of the refusal.
        reasoning: of the thinking, from a list of its own.
        is_known: False where there is something in a form that is not known.
    """

    content: Sequence[Entry] = ()
    refusal: Sequence[Entry] = ()
    reasoning: Sequence[Entry] = ()
    is_known: bool = True


def log_probability(value: object) -> float | None:
    """The logarithm of a probability, -inf for none at all; None where the value is no such number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if value <= _SENTINEL_NATS:
        return -math.inf
    # NaN compares false, and so is neither of the two.
    if value <= 0:
        return float(value)
    return 0.0 if value <= _ROUNDING_NATS else None


def logprob_entries(value: object, text: str) -> LogprobEntries:
    """The token entries of a choice's ``logprobs``.

    Args:
        text: what the same choice says, the token of a bare number.
    """
    if value is None or value is False:
        return LogprobEntries()
    if isinstance(value, dict):
        return _of_object(value)
    if isinstance(value, list):
        entries = _entries(value)
        return LogprobEntries(entries, is_known=len(entries) == len(value))
    if isinstance(value, int | float) and value is not True:
        return LogprobEntries([{"token": text, "logprob": value}])
    return LogprobEntries(is_known=False)


def _of_object(value: Mapping[str, Json]) -> LogprobEntries:
    tokens = value.get("tokens")
    if not value.get("content") and isinstance(tokens, list):
        # MLX sends the numbers of the tokens in place of their texts: which tokens they are is not told.
        if not all(isinstance(token, str) for token in tokens):
            return LogprobEntries(is_known=False)
        return LogprobEntries(_side_by_side(tokens, value), _entries(value.get("refusal")))
    content, refusal, reasoning = map(value.get, TOKEN_LISTS)
    found = LogprobEntries(_entries(content), _entries(refusal), _entries(reasoning))
    whole = (
        _is_whole(content, found.content)
        and _is_whole(refusal, found.refusal)
        and _is_whole(reasoning, found.reasoning)
    )
    known = not value or any(name in value for name in TOKEN_LISTS)
    return found if whole and known else found._replace(is_known=False)


def _is_whole(value: Json, entries: Sequence[Entry]) -> bool:
    return value is None or (isinstance(value, list) and len(value) == len(entries))


def _entries(value: object) -> list[Entry]:
    if not isinstance(value, list):
        return []
    return [entry for entry in value if isinstance(entry, dict)]


def _side_by_side(tokens: Sequence[Json], value: Mapping[str, Json]) -> list[Entry]:
    numbers, tops = (
        chain(each if isinstance(each, list) else (), repeat(None))
        for each in map(value.get, ("token_logprobs", "top_logprobs"))
    )
    return [
        {"token": token, "logprob": number, "top_logprobs": top}
        for token, number, top in zip(tokens, numbers, tops, strict=False)
    ]


def token_of(entry: Entry, t_s: float, part: TokenPart) -> TokenLogprob:
    """The token of an entry that arrived at a time in a part of the reply."""
    token, raw = spelling(entry)
    tops = entry.get("top_logprobs")
    if not tops:
        own = log_probability(entry.get("logprob"))
        return TokenLogprob(token, raw, own, (), t_s, part, int(own is None))
    nats = log_probability(entry.get("logprob"))
    read = [(text, log_probability(value)) for text, value in _alternatives(tops)]
    top = tuple(starmap(Alternative, ((text, value) for text, value in read if value is not None)))
    return TokenLogprob(token, raw, nats, top, t_s, part, len(read) - len(top) + (nats is None))


def spelling(entry: Entry) -> tuple[str, bytes | None]:
    """Text and bytes of the token of an entry."""
    raw = _bytes(entry.get("bytes"))
    text = well_formed(text_of(entry.get("token")))
    return text or (raw.decode("utf-8", "replace") if raw else ""), raw


def _alternatives(value: Json) -> Iterator[tuple[str, object]]:
    for entry in value if isinstance(value, list) else [value]:
        if not isinstance(entry, dict):
            continue
        if "token" in entry and not isinstance(entry["token"], int | float):
            yield well_formed(text_of(entry["token"])), entry.get("logprob")
        else:
            for token, number in entry.items():
                # vLLM's own form has an object for each token.
                nested = number.get("logprob") if isinstance(number, dict) else number
                yield well_formed(token), nested


def _bytes(value: Json) -> bytes | None:
    if not isinstance(value, list):
        return None
    numbers = [number for number in value if isinstance(number, int) and 0 <= number < 256]
    return bytes(numbers) if len(numbers) == len(value) else None
