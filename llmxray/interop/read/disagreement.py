"""Outcomes as read here against the tool's own marks: where they differ by more than reading explains, marks count.

A log whose correct answers are read in a wrong way would get figures that its own marks deny. So each run is held
against them once more, whatever decided its key. Only scorers of correctness contradict; of several, the one that
differs least from what is read here is the one that counts.

* Options that were weighed leave nothing to read: every difference counts, except between options of equal texts.
* For answers in words, more than 10% and more than two replies must differ. A reply in which the scorer found no answer
  is not counted.

Where the key itself cannot be meant, its questions have no options here. Otherwise they keep them, and those answers of
this run that differ count as the tool marks them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from llmxray.interop.read import scored
from llmxray.interop.read.conditions import grouped
from llmxray.interop.read.keys import evenly, read_alone, without_options
from llmxray.interop.read.marks import counting, metric_of
from llmxray.interop.read.naming import shortened
from llmxray.interop.read.record import Mark, Record, Source, run_of
from llmxray.scoring import LIKELIHOOD_RULES, right_options
from llmxray.types import ChainName, Item, LikelihoodScore, Outcome, Row

_MOST_SHARE, _MOST_REPLIES = 0.1, 2
_NOT_READ = (Outcome.ERROR, Outcome.UNREAD, Outcome.UNSCORED, Outcome.REFUSED, Outcome.TOOL_CALL)
# Sums that differ by less are equal, and a tool may take either option.
_EQUAL = 1e-9
# What lm-evaluation-harness puts where a filter finds nothing.
_NOT_FOUND = frozenset({"", "[invalid]"})
# These read a whole reply, and take no answer out of it.
_READS_ALL = "model_graded"
_NAMED = 3
type _Of = tuple[object, ...]
type _Conditions = Mapping[tuple[int, _Of], int]
"""Number of a condition by file and run."""


@dataclass(frozen=True, slots=True)
class _Group:
    """Replies of a run to a task, in one file, whose correct answers are read alike.

    Attributes:
        place: of the file.
        condition: number of the condition that they belong to; -1 where none of them counts.
        run: as of `run_of`.
        weighed: whether options were weighed.
        guessed: whether the key was read in a way that no format documents.
    """

    place: int
    condition: int
    run: _Of
    weighed: bool
    guessed: bool

    @property
    def key(self) -> _Of:
        """Whose correct answers are read alike: a key is that of the file, whoever answered."""
        return self.place, *self.run[:2], self.weighed, self.guessed

    @property
    def part(self) -> _Of:
        """For whom one scorer counts."""
        return self.condition, *self.run, self.weighed

    @property
    def whole(self) -> _Of:
        """What the share of differences is counted over: all files of a condition, and all tasks of a group."""
        return self.condition, self.run[0], self.weighed


@dataclass(slots=True)
class _Counts:
    """Marks of each scorer against what is read here.

    Attributes:
        differ: of ``n`` replies that both tell.
        denied: differences in which the key, and not how a reply is read, may be what is wrong.
    """

    n: Counter[str] = field(default_factory=Counter)
    differ: Counter[str] = field(default_factory=Counter)
    denied: Counter[str] = field(default_factory=Counter)

    def add(self, other: _Counts) -> None:
        """Add the counts of other replies."""
        self.n.update(other.n)
        self.differ.update(other.differ)
        self.denied.update(other.denied)


@dataclass(frozen=True, slots=True)
class _Found:
    """How a run or a key differs from the marks of its scorers."""

    scorers: tuple[str, ...]
    n: int
    differ: int


def held(sources: Sequence[Source], *, chain: ChainName, likelihood: LikelihoodScore) -> list[Source]:
    """The sources, with notes, in which marks count where they contradict what is read here."""
    kept = {id(record): n for n, each in enumerate(grouped(sources)[0]) for record in each.records.values()}
    conditions = {
        (place, run_of(record)): kept[id(record)]
        for place, source in enumerate(sources)
        for record in source.records
        if id(record) in kept
    }
    groups: dict[_Group, list[Record]] = defaultdict(list)
    for place, source in enumerate(sources):
        for record in source.records:
            # An open answer counts as it is marked anyway.
            if record.marks and record.answer and not record.error and record.of_correctness:
                groups[_group(place, record, conditions)].append(record)
    # Of all replies in a file, for its key; and of those that do not stand in a file before it, for the run.
    in_file, new = dict[_Group, _Counts](), dict[_Group, _Counts]()
    for group, records in groups.items():
        in_file[group], new[group] = _compared(records, kept, chain, likelihood)
    best = _best(new, likelihood)
    denied = {
        group.key: found
        for group, counts in in_file.items()
        if (found := _denied(group, counts, best.get(group.part, ""))) is not None
    }
    differing = _differing({group: counts for group, counts in new.items() if group.key not in denied}, best)
    return list(_held(sources, conditions, best, denied, differing))


def _group(place: int, record: Record, conditions: _Conditions) -> _Group:
    run = run_of(record)
    return _Group(
        place, conditions.get((place, run), -1), run, bool(record.option_nats), bool(record.readings)
    )


def _best(new: Mapping[_Group, _Counts], likelihood: LikelihoodScore) -> dict[_Of, str]:
    """The scorer that counts: the metric that was asked for, or the one that differs least from what is read here."""
    parts: dict[_Of, _Counts] = defaultdict(_Counts)
    for group, counts in new.items():
        parts[group.part].add(counts)
    found = dict[_Of, str]()
    for part, counts in parts.items():
        if part[-1] and counts.n.keys() & LIKELIHOOD_RULES.keys():
            found[part] = likelihood
        elif counts.n:
            # One of few replies says little of the others.
            most = max(counts.n.values())
            scorers = [each for each, n in counts.n.items() if 2 * n >= most]
            found[part] = min(scorers, key=lambda each: counts.differ[each] / counts.n[each])
    return found


def _denied(group: _Group, counts: _Counts, best: str) -> _Found | None:
    if group.weighed:
        # Keys are told by whole sums, where the files have that metric: lengths may be counted in more than one way.
        metric = next((each for each in LIKELIHOOD_RULES if counts.n[each]), None)
        if metric is not None:
            much = counts.differ[metric] > _MOST_SHARE * counts.n[metric]
            return _Found((metric,), counts.n[metric], counts.differ[metric]) if much else None
    n, differ = counts.n[best], counts.differ[best]
    much = group.guessed and _is_much(differ, n) and _is_much(counts.denied[best], n)
    return _Found((best,), n, differ) if much else None


def _differing(new: Mapping[_Group, _Counts], best: Mapping[_Of, str]) -> dict[_Of, _Found]:
    wholes: dict[_Of, dict[str, tuple[int, int]]] = defaultdict(dict)
    for group, counts in new.items():
        if (scorer := best.get(group.part)) is not None and counts.n[scorer]:
            n, differ = wholes[group.whole].get(scorer, (0, 0))
            wholes[group.whole][scorer] = n + counts.n[scorer], differ + counts.differ[scorer]
    found = dict[_Of, _Found]()
    for whole, by_scorer in wholes.items():
        n, differ = (sum(each) for each in zip(*by_scorer.values(), strict=True))
        sums = whole[-1] and not by_scorer.keys().isdisjoint(LIKELIHOOD_RULES)
        if differ if sums else _is_much(differ, n):
            found[whole] = _Found(tuple(by_scorer), n, differ)
    return found


def _is_much(differ: int, n: int) -> bool:
    return differ > _MOST_REPLIES and differ > _MOST_SHARE * n


def _held(
    sources: Sequence[Source],
    conditions: _Conditions,
    best: Mapping[_Of, str],
    denied: Mapping[_Of, _Found],
    differing: Mapping[_Of, _Found],
) -> Iterator[Source]:
    # A run may have a thousand files, and a number of examples for each task.
    said = set[object]()
    for place, source in enumerate(sources):
        records, notes = list[Record](), list[str]()
        for record in source.records:
            group = _group(place, record, conditions)
            key, run = denied.get(group.key), differing.get(group.whole)
            found = group.whole if key is None else group.key
            if (key or run) and found not in said:
                said.add(found)
                notes += [_said_of_key(record, key)] if key else [_said_of_run(record, run)] if run else []
            if key is not None:
                records.append(without_options(record))
                continue
            first = best.get(group.part)
            scorers = tuple(sorted(record.scorers, key=lambda each: each != first))
            changed = scorers != record.scorers or run is not None or record.readings
            records.append(
                replace(record, scorers=scorers, readings=(), as_marked=run is not None)
                if changed
                else record
            )
        yield replace(source, records=tuple(records), notes=(*source.notes, *notes))


def _said_of_key(record: Record, found: _Found) -> str:
    return (
        f"{record.run.tool}, {shortened(record.task)}: with the correct answers as read here, {found.differ} of "
        f"{found.n} answers differ from the tool's marks ({_named(found)}): these questions are shown without options "
        "and count as the tool marks them, or not at all where it has no mark"
    )


def _said_of_run(record: Record, found: _Found) -> str:
    run = record.run
    who = ", ".join(filter(None, (shortened(run.model), shortened(run.variant), shortened(record.task))))
    answers = "differs" if found.differ == 1 else "differ"
    return (
        f"{who}: of {found.n} answers as read here, {found.differ} {answers} from the marks of {run.tool} "
        f"({_named(found)}), more than reading explains: answers of this run count as the tool marks them"
    )


def _named(found: _Found) -> str:
    return ", ".join(found.scorers[:_NAMED]) + (" …" if len(found.scorers) > _NAMED else "")


def _compared(
    records: Sequence[Record], kept: Collection[int], chain: ChainName, likelihood: LikelihoodScore
) -> tuple[_Counts, _Counts]:
    """The marks of all these records against what is read here, and of those that count."""
    metrics = {metric_of(mark) for record in records for mark in record.marks if mark.right is not None}
    sums = bool(records[0].option_nats) and not metrics.isdisjoint(LIKELIHOOD_RULES)
    kind = scored.kind_of(records)
    both = _Counts(), _Counts()
    for record in records if sums else evenly(records) if kind != "text" else ():
        if sums:
            told = _by_sums(record)
        else:
            row, item = read_alone(record, kind, chain=chain, likelihood=likelihood)
            told = _by_reply(record, row, item)
        for scorer, differs, denies in told:
            for counts in both[: 2 if id(record) in kept else 1]:
                counts.n[scorer] += 1
                counts.differ[scorer] += differs
                counts.denied[scorer] += denies
    return both


type _Told = Iterator[tuple[str, bool, bool]]
"""Scorer; whether its mark differs from what is read here; whether the key may be why."""


def _by_sums(record: Record) -> _Told:
    if None in record.option_nats:
        return
    for metric in LIKELIHOOD_RULES:
        mark = next((each for each in record.marks if metric_of(each) == metric), None)
        if mark is not None and mark.right is not None:
            differs = mark.right not in _possible(record, metric)
            yield metric, differs, differs


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


def _by_reply(record: Record, row: Row, item: Item) -> _Told:
    if row.outcome in _NOT_READ:
        return
    for mark in counting(record):
        if mark.right is not None:
            ours = scored.outcome_beside(row, item, mark)
            differs = (ours is Outcome.CORRECT) != mark.right
            if not (differs and ours is Outcome.CORRECT and _is_unread(mark, record, row)):
                yield mark.scorer, differs, differs and mark.right and ours is Outcome.WRONG


def _is_unread(mark: Mark, record: Record, row: Row) -> bool:
    """Whether the scorer found no answer in a reply: nothing, or the whole of one that says more than its answer."""
    if mark.given is None:
        return False
    given = mark.given.strip()
    whole = given == record.text.strip() and given != row.answer and _READS_ALL not in mark.scorer
    return whole or given in _NOT_FOUND
