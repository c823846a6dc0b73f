"""What the command line says of itself."""

import re
from pathlib import Path

import pytest

from llmxray import __version__
from tests.commands import llmxray, python


@pytest.mark.parametrize("group", [(), ("cassette",)])
def test_a_group_alone_shows_its_help(tmp_path, group):
    """Without a command there is nothing to refuse: the same page as ``--help``, on standard output."""
    alone, asked = llmxray(*group, at=tmp_path), llmxray(*group, "--help", at=tmp_path)
    assert (alone.returncode, alone.stdout) == (asked.returncode, asked.stdout)


def test_the_version_is_said(tmp_path):
    """``--version`` prints name and version, and does nothing else."""
    assert llmxray("--version", at=tmp_path).stdout == f"llmxray {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("rn",), r"No such command 'rn'. Did you mean 'run'\? See `.+ --help`"),
        (("pack",), r"Missing argument 'experiment'; see `.+ pack --help`"),
    ],
)
def test_a_usage_error_says_where_to_look(tmp_path, arguments, line):
    """The line ends with the command whose help tells more."""
    done = llmxray(*arguments, at=tmp_path)
    assert done.returncode == 2
    assert re.fullmatch(f"llmxray: {line}\n", done.stderr)


_LOADED = """
import sys
from llmxray.cli import main
try:
    main(sys.argv[1:])
finally:
    print(*sorted(sys.modules), file=sys.stderr)
"""


def loaded(root: Path, folder: Path, *arguments: str) -> set[str]:
    """The modules that a command has loaded when it ends."""
    done = python("-c", _LOADED, *arguments, at=folder)
    return set(done.stderr.splitlines()[-1].split())


_HELP_OF_EACH = """
import contextlib, io, sys
from typer.main import get_command
from llmxray.cli import main
from llmxray.cli.commands import app

def help_of(*words):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        main([*words, "--help"])
    print("llmxray", *words, *sorted({each.partition(".")[0] for each in sys.modules} & {HEAVY}))

def names(group):
    return list(getattr(group, "commands", ()))

help_of()
commands = get_command(app).commands
for name in names(get_command(app)):
    help_of(name)
    for inside in names(commands[name]):
        help_of(name, inside)
"""
_HEAVY = {
    *(
        "aiohttp",
        "altair",
        "dask",
        "datasets",
        "distributed",
        "huggingface_hub",
        "jinja2",
        "mitmproxy",
        "numpy",
    ),
    *("pandas", "polars", "pyarrow", "scipy", "vl_convert", "xllamacpp"),
}


def test_help_loads_no_room(root, tmp_path):
    """The help of the whole, and of each command, is there before anything that takes long to import.

    All in one process: what one of them loads stands in the lines of those after it as well.
    """
    done = python("-c", _HELP_OF_EACH.replace("{HEAVY}", repr(_HEAVY)), at=tmp_path)
    lines = done.stdout.splitlines()
    assert {"llmxray", "llmxray run", "llmxray cassette verify"} <= {*lines}
    assert len(lines) == len({*lines}) > 25
    assert not [line for line in lines if {*line.split()} & _HEAVY]


def test_a_command_loads_what_it_needs(root, tmp_path):
    """A version needs no room at all; a file is checked without servers, charts and statistics.

    Modules are counted, not seconds, which depend on the machine; the bounds are half as many again as there are.
    """
    version = loaded(root, tmp_path, "--version")
    assert not {"numpy", "aiohttp", "rich", "llmxray.workflow", "llmxray.experiment"} & version
    assert len(version) < 400
    assert llmxray("new", "calibration", at=tmp_path).returncode == 0
    checked = loaded(root, tmp_path, "check", "calibration")
    assert not {"aiohttp", "altair", "vl_convert", "jinja2", "scipy", "mitmproxy", "rich"} & checked
    assert len(checked) < 800
