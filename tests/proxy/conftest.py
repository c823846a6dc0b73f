"""A client of the proxy."""

from __future__ import annotations

import pytest
from clients import Client


@pytest.fixture
def client() -> Client:
    """A client."""
    return Client()
