"""Freeze the plan into a cassette before its first request, and replace a cassette by one recorded afresh."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from llmxray import __version__
from llmxray import plan as plans
from llmxray.cassette import Cassette, Entry, replace_cassette, write_plan
from llmxray.cassette.scrub import SecretGuard
from llmxray.errors import RunFailedError
from llmxray.plan import Plan, Statement
from llmxray.workflow.preparation import Prepared

# These packages can change the bytes or times of a recording.
_RECORDED_WITH = ("xllamacpp", "mitmproxy", "aiohttp")


def freeze_plan(
    prepared: Prepared,
    directory: Path,
    guard: SecretGuard,
    *,
    fresh: bool,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Freeze the plan, the statement, the software and facts of servers into a cassette, before its first request.

    A recording that was killed compares its servers with these facts when it goes on.

    Args:
        directory: of the cassette.
        guard: refuses to write API keys.
        fresh: whether the cassette is the beginning of a fresh recording.
        facts: of servers, by "endpoint/model".
    """
    # Recording only the first questions again must not shorten a plan that is frozen whole.
    plan = prepared.plan if fresh or prepared.whole is None else prepared.whole
    labels = plans.labels_to_keep(Cassette(directory), plan) if directory.exists() else {}
    write_plan(
        directory,
        prepared.experiment.experiment,
        plans.freeze(plan, prepared.source, statement=_statement(prepared, directory), labels=labels),
        software=_software(),
        facts=facts,
        guard=guard,
    )


def replace_by_fresh(plan: Plan, target: Path, fresh: Path) -> None:
    """Replace a cassette by the fresh one that was recorded beside it.

    Raises:
        RunFailedError: a request of the plan has no whole reply yet, or one was refused that was answered before; both
            cassettes stay where they are.
    """
    # The plan is counted, not the cassette: a request that was never sent is missing too.
    cassette, replaced = Cassette(fresh), Cassette(target)
    missing = lost = 0
    for trial in plan.trials:
        for request in trial.requests:
            tries = cassette.tries(request.key, trial.sample)
            if not any(entry.complete for entry in tries):
                answered = any(entry.complete for entry in replaced.tries(request.key, trial.sample))
                missing += answered or not any(map(_is_refused, tries))
                lost += answered
    if missing:
        raise RunFailedError(
            f"{missing} requests have no whole reply{f', {lost} of which had one' if lost else ''}: {target} stays as "
            f"it is, what was recorded is in {fresh}; record with --fresh again to ask for the rest"
            + (f", or move {target} away first to do without them" if lost else "")
        )
    replace_cassette(target, fresh)
    shutil.rmtree(fresh)


def _is_refused(entry: Entry) -> bool:
    # A server that refuses a request refuses it again; one that fails or is busy, or that has no more credit, may
    # answer next time.
    return (
        entry.status is not None
        and 400 <= entry.status < 500
        and entry.status not in (401, 402, 408, 409, 425, 429)
    )


def _statement(prepared: Prepared, directory: Path) -> Statement:
    """The statement to freeze: the recorded one once the cassette has recordings, today's file before.

    When recording afresh, ``directory`` is beside the cassette to be replaced. The statement of that cassette is kept
    as an earlier one.
    """
    recorded = _recorded_statement(directory)
    if recorded is not None:
        return recorded
    today = plans.statement_of(prepared.experiment, datetime.now(UTC).date().isoformat(), prepared.source)
    replaced = _recorded_statement(prepared.cassette) if directory != prepared.cassette else None
    return today if replaced is None else today.with_history_of(replaced)


def _recorded_statement(directory: Path) -> Statement | None:
    """The statement of a cassette that has recordings; None without recordings."""
    if not directory.exists():
        return None
    cassette = Cassette(directory)
    if not len(cassette):
        return None
    return plans.recorded_statement(cassette)


def _software() -> dict[str, str]:
    versions = {"llmxray": __version__, "python": platform.python_version()}
    for name in _RECORDED_WITH:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions
