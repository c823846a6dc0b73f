"""What does a large recording cost the driver of a cluster? MMLU-Pro, 12,032 questions × 8 models, in parts.

The rows are the folder's that LLMXRAY_SHARED names (``data/mmlu_pro/test_full.parquet``). The driver is the real one.
Its workers are not: a second process makes the answers of each part (one token with five alternatives) and seals them
as a worker does. The clock stands while the driver waits for a part. A part has as many trials as the driver gives out.

    python bench/bench_merge.py [QUESTIONS] [MODELS]
"""

from __future__ import annotations

import os
import pickle
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from bench_mmlu import EXPERIMENT, most_megabytes, stream

from llmxray import plan as plans
from llmxray import workflow
from llmxray.cassette import Cassette, Journal, lock_cassette, seal, verify, write_plan
from llmxray.cluster.engine import FinishedTask
from llmxray.types import Chunk, EndCause, Interaction
from llmxray.workflow import Workspace
from llmxray.workflow.cluster_recording import PartFinished, PartOptions
from llmxray.workflow.part_recording import PartResult, PartTask, ask_part_server, record_part, zip_cassette
from llmxray.workflow.server_needs import ServerNeeds

WANTED_S = 15.0
WORKERS, TRIAL_S = 8, 0.1


def made_part(task: PartTask) -> PartResult:
    """What a worker returns, with made answers."""
    plan = plans.thaw(task.frozen)
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder) / plan.experiment
        with lock_cassette(directory):
            write_plan(directory, plan.experiment, task.frozen, software={})
            with Journal(directory) as journal:
                for number, (condition, request) in enumerate(plan.requests()):
                    chunks = tuple(Chunk(0.01 * k, raw) for k, raw in enumerate(stream(number)))
                    journal.append(
                        Interaction(
                            request.key,
                            0,
                            0,
                            condition.endpoint,
                            request.body,
                            200,
                            (("content-type", "text/event-stream"),),
                            chunks,
                            EndCause.CLEAN,
                            "",
                            "2026-01-01T00:00:00.000Z",
                        )
                    )
            seal(directory)
        return PartResult(zip_cassette(directory), {}, "", TRIAL_S * len(plan.trials))


class MadeEngine:
    """In the place of `llmxray.cluster.engine.Engine`.

    Attributes:
        waited_s: how long the driver waited for parts.
        merging, merged: when the first part was given out, and when the last one was taken in.
        began_busy_s, ended_busy_s: processor time of this process then.
        sent_bytes, received_bytes, journal_bytes: tasks, sealed parts, and what the driver wrote of them.
    """

    def __init__(self, pool: ProcessPoolExecutor, cassette: Path) -> None:
        self.waited_s, self.merging, self.merged = 0.0, 0.0, 0.0
        self.began_busy_s, self.ended_busy_s = 0.0, 0.0
        self.sent_bytes = self.received_bytes = self.journal_bytes = 0
        self._cassette = cassette
        self._pool = pool
        self._under_way: deque[tuple[Any, str, Future[Any]]] = deque()

    def workers(self) -> list[str]:
        return [f"worker-{number}" for number in range(WORKERS)]

    def wait_for_workers(self, count: int = 1) -> list[str]:
        return self.workers()

    def submit(self, tag: Any, function: Callable[[Any], Any], argument: Any, *, worker: str = "") -> None:
        if function is ask_part_server:
            made: Future[Any] = Future()
            made.set_result((ServerNeeds({}, {}), ""))
        else:
            assert function is record_part
            if not self.merging:
                self.merging, self.began_busy_s = time.perf_counter(), time.process_time()
            made = self._pool.submit(made_part, argument)
            self.sent_bytes += len(pickle.dumps(argument))
        self._under_way.append((tag, worker, made))

    def everywhere(self, function: Callable[[], Any]) -> None:
        self.merged, self.ended_busy_s = time.perf_counter(), time.process_time()
        self.journal_bytes = (self._cassette / "journal.jsonl").stat().st_size

    def finished(self) -> Iterator[FinishedTask]:
        while self._under_way:
            tag, worker, made = self._under_way.popleft()
            began = time.perf_counter()
            result = made.result()
            self.waited_s += time.perf_counter() - began
            self.received_bytes += len(getattr(result, "cassette", b""))
            yield FinishedTask(tag, worker, result, "")


def megabytes() -> float:
    """Memory of this process now; only Linux tells, else 0."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)
    except OSError:
        return 0.0


def main() -> None:
    """Measure and print."""
    questions = int(sys.argv[1]) if len(sys.argv) > 1 else None
    models = int(sys.argv[2]) if len(sys.argv) > 2 else 8
    rows = Path(os.environ["LLMXRAY_SHARED"]) / "data" / "mmlu_pro" / "test_full.parquet"
    listed = ", ".join(f"{{id: m{n}, endpoint: bench, model: m{n}}}" for n in range(models))
    limit = f", limit: {questions}" if questions else ""
    text = EXPERIMENT.format(file=rows.resolve().as_posix(), limit=limit)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench-mmlu.yaml"
        path.write_text(text.replace("{id: m, endpoint: bench, model: m}", listed), "utf-8")
        prepared = workflow.prepare(path, Workspace(Path(folder) / "cassettes", outside=True))
        held: list[tuple[int, float]] = []

        def on_part(arrived: PartFinished) -> None:
            assert not arrived.again, arrived.again
            held.append((arrived.done, megabytes()))

        # Not forked: it would count this process's memory as its own.
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            engine = MadeEngine(pool, prepared.cassette)
            before, began, busy = megabytes(), time.perf_counter(), time.process_time()
            workflow.record_on_cluster(prepared, engine, PartOptions(), on_part=on_part)  # type: ignore[arg-type]
            ended, busy = time.perf_counter(), time.process_time() - busy
        merge_s = engine.merged - engine.merging - engine.waited_s
        trials, parts = held[-1][0], len(held)
        print(f"{trials} trials in {parts} parts; {before:.0f} MB before the first")
        print(f"plan frozen in {engine.merging - began:.1f} s")
        merge_busy_s = engine.ended_busy_s - engine.began_busy_s
        print(
            f"merge: {merge_s:.1f} s ({merge_busy_s:.1f} s of processor time), {trials / merge_s:.0f} a second; "
            f"wanted {WANTED_S:.0f} s for 96,256"
        )
        print(
            f"bytes a trial: {engine.sent_bytes / trials:.0f} to workers, {engine.received_bytes / trials:.0f} from "
            f"them, {engine.journal_bytes / trials:.0f} in the journal"
        )
        marks = [held[len(held) * quarter // 4 - 1] for quarter in (1, 2, 3, 4)]
        print("memory: " + ", ".join(f"{mb:.0f} MB after {done}" for done, mb in marks))
        print(f"sealed in {ended - engine.merged:.1f} s; peak of the process {most_megabytes('self'):.0f} MB")
        print(f"processor time of all of it: {busy:.1f} s")
        # Some questions of MMLU-Pro are repeated: their trials share a recording.
        assert len(Cassette(prepared.cassette)) == len({r.key for _, r in prepared.plan.requests()})
        assert not verify(prepared.cassette)


if __name__ == "__main__":
    main()
