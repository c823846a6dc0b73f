"""What tests of several rooms share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture
def shared() -> Path:
    """The folder of real rows and streams."""
    folder = os.environ.get("LLMXRAY_SHARED")
    if not folder:
        pytest.skip("LLMXRAY_SHARED is unset")
    return Path(folder)


def pytest_configure(config: pytest.Config) -> None:
    """Let mitmproxy's dependencies use names that are renamed, and mitmproxy drop a connection unclosed.

    It does so now and then when both ends of an exchange leave at the same moment; the collector closes it.
    """
    config.addinivalue_line("filterwarnings", "ignore:(tagMap|typeMap) is deprecated:DeprecationWarning")
    config.addinivalue_line("filterwarnings", "ignore:unclosed (<socket|transport|<StreamWriter):ResourceWarning")
