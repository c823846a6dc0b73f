"""Records of any files → an experiment, its plan, its results and the replies that pages show.

Nothing is added: a condition has the request fields that the files state, a reply the times that they state, a question
the options that they hold. Options that files show in different orders are one question in the order of the first file.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from llmxray.cassette import Address
from llmxray.errors import CassetteError, InputError
from llmxray.experiment import Experiment
from llmxray.interop.read import correct_answers, scoring
from llmxray.interop.read.conditions import Group, group_conditions, with_models
from llmxray.interop.read.import_notes import Read, list_notes
from llmxray.interop.read.marks import as_last_marked, metric_of, typed_scorer, with_scorers
from llmxray.interop.read.questions import Task, by_parts, order_of, suites
from llmxray.interop.read.record import (
    FreeNames,
    LogFile,
    Record,
    listed,
    shortened,
    slug,
    suite_name,
    unique,
)
from llmxray.limits import NAME_CHARACTERS
from llmxray.plan import Plan, PlannedSuite
from llmxray.plan.model import trial_id
from llmxray.results import Results, notes
from llmxray.types import (
    AnswerKind,
    ChainName,
    Completion,
    Condition,
    Interaction,
    Item,
    Json,
    LikelihoodScore,
    Outcome,
    PlannedRequest,
    SuiteCard,
    Trial,
)


@dataclass(frozen=True, slots=True)
class ReadReplies:
    """Completions by the place that their rows name; nothing that was sent or received, and no manifest.

    Attributes:
        read: bytes of the files that all of the experiments in them were read from.
        manifest: always None: nothing was recorded.
    """

    replies: Mapping[Address, Completion] = field(default_factory=dict)
    read: int = 0
    manifest: None = None

    def completion(self, address: Address) -> Completion:
        """The reply at a place.

        Raises:
            CassetteError: there is none.
        """
        found = self.replies.get(address)
        if found is None:
            raise CassetteError(f"no reply was read for {address}")
        return found

    def clear_cache(self) -> None:
        """Keep all: a reply that is given up could not be read again."""

    def get(self, address: Address) -> Interaction:
        """No exchange: files of other tools hold none.

        Raises:
            CassetteError: always.
        """
        raise CassetteError(f"{address} was read from a file, which holds no exchanges")

    def lines(self, role: str) -> Iterator[Any]:
        """No lines: nothing was frozen."""
        return iter(())


TEXT_NOT_THERE = "(the file does not hold the text of this question)"
_LONGEST_ERROR = 200
# More do not fit into one line.
_NAMED_IN_TITLE = 2
# What tools call a task that nobody named.
_NAMELESS = frozenset({"task", "tests", "eval", "evaluation", "scenario"})
# Required of an endpoint; nothing is ever sent there.
_NOWHERE = "http://127.0.0.1:9/v1"


@dataclass(frozen=True, slots=True)
class Imported:
    """An experiment read from files.

    Attributes:
        results: scored here; ``notes`` say what the files leave open, and where their marks differ.
        replies: what the tools' files hold of each reply.
        tools: tools, with their versions, that wrote the files.
        files: names of the files.
    """

    experiment: Experiment
    results: Results
    replies: ReadReplies
    tools: tuple[str, ...]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlacedReply:
    """One reply in its place: which condition, suite and question it belongs to."""

    condition: str
    suite: str
    key: str
    record: Record


def join_files(
    sources: Sequence[LogFile],
    *,
    chain: ChainName = "llmxray",
    likelihood: LikelihoodScore = "acc",
    bins: int | None = None,
    name: str = "",
    scorer: str = "",
) -> Imported:
    """Read records as one experiment.

    Args:
        name: of the experiment; "" for one made of the first task.
        scorer: whose marks count, as it is typed; "" for the one that is known to mark correctness.

    Raises:
        InputError: there are no replies, or none that can be scored.
    """
    if not any(source.records for source in sources):
        raise InputError(f"{sources[0].name}: there are no answers in it")
    sources, marked_in = as_last_marked(with_models(sources))
    sources = with_scorers(sources, likelihood, scorer)
    sources = correct_answers.settle(sources, chain=chain, likelihood=likelihood)
    groups, repeated = group_conditions(by_parts(sources))
    names = _suite_names(groups)
    labels = _labels(groups)
    ids = unique([slug(group.run.model) for group in groups])
    asked = list(_in_place(groups, ids, names))
    pools = _items(asked)
    asked, pools, kinds = _split(asked, pools)
    usual, alike = _usual(kinds), _alike(kinds)
    conditions = tuple(
        _condition(group, id_, label, usual[id_])
        for group, id_, label in zip(groups, ids, labels, strict=True)
    )
    experiment = _experiment(conditions, tuple(pools), chain, likelihood, bins, name)
    read, trials, replies = _rows(asked, pools, kinds, experiment)
    rows = tuple(row for _, row, _ in read)
    planned = {
        suite: PlannedSuite(_card(suite, asked), tuple(items.values()), alike.get(suite))
        for suite, items in pools.items()
    }
    plan = Plan(experiment.name, "", conditions, planned, trials)
    said = (
        *_left_over(groups, labels),
        *list_notes(sources, read, plan, repeated, marked_in),
        *notes(conditions, rows),
    )
    tools = tuple(dict.fromkeys(group.run.writer for group in groups))
    if all(row.outcome in (Outcome.UNSCORED, Outcome.ERROR) for row in rows):
        raise InputError(f"{sources[0].name}: {_unscored(read, scorer)}")
    return Imported(
        experiment, Results(plan, rows, said), replies, tools, tuple(source.name for source in sources)
    )


def _unscored(read: Sequence[Read], scorer: str) -> str:
    failed = [row.error for _, row, _ in read if row.outcome is Outcome.ERROR]
    if len(failed) == len(read):
        return f"every reply failed, the first with: {failed[0][:_LONGEST_ERROR]}"
    records = [record for record, _, _ in read]
    if scores := list(dict.fromkeys(metric_of(mark) for record in records for mark in record.marks)):
        said = f"its scores ({listed(scores)}) mark no answer as right or wrong, so nothing can be scored"
        # Only what would help: a grade decides nothing, whoever names it.
        two_valued = (
            metric_of(mark) for record in records for mark in record.marks if mark.right is not None
        )
        if not scorer and (name := next(two_valued, "")):
            return f"{said}; where one does, say which: --scorer {typed_scorer(name)}"
        return said
    return "there is no reply with a right answer or a mark beside it, so nothing can be scored"


def _suite_names(groups: Sequence[Group]) -> dict[Task, str]:
    """Names of the suites by task."""
    asked: dict[Task, dict[str, dict[str, None]]] = {}
    for group in groups:
        for task, key, _ in group.records:
            asked.setdefault((group.run.tool, task), {}).setdefault(group.run.model, {})[key] = None
    leaders = suites(asked)
    first = list(dict.fromkeys(leaders.values()))
    # Of several names for one suite that of the most questions: a part of a group would give its name to the group's
    # figure. Of as many, one that says something.
    n = {task: len({key for keys in by.values() for key in keys}) for task, by in asked.items()}
    told = {
        leader: max(
            (task for task, of in leaders.items() if of == leader),
            key=lambda task: (n[task], task[1] not in _NAMELESS),
        )[1]
        for leader in first
    }
    named = dict(zip(first, unique([suite_name(told[each]) for each in first]), strict=True))
    return {task: named[leader] for task, leader in leaders.items()}


def _labels(groups: Sequence[Group]) -> list[str]:
    """What conditions are called: the model, and what tells conditions of one model apart."""
    labels: list[str] = []
    for group in groups:
        twins = [each for each in groups if each.run.model == group.run.model]
        parts = [group.run.model]
        differing = zip(*map(_told_by, twins), strict=True)
        parts += [
            told for told, by in zip(_told_by(group), differing, strict=True) if told and len({*by}) > 1
        ]
        labels.append(shortened(", ".join(parts)))
    counted = Counter(labels)
    seen: Counter[str] = Counter()
    for place, label in enumerate(labels):
        if counted[label] > 1:
            seen[label] += 1
            labels[place] = f"{label}, run {seen[label]}"
    return labels


def _left_over(groups: Sequence[Group], labels: Sequence[str]) -> Iterator[str]:
    for group, label in zip(groups, labels, strict=True):
        if group.left_over:
            yield (
                f"{label}: no file says to which run of {shortened(group.run.model)} its tasks "
                f"({listed(list(group.runs))}) belong, so this is a condition of its own"
            )


def _told_by(group: Group) -> tuple[str, str, str]:
    settings = ", ".join(f"{name} {value}" for name, value in group.settings.items())
    return group.run.writer, group.variant, settings


def _in_place(
    groups: Sequence[Group], ids: Sequence[str], names: Mapping[Task, str]
) -> Iterator[PlacedReply]:
    for group, id_ in zip(groups, ids, strict=True):
        taken = set[tuple[str, str, int]]()
        for (task, key, epoch), record in group.records.items():
            suite = names[group.run.tool, task]
            # Two tasks of one suite may ask the same question: the second time is a repeat.
            while (suite, key, epoch) in taken:
                epoch += 1
            taken.add((suite, key, epoch))
            yield PlacedReply(
                id_, suite, key, record if record.epoch == epoch else replace(record, epoch=epoch)
            )


def _items(asked: Iterable[PlacedReply]) -> dict[str, dict[str, Item]]:
    """Questions of each suite by key, as the first file has them."""
    pools: dict[str, dict[str, Item]] = {}
    free: dict[str, FreeNames] = defaultdict(FreeNames)
    for each in asked:
        pool, record = pools.setdefault(each.suite, {}), each.record
        known = pool.get(each.key)
        if known is None:
            # It stands in each row: of a long one the beginning tells what it is, and a number others from it.
            pool[each.key] = Item(
                free[each.suite].take(shortened(record.item, NAME_CHARACTERS)),
                record.question or TEXT_NOT_THERE,
                record.choices,
                record.answer or "",
                shortened(record.category),
                source=record.run.tool,
                accept=record.accept,
            )
        elif not known.category and record.category:
            pool[each.key] = replace(known, category=shortened(record.category))
    return pools


type _Kinds = dict[tuple[str, str], AnswerKind]


def _split(
    asked: list[PlacedReply], pools: dict[str, dict[str, Item]]
) -> tuple[list[PlacedReply], dict[str, dict[str, Item]], _Kinds]:
    """How each condition's answers to each suite are read.

    A plan says it by condition or by suite. Where neither will do (a condition that weighs the options of one shared
    suite and writes answers to another), the suite becomes two.
    """
    by_place: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for each in asked:
        by_place[each.condition, each.suite].append(each.record)
    kinds = {place: scoring.kind_of(records) for place, records in by_place.items()}
    usual, alike = _usual(kinds), _alike(kinds)
    odd = {
        (condition, suite): f"{suite}-{kind}"
        for (condition, suite), kind in kinds.items()
        if alike[suite] is None and kind != usual[condition]
    }
    if not odd:
        return asked, pools, kinds
    moved = [replace(each, suite=odd.get((each.condition, each.suite), each.suite)) for each in asked]
    return moved, _items(moved), {(place[0], odd.get(place, place[1])): kind for place, kind in kinds.items()}


def _alike(kinds: _Kinds) -> dict[str, AnswerKind | None]:
    """How each suite's answers are read, where all conditions answer it alike; None where they do not."""
    found: dict[str, AnswerKind | None] = {}
    for (_, suite), kind in kinds.items():
        found[suite] = kind if found.get(suite, kind) == kind else None
    return found


def _usual(kinds: _Kinds) -> dict[str, AnswerKind]:
    """How each condition answers: as in suites that others answer otherwise, else as in most."""
    found: dict[str, Counter[AnswerKind]] = defaultdict(Counter)
    alike = _alike(kinds)
    for (condition, suite), kind in kinds.items():
        found[condition][kind] += 1 if alike[suite] else len(kinds)
    return {condition: counted.most_common(1)[0][0] for condition, counted in found.items()}


def _condition(group: Group, id_: str, label: str, answer: AnswerKind) -> Condition:
    asked = f"as {group.run.tool} asked" + (f", {group.variant}" if group.variant else "")
    return Condition(
        id=id_,
        endpoint=slug(group.run.writer),
        model=shortened(group.run.model),
        answer=answer,
        layout=shortened(asked),
        sampling=group.settings,
        max_tokens=group.budget or 0,
        budget_reason="stated in the file" if group.budget else "not stated in the file",
        label=label,
        budget_field="max_tokens" if group.budget else "",
    )


def _experiment(
    conditions: Sequence[Condition],
    names: tuple[str, ...],
    chain: ChainName,
    likelihood: LikelihoodScore,
    bins: int | None,
    name: str,
) -> Experiment:
    what = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
    who = [condition.label for condition in conditions]
    asked = " and ".join(who) if len(who) <= _NAMED_IN_TITLE else f"{len(who)} conditions"
    analysis: dict[str, object] = {"chain": chain, "likelihood": likelihood}
    if bins is not None:
        analysis["bins"] = bins
    return Experiment.model_validate(
        {
            # A name of its own: an experiment of the user's may be called like the task.
            "experiment": name or f"read-{slug(names[0])}",
            "title": f"{what}: {asked}",
            "kind": "benchmark",
            "endpoints": {each.endpoint: {"base_url": _NOWHERE} for each in conditions},
            "models": [
                {"id": each.id, "endpoint": each.endpoint, "model": each.model, "answer": each.answer}
                for each in conditions
            ],
            "suites": [{"suite": name} for name in names],
            "analysis": analysis,
        }
    )


def _rows(
    asked: Sequence[PlacedReply],
    pools: Mapping[str, Mapping[str, Item]],
    kinds: _Kinds,
    experiment: Experiment,
) -> tuple[list[Read], tuple[Trial, ...], ReadReplies]:
    """Each record with what `scoring.row_of` makes of it, in plan order; the trials; the replies that have tokens."""
    read: list[Read] = []
    trials: list[Trial] = []
    replies: dict[Address, Completion] = {}
    suites_in_order = {name: place for place, name in enumerate(pools)}
    items_in_order = {
        (suite, key): place for suite, items in pools.items() for place, key in enumerate(items)
    }
    by_condition: dict[str, list[PlacedReply]] = {}
    for each in asked:
        by_condition.setdefault(each.condition, []).append(each)
    analysis = experiment.analysis
    for mine in by_condition.values():
        mine.sort(
            key=lambda each: (
                suites_in_order[each.suite],
                items_in_order[each.suite, each.key],
                each.record.epoch,
            )
        )
        for each in mine:
            item = pools[each.suite][each.key]
            trial, completion = _trial(each, item), scoring.completion_of(each.record)
            row, as_read = scoring.row_of(
                each.record,
                completion,
                trial,
                item,
                kinds[each.condition, each.suite],
                experiment=experiment.name,
                chain=analysis.chain,
                likelihood=analysis.likelihood,
            )
            if completion.tokens and row.outcome is not Outcome.ERROR:
                address = Address(trial.id, 0, 0)
                replies[address] = completion
                row = replace(row, recordings=(str(address),))
            read.append((each.record, row, as_read))
            trials.append(trial)
    return read, tuple(trials), ReadReplies(replies)


def _trial(each: PlacedReply, item: Item) -> Trial:
    record = each.record
    order: tuple[int, ...] = ()
    if record.choices and record.choices != item.choices:
        order = order_of(record.choices, item.choices)
    prompt: list[Json] = [{"role": role, "content": text} for role, text in record.prompt]
    requests = (PlannedRequest("", {"messages": prompt}),) if prompt else ()
    id_ = trial_id(each.condition, each.suite, item.id, record.epoch)
    return Trial(id_, each.condition, each.suite, item.id, record.epoch, requests, order)


def _card(suite: str, asked: Iterable[PlacedReply]) -> SuiteCard:
    records = [each.record for each in asked if each.suite == suite]
    tools = list(dict.fromkeys(record.run.tool for record in records))
    named = list(dict.fromkeys(record.task for record in records))
    tasks = [each for each in named if each not in _NAMELESS] or named
    return SuiteCard(
        suite,
        shortened(" / ".join(tasks[:3])),
        f"What the task of that name tests in {' and '.join(tools)}.",
        "Whatever the files leave out: they hold the questions that were asked, and not how these were chosen.",
        "not stated in the files",
        f"files of {' and '.join(tools)}",
        departs="Questions were asked as the tool asks them; their prompts are on the pages of the answers.",
    )
