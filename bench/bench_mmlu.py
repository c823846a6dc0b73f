"""How fast is a whole benchmark? 12,032 MMLU-Pro questions, plan → proxy → results, beside Inspect.

The rows are the folder's that LLMXRAY_SHARED names (``data/mmlu_pro/test_full.parquet``); the answers are made
here, one short reply with logprobs a question, and sealed into a cassette before the clock starts. Then, in a
process of its own as a run is: read the plan, replay every request through the proxy over HTTP,
score, and check every receipt. Inspect (inspect-ai) asks a server
that answers at once; it gets a virtual environment of its own in a cache folder, because it brings many packages,
and fewer questions, because it is slower.

    python bench/bench_mmlu.py [QUESTIONS] [--without-inspect]
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import peers
from aiohttp import web

from llmxray import plan as plans
from llmxray import workflow
from llmxray.cassette import Journal, lock_cassette, write_plan
from llmxray.types import Chunk, EndCause, Interaction
from llmxray.workflow import Workspace

WANTED_PER_S, MOST_MEGABYTES = 1500, 500
INSPECT, INSPECT_QUESTIONS = peers.PEERS["inspect_ai"][0], 300
EXPERIMENT = """\
experiment: bench-mmlu
kind: benchmark
endpoints: {{bench: {{base_url: "http://127.0.0.1:9/v1"}}}}
models: [{{id: m, endpoint: bench, model: m}}]
suites: [{{suite: mmlu_pro, source: {{file: "{file}"}}{limit}}}]
sampling: {{temperature: 0, seed: 7, top_logprobs: 5}}
answer: letter
"""


def stream(number: int) -> list[bytes]:
    """A streamed answer: a letter, its alternatives, usage."""
    letter = "ABCDEFGHIJ"[number % 4]
    # Other logprobs for every question, or the cassette would be smaller and faster than a real one.
    top = [{"token": f" {other}", "logprob": -0.4 - k - number % 89 / 128} for k, other in enumerate("ABCDE")]
    entry = {"token": f" {letter}", "logprob": top[number % 4]["logprob"], "top_logprobs": top}
    first = {"index": 0, "delta": {"content": f" {letter}"}, "logprobs": {"content": [entry]}}
    events = [
        {"id": f"c{number}", "object": "chat.completion.chunk", "choices": [first]},
        {"id": f"c{number}", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {"id": f"c{number}", "choices": [], "usage": {"prompt_tokens": 200, "completion_tokens": 1}},
    ]
    lines = [f"data: {json.dumps(event, separators=(',', ':'))}\n\n".encode() for event in events]
    return [*lines, b"data: [DONE]\n\n"]


def make(folder: Path, questions: int | None) -> Path:
    """The experiment file and its cassette, every request answered."""
    rows = Path(os.environ["LLMXRAY_SHARED"]) / "data" / "mmlu_pro" / "test_full.parquet"
    path = folder / "bench-mmlu.yaml"
    limit = f", limit: {questions}" if questions else ""
    path.write_text(EXPERIMENT.format(file=rows.resolve().as_posix(), limit=limit), "utf-8")
    prepared = workflow.prepare(path, Workspace(folder / "cassettes", outside=True))
    directory = prepared.cassette
    with lock_cassette(directory):
        with Journal(directory) as journal:
            for number, (_, request) in enumerate(prepared.plan.requests()):
                pieces = (Chunk(0.01 * k, raw) for k, raw in enumerate(stream(number)))
                headers = (("content-type", "text/event-stream"),)
                journal.append(
                    Interaction(
                        request.key,
                        0,
                        0,
                        "bench",
                        request.body,
                        200,
                        headers,
                        tuple(pieces),
                        EndCause.CLEAN,
                        "",
                        "",
                    )
                )
        # Plan and journal are sealed at once here; a recorder freezes first, and seals all of it again at the end.
        write_plan(directory, "bench-mmlu", plans.freeze(prepared.plan, prepared.source), software={})
    return path


def ours(path: Path, say: Connection) -> None:
    """Plan, replay, results; sends the seconds of each step, those of processor time, rows and megabytes."""
    steps, began = {}, time.perf_counter()
    where = Workspace(path.parent / "cassettes", outside=True)
    prepared = workflow.prepare(path, where)
    steps["plan, as frozen"] = time.perf_counter() - began
    results = asyncio.run(workflow.replay(prepared))
    steps["proxy and results"] = time.perf_counter() - began - steps["plan, as frozen"]
    say.send((steps, len(results.rows), most_megabytes(), time.process_time()))


def most_megabytes() -> float:
    """Peak memory of this process."""
    status = Path("/proc/self/status")
    if status.exists():
        # On Linux the peak that getrusage tells is inherited from the process that started this one.
        found = [each for each in status.read_text().splitlines() if each.startswith("VmHWM:")]
        return int(found[0].split()[1]) / 1024 if found else 0.0
    # Bytes on macOS.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)


def built(path: Path, say: Connection) -> None:
    """Building the plan from the rows, as before recording."""
    began = time.perf_counter()
    plan = workflow.prepare(path, Workspace(path.parent / "no-cassettes", outside=True)).plan
    say.send((time.perf_counter() - began, len(plan.trials)))


def apart(target: Callable[..., None], *arguments: object) -> tuple[Any, ...]:
    """What a function sends, run in a fresh process so that its memory is its own."""
    # Not forked: a forked process shares the pages of this one, which would count as its own.
    parent, child = get_context("spawn").Pipe()
    process = get_context("spawn").Process(target=target, args=(*arguments, child))
    process.start()
    child.close()
    answer: tuple[Any, ...] = parent.recv()
    process.join()
    return answer


def serve_at_once(say: Connection) -> None:
    """A server that answers every question "A", at once and not streamed, as Inspect asks."""
    reply = {
        "id": "c",
        "object": "chat.completion",
        "created": 0,
        "model": "m",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "ANSWER: A"}, "finish_reason": "stop"}
        ],
        "usage": {"prompt_tokens": 200, "completion_tokens": 3, "total_tokens": 203},
    }
    body = json.dumps(reply).encode()

    async def answer(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=body, content_type="application/json")

    async def main() -> None:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        say.send(f"http://127.0.0.1:{runner.addresses[0][1]}/v1")
        await asyncio.sleep(3600)

    asyncio.run(main())


INSPECT_TASK = """\
import json, sys, time
from inspect_ai import Task, eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.scorer import choice
from inspect_ai.solver import multiple_choice
rows = json.load(open(sys.argv[1]))
samples = [Sample(input=q, choices=c, target=a, id=i) for i, q, c, a in rows]
task = Task(dataset=MemoryDataset(samples), solver=multiple_choice(), scorer=choice())
def run(task):
    return eval(task, model="openai-api/bench/m", max_connections=16, display="none", log_dir=sys.argv[2],
                log_level="error")
run(Task(dataset=MemoryDataset(samples[:8]), solver=multiple_choice(), scorer=choice()))
began = time.perf_counter()
(log,) = run(task)
took = time.perf_counter() - began
assert log.status == "success", log.error
print(json.dumps([len(log.samples), took]))
"""


def inspect_rate(folder: Path, path: Path) -> float:
    """Questions a second of Inspect over the first questions."""
    plan = workflow.prepare(path, Workspace(folder / "cassettes", outside=True)).plan
    items = plan.suites["mmlu_pro"].items[:INSPECT_QUESTIONS]
    (folder / "rows.json").write_text(
        json.dumps([[each.id, each.question, each.choices, each.answer] for each in items]), "utf-8"
    )
    (folder / "task.py").write_text(INSPECT_TASK, "utf-8")
    python = peers.python_of("inspect_ai")
    with server() as url:
        env = {
            **os.environ,
            "BENCH_API_KEY": "none",
            "BENCH_BASE_URL": url,
            # Inspect must find its own packages, not ours.
            "PYTHONPATH": "",
            "PYTHONWARNINGS": "",
        }
        command = [python, folder / "task.py", folder / "rows.json", folder / "logs"]
        out = subprocess.run(command, env=env, check=True, capture_output=True, text=True, cwd=folder).stdout
    n, took = json.loads(out.strip().splitlines()[-1])
    return float(n / took)


class server:
    """The server that answers at once, in a process of its own."""

    def __enter__(self) -> str:
        context = get_context("spawn")
        parent, child = context.Pipe()
        self._process = context.Process(target=serve_at_once, args=(child,), daemon=True)
        self._process.start()
        return str(parent.recv())

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join()


def lines(folder: Path, questions: int | None, with_inspect: bool) -> Iterator[str]:
    """Measure, and say what came out."""
    began = time.perf_counter()
    path = make(folder, questions)
    yield f"cassette made and sealed in {time.perf_counter() - began:.0f} s"
    took, n = apart(built, path)
    yield f"plan built from the rows: {n} questions in {took:.1f} s"
    steps, n, megabytes, busy_s = apart(ours, path)
    total = sum(steps.values())
    for step, seconds in steps.items():
        yield f"{step}: {seconds:.1f} s"
    yield f"processor time: {busy_s:.1f} s, imports included"
    yield f"llmxray: {n} questions in {total:.1f} s, {n / total:.0f}/s (wanted {WANTED_PER_S})"
    yield f"         {megabytes:.0f} MB at most (wanted under {MOST_MEGABYTES})"
    if with_inspect:
        rate = inspect_rate(folder, path)
        yield f"{INSPECT}: {rate:.0f}/s over {INSPECT_QUESTIONS} questions"
        yield f"llmxray is {n / total / rate:.0f} times as fast"


def main() -> None:
    """Measure and print."""
    if "LLMXRAY_SHARED" not in os.environ:
        print("bench_mmlu: LLMXRAY_SHARED is unset: no MMLU-Pro rows to measure with")
        return
    numbers = [int(each) for each in sys.argv[1:] if each.isdigit()]
    with tempfile.TemporaryDirectory() as folder:
        for line in lines(Path(folder), numbers[0] if numbers else None, "--without-inspect" not in sys.argv):
            print(line, flush=True)


if __name__ == "__main__":
    main()
