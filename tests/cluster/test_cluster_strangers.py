"""Other users of this machine: they reach every port of loopback, and a Dask scheduler runs what it is sent."""

import asyncio

import pytest

distributed = pytest.importorskip("distributed")
pytest.importorskip("cryptography")

from llmxray.cluster.engine import ClusterSpec, Engine  # noqa: E402
from llmxray.errors import InputError  # noqa: E402


@pytest.fixture(scope="module")
def engine():
    """One worker of this machine."""
    with Engine(ClusterSpec(workers=1)) as engine:
        engine.wait_for_workers()
        yield engine


@pytest.mark.parametrize(("place", "scheme"), [("scheduler", "tls"), ("worker", "tcp")])
def test_nobody_else_runs_code_on_the_workers(engine, place, scheme):
    """Neither in the clear nor with a certificate of one's own; the driver does."""
    engine.submit("tag", len, "four")
    assert [task.result for task in engine.finished()] == [4]
    address = engine._cluster.scheduler_address if place == "scheduler" else engine.workers()[0]
    security = distributed.Security.temporary() if scheme == "tls" else distributed.Security()
    elsewhere = f"{scheme}://{address.rpartition('://')[2]}"

    async def reached() -> None:
        given = security.get_connection_args("client")
        await distributed.core.connect(elsewhere, timeout=3, **given)

    with pytest.raises(distributed.comm.core.CommClosedError):
        asyncio.run(reached())


def test_a_cluster_class_that_does_not_start_is_one_line():
    """Its options may name any Python object; whatever becomes of that is no traceback."""
    options = {"scheduler": {"cls": "builtins.dict", "options": {}}}
    with pytest.raises(InputError, match=r"distributed\.SpecCluster did not start: \w+: ") as raised:
        Engine(ClusterSpec(workers=1, cluster_class="distributed.SpecCluster", options=options))
    assert "\n" not in str(raised.value)
