"""One model at two settings."""

from __future__ import annotations

import pytest

from llmxray.errors import InputError
from llmxray.metrics.paired import holm, mcnemar_exact
from llmxray.metrics.pressure import pressure

A = [True] * 10 + [True, False] * 5
B = [False] * 10 + [True, False] * 5
CATEGORIES = ["law"] * 10 + ["math"] * 10


def test_each_category_is_tested_on_its_own_questions():
    """Law collapses and maths does not move: both rules say so, the tests are McNemar's, Holm over two."""
    found = pressure(CATEGORIES, A, B, ["x"] * 20, ["y"] * 20)
    law, maths = found.categories
    assert ("law", "math") == (law.category, maths.category)
    assert mcnemar_exact(A[:10], B[:10]) == law.test
    assert holm([law.test.p_value, maths.test.p_value]) == (law.p_holm, maths.p_holm)
    assert (True, True) == (law.flagged, law.differs)
    assert (False, False) == (maths.flagged, maths.differs)
    assert 0.5 == found.overall.difference.value


def test_the_apps_rule_alone_is_not_evidence():
    """One question in ten is 10 points, which the app flags; ten questions cannot tell it from luck."""
    (found,) = pressure(["c"] * 10, [True] * 10, [True] * 9 + [False], ["x"] * 10, ["y"] * 10).categories
    assert (True, False) == (found.flagged, found.differs)


def test_exactly_five_points_is_not_flagged():
    """The rule says more than five."""
    (found,) = pressure(["c"] * 20, [True] * 20, [True] * 19 + [False], ["x"] * 20, ["y"] * 20).categories
    assert not found.flagged


def test_a_server_that_ignores_the_setting_is_found_out():
    """The same replies word for word; missing ones are counted, not compared."""
    same = pressure(["c"] * 3, [True] * 3, [True] * 3, ["x", "y", None], ["x", "y", "z"])
    assert (True, 2, 1) == (same.ignored, same.identical.n, same.identical.n_missing)
    assert not pressure(["c"], [True], [True], ["x"], ["y"]).ignored
    assert not pressure([], [], [], [], []).ignored


def test_columns_must_be_joined():
    """Unequal columns are refused."""
    with pytest.raises(InputError, match="joined"):
        pressure(["c"], [True], [True, False], ["x"], ["y"])
