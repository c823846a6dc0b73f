"""The pictures of the README and of docs/index.md: pages of the built site, photographed from disk.

make report && python docs/pictures.py [SITE]
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

DOCS = Path(__file__).parent
# Page of the site, and what is scrolled to the top; "" for the page's beginning.
PLACES = {
    "front": ("index.html", ""),
    "overview": ("thinking-tradeoff/index.html", ""),
    "answer": ("model-showdown/answer.html?q=starter/arc/arc-phys-003", ""),
    "position": ("position-bias/index.html", ""),
    "categories": ("model-showdown/categories.html", ""),
    "calibration": ("model-showdown/calibration.html", "#reliability"),
    "choose": ("how-you-ask/choose.html", ""),
    "compare": ("temperature-sweep/compare.html", ""),
}
# Chromium as root needs the first.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SETTLED_MS = 900


def main(site: Path) -> None:
    """Take every picture."""
    if not (site / "index.html").exists():
        sys.exit(f"there is no {site / 'index.html'}: run make report first")
    with sync_playwright() as playwright:
        path = (
            shutil.which("chromium")
            or shutil.which("chromium-headless-shell")
            or playwright.chromium.executable_path
        )
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        context = browser.new_context(viewport={"width": 1280, "height": 800}, offline=True)
        page = context.new_page()
        for name, (address, place) in PLACES.items():
            page.goto(f"{site.absolute().as_uri()}/{address}")
            page.wait_for_timeout(SETTLED_MS)
            if place:
                page.evaluate("place => document.querySelector(place).scrollIntoView()", place)
            page.screenshot(path=DOCS / "pictures" / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else DOCS.parent / "site"))
