"""Groups of subjects."""

import pytest

from llmxray.metrics.subjects import GROUPS, MMLU_PRO, STEM, group_of
from llmxray.suites import starter


def test_all_fourteen_subjects_have_a_group():
    """MMLU-Pro has fourteen subjects, and every group has at least two of them."""
    assert 14 == len(MMLU_PRO)
    assert set(GROUPS) == set(MMLU_PRO.values())
    assert min(list(MMLU_PRO.values()).count(group) for group in GROUPS) >= 2


@pytest.mark.parametrize("name", ["mmlu-pro", "arc", "gsm8k"])
def test_every_starter_category_of_a_subject_suite_has_a_group(name):
    """No category of the bank falls through the map."""
    suite = starter.load(name)
    assert None not in {group_of(suite.name, item.category) for item in suite.items}


def test_suites_without_subjects_have_no_group():
    """Misconceptions and everyday scenes are neither STEM nor humanities."""
    assert group_of("starter/truthfulqa", "history") is group_of("hellaswag", "cooking") is None
    assert (STEM, "humanities") == (group_of("arc", "ARC-Easy"), group_of("mmlu_pro", "Law"))
