"""Correct answers that can be read in several ways: "A" is the letter of one option and the text of another.

Where a format does not document what they are, every reading that is possible for all such questions of a task in one
file is held against the marks that count: of the replies that they call right, each shows which reading makes it right,
and of those that they call wrong, which reading cannot be meant. A wrong mark may also say that the tool did not find
the answer in the reply; then the marks decide nothing. Nor is a reading meant that they deny: sums that differ from
more than 10% of the marks, or more than 10% of the answers in words, and more than two, right by their marks and wrong
by the reading. Where nothing decides, these questions have no options here, and count as the tool marks them or not at
all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from llmxray.interop.read import scored
from llmxray.interop.read.marks import metric_of, showing
from llmxray.interop.read.naming import shortened
from llmxray.interop.read.record import LogFile, Reading, Record
from llmxray.scoring import LIKELIHOOD_RULES, right_options
from llmxray.types import AnswerKind, ChainName, Item, LikelihoodScore, Outcome, Row, Trial

# The share of the replies that can tell which must be for one reading. Code that reads replies errs; sums do not.
_ENOUGH = 0.98
_MOST_DENIED, _MOST_REPLIES = 0.1, 2
# Replies in words that are looked at.
_MOST_READ = 1_000
_NOT_READ = (Outcome.ERROR, Outcome.UNREAD, Outcome.UNSCORED, Outcome.REFUSED, Outcome.TOOL_CALL)
# Sums that differ by less are equal, and a tool may take either option.
_EQUAL = 1e-9
_ELSEWHERE = Trial("", "", "", "", 0, ())
type _Readings = tuple[Reading, ...]


def settled(files: Sequence[LogFile], *, chain: ChainName, likelihood: LikelihoodScore) -> list[LogFile]:
    """The files with one correct answer for each question, and a note where the marks do not show which it is."""
    return [_settled(file, chain, likelihood) for file in files]


def _settled(file: LogFile, chain: ChainName, likelihood: LikelihoodScore) -> LogFile:
    groups: dict[tuple[object, ...], list[Record]] = defaultdict(list)
    for record in file.records:
        if record.readings or _has_sums(record):
            key = record.run.tool, record.task, record.part, bool(record.option_nats), bool(record.readings)
            groups[key].append(record)
    read: dict[int, Record] = {}
    notes = list(file.notes)
    for records in groups.values():
        for names, mine in _by_readings(records).items():
            reading = _reading(mine, names, chain, likelihood)
            with_key = [
                replace(record, answer=dict(record.readings)[reading]) if reading else record
                for record in mine
            ]
            is_read = not names or reading is not None
            if is_read and not _denied(with_key, chain, likelihood):
                read |= zip(map(id, mine), with_key, strict=True)
            else:
                read |= {id(record): without_options(record) for record in mine}
                questions = len({(record.question or record.item, record.choices) for record in mine})
                notes.append(
                    f"{mine[0].run.tool}, {shortened(mine[0].task)}: the tool's marks do not show what the correct "
                    f"{'answer of 1 question' if questions == 1 else f'answers of {questions} questions'} are meant "
                    "to be: shown without options, and counted as the tool marks them, or not at all"
                )
    settled_ones = (replace(read.get(id(record), record), readings=()) for record in file.records)
    return replace(file, records=tuple(settled_ones), notes=tuple(notes))


def _by_readings(records: Sequence[Record]) -> dict[_Readings, list[Record]]:
    """Records by the readings that are possible for all of them, else by their own."""
    own = [tuple(reading for reading, _ in record.readings) for record in records]
    common = tuple(name for name in own[0] if all(name in names for names in set(own)))
    groups: dict[_Readings, list[Record]] = defaultdict(list)
    for record, names in zip(records, own, strict=True):
        groups[common or names].append(record)
    return groups


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


def _reading(
    records: Sequence[Record], names: _Readings, chain: ChainName, likelihood: LikelihoodScore
) -> Reading | None:
    """The reading that the marks show; None where they show none."""
    if len(names) < 2 or all(len({dict(record.readings)[name] for name in names}) == 1 for record in records):
        return names[0] if names else None
    shown, denied = Counter[Reading](), Counter[Reading]()
    for record in [record for record in records if showing(record)][:_MOST_READ]:
        letters = {reading: letter for reading, letter in record.readings if reading in names}
        right = {
            reading for reading, letter in letters.items() if _is_right(record, letter, chain, likelihood)
        }
        # Two readings may share a letter.
        if len(right) < len(letters):
            mark = showing(record)
            (shown if mark is not None and mark.right else denied).update(right)
    if not shown:
        return None
    enough = 1.0 if any(record.option_nats for record in records) else _ENOUGH
    (first, n), *others = shown.most_common()
    decides = all(n >= enough * (n + other) for other in (denied[first], *(counted for _, counted in others)))
    return first if decides else None


def _read_alone(
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
    row, item = _read_alone(
        replace(record, answer=letter), scored.kind_of([record]), chain=chain, likelihood=likelihood
    )
    mark = showing(record)
    return mark is not None and scored.outcome_beside(row, item, mark) is Outcome.CORRECT


def _has_sums(record: Record) -> bool:
    return bool(record.option_nats) and None not in record.option_nats


def _denied(records: Sequence[Record], chain: ChainName, likelihood: LikelihoodScore) -> bool:
    """Whether the marks deny the correct answers."""
    compared = denied = 0
    kind, in_words = scored.kind_of(records), not records[0].option_nats
    for record in records[:_MOST_READ] if in_words else records:
        mark = showing(record) if record.choices and record.answer and not record.error else None
        if mark is None:
            continue
        if _has_sums(record) and metric_of(mark) in LIKELIHOOD_RULES:
            compared += 1
            denied += mark.right not in _possible(record, metric_of(mark))
        elif record.readings:
            row, item = _read_alone(record, kind, chain=chain, likelihood=likelihood)
            if row.outcome not in _NOT_READ:
                compared += 1
                ours = scored.outcome_beside(row, item, mark)
                denied += bool(mark.right) and ours is Outcome.WRONG
    return denied > (_MOST_REPLIES if in_words else 0) and denied > _MOST_DENIED * compared


def _possible(record: Record, metric: str) -> set[bool]:
    """Whether the likeliest option is right; both where several are as likely, or hold the text of a right one."""
    item = Item("", "", record.choices, record.answer or "", accept=record.accept)
    weighed = scored.as_weighed(item, record.forced)
    shares = [
        (nats or 0.0) / _size(text, metric)
        for nats, text in zip(record.option_nats, weighed.choices, strict=True)
    ]
    most = max(shares)
    right = right_options(weighed)
    found = {place in right for place, share in enumerate(shares) if most - share <= _EQUAL * abs(most)}
    return found | {False} if True in found and len(right) > 1 + len(weighed.accept) else found


def _size(text: str, metric: str) -> int:
    if metric == "acc":
        return 1
    return max(1, len(text.encode("utf-8", "surrogatepass") if metric == "acc_bytes" else text))


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
