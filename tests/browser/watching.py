"""A page that remembers what went wrong in it, and the pages to look at."""

from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def kinds(site: Path) -> dict[str, Path]:
    """Of the pages of each kind the smallest: axe, print and Firefox take seconds on a long table."""
    found = {}
    for path in sorted(site.glob("**/*.html"), key=lambda path: (-path.stat().st_size, path)):
        if "~" not in path.name:
            found[f"site {path.stem}" if path.parent == site else path.stem] = path
    return found


def _left(asked: Any) -> bool:
    # The icon is asked for last: a test that goes on to the next page at once is quicker than that.
    return "/favicon." in asked.url and asked.failure == "net::ERR_ABORTED"


def watched(context: Any) -> Any:
    """A page of that context whose ``faults`` collect errors, warnings and requests that leave the disk."""
    page = context.new_page()
    page.faults = []
    page.on(
        "console", lambda said: page.faults.append(said.text) if said.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on("requestfailed", lambda asked: _left(asked) or page.faults.append(f"failed: {asked.url}"))
    page.on(
        "request",
        lambda asked: (
            None if asked.url.startswith(("file:", "about:", "data:")) else page.faults.append(asked.url)
        ),
    )
    return page


def until(page: Any, expression: str) -> None:
    """Wait until it holds; Playwright's own waiting needs `eval`, which the page's policy forbids."""
    for _ in range(200):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never true: {expression}")


def violations(page: Any, rules: list[str]) -> list[Any]:
    """What axe-core finds on the page that is open; of what is in order it says nothing, which takes less time."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    found: list[Any] = page.evaluate("(options) => axe.run(options).then((all) => all.violations)", options)
    return found
