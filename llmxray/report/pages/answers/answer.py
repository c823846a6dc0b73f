"""One question with all its answers: a single template that reads its data files in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.questions import Question
from llmxray.report.files import shards, tokens
from llmxray.report.widgets import frame

if TYPE_CHECKING:
    from llmxray.report.widgets.render import Renderer


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionPage:
    """The model of ``answer.html``.

    Attributes:
        index: path of the data file that says where each question is, relative to the page.
        first: address of the question shown when the page is opened without ``?q=``.
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


def write_answer(
    renderer: Renderer, data: ExperimentData, found: Sequence[Question], first: str
) -> shards.Index:
    """Write the page of a question, opening with ``first``, and its data files; returns where their index is."""
    index = shards.write(renderer, data, found)
    page = question_page(data, index.places, first)
    renderer.page(f"{data.name}/answer.html", "pages/answers/answer.html", page)
    return index


def question_page(data: ExperimentData, index: str, first: str) -> QuestionPage:
    """The model of the page; ``index`` is the path of the data file that says where each question is."""
    return QuestionPage(
        title="Question",
        nav=frame.nav(data, "answers"),
        footer=frame.footer(data),
        index=index,
        first=first,
        published=tokens.PUBLISHED,
        asked=asked_alternatives(data),
        static_answers=not data.is_large,
    )


def asked_alternatives(data: ExperimentData) -> int | None:
    """Most alternatives per token asked for when recording; None when none were."""
    sent = (each.sampling.get("top_logprobs") for each in data.results.plan.conditions)
    return max((value for value in sent if isinstance(value, int)), default=None)
