"""Which pairs of conditions have a page, and where it is."""

from __future__ import annotations

from llmxray.report.analysis import Analysis, Pair, memoized
from llmxray.report.analysis.leaders import lead_pair

# Pages grow with the square: 8 conditions make 28 pairs, 20 make 190.
# Above this many conditions only the pairs with the best and with the baseline get a page.
MOST_CONDITIONS = 8


def paged(analysis: Analysis) -> tuple[Pair, ...]:
    """The pairs that get a page: all of few conditions, else those with the best, the baseline or of the leading pair.

    None where nothing is scored. In one file it is the leading pair alone: a page a pair would make it many times as
    long.
    """
    if not analysis.suites:
        return ()
    lead = lead_pair(analysis)
    if analysis.contents.in_one_file:
        return tuple(filter(None, [lead]))
    if len(analysis.views) <= MOST_CONDITIONS:
        return analysis.pairs
    central = {analysis.ranked[0].id, analysis.baseline.id}
    return tuple(pair for pair in analysis.pairs if pair is lead or central & {pair.a.id, pair.b.id})


def page_of(analysis: Analysis, pair: Pair) -> str:
    """Name of a pair's page; no condition's name holds a tilde."""
    return "pairs" if pair is lead_pair(analysis) else f"pairs.{pair.a.id}~{pair.b.id}"


def href(analysis: Analysis, pair: Pair) -> str:
    """Link to a pair's page, "" when it has none."""
    is_paged = (pair.a.id, pair.b.id) in _paged(analysis)
    return analysis.contents.href(page_of(analysis, pair)) if is_paged else ""


# Every cell of a table of pairs asks.
@memoized
def _paged(analysis: Analysis) -> frozenset[tuple[str, str]]:
    return frozenset((pair.a.id, pair.b.id) for pair in paged(analysis))
