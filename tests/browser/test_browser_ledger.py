"""The ledger in a real browser: a choice of runs draws table and profile anew, and stands in the address."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from watching import watched

pytestmark = pytest.mark.browser

CHOSEN = "few-shot-cot/qwen-steps,model-showdown/qwen-1.5b"


@pytest.fixture
def ledger(site: Path, chromium: Any) -> Any:
    """The ledger of the shipped site."""
    page = watched(chromium.new_context(viewport={"width": 1280, "height": 900}, offline=True))
    page.goto((site / "ledger.html").as_uri())
    page.wait_for_selector(".ledger-tools:not([hidden])")
    yield page
    page.context.close()


def test_a_choice_of_runs_draws_the_profile_and_stands_in_the_address(ledger: Any) -> None:
    """Two of the runs: heads, radar and key name them and nobody else; the address brings them back."""
    ledger.get_by_role("button", name="none").click()
    assert ledger.locator("#profile-drawn").is_hidden()
    assert "No run is chosen" in ledger.locator("#profile-told").inner_text()
    for key in CHOSEN.split(","):
        ledger.locator(f'tr[data-run="{key}"] .choose').first.check()
    heads = ledger.locator("#profile-table thead th.num").all_inner_texts()
    assert ["qwen-1.5b", "qwen-steps"] == heads
    said = ledger.locator("#ledger-radar svg").get_attribute("aria-label")
    assert all(key in said for key in CHOSEN.split(","))
    assert "smollm2" not in said
    address = ledger.url
    ledger.goto("about:blank")
    ledger.goto(address)
    ledger.wait_for_selector(".ledger-tools:not([hidden])")
    assert heads == ledger.locator("#profile-table thead th.num").all_inner_texts()
    assert "2 of" in ledger.locator(".ledger-told").inner_text()
