"""Terms are explained where they first appear on a page, and what a user named hides and marks nothing."""

import re

import hand_made

from llmxray.report import build
from llmxray.report.sentences import Finding, terms
from llmxray.report.sentences.terms import TERMS
from llmxray.report.wording import DEFINITIONS

CLAIM = "Fisher-7B wins by a wide margin (p = 0.03, 95% CI 1 to 7; Holm)."


def test_a_page_that_defines_nothing_explains_nothing():
    """There is no methods page that an explanation could lead to."""
    with terms.on_page(terms.Page(name="index")):
        assert "button" not in Finding("calibration.estimators", bold="x").__html__()
        assert [] == terms.explanations()


def test_every_term_has_a_definition_and_one_short_explanation():
    """Anchors exist on the methods page; what is said fits into a small box."""
    assert {term.anchor for term in TERMS} - {""} <= {each.anchor for each in DEFINITIONS}
    assert all(term.anchor and len(term.said) <= 160 for term in TERMS if term.words)
    names = [term.name.casefold() for term in TERMS]
    assert len(names) == len(set(names))


def test_a_name_and_a_claim_make_no_statistic(tmp_path):
    """Whatever tests and intervals they name, and the note beside a claim stays."""
    prediction = {"claim": CLAIM, "metric": "accuracy", "of": "a", "above": "b", "margin": 5}
    marks, topics = {"a": "+-" * 20, "b": "-" * 40}, ("Bootstrap CSS", "Holm (95% 1 to 7)")
    data = hand_made.data(tmp_path / "c", marks, categories=topics, predictions=[prediction])
    build([data], tmp_path / "site")
    headline = re.search(r"<h1>(.*)</h1>", (tmp_path / "site/made-up/categories.html").read_text())
    assert all(topic in headline[1] for topic in topics)
    assert "stat" not in headline[1]
    page = (tmp_path / "site/made-up/index.html").read_text()
    assert f"<span>{CLAIM}</span>" in page
    assert "(by more than 5 points, " in page
