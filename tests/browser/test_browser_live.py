"""The page with a model in it: what it sends an engine, and a real model in it beside its recording."""

import time
from typing import Any

import pytest
from stub_engine import stub_package
from watching import WCAG, until, violations, watched

from llmxray import workflow
from llmxray.errors import InputError
from llmxray.local import MODELS
from llmxray.report import LivePage
from llmxray.report.site.build import SiteBuilder
from tests.commands import ROOT, python

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def stub_site(tmp_path_factory):
    """A site whose page has the stub for an engine."""
    out, where = tmp_path_factory.mktemp("live"), workflow.Workspace(ROOT / "cassettes", ROOT / "experiments")
    prepared = workflow.prepare(where.find("how-you-ask"), where, recorded=True)
    builder = SiteBuilder(out, live=LivePage(stub_package()))
    builder.add(workflow.report_data(prepared, workflow.read_results(prepared)))
    builder.finish()
    return out


@pytest.fixture
def live(chromium):
    """A page without network, where a worker's blob is allowed; an error or a warning fails the test."""
    context = chromium.new_context(offline=True)
    page = watched(context)
    yield page
    context.close()
    assert [fault for fault in page.faults if not fault.startswith("blob:")] == []


def test_a_recorded_question_is_asked_as_recorded_and_goes_on_from_an_alternative(live, stub_site, tmp_path):
    """Beside its recording; an alternative begins the next request; the page leads nowhere without the option."""
    live.goto((stub_site / "index.html").as_uri())
    live.click("#yours a[href='live.html']")
    live.wait_for_selector("#file")
    (tmp_path / "other.gguf").write_bytes(b"none that was recorded")
    live.set_input_files("#file", tmp_path / "other.gguf")
    until(live, "document.querySelector('#loaded').textContent.includes('is loaded')")
    assert "its SHA-256 is another" in live.inner_text("#loaded")
    group = live.locator("#question optgroup").filter(has=live.locator("option")).nth(2)
    assert group.get_attribute("label") == "Does the score depend on how you ask? SmolLM2 135M, by letter"
    live.select_option("#question", group.locator("option").first.get_attribute("value"))
    live.click("button.go")
    until(live, "document.querySelector('#doing').textContent === '1 token written, 4.0 a second.'")
    assert "recorded −0.79, here −0.50" in live.inner_text("#beside")
    assert live.inner_text("#tally").endswith("argmax equal in 1 of 1, largest difference 0.29.")
    live.click(".alternative:has-text('A')")
    until(live, "window.asked.length === 2 && document.querySelectorAll('#answer .token').length === 3")
    first, second = live.evaluate("window.asked")
    assert first["prompt"].endswith("\nAnswer:")
    assert second == {**first, "prompt": f"{first['prompt']} A"}
    assert (first["stop"], first["temperature"], first["logprobs"]) == (["\n"], 0, 20)
    assert live.locator("#answer .lane").all_inner_texts()[1].startswith("You chose “␣A” at 22%")
    assert live.faults == []
    assert violations(live, WCAG) == []
    # The policy keeps axe, which is no script of the page, from reading the style sheets.
    live.faults.clear()


def test_a_browser_without_suspending_says_what_is_missing(live, stub_site):
    """As in Firefox; there is nothing to click."""
    live.add_init_script("delete WebAssembly.Suspending")
    live.goto((stub_site / "live.html").as_uri())
    until(live, "!document.querySelector('#missing').hidden")
    assert "WebAssembly.Suspending is missing" in live.inner_text("#missing")
    assert not live.is_visible("#live")


@pytest.mark.model
def test_smollm2_answers_in_the_page_as_in_the_recording(live, tmp_path, record_property):
    """Twenty questions from disk, without network: the likeliest first token, and its log-probability."""
    try:
        weights = MODELS["smollm2-135m-raw"].weights()
        workflow.live_page()
    except InputError as error:
        pytest.skip(str(error))
    python("-m", "llmxray", "report", "how-you-ask", "--live", "--out", tmp_path, at=ROOT)
    live.goto((tmp_path / "live.html").as_uri())
    live.wait_for_selector("#file")
    live.set_input_files("#file", weights)
    wait(live, "document.querySelector('#loaded').textContent.includes('this very file')")
    options = live.locator("#question option:not([value=''])")
    values = [options.nth(place).get_attribute("value") for place in (0, 10)]
    for n, value in zip((10, 20), values, strict=True):
        live.select_option("#question", value)
        live.click("#ten")
        wait(live, f"document.querySelector('#tally').textContent.includes(' {n} questions')")
        wait(live, "document.querySelector('#stop').hidden")
    tally = live.inner_text("#tally")
    record_property("tally", tally)
    print(tally)
    equal, difference = tally.removesuffix(".").partition("equal in ")[2].split(" of 20, largest difference ")
    assert int(equal) >= 19
    assert float(difference) <= 0.3


def wait(page: Any, expression: str) -> None:
    """Wait until it holds, for minutes."""
    end = time.monotonic() + 600
    while not page.evaluate(expression):
        assert time.monotonic() < end, page.inner_text("main")
        page.wait_for_timeout(500)
