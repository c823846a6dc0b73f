"""Items of many runs: which questions count, and how much memory the runs may take."""

from collections.abc import Sequence

import ledger_files

from llmxray.report.analysis import item_analysis
from llmxray.report.analysis.ledger_entry import LedgerEntry, LedgerRun, by_question_set


def entry(runs: Sequence[Sequence[str]], name: str = "e") -> LedgerEntry:
    """An experiment whose runs, a model each, were asked these questions, and were all right."""
    made = [
        LedgerRun(
            experiment=name,
            title="E",
            id=f"m{number}",
            label="M",
            model=f"m{number}",
            asked="letter, zero-shot",
            scores={"s": ledger_files.scored(dict.fromkeys(asked, 1.0))},
        )
        for number, asked in enumerate(runs)
    ]
    return ledger_files.entry({"s": "S"}, made)


def asked(runs: Sequence[Sequence[str]]) -> list[str]:
    """The questions that count."""
    (panel,) = item_analysis.panels([entry(runs)])
    assert panel.models == len(runs)
    return [found.id for found in panel.findings]


def test_a_question_counts_that_ten_models_and_one_in_ten_were_asked():
    """Of 200 models twenty; of twenty one in ten would be two, whose interval is as wide as its range."""
    for models, least in ((200, 20), (20, 10)):
        runs = [["common#0"] for _ in range(models)]
        for run in runs[:least]:
            run.append("often#0")
        for run in runs[: least - 1]:
            run.append("rare#0")
        assert asked(runs) == ["common", "often"]


def test_other_questions_under_the_name_of_a_suite_have_their_own_panel():
    """With the models that were asked them, and with their answers."""
    one, two = ([f"{letter}{n}#0" for n in range(3)] for letter in "ab")
    first, second = item_analysis.panels(by_question_set([entry([one] * 12), entry([two] * 11, "f")]))
    assert [("s", 12), ("s#2", 11)] == [(each.suite, each.models) for each in (first, second)]
    assert [("b0", "f"), ("b1", "f"), ("b2", "f")] == [
        (found.id, found.experiment) for found in second.findings
    ]
    assert {"a"} == {found.key for found in second.findings}
