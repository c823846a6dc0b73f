"""The looks that a recording took until its predictions were decided: made again from its answers, each time alike.

Only predictions that were frozen when recording began are looked at. A decided one keeps the evidence of its look.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from llmxray.experiment import Prediction, prediction_of
from llmxray.experiment.until import LAST_LOOK_ONLY
from llmxray.metrics.looks import End, Looks, levels
from llmxray.metrics.verdict import ALPHA, Claim, Judgement
from llmxray.plan import Rounds, item_address, recorded_statement
from llmxray.report.analysis import Analysis
from llmxray.report.analysis.prediction_evidence import PredictionEvidence, measure_prediction
from llmxray.report.analysis.rows import memoized
from llmxray.report.sentences import Finding

# What makes two predictions the same: a claim may be put in other words.
_TEST = ("metric", "of", "above", "below", "same_as", "within", "on", "margin")
type Test = tuple[Any, ...]


def test_of(data: Mapping[str, Any]) -> Test:
    """What a prediction, as it was dumped, tests."""
    return tuple(data.get(name) for name in _TEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedAt:
    """A frozen prediction after the last look.

    Attributes:
        evidence: that of the look which decided it, else of the last one; or in words why there is none.
        judgement: None without evidence.
        place: number of that look, from 0.
    """

    prediction: Prediction
    evidence: PredictionEvidence | str
    judgement: Judgement | None
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A recording in rounds, as far as its questions were asked.

    Attributes:
        asked: number of questions that were asked, in whole looks.
        reached: number of looks until the end, at least 1.
        end: how it ended; "go on" where it has not.
        predictions: the frozen ones, by what they test.
        looks: levels and decisions.
    """

    rounds: Rounds
    asked: int
    reached: int
    end: End
    predictions: Mapping[Test, LookedAt]
    looks: Looks

    def level(self, alpha: float = ALPHA / 2) -> float:
        """One-sided level at which the answers so far test a claim that stands alone, of so much in all looks."""
        return levels(self.rounds.shares, alpha)[self.rounds.looks.index(self.asked)]

    def where(self, place: int) -> Finding:
        """Which look, and after how many questions: "look 4 of 10, after 68 of 645 questions"."""
        return Finding(
            "until.where",
            look=place + 1,
            looks=len(self.rounds.looks),
            asked=self.rounds.looks[place],
            all=len(self.rounds.units),
        )

    @property
    def summary(self) -> Finding:
        """How it ended and what follows for the numbers."""
        kinds: dict[End, Literal["decided", "futile", "all-asked", "open"]] = {
            "decided": "decided",
            "futile": "futile",
            "all asked": "all-asked",
            "go on": "open",
        }
        widest = max(
            (each.judgement.level for each in self.predictions.values() if each.judgement), default=0.0
        )
        early = self.end in ("decided", "futile") and self.reached < len(self.rounds.looks)
        return Finding(
            f"until.{kinds[self.end]}",
            where=self.where(self.reached - 1),
            looks=len(self.rounds.looks),
            caution=Finding("until.caution", level=widest) if early else None,
        )

    @property
    def stopped(self) -> Finding:
        """Which share of the questions was asked."""
        return Finding("until.stopped", asked=self.asked, all=len(self.rounds.units))

    def line(self) -> str:
        """One look as a line of a terminal: how many questions, what is decided, and how near the others are."""
        shown = []
        for number, each in enumerate(self.predictions.values(), 1):
            if each.judgement is None:
                shown.append(f"{number} no evidence yet")
            elif each.judgement.outcome == "inconclusive":
                bound = 1 - each.judgement.level
                shown.append(f"{number} open (p {each.judgement.p_value:.2g}, bound {bound:.2g})")
            else:
                shown.append(f"{number} {each.judgement.outcome}")
        return f"{self.rounds.looks[self.reached - 1]} of {len(self.rounds.units)} asked: {'; '.join(shown)}"


def frozen_predictions(analysis: Analysis) -> dict[Test, Prediction]:
    """The predictions that were frozen when recording began, by what they test."""
    stated = map(prediction_of, recorded_statement(analysis.data.cassette).predictions or ())
    return {test_of(each.as_dict()): each for each in stated if each is not None}


@memoized
def course_of(analysis: Analysis) -> Course | None:
    """The looks at the answers of an experiment that was recorded in rounds; None of any other.

    Its plan must be of whole rounds, the first one at least (`llmxray.plan.with_trials`).
    """
    rounds = analysis.plan.rounds
    if rounds is None:
        return None
    asked = {item_address(*key) for key in analysis.plan.items()}
    n_looks = sum(rounds.items(place) <= asked for place in range(len(rounds.looks)))
    frozen = frozen_predictions(analysis)
    last_only = {number for number, each in enumerate(frozen.values()) if each.metric in LAST_LOOK_ONLY}
    looks = Looks(rounds.shares, len(frozen), last_only, rounds.futility)
    end: End = "go on"
    kept: dict[int, tuple[PredictionEvidence | str, int]] = {}
    place = 0
    for place in range(n_looks):
        part = analysis if place == n_looks - 1 else analysis.on(rounds.items(place))
        now = {
            number: measure_prediction(part, each)
            for number, each in enumerate(frozen.values())
            if number not in looks.decided
        }
        kept |= {number: (evidence, place) for number, evidence in now.items()}
        end = looks.look(
            place, {number: each.claim for number, each in now.items() if not isinstance(each, str)}
        )
        if end != "go on":
            break
    looked = {
        test: _looked_at(looks, number, prediction, *kept[number])
        for number, (test, prediction) in enumerate(frozen.items())
    }
    return Course(
        rounds=rounds,
        asked=rounds.looks[n_looks - 1],
        reached=place + 1,
        end=end,
        predictions=looked,
        looks=looks,
    )


def _looked_at(
    looks: Looks, number: int, prediction: Prediction, evidence: PredictionEvidence | str, place: int
) -> LookedAt:
    claim: Claim | None = None if isinstance(evidence, str) else evidence.claim
    judgement = None if claim is None else looks.judgement(number, claim, place)
    return LookedAt(prediction=prediction, evidence=evidence, judgement=judgement, place=place)
