"""Facts of servers: each server is probed once a process, and held against what was recorded from it.

The load of this machine is among them, because a busy process makes latencies meaningless.
"""

from __future__ import annotations

import asyncio
import os
import platform
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from llmxray.cassette import Cassette
from llmxray.errors import EndpointError
from llmxray.local import LocalServer
from llmxray.plan import Plan
from llmxray.proxy import probe_server
from llmxray.proxy.shared_upstream import SharedUpstream
from llmxray.types import Condition
from llmxray.workflow.preparation import Prepared
from llmxray.workflow.trials_to_record import ServerGroup

_STAT = Path("/proc/stat")
_WINDOW_S = 1.0
# Facts that tell a model from another one, or from itself at another precision. The others may differ from run to run;
# so may `system_fingerprint`, which vendors change from one day to the next.
IDENTITY = (
    *("model", "weights_sha256", "template", "n_ctx", "server", "server_software", "server_version"),
    *("model_facts", "model_reported"),
)


@dataclass(slots=True)
class RecordingCache:
    """State that a process keeps between recordings.

    Attributes:
        facts: of every server that was probed, by "endpoint/model".
        urls: where each of these was asked, "" for an embedded one.
        embedded_facts: of embedded models whose servers the owner of this cache started, by "endpoint/model".
        upstream: a running mitmproxy; None starts one for each recording.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    embedded_facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    upstream: SharedUpstream | None = None


@dataclass(frozen=True, slots=True)
class RunningServers:
    """The servers of a group, running.

    Attributes:
        targets: base URL by endpoint label.
        embedded_facts: of the embedded model that was started for the group, by "endpoint/model".
    """

    targets: Mapping[str, str]
    embedded_facts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@asynccontextmanager
async def run_servers(prepared: Prepared, group: ServerGroup) -> AsyncIterator[RunningServers]:
    """The servers of a group; an embedded model's server runs while the block does."""
    if not group.local_model:
        labels = {condition.endpoint for condition in group.conditions}
        yield RunningServers({label: str(prepared.experiment.endpoints[label].base_url) for label in labels})
        return
    async with LocalServer(group.local_model) as server:
        label = group.conditions[0].endpoint
        yield RunningServers({label: server.base_url}, {f"{label}/{group.local_model}": server.facts()})


async def probed_facts(
    condition: Condition,
    servers: RunningServers,
    cache: RecordingCache,
    *,
    key: str,
    machine: Mapping[str, Any],
) -> dict[str, Any]:
    """Facts of a condition's server, asked of it now.

    Args:
        key: API key, "" for none.
        machine: from `machine_facts`.
    """
    name = server_name(condition)
    target = servers.targets[condition.endpoint]
    probe = await probe_server(target, model=condition.model, key=key, api=condition.api)
    embedded = servers.embedded_facts.get(name) or cache.embedded_facts.get(name, {})
    # An embedded server's port is an accident of this run.
    base_url = "" if embedded else probe.base_url
    return {**embedded, **probe.as_json(), "base_url": base_url, **machine}


def server_name(condition: Condition) -> str:
    """Name of a condition's server, "endpoint/model"."""
    return f"{condition.endpoint}/{condition.model}"


async def machine_facts() -> dict[str, Any]:
    """Architecture, cores and load of this machine; without them a latency means nothing.

    The machine's name and paths are left out.
    """
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "load_before": await busy_cores(),
    }


async def busy_cores() -> float | None:
    """Measure for one second how many cores are busy; without such counters, the load average of the last minute.

    Counters are preferred, because the load average still includes the model server that was stopped a moment ago.

    Returns:
        0 to the number of cores, rounded to 0.01; None if the system has neither.
    """
    before = _ticks()
    if before is None:
        return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None
    await asyncio.sleep(_WINDOW_S)
    after = _ticks()
    if after is None:
        return None
    busy, total = after[0] - before[0], after[1] - before[1]
    return round(busy / total * (os.cpu_count() or 1), 2) if total > 0 else None


def _ticks() -> tuple[int, int] | None:
    """(busy, all) clock ticks of all cores since the system started; None without Linux's counters."""
    try:
        line = _STAT.read_text("ascii").partition("\n")[0]
    except OSError:
        return None
    # user nice system idle iowait irq softirq steal; guest times are in user and nice already.
    ticks = [int(number) for number in line.split()[1:9]]
    return sum(ticks) - ticks[3] - ticks[4], sum(ticks)


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
