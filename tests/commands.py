"""The command line, run in this process: a new Python loads its libraries for seconds, and most tests need none."""

import io
import os
import subprocess
import sys
from contextlib import ExitStack, chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

from llmxray.cli import main

ROOT = Path(__file__).parents[1]


def llmxray(*arguments: str, at: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A command run in a folder: its exit code, and what it printed; other errors than llmxray's are raised.

    Signals, streams that close, what is imported, and what is held to a limit need a process of their own.
    """
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    code: int | str | None = None
    with ExitStack() as stack:
        # `main` sets a variable for the processes that it starts.
        stack.enter_context(patch.dict(os.environ, environment))
        # On a machine of one core: processes that help would load the libraries first. With --jobs they do.
        stack.enter_context(patch("os.cpu_count", return_value=1))
        for context in (chdir(at), redirect_stdout(out), redirect_stderr(err)):
            stack.enter_context(context)
        try:
            main(list(arguments))
        except SystemExit as end:
            code = end.code
    assert isinstance(code, int), code
    said, told = (stream.buffer.getvalue().decode() for stream in (out, err))  # type: ignore[attr-defined]
    return subprocess.CompletedProcess(arguments, code, said, told)


def python(
    *arguments: str | Path, at: Path | None = None, check: bool = True, **environment: str
) -> subprocess.CompletedProcess[str]:
    """A Python of its own that finds this llmxray; unless nothing is checked, it must end well."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    command = [sys.executable, *map(str, arguments)]
    done = subprocess.run(command, cwd=at, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0 or not check, done.stderr
    return done
