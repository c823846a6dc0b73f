"""A stream whose token entries were read already → Completion: the same one that its bytes give, or `NotTold`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import islice

from llmxray.types import Completion, Json
from llmxray.wire.loose import COUNTED_ABOVE, NO_JSON, dicts_of, has_key_twice, is_too_large, parse
from llmxray.wire.openai import TOO_LARGE, Reader
from llmxray.wire.openai_logprobs import LOGPROB_OBJECTS, TOKEN_LISTS, ReadToken

# Brackets in the object of a token: of itself, and of the list of its bytes.
_MOST_BRACKETS = 16


class NotTold(ValueError):
    """Parts of which it is not certain that their bytes say the same: those have to be read."""


def read_parts(
    parts: Iterable[tuple[str, float, Sequence[ReadToken]]], latency_s: float | None, *, mark: int
) -> Completion:
    """The completion of a stream whose token entries were read already; the first choice.

    Args:
        parts: JSON text of each event with a number in the place of each of its token entries, when it came,
            and those entries.
        latency_s: arrival of the last byte.
        mark: that number, one that stands nowhere else.

    Raises:
        NotTold: an event is no JSON object, an entry stands elsewhere than in a list of them, or it is not certain in
            which.
        ValueError: an event is too large.
    """
    reader = Reader(0)
    for text, t_s, tokens in parts:
        if text == "[DONE]":
            reader.saw_done = True
            break
        if len(text) > COUNTED_ABOVE and is_too_large(text):
            raise ValueError(TOO_LARGE)
        payload = parse(text)
        if payload is NO_JSON or not isinstance(payload, dict):
            raise NotTold("an event that is no JSON object")
        # Lists are filled in the order of their keys, which is that of the text unless a key stands twice.
        if tokens and _put_back(payload, tokens, mark) > 1 and has_key_twice(text):
            raise NotTold("token entries in an event with a key that stands twice")
        reader.payload(payload, t_s)
        if reader.is_full:
            break
    return reader.completion(latency_s)


def _put_back(payload: dict[str, Json], tokens: Sequence[ReadToken], mark: int) -> int:
    """Put entries in their places; the number of lists that took some.

    Raises:
        NotTold: one stands elsewhere.
    """
    rest, lists = iter(tokens), 0
    for choice in dicts_of(payload.get("choices")):
        for logprobs in [each for name, each in choice.items() if name in LOGPROB_OBJECTS]:
            if isinstance(logprobs, dict):
                for name, entries in logprobs.items():
                    if name in TOKEN_LISTS and isinstance(entries, list):
                        # An entry in any other place is part of what the reply says there. 1e18 is no mark: digits
                        # before or behind one would make another number of the entry.
                        if any(type(each) is not int or each != mark for each in entries):
                            raise NotTold("token entries beside others in logprobs")
                        logprobs[name] = list(islice(rest, len(entries)))  # type: ignore[arg-type]
                        lists += bool(entries)
    if next(rest, None) is not None:
        raise NotTold("token entries outside of logprobs")
    return lists


def is_plain_symbol(head: str, tail: str) -> bool:
    """Whether the object of a token is one wherever it stands, and whatever stands for its number.

    Args:
        head: text before its number.
        tail: text after it, the closing brace apart.
    """
    text = head + tail
    if "\n" in text or "\r" in text or text.count("[") + text.count("{") > _MOST_BRACKETS:
        return False
    for number in ("0", "-1.5", "-1e-05"):
        try:
            entry = json.loads(f"{head}{number}{tail}}}")
        except ValueError:
            return False
        if not isinstance(entry, dict) or entry.get("logprob") != float(number):
            return False
        # Of one without the text of its token the number may be read otherwise, and alternatives stand behind it.
        if not isinstance(entry.get("token"), str) or entry.get("top_logprobs", []) not in ([], None):
            return False
    # Its bytes are looked at for keys that stand twice, its symbol is not.
    return not has_key_twice(f"{head}0{tail}}}")
