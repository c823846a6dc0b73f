"""The ledger in a real browser: on a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from watching import watched

pytestmark = pytest.mark.browser


def test_a_phone_says_how_the_models_were_asked(site: Path, chromium: Any) -> None:
    """Beside the dots and at each run; the page is no wider than the screen."""
    page = watched(chromium.new_context(viewport={"width": 390, "height": 844}, offline=True))
    page.goto((site / "ledger.html").as_uri())
    assert page.locator('.best td[data-way="Says a letter"] svg:visible').count() > 1
    page.locator("summary", has_text=" runs").click()
    assert (
        page.locator("#ledger-table .told:visible").count()
        == page.locator("#ledger-table [data-run]:visible").count()
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.context.close()
