"""Results from a cassette alone, with nothing replayed and no page made."""

from __future__ import annotations

from pathlib import Path

from llmxray import results as results_room
from llmxray.cassette import Cassette, verify
from llmxray.errors import CassetteError
from llmxray.plan import check_frozen, first_recorded
from llmxray.results import Results, Scorer
from llmxray.workflow.preparation import Prepared, as_recorded


def verify_recording(directory: Path) -> list[str]:
    """Faults of a cassette, a line each: of its files; where they are whole, of the plan that was frozen in it."""
    if faults := verify(directory):
        return faults
    cassette = Cassette(directory)
    try:
        if (frozen := cassette.frozen()) is not None:
            check_frozen(frozen, first_recorded(cassette))
    except CassetteError as error:
        return [f"{directory}: {error}"]
    return []


def read_results(prepared: Prepared) -> Results:
    """Score an experiment from its cassette, without replaying it.

    Raises:
        CassetteError: nothing is recorded, or the cassette is not whole.
    """
    cassette = Cassette.existing(prepared.cassette)
    analysis = prepared.experiment.analysis
    return results_room.read(
        as_recorded(prepared).plan, cassette, chain=analysis.chain, likelihood=analysis.likelihood
    )


def scorer(prepared: Prepared) -> Scorer:
    """A scorer for the experiment's replies, which scores them one by one as they arrive."""
    analysis = prepared.experiment.analysis
    return Scorer(prepared.plan, chain=analysis.chain, likelihood=analysis.likelihood)
