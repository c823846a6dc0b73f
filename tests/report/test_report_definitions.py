"""Definitions and formulas: one source for the site and for docs/methods.md."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Mapping
from pathlib import Path

import llmxray.metrics
import llmxray.report
from llmxray.report.sentences.terms import TERMS
from llmxray.report.wording.definitions import DEFINITIONS

REPORT = Path(llmxray.report.__file__).parent


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


def sources():
    """All that pages are made of, but for the definitions themselves."""
    files = (*REPORT.rglob("*.py"), *REPORT.rglob("*.html"), *REPORT.rglob("*.js"))
    # The glossary names more definitions than pages do.
    own = ("definitions.py", "terms.py")
    return {path: path.read_text("utf-8") for path in files if path.name not in own}


def test_every_definition_is_linked_from_a_page():
    """By the head of a column, an estimator, a term, or a link in a template."""
    text = "\n".join(sources().values())
    linked = set(
        re.findall(r'anchor="([a-z0-9-]+)"|methods(?: \}\}#|", "|\.html", "", "#)([a-z0-9-]+)"', text)
    )
    anchors = {anchor for pair in linked for anchor in pair} | {term.anchor for term in TERMS if term.words}
    assert set() == {each.anchor for each in DEFINITIONS} - anchors


def named_in(tree: ast.AST, names: Mapping[str, str]) -> set[str]:
    """What a piece of code names of ``llmxray.metrics``, as ``module.function``.

    Args:
        names: what its names stand for: a module ("accuracy") or something of one ("guessing.knows").
    """
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and "." in (meant := names.get(node.id, "")):
            found.add(meant)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = names.get(node.value.id, ".")
            found |= set() if "." in module else {f"{module}.{node.attr}"}
    return found


def imported(tree: ast.AST) -> dict[str, str]:
    """What the names that a file imports from ``llmxray.metrics`` stand for."""
    return {
        each.asname or each.name: ".".join([*(node.module or "").split(".")[2:], each.name])
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith("llmxray.metrics.")
        for each in node.names
    }


def called() -> set[str]:
    """All of ``llmxray.metrics`` that the report names, and what that calls in turn."""
    calls: dict[str, set[str]] = {}
    for path in Path(llmxray.metrics.__file__).parent.glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        parts = {part.name: part for part in tree.body if isinstance(part, ast.FunctionDef | ast.ClassDef)}
        names = imported(tree) | {name: f"{path.stem}.{name}" for name in parts}
        calls |= {names[name]: named_in(part, names) for name, part in parts.items()}
    texts = [text for path, text in sources().items() if path.suffix == ".py"]
    trees = [ast.parse(text) for text in texts if "llmxray.metrics" in text]
    waiting = set().union(*(named_in(tree, imported(tree)) for tree in trees))
    found: set[str] = set()
    while waiting:
        found |= waiting
        waiting = set().union(*(calls.get(name, set()) for name in waiting)) - found
    return found


def test_the_function_of_every_definition_is_called():
    """What the page names is what it computes by: no word of a comment, and no namesake of another module."""
    reached = called()
    assert "guessing.knows" in reached
    # The report has a function of this name, which calls another one.
    assert "calibration.brier_multiclass" not in reached
    named = {
        name for each in DEFINITIONS for name in each.code.split(", ") if not name.startswith("llmxray.")
    }
    assert set() == named - reached
