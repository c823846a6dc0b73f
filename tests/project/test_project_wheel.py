"""A built wheel works outside the tree: the bank, templates, static files and a recording travel with it."""

import tarfile
import zipfile

import pytest

from llmxray.cli.commands import main
from llmxray.workflow.demo import EXPERIMENT
from tests.commands import llmxray, python
from tests.environments import built


@pytest.fixture(scope="module")
def installed(root, tmp_path_factory):
    """A folder with the wheel's contents, built from the sdist of this tree, as an index would serve them."""
    folder = tmp_path_factory.mktemp("wheel")
    with tarfile.open(built("sdist", folder, root)) as sdist:
        sdist.extractall(folder, filter="data")
    (tree,) = folder.glob("*/pyproject.toml")
    target = folder / "installed"
    with zipfile.ZipFile(built("wheel", folder, tree.parent)) as wheel:
        wheel.extractall(target)
    return target


@pytest.mark.search
def test_the_wheel_holds_what_the_program_reads(installed):
    """Starter bank, templates, static files and presets are in it."""
    package = installed / "llmxray"
    assert (package / "suites/bank/arc.jsonl").exists()
    assert (package / "report/widgets/base.html").exists()
    assert (package / "report/static/style.css").exists()
    assert (package / "report/static/lib/dom.js").exists()
    assert (package / "report/pages/answers/page.js").exists()
    assert (package / "cli/presets/model-showdown.yaml").exists()


@pytest.mark.search
def test_the_demo_is_a_site_from_an_empty_folder(installed, tmp_path, monkeypatch):
    """Its path is printed, and a browser is opened where it is asked for."""
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > "{tmp_path}/opened"\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", str(browser))
    folder = tmp_path / "empty"
    folder.mkdir()
    done = python("-m", "llmxray", "demo", "--open", at=folder, PYTHONPATH=str(installed))
    assert done.returncode == 0, done.stderr
    index = folder / done.stdout.strip()
    assert (index.parent / EXPERIMENT / "calibration.html").exists()
    assert (tmp_path / "opened").read_text() == f"{index.as_uri()}\n"


@pytest.mark.parametrize("asked", [(), ("--open",)], ids=" ".join)
def test_the_demo_opens_no_browser_in_a_script(tmp_path, monkeypatch, capsys, asked):
    """Unless it is asked to; the site itself is not built here."""
    opened: list[str] = []
    index = tmp_path / "site/index.html"
    monkeypatch.setattr("llmxray.workflow.read_results", lambda _: None)
    monkeypatch.setattr("llmxray.workflow.publish", lambda _, out: index)
    monkeypatch.setattr("webbrowser.open", opened.append)
    with pytest.raises(SystemExit) as ended:
        main(["demo", *asked, "--out", str(tmp_path / "site")])
    assert (ended.value.code, capsys.readouterr().out) == (0, f"{index}\n")
    assert opened == ([index.as_uri()] if asked else [])


def test_the_demo_takes_no_place_of_anything_else(tmp_path):
    """A folder with other things in it."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/page.html").write_text("mine")
    done = llmxray("demo", "--out", "folder", at=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["page.html"]


def test_the_demo_leaves_pages_of_ones_own_experiment(tmp_path):
    """`llmxray new` gives it the very name."""
    for folder in ("cassettes/model-showdown", "site/model-showdown"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "cassettes/model-showdown/manifest.json").write_text("{}")
    done = llmxray("demo", "--out", "site", at=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "has pages of your own model-showdown" in done.stderr


def test_the_demo_leaves_its_files_to_change(tmp_path):
    """An experiment that runs as it stands; what is there already is not replaced."""
    done = llmxray("demo", "--files", at=tmp_path)
    assert (done.returncode, "change a prediction in experiments/model-showdown.yaml" in done.stderr) == (
        0,
        True,
    )
    assert llmxray("check", "model-showdown", at=tmp_path).returncode == 0
    again = llmxray("demo", "--files", at=tmp_path)
    assert (again.returncode, again.stderr.count("\n")) == (2, 1)


@pytest.mark.parametrize("words", ["run", "run mine", "report", "reproduce"])
def test_without_an_experiment_one_line_says_how_to_begin(words, tmp_path):
    """With both ways, and nothing written."""
    done = llmxray(*words.split(), at=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "`llmxray demo`" in done.stderr
    assert "`llmxray new`" in done.stderr
    assert list(tmp_path.iterdir()) == []
