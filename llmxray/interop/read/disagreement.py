"""Outcomes as read here against the tool's own marks: where they differ by more than reading explains, marks count.

A log whose correct answers are read in a wrong way would get figures that its own marks deny. So each run of each file
is held against them once more, whatever decided its key.

* Options that were weighed leave nothing to read: every difference counts, except between options of equal texts.
* For answers in words, more than 10% and more than two replies must differ, by every scorer of correctness. A reply
  that the tool could not read, and marks as wrong, is no difference.

Where the key itself cannot be meant, its questions have no options here. Otherwise they keep them, and those answers of
this run that differ count as the tool marks them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from llmxray.interop.read import scored
from llmxray.interop.read.keys import Asked, asked_in, evenly, read_alone, without_options
from llmxray.interop.read.marks import rank
from llmxray.interop.read.naming import shortened
from llmxray.interop.read.record import Mark, Record, Source
from llmxray.scoring import LIKELIHOOD_RULES, right_options
from llmxray.types import ChainName, Item, LikelihoodScore, Outcome, Row

_MOST_SHARE, _MOST_REPLIES = 0.1, 2
_NOT_READ = (Outcome.ERROR, Outcome.UNREAD, Outcome.UNSCORED, Outcome.REFUSED, Outcome.TOOL_CALL)
# Sums that differ by less are equal, and a tool may take either option.
_EQUAL = 1e-9
# What lm-evaluation-harness puts where a filter finds nothing.
_NOT_FOUND = frozenset({"", "[invalid]"})
type _Group = tuple[Asked, bool, bool]
"""A run; whether its options were weighed; whether its key was read in a way that no format documents."""


@dataclass(frozen=True, slots=True)
class _Found:
    """How a group differs from the marks of a scorer.

    Attributes:
        differ: of ``n`` replies that both tell.
        denies: the key, and not how a reply is read, is what is wrong.
    """

    scorer: str
    n: int
    differ: int
    denies: bool


def held(sources: Sequence[Source], *, chain: ChainName, likelihood: LikelihoodScore) -> list[Source]:
    """The sources, with notes, in which marks count where they contradict what is read here."""
    groups: dict[_Group, list[Record]] = defaultdict(list)
    for place, source in enumerate(sources):
        for record in source.records:
            # An open answer counts as it is marked anyway.
            if record.marks and record.answer and not record.error:
                groups[_group(place, record)].append(record)
    differing = {
        group: found
        for group, records in groups.items()
        if (found := _difference(records, group, chain, likelihood)) is not None
    }
    return [_held(place, source, differing) for place, source in enumerate(sources)]


def _group(place: int, record: Record) -> _Group:
    return asked_in(place, record), bool(record.option_nats), bool(record.readings)


def _held(place: int, source: Source, differing: Mapping[_Group, _Found]) -> Source:
    # A key is that of the file, whoever answered.
    denied = {
        (asked[1], weighed, guessed): found
        for (asked, weighed, guessed), found in differing.items()
        if asked[0] == place and found.denies
    }
    records, notes = list[Record](), dict[str, None]()
    for record in source.records:
        group = _group(place, record)
        key, run = denied.get((record.task, *group[1:])), differing.get(group)
        if key is not None:
            notes[_said_of_key(record, key)] = None
            records.append(without_options(record))
        else:
            if run is not None:
                notes[_said_of_run(record, run)] = None
            records.append(
                record
                if run is None and not record.readings
                else replace(record, readings=(), as_marked=bool(run))
            )
    return replace(source, records=tuple(records), notes=(*source.notes, *notes))


def _said_of_key(record: Record, found: _Found) -> str:
    return (
        f"{record.run.tool}, {shortened(record.task)}: with the correct answers as read here, {found.differ} of "
        f"{found.n} answers differ from the tool's marks ({found.scorer}): these questions are shown without options "
        "and count as the tool marks them, or not at all where it has no mark"
    )


def _said_of_run(record: Record, found: _Found) -> str:
    run = record.run
    who = ", ".join(filter(None, (shortened(run.model), shortened(run.variant), shortened(record.task))))
    answers = "differs" if found.differ == 1 else "differ"
    return (
        f"{who}: of {found.n} answers as read here, {found.differ} {answers} from the marks of {run.tool} "
        f"({found.scorer}), more than reading explains: answers of this run count as the tool marks them"
    )


def _difference(
    records: Sequence[Record], group: _Group, chain: ChainName, likelihood: LikelihoodScore
) -> _Found | None:
    _, weighed, guessed = group
    metrics = {_metric(mark) for record in records for mark in record.marks if mark.right is not None}
    if weighed and metrics & LIKELIHOOD_RULES.keys():
        return _of_sums(records, likelihood)
    return _of_replies(records, chain, likelihood, guessed=guessed)


def _metric(mark: Mark) -> str:
    return mark.scorer.split(",")[0]


def _of_sums(records: Sequence[Record], likelihood: LikelihoodScore) -> _Found | None:
    # Keys are told by whole sums, where the files have that metric: lengths may be counted in more than one way.
    counted = {metric: _by_metric(records, metric) for metric in LIKELIHOOD_RULES}
    key = next((found for found in counted.values() if found.n), None)
    if key is not None and key.differ > _MOST_SHARE * key.n:
        return replace(key, denies=True)
    return counted[likelihood] if counted[likelihood].differ else None


def _by_metric(records: Sequence[Record], metric: LikelihoodScore) -> _Found:
    n = differ = 0
    for record in records:
        mark = next((each for each in record.marks if _metric(each) == metric), None)
        if mark is None or mark.right is None or None in record.option_nats:
            continue
        n += 1
        differ += mark.right not in _possible(record, metric)
    return _Found(metric, n, differ, denies=False)


def _possible(record: Record, metric: LikelihoodScore) -> set[bool]:
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


def _size(text: str, metric: LikelihoodScore) -> int:
    if metric == "acc":
        return 1
    return max(1, len(text.encode("utf-8", "surrogatepass") if metric == "acc_bytes" else text))


def _of_replies(
    records: Sequence[Record], chain: ChainName, likelihood: LikelihoodScore, *, guessed: bool
) -> _Found | None:
    kind = scored.kind_of(records)
    if kind == "text":
        return None
    # A tool that says what it found says by silence that it found nothing.
    tells = any(record.given for record in records)
    n, differ, denied = Counter[str](), Counter[str](), Counter[str]()
    for record in evenly(records):
        row, item = read_alone(record, kind, chain=chain, likelihood=likelihood)
        if row.outcome in _NOT_READ:
            continue
        for mark in record.marks:
            if mark.right is None:
                continue
            n[mark.scorer] += 1
            ours = scored.outcome_beside(row, item, mark)
            if (ours is Outcome.CORRECT) != mark.right and not (
                tells and ours is Outcome.CORRECT and _is_unread(record, row)
            ):
                differ[mark.scorer] += 1
                denied[mark.scorer] += mark.right and ours is Outcome.WRONG
    # A scorer of few replies says little of the others, and one of form nothing of correctness.
    most, first = max(n.values(), default=0), min(map(rank, n), default=0)
    scorers = [each for each, counted in n.items() if 2 * counted >= most and rank(each) == first]
    if not scorers:
        return None
    best = min(scorers, key=lambda each: differ[each] / n[each])
    if not _is_much(differ[best], n[best]):
        return None
    return _Found(best, n[best], differ[best], denies=guessed and _is_much(denied[best], n[best]))


def _is_much(differ: int, n: int) -> bool:
    return differ > _MOST_REPLIES and differ > _MOST_SHARE * n


def _is_unread(record: Record, row: Row) -> bool:
    """Whether the tool found no answer in a reply: nothing, or the whole of one that says more than its answer."""
    given = (record.given or "").strip()
    return given in _NOT_FOUND or (given == record.text.strip() and given != row.answer)
