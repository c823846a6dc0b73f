"""Other users of this machine: they reach every port of loopback, and a Dask scheduler runs what it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

distributed = pytest.importorskip("distributed")
pytest.importorskip("cryptography")

from llmxray.cluster.engine import ClusterSpec, Engine  # noqa: E402


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """One worker of this machine."""
    with Engine(ClusterSpec(workers=1)) as found:
        found.wait_for_workers()
        yield found


@pytest.mark.parametrize("place", ["scheduler", "worker"])
@pytest.mark.parametrize("scheme", ["tcp", "tls"])
def test_nobody_else_runs_code_on_the_workers(engine: Engine, place: str, scheme: str) -> None:
    """Neither in the clear nor with a certificate of one's own."""
    address = engine._cluster.scheduler_address if place == "scheduler" else engine.workers()[0]
    security = distributed.Security.temporary() if scheme == "tls" else distributed.Security()
    elsewhere = f"{scheme}://{address.rpartition('://')[2]}"

    async def reached() -> None:
        given = security.get_connection_args("client")
        await distributed.core.connect(elsewhere, timeout=3, **given)

    with pytest.raises(distributed.comm.core.CommClosedError):
        asyncio.run(reached())


def test_the_driver_runs_code_there(engine: Engine) -> None:
    """As it must."""
    engine.submit("tag", len, "four")
    assert [each.result for each in engine.finished()] == [4]
