"""Items of many runs: which questions count, and how much memory the runs may take."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from llmxray.report.analysis import items
from llmxray.report.analysis.runs import (
    LedgerEntry,
    LedgerRun,
    Questions,
    QuestionScores,
    by_question_set,
    id_of,
)


def entry(runs: Sequence[Sequence[str]]) -> LedgerEntry:
    """An experiment whose runs, a model each, were asked these questions, and were all right."""
    return LedgerEntry(
        suites={"s": "S"},
        runs=tuple(
            LedgerRun(
                key=f"e/m{number}",
                experiment="e",
                title="E",
                id=f"m{number}",
                label="M",
                model=f"m{number}",
                asked="letter, zero-shot",
                scores={"s": QuestionScores(Questions(tuple(asked)), np.ones(len(asked)))},
            )
            for number, asked in enumerate(runs)
        ),
    )


def asked(runs: Sequence[Sequence[str]]) -> list[str]:
    """The questions that count."""
    (panel,) = items.panels([entry(runs)], lambda *_: iter(()))
    assert panel.models == len(runs)
    return [found.id for found in panel.findings]


def test_runs_without_a_common_question_take_no_memory() -> None:
    """Two thousand models, each with questions of its own: all pairs would be a billion cells."""
    runs = [[f"q{run}.{number}#0" for number in range(200)] for run in range(2_000)]
    made = entry(runs)
    tracemalloc.start()
    try:
        (panel,) = items.panels([made], lambda *_: iter(()))
        assert tracemalloc.get_traced_memory()[1] < 100 << 20
    finally:
        tracemalloc.stop()
    assert (panel.models, panel.findings) == (2_000, ())


def test_a_question_counts_that_one_model_in_ten_was_asked() -> None:
    """Of 200 models; one less, and it does not."""
    runs = [["common#0"] for _ in range(200)]
    for run in runs[:20]:
        run.append("often#0")
    for run in runs[:19]:
        run.append("rare#0")
    assert asked(runs) == ["common", "often"]


def test_a_question_counts_that_ten_models_were_asked() -> None:
    """Of twenty models one in ten would be two, whose interval is as wide as its range."""
    runs = [["common#0"] for _ in range(20)]
    for run in runs[:10]:
        run.append("often#0")
    for run in runs[:9]:
        run.append("rare#0")
    assert asked(runs) == ["common", "often"]


def test_other_questions_under_the_name_of_a_suite_have_their_own_panel() -> None:
    """With the models that were asked them, and with their answers, whatever the file calls them."""
    one, two = ([f"{letter}{n}#0" for n in range(3)] for letter in "ab")
    made = by_question_set([entry([one] * 12 + [two] * 11)])
    codes = np.zeros(3, dtype=np.int32)

    def read(
        of: LedgerEntry, codebooks: Mapping[str, items.Codebook]
    ) -> Iterator[tuple[str, str, items.FirstAnswers]]:
        code = codebooks["s"].code("x")
        for run in of.runs:
            ids = [id_of(key) for scores in run.scores.values() for key in scores]
            yield (
                run.id,
                "s",
                items.FirstAnswers(ids=ids, codes=codes + code, keys=codes + code, right=codes == 0),
            )

    first, second = items.panels(made, read)
    assert [("s", 12, 12), ("s#2", 11, 11)] == [
        (each.suite, each.models, each.answered) for each in (first, second)
    ]
    assert ["b0", "b1", "b2"] == [found.id for found in second.findings]
    assert {"x"} == {found.key for found in second.findings}
