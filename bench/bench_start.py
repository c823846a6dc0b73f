"""What does a command take before it does anything? Processor time of its help, each in a process of its own.

The best of a few: what else the machine does can only add.

    python bench/bench_start.py [TIMES]
"""

from __future__ import annotations

import resource
import subprocess
import sys

from typer.main import get_command

from llmxray.cli.commands import app


def cpu_s(*words: str) -> float:
    """Seconds of processor time, user and system, that a command line takes."""

    def spent() -> float:
        found = resource.getrusage(resource.RUSAGE_CHILDREN)
        return found.ru_utime + found.ru_stime

    before = spent()
    subprocess.run([sys.executable, "-m", "llmxray", *words], check=True, stdout=subprocess.DEVNULL)
    return spent() - before


def main() -> None:
    """Measure and print."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    for words in ((), *((name,) for name in get_command(app).commands)):
        best = min(cpu_s(*words, "--help") for _ in range(times))
        print(f"{' '.join(('llmxray', *words, '--help')):<30} {best:.2f} s")


if __name__ == "__main__":
    main()
