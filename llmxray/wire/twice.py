"""Keys that stand twice in one object of an event: JSON keeps the last of them, and what the others say is lost. Pure.

Nearly no event has any, so that the colons of its text are counted first: each member of an object has one. Where there
are no more than what was read accounts for, there is no room for another member.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llmxray.types import Json
from llmxray.wire.loose import dicts_of, text_of

# Those in which a reply speaks, ends or fails; the rest may stand twice outside of the choices.
_SPEAKING = frozenset(
    {
        *("choices", "delta", "message", "messages", "content", "text", "output_text", "refusal", "error"),
        *(
            "reasoning_content",
            "reasoning",
            "reasoning_text",
            "reasoning_details",
            "thinking",
            "thinking_blocks",
        ),
        *("tool_calls", "function_call", "function", "arguments", "finish_reason"),
        *("answer", "response", "output", "completion", "generated_text", "candidates", "detail"),
        *("token", "tokens", "logprob", "logprobs", "top_logprobs", "token_logprobs", "reasoning_logprobs"),
    }
)
# Of choices, whatever tells pieces of a reply apart counts too.
_OF_CHOICES = _SPEAKING | {"index", "name", "custom", "input", "parameters", "value", "bytes"}
# The names within these are those of tokens, and of what a function is called with.
_ANY_NAMES = frozenset({"top_logprobs", "arguments", "input", "parameters"})
# How a text may have a colon that stands nowhere in its JSON.
_ESCAPE = "\\u003"
_DICT = {dict}


def lost_names(text: str, payload: Mapping[str, Json]) -> Sequence[str]:
    """The names of members that an object has twice, with another value each time, in places where a reply speaks.

    Args:
        text: JSON of an event or a body.
        payload: what was read of it.
    """
    colons, choices = text.count(":"), payload.get("choices")
    # Each step counts too few of what is in another form than it knows, so that the next one looks.
    if type(choices) is list and len(choices) == 1 and type(choice := choices[0]) is dict:
        delta = choice.get("delta")
        room = colons - len(payload) - len(choice)
        if type(delta) is dict and (room := room - len(delta)) <= 0:
            return ()
        logprobs = choice.get("logprobs")
        if type(logprobs) is dict and (room := room - _in_entries(logprobs)) <= 0:
            return ()
        if _ESCAPE not in text and room <= _in_texts(payload):
            return ()
    if _ESCAPE not in text and colons <= _accounted(payload):
        return ()
    doubled: list[tuple[dict[str, Any], set[str]]] = []

    def look(members: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(members)
        if len(found) < len(members):
            doubled.append(
                (found, {name for name, value in members if is_said(value) and found[name] != value})
            )
        return found

    read = json.loads(text, strict=False, object_pairs_hook=look)
    if not doubled:
        return ()
    lost = {name for _, names in doubled for name in names if name in _SPEAKING}
    by_place = {id(found): names for found, names in doubled}
    # Some servers send a list of one.
    whole = read[0] if isinstance(read, list) and len(read) == 1 else read
    return sorted(lost | {*_of_choices(whole.get("choices") if isinstance(whole, dict) else None, by_place)})


def is_said(value: object) -> bool:
    """Whether it is something; a place or a log-probability may be 0."""
    return value is not None and value is not False and value not in ("", [], {})


def _of_choices(value: object, doubled: Mapping[int, set[str]], *, is_any: bool = False) -> Iterator[str]:
    """The names that count of those doubled within choices.

    Args:
        is_any: whether any name counts.
    """
    if isinstance(value, list):
        for each in value:
            yield from _of_choices(each, doubled, is_any=is_any)
    elif isinstance(value, dict):
        lost = doubled.get(id(value), ())
        yield from (name for name in lost if is_any or name in _OF_CHOICES)
        for name, each in value.items():
            # What servers add for themselves says nothing of the reply.
            if is_any or name in _OF_CHOICES:
                yield from _of_choices(each, doubled, is_any=is_any or name in _ANY_NAMES)


def _in_entries(logprobs: Mapping[str, Json]) -> int:
    """Members of the object of log-probabilities, of its tokens and of their alternatives; never too many."""
    count = len(logprobs)
    for entry in dicts_of(logprobs.get("content")):
        tops = entry.get("top_logprobs")
        count += len(entry)
        if type(tops) is list and {*map(type, tops)} == _DICT:
            count += sum(map(len, tops))  # type: ignore[arg-type]
    return count


def _in_texts(payload: Mapping[str, Json]) -> int:
    """Colons within the model's name (Ollama's have one), and within what is said and its tokens; never too many."""
    count = text_of(payload.get("model")).count(":")
    for choice in dicts_of(payload.get("choices")):
        if isinstance(delta := choice.get("delta"), dict):
            count += text_of(delta.get("content")).count(":")
        if isinstance(logprobs := choice.get("logprobs"), dict):
            for entry in dicts_of(logprobs.get("content")):
                for each in (entry, *dicts_of(entry.get("top_logprobs"))):
                    count += text_of(each.get("token")).count(":")
    return count


def _accounted(value: Json | Mapping[str, Json]) -> int:
    """Members, and colons within texts, of all of a value."""
    if isinstance(value, str):
        return value.count(":")
    if isinstance(value, Mapping):
        return len(value) + sum(map(_accounted, value.values()))
    return sum(map(_accounted, value)) if isinstance(value, list) else 0
