"""Definitions and formulas: one source for the site and for docs/methods.md."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import llmxray.report
from llmxray.report.wording.definitions import DEFINITIONS, methods_document
from llmxray.report.wording.terms import TERMS

REPORT = Path(llmxray.report.__file__).parent
# Judged in `llmxray.metrics.verdict`, which pages ask through `wording.predictions`.
NOT_SHOWN = {"similarity"}


def test_every_number_of_the_site_has_a_formula():
    """With the function that computes it, under an anchor of its own."""
    anchors = [each.anchor for each in DEFINITIONS]
    assert len(anchors) == len(set(anchors))
    assert [] == [each.anchor for each in DEFINITIONS if not (each.formula and each.code)]


def test_every_anchor_that_a_table_names_is_defined():
    """Links from the head of a column lead somewhere."""
    named = {
        anchor
        for path in REPORT.rglob("*.py")
        for anchor in re.findall(r'anchor="([a-z0-9-]+)"', path.read_text("utf-8"))
    }
    assert named
    assert named <= {each.anchor for each in DEFINITIONS}


def test_the_functions_named_exist():
    """Each piece of code is where the page says it is."""
    for each in DEFINITIONS:
        for name in each.code.split(", "):
            if name.startswith("llmxray."):
                importlib.import_module(name)
            else:
                module, function = name.split(".")
                assert callable(getattr(importlib.import_module(f"llmxray.metrics.{module}"), function))


def test_the_document_has_stable_anchors():
    """Each definition once, under its anchor."""
    text = "\n".join(methods_document())
    for each in DEFINITIONS:
        assert 1 == text.count(f'<a id="{each.anchor}"></a>')


def sources():
    """All that pages are made of, but for the definitions themselves."""
    files = (*REPORT.rglob("*.py"), *REPORT.rglob("*.html"), *REPORT.rglob("*.js"))
    # The glossary names more definitions than pages do.
    own = ("definitions.py", "terms.py")
    return {path: path.read_text("utf-8") for path in files if path.name not in own}


def test_every_definition_is_linked_from_a_page():
    """By the head of a column, an estimator, a term, or a link in a template."""
    text = "\n".join(sources().values())
    linked = set(re.findall(r'anchor="([a-z0-9-]+)"|methods(?:\.html| \}\})#([a-z0-9-]+)"', text))
    anchors = {anchor for pair in linked for anchor in pair} | {term.anchor for term in TERMS if term.pattern}
    assert NOT_SHOWN == {each.anchor for each in DEFINITIONS} - anchors - {"mcnemar", "sign-flip"}


def test_the_function_of_every_definition_is_called():
    """What the page names is what it computes by."""
    text = "\n".join(text for path, text in sources().items() if path.suffix == ".py")
    for each in DEFINITIONS:
        if each.anchor in NOT_SHOWN:
            continue
        for name in each.code.split(", "):
            if not name.startswith("llmxray."):
                assert re.search(rf"\b{name.partition('.')[2]}\b", text), (each.anchor, name)
