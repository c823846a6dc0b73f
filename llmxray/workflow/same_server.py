"""Check that a server is still the recorded one: answers of two models must not mix."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from llmxray.cassette import Cassette
from llmxray.errors import EndpointError
from llmxray.plan import Plan

# Facts that tell a model from another one, or from itself at another precision. The others may differ from run to run;
# so may `system_fingerprint`, which vendors change from one day to the next.
IDENTITY = (
    *("model", "weights_sha256", "template", "n_ctx", "server", "server_software", "server_version"),
    *("model_facts", "model_reported"),
)


def check_same_server(
    plan: Plan, name: str, directory: Path, facts: Mapping[str, Any], *, fresh: bool
) -> None:
    """Refuse a server that differs from the one behind the cassette's replies.

    Args:
        plan: the plan that is recorded.
        name: of the server, "endpoint/model".
        directory: of the cassette.
        facts: of the server now.
        fresh: whether the cassette is the beginning of a fresh recording.

    Raises:
        EndpointError: the server differs from the recorded one in a fact that both state.
    """
    cassette = Cassette(directory)
    before = cassette.manifest.facts.get(name) if cassette.manifest else None
    # A stranger's manifest may have any value there, and an older llmxray recorded fewer facts.
    known = before if isinstance(before, dict) else {}
    stated = [fact for fact in IDENTITY if known.get(fact) and facts.get(fact)]
    other = next((fact for fact in stated if known[fact] != facts[fact]), None)
    if other is None or not _has_replies(plan, name, cassette):
        return
    again = f"remove {directory}" if fresh else "add --fresh"
    raise EndpointError(
        f"{name} is not what {directory} was recorded from: {other} was {known[other]!r} and is {facts[other]!r} now. "
        f"Serve the same model again, or {again} to record everything anew"
    )


def _has_replies(plan: Plan, name: str, cassette: Cassette) -> bool:
    conditions = {
        condition.id for condition in plan.conditions if f"{condition.endpoint}/{condition.model}" == name
    }
    return any(
        entry.complete
        for trial in plan.trials
        if trial.condition in conditions
        for request in trial.requests
        for entry in cassette.entries(request.key)
    )
