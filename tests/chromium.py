"""Which Chromium the browser tests run in; ``python -m tests.chromium`` tells by its exit code whether there is one."""

import shutil
import sys
from pathlib import Path
from typing import Any

# The first is the same engine without the browser around it: a test takes half the time.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)


def find_chromium(playwright: Any) -> str | None:
    """The program of an installed Chromium, else Playwright's own; None without either."""
    installed = next((path for path in map(shutil.which, NAMES) if path), None)
    own: str = playwright.chromium.executable_path
    return installed or (own if Path(own).exists() else None)


if __name__ == "__main__":
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        sys.exit(find_chromium(started) is None)
