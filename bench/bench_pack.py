"""How small is a pack? Beside a zip of the raw streams it holds, as somebody without it would share them.

Two experiments:

- the shipped `model-showdown`, real answers of the embedded models;
- thousands of questions of MMLU-Pro (rows from the folder that LLMXRAY_SHARED names; left out without it), two
  conditions, answers made by `made.py`: a letter with twenty alternatives, told as llama.cpp tells it.

The zip holds one file a reply and is compressed (deflate, level 9). The pack holds more: the experiment, the plan,
the questions, every request, times, and the claimed figures; its parts are listed.

    python bench/bench_pack.py [QUESTIONS]
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path

import made
import numpy as np

from llmxray import plan as plans
from llmxray import workflow
from llmxray.cassette import Address, Cassette, Journal, lock_cassette, seal, write_plan
from llmxray.types import Chunk, Completion, EndCause, Interaction
from llmxray.workflow import Prepared, Workspace

QUESTIONS = 3000
ROOT = Path(__file__).parent.parent
EXPERIMENT = """\
experiment: bench-pack
kind: benchmark
endpoints: {{bench: {{base_url: "http://127.0.0.1:9/v1"}}}}
models:
  - {{id: made-0, endpoint: bench, model: made-0}}
  - {{id: made-1, endpoint: bench, model: made-1}}
suites: [{{suite: mmlu_pro, source: {{file: "{file}"}}, limit: {questions}}}]
sampling: {{temperature: 0, seed: 7, top_logprobs: 20}}
"""


def stream(reply: Completion, model: str, rng: random.Random) -> list[bytes]:
    """A reply as llama.cpp streams it: role, token with its alternatives, end, usage."""
    # As random as a server's: ids are what compresses worst in such a stream.
    name = "".join(rng.choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", k=32))
    rest = {
        "created": 1_795_534_200 + rng.randrange(9999), "id": f"chatcmpl-{name}", "model": model,
        "system_fingerprint": "b0-unknown", "object": "chat.completion.chunk",
    }  # fmt: skip
    (token,) = reply.tokens
    tops = [entry(each.token, each.logprob_nats) for each in token.top]
    said = {**entry(token.token, token.logprob_nats), "top_logprobs": tops}
    choices = (
        {"finish_reason": None, "index": 0, "delta": {"role": "assistant", "content": None}},
        {
            "finish_reason": None,
            "index": 0,
            "delta": {"content": token.token},
            "logprobs": {"content": [said]},
        },
        {"finish_reason": "stop", "index": 0, "delta": {}},
    )
    events: list[dict[str, object]] = [{"choices": [choice], **rest} for choice in choices]
    tokens = {"completion_tokens": reply.completion_tokens, "prompt_tokens": reply.prompt_tokens}
    events.append({"choices": [], **rest, "usage": tokens})
    return [f"data: {json.dumps(each, separators=(',', ':'))}\n\n".encode() for each in events] + [
        b"data: [DONE]\n\n"
    ]


def entry(token: str, logprob_nats: float) -> dict[str, object]:
    """A token's entry; the number is a float32, as llama.cpp computes it."""
    return {
        "id": sum(token.encode()) * 7 % 49_000, "token": token, "bytes": list(token.encode()),
        "logprob": float(np.float32(logprob_nats)),
    }  # fmt: skip


def record(folder: Path, questions: int) -> Prepared:
    """The made experiment, every request answered and sealed."""
    rows = Path(os.environ["LLMXRAY_SHARED"]) / "data" / "mmlu_pro" / "test_full.parquet"
    path, where = folder / "bench-pack.yaml", Workspace(folder / "cassettes", outside=True)
    path.write_text(EXPERIMENT.format(file=rows.resolve().as_posix(), questions=questions), "utf-8")
    prepared = workflow.prepare(path, where)
    replies, rng = made.Made(prepared.plan), random.Random(made.SEED)
    with lock_cassette(prepared.cassette):
        frozen = plans.freeze(prepared.plan, prepared.source)
        write_plan(prepared.cassette, "bench-pack", frozen, software={})
        with Journal(prepared.cassette) as journal:
            for condition, request in prepared.plan.requests():
                reply = replies.completion(Address(request.key, 0, 0))
                times = (reply.ttft_s or 0.0) + 0.001 * rng.random()
                pieces = stream(reply, condition.model, rng)
                chunks = tuple(Chunk(round(times + 0.0004 * n, 6), raw) for n, raw in enumerate(pieces))
                journal.append(
                    Interaction(
                        request.key, 0, 0, condition.endpoint, request.body, 200,
                        (("content-type", "text/event-stream"),), chunks, EndCause.CLEAN,
                        started_at="2026-01-01T00:00:00.000Z",
                    )
                )  # fmt: skip
        seal(prepared.cassette)
    return workflow.prepare(path, where)


def zipped(cassette: Cassette, target: Path) -> tuple[int, int, int]:
    """(bytes of a zip with every raw reply in a file of its own, replies, bytes of the replies)."""
    count = raw = 0
    # At its best level, as the other side of a comparison should be.
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for number, each in enumerate(cassette.all_entries()):
            body = cassette.get(each.address).body
            archive.writestr(f"{number:05d}.sse", body)
            count, raw = count + 1, raw + len(body)
    return target.stat().st_size, count, raw


def measure(prepared: Prepared, folder: Path) -> None:
    """Pack an experiment, zip its streams, and print both."""
    cassette = Cassette(prepared.cassette)
    other, count, raw = zipped(cassette, folder / "raw.zip")
    began = time.perf_counter()
    manifest = workflow.make_pack(prepared, workflow.read_results(prepared), folder / "x.xray.zip")
    took = time.perf_counter() - began
    pack = (folder / "x.xray.zip").stat().st_size
    trials = len(prepared.plan.trials)
    print(f"{prepared.experiment.experiment}: {trials:,} answers in {count:,} replies, {raw:,} raw bytes")
    print(f"  pack {pack:,} bytes, {pack / trials:.0f} an answer (made in {took:.0f} s)")
    print(f"  zip of the raw streams {other:,} bytes: the pack is 1/{other / pack:.1f} of it")
    parts: Counter[str] = Counter()
    for file in manifest.files:
        parts[part_of(file.name)] += file.bytes
    print("  " + ", ".join(f"{name} {size / pack:.0%}" for name, size in parts.most_common()))


def part_of(name: str) -> str:
    """What a member of a pack is."""
    last = name.rsplit("/", 1)[-1]
    if "/recordings/" in name:
        return "replies"
    return last.split(".")[0] if name.startswith("cassettes/") else last


def main() -> None:
    """Measure and print."""
    questions = int(sys.argv[1]) if len(sys.argv) > 1 else QUESTIONS
    shipped = Workspace(ROOT / "cassettes", ROOT / "experiments")
    with tempfile.TemporaryDirectory() as folder:
        measure(workflow.prepare(shipped.find("model-showdown"), shipped), Path(folder))
    if not os.environ.get("LLMXRAY_SHARED"):
        print("thousands of questions were left out: LLMXRAY_SHARED is unset")
        return
    with tempfile.TemporaryDirectory() as folder:
        measure(record(Path(folder), questions), Path(folder))


if __name__ == "__main__":
    main()
