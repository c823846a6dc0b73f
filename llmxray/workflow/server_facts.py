"""Facts of servers: each server is probed once a process, and the facts are kept for the next recording."""

from __future__ import annotations

import os
import platform
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from llmxray.local import LocalServer
from llmxray.proxy import probe_server
from llmxray.proxy.shared_upstream import SharedUpstream
from llmxray.types import Condition
from llmxray.workflow.machine import busy_cores
from llmxray.workflow.preparation import Prepared
from llmxray.workflow.trials_to_record import ServerGroup


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
