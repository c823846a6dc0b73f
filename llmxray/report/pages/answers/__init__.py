"""Every question with every answer to it: the table that all aggregates lead back to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, confidence
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.legend import colour
from llmxray.report.analysis.questions import CODES, Cell, Question, labels, questions_of
from llmxray.report.analysis.telling import opening
from llmxray.report.files.shards import Index
from llmxray.report.links import question_href
from llmxray.report.pages.answers.answer import write_answer
from llmxray.report.pages.answers.playback import write_playback
from llmxray.report.pages.answers.printed import write_printed
from llmxray.report.pages.answers.xray import write_xray
from llmxray.report.widgets import frame
from llmxray.types import Outcome

if TYPE_CHECKING:
    from llmxray.report.widgets.render import Renderer

# `PRESETS` in filters.js holds the test behind each key.
_PRESETS = (
    ("all-wrong", "All wrong", "Every condition in view got it wrong."),
    ("all-right", "All right", "Every condition in view got it right."),
    ("disagree", "They disagree", "Some conditions in view got it right, others did not."),
    (
        "confident-wrong",
        "Confident and wrong",
        f"Wrong with an option confidence of {numbers.percent(confidence.SURE)} or more.",
    ),
    (
        "unsure-right",
        "Unsure and right",
        f"Right with an option confidence below {numbers.percent(confidence.UNSURE)}.",
    ),
    ("cut", "Unparsed or cut off", "No answer could be read, or the token budget ran out."),
)
_ANSWER_LENGTH = 24
# What there is to read before the data files have come, and with scripts off.
_STATIC_ROWS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class CellView:
    """A cell as shown.

    Attributes:
        css: colour class of the condition.
        outcome: name of the outcome, for its mark and for screen readers; "" for an empty cell.
        answer: the answer given, shortened.
        tally: "5 of 8" where there are repeats, else "".
        confidence: as per cent, "" when there is none.
        shade: confidence in tenths, 0 to 9, None when there is none.
        permille: confidence in thousandths, for the filters.
    """

    css: str
    codes: str
    outcome: str
    answer: str
    tally: str
    confidence: str
    shade: int | None
    permille: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowView:
    """A question as a table row; ``href`` leads to its page."""

    href: str
    address: str
    text: str
    suite: str
    suite_title: str
    category: str
    difficulty: int | None
    right: str
    cells: tuple[CellView, ...]


@dataclass(frozen=True, slots=True)
class Preset:
    """A ready-made filter."""

    key: str
    label: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Example:
    """A question with the address of its page."""

    text: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionsPage:
    """The list of questions.

    Attributes:
        lede: what the questions say, in one sentence.
        names: conditions in plan order.
        notes: how to read the cells.
        repeats: samples per question and condition.
        has_confidence: whether any answer has an option confidence.
        sure_from, unsure_below: confidences that make an answer sure or unsure, 0–1.
        index: paths of the data files, relative to the page, where the table is put together in the browser and
            ``rows`` are only the first ones; else None.
        n: questions in all.
        first: the question to begin with.
    """

    title: str
    nav: frame.Nav
    footer: tuple[str, ...]
    lede: str
    notes: tuple[str, ...]
    names: tuple[str, ...]
    rows: tuple[RowView, ...]
    suites: tuple[tuple[str, str], ...]
    categories: tuple[tuple[str, str], ...]
    outcomes: tuple[tuple[str, str], ...]
    presets: tuple[Preset, ...]
    repeats: int
    has_confidence: bool
    sure_from: float
    unsure_below: float
    index: Index | None = None
    n: int = 0
    first: Example | None = None


def write(renderer: Renderer, analysis: Analysis) -> None:
    """Write the list of questions, the pages that look at one answer, and the data files of both."""
    data, asked, first = analysis.data, questions_of(analysis), opening(analysis)
    index = write_answer(renderer, data, asked, first)
    write_questions(renderer, data, asked, index, first)
    write_printed(renderer, data, asked)
    if data.contents.has("xray"):
        write_xray(renderer, data, index.places, first)
    if data.contents.has("playback"):
        write_playback(renderer, data, asked, first)


def write_questions(
    renderer: Renderer,
    data: ExperimentData,
    found: Sequence[Question],
    index: Index | None = None,
    first: str = "",
) -> None:
    """Write the table of questions; ``index`` is what `shards.write` returned."""
    page = questions_page(data, found, index, first)
    renderer.page(f"{data.name}/answers.html", "pages/answers/page.html", page)


def questions_page(
    data: ExperimentData, found: Sequence[Question], index: Index | None = None, first: str = ""
) -> QuestionsPage:
    """The model of the table; ``first`` is the address of the question to begin with."""
    plan = data.results.plan
    titles = {name: suite.card.title for name, suite in plan.suites.items()}
    cells = [cell for question in found for cell in question.cells]
    codes = {code for cell in cells for code in cell.codes}
    return QuestionsPage(
        title="Questions and answers",
        nav=frame.nav(data, "answers"),
        footer=frame.footer(data),
        lede=_lede(found, len(plan.conditions)),
        notes=_notes(cells, mixed=any(question.mixed for question in found)),
        names=labels(plan.conditions),
        rows=tuple(
            _row(question, titles[question.suite].split(" (")[0])
            for question in found[: _static(data, found)]
        ),
        suites=tuple(titles.items()),
        categories=tuple((each.suite, each.item.category) for each in _first_of_category(found)),
        outcomes=tuple((code, outcome.value) for outcome, code in CODES.items() if code in codes),
        presets=tuple(Preset(*each) for each in _PRESETS) if codes - {"o", "e", "n"} else (),
        repeats=max((len(cell.codes) for cell in cells), default=1),
        has_confidence=any(cell.confidence is not None for cell in cells),
        sure_from=confidence.SURE,
        unsure_below=confidence.UNSURE,
        index=index if data.is_large else None,
        n=len(found),
        first=next(
            (Example(each.short, question_href(first)) for each in found if each.address == first), None
        ),
    )


def _static(data: ExperimentData, found: Sequence[Question]) -> int:
    """How many rows stand in the page itself."""
    return _STATIC_ROWS if data.is_large else len(found)


def _row(question: Question, suite_title: str) -> RowView:
    return RowView(
        href=question_href(question.address),
        address=question.address,
        text=question.short,
        suite=question.suite,
        suite_title=suite_title,
        category=question.item.category,
        difficulty=question.item.difficulty,
        right=question.right,
        cells=tuple(_cell(cell, colour(place)) for place, cell in enumerate(question.cells)),
    )


def _cell(cell: Cell, css: str) -> CellView:
    sure = cell.confidence
    answer = " ".join(cell.answer.split())
    return CellView(
        css=css,
        codes=cell.codes,
        outcome=cell.outcome.value if cell.outcome else "",
        answer=answer if len(answer) <= _ANSWER_LENGTH else answer[: _ANSWER_LENGTH - 1] + "…",
        tally=f"{cell.right} of {cell.n}" if len(cell.codes) > 1 and cell.n else "",
        confidence="" if sure is None else numbers.percent(sure),
        shade=None if sure is None else min(9, int(10 * sure)),
        permille=None if sure is None else round(1000 * sure),
    )


def _first_of_category(found: Sequence[Question]) -> list[Question]:
    """The first question of each category of each suite."""
    # Reversed, so that the first one of each category is the one that stays.
    first = {(each.suite, each.item.category): each for each in reversed(found) if each.item.category}
    return [each for each in found if first.get((each.suite, each.item.category)) is each]


def _lede(found: Sequence[Question], n_conditions: int) -> str:
    verdicts = [[v for cell in each.cells if (v := cell.mostly_right) is not None] for each in found]
    scored = [each for each in verdicts if each]
    if not scored:
        if len(found) == 1:
            return "1 prompt; it has no right answer to be scored against."
        return f"{numbers.count(len(found))} prompts; none of them has a right answer to be scored against."
    wrong, right = sum(not any(each) for each in scored), sum(all(each) for each in scored)
    total = numbers.plural(len(scored), "question")
    if n_conditions == 1:
        return f"Right on {numbers.count(right)} of {total}, not right on {numbers.count(wrong)}."
    who = "Both" if n_conditions == 2 else f"All {n_conditions}"
    parts = (
        f"{who} conditions are wrong on {numbers.count(wrong)} of {total} and right on {numbers.count(right)}"
    )
    rest = len(scored) - wrong - right
    return f"{parts}; on the other {numbers.count(rest)} they disagree." if rest else f"{parts}."


def _notes(cells: Sequence[Cell], *, mixed: bool) -> tuple[str, ...]:
    notes = []
    if any(cell.confidence is not None for cell in cells):
        notes.append(
            "The percentage beside an answer is its option confidence: the probability of the chosen option, "
            "renormalised over all options. The stronger its shade, the less sure the model was."
        )
    if any(len(cell.codes) > 1 for cell in cells):
        notes.append(
            "Each question was asked several times: a cell counts the samples that are right and shows "
            "the most frequent answer; the mark is that of the most frequent outcome. A question counts as "
            "right where more than half of its samples are."
        )
    if mixed:
        notes.append(
            "Options were shown in different orders: letters of different conditions cannot be compared."
        )
    errors = sum(cell.outcome is Outcome.ERROR for cell in cells)
    if errors:
        have = "has" if errors == 1 else "have"
        notes.append(f"{numbers.plural(errors, 'cell')} {have} no whole reply (!): neither right nor wrong.")
    unread = sum(cell.outcome is Outcome.UNREAD for cell in cells)
    if unread:
        holds = "holds" if unread == 1 else "hold"
        notes.append(
            f"{numbers.plural(unread, 'cell')} {holds} a reply that llmxray does not read (◇): neither right nor wrong."
        )
    if any(cell.outcome is Outcome.TOOL_CALL for cell in cells):
        notes.append(
            "ƒ: the reply calls a function instead of giving an answer in words; it counts as not right."
        )
    return tuple(notes)
