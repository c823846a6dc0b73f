"""Correct answers that can be read in several ways: "A" is the letter of one option and the text of another.

Where a format does not document what they are, every reading that is possible for all such questions of a task in one
file is held against the marks that count, and the one that they deny least is meant: sums show which option a mark is
of; of answers in words, those that are right by their marks and wrong by the reading deny it. (A wrong mark may also
say that the tool did not find the answer in the reply.) Where two readings are denied alike, or the best one by more
than 10% of the marks (and more than two), these questions have no options here, and count as the tool marks
them or not at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from llmxray.interop.read import scoring
from llmxray.interop.read.marks import has_sums, key_mark, metric_of
from llmxray.interop.read.record import LogFile, Record, shortened
from llmxray.scoring import LIKELIHOOD_RULES
from llmxray.types import ChainName, Item, LikelihoodScore, Outcome, Trial

_MOST_DENIED, _MOST_REPLIES = 0.1, 2
# Replies that are looked at.
_MOST_READ = 1_000
_NOT_READ = (Outcome.ERROR, Outcome.UNREAD, Outcome.UNSCORED, Outcome.REFUSED, Outcome.TOOL_CALL)
_ELSEWHERE = Trial("", "", "", "", 0, ())


def settle(files: Sequence[LogFile], *, chain: ChainName, likelihood: LikelihoodScore) -> list[LogFile]:
    """The files with one correct answer for each question, and a note where the marks do not show which it is."""
    return [_settled(file, chain, likelihood) for file in files]


def _settled(file: LogFile, chain: ChainName, likelihood: LikelihoodScore) -> LogFile:
    groups: dict[tuple[object, ...], list[Record]] = defaultdict(list)
    for record in file.records:
        if record.readings or has_sums(record):
            key = record.run.tool, record.task, record.part, bool(record.option_nats), bool(record.readings)
            groups[key].append(record)
    read: dict[int, Record] = {}
    notes = list(file.notes)
    for records in groups.values():
        if clear := _clear(records, chain, likelihood):
            read |= zip(map(id, records), clear, strict=True)
            continue
        read |= {id(record): without_options(record) for record in records}
        questions = len({(record.question or record.item, record.choices) for record in records})
        notes.append(
            f"{records[0].run.tool}, {shortened(records[0].task)}: the tool's marks do not show what the correct "
            f"{'answer of 1 question' if questions == 1 else f'answers of {questions} questions'} are meant "
            "to be: shown without options, and counted as the tool marks them, or not at all"
        )
    settled_ones = (
        replace(read.get(id(record), record), readings=()) for record in _without_dummies(file.records)
    )
    return replace(file, records=tuple(settled_ones), notes=tuple(notes))


def _without_dummies(records: Sequence[Record]) -> Iterator[Record]:
    """The records without one number as the answer to all open questions of a task, which has none (IFEval)."""
    asked: dict[str, dict[str, str | None]] = defaultdict(dict)
    for record in records:
        if not record.choices:
            asked[record.task][record.item] = record.answer
    dummies = {
        task
        for task, answers in asked.items()
        if len(answers) > 1 and len({*answers.values()}) == 1 and scoring.is_number(*{*answers.values()})
    }
    for record in records:
        is_dummy = not record.choices and record.marks and record.task in dummies
        yield replace(record, answer=None) if is_dummy else record


def _clear(
    records: Sequence[Record], chain: ChainName, likelihood: LikelihoodScore
) -> Sequence[Record] | None:
    """The records with their correct answers; None where the marks show none, or deny the only ones."""
    possible: dict[tuple[str | None, ...], Sequence[Record]] = {}
    for name, _ in records[0].readings:
        if all(name in dict(record.readings) for record in records):
            answers = tuple(dict(record.readings)[name] for record in records)
            possible[answers] = [
                replace(record, answer=answer) for record, answer in zip(records, answers, strict=True)
            ]
    by_denied: dict[int, list[Sequence[Record]]] = defaultdict(list)
    compared = 0
    for read in possible.values() if records[0].readings else [records]:
        denied, compared = _denied(read, chain, likelihood)
        by_denied[denied].append(read)
    least = min(by_denied, default=0)
    most = max(_MOST_DENIED * compared, _MOST_REPLIES)
    return by_denied[least][0] if len(by_denied[least]) == 1 and least <= most else None


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


def _denied(records: Sequence[Record], chain: ChainName, likelihood: LikelihoodScore) -> tuple[int, int]:
    """How many marks deny the correct answers, and how many can."""
    compared = denied = 0
    kind = scoring.kind_of(records)
    marked = (record for record in records if record.choices and record.answer and not record.error)
    for record in islice(marked, _MOST_READ):
        mark = key_mark(record)
        if mark is None or not (record.readings or metric_of(mark) in LIKELIHOOD_RULES):
            continue
        item = Item("", record.question, record.choices, record.answer or "", accept=record.accept)
        row, _ = scoring.row_of(
            replace(record, scored=False),
            scoring.completion_of(record),
            _ELSEWHERE,
            item,
            kind,
            experiment="",
            chain=chain,
            likelihood=likelihood,
        )
        if row.outcome not in _NOT_READ:
            compared += 1
            ours = scoring.outcome_beside(row, item, mark)
            wrongly = (
                ours is Outcome.WRONG if mark.right else ours is Outcome.CORRECT and bool(record.option_nats)
            )
            denied += wrongly
    return denied, compared
