"""Papers of the course that are pages of the site: in the menu of every experiment that they can be about.

A brief is none of them: its questions are drawn by a student's name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmxray.plan import PROMPTS
from llmxray.report.analysis import Analysis, applies
from llmxray.report.analysis.setting_pairs import settings
from llmxray.report.coursework import papers
from llmxray.report.pages import MORE, Page

if TYPE_CHECKING:
    from llmxray.report.analysis.data import ExperimentData
    from llmxray.report.widgets.render import Renderer

# More are no committee that sits around a table.
_MOST_ADVOCATES = 12


def isolates_one(data: ExperimentData) -> bool:
    """Whether prompts are asked under settings that differ in one thing: what slides are about."""
    plan = data.results.plan
    return PROMPTS in plan.suites and len(plan.conditions) > 1 and len(settings(plan.conditions)[0]) == 1


def _can_sit(data: ExperimentData) -> bool:
    return applies.can_be_compared(data) and len(data.results.plan.conditions) <= _MOST_ADVOCATES


def _write_committee(renderer: Renderer, analysis: Analysis) -> None:
    renderer.page(
        f"{analysis.data.name}/committee.html", "coursework/committee.html", papers.committee(analysis)
    )


def _write_slides(renderer: Renderer, analysis: Analysis) -> None:
    renderer.page(f"{analysis.data.name}/slides.html", "coursework/slides.html", papers.slides(analysis))


PAGES = (
    Page(
        name="committee",
        label="Committee",
        write=_write_committee,
        group=MORE,
        kinds=("benchmark",),
        applies=_can_sit,
    ),
    Page(
        name="slides",
        label="Slides",
        write=_write_slides,
        group=MORE,
        kinds=("compare",),
        applies=isolates_one,
    ),
)
