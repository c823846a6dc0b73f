"""The brief on paper."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from llmxray.workflow import Workspace, coursework, prepare

COUNT = re.compile(rb"/Type /Pages\s*/Count (\d+)")


@pytest.mark.parametrize("blank", [False, True])
def test_a_brief_prints_to_two_pages(root: Path, tmp_path: Path, plain_page: Any, blank: bool) -> None:
    """On both sizes of paper, of the experiment with the most suites and categories."""
    where = Workspace(root / "cassettes", root / "experiments")
    prepared = prepare(root / "experiments/model-showdown.yaml", where)
    path = coursework.write_brief(prepared, tmp_path, "Ada Lovelace", blank=blank)
    plain_page.goto(path.as_uri())
    for size in ("A4", "Letter"):
        found = COUNT.search(plain_page.pdf(format=size))
        assert found
        assert int(found[1]) <= 2, size
