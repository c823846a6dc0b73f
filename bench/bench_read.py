"""How long a log of another tool takes to become a site: 10,000 samples of an Inspect log, with log-probabilities.

python bench/bench_read.py [SAMPLES]
"""

from __future__ import annotations

import json
import math
import random
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from llmxray import workflow

SAMPLES, WANTED_S = 10_000, 20.0
LETTERS = "ABCD"


def sample(n: int, rng: random.Random) -> dict[str, object]:
    """A multiple-choice sample with four tokens, the last one a letter with its alternatives; A is right."""
    letter = "A" if rng.random() < 0.7 else rng.choice("BCD")
    p = rng.uniform(0.3, 0.98)
    top = [
        {"token": f" {each}", "logprob": math.log(p if each == letter else (1 - p) / 3)} for each in LETTERS
    ]
    tokens = [{"token": each, "logprob": -0.01, "top_logprobs": top} for each in ("ANS", "WER", ":")]
    tokens.append({"token": f" {letter}", "logprob": math.log(p), "top_logprobs": top})
    said = f"ANSWER: {letter}"
    choice = {
        "message": {"role": "assistant", "content": said},
        "stop_reason": "stop",
        "logprobs": {"content": tokens},
    }
    asked = f"Answer with one letter.\n\n{'Some words of the question. ' * 12}What is {n} + {n}?"
    return {
        "id": f"q{n}",
        "epoch": 1,
        "input": asked,
        "choices": [str(2 * n), str(2 * n + 1), str(2 * n + 2), str(3 * n + 7)],
        "target": "A",
        "messages": [{"role": "user", "content": asked}, choice["message"]],
        "output": {
            "choices": [choice],
            "usage": {"input_tokens": 90, "output_tokens": 4},
            "time": rng.uniform(0.1, 1),
        },
        "scores": {"choice": {"value": "C" if letter == "A" else "I", "answer": letter}},
        "metadata": {"subject": f"subject {n % 14}"},
        # A transcript repeats what was said, as real ones do.
        "events": [{"event": "model", "output": {"choices": [choice]}, "input": asked}] * 2,
    }


def write(path: Path, n: int) -> None:
    """A log of that many samples."""
    rng = random.Random(1)
    head = {
        "version": 2,
        "status": "success",
        "eval": {"task": "sums", "model": "made", "packages": {"inspect_ai": "0"}},
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.json", json.dumps(head))
        for number in range(n):
            archive.writestr(f"samples/q{number}_epoch_1.json", json.dumps(sample(number, rng)))


def main(n: int) -> None:
    """Write, read alone, then the whole command."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.eval"
        write(log, n)
        began = time.process_time()
        (found,) = workflow.read_files([log])
        reading = time.process_time() - began
        assert len(found.results.rows) == n
        began = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "llmxray", "report", str(log), "--out", f"{folder}/site"],
            check=True,
            capture_output=True,
        )
        wall = time.monotonic() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{n:,} samples, {'within' if wall < WANTED_S else 'over'} {WANTED_S:.0f} s")
    print(f"reading and scoring alone: {reading:.1f} s of processor time")
    print(f"`llmxray report`: {wall:.1f} s; {used.ru_utime + used.ru_stime:.1f} s of processor time")
    print(f"peak memory of one process: {used.ru_maxrss / 1024:,.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES)
