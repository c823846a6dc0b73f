"""The built site that the browser tests share, and pages that must not complain."""

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


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """A page without network; an error, a warning or a request that leaves the disk fails the test."""
    context = chromium.new_context(offline=True, viewport={"width": 1280, "height": 900})
    page = watched(context)
    yield page
    context.close()
    assert page.faults == []
