"""Predictions of an experiment and their verdicts: exact sentences, each metric, and what was frozen when."""

import json
from dataclasses import replace

import hand_made
import numpy as np
import pytest
import reading_data
import scipy.stats
from reading_data import words

from llmxray.plan import statement_of
from llmxray.report.analysis import Analysis
from llmxray.report.analysis.similarity import free_prompts, seed_effect, similarity_of
from llmxray.report.files import export, figures
from llmxray.report.widgets.opening import badge
from llmxray.report.wording.predictions import as_json, tally, verdicts

# Of 20 questions 12 only by a, 2 only by b, 3 by both: exact McNemar p = 212/16384.
OUTCOMES = {"a": "+" * 12 + "--" + "+++" + "---", "b": "-" * 12 + "++" + "+++" + "---"}
AHEAD = {"claim": "a is ahead.", "metric": "accuracy", "of": "a", "above": "b"}
GUESSES = {"claim": "b does better than guessing.", "metric": "accuracy", "of": "b", "above": "chance"}


def judged(folder, *predictions, outcomes=None, **more):
    """The verdicts of an experiment made up by hand."""
    return verdicts(Analysis(hand_made.data(folder, outcomes or OUTCOMES, predictions=predictions, **more)))


def test_one_prediction_by_hand(tmp_path):
    """Above Bonett–Price with z = 1.96: (13 − 3)/22 + 1.96·√((16/22 − (10/22)²)/22) is .756; below Tango's .146."""
    (found,) = judged(tmp_path, AHEAD)
    assert "held: 75% against 25% (difference 50.0 points, 95% CI 15 to 76)" == found.sentence
    assert pytest.approx((75, 25, 50), abs=1e-9) == (found.of_value, found.against_value, found.value)
    assert pytest.approx((14.5861, 75.6064), abs=1e-3) == (found.low, found.high)
    assert pytest.approx(212 / 16384) == found.p_value == found.p_holm
    assert (20, 1, 0.95) == (found.n, found.family, found.level)


def test_two_predictions_are_corrected_by_holm(tmp_path):
    """The smaller p-value at 97.5%, the other at 95%: 5 of 20 are what guessing among four gives."""
    ahead, guesses = judged(tmp_path, AHEAD, GUESSES)
    said = "held: 75% against 25% (difference 50.0 points, 97.5% CI 9 to 80, Holm over 2 predictions)"
    assert said == ahead.sentence
    said = "25% against 25% by guessing (difference 0 points, 95% CI −16 to 24, Holm over 2 predictions)"
    assert f"inconclusive: {said}" == guesses.sentence
    assert pytest.approx((424 / 16384, 1.0)) == (ahead.p_holm, guesses.p_holm)


def test_a_margin_must_be_cleared(tmp_path):
    """50 points ahead, with an interval from 15: over 10 points held, over 20 is open, over 80 failed."""
    for margin, outcome in ((10, "held"), (20, "inconclusive"), (80, "did not hold")):
        (found,) = judged(tmp_path, {**AHEAD, "margin": margin})
        assert (outcome, margin) == (found.outcome, found.margin)
        open_size = f"so there is a difference, but not surely by the predicted {margin} points"
        said = open_size if margin == 20 else f"predicted more than {margin} points"
        assert said in found.sentence


def test_a_number_is_a_prediction_too(tmp_path):
    """15 of 20 is more than 40%, not more than 60% for certain, and less than 95%."""
    for number, outcome in ((40, "held"), (60, "inconclusive"), (95, "did not hold")):
        (found,) = judged(tmp_path, {"claim": "c", "metric": "accuracy", "of": "a", "above": number})
        assert outcome == found.outcome
        assert f"75% against {number}% in the prediction" in found.sentence
        assert pytest.approx(75 - number) == found.value


def test_on_a_category(tmp_path):
    """Questions go to odd and even in turn; of ten each a gets eight and seven right."""
    predictions = [{**AHEAD, "above": "chance", "on": on} for on in ("odd", "even", "made/up")]
    found = judged(tmp_path, *predictions, categories=("even", "odd"))
    assert [10, 10, 20] == [each.n for each in found]
    assert [70, 80, 75] == [round(each.of_value) for each in found]


@pytest.mark.parametrize(
    ("prediction", "why"),
    [
        ({**AHEAD, "metric": "ece"}, "no option confidence was recorded for a"),
        ({**AHEAD, "metric": "latency"}, "nothing was timed for a"),
        ({**AHEAD, "on": "few"}, "only 4 independent questions: an interval needs 6"),
        ({**AHEAD, "metric": "similarity"}, "no prompt has two whole replies"),
        ({**AHEAD, "metric": "accuracy", "on": "elsewhere"}, "a was asked nothing called elsewhere"),
    ],
)
def test_without_data_there_is_no_verdict(tmp_path, prediction, why):
    """The reason stands in its place, and the family is the smaller for it."""
    categories = ("few", *["many"] * 4)
    undecided, decided = judged(tmp_path, prediction, AHEAD, categories=categories)
    assert undecided.sentence.startswith(f"undecided: {why}")
    assert (None, 1) == (undecided.p_value, decided.family)


def test_options_that_are_not_shown_cannot_be_guessed_among(tmp_path):
    """GSM8K has four options a sum, which nobody sees who is asked for a number."""
    (found,) = judged(tmp_path, GUESSES, answers=dict.fromkeys(OUTCOMES, "number"))
    assert "undecided: some questions have no options to guess among" == found.sentence


def _many(folder, *predictions, **more):
    """Sixty questions; a is right on two of three, b on one of three; a is the surer where it is right."""
    outcomes = {"a": "++-" * 20, "b": "+--" * 20}
    rng = np.random.default_rng(4)
    confidence = {
        "a": [0.9 if mark == "+" else 0.3 for mark in outcomes["a"]],
        "b": [round(float(each), 3) for each in rng.uniform(0.5, 1.0, 60)],
    }
    confidence["a"] = [each + round(float(rng.normal(0, 0.02)), 3) for each in confidence["a"]]
    return judged(folder, *predictions, outcomes=outcomes, confidence=confidence, **more)


def test_confidence_is_judged(tmp_path):
    """a is the better calibrated, and its confidence tells right from wrong."""
    metrics = {"ece": "below", "brier": "below", "auroc": "above"}
    predictions = [
        {"claim": metric, "metric": metric, "of": "a", side: "b"} for metric, side in metrics.items()
    ]
    found = _many(tmp_path, *predictions)
    assert ["held"] * 3 == [each.outcome for each in found]
    ece, brier, auroc = found
    assert ece.sentence.startswith("held: ")
    assert ece.value == pytest.approx(ece.of_value - ece.against_value)
    # Those of the pages: 20 points between two conditions are 20, not 0.2.
    assert 1 < ece.of_value < 30
    assert 0 < brier.of_value < brier.against_value < 1
    assert auroc.of_value > 0.9


def test_pages_and_verdicts_state_the_same_numbers(tmp_path):
    """ECE-15, Brier score and accuracy of the figures."""
    metrics = ("accuracy", "ece", "brier")
    predictions = [{"claim": "c", "metric": each, "of": "a", "above": "b"} for each in metrics]
    outcomes = {"a": "++-" * 20, "b": "+--" * 20}
    sure = {name: [0.5 + (place % 7) / 15 for place in range(60)] for name in outcomes}
    analysis = Analysis(hand_made.data(tmp_path, outcomes, confidence=sure, predictions=predictions))
    stated = figures.figures(analysis)
    accuracy, ece, brier = verdicts(analysis)
    assert pytest.approx(stated["accuracy/a"] * 100) == accuracy.of_value
    assert pytest.approx(stated["ECE-15/a"] * 100) == ece.of_value
    assert pytest.approx(stated["Brier/a"]) == brier.of_value
    name = "prediction/accuracy of a above b on all"
    assert (accuracy.value, accuracy.low) == (stated[name], stated[f"{name} low"])


def _timed(folder, *predictions, seconds=(2.0, 0.5)):
    """Forty questions under two conditions, the first of which takes longer."""
    data = hand_made.data(
        folder, {"a": "++-+" * 10, "b": "+--+" * 10}, latency_s={"a": 1.0, "b": 1.0}, predictions=predictions
    )
    rng = np.random.default_rng(2)
    base = {"a": seconds[0], "b": seconds[1]}
    rows = tuple(
        replace(row, latency_s=base[row.condition] * float(rng.lognormal(0, 0.3)), completion_tokens=tokens)
        for row, tokens in zip(data.results.rows, rng.integers(20, 30, len(data.results.rows)), strict=True)
    )
    return verdicts(Analysis(replace(data, results=replace(data.results, rows=rows))))


def test_time_and_tokens_are_judged(tmp_path):
    """Medians over questions, and correct answers per second of waiting."""
    found = _timed(
        tmp_path,
        {"claim": "a is slower.", "metric": "latency", "of": "a", "above": "b"},
        {"claim": "a takes over 10 s.", "metric": "latency", "of": "a", "above": 10},
        {"claim": "b is the better bargain.", "metric": "accuracy_per_second", "of": "b", "above": "a"},
        {"claim": "b writes faster.", "metric": "tokens_per_second", "of": "b", "above": "a"},
        {"claim": "a is wordier by 50 tokens.", "metric": "tokens", "of": "a", "above": "b", "margin": 50},
    )
    assert ["held", "did not hold", "held", "held", "did not hold"] == [each.outcome for each in found]
    latency, ten, bargain, *_ = found
    assert "s against" in latency.sentence
    assert latency.sentence.startswith("held: ")
    assert 10 == ten.against_value
    assert 1 == bargain.sentence.count("correct answers per second")


def test_truncation_is_judged(tmp_path):
    """Fifteen of twenty replies cut off by the budget."""
    (found,) = judged(
        tmp_path,
        {"claim": "a runs out.", "metric": "truncation", "of": "a", "above": "b"},
        outcomes={"a": "…" * 15 + "+" * 5, "b": "+" * 20},
    )
    assert found.sentence.startswith("held: 75% against 0% (difference 75.0 points, 95% CI ")


def predicted(data, predictions):
    """A recording with these predictions."""
    fields = data.experiment.model_dump(mode="json", exclude_none=True)
    experiment = type(data.experiment).model_validate({**fields, "predictions": predictions})
    return Analysis(replace(data, experiment=experiment))


def _haiku(folder, *predictions, samples=6):
    """One prompt at two settings: cool says nearly the same each time, hot shares words with its neighbours only."""
    pool = [f"word{n}" for n in range(60)]

    def tell(trial, sample):
        cool = trial.condition == "cool"
        said = ["the", "same", "words", f"end{sample}"] if cool else pool[5 * sample : 5 * sample + 9]
        return words(*(f"{each} " for each in said))

    data = reading_data.comparison(folder, tell, samples=samples)
    return verdicts(predicted(data, predictions))


def test_similarity_is_judged_within_a_prompt(tmp_path):
    """Two samples of cool share three of five words; of hot, neighbours share four of fourteen, others none."""
    prediction = {"claim": "Hot varies.", "metric": "similarity", "of": "hot", "below": 0.3, "on": "haiku"}
    (found,) = _haiku(tmp_path / "a", {**prediction, "of": "cool"})
    assert "undecided: all values are alike, so there is no spread to judge by" == found.sentence
    (found,) = _haiku(tmp_path / "c", prediction)
    assert pytest.approx(5 / 15 * 4 / 14) == found.of_value
    assert ("held", 1) == (found.outcome, found.n)
    (found,) = _haiku(tmp_path / "b", prediction, samples=3)
    assert found.sentence.startswith("undecided: only 1 prompt and 3 samples of each")


def frozen(folder, then, now, earlier=()):
    """An experiment with these predictions when recording began, and those in its file today."""
    data = hand_made.data(folder, OUTCOMES, predictions=now)
    before = hand_made.data(folder, OUTCOMES, predictions=then).experiment
    statement = replace(statement_of(before, "2030-01-02"), earlier=earlier)
    bare = replace(data.results.plan, trials=())
    source = before.model_dump_json(exclude_defaults=True)
    return Analysis(reading_data.frozen(folder, data, bare, source, statement=statement))


def test_frozen_predictions_are_told_from_later_ones(tmp_path):
    """One in both, one that was removed and is judged all the same, one that was added."""
    later = {"claim": "c", "metric": "accuracy", "of": "a", "above": 40}
    kept, dropped, added = verdicts(frozen(tmp_path, [AHEAD, GUESSES], [later, AHEAD]))
    assert (False, False, "2030-01-02") == (kept.added_after, kept.dropped, kept.stated_on)
    assert (GUESSES["claim"], True) == (dropped.claim, dropped.dropped)
    assert ("c", True, False) == (added.claim, added.added_after, added.dropped)
    assert "1 changed or added later" == tally((added,))
    # What was frozen is a family of its own, which nothing that comes later can change.
    assert [2, 2, 3] == [each.family for each in (kept, dropped, added)]
    assert kept == verdicts(frozen(tmp_path / "b", [AHEAD, GUESSES], [AHEAD, GUESSES]))[0]


def test_a_claim_that_was_reworded_shows_both_wordings(tmp_path):
    """A claim may say more than its test; it stays the same prediction, and its frozen words stay beside it."""
    analysis = frozen(tmp_path, [AHEAD], [{**AHEAD, "claim": "Of course a is ahead."}])
    (found,) = verdicts(analysis)
    assert ("Of course a is ahead.", AHEAD["claim"]) == (found.claim, found.stated_claim)
    assert "1 changed or added later" == tally((found,))
    assert (False, False) == (found.added_after, found.dropped)
    assert f"tested as before recording, when it read “{AHEAD['claim']}”" == badge(analysis, found).note


def test_another_margin_is_another_prediction(tmp_path):
    """One that was eased once the answers were there is marked, and the first one is still judged."""
    first, eased = verdicts(frozen(tmp_path, [{**AHEAD, "margin": 20}], [AHEAD]))
    assert (20.0, True, "inconclusive") == (first.margin, first.dropped, first.outcome)
    assert (0.0, True, "held") == (eased.margin, eased.added_after, eased.outcome)


def test_results_json_holds_them(tmp_path):
    """Beside the rows, with everything that a reader needs to check them."""
    data = hand_made.data(tmp_path, OUTCOMES, predictions=[AHEAD, {**AHEAD, "metric": "ece"}])
    found = json.loads(b"".join(export.as_json(data.results.rows, as_json(verdicts(Analysis(data))))))
    ahead, undecided = found["predictions"]
    assert 40 == len(found["rows"])
    assert ("held", "a is ahead.", "accuracy", "a", "b", "all", 0) == tuple(
        ahead[name] for name in ("verdict", "claim", "metric", "of", "against", "on", "margin")
    )
    assert (50, 20, 0.95, True, None) == tuple(
        ahead[name] for name in ("value", "n", "level", "added_after", "stated_on")
    )
    assert pytest.approx(212 / 16384) == ahead["p"] == ahead["p_adjusted"]
    assert ("undecided", None, None) == tuple(undecided[name] for name in ("verdict", "value", "p"))


def test_two_that_are_predicted_to_be_the_same(tmp_path):
    """1 of 60 lost and 1 gained: Bonett–Price ± 1.96·√(4/62²) is ±6.3 points, within 10 and not within 5."""
    outcomes = {"a": "+" * 40 + "-" * 20, "b": "-" + "+" * 40 + "-" * 19}
    same = {"claim": "b is as good.", "metric": "accuracy", "of": "b", "same_as": "a"}
    (held,) = judged(tmp_path, {**same, "within": 10}, outcomes=outcomes)
    assert held.sentence.startswith("held: 67% against 67% (difference 0 points, 95% CI −")
    assert held.sentence.endswith(", predicted at most 10 points either way)")
    assert (True, "same_as", 10) == (-10 < held.low < 0 < held.high < 10, held.direction, held.margin)
    (open_,) = judged(tmp_path, {**same, "within": 5}, outcomes=outcomes)
    assert ("inconclusive", "these answers leave it open") == (open_.outcome, open_.certainty)
    (failed,) = judged(tmp_path, {**same, "of": "b", "within": 10})
    assert "did not hold" == failed.outcome
    assert "accuracy of b same_as a on all within 10" == failed.name


def test_a_gap_between_wordings_is_judged(tmp_path):
    """Ten of thirty questions are lost in other words, by the test that two conditions have."""
    predictions = [
        {"claim": "c", "metric": "paraphrase_gap", "of": "a", "above": 10},
        {"claim": "c", "metric": "paraphrase_gap", "of": "a", "within": 10},
        {"claim": "c", "metric": "paraphrase_gap", "of": "b", "within": 20, "on": hand_made.SUITE},
        {"claim": "c", "metric": "paraphrase_gap", "of": "a", "above": 0, "on": hand_made.REWORDED},
    ]
    outcomes = {"a": "+" * 30 + "+" * 18 + "-" * 12, "b": "+-" * 30}
    data = hand_made.data(tmp_path, outcomes, predictions=predictions, reworded=True)
    above, within, none, of_second = verdicts(analysis := Analysis(data))
    assert pytest.approx((40, 30, 30)) == (above.of_value, above.value, above.n)
    assert ["held", "did not hold", "held", "held"] == [
        each.outcome for each in (above, within, none, of_second)
    ]
    assert above.sentence.startswith("held: +40 against +10 points in the prediction (difference 30.0 points")
    shown = badge(analysis, within).shown, badge(analysis, none).shown
    assert ("first wording less the others: +40 points", "first wording less the others: 0 points") == shown
    (without,) = judged(tmp_path / "one", {**predictions[0]})
    assert "undecided: a was asked in one wording only" == without.sentence


def test_a_favourite_letter_is_the_largest_of_four(tmp_path):
    """A in 15 of 20 answers: 4·P(X ≥ 15 | 20, 0.4) one-sided, as the data picked the letter."""
    (found,) = judged(tmp_path, {"claim": "c", "metric": "favourite_share", "of": "a", "above": 40})
    p_value = scipy.stats.binom.sf(14, 20, 0.4)
    assert pytest.approx((75, 8 * p_value)) == (found.of_value, found.p_value)
    assert ("held", "the letter is A") == (found.outcome, found.extreme)
    assert (
        "held: 75% against 40% in the prediction; the letter is A (difference 35.0 points" in found.sentence
    )


def test_every_position_must_hold(tmp_path):
    """The worst position is named and decides, with its own numbers; where one fails it fails."""
    turns = {"a": ["+" * 30, "+" * 30, "+" * 26 + "-" * 4, "+" * 28 + "--"], "b": ["+" * 30, *["-" * 30] * 3]}
    place = {"claim": "c", "metric": "accuracy", "of": "a", "above": "chance", "on": "position"}
    held, failed, against, open_ = judged(
        tmp_path,
        place,
        {**place, "of": "b"},
        {**place, "above": "b"},
        {**place, "above": 80},
        outcomes=turns,
        rotated=True,
    )
    at = "with the right option at C, the lowest of 4 positions"
    assert held.sentence.startswith(f"held: 87% against 25% by guessing; {at} (difference 61.7 points")
    assert ["did not hold", "inconclusive", "inconclusive"] == [
        each.outcome for each in (failed, against, open_)
    ]
    # Both are right on all at A, and a is ahead elsewhere.
    assert "100% against 100%; with the right option at A, the lowest" in against.sentence
    (none,) = judged(tmp_path / "plain", place)
    assert "undecided: a was asked nothing with its options rotated" == none.sentence


def _seeded(folder, *predictions):
    """Two prompts at two settings, six samples each; those of one seed have four of eight words in common."""
    rng, pool = np.random.default_rng(0), [f"word{n}" for n in range(24)]
    common = {}

    def tell(trial, sample):
        said = list(rng.choice(pool, 8, replace=False))
        said[:4] = common.setdefault((trial.item, sample), said[:4])
        return words(*(f"{each} " for each in said))

    prompts = [{"id": name, "text": name} for name in ("haiku", "poem")]
    data = reading_data.comparison(folder, tell, samples=6, prompts=prompts)
    return predicted(data, predictions)


def test_a_shared_seed_is_judged_by_the_pages_deals(tmp_path):
    """One test over both prompts; against 0 its p-value is that of the page, twice."""
    alike = {"claim": "c", "metric": "same_seed", "of": "cool and hot", "above": 0}
    within = {"claim": "c", "metric": "same_seed", "of": "all", "within": 0.02}
    analysis = _seeded(tmp_path, alike, within)
    held, failed = verdicts(analysis)
    assert ("held", "did not hold", 2) == (held.outcome, failed.outcome, held.n)
    assert pytest.approx(2 * seed_effect(analysis).together.p_holm) == held.p_value
    found = [similarity_of(analysis, item).seed_effect.value for item in free_prompts(analysis.plan)]
    assert pytest.approx(np.mean(found)) == held.of_value == held.value
    assert 0 < held.low < held.value < held.high < 1
    assert held.sentence.startswith(f"held: {held.value:.2f} (difference ")


def test_questions_of_a_group_are_one_unit(tmp_path):
    """Thirty questions on six passages, answered alike within each: six units, in tests and intervals, and said."""
    outcomes = {"a": "+" * 25 + "-" * 5, "b": "+" * 20 + "-" * 10}
    data = hand_made.data(tmp_path, outcomes, predictions=[AHEAD], categories=("x", "y"))
    plan = data.results.plan
    suite = plan.suites[hand_made.SUITE]
    items = tuple(replace(item, group=f"passage {place // 5}") for place, item in enumerate(suite.items))
    plan = replace(plan, suites={hand_made.SUITE: replace(suite, items=items)})
    analysis = Analysis(replace(data, results=replace(data.results, plan=plan)))
    (alone,), (found,) = verdicts(Analysis(data)), verdicts(analysis)
    assert (30, 6, "inconclusive") == (alone.n, found.n, found.outcome)
    assert (30, 6, 6) == (analysis.n_scored(), analysis.accuracies["a"].n, analysis.pairs[0].difference.n)
    assert "6 groups" in badge(analysis, found).where
