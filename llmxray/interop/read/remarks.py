"""What a reader must know of results that were read from files: who wrote them, and where marks differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from llmxray.interop.read.marks import chosen, deciding
from llmxray.interop.read.naming import shortened
from llmxray.interop.read.record import Record, Source
from llmxray.interop.read.scored import outcome_beside
from llmxray.plan import Plan
from llmxray.results import TOOL_MARK
from llmxray.scoring import judge
from llmxray.types import Outcome, Row
from llmxray.wire import is_cut

_SHOWN = 5


def remarks(
    sources: Sequence[Source],
    read: Sequence[tuple[Record, Row, Outcome | None]],
    plan: Plan,
    repeated: int,
) -> Iterator[str]:
    """Sentences for the page Methods.

    Args:
        read: each record with its row and what a search for the expected text says, as of `scored.row_of`.
        repeated: replies that stood in several files.
    """
    yield from _written(sources)
    for source in sources:
        if not source.records:
            yield f"{source.name}: there are no answers in it"
        yield from source.notes
    if repeated:
        stand, count = ("reply stands", "counts") if repeated == 1 else ("replies stand", "count")
        yield f"{repeated} {stand} in more than one file and {count} once"
    yield from _marks(read, plan)
    yield from _tokens([record for record, _, _ in read])


def _written(sources: Sequence[Source]) -> Iterator[str]:
    files: dict[str, list[Source]] = {}
    for source in sources:
        for writer in dict.fromkeys(record.run.writer for record in source.records):
            files.setdefault(writer, []).append(source)
    for writer, mine in files.items():
        names = [source.name for source in mine]
        shown = ", ".join(names[:_SHOWN]) + (
            f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        )
        n = sum(record.run.writer == writer for source in mine for record in source.records)
        yield f"written by {writer}: {n} {'answer' if n == 1 else 'answers'} in {shown}"


def _marks(read: Sequence[tuple[Record, Row, Outcome | None]], plan: Plan) -> Iterator[str]:
    """Each scorer of each condition against ours, with the questions where they differ."""
    labels = {each.id: each.label or each.id for each in plan.conditions}
    items = plan.items()
    compared: Counter[tuple[str, str, str, bool]] = Counter()
    otherwise: dict[tuple[str, str, str, bool], list[str]] = {}
    for record, row, found in read:
        # An answer that was read, and counts as marked all the same, is compared as it was read.
        read_here = record.as_marked and found is not None
        marked = row.rule == TOOL_MARK and not read_here
        item = items[row.suite, row.item_id]
        if row.outcome is Outcome.ERROR or (marked and not item.answer):
            continue
        # Looked for once, of a reply of megabytes; an option that was weighed is looked for only here.
        searched = (
            found or judge(item, "text", row.text, cut=is_cut(row.finish_reason))[0] if marked else None
        )
        counts = deciding(record)
        for mark in record.marks:
            if mark.right is None:
                continue
            # Of several scorers, one counts; the others are held against it.
            as_marked = marked and mark is counts
            said = searched if as_marked else found if read_here else None
            ours = said or outcome_beside(row, item, mark)
            key = (row.condition, record.run.tool, mark.scorer, as_marked)
            compared[key] += 1
            if (ours is Outcome.CORRECT) != mark.right:
                otherwise.setdefault(key, []).append(row.item_id)
    yield from _graded(read, labels)
    for key, n in compared.items():
        condition, tool, scorer, marked = key
        differing = otherwise.get(key, [])
        yield _sentence(labels[condition], f"{tool} ({scorer})", n, differing, marked=marked)


def _graded(read: Sequence[tuple[Record, Row, Outcome | None]], labels: Mapping[str, str]) -> Iterator[str]:
    """Answers of each condition that have grades, and no mark of correct or wrong."""
    found: Counter[tuple[str, str, bool]] = Counter()
    for record, row, _ in read:
        if row.outcome is Outcome.UNSCORED and record.marks:
            found[row.condition, f"{record.run.tool} ({record.scorers[0]})", chosen(record) is None] += 1
    for (condition, who, none), n in found.items():
        answers = "1 answer is" if n == 1 else f"{n} answers are"
        said = "has no mark there" if none else "gives a grade, neither correct nor wrong"
        yield f"{labels[condition]}: {answers} not scored; {who} {said}"


def _sentence(label: str, who: str, n: int, differing: Sequence[str], *, marked: bool) -> str:
    which = ", ".join(map(shortened, differing[:_SHOWN])) + (" …" if len(differing) > _SHOWN else "")
    if marked:
        answers = "open answer counts" if n == 1 else "open answers count"
        said = f"{label}: {n} {answers} as {who} marks {'it' if n == 1 else 'them'}"
        if not differing:
            return f"{said}; a search for the expected text says the same"
        return f"{said}; a search for the expected text says otherwise for {len(differing)}: {which}"
    if not differing:
        return f"{label}: {who} marks {'the answer' if n == 1 else f'all {n} answers'} the same way"
    return f"{label}: {who} marks {len(differing)} of {n} answers otherwise: {which}"


def _tokens(records: Sequence[Record]) -> Iterator[str]:
    reasons = Counter(record.tokens_why for record in records if record.tokens_why)
    for why, n in reasons.items():
        yield f"{n} of {len(records)} answers have no token detail: {why}"
