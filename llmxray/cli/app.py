"""The application: its commands, and what becomes of errors.

Exit codes: 0 done, 1 the experiment or a verification failed, 2 bad input, 130 interrupted.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from llmxray import __version__
from llmxray.cli import app_files, cassette, coursework, experiment, pack, proxy, publish, run
from llmxray.errors import LlmxrayError

_INTERRUPTED = 130

app = typer.Typer(
    name="llmxray",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("run")(run.run)
app.command("report")(run.report)
app.command("open")(run.open_site)
app.command("check")(experiment.check)
app.command("new")(experiment.new)
app.command("suites")(experiment.suites)
app.command("pack")(pack.pack)
app.command("unpack")(pack.unpack)
app.command("reproduce")(pack.reproduce)
app.command("brief")(coursework.brief)
app.command("slides")(coursework.slides)
app.command("committee")(coursework.committee)
app.command("grade")(coursework.grade)
app.command("publish")(publish.publish)
app.command("probe")(proxy.probe)
app.command("proxy")(proxy.proxy)
app.command("local")(proxy.local)
app.add_typer(cassette.app, name="cassette")
app.add_typer(app_files.app, name="app")


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"llmxray {__version__}")
        raise typer.Exit


@app.callback()
def about(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Print the version, and exit."
        ),
    ] = False,
) -> None:
    """Record language-model experiments once, replay them anywhere, publish them as a static site."""


def main(arguments: list[str] | None = None) -> None:
    """Run a command line and exit with its code; an error of ours is one line on standard error."""
    try:
        code = app(args=arguments, standalone_mode=False)
    except LlmxrayError as error:
        fail(str(error), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        code = _INTERRUPTED
    except typer.TyperException as error:
        # Typer's usage errors: an unknown option or command, a value that cannot be read.
        said = getattr(error, "format_message", error.__str__)()
        if said.startswith("Usage:"):  # no command was named: its help, which is no single line
            sys.stderr.write(f"{said}\n")
            sys.exit(2)
        fail(said, 2)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone, as `head` does
        sys.exit(0)
    except (OSError, UnicodeError) as error:
        # A file that is no folder, a folder that is no file, text in another encoding.
        fail(_of_the_system(error), 2)
    if code == _INTERRUPTED:  # Typer turns Ctrl-C into this code
        fail("interrupted: everything recorded so far is kept; the same command goes on from there", code)
    sys.exit(code if isinstance(code, int) else 0)


def _of_the_system(error: OSError | UnicodeError) -> str:
    if isinstance(error, UnicodeError):
        return f"a file is not UTF-8 text ({error}): save it as UTF-8"
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{(error.strerror or str(error)).lower()}"


def fail(message: str, code: int) -> None:
    """Print one line to standard error and exit."""
    sys.stderr.write("llmxray: " + " ".join(message.split()) + "\n")
    sys.exit(code)
