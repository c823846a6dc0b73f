"""Which replies of which files belong to one condition.

Files of one model, asked by one tool, are one condition as long as they add to each other: other tasks, other
questions, other epochs, or the same replies once more (a run that was taken up again holds those of the first). Where
two files hold different replies to the same question and epoch, state other settings for the same task, or are of two
runs by what they say themselves, they are two conditions to be compared.

What one run asked stays together: its files are joined first, and then its groups as a whole with those of other runs,
in the order in which they were written. A group that several others would take belongs to none of them, or a figure
would be of two runs by chance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from llmxray.errors import InputError
from llmxray.interop.read.questions import first_of, numbered
from llmxray.interop.read.record import LogFile, Record, Run, unique
from llmxray.types import Json

# Every two conditions are compared.
_MOST_CONDITIONS = 100
type Place = tuple[str, str, int]
"""Task, key of the question, epoch."""
type _Detail = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """The replies of one file to one task under one setting.

    Attributes:
        number: place among the parts of all files.
        file: its name.
        run: what they have in common; its ``detail`` is what tells it from others.
        records: by task, question and epoch.
        when: the file was written, 0 where it does not say.
        links: runs that it is of; the file is one where it names none.
    """

    number: int
    file: str
    task: str
    run: Run
    records: dict[Place, Record]
    when: float
    links: tuple[str, ...]


@dataclass(slots=True)
class Group:
    """The replies of one condition.

    Attributes:
        runs: what was stated for each task.
        records: by task, question and epoch.
        parts: whose replies they are.
        stated: the detail of what was stated for each task.
        askings: of all parts, by task.
        left_over: whether several groups would have taken it.
    """

    runs: dict[str, Run] = field(default_factory=dict)
    records: dict[Place, Record] = field(default_factory=dict)
    parts: list[_Part] = field(default_factory=list)
    stated: dict[str, _Detail] = field(default_factory=dict)
    askings: dict[str, set[str]] = field(default_factory=dict)
    left_over: bool = False

    def add(self, part: _Part) -> int:
        """Take a part; of what was stated for a task the first counts.

        Returns:
            How many of its replies were there already.
        """
        repeated = 0
        self.parts.append(part)
        self.runs.setdefault(part.task, part.run)
        self.stated.setdefault(part.task, part.run.detail)
        self.askings.setdefault(part.task, set()).add(part.run.once)
        for place, record in part.records.items():
            known = self.records.get(place)
            repeated += known is not None
            # What failed in the first run, or was marked as invalid, may be there in the next.
            if known is None or known.is_void:
                self.records[place] = record
        return repeated

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
            if all(other.settings.get(name) == value for other in others)
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
    return first if all(other == first for other in others) else None


def with_models(sources: Sequence[LogFile]) -> Sequence[LogFile]:
    """The files, in which models that none of them names are distinguished by their places, where there are several."""
    places = dict.fromkeys(
        record.run.unnamed
        for source in sources
        for record in source.records
        if record.run.unnamed is not None
    )
    if len(places) < 2:
        return sources
    shown = [f"{'/'.join(filter(None, (place.name, place.file)))} {place.run}".strip() for place in places]
    labels = dict(zip(places, unique([label or "folder" for label in shown]), strict=True))

    def named(record: Record) -> Record:
        run = record.run
        if run.unnamed is None:
            return record
        return replace(record, run=replace(run, model=f"{run.model} ({labels[run.unnamed]})"))

    return [replace(source, records=tuple(map(named, source.records))) for source in sources]


def group_conditions(sources: Sequence[LogFile]) -> tuple[list[Group], int]:
    """The conditions of some files, in the order in which they come; and how many replies stood there twice.

    Raises:
        InputError: there are more conditions than a report can show.
    """
    parts: list[_Part] = []
    for place, (source, keys) in enumerate(zip(sources, numbered(sources), strict=True)):
        for keyed in _parts(source, keys):
            run, task = keyed[0][1].run, keyed[0][1].task
            links = tuple(filter(None, (run.origin, run.asking))) or (f"file {place}",)
            records = _placed(task, keyed)
            parts.append(_Part(len(parts), source.name, task, run, records, source.when, links))
    placed: list[Group] = []
    for bundle in _bundles(parts):
        units: list[Group] = []
        for part in bundle:
            _place(units, [part], one_run=True)
        for unit in units:
            _place(placed, unit.parts)
    groups, repeated = [], 0
    for each in sorted(placed, key=lambda each: min(part.number for part in each.parts)):
        group = Group(left_over=each.left_over)
        repeated += sum(map(group.add, sorted(each.parts, key=lambda part: part.number)))
        groups.append(group)
    return groups, repeated


def _placed(task: str, keyed: Sequence[tuple[str, Record]]) -> dict[Place, Record]:
    found: dict[Place, Record] = {}
    for key, record in keyed:
        epoch = record.epoch
        # Once more in one file, under one number: a repeat all the same.
        while (task, key, epoch) in found:
            epoch += 1
        found[task, key, epoch] = record
    return found


def _parts(source: LogFile, keys: Sequence[str]) -> Iterable[list[tuple[str, Record]]]:
    """The records of a file by run and task, each with the key of its question."""
    found: dict[tuple[object, ...], list[tuple[str, Record]]] = defaultdict(list)
    for key, record in zip(keys, source.records, strict=True):
        run = record.run
        found[run.detail, run.origin, run.asking, record.task].append((key, record))
    return found.values()


def _bundles(parts: Sequence[_Part]) -> Iterable[list[_Part]]:
    """The parts of each run of a model, the first that was written in front; as the files come where one is undated."""
    leader: dict[_Detail, _Detail] = {}
    linked = [[(*_who(part.run), link) for link in part.links] for part in parts]
    for one, *others in linked:
        for other in others:
            leader[first_of(leader, other)] = first_of(leader, one)
    found: dict[tuple[object, ...], list[_Part]] = defaultdict(list)
    for part, (link, *_) in zip(parts, linked, strict=True):
        found[first_of(leader, link)].append(part)
    dated = all(part.when for part in parts)
    return sorted(found.values(), key=lambda mine: min(part.when for part in mine) if dated else 0.0)


def _place(groups: list[Group], unit: Sequence[_Part], *, one_run: bool = False) -> None:
    """Add parts that belong together to the group that takes them, or make them a new one.

    Args:
        one_run: all groups are of their run.

    Raises:
        InputError: there are more conditions than a report can show.
    """
    fits = [each for each in groups if all(_fits(each, part, one_run) for part in unit)]
    repeated = [
        each for each in fits if any(place in each.records for part in unit for place in part.records)
    ]
    fits = repeated or fits
    # What several would take stays together as tasks of one model do that nothing tells apart.
    left_over = [each for each in fits if each.left_over]
    fits = fits if len(fits) == 1 or len(left_over) != 1 else left_over
    if len(fits) == 1:
        group = fits[0]
    else:
        group = Group(left_over=len(fits) > 1)
        groups.append(group)
        # Each is held against all others: refused while that is still little work.
        if len(groups) > _MOST_CONDITIONS:
            raise InputError(
                f"{unit[0].file}: more than {_MOST_CONDITIONS} conditions, the most that are read: give fewer files"
            )
    for part in unit:
        group.add(part)


def _fits(group: Group, part: _Part, one_run: bool) -> bool:
    if _who(group.run) != _who(part.run):
        return False
    known = group.stated.get(part.task)
    stated = part.run.settings
    agrees = (
        known == part.run.detail
        if known
        else all(stated.get(name, value) == value for name, value in group.run.settings.items())
    )
    if not agrees and not (one_run and part.run.own_settings):
        return False
    asking, askings = part.run.once, group.askings.get(part.task, ())
    other = bool(asking and askings) and not {"", asking} & set(askings)
    return all(_adds(group.records.get(place), record, other) for place, record in part.records.items())


def _who(run: Run) -> _Detail:
    return run.tool, run.version, run.model


def _adds(known: Record | None, record: Record, other: bool) -> bool:
    """Whether a reply adds to what is known; one of another run does not, also where it says the same."""
    if known is None or known.is_void or record.is_void:
        return True
    return not other and (known.text, known.reasoning, known.option_nats) == (
        record.text,
        record.reasoning,
        record.option_nats,
    )
