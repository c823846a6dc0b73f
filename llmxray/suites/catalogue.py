"""Catalogue of all suites by name, from which an experiment's suites are loaded."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from llmxray.errors import SuiteError
from llmxray.experiment import SuiteRef
from llmxray.experiment.spelling import slip_of
from llmxray.suites import benchmark, custom, named_columns, starter
from llmxray.suites.arc import ARC
from llmxray.suites.base import Suite
from llmxray.suites.data_rows import DataRow
from llmxray.suites.gsm8k import GSM8K
from llmxray.suites.hellaswag import HELLASWAG
from llmxray.suites.mmlu_pro import MMLU_PRO
from llmxray.suites.selection import select
from llmxray.suites.truthfulqa import TRUTHFULQA, TRUTHFULQA_MC2
from llmxray.types import LETTERS, Item, SuiteCard

_STARTER = "starter/"
_BENCHMARKS = {
    published.card.name: published
    for published in (MMLU_PRO, ARC, HELLASWAG, GSM8K, TRUTHFULQA, TRUTHFULQA_MC2)
}
_IN_THE_MANNER_OF = {
    "mmlu_pro": "mmlu-pro",
    "arc": "arc",
    "hellaswag": "hellaswag",
    "gsm8k": "gsm8k",
    "truthfulqa": "truthfulqa",
    "truthfulqa_mc2": "truthfulqa",
}
_OPEN_ANSWERS = ("text", "number")
_OF_YOUR_OWN = "give one of your own a 'source:'"


def cards() -> tuple[SuiteCard, ...]:
    """Return the cards of all suites, in the order of `names`; chance is that of the usual split."""
    all_cards = (
        *starter.CARDS.values(),
        *(published.card for published in _BENCHMARKS.values()),
        custom.CARD,
    )
    return tuple(replace(card, example=example(card.name)) for card in all_cards)


def names() -> tuple[str, ...]:
    """Return the name of every suite that an experiment file can name."""
    return (*(card.name for card in starter.CARDS.values()), *_BENCHMARKS, custom.CARD.name)


def load(ref: SuiteRef, base: Path, *, within: Path | None = None) -> Suite:
    """Return the suite an experiment names, with the items it selects.

    Args:
        ref: the suite's entry in the experiment file.
        base: folder of the experiment file; files and folders are relative to it.
        within: folder that they must lie in, links followed; None for anywhere.

    Raises:
        SuiteError: unknown, unreachable, or with an item that cannot be used.
        MissingExtraError: its source needs an optional package.
    """
    chosen = select(_load_named(ref, base, within), ref)
    answer = ref.answer or chosen.answer
    # The card is named by the suite's id in the experiment, since one suite may be listed twice.
    card = replace(chosen.card, name=ref.id, example=example(ref.suite) if ref.suite in names() else "")
    if answer in _OPEN_ANSWERS:
        # Options that are not shown cannot be guessed among.
        card = replace(card, chance=None)
    return replace(chosen, card=card, answer=answer)


def own_rows(rows: Sequence[DataRow]) -> tuple[str, ...]:
    """Return the names of the published benchmarks whose own rows these are."""
    return tuple(name for name, published in _BENCHMARKS.items() if _is_own(published, rows))


def _is_own(published: benchmark.Benchmark, rows: Sequence[DataRow]) -> bool:
    if not all(any(schema.fits(row) for schema in published.schemas) for row in rows):
        return False
    try:
        published.read(rows[0], benchmark.RowReader())
    except SuiteError:
        return False
    return True


def _load_named(ref: SuiteRef, base: Path, within: Path | None) -> Suite:
    short = ref.suite.removeprefix(_STARTER)
    is_starter = ref.suite.startswith(_STARTER)
    if is_starter and short in starter.CARDS:
        if ref.source is not None or ref.config is not None:
            raise SuiteError(f"{ref.suite} brings its own questions; remove 'source' and 'config'")
        return starter.load(short)
    if ref.suite in _BENCHMARKS:
        if ref.columns is not None:
            raise SuiteError(
                f"{ref.suite} knows its own columns; for other rows give the suite a name of its own, such as "
                f"'suite: my-{ref.suite.replace('_', '-')}'"
            )
        return benchmark.load(_BENCHMARKS[ref.suite], ref, base, within)
    if ref.columns is not None and not is_starter:
        return named_columns.load(ref, ref.columns, base, within)
    slip = slip_of(ref.suite, names())
    # A suite of one's own may have any name, except one that looks like another's with a typing error.
    if ref.suite == custom.CARD.name or (ref.source is not None and not is_starter and slip is None):
        return custom.load(ref, base, within)
    matches = [slip] if slip else difflib.get_close_matches(ref.suite, names(), n=1)
    hint = (
        f"; did you mean {matches[0]!r}?" if matches else f"; there are: {', '.join(names())}; {_OF_YOUR_OWN}"
    )
    raise SuiteError(f"no suite named {ref.suite!r}{hint}")


@cache
def example(name: str) -> str:
    """Return a worked example of the starter suite with this suite's format; "" for suites of one's own."""
    short = _IN_THE_MANNER_OF.get(name, name.removeprefix("starter/"))
    if short not in starter.CARDS:
        return ""
    return _written_out(starter.load(short).shots[0])


def _written_out(item: Item) -> str:
    options = " ".join(f"{LETTERS[index]}. {choice}" for index, choice in enumerate(item.choices))
    answer = f"{item.answer} ({item.answer_text})" if item.choices else item.answer
    return f"{item.question} {options + ' ' if options else ''}→ {answer}"
