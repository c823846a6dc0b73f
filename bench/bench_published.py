"""Do our scores agree with published ones? Embedded models on real rows, which are not ours to ship.

Rows are read from ``$LLMXRAY_SHARED/data``. Without an option: Gemma-3-270M on ARC-Easy, zero-shot, one forced request
per option, beside the 57.7% of its model card. The card's prompt and its choice between acc and acc_norm are not
published; ours is "Question: … Answer:" without examples. Weights are quantised to four bits, the card's are not.

With ``--pair`` (`make record-real`): the preset showdown-full, which is both Qwen2.5-Coder models on six benchmarks, as
a chat with worked examples that ask for a letter.

    python bench/bench_published.py [--pair] [--rows 300] [--into FOLDER]

With ``--into`` the recording is kept, and the same command goes on from where it was interrupted.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import get_args

import yaml

from llmxray import results, workflow
from llmxray.metrics.accuracy import proportion
from llmxray.results import Results
from llmxray.types import Estimate, LikelihoodScore, Outcome, Row
from llmxray.workflow import Workspace

PUBLISHED = 0.577
CARD = "https://huggingface.co/google/gemma-3-270m (ARC-e, 0-shot)"
GEMMA = """experiment: arc-easy-published
kind: benchmark
endpoints: {tiny: {preset: local}}
models: [{id: gemma, endpoint: tiny, model: gemma-3-270m, layout: zero-shot-raw, answer: likelihood}]
suites: [{suite: arc, config: ARC-Easy, source: {file: rows/arc-easy/validation.jsonl}, limit: ROWS}]
sampling: {temperature: 0, seed: 7, top_logprobs: 5}
"""
_PRESET = Path(__file__).parents[1] / "llmxray/cli/presets/showdown-full.yaml"
# Where the rows of each suite of the preset are laid out.
_ROWS = {
    "arc-easy": "arc-easy/validation.jsonl",
    "arc-challenge": "arc-challenge/validation.jsonl",
    "mmlu_pro": "mmlu-pro/test.jsonl",
    "hellaswag": "hellaswag/validation.jsonl",
    "gsm8k": "gsm8k/test.jsonl",
    "truthfulqa": "truthfulqa/validation.jsonl",
}
_EXAMPLES = 5


def main() -> int:
    """Record, score, and print a line for each score."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pair", action="store_true")
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--into", type=Path)
    arguments = parser.parse_args()
    shared = os.environ.get("LLMXRAY_SHARED")
    if not shared or not (Path(shared) / "data").is_dir():
        print("skipped: LLMXRAY_SHARED names no folder with data/")
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        folder: Path = arguments.into or Path(scratch)
        _lay_out(Path(shared) / "data", folder / "rows")
        text = pair(arguments.rows) if arguments.pair else GEMMA.replace("ROWS", str(arguments.rows))
        found = _recorded(folder, text)
        _tell_pair(found) if arguments.pair else _tell_gemma(found)
    return 0


def pair(rows: int) -> str:
    """The preset on local rows: ``rows`` of ARC-Challenge, 200 of each other benchmark at most."""
    experiment = yaml.safe_load(_PRESET.read_text("utf-8"))
    for suite in experiment["suites"]:
        name = suite.get("id", suite["suite"])
        suite["source"] = {"file": f"rows/{_ROWS[name]}"}
        if name == "arc-challenge":
            del suite["sample"]
            suite["limit"] = rows
            continue
        suite.pop("per_category", None)
        suite.pop("seed", None)
        suite["sample"] = {"n": min(rows, 200), "seed": 7}
    return yaml.safe_dump(experiment, sort_keys=False)


def _lay_out(data: Path, rows: Path) -> None:
    """The rows under the names that the suites look for, worked examples beside them."""
    for name, file in (
        ("mmlu-pro/test.jsonl", "mmlu_pro/test_slice_420.jsonl"),
        ("mmlu-pro/validation.jsonl", "mmlu_pro/validation_70.jsonl"),
        ("arc-challenge/validation.jsonl", "arc_challenge/validation.jsonl"),
        ("truthfulqa/validation.jsonl", "truthfulqa/multiple_choice_validation_400.jsonl"),
    ):
        _write(rows / name, (data / file).read_text("utf-8"))
    # Their own train splits are not here: the first rows of what is asked are examples instead, and not asked.
    for name, file in (
        ("arc-easy/validation.jsonl", "arc_easy/validation.jsonl"),
        ("hellaswag/validation.jsonl", "hellaswag/validation_500.jsonl"),
        ("gsm8k/test.jsonl", "gsm8k/test_400.jsonl"),
    ):
        lines = (data / file).read_text("utf-8").splitlines(keepends=True)
        _write(rows / name, "".join(lines[_EXAMPLES:]))
        _write((rows / name).with_name("train.jsonl"), "".join(lines[:_EXAMPLES]))
    shutil.copyfile(rows / "arc-easy/train.jsonl", rows / "arc-challenge/train.jsonl")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _recorded(folder: Path, text: str) -> Results:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "published.yaml"
    path.write_text(text, "utf-8")
    where = Workspace(folder / "cassettes", folder)
    began = time.monotonic()
    asyncio.run(workflow.record(workflow.prepare(path, where), environ=os.environ))
    found = workflow.read_results(workflow.prepare(path, where))
    print(f"{len(found.rows)} rows, recorded in {time.monotonic() - began:.0f} s")
    return found


def _tell_gemma(found: Results) -> None:
    # All of them, for the card does not say which one it is.
    for name in get_args(LikelihoodScore):
        estimate = _accuracy(results.rescore(found.plan, found.rows, likelihood=name))
        assert estimate.low is not None
        assert estimate.high is not None
        inside = "holds" if estimate.low <= PUBLISHED <= estimate.high else "does not hold"
        print(f"{name:9} {_shown(estimate)}: its interval {inside} {PUBLISHED:.1%}")
    print(f"published {PUBLISHED:.1%}: {CARD}")


def _tell_pair(found: Results) -> None:
    for condition in found.plan.conditions:
        for suite in found.plan.suites:
            rows = [row for row in found.rows if (row.condition, row.suite) == (condition.id, suite)]
            cut = sum(row.outcome is Outcome.TRUNCATED for row in rows)
            print(f"{condition.model} {suite}: {_shown(_accuracy(rows))}, n = {len(rows)}, {cut} truncated")


def _accuracy(rows: list[Row] | tuple[Row, ...]) -> Estimate:
    return proportion([row.outcome is Outcome.CORRECT for row in rows])


def _shown(estimate: Estimate) -> str:
    assert estimate.value is not None
    return f"{estimate.value:.1%} [{estimate.low:.1%}, {estimate.high:.1%}]"


if __name__ == "__main__":
    sys.exit(main())
