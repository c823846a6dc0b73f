"""The page Playback: what it says of a run, and the run itself."""

from pathlib import Path
from typing import Any

import pytest
from data_files import values
from reading_data import benchmark, comparison, letter, words

from llmxray.report.analysis import Analysis
from llmxray.report.pages import playback
from llmxray.report.widgets.render import Renderer


def told(trial: Any, _: int) -> Any:
    """Small is wrong once; large has no reply to the second question."""
    if trial.condition == "large" and trial.item == "two":
        return None
    return letter("A", {"A": 0.9})


def shown(folder: Path, data: Any, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    """What the page shows, and the index that it reads."""
    pages: list[Any] = []
    monkeypatch.setattr(Renderer, "page", lambda self, path, template, model: pages.append(model))
    playback.write_page(Renderer(folder / "site"), Analysis(data))
    return pages[0], values((folder / "site" / data.name / pages[0].index).read_bytes())


def test_rows_of_a_run(tmp_path, monkeypatch):
    """One a category and condition, in recorded time; a missing reply is no mark."""
    page, index = shown(tmp_path, benchmark(tmp_path / "c", told), monkeypatch)
    assert [(name, [row.codes for row in rows]) for name, rows in page.groups] == [
        ("matter", ["c", "c"]),
        ("sky", ["w"]),
    ]
    assert index["rows"] == [[[200], "c", 0], [[200], "c", 1], [[400], "w", 0]]
    assert [(head.view.id, head.right, head.of, head.time) for head in page.heads] == [
        ("small", 1, "right of 2", "0.4 s"),
        ("large", 1, "right of 1", "0.2 s"),
    ]
    # Letters are there at once.
    assert page.questions == []


def test_what_is_not_scored_is_compared_in_time(tmp_path, monkeypatch):
    """Answers count, and none is right; the longer ones take longer."""
    data = comparison(
        tmp_path / "c", lambda trial, _: words(*["a "] * (12 if "hot" in trial.condition else 60))
    )
    page, index = shown(tmp_path, data, monkeypatch)
    assert [each.kind for each in page.headline.values["findings"]] == ["pairs.slower"]
    assert [head.of for head in page.heads] == ["answers", "answers"]
    assert [question.address for question in page.questions] == ["prompts/haiku"]
    assert len(index["questions"]) == 1
