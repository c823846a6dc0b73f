"""The file that orders a site."""

import pytest

from llmxray.errors import ExperimentError
from llmxray.experiment import SITE_FILE, load_site
from llmxray.workflow import Workspace


def test_a_fault_is_named_by_its_place(tmp_path):
    """File, line, and what is known."""
    (tmp_path / SITE_FILE).write_text("title: Mine\nordr: [a]\n")
    with pytest.raises(ExperimentError, match=r"site\.yaml:2:1: .*did you mean 'order'"):
        load_site(tmp_path / SITE_FILE)


def test_the_shipped_order_names_every_shipped_experiment(root):
    """And nothing else."""
    there = {path.stem for path in Workspace(experiments=root / "experiments").all()}
    site = load_site(root / "experiments" / SITE_FILE)
    assert there == set(site.order)
    assert site.featured in there
