"""The ledger of many runs, in a real browser."""

from typing import Any

import ledger_files
import pytest

from llmxray.report.pages.ledger import write_ledger

pytestmark = pytest.mark.browser

EXPERIMENTS = 13
HOSTILE = "<img src=x onerror='window.broken=1'>"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """130 runs of thirteen experiments; in the last one nobody was asked the last question."""
    folder = tmp_path_factory.mktemp("many")
    for number in range(EXPERIMENTS):
        crowd = {
            f"{name}-{number:02}": said[: None if number < EXPERIMENTS - 1 else -1]
            for name, said in ledger_files.crowd(10, extra="ABCD"[number % 4]).items()
        }
        home = ledger_files.write_ledger(folder / "site", crowd, name=f"lab-{number:02}")
        file = home / "ledger.json"
        file.write_text(file.read_text("utf-8").replace('"Made up (by hand)"', f'"{HOSTILE}"'), "utf-8")
    page, _ = write_ledger([folder / "site"], folder / "out", "llmxray ledger site")
    return page


def opened(page: Any, address: str) -> None:
    """The page, when its rows are there."""
    page.goto("about:blank")
    page.goto(address)
    page.wait_for_selector(".ledger-tools:not([hidden])")


def runs(page: Any) -> list[str]:
    """The runs that are shown, in their order."""
    found: list[str] = page.eval_on_selector_all(
        "#ledger-table [data-run]:not([hidden])", "rows => rows.map((row) => row.dataset.run.split(' ')[0])"
    )
    return found


def test_a_search_and_an_order_work_on_all_runs_and_a_search_stands_in_the_address(made, page):
    """The best first, by name on request; words of a run, in any order; hostile names do nothing."""
    opened(page, made.as_uri())
    assert len(runs(page)) == 130
    assert runs(page)[0].endswith(("m09-00", "m09-04", "m09-08", "m09-12"))
    head = page.locator("#ledger-table th[data-sort]").first
    head.click()
    names = [key.partition("/")[2] for key in runs(page)]
    assert names == sorted(names)
    assert head.get_attribute("aria-sort") == "ascending"
    head.press("Enter")
    assert [key.partition("/")[2] for key in runs(page)] == names[::-1]
    page.fill("[name=q]", "m00 lab-03")
    assert runs(page) == ["lab-03/m00-03"]
    opened(page, page.url)
    assert runs(page) == ["lab-03/m00-03"]
    page.fill("[name=q]", "nothing of the sort")
    assert page.is_visible("#ledger-none")
    assert page.evaluate("window.broken") is None
