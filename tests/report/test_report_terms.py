"""Terms are explained where they first appear on a page, and statistics can be hidden."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import hand_made
import pytest

from llmxray.report import build
from llmxray.report.sentences import terms
from llmxray.report.sentences.terms import TERMS
from llmxray.report.widgets import prose
from llmxray.report.wording.definitions import DEFINITIONS


@pytest.fixture(autouse=True)
def on_a_page() -> Iterator[None]:
    """Every text here stands on a page of an experiment."""
    with terms.on_page(terms.Page(name="results", explains=True)):
        yield


def explained() -> list[str]:
    """The terms that the page explains at its end."""
    return [term.name for _, term in terms.explanations()]


def test_the_first_appearance_opens_an_explanation():
    """The second is plain text; brackets, numbers and stops stay on the line of their button."""
    made = prose.prose("It leads (95% 1 to 7; adjusted p = 0.1).")
    assert 1 == made.count('popovertarget="about-results-0">95%</button>')
    assert ' <span class="whole">(<button' in made
    assert '<span class="stat"> (95% 1 to 2)</span>' in prose.prose("again (95% 1 to 2)")
    alone = prose.prose("a by 4 (95% 1 to 7; 11 questions, p\u00a0=\u00a00.031).")
    assert '">p</button>\u00a0=\u00a00.031)</span></span>.' in alone
    assert ["95% confidence interval", "Adjusted p", "p-value"] == explained()
    assert ("about-results-0", TERMS[0]) == terms.explanations()[0]


def test_a_term_is_explained_where_it_is_seen_first():
    """What waits to be asked for explains it to those who ask, and once more where the others meet it."""
    hidden = prose.prose("Each with its interval (AUROC: Newcombe).")
    assert '">AUROC</button>' in hidden
    assert '">AUROC</button>' in prose.prose("Its AUROC is high.")
    assert "button" not in prose.prose("Its AUROC is high (AUROC: Newcombe).")
    assert ["AUROC"] == explained()


def test_a_sentence_about_a_test_is_a_statistic_as_a_whole():
    """Others keep their words and lose their brackets; a bracket without a statistic stays."""
    made = prose.prose("It leads (95% 1 to 7). By exact McNemar it does not. So it is (as asked) open.")
    seen = re.sub(r'<span class="stat">(?:(?!</?span).|<span class="whole">.*?</span>)*</span>', "", made)
    assert "It leads. So it is (as asked) open." == seen
    assert made.count("<span") == made.count("</span>")
    # A stop within brackets ends no sentence.
    assert 1 == prose.prose("It leads (95% 1 to 7. Adjusted).").count('class="stat"')


def test_a_model_that_is_called_like_a_test_hides_no_sentence():
    """And what an author says stays, whatever it names; its brackets can be hidden."""
    with terms.on_page(terms.Page(name="results", explains=True, labels=["Wilson-7B", "Qwen"])):
        assert "Wilson-7B leads Qwen." == prose.prose("Wilson-7B leads Qwen.")
        assert prose.prose("Wilson-7B does not lead by exact McNemar.").startswith('<span class="stat">')
    made = prose.stated("Fisher-7B (p\u00a0=\u00a00.03) is better calibrated.")
    assert made.startswith('Fisher-7B<span class="stat"> ')
    assert '">calibrated</button>' in made, "a hypothesis is where a reader meets a term first"


def test_what_is_no_sentence_and_what_stands_in_a_head():
    """Brackets and parts between commas; neither explains anything."""
    assert '62%<span class="stat"> (95% 50% to 71%)</span>' == prose.phrase("62% (95% 50% to 71%)")
    assert "permutation test" == prose.phrase("permutation test")
    assert 'per question<span class="stat">, 95%</span>' == prose.note("per question, 95%")
    assert 'exact<span class="stat">, Holm</span>' == prose.note("exact, Holm")
    assert [] == explained()


def test_text_is_escaped_everywhere():
    """Labels of models and suites stand in our sentences."""
    for made in (
        prose.prose("<b> & AUROC of <i> (95% <u> 1 to 2). Holm <s>."),
        prose.phrase("<b> (95% 1 to <u>)"),
        prose.note("<b>, 95% <u>"),
    ):
        assert re.findall(r"</?(\w+)", made).count("span") + made.count("button") >= 1
        assert {"span", "button"} >= set(re.findall(r"</?(\w+)", made))


def test_a_page_that_defines_nothing_explains_nothing():
    """There is no methods page that an explanation could lead to."""
    with terms.on_page(terms.Page(name="index")):
        assert "AUROC" == prose.prose("AUROC")
        assert [] == terms.explanations()


def test_every_term_has_a_definition_and_one_short_explanation():
    """Anchors exist on the methods page; what is said fits into a small box."""
    assert {term.anchor for term in TERMS} - {""} <= {each.anchor for each in DEFINITIONS}
    assert all(term.anchor and len(term.said) <= 160 for term in TERMS if term.pattern)
    names = [term.name.casefold() for term in TERMS]
    assert len(names) == len(set(names))


def test_a_page_is_written_with_its_terms(tmp_path):
    """Each button opens a note that is there, and leads to the definition."""
    data = hand_made.data(tmp_path / "c", {"a": "++++++++--" * 3, "b": "+---------" * 3})
    build([data], tmp_path / "site")
    page = (tmp_path / "site/made-up/results.html").read_text()
    targets = re.findall(r'popovertarget="([^"]+)"', page)
    assert targets
    assert set(targets) == set(re.findall(r'<div popover class="about" id="([^"]+)">', page))
    assert re.search(r'<a href="methods.html#[\w-]+">More under methods</a>', page)


def test_terms_without_a_space_between_them():
    """Two terms of one word: each is explained, and no letter is lost or said twice."""
    for text in ("by AUROC/ECE-15 alone", "by ECE-15,AUROC", "(95% AUROC, adjusted p;exact McNemar"):
        with terms.on_page(terms.Page(name="results", explains=True)):
            made = prose.prose(text)
            assert len(explained()) >= 2
        assert text == re.sub(r"<[^<>]*>", "", made)
        assert made.count("<span") == made.count("</span>") >= 2


@pytest.mark.parametrize(
    "name", [" (Holm", " (a)", " (Holm)", " (", "95% 1", "p\u00a0", "; ", ". ", ". (", " "]
)
def test_a_long_label_is_read_once(name: str) -> None:
    """A pack's labels may be as long as the pack: what grows with their square takes hours."""
    began = time.process_time()
    prose.prose(name * (400_000 // len(name)))
    assert time.process_time() - began < 10


@pytest.mark.xfail(strict=True, reason="what is a statistic is decided from the words of the sentence")
def test_a_name_makes_no_statistic() -> None:
    """A finding about a category stays where the statistics are hidden, whatever its name."""
    with prose.on_page("categories", explains=False):
        assert "stat" not in prose.prose("a is weakest in Bootstrap CSS: 20% right.")
