"""Which questions of different files are one question, and which tasks one suite.

Tools name tasks and questions each in their own way; the words of a question are what they share. A question is told by
its words, its options in any order, and the right answer, all without capitals, spacing and the words "Question:" and
"Answer:". Two tasks of which one asks half of the other's questions or more are one suite.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from llmxray.interop.read.record import Record
from llmxray.types import LETTERS

# A file may give one question to any number of tasks; beyond these they are not compared with each other.
_MOST_TASKS = 50
type Task = tuple[str, str]
"""Tool and task."""
_FRAME = re.compile(r"^(?:question|q)\s*:\s*|\s*(?:\banswer|\ba)\s*:\s*$")


def plain(text: str) -> str:
    """A text without capitals, spacing and the words that prompts put around a question."""
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return _FRAME.sub("", folded)


def key_of(record: Record) -> str:
    """What the same question has in common in every file; one without its words is told by task and id."""
    if not record.question:
        parts = ["id", record.run.tool, record.task, record.item, *sorted(map(plain, record.choices))]
    else:
        right = record.answer or ""
        if record.choices and right:
            right = record.choices[LETTERS.index(right)]
        parts = ["words", plain(record.question), plain(right), *sorted(map(plain, record.choices))]
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def numbered(records: Sequence[Record]) -> list[str]:
    """The key of each record of one part; a question that stands under several ids is one for each id."""
    seen: dict[str, dict[str, int]] = {}
    found = []
    for record in records:
        key = key_of(record)
        ids = seen.setdefault(key, {})
        place = ids.setdefault(record.item, len(ids))
        found.append(f"{key}/{place}" if place else key)
    return found


def order_of(shown: Sequence[str], own: Sequence[str]) -> tuple[int, ...]:
    """The permutation that shows ``own`` as ``shown``; () where they stand in the same order."""
    left: dict[str, list[int]] = {}
    # The last one first: of a list, the end is taken off without moving the rest.
    for place, text in reversed(list(enumerate(map(plain, own)))):
        left.setdefault(text, []).append(place)
    found = tuple(left[plain(text)].pop() for text in shown)
    return () if found == tuple(range(len(own))) else found


def suites(asked: Mapping[Task, Iterable[str]]) -> dict[Task, Task]:
    """The task that stands for each task's suite: the first of those that ask the same questions.

    Args:
        asked: keys of the questions of each task.
    """
    sets = {task: frozenset(keys) for task, keys in asked.items()}
    by_key: dict[str, list[Task]] = {}
    for task, keys in sets.items():
        for key in keys:
            by_key.setdefault(key, []).append(task)
    shared = Counter(
        (one, other)
        for tasks in by_key.values()
        for n, one in enumerate(tasks[:_MOST_TASKS])
        for other in tasks[n + 1 : _MOST_TASKS]
    )
    leader = {task: task for task in sets}
    place = {task: number for number, task in enumerate(sets)}

    def first(task: Task) -> Task:
        while leader[task] != task:
            # Halves the way for the next one who asks.
            leader[task] = leader[leader[task]]
            task = leader[task]
        return task

    for (one, other), n in shared.items():
        if 2 * n >= min(len(sets[one]), len(sets[other])):
            a, b = first(one), first(other)
            leader[max(a, b, key=place.__getitem__)] = min(a, b, key=place.__getitem__)
    return {task: first(task) for task in sets}
