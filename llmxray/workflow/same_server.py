"""Whether a server still serves what an earlier part of a recording came from: answers of two must not be mixed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from llmxray.cassette import Cassette
from llmxray.errors import EndpointError
from llmxray.plan import Plan

# What tells a model from another one, or from itself at another precision; the rest are accidents of a run. Not
# `system_fingerprint`: vendors change it from one day to the next.
IDENTITY = (
    *("model", "weights_sha256", "template", "n_ctx", "server", "server_software", "server_version"),
    *("model_facts", "model_reported"),
)


def check_same_server(
    plan: Plan, name: str, directory: Path, found: Mapping[str, Any], *, fresh: bool
) -> None:
    """Make sure that a server is the one that a cassette has whole replies of.

    Args:
        name: "endpoint/model".
        directory: of the cassette.
        found: what the server shows of itself now.
        fresh: whether the cassette is the beginning of a fresh recording.

    Raises:
        EndpointError: it differs in a fact that both state.
    """
    cassette = Cassette(directory)
    before = cassette.manifest.facts.get(name) if cassette.manifest else None
    # A stranger's manifest may have anything there; an older llmxray knew fewer facts.
    known = before if isinstance(before, dict) else {}
    other = next((each for each in IDENTITY if _differ(known.get(each), found.get(each))), None)
    if other is None or not _has_replies(plan, name, cassette):
        return
    again = f"remove {directory}" if fresh else "add --fresh"
    raise EndpointError(
        f"{name} is not what {directory} was recorded from: {other} was {known[other]!r} and is {found[other]!r} now. "
        f"Serve the same model again, or {again} to record everything anew"
    )


def _differ(before: object, now: object) -> bool:
    return bool(before) and bool(now) and before != now


def _has_replies(plan: Plan, name: str, cassette: Cassette) -> bool:
    asked = {each.id for each in plan.conditions if f"{each.endpoint}/{each.model}" == name}
    return any(
        entry.complete
        for trial in plan.trials
        if trial.condition in asked
        for request in trial.requests
        for entry in cassette.entries(request.key)
    )
