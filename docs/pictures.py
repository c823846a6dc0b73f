"""The pictures of the README and of docs/index.md: pages of the built site, photographed from disk.

make report && pip install pillow && python docs/pictures.py [SITE]
"""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

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
# The moving picture: the run fills in, then a sure wrong answer, then one answer token by token.
RUN = "model-showdown/playback.html"
MOMENTS = range(0, 1001, 40)
STILL = {"model-showdown/answers.html": 2200, "few-shot-cot/xray.html": 2600}


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
        moving(tour(page, site.absolute().as_uri()), DOCS / "pictures" / "tour.webp")
        browser.close()


def tour(page: Page, site: str) -> Iterator[tuple[bytes, int]]:
    """Pictures, and how long each is shown, in milliseconds."""
    page.goto(f"{site}/{RUN}")
    page.wait_for_timeout(SETTLED_MS)
    slider = page.locator("#run input[type=range]")
    for moment in MOMENTS:
        slider.fill(str(moment))
        yield page.screenshot(), 120 if moment < MOMENTS[-1] else 1500
    for address, shown_ms in STILL.items():
        page.goto(f"{site}/{address}")
        page.wait_for_timeout(SETTLED_MS)
        yield page.screenshot(), shown_ms


def moving(frames: Iterator[tuple[bytes, int]], path: Path) -> None:
    """Write them as one animated picture, half as wide again as a column of GitHub."""
    pictures, times = zip(*((Image.open(io.BytesIO(png)), shown) for png, shown in frames), strict=True)
    small = [each.convert("RGB").resize((960, 600), Image.Resampling.LANCZOS) for each in pictures]
    small[0].save(
        path, save_all=True, append_images=small[1:], duration=list(times), loop=0, quality=70, method=6
    )


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else DOCS.parent / "site"))
