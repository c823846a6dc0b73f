"""Correct answers that can be read in several ways: "A" is the letter of one option and the text of another.

Where a format does not document what they are, every reading that is possible for all such questions of a run in one
file is held against the marks that count: of the replies that they call right, each shows which reading makes it right,
and of those that they call wrong, which reading cannot be meant. A wrong mark may also say that the tool did not find
the answer in the reply; then the marks decide nothing. Where the marks of a run show nothing at all, those of other
runs of the same task do. Where nothing decides, these questions have no options here, and count as the tool marks them
or not at all. A reading that is the only one is held against the marks in `disagreement`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from llmxray.interop.read import scored
from llmxray.interop.read.marks import showing
from llmxray.interop.read.naming import shortened
from llmxray.interop.read.record import LogFile, Reading, Record, run_of
from llmxray.types import AnswerKind, ChainName, Item, LikelihoodScore, Outcome, Row, Trial

# The share of the replies that can tell which must be for one reading. Code that reads replies errs; sums do not.
_ENOUGH = 0.98
# Replies of a run that are looked at, and characters in them.
_MOST_READ, _MOST_TEXT = 1_000, 2_000_000
_NAMED: dict[Reading, str] = {
    "letter": "the letter of an option",
    "text": "the text of an option",
    "folded": "the text of an option without its capitals",
    "index": "the place of an option, counted from 0",
    "index from 1": "the place of an option, counted from 1",
}
type Asked = tuple[object, ...]
"""File, task and what was stated of the run."""
type _Readings = tuple[Reading, ...]
type _Group = tuple[Asked, _Readings]
_ELSEWHERE = Trial("", "", "", "", 0, ())


@dataclass(frozen=True, slots=True)
class _Decision:
    """What the marks of a group show.

    Attributes:
        reading: None where they do not decide.
        n: replies that show it.
        denied: readings that a mark speaks against.
        shown: whether any reply shows any reading.
    """

    reading: Reading | None
    n: int
    denied: frozenset[Reading]
    shown: bool


def settled(sources: Sequence[LogFile], *, chain: ChainName, likelihood: LikelihoodScore) -> list[LogFile]:
    """The sources with one correct answer for each question, and a note on each task where there were several.

    Records whose key was read in a way that no format documents keep their ``readings``.
    """
    groups = _groups(sources)
    found = {group: _decided(records, group[1], chain, likelihood) for group, records in groups.items()}
    readings = _inherited(groups, found)
    in_group = {id(record): group for group, records in groups.items() for record in records}
    notes = _notes(groups, found, readings)
    said = []
    for place, source in enumerate(sources):
        records = tuple(
            _read_as(record, readings[in_group[id(record)]]) if record.readings else record
            for record in source.records
        )
        said.append(replace(source, records=records, notes=(*source.notes, *notes.get(place, ()))))
    return said


def asked_in(place: int, record: Record) -> Asked:
    """The file, task and run of a record."""
    return place, *run_of(record)


def _groups(sources: Sequence[LogFile]) -> dict[_Group, list[Record]]:
    """Records of each run in each file by the readings that are possible for all of them, else by their own."""
    runs: dict[Asked, list[Record]] = defaultdict(list)
    for place, source in enumerate(sources):
        for record in source.records:
            if record.readings:
                runs[asked_in(place, record)].append(record)
    found: dict[_Group, list[Record]] = defaultdict(list)
    for asked, records in runs.items():
        own = [_names(record) for record in records]
        common = tuple(name for name in own[0] if all(name in each for each in set(own)))
        for record, names in zip(records, own, strict=True):
            found[asked, common or names].append(record)
    return found


def _names(record: Record) -> _Readings:
    return tuple(reading for reading, _ in record.readings)


def _read_as(record: Record, reading: Reading | None) -> Record:
    if reading is None:
        return without_options(record)
    return replace(record, answer=dict(record.readings)[reading])


def without_options(record: Record) -> Record:
    """The record as an open question of which no correct answer is known."""
    return replace(
        record,
        choices=(),
        answer=None,
        accept=(),
        option_nats=(),
        forced=(),
        readings=(),
        # Nothing is left to compute a metric from that the file does not have.
        scored=bool(record.marks),
    )


def _decided(
    records: Sequence[Record], readings: _Readings, chain: ChainName, likelihood: LikelihoodScore
) -> _Decision:
    shown: Counter[Reading] = Counter()
    denied: Counter[Reading] = Counter()
    if len(readings) == 1:
        return _Decision(readings[0], 0, frozenset(), shown=False)
    marked = [record for record in records if showing(record)]
    for record in evenly(marked):
        letters = {reading: letter for reading, letter in record.readings if reading in readings}
        right = {
            reading for reading, letter in letters.items() if _is_right(record, letter, chain, likelihood)
        }
        # Two readings may share a letter.
        if len(right) < len(letters):
            mark = showing(record)
            (shown if mark is not None and mark.right else denied).update(right)
    enough = 1.0 if any(record.option_nats for record in records) else _ENOUGH
    against = frozenset(denied)
    if not shown:
        alike = all(len({dict(record.readings)[each] for each in readings}) == 1 for record in records)
        return _Decision(readings[0] if alike else None, 0, against, shown=False)
    (first, n), *others = shown.most_common()
    decides = all(n >= enough * (n + other) for other in (denied[first], *(counted for _, counted in others)))
    return _Decision(first if decides else None, n if decides else 0, against, shown=True)


def _inherited(
    groups: Mapping[_Group, Sequence[Record]], found: Mapping[_Group, _Decision]
) -> dict[_Group, Reading | None]:
    """The reading of each group; where its own marks show nothing, that of all other runs of the task."""
    elsewhere: dict[tuple[str, str, _Readings], set[Reading]] = defaultdict(set)
    for (asked, readings), decision in found.items():
        if decision.reading is not None:
            first = groups[asked, readings][0]
            elsewhere[first.run.tool, first.task, readings].add(decision.reading)
    settled: dict[_Group, Reading | None] = {}
    for group, decision in found.items():
        first, reading = groups[group][0], decision.reading
        others = elsewhere.get((first.run.tool, first.task, group[1]), set())
        if reading is None and not decision.shown and len(others) == 1 and not others & decision.denied:
            (reading,) = others
        settled[group] = reading
    return settled


def evenly(records: Sequence[Record]) -> Sequence[Record]:
    """At most as many records as are looked at, from beginning to end; of long ones, fewer."""
    most = min(_MOST_READ, max(1, _MOST_TEXT * len(records) // (1 + sum(len(each.text) for each in records))))
    return records[:: -(-len(records) // most) or 1]


def read_alone(
    record: Record, kind: AnswerKind, *, chain: ChainName, likelihood: LikelihoodScore
) -> tuple[Row, Item]:
    """The row of a record by our own reading, beside nothing else."""
    item = Item("", record.question, record.choices, record.answer or "", accept=record.accept)
    row, _ = scored.row_of(
        replace(record, scored=False),
        scored.completion_of(record),
        _ELSEWHERE,
        item,
        kind,
        experiment="",
        chain=chain,
        likelihood=likelihood,
    )
    return row, item


def _is_right(record: Record, letter: str, chain: ChainName, likelihood: LikelihoodScore) -> bool:
    """Whether a marked reply is right with this letter, as its scorer compares options."""
    row, item = read_alone(
        replace(record, answer=letter), scored.kind_of([record]), chain=chain, likelihood=likelihood
    )
    mark = showing(record)
    return mark is not None and scored.outcome_beside(row, item, mark) is Outcome.CORRECT


def _notes(
    groups: Mapping[_Group, Sequence[Record]],
    found: Mapping[_Group, _Decision],
    readings: Mapping[_Group, Reading | None],
) -> dict[int, list[str]]:
    """Sentences on what was in doubt, one for each task and outcome, by the first file that it is in."""
    first: dict[tuple[str, str, _Readings, Reading | None], int] = {}
    questions: dict[tuple[str, str, _Readings, Reading | None], set[object]] = defaultdict(set)
    replies: Counter[tuple[str, str, _Readings, Reading | None]] = Counter()
    for group, records in groups.items():
        asked, names = group
        place, *_ = asked
        doubtful = [
            record
            for record in records
            if len({letter for reading, letter in record.readings if reading in names}) > 1
        ]
        if doubtful and isinstance(place, int):
            key = doubtful[0].run.tool, doubtful[0].task, names, readings[group]
            first.setdefault(key, place)
            # Epochs and models ask the same question.
            questions[key] |= {(record.question or record.item, record.choices) for record in doubtful}
            replies[key] += found[group].n
    notes: dict[int, list[str]] = defaultdict(list)
    for key, place in first.items():
        notes[place].append(_note(*key, len(questions[key]), replies[key]))
    return notes


def _note(tool: str, task: str, names: _Readings, reading: Reading | None, items: int, n: int) -> str:
    which = " or ".join(_NAMED[each] for each in names)
    answers = (
        "the correct answer of 1 question" if items == 1 else f"the correct answers of {items} questions"
    )
    said = f"{tool}, {shortened(task)}: {answers} can be read as {which}"
    if reading is None:
        return (
            f"{said}, and the tool's marks do not decide: these questions are shown without options and count as the "
            "tool marks them, or not at all where it has no mark"
        )
    replies = "1 reply shows" if n == 1 else f"{n} replies show"
    return f"{said}; {replies} by the tool's marks that it is {_NAMED[reading]}"


def without_dummies(files: Sequence[LogFile]) -> list[LogFile]:
    """The files without correct answers that are none: one number for all open questions of a task that has scores."""
    answers: dict[tuple[str, str, str], set[str | None]] = defaultdict(set)
    questions: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for file in files:
        for record in file.records:
            if not record.choices:
                task = record.run.tool, record.task, record.part
                answers[task].add(record.answer if record.marks and not record.accept else None)
                questions[task].add(record.item)
    dummies = {
        task
        for task, found in answers.items()
        if len(found) == 1
        and len(questions[task]) > 1
        and all(each and scored.is_number(each) for each in found)
    }
    if not dummies:
        return list(files)
    return [
        replace(
            file,
            records=tuple(
                replace(record, answer=None)
                if not record.choices and (record.run.tool, record.task, record.part) in dummies
                else record
                for record in file.records
            ),
        )
        for file in files
    ]
