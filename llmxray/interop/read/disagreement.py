"""Correct answers as read here against the tool's marks: where they cannot be meant, questions have no options here.

The tool's marks count in any case; a key that was read in a wrong way would show wrong letters and a wrong calibration.

* Options that were weighed leave nothing to read: more than 10% of the marks must differ from what the sums say.
* Of answers in words, only a key that no format documents is doubted: more than 10% of them, and more than two, must be
  right by their marks, and wrong with the key.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from llmxray.interop.read import scored
from llmxray.interop.read.correct_answers import evenly, read_alone, without_options
from llmxray.interop.read.marks import metric_of, showing
from llmxray.interop.read.naming import shortened
from llmxray.interop.read.record import LogFile, Mark, Record
from llmxray.scoring import LIKELIHOOD_RULES, right_options
from llmxray.types import ChainName, Item, LikelihoodScore, Outcome

_MOST_SHARE, _MOST_REPLIES = 0.1, 2
_NOT_READ = (Outcome.ERROR, Outcome.UNREAD, Outcome.UNSCORED, Outcome.REFUSED, Outcome.TOOL_CALL)
# Sums that differ by less are equal, and a tool may take either option.
_EQUAL = 1e-9
type _Key = tuple[object, ...]
"""Whose correct answers are read alike: file, task and part, whoever answered; weighed or in words."""


def without_denied(
    files: Sequence[LogFile], *, chain: ChainName, likelihood: LikelihoodScore
) -> list[LogFile]:
    """The files, with notes, in which questions have no options where marks deny their correct answers."""
    said = []
    for file in files:
        by_key: dict[_Key, list[Record]] = defaultdict(list)
        for record in file.records:
            mark = showing(record) if record.choices and record.answer and not record.error else None
            if mark is not None and (record.readings or _is_of_sums(record, mark)):
                by_key[_key(record)].append(record)
        denied = {
            key: note
            for key, mine in by_key.items()
            if (note := _denied(mine, chain, likelihood)) is not None
        }
        records = tuple(
            without_options(record)
            if denied and _key(record) in denied
            else replace(record, readings=())
            if record.readings
            else record
            for record in file.records
        )
        said.append(replace(file, records=records, notes=(*file.notes, *denied.values())))
    return said


def _key(record: Record) -> _Key:
    return record.run.tool, record.task, record.part, bool(record.option_nats), bool(record.readings)


def _is_of_sums(record: Record, mark: Mark) -> bool:
    return bool(record.option_nats) and None not in record.option_nats and metric_of(mark) in LIKELIHOOD_RULES


def _denied(records: Sequence[Record], chain: ChainName, likelihood: LikelihoodScore) -> str | None:
    """What is said of a key that cannot be meant; None for one that can."""
    told = list[tuple[bool, bool]]()
    scorer, kind = "", scored.kind_of(records)
    for record in records if records[0].option_nats else evenly(records):
        if (mark := showing(record)) is None:
            continue
        if _is_of_sums(record, mark):
            differs = mark.right not in _possible(record, metric_of(mark))
            told.append((differs, differs))
        else:
            row, item = read_alone(record, kind, chain=chain, likelihood=likelihood)
            if row.outcome in _NOT_READ:
                continue
            ours = scored.outcome_beside(row, item, mark)
            differs = (ours is Outcome.CORRECT) != mark.right
            told.append((differs, differs and bool(mark.right) and ours is Outcome.WRONG))
        scorer = mark.scorer
    n, differ, denies = len(told), sum(differs for differs, _ in told), sum(denies for _, denies in told)
    few = 0 if records[0].option_nats else _MOST_REPLIES
    if denies <= few or denies <= _MOST_SHARE * n:
        return None
    return (
        f"{records[0].run.tool}, {shortened(records[0].task)}: with the correct answers as read here, {differ} of {n} "
        f"answers differ from the tool's marks ({scorer}): these questions are shown without options and count as the "
        "tool marks them, or not at all where it has no mark"
    )


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
