"""Every question with every answer to it: the table that all aggregates lead back to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product

from llmxray.report.analysis import Analysis, ExperimentData, address, confidence, grouped
from llmxray.report.analysis.condition_colours import label_of, model_in
from llmxray.report.analysis.questions import (
    CODES,
    Question,
    QuestionCell,
    labels,
    opening,
    questions_of,
    verdicts,
)
from llmxray.report.analysis.rows import has_no_reply
from llmxray.report.files import shards
from llmxray.report.sentences import Finding
from llmxray.report.widgets.frame import TemplateValues, framed
from llmxray.report.widgets.render import Output
from llmxray.types import LETTERS, Outcome, Row

# What there is to read before the data files have come, and with scripts off.
_STATIC_ROWS = 40
# The bar names so many conditions; of more it counts how many are right, in at most so many parts.
_MOST_NAMED, _MOST_PARTS = 3, 8
# A part of the bar that is narrower has no room for a whole name.
_ROOM = 1 / 8


def write_page(renderer: Output, analysis: Analysis) -> None:
    """Write the list of questions, the pages that look at one answer, and the data files of both."""
    data, index = analysis.data, shards.write_shards(analysis, renderer)
    page = questions_page(analysis, index)
    renderer.page(f"{data.name}/answers.html", "pages/answers/page.html", page)
    if data.contents.has("all-answers"):
        printed = printed_page(data, questions_of(analysis))
        renderer.page(f"{data.name}/all-answers.html", "pages/answers/printed.html", printed)
    question = framed(
        data,
        "answers",
        "Question",
        index=index["places"],
        first=opening(analysis),
        order=[each.place for each in _ordered(analysis)],
        sure=confidence.SURE,
    )
    renderer.page(f"{data.name}/answer.html", "pages/answers/answer.html", question)


def _ordered(analysis: Analysis) -> list[TemplateValues]:
    """The conditions with their places in the plan: the best first, but variants of a comparison as they are listed."""
    plan, data = analysis.plan, analysis.data
    names = labels(plan.conditions)
    families = Counter(label.partition(" ")[0] for label in names)
    who = [
        TemplateValues(
            place=place,
            id=condition.id,
            label=label,
            short=_short(label, families) if model_in(label, condition.model) == label else label,
            css=data.colours[condition.id],
        )
        for place, (condition, label) in enumerate(zip(plan.conditions, names, strict=True))
    ]
    if data.experiment.kind == "compare":
        return who
    ranked = [view.id for view in analysis.ranked]
    return sorted(who, key=lambda each: ranked.index(each.id))


def _short(name: str, families: Mapping[str, int]) -> str:
    """A model by its family, or by its size beside others of the family."""
    family, _, size = name.partition(" ")
    return family if families[family] == 1 else size or name


def questions_page(analysis: Analysis, index: Mapping[str, str]) -> TemplateValues:
    """The model of the table."""
    data, plan, found, who = analysis.data, analysis.plan, questions_of(analysis), _ordered(analysis)
    cells, right = [cell for question in found for cell in question.cells], verdicts(data, found)
    codes = {code for cell in cells for code in cell.codes}
    judged = Counter(row for row in zip(*(right[each.id] for each in who), strict=True) if None not in row)
    unjudged = len(found) - judged.total()
    # Labels leave out what all share.
    first = plan.conditions[0].label
    model = "" if any(each.label == first for each in who) else first.partition(", ")[0]
    names = [f"“{each.label}”" if model else each.label for each in who]
    return framed(
        data,
        "answers",
        "Answers",
        kicker=Finding("answers.kicker", title=data.title, model=model),
        headline=_headline(
            judged, names, len(found), worded="-worded" if analysis.design.has_clusters else ""
        ),
        parts=_parts(data, judged, who),
        unjudged=Finding("answers.unjudged", n=unjudged) if unjudged else None,
        notes=_notes(cells, mixed=any(question.mixed for question in found)),
        # Of a large experiment the browser makes the others.
        rows=tuple(found[:_STATIC_ROWS] if data.is_large else found),
        conditions=who,
        suites={name: suite.card.title for name, suite in plan.suites.items()},
        # By suite: two of them may have one of the same name.
        categories={suite: _categories(found, suite) for suite in plan.suites},
        outcomes=tuple((code, outcome.value) for outcome, code in CODES.items() if code in codes),
        has_cut=bool(codes & {"u", "t"}),
        has_confidence=any(cell.confidence is not None for cell in cells),
        index=index,
        n=len(found),
    )


def _categories(found: Sequence[Question], suite: str) -> list[str]:
    return list(
        dict.fromkeys(each.item.category for each in found if each.suite == suite and each.item.category)
    )


type _Judged = Counter[tuple[bool, ...]]
"""How many questions that all conditions answered were got right by these of them."""


def _headline(judged: _Judged, names: Sequence[str], n: int, *, worded: str) -> Finding:
    size, total = len(names), judged.total()
    if not judged:
        return Finding("answers.listed", n=n)
    shared = total if total < n else None
    missed, together = judged[(False,) * size] or None, judged[(True,) * size]
    if size == 1:
        return Finding("answers.one", name=names[0], n=together, of=total)
    alone = {name: judged[tuple(other == name for other in names)] for name in names}
    name = max(alone, key=lambda each: alone[each])
    if size <= _MOST_NAMED and alone[name] > together:
        return Finding(
            f"answers.alone{worded}", n=alone[name], name=name, missed=missed, all=_all(size), shared=shared
        )
    kind = f"answers.together{worded}" if together else "answers.never"
    return Finding(kind, n=together, missed=missed, all=_all(size), shared=shared)


def _all(n: int) -> Finding:
    return Finding(f"answers.all-{n}" if n <= _MOST_NAMED else "answers.all", n=n)


def _none(n: int) -> Finding:
    return Finding("answers.none-1" if n == 1 else "answers.none")


def _parts(
    data: ExperimentData, judged: _Judged, who: Sequence[TemplateValues]
) -> tuple[TemplateValues, ...]:
    """Parts of the bar that have questions: who is right together; of many, how many are."""
    size = len(who)
    if size <= _MOST_NAMED:
        patterns = product((True, False), repeat=size)
        room = _ROOM * judged.total()
        return tuple(
            _part(data, who, right, n, is_narrow=n < room) for right in patterns if (n := judged[right])
        )
    step = -(-(size - 1) // (_MOST_PARTS - 2))
    runs = [(low, min(low + step, size) - 1) for low in range(1, size, step)]
    parts = []
    for low, high in [(size, size), *reversed(runs), (0, 0)]:
        css, label = "", Finding("answers.some", low=low, high=high if high > low else None, n=size)
        if low == size or not high:
            css, label = ("all", _all(size)) if high else ("none", _none(size))
        n = sum(n for right, n in judged.items() if low <= sum(right) <= high)
        href = data.contents.questions(knew=f"{low}-{high}")
        parts.append(TemplateValues(css=css, marks=(), label=label, n=n, href=href))
    return tuple(part for part in parts if part.n)


def _part(
    data: ExperimentData, who: Sequence[TemplateValues], right: tuple[bool, ...], n: int, *, is_narrow: bool
) -> TemplateValues:
    """The questions that these and no others got right."""
    knew = [each for each, is_right in zip(who, right, strict=True) if is_right]
    missed = [each for each in who if each not in knew]
    css, label = ("all", _all(len(who))) if knew else ("none", _none(len(who)))
    if missed and knew:
        is_one = len(knew) == 1
        css = knew[0].css if is_one else ""
        named = (knew if is_one else missed)[0]
        name = named.short if is_narrow else named.label
        label = Finding("answers.only" if is_one else "answers.but", name=name)
    ids = {"right": knew, "wrong": missed}
    href = data.contents.questions(**{side: ",".join(each.id for each in of) for side, of in ids.items()})
    return TemplateValues(css=css, marks=right, label=label, n=n, href=href)


def _notes(cells: Sequence[QuestionCell], *, mixed: bool) -> tuple[Finding, ...]:
    outcomes = Counter(cell.outcome for cell in cells)
    found = {
        "confidence": any(cell.confidence is not None for cell in cells),
        "samples": any(len(cell.codes) > 1 for cell in cells),
        "mixed": mixed,
        "error": outcomes[Outcome.ERROR],
        "unread": outcomes[Outcome.UNREAD],
        "call": outcomes[Outcome.TOOL_CALL],
    }
    return tuple(
        Finding(f"answers.{kind}", n=n, sure=confidence.SURE, unsure=confidence.UNSURE)
        for kind, n in found.items()
        if n
    )


def printed_page(data: ExperimentData, found: Sequence[Question]) -> TemplateValues:
    """Every question of a small experiment with every answer to it, as text: to read with scripts off, and to print."""
    rows = grouped(data.results.rows, address)
    by_id = {
        condition.id: TemplateValues(label=label_of(condition), css=data.colours[condition.id])
        for condition in data.results.plan.conditions
    }
    return framed(
        data,
        "answers",
        "All answers as text",
        headline=Finding("answers.printed", n=len(found)),
        entries=tuple(_entry(question, rows.get(question.address, ()), by_id) for question in found),
    )


def _entry(question: Question, rows: Sequence[Row], by_id: Mapping[str, TemplateValues]) -> TemplateValues:
    """One question with its lettered options and the answers to it, by condition and sample."""
    places = {name: place for place, name in enumerate(by_id)}
    ordered = sorted(rows, key=lambda row: (places[row.condition], row.sample, row.rotation or 0))
    # On paper there is nothing to hover over: each answer says which sample it is.
    several = len(rows) > len({row.condition for row in rows})
    return TemplateValues(
        question=question,
        choices=list(zip(LETTERS, question.item.choices, strict=False)),
        answers=[
            TemplateValues(
                chip=by_id[row.condition],
                row=row,
                said=_said(row),
                number=(row.sample if row.rotation is None else row.rotation) + 1 if several else None,
            )
            for row in ordered
        ],
    )


def _said(row: Row) -> str:
    """A reply as text, with the functions that it calls and what of it is not read; or what went wrong."""
    if has_no_reply(row):
        return row.error
    unread = f"(not read: {row.unread})" if row.unread else ""
    return "\n".join(part for part in (row.text, row.calls, unread) if part)
