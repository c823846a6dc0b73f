"""Words that no line holds may break, and nothing else is touched."""

from __future__ import annotations

import re

import pytest

from llmxray.report.widgets.render import breakable

LONG = "W" * 150


@pytest.mark.parametrize(
    "word", [LONG, "ä" * 41, "qwen_2_5_coder_" * 6, f"“{LONG}”, and more", f"a-{LONG}/{LONG}"]
)
def test_a_long_word_breaks_and_keeps_its_letters(word: str) -> None:
    """A line never has to hold more than a few letters of it, and whoever copies it copies the word."""
    page = breakable(f"<p>{word}</p>")
    assert page.replace("<wbr>", "") == f"<p>{word}</p>"
    assert max(map(len, re.findall(r"\w+", page))) <= 5


@pytest.mark.parametrize(
    "html",
    [
        # A hash, a compound, an address, a row of letters with marks between them.
        f"<p>{'0123456789abcdef' * 4} Donaudampfschifffahrtsgesellschaft</p>",
        "<a href='https://example.org/some/long/address/of/a/page/that/has/many/parts.html'>x</a>",
        f"<p>{'&amp;lt;' * 100}</p>",
        f'<i title="{LONG}" class="{LONG}"></i>',
        f"<!-- {LONG} --><script>x = '{LONG}';\n</script><style>.{LONG} {{}}</style><title>{LONG}</title>",
        f"<svg viewBox='0 0 1 1'><g><text>{LONG}</text></g></svg><select><option>{LONG}</option></select>",
    ],
)
def test_everything_else_stays_as_it_is(html: str) -> None:
    """Attributes, scripts, drawings; and on a page with a long word, too."""
    assert breakable(html) == html
    assert breakable(f"{html}<p>{LONG}</p>").startswith(html)
