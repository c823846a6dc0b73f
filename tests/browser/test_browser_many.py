"""The ledger of many runs, in a real browser."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import many
import pytest
from watching import RULES, violations, watched

from llmxray.report.site.many import write_ledger

pytestmark = pytest.mark.browser

EXPERIMENTS = 13
HOSTILE = "<img src=x onerror='window.broken=1'>"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """130 runs of thirteen experiments; in the last one nobody was asked the last question."""
    folder = tmp_path_factory.mktemp("many")
    for number in range(EXPERIMENTS):
        crowd = {
            f"{name}-{number:02}": said[: None if number < EXPERIMENTS - 1 else -1]
            for name, said in many.crowd(10, extra="ABCD"[number % 4]).items()
        }
        home = many.put(folder / "site", crowd, name=f"lab-{number:02}")
        file = home / "ledger.json"
        file.write_text(file.read_text("utf-8").replace('"Made up (by hand)"', f'"{HOSTILE}"'), "utf-8")
    page, _ = write_ledger([folder / "site"], folder / "out", "llmxray ledger site")
    return page


@pytest.fixture
def ledger(made: Path, chromium: Any) -> Iterator[Any]:
    """The page, when its rows are there."""
    page = watched(chromium.new_context(viewport={"width": 1280, "height": 900}, offline=True))
    _open(page, made.as_uri())
    yield page
    assert page.faults == []
    assert page.evaluate("window.broken") is None
    page.context.close()


def _open(page: Any, address: str) -> None:
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector(".ledger-tools:not([hidden])")


def _rows(page: Any) -> list[str]:
    return page.eval_on_selector_all(
        "#ledger-table [data-run]:not([hidden])",
        "rows => rows.map((row) => row.dataset.run.split(' ')[0])",
    )


def test_a_search_works_on_all_runs_and_stands_in_the_address(ledger: Any) -> None:
    """Words of a run, in any order."""
    assert len(_rows(ledger)) == 130
    ledger.fill("[name=q]", "m00 lab-03")
    assert _rows(ledger) == ["lab-03/m00-03"]
    assert "1 runs" in ledger.inner_text(".ledger-tools")
    _open(ledger, ledger.url)
    assert _rows(ledger) == ["lab-03/m00-03"]
    ledger.fill("[name=q]", "nothing of the sort")
    assert ledger.is_visible("#ledger-none")


def test_other_orders(ledger: Any) -> None:
    """The best first; by name."""
    assert _rows(ledger)[0].endswith(("m09-00", "m09-04", "m09-08", "m09-12"))
    head = ledger.locator("#ledger-table th[data-sort]").first
    head.click()
    names = [key.partition("/")[2] for key in _rows(ledger)]
    assert names == sorted(names)
    assert head.get_attribute("aria-sort") == "ascending"
    head.press("Enter")
    assert [key.partition("/")[2] for key in _rows(ledger)] == names[::-1]


def test_items_can_be_read(made: Path, chromium: Any) -> None:
    """With scripts off too: the wrong key is at the top, with what most models give."""
    page = chromium.new_context(offline=True, java_script_enabled=False).new_page()
    page.goto(made.as_uri())
    first = page.locator("#wrong-keys ~ .scroll tbody tr").first.inner_text()
    assert "q000" in first
    assert "significant" in first
    page.context.close()


def test_everybody_can_read_it(root: Path, made: Path, ledger: Any) -> None:
    """axe-core in light and dark, and html-validate."""
    for scheme, rules in RULES.items():
        ledger.emulate_media(color_scheme=scheme)
        found = violations(ledger, rules)
        assert [(each["id"], each["nodes"][0]["html"][:120]) for each in found] == []
    # axe asks for the style sheets again, which the policy of the page refuses.
    ledger.faults.clear()
    binary = root / ".ci/js/node_modules/.bin/html-validate"
    if not binary.exists() and not os.environ.get("CI"):
        pytest.skip("html-validate is not installed")
    command = [
        str(binary),
        "--config",
        str(root / ".ci/js/htmlvalidate.json"),
        "--formatter",
        "text",
        str(made),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stdout[-2000:]
