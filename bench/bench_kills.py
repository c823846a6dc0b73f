"""Is anything lost when a recorder is killed? Fifty real SIGKILLs of one recording, at random moments.

Each round a whole recorder (runner, proxy, mitmproxy) starts, goes on where the last one was killed, and is
killed again. Counted: answers that the runner had and the cassette has not (lost), recorded answers that were
asked for again (paid twice), and requests under way at a kill, which nobody can have kept.

    python bench/bench_kills.py [KILLS]
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

TESTS = Path(__file__).parent.parent / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "durability")]

from victims import complete, kill_and_resume  # noqa: E402

from llmxray.cassette import journal, verify  # noqa: E402


def main() -> None:
    """Kill, count and print."""
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    # More than are answered between two kills, so that no kill finds the recording done.
    prompts, began = kills * 7, time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        prepared, tally = asyncio.run(kill_and_resume(Path(folder), kills, prompts))
        faults = verify(prepared.cassette)
        whole = len(complete(prepared.cassette))
        # The last round is not killed: it seals.
        assert not (prepared.cassette / journal.NAME).exists()
    print(
        f"{tally.kills} kills, {whole} of {prompts} answers recorded, {len(tally.lost)} lost, "
        f"{len(tally.paid_twice)} paid twice, {tally.cut} under way at a kill and asked again, "
        f"{len(faults)} faults found by verify ({time.perf_counter() - began:.0f} s)"
    )
    if tally.lost or tally.paid_twice or faults:
        sys.exit(1)


if __name__ == "__main__":
    main()
