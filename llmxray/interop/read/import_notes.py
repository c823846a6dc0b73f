"""What a reader must know of results that were read from files: who wrote them, and where marks differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean

from llmxray.interop.read.marks import counted_mark, means_correctness, metric_of
from llmxray.interop.read.record import LogFile, Record, listed, shortened
from llmxray.interop.read.scoring import kind_of_item, outcome_beside
from llmxray.plan import Plan
from llmxray.results import TOOL_MARK
from llmxray.scoring import LIKELIHOOD_RULES
from llmxray.types import UNCOUNTED, Outcome, Row

type Read = tuple[Record, Row, Row | None]
type _Compared = tuple[str, str, str, bool]
"""Condition, tool, scorer; whether open answers count as marked."""
_SHOWN = 5
# Of an accuracy; half of the last digit that is shown.
_SAME_FIGURE = 0.0005


def list_notes(
    sources: Sequence[LogFile],
    read: Sequence[Read],
    plan: Plan,
    repeated: int,
    marked_in: Sequence[str],
) -> Iterator[str]:
    """Sentences for the terminal, and for the pages Overview and Methods; what the figures lack stands first.

    Args:
        read: each record with its row and that row as read here, as of `scoring.row_of`.
        repeated: replies that stood in several files.
        marked_in: the files whose marks count for replies that others mark otherwise.
    """
    yield from _stated_otherwise(sources, read, plan)
    yield from _written(sources)
    for source in sources:
        if not source.records:
            yield f"{source.name}: there are no answers in it"
        yield from source.notes
    if repeated:
        stand, count = ("reply stands", "counts") if repeated == 1 else ("replies stand", "count")
        said = f"{repeated} {stand} in more than one file and {count} once"
        marks = f"; where marks differ, those of {listed(marked_in)} count" if marked_in else ""
        yield said + marks
    yield from _marks(read, plan)
    reasons = Counter(record.tokens_why for record, _, _ in read if record.tokens_why)
    for why, n in reasons.items():
        yield f"{n} of {len(read)} answers have no token detail: {why}"


def _written(sources: Sequence[LogFile]) -> Iterator[str]:
    files: dict[str, list[LogFile]] = {}
    for source in sources:
        for writer in dict.fromkeys(record.run.writer for record in source.records):
            files.setdefault(writer, []).append(source)
    for writer, mine in files.items():
        n = sum(record.run.writer == writer for source in mine for record in source.records)
        names = listed([source.name for source in mine])
        yield f"written by {writer}: {n} {'answer' if n == 1 else 'answers'} in {names}"


def _marks(read: Sequence[Read], plan: Plan) -> Iterator[str]:
    """The scorer that counts beside what is read here, and others beside it, with the questions where they differ."""
    labels = {each.id: each.label or each.id for each in plan.conditions}
    items, kinds = plan.items(), plan.answer_kinds()
    compared: Counter[_Compared] = Counter()
    otherwise: dict[_Compared, list[str]] = {}
    failed: Counter[tuple[str, str]] = Counter()
    without_scores: Counter[tuple[str, str]] = Counter()
    for record, row, as_read in read:
        if as_read is not None and not record.marks and not record.scored and row.outcome not in UNCOUNTED:
            without_scores[row.condition, record.run.tool] += 1
        if as_read is None or row.outcome is Outcome.UNSCORED:
            if as_read is None and row.rule == TOOL_MARK:
                failed[row.condition, f"{record.run.tool} ({record.scorer})"] += 1
            continue
        item = items[row.suite, row.item_id]
        is_open = kind_of_item(kinds[row.condition, row.suite], item) == "text" and not item.choices
        for mark in record.marks:
            counts = record.scored and mark.scorer == record.scorer
            if mark.right is None or not (counts or means_correctness(mark.scorer)):
                continue
            # Metrics of sums are computed here, whichever of them counts.
            beside = as_read if counts or metric_of(mark) in LIKELIHOOD_RULES else row
            key = (row.condition, record.run.tool, mark.scorer, is_open and counts)
            compared[key] += 1
            if (outcome_beside(beside, item, mark) is Outcome.CORRECT) != mark.right:
                otherwise.setdefault(key, []).append(row.item_id)
    yield from _unscored(read, labels)
    for (condition, tool), n in without_scores.items():
        answers, them = ("1 answer", "it") if n == 1 else (f"{n} answers", "them")
        yield f"{labels[condition]}: {tool} did not score {answers}; llmxray scored {them}"
    for (condition, who), n in failed.items():
        count, them = (
            ("1 reply that failed counts", "it") if n == 1 else (f"{n} replies that failed count", "them")
        )
        yield f"{labels[condition]}: {count} as {who} marks {them}"
    for key, n in compared.items():
        condition, tool, scorer, is_open = key
        yield _sentence(labels[condition], f"{tool} ({scorer})", n, otherwise.get(key, []), is_open)


def _unscored(read: Sequence[Read], labels: Mapping[str, str]) -> Iterator[str]:
    """Tasks whose scores mark nothing as correct; and answers of each condition that have grades or no mark."""
    scores: dict[str, dict[str, None]] = {}
    unmarked: Counter[str] = Counter()
    found: Counter[tuple[str, str, bool]] = Counter()
    for record, row, _ in read:
        if row.outcome is not Outcome.UNSCORED or not record.scored:
            continue
        if record.scorer:
            found[row.condition, f"{record.run.tool} ({record.scorer})", counted_mark(record) is None] += 1
        else:
            unmarked[record.task] += 1
            scores.setdefault(record.task, {}).update((metric_of(mark), None) for mark in record.marks)
    for task, n in unmarked.items():
        yield (
            f"{shortened(task)} holds {listed(list(scores[task]))} only: no answer is marked right or wrong, so "
            f"{'its 1 answer is' if n == 1 else f'its {n} answers are'} not scored"
        )
    for (condition, who, none), n in found.items():
        answers = "1 answer is" if n == 1 else f"{n} answers are"
        said = "has no mark there" if none else "marks neither correct nor wrong there"
        yield f"{labels[condition]}: {answers} not scored; {who} {said}"


def _sentence(label: str, who: str, n: int, differing: Sequence[str], is_open: bool) -> str:
    which = ", ".join(map(shortened, differing[:_SHOWN])) + (" …" if len(differing) > _SHOWN else "")
    if is_open:
        answers = "open answer counts" if n == 1 else "open answers count"
        return f"{label}: {n} {answers} as {who} marks {'it' if n == 1 else 'them'}"
    if not differing:
        return f"{label}: {who} marks {'the answer' if n == 1 else f'all {n} answers'} the same way"
    return f"{label}: {who} marks {len(differing)} of {n} answers otherwise: {which}"


def _stated_otherwise(sources: Sequence[LogFile], read: Sequence[Read], plan: Plan) -> Iterator[str]:
    """Tasks of which a file lacks questions, and accuracies that a tool states otherwise, as of a group of tasks."""
    stated = {key: figures for source in sources for key, figures in source.stated.items()}
    labels = {condition.id: condition.label or condition.id for condition in plan.conditions}
    hits: dict[tuple[str, str, str, str, str], dict[tuple[str, str], list[bool]]] = {}
    for record, row, _ in read:
        for task in (record.task, record.part):
            if (record.run.once, task) in stated and row.outcome not in UNCOUNTED:
                key = row.condition, record.run.once, task, record.run.tool, record.scorer
                items = hits.setdefault(key, {})
                items.setdefault((row.suite, row.item_id), []).append(row.outcome is Outcome.CORRECT)
    for (condition, asking, task, tool, scorer), items in hits.items():
        of_task = stated[asking, task]
        # Behind the metric stands the name of a filter, unless the scorer has it.
        figures = {
            figure for metric, figure in of_task.figures.items() if scorer in (metric, metric.split(",")[0])
        }
        here = fmean(fmean(right) for right in items.values())
        figure = figures.pop() if len(figures) == 1 else here
        differs = abs(figure - here) > _SAME_FIGURE
        states = f"{tool} ({scorer}) states {figure:.1%}"
        if of_task.n_read < of_task.n:
            n = f"{of_task.n_read} of the {of_task.n} questions"
            beside = f"; {states}, the accuracy here is {here:.1%}" if differs else ""
            yield f"{labels[condition]}: the file holds {n} of {shortened(task)}{beside}"
        elif differs:
            n = f"its {len(items)} questions" if len(items) > 1 else "its 1 question"
            yield f"{labels[condition]}: {states} for {shortened(task)}; the accuracy over {n} here is {here:.1%}"
