"""The ledger in a real browser: a choice of runs, and the address that holds it."""

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
    page.locator("summary", has_text=" runs of ").click()
    page.wait_for_selector(".ledger-tools:not([hidden])")
    yield page
    page.context.close()


def test_a_phone_says_how_the_models_were_asked(site: Path, chromium: Any) -> None:
    """Over the bars and at each run; what is left out goes by its name; the page is no wider than the screen."""
    page = watched(chromium.new_context(viewport={"width": 390, "height": 844}, offline=True))
    page.goto((site / "ledger.html").as_uri())
    assert "names a letter, with worked examples" in page.inner_text(".best table")
    assert (
        "Not shown: other questions of Sums of one-digit numbers; and School science, reworded."
        in page.inner_text(".best figcaption")
    )
    page.locator("summary", has_text=" runs of ").click()
    assert page.locator(".ledger .told:visible").count() == page.locator("#ledger-table tbody tr").count()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.context.close()


def test_a_choice_of_runs_stands_in_the_address(ledger: Any) -> None:
    """Two ticked runs are left alone in the table; the address brings them back."""
    rows = ledger.locator("#ledger-table tbody tr")
    for key in CHOSEN.split(","):
        ledger.locator(f'[data-key="{key}"]').check()
    assert rows.count() > 2
    ledger.locator("[name=only]").check()
    assert sorted(rows.evaluate_all("rows => rows.map((row) => row.dataset.run)")) == CHOSEN.split(",")
    address = ledger.url
    ledger.goto("about:blank")
    ledger.goto(address)
    ledger.wait_for_selector(".ledger-tools:not([hidden])")
    assert rows.count() == 2
    ledger.locator("[name=only]").uncheck()
    assert rows.count() > 2
    assert ledger.locator(".choose:checked").count() == 2
