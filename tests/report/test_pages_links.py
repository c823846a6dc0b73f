"""Scripts name only pages that every experiment has; addresses of the others come from the registry."""

import re
from pathlib import Path

import pytest

from llmxray.report.pages import PAGES, always

REPORT = Path(__file__).parents[2] / "llmxray/report"
NAMES = {page.name for page in PAGES} | {name for page in PAGES for name in page.beside}
EVERYWHERE = {page.name for page in PAGES if page.applies is always and len(page.kinds) == 2} | {
    name for page in PAGES for name, applies in page.beside.items() if applies is always
}


@pytest.mark.parametrize("path", sorted(REPORT.rglob("*.js")), ids=lambda path: path.name)
def test_scripts_name_pages_of_every_experiment_only(path):
    """And a page's own script may name the page."""
    named = re.findall(r"[\"'`]([a-z-]+)\.html(?=[\"'`?#$])", path.read_text("utf-8"))
    assert NAMES & {*named} <= EVERYWHERE | {path.stem, path.parent.name}
