"""Suggestions are near, and slips are told from other words."""

import pytest

from llmxray.experiment.spelling import did_you_mean, nearest, one_edit_apart


@pytest.mark.parametrize(
    ("left", "right"), [("seed", "seeds"), ("temprature", "temperature"), ("sede", "seed"), ("stop", "stup")]
)
def test_one_insertion_deletion_replacement_or_swap(left, right):
    """Each of the four edits, in both directions."""
    assert one_edit_apart(left, right)
    assert one_edit_apart(right, left)


@pytest.mark.parametrize(("left", "right"), [("seed", "sexes"), ("stop", "store")])
def test_two_edits_are_not_one(left, right):
    """A second edit is too far."""
    assert not one_edit_apart(left, right)
    assert not one_edit_apart(right, left)


def test_the_nearest_word_is_suggested():
    """Case and separators do not count."""
    assert nearest("baseURL", ["preset", "base_url"]) == "base_url"
    assert did_you_mean("tinny", ["lab", "tiny"]) == "; did you mean 'tiny'?"
    assert did_you_mean("zebra", ["lab", "tiny"]) == ""
