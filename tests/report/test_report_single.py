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


def test_a_large_experiment_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what to do instead."""
    monkeypatch.setattr(data_module, "LARGE_QUESTIONS", 1)
    with pytest.raises(InputError, match="publish the site instead"):
        made(tmp_path)
