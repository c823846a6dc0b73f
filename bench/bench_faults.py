"""Do the tests notice small faults? Plant those of tests/project/faults.md, and run the tests that could notice each.

The suite runs once without faults, and notes which tests run the lines in question (`fault_lines`). Then each fault
is planted alone into a temporary worktree of HEAD, and pytest runs with ``-x``: those tests, then the others of their
files. Where no test runs the line in its own process, those that import the module and its package run instead;
browser, cluster and project last. A failure counts only if the same test, alone, fails with the fault and passes
without it. A run longer than ``--timeout`` seconds counts as missed.

    python bench/bench_faults.py [--only 3,17] [--timeout 300] [--log FILE] [--hits FOLDER]

``--hits`` keeps what the first run notes, and uses it if it is there.

``--log`` appends one JSON line per fault. A second run with the same file goes on where the first ended, and tries
faults again whose tests took longer than its own ``--timeout``.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
TABLE = "tests/project/faults.md"
LAST = ("browser", "cluster", "project")
_CELL = re.compile(r"(?<!\\)\|")
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+?\.py(?:::.+?)?)(?: - .*)?$", re.MULTILINE)


class Fault(NamedTuple):
    """One row of the table."""

    number: int
    file: str
    old: str
    new: str


def read_faults(table: str) -> list[Fault]:
    """The faults in their order; the texts stand in backticks, a bar in them as ``\\|``."""
    rows = [_CELL.split(line)[1:-1] for line in table.splitlines() if re.match(r"\| \d+ \|", line)]
    cells = [[cell.strip().strip("`").replace("\\|", "|") for cell in row] for row in rows]
    return [Fault(int(row[0]), row[1], row[3], row[4]) for row in cells]


def imported(path: Path) -> set[str]:
    """Modules, and names that may be modules, that a Python file imports anywhere."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def note_hits(tree: Path, faults: list[Fault], folder: Path) -> dict[int, list[str]]:
    """The tests that run the lines of each fault, from one run of the suite without browsers."""
    if not list(folder.glob("hits-*.json")):
        lines = []
        for fault in faults:
            source = (tree / fault.file).read_text("utf-8")
            first = source.count("\n", 0, source.find(fault.old)) + 1
            many = range(first, first + fault.old.count("\n") + 1) if fault.old in source else ()
            lines += [[str(tree / fault.file), line, fault.number] for line in many]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "lines.json").write_text(json.dumps(lines))
        environ = {"FAULT_LINES": str(folder / "lines.json"), "PYTHONPATH": f"{tree}:{ROOT / 'bench'}"}
        command = [sys.executable, "-m", "pytest", "-p", "fault_lines", "-q", "-n", "2", "--dist", "loadfile"]
        subprocess.run([*command, "--ignore", "tests/browser"], cwd=tree, env={**os.environ, **environ})
    hits: dict[int, list[str]] = {}
    for path in sorted(folder.glob("hits-*.json")):
        for number, names in json.loads(path.read_text()).items():
            hits.setdefault(int(number), []).extend(names)
    return hits


class Tests:
    """The test files of a tree, by what they import."""

    def __init__(self, tree: Path, hits: dict[int, list[str]]) -> None:
        self._tree, self._hits = tree, hits
        self._imports = {path: imported(path) for path in sorted((tree / "tests").rglob("test_*.py"))}

    def of(self, fault: Fault) -> list[list[str]]:
        """Groups of tests or test files, in the order in which they are run."""
        if hits := self._hits.get(fault.number):
            return [hits, list(dict.fromkeys(name.split("::")[0] for name in hits))]
        file = fault.file
        found = self._of_script(file) if file.endswith(".js") else self._of_module(file)
        return [[path.relative_to(self._tree).as_posix() for _, path in sorted(found)]]

    def _of_module(self, file: str) -> Iterator[tuple[Any, Path]]:
        module = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        package = ".".join(module.split(".")[:2])
        for path, names in self._imports.items():
            direct = module in names
            if direct or any(f"{name}.".startswith(f"{package}.") for name in names):
                yield _place(path, module.split(".")[1:], direct=direct), path

    def _of_script(self, file: str) -> Iterator[tuple[Any, Path]]:
        """Tests of pages that mention the script or its page, and those that run scripts in node."""
        name = Path(file).parent.name if Path(file).stem == "page" else Path(file).stem
        for path, names in self._imports.items():
            is_of_pages = path.parent.name in ("report", "browser") and name in path.read_text("utf-8")
            if is_of_pages or "in_node" in names:
                direct = "in_node" in names or name in path.stem
                yield _place(path, ["report", name], direct=direct), path


def _place(path: Path, parts: list[str], *, direct: bool) -> tuple[Any, ...]:
    """Where a test file stands in the order: importers first, then those named alike, then short files."""
    folder, alike = path.parent.name, sum(part in path.stem for part in parts[1:])
    return not direct, folder in LAST, -alike, folder != parts[0], path.stat().st_size


def run_tests(tree: Path, names: list[str], skipped: set[str], seconds: float) -> str | None:
    """The first failing test, "" if all pass; None if time runs out."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-rfE", *names]
    command += [f"--deselect={name}" for name in sorted(skipped)]
    environ = {**os.environ, "PYTHONPATH": str(tree)}
    with tempfile.TemporaryFile("w+") as output:
        # A session of its own: servers and browsers end with it.
        run = subprocess.Popen(
            command, cwd=tree, env=environ, stdout=output, stderr=output, start_new_session=True
        )
        try:
            code = run.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        finally:
            with suppress(ProcessLookupError):
                os.killpg(run.pid, signal.SIGKILL)
            run.wait()
        output.seek(0)
        failed = _FAILED.search(output.read())
    # 5: no test was left to run. Any other end without a name is a failure of the run as a whole.
    return failed[1] if failed else "" if code in (0, 5) else f"{names[0]} (exit {code})"


def try_fault(tree: Path, fault: Fault, names: list[str], unfit: set[str], seconds: float) -> dict[str, Any]:
    """Plant a fault, run the tests, restore the file; ``unfit`` collects tests that fail for another reason."""
    path, began = tree / fault.file, time.monotonic()
    source = path.read_text("utf-8") if path.exists() else ""
    if source.count(fault.old) != 1:
        return {"result": "not found: plant again by hand"}

    def first_failure(names: list[str], skipped: set[str], limit: float, *, planted: bool) -> str | None:
        try:
            path.write_text(source.replace(fault.old, fault.new) if planted else source, "utf-8")
            return run_tests(tree, names, skipped, limit)
        finally:
            path.write_text(source, "utf-8")

    while names:
        left = seconds - (time.monotonic() - began)
        test = first_failure(names, unfit, left, planted=True) if left > 0 else None
        took = round(time.monotonic() - began)
        if not test:
            return {"result": "missed" if test == "" else "timed out", "seconds": took}
        # Alone as well, or a limit of time on a busy machine would count as a catch.
        if first_failure([test], set(), seconds, planted=True) and (
            first_failure([test], set(), seconds, planted=False) == ""
        ):
            return {"result": "caught", "test": test, "seconds": took}
        if test in unfit:
            return {"result": "missed", "test": f"{test} fails in any case", "seconds": took}
        unfit.add(test)
    return {"result": "missed"}


def main() -> None:
    """Plant, run and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", type=lambda text: {int(number) for number in text.split(",")})
    parser.add_argument("--timeout", type=float, default=300.0)
    parser.add_argument("--log", type=Path)
    parser.add_argument("--hits", type=Path)
    options = parser.parse_args()
    lines = options.log.read_text().splitlines() if options.log and options.log.exists() else []
    results: dict[int, dict[str, Any]] = {line["fault"]: line for line in map(json.loads, lines)}
    faults = read_faults((ROOT / TABLE).read_text("utf-8"))
    faults = [fault for fault in faults if not options.only or fault.number in options.only]
    with tempfile.TemporaryDirectory() as folder:
        tree, unfit = Path(folder) / "tree", set[str]()
        subprocess.run(["git", "worktree", "add", "-q", "--detach", tree, "HEAD"], cwd=ROOT, check=True)
        try:
            tests = Tests(tree, note_hits(tree, faults, options.hits or Path(folder) / "hits"))
            for fault in faults:
                before = results.get(fault.number, {"result": "timed out", "seconds": 0})
                if before["result"] == "timed out" and before["seconds"] < options.timeout - 1:
                    for names in tests.of(fault):
                        result = try_fault(tree, fault, names, unfit, options.timeout)
                        if result["result"] != "missed":
                            break
                    results[fault.number] = {"fault": fault.number, "file": fault.file, **result}
                    if options.log:
                        with options.log.open("a") as log:
                            log.write(json.dumps(results[fault.number]) + "\n")
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", tree], cwd=ROOT, check=True)
    print("| # | file | result | first failing test | seconds |\n|---|---|---|---|---|")
    shown = [results[fault.number] for fault in faults]
    for row in shown:
        print(
            "|",
            " | ".join(str(row.get(key, "")) for key in ("fault", "file", "result", "test", "seconds")),
            "|",
        )
    print(f"\n{sum(row['result'] == 'caught' for row in shown)} of {len(shown)} caught")


if __name__ == "__main__":
    main()
