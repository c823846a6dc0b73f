"""The same questions in another tool's static viewer: the bundle of Inspect (inspect_ai), from PyPI.

    LLMXRAY_SHARED=… python bench/bench_inspect.py [QUESTIONS [CONDITIONS]]

A virtual environment of its own gets inspect_ai; logs are written through Inspect's own API, one a condition, with
a one-letter answer a question and no logprobs, and bundled with ``inspect view bundle``. Measured: bytes of the
viewer and of the data, what a double-click shows, and how long Inspect's own web server and Chromium take until
the accuracy of a log can be read.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

ROUNDS = 5
LETTERS = "ABCDEFGHIJ"


def write_logs(questions: Path, folder: Path, conditions: int) -> None:
    """Write the logs; runs inside Inspect's environment."""
    # This runs with the Python of Inspect's environment, which has none of our packages: nothing of ours at the top.
    import random  # noqa: PLC0415

    from inspect_ai.log import (  # type: ignore[import-not-found]  # noqa: PLC0415
        EvalConfig,
        EvalDataset,
        EvalLog,
        EvalMetric,
        EvalResults,
        EvalSample,
        EvalScore,
        EvalSpec,
        write_eval_log,
    )
    from inspect_ai.model import (  # type: ignore[import-not-found]  # noqa: PLC0415
        ChatMessageAssistant,
        ChatMessageUser,
        ModelOutput,
    )
    from inspect_ai.scorer import Score  # type: ignore[import-not-found]  # noqa: PLC0415

    items = [json.loads(line) for line in questions.read_text("utf-8").split("\n") if line]
    rng = random.Random(1)
    for number in range(conditions):
        model = f"mockllm/made-{number}"
        samples = []
        for item in items:
            right = rng.random() < 0.3 + 0.07 * number
            said = item["answer"] if right else rng.choice(LETTERS[: len(item["choices"])])
            asked = "\n".join(
                [
                    item["question"],
                    *(f"{a}) {b}" for a, b in zip(LETTERS, item["choices"], strict=False)),
                ]
            )
            samples.append(
                EvalSample(
                    id=item["id"],
                    epoch=1,
                    input=item["question"],
                    choices=item["choices"],
                    target=item["answer"],
                    messages=[ChatMessageUser(content=asked), ChatMessageAssistant(content=said)],
                    output=ModelOutput.from_content(model, said),
                    scores={"choice": Score(value="C" if said == item["answer"] else "I", answer=said)},
                    metadata={"category": item["category"]},
                )
            )
        share = sum(each.scores["choice"].value == "C" for each in samples) / len(samples)
        log = EvalLog(
            status="success",
            eval=EvalSpec(
                created=f"2026-01-01T00:00:{number:02}+00:00",
                task="mmlu_pro",
                dataset=EvalDataset(name="mmlu_pro", samples=len(samples)),
                model=model,
                config=EvalConfig(),
            ),
            results=EvalResults(
                total_samples=len(samples),
                completed_samples=len(samples),
                scores=[
                    EvalScore(
                        name="choice",
                        scorer="choice",
                        metrics={"accuracy": EvalMetric(name="accuracy", value=share)},
                    )
                ],
            ),
            samples=samples,
        )
        write_eval_log(log, str(folder / f"2026-01-01T00-00-{number:02}+00-00_mmlu-pro_made{number}.eval"))


def size_bytes(folder: Path) -> int:
    """Bytes of every file below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def browse(bundle: Path, address: str) -> dict[str, Any]:
    """From disk: what is seen. From the server: milliseconds until there is something to read."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    found: dict[str, Any] = {}
    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))))
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.set_default_timeout(20_000)
        said: list[str] = []
        page.on("console", lambda each: said.append(each.text) if each.type == "error" else None)
        page.goto((bundle / "index.html").as_uri())
        page.wait_for_timeout(3000)
        found["from disk, characters shown"] = len(page.inner_text("body").strip())
        found["from disk, errors"] = "; ".join(said)[:160]

        page.close()
        # Its policy forbids what Playwright waits with.
        page = browser.new_context(bypass_csp=True).new_page()

        def rounds(measure: Callable[[], float]) -> dict[str, float]:
            # The first round warms the browser up.
            taken = [measure() for _ in range(ROUNDS + 1)][1:]
            return {"min": round(min(taken)), "median": round(median(taken))}

        def opened() -> float:
            page.goto("about:blank")
            page.goto(address)
            page.wait_for_selector("text=/accuracy/i")
            return float(page.evaluate("performance.now()"))

        found["from its server, until the accuracy of a log is shown, ms"] = rounds(opened)
        browser.close()
    return found


def main() -> None:
    """Print the figures."""
    if sys.argv[1:2] == ["--logs"]:
        write_logs(Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
        return
    shared = os.environ.get("LLMXRAY_SHARED", "")
    rows = Path(shared) / "data/mmlu_pro/test_full.parquet"
    if not shared or not rows.exists():
        print("bench_inspect: LLMXRAY_SHARED names no folder with data/mmlu_pro/test_full.parquet")
        return
    limit, conditions = (int(each) for each in [*sys.argv[1:], *("12032", "1")[len(sys.argv) - 1 :]][:2])
    import made  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Installing takes minutes: whoever measures again names an environment that stays.
        python = _environment(Path(os.environ.get("BENCH_INSPECT_VENV", folder / "venv")))
        suite = made.mmlu_pro(rows, None if limit >= 12_032 else limit)
        lines = [
            {
                "id": i.id,
                "question": i.question,
                "choices": i.choices,
                "answer": i.answer,
                "category": i.category,
            }
            for i in suite.items
        ]
        (folder / "questions.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
        (folder / "logs").mkdir()
        began = time.perf_counter()
        _run(python, __file__, "--logs", folder / "questions.jsonl", folder / "logs", conditions)
        print(f"logs written, s: {time.perf_counter() - began:.1f}")
        inspect = python.parent / "inspect"
        began = time.perf_counter()
        _run(inspect, "view", "bundle", "--log-dir", folder / "logs", "--output-dir", folder / "bundle")
        whole, data = (size_bytes(folder / each) / 1e6 for each in ("bundle", "bundle/logs"))
        print(
            f"bundle: viewer {whole - data:.1f} MB, data {data:.1f} MB, in {time.perf_counter() - began:.1f} s"
        )
        port = _free_port()
        server = subprocess.Popen(
            [inspect, "view", "start", "--log-dir", folder / "logs", "--port", str(port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait(port)
            for what, value in browse(folder / "bundle", f"http://127.0.0.1:{port}/").items():
                print(f"{what}: {value}")
        finally:
            server.terminate()
            server.wait(20)


def _environment(folder: Path) -> Path:
    python = folder / "bin/python"
    if not python.exists():
        venv.create(folder, with_pip=True)
        _run(python, "-m", "pip", "install", "-q", "inspect_ai")
    version = _run(python, "-c", "import inspect_ai; print(inspect_ai.__version__)")
    print(f"inspect_ai {version.strip()}")
    return python


def _run(*command: object) -> str:
    return subprocess.run(list(map(str, command)), check=True, stdout=subprocess.PIPE, text=True).stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("Inspect's server did not start")


if __name__ == "__main__":
    main()
