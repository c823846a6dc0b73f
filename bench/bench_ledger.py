"""A thousand experiments of 12,032 questions each in one ledger: in what time, in how much memory, and does it open?

Made up here, in the file that `llmxray report` writes: ``ledger.json`` of one model each. A model has an ability, a
question a difficulty; wrong answers fall on one popular option more often than on the others. Every tenth experiment
was asked a few questions less. Ten keys are wrong: abler models give the same other answer. `llmxray ledger` then runs
in a process of its own, and Chromium opens the page from the disk.

    python bench/bench_ledger.py [EXPERIMENTS] [QUESTIONS] [--keep FOLDER]
"""

from __future__ import annotations

import argparse
import csv
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from llmxray.report.analysis import ledger_entry
from llmxray.types import LETTERS

WANTED_S, WANTED_MB, WANTED_OPEN_S, WANTED_FILTER_MS = 60, 1000, 0.5, 50
EXPERIMENTS, QUESTIONS, LEFT_OUT, OPTIONS, WRONG_KEYS = 1000, 12_032, 32, 10, 10
SUITE = "mmlu_pro"
CHROMIUM = "/usr/bin/chromium"


def write(folder: Path, questions: int, number: int) -> None:
    """The files of one experiment."""
    shared = np.random.default_rng(0)
    hard, key = shared.normal(0, 1.2, questions), shared.integers(0, OPTIONS, questions)
    popular = (key + shared.integers(1, OPTIONS, questions)) % OPTIONS
    rng = np.random.default_rng(number + 1)
    n = questions - LEFT_OUT if number % 10 == 9 else questions
    right = rng.random(n) < 1 / (1 + np.exp(hard[:n] - rng.normal(0.5, 1)))
    wrong = np.where(rng.random(n) < 0.4, popular[:n], (key[:n] + rng.integers(1, OPTIONS, n)) % OPTIONS)
    answer = np.where(right, key[:n], wrong)
    stated = key[:n].copy()
    # The file says another letter than the one that is right.
    stated[:WRONG_KEYS] = (key[:WRONG_KEYS] + 1) % OPTIONS
    name, model = f"made-{number:04}", f"Model {number:04}"
    keys = tuple(f"q{place:05}#abcdef" for place in range(n))
    right_answers = tuple(LETTERS[place].lower() for place in stated)
    asked = ledger_entry.Questions(
        keys=keys, categories=tuple(f"category {at % 14}" for at in range(n)), answers=right_answers
    )
    answers = tuple(LETTERS[place].lower() for place in answer)
    run = ledger_entry.LedgerRun(
        experiment=name,
        title=f"Made-up experiment {number}",
        id="m",
        label=model,
        model=model,
        asked="letter, zero-shot",
        scores={
            SUITE: ledger_entry.QuestionScores(
                shares=(answer == stated).astype(float), answers=answers, questions=asked
            )
        },
    )
    entry = ledger_entry.LedgerEntry(suites={SUITE: "MMLU-Pro"}, runs=(run,), questions={SUITE: asked})
    (folder / name).mkdir()
    (folder / name / ledger_entry.NAME).write_bytes(ledger_entry.dump(entry))


def build(folder: Path, out: Path) -> None:
    """Build the ledger in a process of its own."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-m", "llmxray", "ledger", str(folder), "--out", str(out)], check=True)
    seconds = time.perf_counter() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    peak, processor = used.ru_maxrss / 1000, used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file()) / 1e6
    page = (out / "ledger.html").stat().st_size / 1e6
    print(
        f"built in {seconds:.1f} s (wanted {WANTED_S}), {processor:.1f} s of them of a processor, "
        f"{peak:.0f} MB at most (wanted {WANTED_MB})"
    )
    print(f"written: {size:.1f} MB, of which the page {page:.2f} MB")
    with (out / "items.csv").open(encoding="utf-8", newline="") as file:
        flagged = [row["item_id"] for row in csv.DictReader(file) if row["suspicious"] == "yes"]
    planted = sum(each < f"q{WRONG_KEYS:05}" for each in flagged)
    print(f"suspicious: {planted} of {WRONG_KEYS} wrong keys, and {len(flagged) - planted} other items")


TYPED = """(word) => new Promise((resolve) => {
  const field = document.querySelector("input[name=q]");
  const began = performance.now();
  field.value = word;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  const scripted = performance.now() - began;
  void document.getElementById("ledger-table").offsetHeight;
  const laid = performance.now() - began;
  requestAnimationFrame(() => setTimeout(() => resolve([scripted, laid, performance.now() - began])));
})"""


def open_page(page: Path) -> None:
    """Open it and search, in Chromium; medians of five."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        opened, painted, busy = [], [], []
        for turn in range(5):
            tab = browser.new_context(offline=True, viewport={"width": 1280, "height": 900}).new_page()
            session = tab.context.new_cdp_session(tab)
            session.send("Performance.enable")
            began = time.perf_counter()
            tab.goto(page.as_uri(), wait_until="commit")
            tab.wait_for_selector(".ledger-tools:not([hidden])")
            opened.append(time.perf_counter() - began)
            painted.append(
                tab.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN")
            )
            measured = {
                each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]
            }
            busy.append(1000 * measured["TaskDuration"])
            if turn < 4:
                tab.context.close()
        print(
            f"opened, rows in place, in {np.median(opened):.2f} s (wanted {WANTED_OPEN_S}), "
            f"painted after {np.median(painted):.0f} ms; the page's own thread was busy for {np.median(busy):.0f} ms"
        )
        typed = [tab.evaluate(TYPED, word) for word in ("model 00", "77", "", "made-up 5", "09")]
        script, laid, frame = np.median(np.array(typed), axis=0)
        print(
            f"search: {script:.0f} ms of script, {laid:.0f} ms with layout (wanted {WANTED_FILTER_MS}), "
            f"{frame:.0f} ms to the next frame"
        )
        browser.close()


def main() -> None:
    """Make, build, open."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("experiments", nargs="?", type=int, default=EXPERIMENTS)
    parser.add_argument("questions", nargs="?", type=int, default=QUESTIONS)
    parser.add_argument(
        "--keep", type=Path, help="Folder of the made experiments; one that is there is used again."
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.keep or Path(temporary) / "made"
        if not folder.exists():
            folder.mkdir(parents=True)
            with ProcessPoolExecutor(2) as processes:
                list(
                    processes.map(
                        partial(write, folder, given.questions), range(given.experiments), chunksize=10
                    )
                )
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
        print(f"{given.experiments:,} experiments × {given.questions:,} questions, {size:,.0f} MB")
        out = Path(temporary) / "ledger"
        build(folder, out)
        open_page(out / "ledger.html")


if __name__ == "__main__":
    main()
