"""Suites: where questions come from, each as the same frozen Items.

::

    starter/…   the bank that ships with llmxray        starter, sums
    arc, …      published benchmarks, one file each     sources ─► rows ─► benchmark ─► Suite and its faults
    custom      one's own questions, or the app's file  custom

Then `selection` picks the items that an experiment asks for.
"""

from __future__ import annotations

import difflib
from dataclasses import replace
from pathlib import Path

from llmxray.errors import SuiteError
from llmxray.experiment import SuiteRef
from llmxray.suites import benchmark, custom, starter
from llmxray.suites.arc import ARC
from llmxray.suites.base import Fault, Suite, check
from llmxray.suites.examples import example
from llmxray.suites.gsm8k import GSM8K
from llmxray.suites.hellaswag import HELLASWAG
from llmxray.suites.mmlu_pro import MMLU_PRO
from llmxray.suites.selection import QUICK_ITEMS, select
from llmxray.suites.truthfulqa import TRUTHFULQA, TRUTHFULQA_MC2
from llmxray.types import SuiteCard

__all__ = ["QUICK_ITEMS", "Fault", "Suite", "cards", "check", "load", "names", "select"]

_STARTER = "starter/"
_BENCHMARKS = {each.card.name: each for each in (MMLU_PRO, ARC, HELLASWAG, GSM8K, TRUTHFULQA, TRUTHFULQA_MC2)}
_OPEN_ANSWERS = ("text", "number")


def cards() -> tuple[SuiteCard, ...]:
    """The cards of every suite, in the order of `names`; chance is that of the usual split until items are loaded."""
    known = (*starter.CARDS.values(), *(each.card for each in _BENCHMARKS.values()), custom.CARD)
    return tuple(replace(card, example=example(card.name)) for card in known)


def names() -> tuple[str, ...]:
    """Every suite that an experiment file can name."""
    return (*(card.name for card in starter.CARDS.values()), *_BENCHMARKS, custom.CARD.name)


def load(ref: SuiteRef, base: Path, *, within: Path | None = None) -> Suite:
    """The suite an experiment names, with the items it selects.

    Args:
        ref: the suite's entry in the experiment file.
        base: folder of the experiment file; ``file:`` sources are relative to it.
        within: folder that they must lie in, links followed; None for anywhere.

    Raises:
        SuiteError: unknown, unreachable, or with an item that cannot be used.
        MissingExtraError: its source needs an optional package.
    """
    chosen = select(_named(ref, base, within), ref)
    answer = ref.answer or chosen.answer
    # By its id in the experiment, where one suite may stand twice.
    card = replace(chosen.card, name=ref.id, example=example(ref.suite))
    if answer in _OPEN_ANSWERS:
        # Options that are not shown cannot be guessed among.
        card = replace(card, chance=None)
    return replace(chosen, card=card, answer=answer)


def _named(ref: SuiteRef, base: Path, within: Path | None) -> Suite:
    short = ref.suite.removeprefix(_STARTER)
    if ref.suite.startswith(_STARTER) and short in starter.CARDS:
        if ref.source is not None or ref.config is not None:
            raise SuiteError(f"{ref.suite} brings its own questions; remove 'source' and 'config'")
        return starter.load(short)
    if ref.suite in _BENCHMARKS:
        return benchmark.load(_BENCHMARKS[ref.suite], ref, base, within)
    if ref.suite == custom.CARD.name:
        return custom.load(ref, base, within)
    near = difflib.get_close_matches(ref.suite, names(), n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; there are: {', '.join(names())}"
    raise SuiteError(f"no suite named {ref.suite!r}{hint}")
