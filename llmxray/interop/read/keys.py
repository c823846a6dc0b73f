"""Correct answers that can be read in two ways: "A" is the letter of one option and the text of another.

The marks of the tool decide for all such questions of a task at once: of the replies that it marks right, each shows
which reading makes it right, and of those that it marks wrong, which reading cannot be meant. A wrong mark may also say
that the tool did not find the answer in the reply; then the marks decide nothing.
Where marks do not decide, these questions have no options here, and count as the tool marks them or not at all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from llmxray.interop.read import scored
from llmxray.interop.read.naming import shortened
from llmxray.interop.read.record import Reading, Record, Source
from llmxray.types import ChainName, Item, LikelihoodScore, Outcome, Trial

# The share of the replies that can tell which must be for one reading. Code that reads replies errs.
_ENOUGH = 0.9
# Replies of a task that are looked at.
_MOST_READ = 1_000
_NAMED: dict[Reading, str] = {
    "letter": "the letter of an option",
    "text": "the text of an option",
    "index": "the place of an option, counted from 0",
}
type _Task = tuple[str, str, tuple[Reading, ...]]
_ELSEWHERE = Trial("", "", "", "", 0, ())


def settled(sources: Sequence[Source], *, chain: ChainName, likelihood: LikelihoodScore) -> list[Source]:
    """The sources with one correct answer for each question, and a note on each task where there were two."""
    doubtful: dict[_Task, list[Record]] = defaultdict(list)
    for source in sources:
        for record in source.records:
            if record.readings:
                doubtful[_task(record)].append(record)
    decided = {task: _decided(records, chain, likelihood) for task, records in doubtful.items()}
    told: set[_Task] = set()
    return [_settled(source, decided, doubtful, told) for source in sources]


def _settled(
    source: Source,
    decided: dict[_Task, tuple[Reading | None, int]],
    doubtful: dict[_Task, list[Record]],
    told: set[_Task],
) -> Source:
    mine = dict.fromkeys(_task(record) for record in source.records if record.readings)
    if not mine:
        return source
    records = tuple(
        _read_as(record, decided[_task(record)][0]) if record.readings else record
        for record in source.records
    )
    notes = tuple(_note(task, doubtful[task], *decided[task]) for task in mine if task not in told)
    told |= mine.keys()
    return replace(source, records=records, notes=(*source.notes, *notes))


def _task(record: Record) -> _Task:
    return record.run.tool, record.task, tuple(reading for reading, _ in record.readings)


def _read_as(record: Record, reading: Reading | None) -> Record:
    if reading is None:
        return replace(record, choices=(), option_nats=(), forced=(), readings=())
    return replace(record, answer=dict(record.readings)[reading], readings=())


def _decided(
    records: Sequence[Record], chain: ChainName, likelihood: LikelihoodScore
) -> tuple[Reading | None, int]:
    """The reading that the marks show, None where they show none; and the number of replies that show it."""
    shown: Counter[Reading] = Counter()
    denied: Counter[Reading] = Counter()
    marked = [record for record in records if any(mark.right is not None for mark in record.marks)]
    for record in marked[:_MOST_READ]:
        right = {
            reading for reading, letter in record.readings if _is_right(record, letter, chain, likelihood)
        }
        # Two readings may share a letter.
        if len(right) < len(record.readings):
            (shown if any(mark.right for mark in record.marks) else denied).update(right)
    if not shown:
        return None, 0
    (first, n), *others = shown.most_common()
    against = (denied[first], *(other for _, other in others))
    decides = all(n >= _ENOUGH * (n + other) for other in against)
    return (first, n) if decides else (None, 0)


def _is_right(record: Record, letter: str, chain: ChainName, likelihood: LikelihoodScore) -> bool:
    """Whether a marked reply is right with this letter: by the marks that call it right, else by those that do not."""
    item = Item("", record.question, record.choices, letter)
    row, _ = scored.row_of(
        replace(record, readings=()),
        scored.completion_of(record),
        _ELSEWHERE,
        item,
        scored.kind_of([record]),
        experiment="",
        chain=chain,
        likelihood=likelihood,
    )
    marks = [mark for mark in record.marks if mark.right] or [
        mark for mark in record.marks if mark.right is False
    ]
    return any(scored.outcome_beside(row, item, mark) is Outcome.CORRECT for mark in marks)


def _note(task: _Task, records: Sequence[Record], reading: Reading | None, n: int) -> str:
    tool, name, readings = task
    items = len({record.item for record in records})
    which = " or ".join(_NAMED[each] for each in readings)
    answers = (
        "the correct answer of 1 question" if items == 1 else f"the correct answers of {items} questions"
    )
    said = f"{tool}, {shortened(name)}: {answers} can be read as {which}"
    if reading is None:
        return (
            f"{said}, and the tool's marks do not decide: these questions are shown without options and count as the "
            "tool marks them, or not at all where it has no mark"
        )
    replies = "1 reply shows" if n == 1 else f"{n} replies show"
    return f"{said}; {replies} by the tool's marks that it is {_NAMED[reading]}"
