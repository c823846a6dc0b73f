"""The builder of sites, when something fails."""

import os
from dataclasses import dataclass

import hand_made
import pytest

from llmxray.errors import RunFailedError
from llmxray.report import SiteBuilder


@dataclass
class Fatal:
    """Ends the process that receives it, as a kernel out of memory does."""

    name = "fatal"
    models = ()
    hues: object = None

    def __reduce__(self):
        return os._exit, (1,)


def test_an_error_leaves_an_index_of_what_is_there(tmp_path):
    """The first experiment's pages were written when the second one's replay failed."""
    first = hand_made.data(tmp_path, {"a": "++-+", "b": "-+--"}, name="first")
    with pytest.raises(RunFailedError), SiteBuilder(tmp_path / "site") as builder:
        builder.add(first)
        raise RunFailedError("the second one misses a recording")
    assert 'href="first/index.html"' in (tmp_path / "site" / "index.html").read_text()


def test_a_killed_process_is_one_line(tmp_path):
    """It says what to do."""
    with SiteBuilder(tmp_path / "site", workers=2) as builder:
        builder.add(Fatal())
        with pytest.raises(RunFailedError, match="--jobs 1"):
            builder.finish()
