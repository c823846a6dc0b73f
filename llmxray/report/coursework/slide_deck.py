"""Assessment B: a controlled comparison in eight slides, made from the compare lab; conclusions are left to write."""

from __future__ import annotations

from llmxray.report.analysis import Analysis
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.setting_pairs import settings
from llmxray.report.pages import compare
from llmxray.report.widgets import frame
from llmxray.types import Condition


def slides(data: ExperimentData) -> frame.Values | None:
    """The slides of a compare experiment; None for what has no prompts or no two variants."""
    page = compare.make(Analysis(data))
    conditions = data.results.plan.conditions
    if not page.prompts or len(conditions) < 2:
        return None
    # One field varies, or the experiment isolates none.
    varies, constant = settings(conditions)
    return frame.paper(
        data,
        "Slides",
        "Slides",
        f"llmxray slides {data.name}",
        hypothesis=data.experiment.hypothesis or "",
        variants=tuple((chip.css, chip.id) for chip in frame.chips(data)),
        varies=varies,
        constant=constant,
        prompt=page.prompts[0],
    )


def varying(conditions: tuple[Condition, ...]) -> tuple[str, ...]:
    """Names of the request fields that differ between the conditions."""
    return tuple(each.name for each in settings(conditions)[0])
