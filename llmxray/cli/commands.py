"""The application: its commands, and how errors become messages and exit codes.

Exit codes: 0 done, 1 the experiment or a verification failed, 2 bad input, 130 interrupted.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from llmxray import __version__, sandbox
from llmxray.cli import help
from llmxray.cli.terminal import one_line, prepare_streams, say
from llmxray.errors import LlmxrayError

_INTERRUPTED = 130

_COMMANDS = {
    "Run and report": {
        "demo": "run:demo",
        "run": "run:run",
        "report": "run:report",
        "compare": "new:compare",
        "open": "run:open_site",
        "gate": "results:gate",
        "ledger": "results:ledger",
    },
    "Write an experiment": {
        "new": "new:new",
        "check": "experiment:check",
        "suites": "experiment:suites",
    },
    "Share": {
        "pack": "pack:pack",
        "unpack": "pack:unpack",
        "reproduce": "pack:reproduce",
        "publish": "publish:publish",
        "export": "results:export",
    },
    "Teach": {
        "brief": "coursework:brief",
        "grade": "coursework:grade",
    },
    "Servers": {"probe": "proxy:probe", "proxy": "proxy:proxy", "local": "proxy:local"},
    "Files": {"cassette": "cassette:app"},
}
"""By task, ``module:function`` of this package for each command."""


app = help.group(
    "Record language-model experiments once, replay them anywhere, publish them as a static site.", _COMMANDS
)


@app.callback()
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
    folder: Annotated[
        Path,
        typer.Option("-C", help="Work in this folder, which has `experiments/` and `cassettes/`."),
    ] = Path(),
    trust: Annotated[
        bool,
        typer.Option("--trust", help="Read files of others without limits of memory and time."),
    ] = False,
) -> None:
    sandbox.trusted = trust
    if folder != Path():
        os.chdir(folder)
    if version:
        say(f"llmxray {__version__}")
        raise typer.Exit
    help.show_help(context)


def main(arguments: list[str] | None = None) -> None:
    """Run a command line and exit with its code; llmxray's errors are one line on standard error."""
    # Python processes that are started from here must not look for modules in the working directory first: there, a
    # stranger's `multiprocessing.py` would run.
    os.environ["PYTHONSAFEPATH"] = "1"
    prepare_streams()
    try:
        # Without standalone mode, Typer raises errors; else it would print them in several lines and exit.
        code = app(args=arguments, standalone_mode=False)
    except LlmxrayError as error:
        fail(str(error), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        code = _INTERRUPTED
    except typer.TyperException as error:
        # Typer raises usage errors, such as for an unknown option or command.
        fail(_usage_message(error), 2)
    except BrokenPipeError:
        sys.stderr.close()  # the program that reads the output has ended, as `head` does
        sys.exit(0)
    except RecursionError:
        # A stranger's file may open brackets without end.
        fail("a file is nested too deeply to be read", 2)
    except MemoryError:
        fail("a file takes more memory than this machine has: take a smaller one, or a larger machine", 2)
    except (OSError, UnicodeError) as error:
        # Raised for a file in place of a folder or the reverse, and for text in another encoding.
        fail(_system_message(error), 2)
    if code == _INTERRUPTED:  # Typer turns Ctrl-C into this code
        # A second Ctrl-C ends the process: otherwise Python would print a traceback.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        fail("interrupted: everything recorded so far is kept; the same command goes on from there", code)
    sys.exit(code if isinstance(code, int) else 0)


def _usage_message(error: typer.TyperException) -> str:
    message = str(getattr(error, "format_message", error.__str__)())
    context = getattr(error, "ctx", None)
    if context is None:
        return message
    joint = " See" if message.endswith("?") else "; see"
    return f"{message.rstrip('.')}{joint} `{context.command_path} --help`"


def _system_message(error: OSError | UnicodeError) -> str:
    if isinstance(error, UnicodeError):
        return f"a file is not UTF-8 text ({error}): save it as UTF-8"
    prefix = f"{error.filename}: " if error.filename else ""
    return f"{prefix}{(error.strerror or str(error)).lower()}"


def fail(message: str, code: int) -> None:
    """Print one line to standard error and exit."""
    try:
        say(f"llmxray: {one_line(message)}", err=True)
    except OSError:
        # The disk is full, or the reader has gone. Python would try again and change the code.
        with suppress(OSError):
            sys.stderr.close()
    sys.exit(code)
