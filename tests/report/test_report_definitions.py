"""Definitions and formulas: one source for the site and for docs/methods.md."""

import importlib

from llmxray.report.wording import DEFINITIONS


def test_every_number_of_the_site_has_a_formula():
    """With the function that computes it, under an anchor of its own."""
    anchors = [each.anchor for each in DEFINITIONS]
    assert len(anchors) == len(set(anchors))
    assert [] == [each.anchor for each in DEFINITIONS if not (each.formula and each.code)]


def test_the_functions_named_exist():
    """Each piece of code is where the page says it is."""
    for each in DEFINITIONS:
        for name in each.code.split(", "):
            if name.startswith("llmxray."):
                importlib.import_module(name)
            else:
                module, function = name.split(".")
                assert callable(getattr(importlib.import_module(f"llmxray.metrics.{module}"), function))
