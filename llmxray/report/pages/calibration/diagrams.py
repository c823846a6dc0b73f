"""Reliability diagram, its bins as a table, and the module's scatter, for one condition."""

from __future__ import annotations

from llmxray.charts import confidence_scatter, reliability
from llmxray.metrics.binning import Bin, reliability_bins
from llmxray.metrics.smooth import ReliabilityCurve, reliability_curve
from llmxray.report import numbers
from llmxray.report.analysis import Analysis, ConditionResults, confidence
from llmxray.report.links import Link
from llmxray.report.widgets.frame import Values
from llmxray.report.widgets.table import Cell, ColumnHead, Figure, Line, Table, share_cell
from llmxray.report.wording.claim_words import claimed

# The corners of the scatter, by the original app's names: surer than a half, and right.
_CORNERS = (
    ("Calibrated", True, True),
    ("Overconfident", True, False),
    ("Lucky", False, True),
    ("Confused", False, False),
)


def bin_counts(analysis: Analysis) -> tuple[int, ...]:
    """The numbers of bins that a reader may choose: the module's five, the literature's fifteen, the file's own."""
    return tuple(sorted({5, 15, analysis.data.experiment.analysis.bins}))


def diagram(analysis: Analysis, view: ConditionResults) -> Values:
    """What is drawn of one condition: reliability in every number of bins, and the scatter with its corners."""
    data = confidence.columns(view)
    # Bins can mislead, as their edges are arbitrary; the curve has none (Błasiok and Nakkiran 2023).
    curve = reliability_curve(data.confidence, data.correct)
    binned = tuple(_binned(analysis, view, curve, n_bins) for n_bins in bin_counts(analysis))
    scatter, corners = _scatter(analysis, view, data)
    return Values(view=view, binned=binned, scatter=scatter, corners=corners)


def _binned(analysis: Analysis, view: ConditionResults, curve: ReliabilityCurve, n_bins: int) -> Values:
    """The reliability diagram in so many bins, with the table it came from."""
    data = confidence.columns(view)
    bins = reliability_bins(data.confidence, data.correct, n_bins=n_bins, clusters=data.clusters)
    known = data.answers
    sure = sum(each for each, _ in known) / len(known)
    hit = sum(each for _, each in known) / len(known)
    said = "; ".join(
        f"{_range(each)}: {numbers.percent(each.accuracy.value)} of {each.n} right" for each in bins
    )
    svg = reliability.draw(
        bins,
        curve,
        css=view.css,
        mean_confidence=sure,
        accuracy=hit,
        name=f"reliability-{view.css}-{n_bins}",
        description=f"Reliability diagram of {view.label}. {said}.",
        links=[_bin_href(analysis, view, each) for each in bins],
    )
    missing = len(data.confidence) - data.n
    without = f", {missing} without a confidence" if missing else ""
    figure = Figure(
        title=f"{view.label} is {lean(analysis, view)}",
        caption=f"{len(bins)} of {n_bins} bins {'holds' if len(bins) == 1 else 'hold'} answers; "
        f"n = {' '.join(data.counted).rstrip()}{without}. "
        f"Below: mean confidence {numbers.percent(sure)} (line), accuracy {numbers.percent(hit)} (dashed).",
        svg=svg,
        css=f"k {view.css}",
    )
    return Values(n_bins=n_bins, figure=figure, table=_bin_table(analysis, view, bins))


def lean(analysis: Analysis, view: ConditionResults) -> str:
    """Whether a condition is over- or underconfident, in words, with the interval of its gap."""
    gap, test = confidence.estimate(analysis, view, confidence.GAP), confidence.leanings(analysis)[view.id]
    if gap.low is None or test.p_holm is None:
        return "not shown to be over- or underconfident (too few answers)"
    doubt = f"95% {numbers.points_interval(gap)}; {test.doubt}"
    if not test.is_significant:
        return f"not shown to be over- or underconfident on average ({doubt})"
    word = claimed("overconfident" if (gap.value or 0.0) > 0 else "underconfident", test)
    return f"{word} by {numbers.in_points(gap.value)} ({doubt})"


def _range(each: Bin) -> str:
    # A word joiner: no line breaks after the dash.
    return f"{numbers.percent(each.low)}–\u2060{numbers.percent(each.high)}"


def _bin_href(analysis: Analysis, view: ConditionResults, each: Bin) -> str:
    return analysis.contents.questions(condition=view.id, conf=f"{each.low:.4g}-{each.high:.4g}")


def _bin_table(analysis: Analysis, view: ConditionResults, bins: tuple[Bin, ...]) -> Table:
    lines = [
        Line(
            head=_range(each),
            cells=(
                Cell(text=numbers.percent(each.mean_confidence)),
                share_cell(each.accuracy),
                Cell(text=numbers.difference(each.mean_confidence - (each.accuracy.value or 0.0))),
                Cell(text=str(each.n)),
            ),
            href=_bin_href(analysis, view, each),
        )
        for each in bins
    ]
    columns = (
        ColumnHead(text="bin", numeric=False),
        ColumnHead(text="mean confidence"),
        ColumnHead(text="accuracy"),
        ColumnHead(text="gap", small="points, + is overconfident"),
        ColumnHead(text="n"),
    )
    return Table(
        caption=f"Bins of {view.label}; empty bins are left out.", columns=columns, lines=tuple(lines)
    )


def _scatter(
    analysis: Analysis, view: ConditionResults, data: confidence.ConfidenceColumns
) -> tuple[Figure, tuple[Link, ...]]:
    known, corners = data.answers, []
    for name, is_sure, is_right in _CORNERS:
        n = sum((sure > 0.5) is is_sure and hit is is_right for sure, hit in known)
        # The page of questions compares thousandths and includes both ends, so a half itself counts below.
        half, side = "0.5005-1" if is_sure else "0-0.5", {"right" if is_right else "wrong": view.id}
        href = analysis.contents.questions(condition=view.id, conf=half, **side) if n else ""
        meant = f"{'sure' if is_sure else 'unsure'}, {'right' if is_right else 'wrong'}"
        corners.append(Link(text=f"{name} ({meant}) {n}", href=href))
    svg = confidence_scatter.draw(
        known,
        css=view.css,
        name=f"scatter-{view.css}",
        description=f"Confidence against correctness of {view.label}: "
        f"{', '.join(corner.text for corner in corners)} of {len(known)}.",
    )
    figure = Figure(
        title=view.label, caption=f"n = {' '.join(data.counted).rstrip()}.", svg=svg, css=f"k {view.css}"
    )
    return figure, tuple(corners)
