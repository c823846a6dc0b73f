"""The builder of sites: processes change nothing but the time."""

from __future__ import annotations

import os
from dataclasses import dataclass

import hand_made
import pytest

from llmxray.errors import RunFailedError
from llmxray.report import SiteBuilder, build


@dataclass
class Fatal:
    """Ends the process that receives it, as a kernel out of memory does."""

    name = "fatal"
    models = ()
    hues: object = None

    def __reduce__(self):
        return os._exit, (1,)


def two(folder):
    """Two small experiments."""
    return [
        hand_made.data(folder / name, {"a": "++-+", "b": "-+--"}, name=name) for name in ("first", "second")
    ]


def files(out):
    """Every file of a site by its path."""
    return {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_pages_do_not_depend_on_the_number_of_processes(tmp_path):
    """Byte for byte; whoever waits is told how far it is."""
    experiments, told = two(tmp_path), []
    build(experiments, tmp_path / "one")
    with SiteBuilder(tmp_path / "two", workers=2) as builder:
        for data in experiments:
            builder.add(data)
        index = builder.finish(lambda done, total: told.append((done, total)))
    assert index == tmp_path / "two" / "index.html"
    assert told == [(0, 2), (1, 2), (2, 2)]
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_an_error_leaves_an_index_of_what_is_there(tmp_path):
    """The first experiment's pages were written when the second one's replay failed."""
    first, _ = two(tmp_path)
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
