"""The whole site as files."""

import hashlib
import json
import math
import re
import shutil
from dataclasses import replace
from pathlib import Path

import hand_made
import pytest
import reading_data

from llmxray.errors import InputError
from llmxray.report import build
from llmxray.report.analysis import Analysis
from llmxray.report.pages.front import summary
from llmxray.report.site.build import write_brief, write_index
from llmxray.report.widgets.render import listed_files
from tests.commands import python

TELL = {"A": 0.6, "B": 0.3}


def tiny(folder: Path) -> reading_data.ExperimentData:
    """A recorded experiment of two questions."""
    return reading_data.benchmark(folder, lambda trial, sample: reading_data.letter("A", TELL))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The site of `tiny`, for tests that change a copy of it."""
    folder = tmp_path_factory.mktemp("built")
    build([tiny(folder / "c")], folder / "site")
    return folder / "site"


def files(out: Path) -> dict[str, bytes]:
    """Every file of a site by its path."""
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


def test_rebuilding_one_experiment_equals_a_clean_build(built, tmp_path):
    """Byte for byte, whatever the order; the lists name every file but those of the user."""
    data = tiny(tmp_path / "c")
    build([data], tmp_path / "two")
    (tmp_path / "two" / data.name / "figures.json").write_text("changed")
    (tmp_path / "two" / data.name / "mine.html").write_text("mine")
    build([data], tmp_path / "two")
    there = files(tmp_path / "two")
    assert there.pop(f"{data.name}/mine.html") == b"mine"
    assert files(built) == there
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in there.items()}
    del digests["files.json"]
    assert listed_files(tmp_path / "two") == digests


def test_the_list_follows_what_is_added_and_removed(tmp_path):
    """A brief that a command wrote stays on it when the pages are built again; a removed experiment is taken off it."""
    data, site = hand_made.data(tmp_path / "c", {"a": "++-+", "b": "-+--"}), tmp_path / "site"
    build([data], site)
    brief = write_brief(data, site, "Ana").relative_to(site).as_posix()
    build([data], site)
    assert brief in listed_files(site)
    shutil.rmtree(site / data.name)
    write_index(site)
    assert [] == [name for name in listed_files(site) if name.startswith(data.name)]


def test_front_page_holds_every_experiment_of_the_site(built, tmp_path):
    """Also those that were not rebuilt."""
    second = reading_data.comparison(tmp_path / "d", lambda trial, sample: reading_data.words("leaf"))
    shutil.copytree(built, tmp_path / "site")
    build([second], tmp_path / "site")
    front = (tmp_path / "site" / "index.html").read_text()
    assert front.index('href="tiny/index.html"') < front.index('href="sweep/index.html"')


def test_pages_keep_the_files_they_load(built, tmp_path):
    """Style and scripts of an earlier llmxray stay while a page that was not rebuilt loads them, and go after."""
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    page, static = tmp_path / "tiny" / "results.html", tmp_path / "static"
    old = next(static.glob("style.*.css")).rename(static / "style.0ld.css")
    page.write_text(re.sub(r"static/style\.\w+\.css", "static/style.0ld.css", page.read_text()))
    other = reading_data.comparison(tmp_path / "d", lambda trial, sample: reading_data.words("leaf"))
    build([other], tmp_path)
    assert old.exists()
    build([tiny(tmp_path / "c")], tmp_path)
    assert not old.exists()


def test_hostile_titles_stay_text(tmp_path):
    """What an experiment file says is never markup."""
    data = hand_made.data(tmp_path / "c", {"a": "+-"}, title="<script>alert(1)</script>", hypothesis="<b>x")
    made = summary.summarize(Analysis(data))
    assert summary.load(summary.dump(made)) == made
    out = tmp_path / "site"
    (out / "made-up").mkdir(parents=True)
    (out / "made-up" / summary.NAME).write_bytes(summary.dump(made))
    front = build([], out).read_text()
    assert "<script>alert" not in front
    assert "&lt;script&gt;alert(1)" in front
    scored = replace(data, settings={"likelihood": "<b>x"})
    assert "<b>x" not in hand_made.write_page(out, scored, "methods")


@pytest.mark.search
def test_an_experiment_is_the_same_bytes_in_another_process(shipped_site, root, tmp_path):
    """Every file of it, under another hash seed; which model has which hue the site remembers."""
    shutil.copy(shipped_site / "models.json", tmp_path)
    command = ("-m", "llmxray", "report", "system-prompt-pair", "--out", tmp_path)
    python(*command, at=root, PYTHONHASHSEED="12345")
    one, other = (files(folder / "system-prompt-pair") for folder in (shipped_site, tmp_path))
    assert one == other


@pytest.mark.parametrize("name", ["static", "tiny", "tiny/data", "index.html", "tiny/results.csv"])
def test_a_site_is_written_through_no_link(tmp_path, name):
    """A site that came from elsewhere may have links in it: what they lead to stays as it is."""
    data, out, outside = tiny(tmp_path / "c"), tmp_path / "site", tmp_path / "outside"
    name = name.replace("tiny", data.name)
    (out / name).parent.mkdir(parents=True)
    if "." in name:
        outside.write_text("mine")
    else:
        outside.mkdir()
        (outside / "letter.js").write_text("mine")
    (out / name).symlink_to(outside)
    with pytest.raises(InputError, match="is a link, and a site is not written through one"):
        build([data], out)
    mine = outside if outside.is_file() else outside / "letter.js"
    assert mine.read_text() == "mine"
    assert outside.is_file() or [path.name for path in outside.iterdir()] == ["letter.js"]


@pytest.mark.parametrize("name", ["ledger.json", "summary.json"])
def test_a_torn_file_of_another_experiment_is_named(built, tmp_path, name):
    """One line, with what to do; whoever left it there."""
    shutil.copytree(built, tmp_path / "site")
    path = tmp_path / "site/tiny" / name
    for torn in ("{", "{}", "7", "[" * 100_000, '{"questions": 1, "runs": 2}'):
        path.write_text(torn)
        with pytest.raises(InputError, match=rf"tiny.{name} is torn"):
            build([], tmp_path / "site")


@pytest.mark.parametrize("name", ["ledger.json", "summary.json"])
def test_a_site_from_elsewhere_names_no_other_address(built, tmp_path, name):
    """The name of an experiment becomes an address on the front page and in the ledger."""
    shutil.copytree(built, tmp_path / "site")
    path = tmp_path / "site/tiny" / name
    whole = path.read_text("utf-8")
    for address in ("javascript:alert(1);//", "../..", "//evil.example"):
        path.write_text(whole.replace('"tiny"', f'"{address}"'), "utf-8")
        with pytest.raises(InputError, match=rf"{name} is torn"):
            build([], tmp_path / "site")


def test_a_ledger_from_elsewhere_with_values_of_another_kind(built, tmp_path):
    """One line, for the page would be reckoned from them."""
    shutil.copytree(built, tmp_path / "site")
    path = tmp_path / "site/tiny/ledger.json"
    whole = json.loads(path.read_bytes())
    first, [suite] = whole["runs"][0], whole["questions"]
    scored = [{suite: {"shares": [each, each], "answers": ["a", None]}} for each in (math.inf, -1, 10**400)]
    fields = [("label", 7), ("id", ["a"]), *(("scores", each) for each in scored)]
    for field, value in (*fields, ("scores", {"other": first["scores"][suite]})):
        path.write_text(json.dumps({**whole, "runs": [{**first, field: value}]}))
        with pytest.raises(InputError, match=r"ledger\.json is torn"):
            build([], tmp_path / "site")
