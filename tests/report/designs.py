"""Experiments that several pages are tested on: paraphrases, two suites, options in every order."""

from dataclasses import replace
from pathlib import Path

import hand_made
import reading_data
from reading_data import letter

from llmxray.plan import reorder_options
from llmxray.report.analysis import Analysis
from llmxray.report.analysis.data import ExperimentData
from llmxray.suites.base import Suite
from llmxray.types import Item, SuiteCard, Trial

N = 16
FIRST = tuple(Item(f"q{n}", f"What is {n}?", ("this", "that", f"other {n}"), "A", "things") for n in range(N))
SECOND = tuple(replace(item, question=f"Say what {item.id} is.") for item in FIRST)
FLAT = {"A": 0.5, "B": 0.3, "C": 0.2}
NAMES = ("tiny/plain", "tiny/reworded")


def answered(trial):
    """``small`` loses ten questions in other words and gains one, twice with the same wrong option; ``large`` none."""
    place, again = int(trial.item[1:]), trial.suite == NAMES[1]
    if trial.condition == "large":
        return "A"
    if place < 10:
        return "B" if again else "A"
    if place == 10:
        return "A" if again else "B"
    return "C" if place < 13 else "A"


def paraphrases(folder, items=(FIRST, SECOND), tell=None, **more):
    """Two conditions over two suites of the same ids."""
    suites = tuple(
        Suite(SuiteCard(name, name.title(), "things", "else", "CC0", "ours"), each)
        for name, each in zip(NAMES, items, strict=True)
    )
    asked = [{"suite": "starter/arc"}, {"suite": "starter/gsm8k"}]
    file = {**reading_data.FILE, "suites": asked, **more}
    said = tell or (lambda trial, sample: answered(trial))
    return reading_data.made(folder, file, suites, lambda trial, sample: letter(said(trial, sample), FLAT))


ARC, PRO = "starter/arc", "starter/mmlu-pro"


def two_suites(folder, shares, name="made-up", models="abcdef", suites=(ARC, PRO), words="", **more):
    """A model per pair of shares: so many of ten right in ARC's and in MMLU-Pro's physics and biology."""
    outcomes = {
        model: "".join("+" * n + "-" * (10 - n) for n in (arc, arc, pro, pro))
        for model, (arc, pro) in zip(models, shares, strict=False)
    }
    data = hand_made.data(folder, outcomes, name=name, **more)
    plan = data.results.plan
    planned = plan.suites[hand_made.SUITE]
    items = {
        suite: tuple(
            replace(item, category="physics" if place < 10 else "biology", question=words + item.question)
            for place, item in enumerate(planned.items[start : start + 20])
        )
        for suite, start in zip(suites, (0, 20), strict=True)
    }
    of = {item.id: (suite, item.category) for suite, each in items.items() for item in each}
    rows = tuple(
        replace(row, suite=of[row.item_id][0], category=of[row.item_id][1]) for row in data.results.rows
    )
    planned_suites = {
        suite: replace(planned, card=replace(planned.card, name=suite, title=suite), items=each)
        for suite, each in items.items()
    }
    results = replace(data.results, plan=replace(plan, suites=planned_suites), rows=rows)
    return Analysis(ExperimentData(experiment=data.experiment, results=results, cassette=data.cassette))


ITEMS = tuple(
    Item(f"q{n}", f"Question {n}?", tuple(f"option {k} of {n}" for k in range(4)), "ABCD"[n % 4], "all")
    for n in range(12)
)
OF_FOUR = {"A": 0.4, "B": 0.2, "C": 0.2, "D": 0.2}


def rotated(folder: Path) -> ExperimentData:
    """``small`` always says A; ``large`` finds the right option wherever it stands, but for one question."""

    def tell(trial: Trial, sample: int) -> list[reading_data.Token]:
        item = next(each for each in ITEMS if each.id == trial.item)
        right = reorder_options(item, trial.order).answer
        knows = trial.condition == "large" and trial.item != "q5"
        return letter(right if knows else "A", OF_FOUR)

    return reading_data.benchmark(folder, tell, ITEMS, rotations="all")
