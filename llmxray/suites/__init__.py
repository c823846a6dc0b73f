"""Suites: where questions come from, each as the same frozen Items.

``starter/…`` is the bank that ships with llmxray (see `starter`); the other names are adapters from the hub's
schema, one file per benchmark.
"""

from __future__ import annotations

import difflib
from dataclasses import replace
from pathlib import Path

from llmxray.errors import SuiteError
from llmxray.experiment import SuiteRef
from llmxray.suites import starter
from llmxray.suites.base import Suite, check, select

__all__ = ["Suite", "check", "load", "names", "select"]

_STARTER = "starter/"


def names() -> tuple[str, ...]:
    """Every suite that an experiment file can name."""
    return tuple(_STARTER + name for name in starter.CARDS)


def load(ref: SuiteRef, base: Path) -> Suite:
    """The suite an experiment names, with the items it selects.

    Args:
        ref: the suite's entry in the experiment file.
        base: folder of the experiment file; ``file:`` sources are relative to it.

    Raises:
        SuiteError: unknown, unreachable, or with an item that cannot be used.
    """
    suite = _named(ref)
    sample = ref.sample
    chosen = select(suite, ref, sample=sample.n if sample else None, sample_seed=sample.seed if sample else 0)
    return replace(chosen, card=replace(chosen.card, name=ref.id), answer=ref.answer or chosen.answer)


def _named(ref: SuiteRef) -> Suite:
    short = ref.suite.removeprefix(_STARTER)
    if ref.suite.startswith(_STARTER) and short in starter.CARDS:
        return starter.load(short)
    near = difflib.get_close_matches(ref.suite, names(), n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; there are: {', '.join(names())}"
    raise SuiteError(f"no suite named {ref.suite!r}{hint}")
