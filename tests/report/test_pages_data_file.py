"""Data files of the pages' forms."""

from __future__ import annotations

from llmxray.report.files.shards import write_data
from llmxray.report.widgets.render import Renderer


def test_a_new_build_takes_the_place_of_an_older_one(tmp_path):
    """One file a name, whatever its hash; other files stay."""
    renderer = Renderer(tmp_path)
    other = write_data(renderer, "made-up", "choose", [1])
    first = write_data(renderer, "made-up", "threshold", [1])
    second = write_data(renderer, "made-up", "threshold", [2])
    assert first != second
    assert {other, second} == {
        path.relative_to(tmp_path / "made-up").as_posix() for path in (tmp_path / "made-up/data").iterdir()
    }
