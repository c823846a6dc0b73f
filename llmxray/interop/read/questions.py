"""Which questions of different files are one question, and which tasks one suite.

Tools name tasks and questions each in their own way; the words of a question are what they share. A question is told by
its words and its options in any order, without capitals, spacing and the words "Question:" and "Answer:", and by the
right answer. Capitals and forms of one sign (x² and x2) count where options differ by nothing else. Two tasks of which
one asks half of the other's questions or more are one suite, unless one model was asked both: then they are two ways of
asking, and a figure of both together would be one of neither. So are parts of one task.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from llmxray.interop.read.record import LogFile, Record
from llmxray.types import LETTERS

# A file may give one question to any number of tasks; beyond these they are not compared with each other.
_MOST_TASKS = 50
_MOST_KNOWN = 16
type Task = tuple[str, str]
"""Tool and task."""
_FRAME = re.compile(r"^(?:question|q)\s*:\s*|\s*(?:\banswer|\ba)\s*:\s*$")


def plain(text: str) -> str:
    """A text without capitals, spacing and the words that prompts put around a question."""
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return _FRAME.sub("", folded)


def _spaced(text: str) -> str:
    """A text with single spaces; accents in one form."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _compared(options: Sequence[str]) -> list[str]:
    """Options as they are compared: plain, unless that makes two different ones equal (AA, Aa and aa of genotypes)."""
    exact, folded = list(map(_spaced, options)), list(map(plain, options))
    return folded if len(set(folded)) == len(set(exact)) else exact


def key_of(record: Record) -> str:
    """What the same question has in common in every file; one without its words is told by task and id."""
    if record.question:
        return _key_of_words(record.question, record.choices, record.answer or "")
    # Its id may count from 0 in each part, and its answer be all that tells pictures apart.
    place = [record.run.tool, record.task, record.part, record.category, record.run.variant, record.item]
    return _digest(["id", *place, record.answer or "", *sorted(_compared(record.choices))])


# Any number of replies to a long question may stand in a small file, one after the other.
@lru_cache(_MOST_KNOWN)
def _key_of_words(question: str, choices: tuple[str, ...], answer: str) -> str:
    options = _compared(choices)
    right = options[LETTERS.index(answer)] if options and answer else _spaced(answer)
    return _digest(["words", plain(question), right, *sorted(options)])


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def numbered(sources: Sequence[LogFile]) -> list[list[str]]:
    """The key of each record of each source; a question under several ids or in several parts is one in each.

    Texts may be equal where pictures, files or tools that belong to the question are not. Ids of one tool and task tell
    them apart, in whatever order files hold them; ids of other tools say nothing.
    """
    keys = [[key_of(record) for record in source.records] for source in sources]
    # The first id of a question in one file, and its first part in all files.
    in_file: dict[tuple[str, str, str], str] = {}
    in_part: dict[tuple[str, str, str], str] = {}
    several: set[tuple[str, str, str]] = set()
    for source, mine in zip(sources, keys, strict=True):
        in_file.clear()
        for record, key in zip(source.records, mine, strict=True):
            question = record.run.tool, record.task, key
            one_part = in_part.setdefault(question, record.part) == record.part
            if in_file.setdefault(question, record.item) != record.item or not one_part:
                several.add(question)
    return [
        [
            # Most ids count from 0: those of another tool or task are equal to them, and other questions.
            _digest(["words and id", key, record.run.tool, record.task, record.part, record.item])
            if (record.run.tool, record.task, key) in several
            else key
            for record, key in zip(source.records, mine, strict=True)
        ]
        for source, mine in zip(sources, keys, strict=True)
    ]


def by_parts(sources: Sequence[LogFile]) -> Sequence[LogFile]:
    """The files, in which the parts of a task are tasks of their own where two of them ask the same questions.

    They are ways of asking, and no categories: within one task, replies to one would contradict those to the other.
    """
    apart = _apart(sources)
    return [
        replace(
            source,
            records=tuple(
                replace(record, task=record.part, part="", category="")
                if record.part and (record.run.tool, record.task) in apart
                else record
                for record in source.records
            ),
        )
        for source in sources
    ]


def _apart(sources: Sequence[LogFile]) -> set[Task]:
    """The tasks of which two parts ask the same questions."""
    asked: dict[Task, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for source in sources:
        for record in source.records:
            if record.part:
                asked[record.run.tool, record.task][record.part].add(key_of(record))
    return {
        task
        for task, parts in asked.items()
        if any(_is_most(n, parts[one], parts[other]) for (one, other), n in _shared(parts).items())
    }


def order_of(shown: Sequence[str], own: Sequence[str]) -> tuple[int, ...]:
    """The permutation that shows ``own`` as ``shown``; () where they stand in the same order."""
    left: dict[str, list[int]] = {}
    # The last one first: of a list, the end is taken off without moving the rest.
    for place, text in reversed(list(enumerate(_compared(own)))):
        left.setdefault(text, []).append(place)
    found = tuple(left[text].pop() for text in _compared(shown))
    return () if found == tuple(range(len(own))) else found


def suites(asked: Mapping[Task, Mapping[str, Iterable[str]]]) -> dict[Task, Task]:
    """The task that stands for each task's suite, the first of those that ask the same questions.

    Args:
        asked: keys of the questions of each task, by the model that was asked.
    """
    models = {task: {model: set(keys) for model, keys in by.items()} for task, by in asked.items()}
    sets: dict[Task, set[str]] = {task: set().union(*by.values()) for task, by in models.items()}
    shared = _shared(sets)
    leader: dict[Task, Task] = {}
    place = {task: number for number, task in enumerate(sets)}
    # What the tasks of each suite have asked of each model, by tool: tools ask one task each in their own way.
    whole = {task: {(task[0], model): keys for model, keys in by.items()} for task, by in models.items()}

    # Tasks of one name in two tools before others that ask the same; the rest as the files come, and not as a set does.
    for one, other in sorted(shared, key=lambda pair: (pair[0][1] != pair[1][1], *map(place.get, pair))):
        a, b = sorted((first_of(leader, one), first_of(leader, other)), key=place.__getitem__)
        if a == b or not _is_most(shared[one, other], sets[one], sets[other]):
            continue
        if any(
            who in whole[a] and _is_most(len(keys & whole[a][who]), keys, whole[a][who])
            for who, keys in whole[b].items()
        ):
            continue
        leader[b] = a
        for who, keys in whole.pop(b).items():
            whole[a].setdefault(who, set()).update(keys)
    return {task: first_of(leader, task) for task in sets}


def first_of[T](leader: dict[T, T], one: T) -> T:
    """The one that stands for all that were joined with this one; ``leader`` has the next on the way to it."""
    while leader.setdefault(one, one) != one:
        # Halves the way for the next one who asks.
        leader[one] = one = leader[leader[one]]
    return one


def _shared[T](sets: Mapping[T, Collection[str]]) -> Counter[tuple[T, T]]:
    """How many questions every two tasks, or parts, have in common."""
    by_key: dict[str, list[T]] = {}
    for one, keys in sets.items():
        for key in keys:
            by_key.setdefault(key, []).append(one)
    return Counter(
        (one, other)
        for mine in by_key.values()
        for n, one in enumerate(mine[:_MOST_TASKS])
        for other in mine[n + 1 : _MOST_TASKS]
    )


def _is_most(n: int, one: Collection[str], other: Collection[str]) -> bool:
    return 2 * n >= min(len(one), len(other))
