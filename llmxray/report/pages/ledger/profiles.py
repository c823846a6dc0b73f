"""What the ledger's script draws the profile of the chosen runs with: their colours, and their ranks as percentiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from llmxray.metrics.ranking import Rank
from llmxray.report.analysis.legend import colour
from llmxray.report.analysis.runs import Run
from llmxray.types import Estimate

type Scores = Mapping[str, Mapping[str, Estimate]]
type Places = Mapping[str, Mapping[str, Rank | str | None]]


def percentile(rank: Rank | str | None) -> float | None:
    """Percentile rank, 0–100; None for a run without one, or whose model another run stands for."""
    return rank.percentile if isinstance(rank, Rank) else None


def own_colours(runs: Sequence[Run]) -> dict[str, str]:
    """Colour class of each run by its key: the one that it has on the pages of its own experiment."""
    place: dict[str, int] = {}
    found = {}
    for run in runs:
        place[run.experiment] = place.get(run.experiment, -1) + 1
        found[run.key] = colour(place[run.experiment])
    return found
