"""Values for templates are made by the names of their fields, so that no two of them can be swapped unseen."""

from __future__ import annotations

import pkgutil
from dataclasses import fields, is_dataclass
from importlib import import_module

from llmxray import report
from llmxray.report.analysis.confidence import Estimator
from llmxray.report.links import PageEntry
from llmxray.report.widgets.table import Cell


def test_every_value_is_made_by_name() -> None:
    """Each dataclass of the room takes no argument by its place."""
    names = [each.name for each in pkgutil.walk_packages(report.__path__, f"{report.__name__}.")]
    made = {
        each
        for module in map(import_module, names)
        for each in vars(module).values()
        if isinstance(each, type) and is_dataclass(each) and each.__module__ in names
    }
    assert {Cell, Estimator, PageEntry} <= made
    by_place = {
        f"{each.__module__}.{each.__qualname__}"
        for each in made
        if any(field.init and not field.kw_only for field in fields(each))
    }
    assert set() == by_place
