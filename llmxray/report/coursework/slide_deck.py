"""Assessment B: a controlled comparison in eight slides, made from the compare lab; conclusions are left to write."""

from __future__ import annotations

from dataclasses import dataclass

from llmxray.report.analysis import Analysis
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.setting_pairs import Setting, settings
from llmxray.report.pages.compare import PromptView, compare_page
from llmxray.report.widgets import frame
from llmxray.types import Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Slides(frame.Framed):
    """The model of ``slides.html``.

    Attributes:
        varies: fields that differ between variants: one, or the experiment isolates none.
        constant: fields that are the same for all.
        variants: (colour class, name) of the columns of ``varies``.
        prompt: the prompt that is shown, with the first sample of its first pair.
    """

    hypothesis: str
    variants: tuple[tuple[str, str], ...]
    varies: tuple[Setting, ...]
    constant: tuple[Setting, ...]
    prompt: PromptView


def slides(data: ExperimentData) -> Slides | None:
    """The slides of a compare experiment; None for what has no prompts or no two variants."""
    page = compare_page(Analysis(data))
    conditions = data.results.plan.conditions
    if not page.prompts or len(conditions) < 2:
        return None
    varies, constant = settings(conditions)
    return Slides(
        title="Slides",
        nav=frame.paper(data, "Slides"),
        footer=frame.footer(data, f"llmxray slides {data.name}"),
        hypothesis=data.experiment.hypothesis or "",
        variants=tuple((chip.css, chip.id) for chip in frame.chips(data)),
        varies=varies,
        constant=constant,
        prompt=page.prompts[0],
    )


def varying(conditions: tuple[Condition, ...]) -> tuple[str, ...]:
    """Names of the request fields that differ between the conditions."""
    return tuple(each.name for each in settings(conditions)[0])
