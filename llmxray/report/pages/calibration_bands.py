"""Are sure answers more often right than unsure ones? Two bands of confidence, their edges chosen by the reader.

Every choice of edges is worked out here and put into a data file; the page's script only picks one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from llmxray.metrics.accuracy import share
from llmxray.report import confidence, numbers
from llmxray.report.analysis import Analysis, View, newcombe
from llmxray.report.pages.table import Cell, Column, Table, head, questions_href, share_cell
from llmxray.report.shards import shard
from llmxray.types import Estimate, Json

if TYPE_CHECKING:
    from llmxray.report.render import Renderer

# In whole per cent; the module asks about 80 and 50.
ABOVE = tuple(range(50, 100, 5))
BELOW = tuple(range(15, 65, 5))


def write_bands(renderer: Renderer, analysis: Analysis, views: Sequence[View]) -> str:
    """Write ``data/bands.<hash>.js`` and remove that of an older build; returns its path, "" without any."""
    if not views:
        return ""
    value: Json = {
        "above": list(ABOVE),
        "below": list(BELOW),
        "conditions": {view.id: _choices(view) for view in views},
    }
    made = shard("bands", value)
    folder = f"{analysis.data.name}/data"
    renderer.write(f"{folder}/{made.filename}", made.data)
    for old in (renderer.out / folder).glob("bands.*.js"):
        if old.name != made.filename:
            old.unlink()
    return f"data/{made.filename}"


def _choices(view: View) -> Json:
    """Texts of each band by edge, and of their difference by both edges."""
    known = confidence.columns(view).known()
    upper = {edge: _band([hit for sure, hit in known if sure > edge / 100]) for edge in ABOVE}
    lower = {edge: _band([hit for sure, hit in known if sure < edge / 100]) for edge in BELOW}
    return {
        "above": [_texts(upper[edge]) for edge in ABOVE],
        "below": [_texts(lower[edge]) for edge in BELOW],
        "gap": [[_gap(upper[above], lower[below]) for below in BELOW] for above in ABOVE],
    }


def _band(hits: list[bool]) -> Estimate:
    return share(sum(hits), len(hits))


def _texts(band: Estimate) -> Json:
    ends = numbers.interval(band) if band.low is not None else ""
    return [numbers.percent(band.value), ends, numbers.count(band.n)]


def _gap(above: Estimate, below: Estimate) -> Json:
    gap = newcombe(above, below)
    ends = numbers.points_interval(gap) if gap.low is not None else ""
    return [numbers.points(gap.value), ends, told(gap)]


def bands(views: Sequence[View]) -> Table:
    """The module's bands: above 80% and below 50%."""
    lines = []
    for view in views:
        sure, unsure = _two(view)
        gap = newcombe(sure, unsure)
        cells = (
            share_cell(sure, href=questions_href(condition=view.id, conf=f"{confidence.SURE}-1")),
            Cell(str(sure.n)),
            share_cell(unsure, href=questions_href(condition=view.id, conf=f"0-{confidence.UNSURE}")),
            Cell(str(unsure.n)),
            Cell(numbers.points(gap.value), numbers.points_interval(gap) if gap.low is not None else ""),
            Cell(told(gap), numeric=False),
        )
        lines.append(head(view, cells))
    columns = (
        Column("condition", numeric=False),
        Column("above 80%", "accuracy"),
        Column("n"),
        Column("below 50%", "accuracy"),
        Column("n"),
        Column("difference", "points, 95%"),
        Column("more often right?", numeric=False),
    )
    caption = "Answers by confidence band; 95% intervals (Wilson; difference: Newcombe)."
    return Table(caption, columns, tuple(lines))


def sentences(views: Sequence[View]) -> tuple[str, ...]:
    """The answer for each condition that has answers in both bands, and who has none in one."""
    both = {view.id: _two(view) for view in views}
    made = [_sentence(view.id, *both[view.id]) for view in views if both[view.id][0].n and both[view.id][1].n]
    for place, claim in ((0, "more than 80%"), (1, "less than 50%")):
        never = [view.id for view in views if not both[view.id][place].n]
        if never:
            verb = "claims" if len(never) == 1 else "claim"
            made.append(f"{numbers.listed(never)} never {verb} {claim}: the question cannot be asked there.")
    return tuple(made)


def told(gap: Estimate) -> str:
    """Whether the upper band is more often right, as far as these answers tell."""
    if gap.low is None or gap.high is None:
        return "no such answers"
    return "yes" if gap.low > 0 else "no, less often" if gap.high < 0 else "cannot tell"


def _two(view: View) -> tuple[Estimate, Estimate]:
    return (
        confidence.band(view, lambda value: value > confidence.SURE),
        confidence.band(view, lambda value: value < confidence.UNSURE),
    )


def _sentence(name: str, sure: Estimate, unsure: Estimate) -> str:
    said = (
        f"{numbers.percent(sure.value)} of {numbers.plural(sure.n, 'answer')} above 80% right, "
        f"{numbers.percent(unsure.value)} of {numbers.plural(unsure.n, 'answer')} below 50%"
    )
    verdict = told(newcombe(sure, unsure))
    return f"{name}: {'these answers cannot tell' if verdict == 'cannot tell' else verdict} ({said})."
