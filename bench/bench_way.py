"""How many of our files does one answer pass? Files that are entered, counted by a trace of calls.

One trial from the cassette to its row, and the same model's confidence from the rows to the dots of the calibration
page. What is imported, or computed once for the whole report, is done before the trace begins.

    python bench/bench_way.py [EXPERIMENT]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import CodeType

import llmxray
from llmxray import results, workflow
from llmxray.cassette import Cassette
from llmxray.report.analysis import Analysis
from llmxray.report.pages import calibration
from llmxray.workflow import Workspace, coursework

ROOT = Path(__file__).parents[1]
PACKAGE = str(Path(llmxray.__file__).parent)
MOST_TO_ROW, MOST_TO_DOT = 15, 10


def files_entered(job: Callable[[], object]) -> list[str]:
    """Files of the package in which a function, comprehension or class body began, in order."""
    entered: dict[str, None] = {}

    def start(code: CodeType, _: int) -> object:
        if code.co_filename.startswith(PACKAGE):
            entered.setdefault(code.co_filename.removeprefix(PACKAGE).lstrip("/"))
        return sys.monitoring.DISABLE

    tool, events = sys.monitoring.PROFILER_ID, sys.monitoring.events
    sys.monitoring.use_tool_id(tool, "way")
    sys.monitoring.register_callback(tool, events.PY_START, start)
    sys.monitoring.set_events(tool, events.PY_START)
    sys.monitoring.restart_events()
    try:
        job()
    finally:
        sys.monitoring.set_events(tool, 0)
        sys.monitoring.free_tool_id(tool)
    return list(entered)


def main() -> None:
    """Print both ways."""
    where = Workspace(ROOT / "cassettes", ROOT / "experiments")
    name = sys.argv[1] if len(sys.argv) > 1 else "model-showdown"
    prepared = workflow.prepare(where.find(name), where)
    rows = results.iter_rows(prepared.plan, Cassette.existing(prepared.cassette))
    next(rows)
    to_row = files_entered(lambda: next(rows))

    analysis = Analysis(coursework.recorded_data(prepared))
    view = analysis.views[0]
    calibration.diagram(analysis, analysis.views[1])
    to_dot = files_entered(lambda: calibration.diagram(analysis, view))
    for label, files, most in (("to its row", to_row, MOST_TO_ROW), ("to its dot", to_dot, MOST_TO_DOT)):
        print(f"{label}: {len(files)} files (wanted: at most {most}): {', '.join(files)}")


if __name__ == "__main__":
    main()
