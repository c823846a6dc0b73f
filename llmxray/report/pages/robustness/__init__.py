"""Does the result survive another way of asking, or of scoring? Positions, paraphrases, settings, scoring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmxray.report.analysis import Analysis
from llmxray.report.links import Link
from llmxray.report.pages.robustness import paraphrases, position, rescoring, settings
from llmxray.report.widgets.frame import Framed, footer, nav
from llmxray.report.widgets.table import ToldTable

if TYPE_CHECKING:
    from llmxray.report.widgets.render import Renderer


@dataclass(frozen=True, slots=True, kw_only=True)
class RobustnessPage(Framed):
    """The page; a part is None where the experiment has nothing of the kind.

    Attributes:
        parts: links to the parts that there are.
    """

    lede: str
    parts: tuple[Link, ...]
    position: tuple[position.Section, ...]
    paraphrases: paraphrases.ParaphrasesPart | None
    settings: ToldTable | None
    rescoring: rescoring.RescoringPart


def write(renderer: Renderer, analysis: Analysis) -> None:
    """Write the page."""
    renderer.page(f"{analysis.data.name}/robustness.html", "pages/robustness/page.html", make(analysis))


def make(analysis: Analysis) -> RobustnessPage:
    """The robustness page of an experiment."""
    found = (position.make(analysis), paraphrases.make(analysis), settings.make(analysis))
    named = (
        ("Position of the right option", "position"),
        ("Paraphrases", "paraphrases"),
        ("One model at two settings", "settings"),
    )
    parts = [Link(title, f"#{anchor}") for (title, anchor), part in zip(named, found, strict=True) if part]
    return RobustnessPage(
        title="Robustness",
        nav=nav(analysis.data, "robustness"),
        lede="A score belongs to a question asked in one way and read in one way. This page changes one of them at a "
        "time.",
        parts=(*parts, Link("Other ways of scoring", "#rescoring")),
        position=found[0],
        paraphrases=found[1],
        settings=found[2],
        rescoring=rescoring.make(analysis),
        footer=footer(analysis.data),
    )
