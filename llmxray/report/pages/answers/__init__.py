"""Every question with every answer to it: the table that all aggregates lead back to."""

from __future__ import annotations

from collections.abc import Sequence

from llmxray.report import numbers
from llmxray.report.analysis import Analysis, confidence
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.questions import CODES, Question, QuestionCell, questions_of
from llmxray.report.analysis.telling import opening
from llmxray.report.files import shards, tokens
from llmxray.report.files.shards import DataPaths
from llmxray.report.links import Link
from llmxray.report.pages.answers import printed
from llmxray.report.pages.answers.playback import write_playback
from llmxray.report.widgets.frame import Values, framed
from llmxray.report.widgets.render import Renderer
from llmxray.report.wording import tables
from llmxray.types import Outcome

_LIMITS = {"sure": numbers.percent(confidence.SURE), "unsure": numbers.percent(confidence.UNSURE)}
# Key, label, meaning.
_PRESETS = [
    (key, each["label"], each["meaning"].format(**_LIMITS)) for key, each in tables("presets").items()
]
# What there is to read before the data files have come, and with scripts off.
_STATIC_ROWS = 40


def write(renderer: Renderer, analysis: Analysis) -> None:
    """Write the list of questions, the pages that look at one answer, and the data files of both."""
    data, asked, first = analysis.data, questions_of(analysis), opening(analysis)
    index = shards.write(renderer, data, asked)
    page = questions_page(data, asked, index, first)
    renderer.page(f"{data.name}/answers.html", "pages/answers/page.html", page)
    if data.has_printed:
        renderer.page(
            f"{data.name}/all-answers.html", "pages/answers/printed.html", printed.make(data, asked)
        )
    write_answer(renderer, data, index.places, first)
    if data.contents.has("playback"):
        write_playback(renderer, data, asked, first)


def questions_page(
    data: ExperimentData, found: Sequence[Question], index: DataPaths, first: str = ""
) -> Values:
    """The model of the table; ``first`` is the address of the question to begin with."""
    plan = data.results.plan
    cells = [cell for question in found for cell in question.cells]
    codes = {code for cell in cells for code in cell.codes}
    return framed(
        data,
        "answers",
        "Questions and answers",
        lede=_lede(found, len(plan.conditions)),
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
        first=next((Link(each.short, each.href) for each in found if each.address == first), None),
    )


def _categories(found: Sequence[Question], suite: str) -> list[str]:
    return list(
        dict.fromkeys(each.item.category for each in found if each.suite == suite and each.item.category)
    )


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
            "the most frequent answer; the mark is that of the most frequent outcome. A question counts as "
            "right where more than half of its samples are."
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


def write_answer(renderer: Renderer, data: ExperimentData, index: str, first: str) -> None:
    """Write the page of a question, and of its x-ray where the experiment has one.

    Args:
        index: path of the data file that says where each question is, relative to the page.
        first: address of the question shown when a page is opened without ``?q=``.
    """
    asked = [each.sampling.get("top_logprobs") for each in data.results.plan.conditions]
    for name, title in (("answer", "Question"), ("xray", "X-ray")):
        if not data.contents.has(name):
            continue
        page = framed(
            data,
            "answers",
            title,
            index=index,
            first=first,
            # Alternatives per token in the data files, and those asked for when recording.
            published=tokens.PUBLISHED,
            asked=max((value for value in asked if isinstance(value, int)), default=None),
            # Then there is a page with every answer as text.
            static_answers=data.has_printed,
        )
        renderer.page(f"{data.name}/{name}.html", f"pages/answers/{name}.html", page)
