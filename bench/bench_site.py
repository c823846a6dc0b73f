"""How large a site can be: 12,032 real MMLU-Pro questions × 8 made conditions, built, opened and filtered.

    LLMXRAY_SHARED=… python bench/bench_site.py [QUESTIONS [CONDITIONS]]

The questions are read from ``data/mmlu_pro/test_full.parquet`` in the folder that ``LLMXRAY_SHARED`` names;
the answers are made (`made.py`). Each part runs in a process of its own. Wall time depends on what else the
machine does, so processor time stands beside it. `bench_inspect.py` shows the same questions in Inspect's viewer.
"""

from __future__ import annotations

import json
import os
import pickle
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

import made

from llmxray.report import build
from llmxray.report.site.build import write_experiment, write_index

LARGE, SMALL = "large", "small"
_FILTER = """async (word) => {
  const field = document.querySelector('[name=q]');
  const began = performance.now();
  field.value = word;
  field.dispatchEvent(new Event('input', {bubbles: true}));
  document.querySelector('table.questions').getBoundingClientRect();
  return performance.now() - began;
}"""


# By the page's own clock, counted from the start of its loading: asking from outside would add the way there and back.
_PAINTED = """(ready) => {
  const seen = new MutationObserver(() => {
    if (!document.querySelector(ready)) return;
    seen.disconnect();
    requestAnimationFrame(() => setTimeout(() => { window.painted = performance.now(); }));
  });
  seen.observe(document, {childList: true, subtree: true, attributes: true});
}"""


def clocks() -> tuple[float, float]:
    """Wall seconds, and processor seconds of this process and of those that it waited for."""
    return time.perf_counter(), sum(os.times()[:4])


def plan_large(plan: Path, questions: int, conditions: int) -> dict[str, float]:
    """Plan; a report has its plan from the cassette, and reads no Parquet."""
    suite = made.mmlu_pro(_rows(), None if questions >= 12_032 else questions)
    plan.parent.mkdir(parents=True, exist_ok=True)
    plan.write_bytes(pickle.dumps(made.planned(LARGE, suite, conditions)))
    return {}


def build_large(out: Path, plan: Path) -> dict[str, float]:
    """Score and build; the plan is not part of a build."""
    planned = pickle.loads(plan.read_bytes())
    before = clocks()
    data = made.scored(*planned)
    scored = clocks()
    write_experiment(out, data)
    write_index(out)
    done = clocks()
    return {
        "score, s": scored[0] - before[0],
        "score, processor s": scored[1] - before[1],
        "build, s": done[0] - scored[0],
        "build, processor s": done[1] - scored[1],
        "peak memory, GB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
        "of it mapped files of libraries, GB": _mapped_kb() / 1e6,
        "trials": len(data.results.rows),
    }


def _mapped_kb() -> int:
    """Resident memory that is code of libraries as it stands on the disk: the system may drop it, and shares it."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssFile:"))


def build_ten(out: Path) -> dict[str, float]:
    """Ten experiments; then one of them again."""
    suite = made.mmlu_pro(_rows(), 300)
    ten = [made.data(f"{SMALL}-{n}", suite, 2) for n in range(10)]
    began = clocks()
    build(ten, out)
    whole = clocks()
    # By their times: a file that is written again with the same bytes is work too.
    written = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    build(ten[3:4], out)
    one = clocks()
    again = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    return {
        "ten experiments, processor s": whole[1] - began[1],
        "one of ten again / all ten": (one[1] - whole[1]) / (whole[1] - began[1]),
        "files written by the rebuild": sum(written.get(path) != at for path, at in again.items()),
    }


def browse(site: Path) -> dict[str, Any]:
    """Open, filter, one question: milliseconds in Chromium from disk, without network."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    base = (site / LARGE).as_uri()
    ids = [line.split(",")[3] for line in (site / LARGE / "results.csv").open().readlines()[1:90:15]]
    asked = [f"q=mmlu_pro/{each}" for each in ids]
    pages = {
        "index": ("main h1", ["index.html"] * len(ids)),
        "questions": ("table[data-ready]", ["answers.html"] * len(ids)),
        "question": (".options", [f"answer.html?{each}" for each in asked]),
        "question, in a filtered view": (
            ".options",
            [f"answer.html?{each}#knew=1-7" for each in asked],
        ),
        "question, in a search": (".options", [f"answer.html?{each}#q=force" for each in asked]),
        "x-ray": ("#xray .token", [f"xray.html?{each}" for each in asked]),
    }
    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))))
        # As root, as in CI, Chromium does not start with its sandbox.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        found = {
            name: _opened(browser, ready, [f"{base}/{each}" for each in addresses])
            for name, (ready, addresses) in pages.items()
        }
        page = browser.new_context(offline=True).new_page()
        page.goto(f"{base}/answers.html")
        page.wait_for_selector("table[data-ready]")
        words = ("energy", "which", "force", "law", "mass", "heat")
        found["filter"] = _taken([float(page.evaluate(_FILTER, word)) for word in words])
        browser.close()
    return found


def _opened(browser: Any, ready: str, addresses: Sequence[str]) -> dict[str, float]:
    """Milliseconds until each page has painted what it was opened for."""
    context = browser.new_context(offline=True)
    context.add_init_script(f"({_PAINTED})({json.dumps(ready)})")
    page, taken = context.new_page(), []
    for address in addresses:
        # Or another fragment of the same address would not load it again.
        page.goto("about:blank")
        page.goto(address)
        page.wait_for_function("window.painted")
        taken.append(float(page.evaluate("window.painted")))
    return _taken(taken)


def _taken(each: Sequence[float]) -> dict[str, float]:
    # The first round warms the browser up.
    return {"min": round(min(each[1:])), "median": round(median(each[1:]))}


def index_bytes(site: Path) -> int:
    """The front page of the experiment with its styles and scripts."""
    html = (site / LARGE / "index.html").read_text("utf-8")
    static = [path for path in (site / "static").iterdir() if path.name in html]
    return len(html.encode()) + sum(path.stat().st_size for path in static)


def main() -> None:
    """Print the figures, the least and the most that issue D asks for beside them."""
    if sys.argv[1:2] == ["--part"]:
        part, out, *more = sys.argv[2:]
        if part == "plan":
            found = plan_large(Path(out), *map(int, more))
        else:
            found = build_ten(Path(out)) if part == "ten" else build_large(Path(out), Path(more[0]))
        print(json.dumps(found))
        return
    if "LLMXRAY_SHARED" not in os.environ or not _rows().exists():
        print(
            "bench_site: LLMXRAY_SHARED names no folder with data/mmlu_pro/test_full.parquet; nothing measured"
        )
        return
    size = [*sys.argv[1:3], "12032", "8"][:2] if len(sys.argv) < 3 else sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(os.environ.get("BENCH_SITE_OUT", folder))
        _part("plan", out / "plan", *size)
        _show(_part("large", out / "large", out / "plan"))
        files = [path.stat().st_size for path in (out / "large").rglob("*") if path.is_file()]
        print(f"site, MB: {sum(files) / 1e6:.1f}  (at most 80, aim 40) in {len(files)} files")
        print(f"index, kB: {index_bytes(out / 'large') / 1e3:.0f}  (at most 300, aim 100)")
        for name, taken in browse(out / "large").items():
            print(f"{name}, ms: min {taken['min']}, median {taken['median']}")
        _show(_part("ten", out / "ten"))


def _part(*arguments: object) -> dict[str, float]:
    command = [sys.executable, __file__, "--part", *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _show(found: dict[str, float]) -> None:
    for name, value in found.items():
        print(f"{name}: {value:.2f}")


def _rows() -> Path:
    return Path(os.environ["LLMXRAY_SHARED"]) / "data/mmlu_pro/test_full.parquet"


if __name__ == "__main__":
    main()
