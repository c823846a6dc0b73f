"""One question, by two templates that read its data files in the browser: all its answers, and the x-ray of one.

The x-ray shows how likely each token was, and what else might have stood there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmxray.report.analysis.data import ExperimentData
from llmxray.report.files import tokens
from llmxray.report.widgets.frame import Values, framed

if TYPE_CHECKING:
    from llmxray.report.widgets.render import Renderer


def write_answer(renderer: Renderer, data: ExperimentData, index: str, first: str) -> None:
    """Write the page of a question, opening with ``first``, and of its x-ray where the experiment has one."""
    page = question_page(data, "Question", index, first)
    renderer.page(f"{data.name}/answer.html", "pages/answers/answer.html", page)
    if data.contents.has("xray"):
        page = question_page(data, "X-ray", index, first)
        renderer.page(f"{data.name}/xray.html", "pages/answers/xray.html", page)


def question_page(data: ExperimentData, title: str, index: str, first: str) -> Values:
    """The model of ``answer.html`` and ``xray.html``.

    Args:
        index: path of the data file that says where each question is, relative to the page.
        first: address of the question shown when the page is opened without ``?q=``.
    """
    asked = (each.sampling.get("top_logprobs") for each in data.results.plan.conditions)
    return framed(
        data,
        "answers",
        title,
        index=index,
        first=first,
        # Alternatives per token in the data files, and those asked for when recording.
        published=tokens.PUBLISHED,
        asked=max((value for value in asked if isinstance(value, int)), default=None),
        # Then there is a page with every answer as text.
        static_answers=not data.is_large,
    )
