"""Definitions and formulas: one source for the site and for docs/methods.md."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import llmxray.report
from llmxray.report.wording.definitions import DEFINITIONS
from llmxray.report.wording.formulas import FORMULAS, MORE, defined, methods_document

PAGES = Path(llmxray.report.__file__).parent / "pages"


def test_every_number_of_the_site_has_a_formula():
    """And every formula a definition."""
    anchors = [each.anchor for each in defined()]
    assert len(anchors) == len(set(anchors))
    assert set(anchors) >= set(FORMULAS)
    assert not {each.anchor for each in (*DEFINITIONS, *MORE)} - set(FORMULAS)


def test_every_anchor_that_a_table_names_is_defined():
    """Links from the head of a column lead somewhere."""
    named = {
        anchor
        for path in PAGES.rglob("*.py")
        for anchor in re.findall(r'anchor="([a-z0-9-]+)"', path.read_text("utf-8"))
    }
    assert named
    assert named <= {each.anchor for each in defined()}


def test_the_functions_named_exist():
    """Each piece of code is where the page says it is."""
    for formula in FORMULAS.values():
        for name in formula.code.split(", "):
            if name.startswith("llmxray."):
                importlib.import_module(name)
            else:
                module, function = name.split(".")
                assert callable(getattr(importlib.import_module(f"llmxray.metrics.{module}"), function))


def test_the_document_has_stable_anchors():
    """Each definition once, under its anchor."""
    text = "\n".join(methods_document())
    for each in defined():
        assert 1 == text.count(f'<a id="{each.anchor}"></a>')
