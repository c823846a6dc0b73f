"""Experiments with given answers, in the file that a ledger reads, without recordings and pages; and its entries."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import hand_made
import numpy as np

from llmxray.report.analysis import Analysis, ledger_entry
from llmxray.report.analysis.ledger_entry import LedgerEntry, LedgerRun, Questions, QuestionScores
from llmxray.report.files import export
from llmxray.types import LETTERS


def write_ledger(
    site: Path,
    answers: Mapping[str, str],
    name: str = "made-up",
    orders: Sequence[Sequence[int]] = (),
    models: Mapping[str, str] | None = None,
) -> Path:
    """Write an experiment whose key is always A; returns its folder.

    Args:
        answers: by condition, a letter of the item's own options for each question, ``.`` for one that was not read,
            ``!`` for no whole reply.
        orders: by condition, how all of its options are shown.
    """
    marks = {
        each: "".join({"A": "+", ".": "?", "!": "!"}.get(one, "-") for one in said)
        for each, said in answers.items()
    }
    data = hand_made.data(site, marks, name=name, models=models)
    shown = dict(zip(answers, orders, strict=True)) if orders else {}
    rows = []
    for row in data.results.rows:
        said = answers[row.condition][int(row.item_id[1:])]
        order = tuple(shown.get(row.condition, ()))
        letter = {one: LETTERS[order.index(LETTERS.index(one))] if order else one for one in "ABCD"}
        rows.append(replace(row, answer=letter.get(said), expected=letter["A"], order=order))
    folder = site / name
    folder.mkdir(parents=True)
    data = replace(data, results=replace(data.results, rows=tuple(rows)))
    (folder / ledger_entry.NAME).write_bytes(ledger_entry.dump(ledger_entry.build_entry(Analysis(data))))
    (folder / "results.parquet").write_bytes(export.as_parquet(rows))
    return folder


def crowd(models: int = 12, wrong: str = "C", extra: str = "") -> dict[str, str]:
    """Answers of many models to ten questions.

    All give ``wrong`` to the first; the better a model, the more of the others are right. The last one was not read.
    """
    return {
        f"m{place:02}": wrong
        + "".join("A" if place >= 1.5 * q else "BD"[(place + q) % 2] for q in range(8))
        + "."
        + extra
        for place in range(models)
    }


def scored(shares: Mapping[str, float | None]) -> QuestionScores:
    """What a run made of these questions, whose right answer is "a"."""
    n = len(shares)
    questions = Questions(keys=tuple(shares), categories=("",) * n, answers=("a",) * n)
    answers = tuple("a" if share == 1 else "b" for share in shares.values())
    return QuestionScores(
        shares=np.array(list(shares.values()), dtype=np.float64), answers=answers, questions=questions
    )


def entry(suites: Mapping[str, str], runs: Sequence[LedgerRun], **more: Any) -> LedgerEntry:
    """The entry of an experiment that asks what its runs were asked."""
    keys = {
        suite: dict.fromkeys(
            key for run in runs if suite in run.scores for key in run.scores[suite].questions.keys
        )
        for suite in suites
    }
    questions = {suite: Questions(keys=tuple(of)) for suite, of in keys.items()}
    return LedgerEntry(suites=suites, runs=tuple(runs), questions=questions, **more)
