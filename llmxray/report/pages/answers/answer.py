"""One question with all its answers: a single template that reads its data files in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.questions import Question, questions
from llmxray.report.files import shards, tokens
from llmxray.report.widgets import frame

if TYPE_CHECKING:
    from llmxray.report.widgets.render import Renderer


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionPage:
    """The model of ``answer.html``.

    Attributes:
        index: path of the data file that says where each question is, relative to the page.
        first: address of the first question, shown when the page is opened without ``?q=``.
        published: alternatives per token in the data files.
        asked: alternatives per token asked for when recording; None when none were.
        static_answers: whether there is a page with every answer as text.
    """

    title: str
    nav: frame.Nav
    footer: tuple[str, ...]
    index: str
    first: str
    published: int
    asked: int | None
    static_answers: bool


def write_answer(renderer: Renderer, data: ExperimentData, found: Sequence[Question] = ()) -> shards.Index:
    """Write the page of a question and its data files; returns where their index is."""
    index = shards.write(renderer, data, found or questions(data))
    renderer.page(f"{data.name}/answer.html", "pages/answers/answer.html", question_page(data, index.places))
    return index


def question_page(data: ExperimentData, index: str) -> QuestionPage:
    """The model of the page; ``index`` is the path of the data file that says where each question is."""
    return QuestionPage(
        title="Question",
        nav=frame.nav(data, "answers"),
        footer=frame.footer(data),
        index=index,
        first=first_address(data),
        published=tokens.PUBLISHED,
        asked=asked_alternatives(data),
        static_answers=not data.is_large,
    )


def first_address(data: ExperimentData) -> str:
    """Address of the first question, "" when there is none."""
    suites = data.results.plan.suites
    return next((f"{name}/{suite.items[0].id}" for name, suite in suites.items() if suite.items), "")


def asked_alternatives(data: ExperimentData) -> int | None:
    """Most alternatives per token asked for when recording; None when none were."""
    sent = (each.sampling.get("top_logprobs") for each in data.results.plan.conditions)
    return max((value for value in sent if isinstance(value, int)), default=None)
