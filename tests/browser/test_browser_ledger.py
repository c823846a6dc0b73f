"""The ledger in a real browser: a choice of runs draws the table anew, and stands in the address."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from watching import watched

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
