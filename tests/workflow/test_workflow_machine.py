"""The load that is recorded beside latencies."""

import asyncio
import os

from llmxray.workflow import server_facts


async def test_cores_that_compute_are_counted(monkeypatch, tmp_path):
    """From the ticks of Linux: neither idle ones nor those of waiting for disks."""
    stat = tmp_path / "stat"
    stat.write_text("cpu 10 0 10 100 50 0 0 0 7 7\ncpu0 1\n")

    async def later(_: float) -> None:
        stat.write_text("cpu 30 5 15 130 90 0 0 0 9 9\ncpu0 1\n")

    monkeypatch.setattr(server_facts, "_STAT", stat)
    monkeypatch.setattr(asyncio, "sleep", later)
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    assert await server_facts.busy_cores() == 1.2


async def test_without_counters(monkeypatch, tmp_path):
    """The load average stands in."""
    monkeypatch.setattr(server_facts, "_STAT", tmp_path / "none")
    monkeypatch.setattr(os, "getloadavg", lambda: (1.234, 0.0, 0.0), raising=False)
    assert 1.23 == await server_facts.busy_cores()
