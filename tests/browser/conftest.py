"""The built site that the browser tests share, and a page that remembers what went wrong in it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from watching import watched

sys.path.append(str(Path(__file__).parent.parent / "report"))


@pytest.fixture(scope="session")
def site(shipped_site: Path) -> Path:
    """The site of the shipped cassettes with the course's papers; nobody changes it."""
    return shipped_site


@pytest.fixture(params=["light", "dark"])
def page(chromium: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A page without network that remembers what went wrong in it."""
    look = {"viewport": {"width": 1280, "height": 900}, "color_scheme": request.param}
    context = chromium.new_context(offline=True, **look)
    yield watched(context)
    context.close()


@pytest.fixture
def plain_page(chromium: Any) -> Iterator[Any]:
    """The same in light colours only."""
    context = chromium.new_context(offline=True, viewport={"width": 1280, "height": 900})
    yield watched(context)
    context.close()
