"""Does our likelihood score agree with a published one? Gemma-3-270M on ARC-Easy, zero-shot.

Records the first rows of the real ARC-Easy file in ``$LLMXRAY_SHARED/data`` (its rows are not ours to ship) with the
embedded model, one forced request per option, and prints accuracy by log-probability in total (acc), per character
(acc_norm) and per byte (acc_bytes) beside the 57.7% of the model card. The card's prompt and its choice of one are not
published; ours is "Question: … Answer:" without examples. The weights are quantised to four bits, the card's are not.

    python bench/bench_published.py [--rows 300] [--into FOLDER]

With ``--into`` the recording is kept, and the same command goes on from where it was interrupted.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import get_args

from llmxray import results, workflow
from llmxray.metrics.accuracy import proportion
from llmxray.types import Estimate, LikelihoodScore, Outcome, Row
from llmxray.workflow import Workspace

PUBLISHED = 0.577
CARD = "https://huggingface.co/google/gemma-3-270m (ARC-e, 0-shot)"
ROWS = "data/arc_easy/validation.jsonl"
TEXT = """experiment: arc-easy-published
kind: benchmark
endpoints: {{tiny: {{preset: local}}}}
models: [{{id: gemma, endpoint: tiny, model: gemma-3-270m, layout: zero-shot-raw, answer: likelihood}}]
suites: [{{suite: arc, config: ARC-Easy, source: {{file: "{file}"}}, limit: {rows}}}]
sampling: {{temperature: 0, seed: 7, top_logprobs: 5}}
"""


def main() -> int:
    """Record, score both ways, and print one line each."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--into", type=Path)
    arguments = parser.parse_args()
    shared = os.environ.get("LLMXRAY_SHARED")
    if not shared or not (Path(shared) / ROWS).exists():
        print(f"skipped: LLMXRAY_SHARED names no folder with {ROWS}")
        return 0
    if arguments.into is not None:
        return _measure(arguments.into, Path(shared) / ROWS, arguments.rows)
    with tempfile.TemporaryDirectory() as folder:
        return _measure(Path(folder), Path(shared) / ROWS, arguments.rows)


def _measure(folder: Path, file: Path, rows: int) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "arc-easy-published.yaml"
    path.write_text(TEXT.format(file=file.absolute().as_posix(), rows=rows), "utf-8")
    where = Workspace(folder / "cassettes", folder)
    began = time.monotonic()
    asyncio.run(workflow.record(workflow.prepare(path, where), environ=os.environ))
    took = time.monotonic() - began
    found = workflow.read_results(workflow.prepare(path, where))
    print(f"{len(found.rows)} rows of ARC-Easy (validation), recorded in {took:.0f} s")
    # All of them, for the card does not say which one it is.
    for name in get_args(LikelihoodScore):
        print(_line(name, results.rescore(found.plan, found.rows, likelihood=name)))
    print(f"published {PUBLISHED:.1%}: {CARD}")
    return 0


def _line(name: str, rows: tuple[Row, ...]) -> str:
    found: Estimate = proportion([row.outcome is Outcome.CORRECT for row in rows])
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    inside = "holds" if found.low <= PUBLISHED <= found.high else "does not hold"
    return f"{name:9} {found.value:.1%} [{found.low:.1%}, {found.high:.1%}]: its interval {inside} {PUBLISHED:.1%}"


if __name__ == "__main__":
    sys.exit(main())
