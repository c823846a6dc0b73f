"""The data file behind the slider: sentences and places, all computed here; the script only picks one.

``data/threshold.<hash>.js`` registers ``{conditions: {id: [101 entries]}}``.
An entry holds what to say at that whole per cent, where the marker goes, and the link to what would be refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from llmxray.charts import selective as chart
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, operating_points
from llmxray.report.analysis.operating_points import Confidences, Point
from llmxray.report.files.data_file import write_data
from llmxray.report.links import questions_href
from llmxray.types import Json

if TYPE_CHECKING:
    from llmxray.report.widgets.render import Renderer


def write(renderer: Renderer, analysis: Analysis, views: Sequence[ConditionResults]) -> str:
    """Write the file; returns its path from the page, "" without any."""
    if not views:
        return ""
    known = {view.id: (view, operating_points.confidences(view)) for view in views}
    conditions: dict[str, Json] = {
        name: [_entry(view, data, point) for point in operating_points.points(data)]
        for name, (view, data) in known.items()
    }
    return write_data(renderer, analysis.data.name, "threshold", {"conditions": conditions})


def below(percent: int) -> str:
    """Confidences below a threshold, as the filter of the questions page writes a range (ends included)."""
    # The page of questions compares thousandths: half of one below the threshold leaves it out.
    return f"0-{max(0.0, percent / 100 - 0.0005):.4f}"


def refused_href(view: ConditionResults, data: Confidences, point: Point) -> str:
    """The way to what a threshold refuses, "" where there is none to the questions themselves."""
    # The page of questions filters by option confidence only, not by the number of options; what has no confidence is
    # in no range.
    if (
        data.measure != operating_points.OPTION
        or data.pool.options is not None
        or point.refused <= data.n_silent
    ):
        return ""
    return questions_href(condition=view.id, conf=below(point.percent))


def _entry(view: ConditionResults, data: Confidences, point: Point) -> Json:
    answered = numbers.count(point.accuracy.n)
    done, one = ("questions answered", "question") if data.clusters is None else ("answers given", "answer")
    if point.accuracy.n:
        said = (
            f"{answered} of {numbers.count(point.coverage.n)} {done} ({numbers.percent(point.coverage.value)}); "
            f"{numbers.percent(point.accuracy.value)} of them right (95% {numbers.interval(point.accuracy)})."
        )
    else:
        said = "No question would be answered."
    place: Json = None
    if point.accuracy.value is not None and point.coverage.value is not None:
        place = [
            round(chart.PLANE.x(point.coverage.value), 1),
            round(chart.PLANE.y(point.accuracy.value), 1),
        ]
    return {
        "said": said,
        "refused": f"{numbers.plural(point.refused, one)} refused{_silent(data)}",
        "href": refused_href(view, data, point),
        "at": place,
    }


def _silent(data: Confidences) -> str:
    return f", {numbers.count(data.n_silent)} of them for want of a confidence" if data.n_silent else ""
