"""An experiment on the questions that all of its conditions were asked: what one number over everything may compare."""

from __future__ import annotations

from dataclasses import replace

from llmxray.report.analysis.experiment import Analysis
from llmxray.report.analysis.rows import address
from llmxray.types import Outcome


def on_common_questions(analysis: Analysis) -> Analysis:
    """The same experiment without the questions that some condition was not asked.

    The analysis itself where all were asked the same, and where no question is common to all.
    """
    asked = [
        {address(row) for row in view.rows if row.outcome is not Outcome.UNSCORED} for view in analysis.views
    ]
    common = frozenset.intersection(*map(frozenset, asked))
    if not common or all(each == common for each in asked):
        return analysis
    results = analysis.data.results
    rows = tuple(row for row in results.rows if address(row) in common)
    return Analysis(replace(analysis.data, results=replace(results, rows=rows)))
