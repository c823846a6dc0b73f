"""The samples in an archive of Inspect, each of which is one member or a folder of them.

Since 2026 a long sample may be a folder: ``sample.json`` with everything but its messages, of which it has ranges;
``metadata.json``; and the lists ``messages`` and ``attachments`` in parts, each named by the number of its first entry.
Attachments are named by their number. What else is there (events, calls, statistics) is no sample.

Source: ``inspect_ai.log._recorders.chunked``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from llmxray.cassette.bounds import Room
from llmxray.interop.read import values

_SAMPLE = re.compile(r"(?P<folder>samples/.+_epoch_\d+)(?:\.json|(?P<is_folder>/sample\.json))", re.DOTALL)
_PART = re.compile(
    r"(?P<folder>samples/.+_epoch_\d+)/(?P<list>messages|attachments)/(?P<first>\d{1,9})\.json", re.DOTALL
)
# A conversation may say the same again and again, and stands once.
_FLOOR, _NAMED = 10_000, 8
type _Parts = dict[tuple[str, str], list[tuple[int, str]]]


def samples(names: Sequence[str], parsed: Callable[[str], Any]) -> Iterator[Any]:
    """Each sample as an object, whatever it is written as.

    Args:
        names: of the members.
        parsed: the JSON value of a member.

    Raises:
        ValueError: a member cannot be read, or messages are named too often.
    """
    parts: _Parts = defaultdict(list)
    for name in names:
        if found := _PART.fullmatch(name):
            parts[found["folder"], found["list"]].append((int(found["first"]), name))
    known = set(names)
    for name in names:
        if not (found := _SAMPLE.fullmatch(name)):
            continue
        sample, folder = parsed(name), found["folder"]
        if found["is_folder"] and isinstance(sample, dict):
            messages = _entries(parts[folder, "messages"], parsed)
            attachments = _entries(parts[folder, "attachments"], parsed)
            about = f"{folder}/metadata.json"
            sample["metadata"] = parsed(about) if about in known else {}
            sample["messages"] = _named(messages, values.listed(sample, "message_refs"))
            sample["attachments"] = {str(number): text for number, text in enumerate(attachments)}
        yield sample


def _entries(parts: Sequence[tuple[int, str]], parsed: Callable[[str], Any]) -> list[Any]:
    return [each for _, name in sorted(parts) for each in values.listed({"part": parsed(name)}, "part")]


def _named(messages: Sequence[Any], ranges: Sequence[Any]) -> list[Any]:
    """The messages of some ranges, each of which ends before its second number."""
    room = Room(max(_FLOOR, _NAMED * len(messages)), "so few of them", "messages")
    said: list[Any] = []
    for each in ranges:
        start, end = map(values.place, each)
        room.take(max(0, min(end, len(messages)) - start))
        said += messages[start:end]
    return said
