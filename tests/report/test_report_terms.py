"""Terms are explained where they first appear on a page."""

from __future__ import annotations

import re
import time

import hand_made
import pytest

from llmxray.report import build
from llmxray.report.wording.definitions import DEFINITIONS
from llmxray.report.wording.terms import TERMS, explained, with_statistics

PAGE = '<main id="main" class="wrap">\n<p class="lede">{}</p>\n<p>{}</p>\n</main>'


def test_the_first_appearance_opens_a_sentence_and_a_link():
    """The second is plain text; the note stands in the same part of the page and leads to the definition."""
    made = explained(
        PAGE.format("a by 4 (95% 1 to 7; adjusted p = 0.1)", "again (95% 1 to 2)"), "x/results.html"
    )
    assert 1 == made.count('popovertarget="about-results-0">95%</button>')
    assert "again (95% 1 to 2)" in made
    assert '<div popover class="about" id="about-results-1">' in made
    assert 'href="methods.html#holm">' in made
    alone = explained(
        PAGE.format("a by 4 (95% 1 to 7; 11 questions, p\u00a0=\u00a00.031).", ""), "x/results.html"
    )
    assert '">p</button>\u00a0=\u00a00.031).</span></p>' in alone
    assert ' <span class="whole">(<button' in made
    assert made.endswith("</div>\n</main>")


def test_a_term_is_explained_where_it_is_seen_first():
    """Not in a statistic that waits to be asked for, unless it stands nowhere else; captions and notes count."""
    hidden = '<span class="stat">Each with its interval (AUROC: Newcombe).</span>'
    page = PAGE.format(hidden, "x").replace("<p>x", '<p class="note">Its AUROC, its ECE and its confidence')
    made = explained(page, "x/calibration.html")
    assert hidden in made
    for term in ("AUROC", "ECE", "confidence"):
        assert f'">{term}</button>' in made
    assert '">AUROC</button>' in explained(PAGE.format(hidden, ""), "x/calibration.html")
    assert "button" not in explained(PAGE.format("a 95 percent confidence interval", ""), "x/index.html")
    stated = '<p class="hypothesis"><span class="label">Hypothesis</span> It is better calibrated.</p>\n'
    made = explained(PAGE.replace('<p class="lede">', f'{stated}<p class="lede">'), "x/index.html")
    assert '">calibrated</button>.' in made, "a hypothesis is where a reader meets a term first"
    named = PAGE.format('<span title="confidence">6</span>', "")
    assert named == explained(named, "x/index.html")


def test_what_is_not_plain_text_is_left_alone():
    """A paragraph with a link, a page without terms, a page without a main part, a front page without experiments."""
    linked = PAGE.format('<a href="#">AUROC</a>', "nothing")
    assert linked == explained(linked, "x/results.html")
    assert "<p>AUROC</p>" == explained("<p>AUROC</p>", "x/brief.html")
    front = PAGE.format("AUROC", "")
    assert front == explained(front, "index.html")
    there = PAGE.format("AUROC", '<a href="one/index.html">One</a>')
    assert 'href="one/methods.html#auroc"' in explained(there, "index.html")


def test_every_term_has_a_definition_and_one_short_explanation():
    """Anchors exist on the methods page; what is said fits into a small box."""
    assert {term.anchor for term in TERMS} - {""} <= {each.anchor for each in DEFINITIONS}
    assert all(term.anchor and len(term.said) <= 160 for term in TERMS if term.pattern)
    names = [term.name.casefold() for term in TERMS]
    assert len(names) == len(set(names))


def test_a_page_is_written_with_its_terms(tmp_path):
    """Each button opens a note that is there."""
    data = hand_made.data(tmp_path / "c", {"a": "++++++++--" * 3, "b": "+---------" * 3})
    build([data], tmp_path / "site")
    page = (tmp_path / "site/made-up/results.html").read_text()
    targets = re.findall(r'popovertarget="([^"]+)"', page)
    assert targets
    assert all(f'id="{target}"' in page for target in targets)


def test_terms_without_a_space_between_them():
    """Two terms of one word: no tag is taken apart."""
    for text in ("by AUROC/ECE-15 alone", "by ECE-15,AUROC", "(95% AUROC, adjusted p;exact McNemar"):
        made = explained(PAGE.format(text, ""), "x/results.html")
        body = made.split("<div popover", 1)[0]
        assert text == re.sub(r"<[^<>]*>", "", body.split("</p>", 1)[0]).strip()
        assert body.count("<span") == body.count("</span>") >= 2


@pytest.mark.parametrize("reply", [" (Holm", " (a)", " (Holm)", " (", "95% 1", "p\u00a0", "; ", " "])
def test_a_long_reply_is_read_once(reply: str) -> None:
    """A small pack holds replies of millions of characters: what grows with their square takes hours."""
    page = PAGE.format("", reply * (400_000 // len(reply)))
    began = time.process_time()
    explained(with_statistics(page), "x/index.html")
    assert time.process_time() - began < 10
