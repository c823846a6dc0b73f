"""What the front page says of one experiment, kept as ``summary.json`` in its folder.

The front page is made from all summaries that the site holds, so rebuilding one experiment gives the same
front page as building all of them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from llmxray.report.analysis import Analysis
from llmxray.report.pages.verdicts import verdict
from llmxray.types import Estimate

NAME = "summary.json"


@dataclass(frozen=True, slots=True)
class Score:
    """Accuracy of one condition."""

    id: str
    css: str
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Summary:
    """One experiment in short.

    Attributes:
        recorded: day of the first recording, ISO 8601, "" when unknown.
        scores: conditions by accuracy; empty where nothing is scored.
    """

    name: str
    title: str
    hypothesis: str
    kind: str
    verdict: str
    recorded: str
    n_conditions: int
    n_items: int
    n_trials: int
    chance: float | None
    scores: tuple[Score, ...]


def make(analysis: Analysis) -> Summary:
    """The summary of an experiment."""
    data = analysis.data
    manifest = data.cassette.manifest
    recorded = str(manifest.recorded.get("first", ""))[:10] if manifest is not None else ""
    scores = tuple(
        Score(view.id, view.css, analysis.accuracies[view.id])
        for view in analysis.ranked
        if analysis.accuracies[view.id].value is not None
    )
    return Summary(
        data.name,
        data.title,
        data.experiment.hypothesis or "",
        data.experiment.kind,
        verdict(analysis),
        recorded,
        len(analysis.views),
        sum(len(suite.items) for suite in analysis.plan.suites.values()),
        len(data.results.rows),
        analysis.chance,
        scores,
    )


def dump(summary: Summary) -> bytes:
    """The bytes of summary.json."""
    return (json.dumps(asdict(summary), indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def load(data: bytes) -> Summary:
    """The summary that `dump` wrote."""
    fields = json.loads(data)
    scores = tuple(
        Score(each["id"], each["css"], Estimate(**each["estimate"])) for each in fields.pop("scores")
    )
    return Summary(**fields, scores=scores)


def ordered(summaries: Sequence[Summary]) -> tuple[Summary, ...]:
    """Benchmarks first, then by name: an order that does not depend on what was built last."""
    return tuple(sorted(summaries, key=lambda each: (each.kind != "benchmark", each.name)))
