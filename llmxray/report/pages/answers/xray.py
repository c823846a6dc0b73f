"""One answer, token by token: how likely each was, and what another temperature would have made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmxray.report.analysis.data import ExperimentData
from llmxray.report.files import tokens
from llmxray.report.pages.answers.answer import asked_alternatives
from llmxray.report.widgets import frame

if TYPE_CHECKING:
    from llmxray.report.widgets.render import Renderer


@dataclass(frozen=True, slots=True, kw_only=True)
class XrayPage:
    """The model of ``xray.html``.

    Attributes:
        index: path of the data file that says where each question is, relative to the page.
        first: address of the question shown when the page is opened without ``?q=``.
        published: alternatives per token in the data files.
        asked: alternatives per token asked for when recording; None when none were.
        sampled: temperatures of the conditions, "" when none was sent.
    """

    title: str
    nav: frame.Nav
    footer: tuple[str, ...]
    index: str
    first: str
    published: int
    asked: int | None
    sampled: str


def write_xray(renderer: Renderer, data: ExperimentData, index: str, first: str) -> None:
    """Write the page; ``index`` is the path of the data file that says where each question is."""
    renderer.page(f"{data.name}/xray.html", "pages/answers/xray.html", xray_page(data, index, first))


def xray_page(data: ExperimentData, index: str, first: str) -> XrayPage:
    """The model of the page."""
    sent = (each.sampling.get("temperature") for each in data.results.plan.conditions)
    temperatures = sorted({float(value) for value in sent if isinstance(value, int | float)})
    return XrayPage(
        title="X-ray",
        nav=frame.nav(data, "answers"),
        footer=frame.footer(data),
        index=index,
        first=first,
        published=tokens.PUBLISHED,
        asked=asked_alternatives(data),
        sampled=", ".join(f"{value:g}" for value in temperatures),
    )
