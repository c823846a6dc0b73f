"""The worked examples of docs/extend run as they stand, and figures quoted in the docs are those of the recordings."""

import json
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from importlib import util
from pathlib import Path

import pytest

from tests.commands import python

PAGES = ("suite", "chart", "quirk", "page", "metric")
_BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.S)


@dataclass(frozen=True)
class Block:
    """A block of code of a page: its language, the file it belongs to ("" for a terminal), its text."""

    kind: str
    file: str
    text: str


def blocks(root: Path, page: str) -> list[Block]:
    """The blocks of a page; the first line of each but a terminal's names its file."""
    found = []
    for kind, text in _BLOCK.findall((root / f"docs/extend/{page}.md").read_text("utf-8")):
        if kind == "console":
            found.append(Block(kind, "", text))
            continue
        first, rest = text.split("\n", 1)
        named = re.fullmatch(r"(?:#|//) (\S+)", first)
        assert named, f"{page}.md: a block of {kind} that names no file: {first}"
        # JSON has no comments: the line that names the file is for the reader.
        found.append(Block(kind, named[1], rest if kind in ("json", "diff", "html") else text))
    return found


@pytest.fixture(scope="module")
def project(root, tmp_path_factory):
    """A copy of the project with the new files of every page, and none of their changes to old ones."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(root / "llmxray", folder / "llmxray", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "cassettes").symlink_to(root / "cassettes")
    shutil.copytree(root / "experiments", folder / "experiments")
    (folder / "tests/report").mkdir(parents=True)
    shutil.copy(root / "tests/report/hand_made.py", folder / "tests/report")
    for block in (block for page in PAGES for block in blocks(root, page)):
        if block.kind not in ("console", "diff"):
            path = folder / block.file
            assert not path.exists(), f"{block.file} is there already"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, "utf-8")
    return folder


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A Python of the changed project."""
    return python(*arguments, at=project, check=False, PYTHONPATH=str(project))


def passed(project: Path, *files: str) -> str:
    """The last line of a run of tests."""
    done = run(project, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(project), *files)
    return done.stdout.strip().split("\n")[-1] + done.stderr


def change(project: Path, block: Block, page: str) -> None:
    """Replace the lines that the block marks with ``-`` by those with ``+``."""
    sides = {"-": "", "+": ""}
    for line in block.text.splitlines():
        sides[line[0]] += line[1:] + "\n"
    path = project / block.file
    text = path.read_text("utf-8")
    assert text.count(sides["-"]) == 1, (
        f"docs/extend/{page}.md changes these lines of {block.file}, which has them no more, or more than once: "
        f"write the lines into that page as they are now\n{sides['-']}"
    )
    path.write_text(text.replace(sides["-"], sides["+"]), "utf-8")


@pytest.mark.search
def test_the_examples_of_the_docs_run(root, project):
    """A quirk's test fails before the parser is taught; with the changes made, every test of the pages passes."""
    assert re.match(r"5 failed in", passed(project, "tests/wire"))
    for page in PAGES:
        for block in blocks(root, page):
            if block.kind == "diff":
                change(project, block, page)
    assert re.match(r"12 passed in", passed(project, "tests"))


@pytest.mark.search
@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_the_docs_print_what_the_docs_say(root, project, page):
    """Each line after a ``$`` is run, and what it prints is what follows."""
    for block in blocks(root, page):
        if block.kind == "console":
            first, said = block.text.split("\n", 1)
            command = first.removeprefix("$ ").split()
            start = ["-m", "llmxray"] if command[0] == "llmxray" else []
            done = run(project, *start, *command[1:])
            assert (said, "", 0) == (done.stdout, done.stderr, done.returncode)


def test_what_ships_is_asked_as_its_suites_are(shipped_site):
    """Methods would say it (`cli/test_cli_suite_differences.py`)."""
    pages = sorted(shipped_site.glob("*/methods.html"))
    assert len(pages) > 5
    assert [] == [path for path in pages if "of this llmxray" in path.read_text("utf-8")]


def test_figures_quoted_in_the_docs_are_those_of_the_recordings(root, shipped_site, monkeypatch, capsys):
    """`docs/figures.py --check` has nothing to say, and it does look at figures."""
    pages = sorted((root / "docs/lesson").glob("discussion-*.md"))
    quoted = [each for page in pages for each in re.findall(r"<!--[a-z-]+[|·]", page.read_text("utf-8"))]
    assert len(quoted) >= 60
    spec = util.spec_from_file_location("figures", root / "docs/figures.py")
    assert spec
    assert spec.loader
    figures = util.module_from_spec(spec)
    spec.loader.exec_module(figures)

    def built(experiment: str) -> dict[str, float | None]:
        return dict(json.loads((shipped_site / experiment / "figures.json").read_text("utf-8")))

    # It reads the cassettes itself, for which the site has been built from them already.
    assert figures.figures("system-prompt-pair") == built("system-prompt-pair")
    monkeypatch.setattr(figures, "figures", built)
    monkeypatch.setattr(sys, "argv", ["figures.py", "--check"])
    assert (figures.main(), capsys.readouterr().err) == (0, "")
    monkeypatch.setattr(figures, "figures", lambda _: defaultdict(float))
    assert figures.main() == 1
    assert "figures out of date in docs/: " in capsys.readouterr().err
