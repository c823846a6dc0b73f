"""The ledger in a real browser: on a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from watching import watched

pytestmark = pytest.mark.browser


def test_a_phone_says_how_the_models_were_asked(site: Path, chromium: Any) -> None:
    """Over the bars and at each run; what is left out goes by its name; the page is no wider than the screen."""
    page = watched(chromium.new_context(viewport={"width": 390, "height": 844}, offline=True))
    page.goto((site / "ledger.html").as_uri())
    assert "says a letter, with worked examples" in page.inner_text(".best table")
    assert (
        "Not shown: other questions of Sums of one-digit numbers; and School science, reworded."
        in page.inner_text(".best figcaption")
    )
    page.locator("summary", has_text=" runs of ").click()
    assert (
        page.locator("#ledger-table .told:visible").count() == page.locator("#ledger-table tbody tr").count()
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.context.close()
