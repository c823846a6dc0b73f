"""Which replies of which files belong to one condition.

Files of one model, asked by one tool, are one condition as long as they add to each other: other tasks, other
questions, other epochs, or the same replies once more (a run that was taken up again holds those of the first). Where
two files hold different replies to the same question and epoch, or state other settings for the same task, they are two
conditions to be compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from llmxray.errors import InputError
from llmxray.interop.read.naming import FreeNumbers
from llmxray.interop.read.questions import numbered
from llmxray.interop.read.record import LogFile, Record, Run
from llmxray.types import Json

# Every two conditions are compared. Of tasks there may be more than a report shows: those that ask the same questions
# become one suite.
_MOST_CONDITIONS, _MOST_TASKS = 100, 3000
type Place = tuple[str, str, int]
"""Task, key of the question, epoch."""
type _Detail = tuple[object, ...]


@dataclass(slots=True)
class Group:
    """The replies of one condition.

    Attributes:
        runs: what was stated for each task.
        records: by task, question and epoch.
        details, origins: of all runs, so that a part is not held against each of them.
    """

    runs: dict[str, Run] = field(default_factory=dict)
    records: dict[Place, Record] = field(default_factory=dict)
    details: set[_Detail] = field(default_factory=set)
    origins: set[str] = field(default_factory=set)

    def state(self, task: str, run: Run) -> None:
        """Take what was stated for a task; what was stated first counts."""
        if task not in self.runs:
            self.runs[task] = run
            self.details.add(_detail(run))
            self.origins.add(run.origin)

    @property
    def run(self) -> Run:
        """What was stated for the first task."""
        return next(iter(self.runs.values()))

    @property
    def settings(self) -> dict[str, Json]:
        """Request fields stated for every task alike."""
        first, *others = self.runs.values()
        return {
            name: value
            for name, value in first.settings.items()
            if all(each.settings.get(name) == value for each in others)
        }

    @property
    def budget(self) -> int | None:
        """The budget stated for every task alike."""
        return _same(each.budget for each in self.runs.values())

    @property
    def variant(self) -> str:
        """The variant of every task alike, "" where they differ."""
        return _same(each.variant for each in self.runs.values()) or ""


def _same[T](values: Iterable[T]) -> T | None:
    first, *others = values
    return first if all(each == first for each in others) else None


def grouped(sources: Sequence[LogFile]) -> tuple[list[Group], int]:
    """The conditions of some files, in the order in which they come; and how many replies stood there twice.

    Raises:
        InputError: there are more conditions or tasks than a report can show.
    """
    groups: list[Group] = []
    tasks: set[tuple[str, str]] = set()
    repeated = 0
    for source, keys in zip(sources, numbered(sources), strict=True):
        for keyed in _parts(source, keys):
            run, task = keyed[0][1].run, keyed[0][1].task
            tasks.add((run.tool, task))
            # Each is held against all others: refused while that is still little work.
            refuse_too_many(source.name, len(tasks), "tasks", _MOST_TASKS)
            part = _placed(task, keyed)
            group = _fitting(groups, run, task, part)
            if group is None:
                group = Group()
                groups.append(group)
                refuse_too_many(source.name, len(groups), "conditions", _MOST_CONDITIONS)
            group.state(task, run)
            for place, record in part.items():
                known = group.records.get(place)
                repeated += known is not None
                # What failed in the first run may be there in the next.
                if known is None or known.error:
                    group.records[place] = record
    return groups, repeated


def refuse_too_many(name: str, n: int, what: str, most: int) -> None:
    """Refuse what no report can show.

    Raises:
        InputError: there are more than the most.
    """
    if n > most:
        raise InputError(f"{name}: more than {most:,} {what}, the most that are read: give fewer files")


def _placed(task: str, keyed: Sequence[tuple[str, Record]]) -> dict[Place, Record]:
    found: dict[Place, Record] = {}
    free: dict[str, FreeNumbers] = defaultdict(FreeNumbers)
    for key, record in keyed:
        # Once more in one file, under one number: a repeat all the same.
        found[task, key, free[key].take(record.epoch)] = record
    return found


def _parts(source: LogFile, keys: Sequence[str]) -> Iterable[list[tuple[str, Record]]]:
    """The records of a file by run and task, each with the key of its question."""
    found: dict[tuple[object, ...], list[tuple[str, Record]]] = {}
    for key, record in zip(keys, source.records, strict=True):
        found.setdefault((*_detail(record.run), record.task), []).append((key, record))
    return found.values()


def _detail(run: Run) -> _Detail:
    stated = tuple(sorted((name, str(value)) for name, value in run.settings.items()))
    return run.tool, run.version, run.model, stated, run.budget, run.variant


def _fitting(groups: Sequence[Group], run: Run, task: str, part: dict[Place, Record]) -> Group | None:
    """The group that a part adds to; one with the same settings before one with others.

    Parts of one run belong together, although each task of it may have its own number of examples.
    """
    detail = _detail(run)
    ours = [each for each in groups if _detail(each.run)[:3] == detail[:3]]
    ours.sort(key=lambda each: detail not in each.details)
    for group in ours:
        known = group.runs.get(task)
        same_run = bool(run.origin) and run.origin in group.origins
        agrees = _detail(known) == detail if known else not _contradict(group.run, run)
        if (agrees or same_run) and all(
            _adds(group.records.get(place), record) for place, record in part.items()
        ):
            return group
    return None


def _contradict(one: Run, other: Run) -> bool:
    return any(
        name in other.settings and other.settings[name] != value for name, value in one.settings.items()
    )


def _adds(known: Record | None, record: Record) -> bool:
    if known is None or known.error or record.error:
        return True
    return (known.text, known.reasoning, known.option_nats) == (
        record.text,
        record.reasoning,
        record.option_nats,
    )
