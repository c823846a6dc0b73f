"""Every question with every answer to it: the table that all aggregates lead back to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, confidence
from llmxray.report.analysis.applies import has_paraphrases
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.questions import CODES, Question, QuestionCell, questions_of
from llmxray.report.analysis.rows import address, grouped, has_no_reply
from llmxray.report.analysis.telling import opening
from llmxray.report.files import shards
from llmxray.report.links import Link
from llmxray.report.widgets.frame import Values, chips, framed
from llmxray.report.widgets.render import Output
from llmxray.report.wording import tables
from llmxray.types import LETTERS, Outcome, Row

_LIMITS = {"sure": numbers.percent(confidence.SURE), "unsure": numbers.percent(confidence.UNSURE)}
# Key, label, meaning.
_PRESETS = [
    (key, *(each[part].format(**_LIMITS) for part in ("label", "meaning")))
    for key, each in tables("presets").items()
]
# What there is to read before the data files have come, and with scripts off.
_STATIC_ROWS = 40


def write(renderer: Output, analysis: Analysis) -> None:
    """Write the list of questions, the pages that look at one answer, and the data files of both."""
    data, asked, first = analysis.data, questions_of(analysis), opening(analysis)
    index = shards.written(renderer, analysis)
    page = questions_page(data, asked, index, first)
    renderer.page(f"{data.name}/answers.html", "pages/answers/page.html", page)
    if data.contents.has("all-answers"):
        renderer.page(
            f"{data.name}/all-answers.html", "pages/answers/printed.html", printed_page(data, asked)
        )
    write_answer(renderer, data, index["places"], first)


def questions_page(
    data: ExperimentData, found: Sequence[Question], index: Mapping[str, str], first: str = ""
) -> Values:
    """The model of the table; ``first`` is the address of the question to begin with."""
    plan = data.results.plan
    cells = [cell for question in found for cell in question.cells]
    codes = {code for cell in cells for code in cell.codes}
    return framed(
        data,
        "answers",
        "Questions and answers",
        lede=_lede(found, len(plan.conditions), "wording" if has_paraphrases(data) else "question"),
        notes=_notes(cells, mixed=any(question.mixed for question in found)),
        # Of a large experiment the browser makes the others.
        rows=tuple(found[:_STATIC_ROWS] if data.is_large else found),
        suites={name: suite.card.title for name, suite in plan.suites.items()},
        # By suite: two of them may have one of the same name.
        categories={suite: names for suite in plan.suites if (names := _categories(found, suite))},
        outcomes=tuple((code, outcome.value) for outcome, code in CODES.items() if code in codes),
        presets=_PRESETS if codes - {"o", "e", "n"} else (),
        has_confidence=any(cell.confidence is not None for cell in cells),
        index=index,
        n=len(found),
        first=next(
            (
                Link(text=each.short, href=data.contents.question(each.address))
                for each in found
                if each.address == first
            ),
            None,
        ),
    )


def _categories(found: Sequence[Question], suite: str) -> list[str]:
    return list(
        dict.fromkeys(each.item.category for each in found if each.suite == suite and each.item.category)
    )


def _lede(found: Sequence[Question], n_conditions: int, what: str) -> str:
    verdicts = [[v for cell in each.cells if (v := cell.mostly_right) is not None] for each in found]
    scored = [each for each in verdicts if each]
    if not scored:
        if len(found) == 1:
            return "1 prompt; it has no right answer to be scored against."
        return f"{numbers.count(len(found))} prompts; none of them has a right answer to be scored against."
    wrong, right = sum(not any(each) for each in scored), sum(all(each) for each in scored)
    total = numbers.plural(len(scored), what)
    if len(scored) < len(found):
        total += " that count"
    if n_conditions == 1:
        return f"Right on {numbers.count(right)} of {total}, not right on {numbers.count(wrong)}."
    who = "Both conditions" if n_conditions == 2 else f"All {n_conditions} conditions"
    if any(len(each.cells) < n_conditions or None in (cell.outcome for cell in each.cells) for each in found):
        who = "All conditions that were asked"
    parts = f"{who} are wrong on {numbers.count(wrong)} of {total} and right on {numbers.count(right)}"
    rest = len(scored) - wrong - right
    mixed = "only one is right" if n_conditions == 2 else "some are right and some wrong"
    return f"{parts}; on the other {numbers.count(rest)} {mixed}." if rest else f"{parts}."


def _notes(cells: Sequence[QuestionCell], *, mixed: bool) -> tuple[str, ...]:
    notes = []
    if any(cell.confidence is not None for cell in cells):
        notes.append(
            "The percentage beside an answer is its option confidence: the probability of the chosen option, "
            "renormalised over all options. The stronger its shade, the less sure the model was."
        )
    if any(len(cell.codes) > 1 for cell in cells):
        notes.append(
            "Each question was asked several times: a cell counts the samples that are right and shows "
            "the most frequent answer, the first of several; so is the mark that of the most frequent outcome. A "
            "question counts as right where more than half of its samples are."
        )
    if mixed:
        notes.append(
            "Options were shown in different orders: letters of different conditions cannot be compared."
        )
    for outcome, one, many, what in (
        (Outcome.ERROR, "has", "have", "no whole reply (!)"),
        (Outcome.UNREAD, "holds", "hold", "a reply that llmxray does not read (◇)"),
    ):
        if n := sum(cell.outcome is outcome for cell in cells):
            cells_have = f"{numbers.plural(n, 'cell')} {one if n == 1 else many}"
            notes.append(f"{cells_have} {what}: neither right nor wrong.")
    if any(cell.outcome is Outcome.TOOL_CALL for cell in cells):
        notes.append(
            "ƒ: the reply calls a function instead of giving an answer in words; it counts as not right."
        )
    return tuple(notes)


def write_answer(renderer: Output, data: ExperimentData, index: str, first: str) -> None:
    """Write the page of a question.

    Args:
        index: path of the data file that says where each question is, relative to the page.
        first: address of the question shown when the page is opened without ``?q=``.
    """
    page = framed(data, "answers", "Question", index=index, first=first)
    renderer.page(f"{data.name}/answer.html", "pages/answers/answer.html", page)


def printed_page(data: ExperimentData, found: Sequence[Question]) -> Values:
    """Every question of a small experiment with every answer to it, as text: to read with scripts off, and to print."""
    rows = grouped(data.results.rows, address)
    by_id = {chip.id: chip for chip in chips(data)}
    n, them = numbers.plural(len(found), "question"), "it" if len(found) == 1 else "them"
    return framed(
        data,
        "answers",
        "Answers",
        (Link(text="Answers", href=data.contents.href("answers")), Link(text="All as text", href="")),
        lede=f"{n} with every answer to {them}, as text.",
        entries=tuple(_entry(question, rows.get(question.address, ()), by_id) for question in found),
    )


def _entry(question: Question, rows: Sequence[Row], by_id: Mapping[str, Values]) -> Values:
    """One question with its lettered options and the answers to it, by condition and sample."""
    places = {name: place for place, name in enumerate(by_id)}
    ordered = sorted(rows, key=lambda row: (places[row.condition], row.sample, row.rotation or 0))
    # On paper there is nothing to hover over: each answer says which sample it is.
    several = len(rows) > len({row.condition for row in rows})
    return Values(
        question=question,
        choices=list(zip(LETTERS, question.item.choices, strict=False)),
        answers=[
            Values(
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
