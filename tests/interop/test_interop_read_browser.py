"""Pages of read files in Chromium: what the files do not hold is left out, and nothing breaks for want of it."""

import made_files as made
import pytest

from llmxray import report, workflow
from llmxray.interop import read as interop
from tests.browser.watching import watched

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """An Inspect log and lm-eval's sums on the same questions."""
    log = made.inspect_log([made.inspect_sample(n, "AB"[n % 2]) for n in range(6)])
    sums = [made.lm_eval_row(n, (-1.0, -2.0, -3.0, -4.0)) for n in range(6)]
    files = [
        ("a.eval", made.inspect_archive(log, 93)),
        ("samples_x_2026-01-01T00-00-00.1.jsonl", made.lines(sums)),
    ]
    out = tmp_path_factory.mktemp("site")
    report.build([workflow.imported_data(each) for each in interop.read_files(files)], out)
    return out


@pytest.fixture
def page(chromium):
    """A page that fails on what goes wrong in it."""
    context = chromium.new_context(offline=True)
    page = watched(context)
    yield page
    context.close()
    assert page.faults == []


def test_an_answer_shows_the_mark_of_the_tool_and_the_bars_of_sums(site, page):
    """Letters with their tokens beside sums without any."""
    page.goto((site / "read-sums" / "answer.html").as_uri() + "?q=sums/q1")
    page.click("#question details.folded > summary")
    second, first = page.query_selector_all(".answer")
    assert not {"false", "null"} & set(page.inner_text("main").split())
    assert "Inspect choice: I." in first.inner_text()
    assert "X-ray of this answer" in first.inner_text()
    assert "lm-evaluation-harness acc: 1.0." in second.inner_text()
    assert "X-ray of this answer" not in second.inner_text()
    assert "requests" not in second.inner_text()
    page.goto((site / "read-sums" / "xray.html").as_uri() + "?q=sums/q1")
    page.wait_for_selector(".xpage .token")
    assert "ANSWER:" in page.inner_text(".xpage")
