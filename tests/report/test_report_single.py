"""One HTML file of a small experiment."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest
import reading_data

from llmxray.errors import InputError
from llmxray.report.analysis import data as data_module
from llmxray.report.site.single_file import single

TELL = {"A": 0.6, "B": 0.3}


def made(folder: Path) -> Path:
    """The file of an experiment of two questions."""
    data = reading_data.benchmark(folder / "c", lambda trial, sample: reading_data.letter("A", TELL))
    return single([data], folder / "out")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file, which nobody changes."""
    return made(tmp_path_factory.mktemp("single"))


def test_everything_is_in_the_file(file: Path) -> None:
    """No link to another file, unique ids, every anchor there."""
    html = file.read_text("utf-8")
    shown = re.sub(r"<script>.*?</script>|<style>.*?</style>", "", html, flags=re.DOTALL)
    assert re.findall(r'(?:src|href)="(?!#|\?|data:text/csv|data:image/svg)[^"]*"', shown) == []
    ids = re.findall(r' id="([^"]+)"', shown)
    assert len(ids) == len(set(ids))
    anchors = set(re.findall(r'href="#([^"=]+)"', shown))
    assert anchors <= set(ids)
    assert {"page-index", "page-results", "page-answers", "page-answer", "page-methods"} <= set(ids)


def test_a_prompt_may_be_called_as_a_part_of_a_page_is(tmp_path: Path) -> None:
    """Names of prompts are the author's, and no page gives way to them."""
    names = ("question", "main", "keys", "page-answer", "filters")
    data = reading_data.comparison(
        tmp_path / "c",
        lambda trial, sample: reading_data.words("snow ", f"falls {sample}"),
        prompts=[{"id": name, "text": f"Write about {name}"} for name in names],
    )
    html = single([data], tmp_path / "out").read_text("utf-8")
    ids = re.findall(r' id="([^"]+)"', re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL))
    assert len(ids) == len(set(ids))
    pages = ("index", "compare", "answers", "answer", "xray", "results", "methods")
    assert {*(f"page-{page}" for page in pages), *(f"prompt-{name}" for name in names)} <= set(ids)


def test_the_table_of_results_is_in_the_file_once(file: Path) -> None:
    """Under Methods, where every other mention of it leads; larger ones stay on the site."""
    html = file.read_text("utf-8")
    (saved,) = re.findall(
        r'<a download="results.csv" href="data:text/csv;base64,([^"]+)">results.csv</a>', html
    )
    assert base64.b64decode(saved).startswith(b"experiment,")
    assert html.index('id="downloads"') < html.index(saved)
    assert html.count('<a href="#downloads">') > 2
    assert "results.parquet (on the whole site)" in html


def test_the_policy_names_every_script_by_its_hash(file: Path) -> None:
    """And nothing else: no 'self', no 'unsafe-inline'."""
    html = file.read_text("utf-8")
    policy = re.search(r'Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    scripts = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)
    hashes = {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts}
    assert len(scripts) > 8
    assert hashes == set(re.findall(r"'sha256-([^']+)'", policy[1].split("style-src")[0]))
    assert "unsafe" not in policy[1]


def test_the_icon_is_in_the_file(file: Path, root: Path) -> None:
    """Which the policy lets an image be."""
    html = file.read_text("utf-8")
    icon = re.search(
        r'<link rel="icon" type="image/svg\+xml" href="data:image/svg\+xml;base64,([^"]+)">', html
    )
    assert icon is not None
    assert (root / "llmxray/report/static/favicon.svg").read_bytes() == base64.b64decode(icon[1])
    assert "img-src data:" in html


def test_the_same_bytes_twice(file: Path, tmp_path: Path) -> None:
    """As every build."""
    assert file.read_bytes() == made(tmp_path).read_bytes()


def test_a_large_experiment_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do instead."""
    monkeypatch.setattr(data_module, "LARGE_QUESTIONS", 1)
    with pytest.raises(InputError, match="publish the site instead"):
        made(tmp_path)


def test_a_link_in_its_place_is_replaced(tmp_path: Path) -> None:
    """And not followed."""
    data = reading_data.benchmark(tmp_path / "c", lambda trial, sample: reading_data.letter("A", TELL))
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / f"{data.name}.html").symlink_to(tmp_path / "mine.txt")
    single([data], tmp_path / "out")
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert not (tmp_path / "out" / f"{data.name}.html").is_symlink()
