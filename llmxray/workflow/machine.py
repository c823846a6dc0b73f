"""The load of this machine: a busy process makes recorded latencies meaningless."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

_STAT = Path("/proc/stat")
_WINDOW_S = 1.0


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
