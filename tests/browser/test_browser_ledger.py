"""The ledger in a real browser: a choice of runs draws the table anew, and stands in the address."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from watching import watched

from llmxray.report.analysis import runs
from llmxray.report.pages import ledger as pages
from llmxray.report.widgets.render import Renderer

pytestmark = pytest.mark.browser

CHOSEN = "model-showdown/qwen-0.5b,model-showdown/qwen-1.5b"


@pytest.fixture
def ledger(site: Path, chromium: Any) -> Any:
    """The ledger of the shipped site."""
    page = watched(chromium.new_context(viewport={"width": 1280, "height": 900}, offline=True))
    page.goto((site / "ledger.html").as_uri())
    page.wait_for_selector(".ledger-tools:not([hidden])")
    yield page
    page.context.close()


def test_a_choice_of_runs_is_ranked_and_stands_in_the_address(ledger: Any) -> None:
    """Two of the runs are ranked among themselves; the address brings them back."""
    ledger.locator('[name="suite"]').select_option("all")
    ledger.get_by_role("button", name="none").click()
    for key in CHOSEN.split(","):
        ledger.locator(f'tr[data-run="{key}"] .choose').first.check()
    ranks = ledger.locator("#ledger-table tr:not(.out) td .rank").all_text_contents()
    assert any("of 2 models" in rank for rank in ranks), ranks
    address = ledger.url
    ledger.goto("about:blank")
    ledger.goto(address)
    ledger.wait_for_selector(".ledger-tools:not([hidden])")
    assert ranks == ledger.locator("#ledger-table tr:not(.out) td .rank").all_text_contents()
    assert "2 of" in ledger.locator(".ledger-told").inner_text()


def test_the_reader_chooses_the_axes_of_the_profile(tmp_path: Path, chromium: Any) -> None:
    """Four models on four suites: one suite less is one axis and one row less; of two there is no radar."""
    suites = {name: f"Suite {name}" for name in "wxyz"}
    made = tuple(
        runs.Run(
            key=f"e/{place}",
            experiment="e",
            title="E",
            id=str(place),
            label=f"Model {place}",
            model=str(place),
            asked="letter",
            scores={name: {str(q): float(q < place) for q in range(4)} for name in suites},
        )
        for place in range(4)
    )
    pages.write_over(Renderer(tmp_path), [runs.Entry(suites=suites, runs=made)], bases={"e": ""})
    page = watched(chromium.new_context(viewport={"width": 1280, "height": 900}, offline=True))
    page.goto((tmp_path / "ledger.html").as_uri())
    page.wait_for_selector("#profile-drawn svg")
    rows = page.locator("#profile-table tbody th")
    assert list(suites.values()) == rows.all_inner_texts()
    page.locator("#profile-axes summary").click()
    page.get_by_role("checkbox", name="Suite x").uncheck()
    assert ["Suite w", "Suite y", "Suite z"] == rows.all_inner_texts()
    page.get_by_role("checkbox", name="Suite y").uncheck()
    assert "have ranks on 2 suites; a radar needs 3" in page.inner_text("#profile-told")
    assert page.locator("#profile-drawn").is_hidden()
    page.get_by_role("checkbox", name="Suite x").check()
    assert ["Suite w", "Suite x", "Suite z"] == rows.all_inner_texts()
    page.context.close()
