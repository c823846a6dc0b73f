"""The choose page: limits, weights, and how firm a ranking is, in Python and in the browser alike."""

from __future__ import annotations

import json
from dataclasses import replace

import hand_made
import pytest
from recordings import interaction
from test_report_scripts import js

from llmxray.cassette import Journal, seal
from llmxray.report.analysis import Analysis
from llmxray.report.pages import choose
from llmxray.report.pages.choose.profiles import PROFILES, Profile, ranking
from llmxray.report.pages.choose.scores import Scores

QUICK_LIMIT = Profile(id="x", title="X", use="an x", why="", weights=(1, 0, 0), seconds=3.0)


def scores(tmp_path, **more):
    """Three conditions: slow and right, quick and wrong, and one without a confidence."""
    made = hand_made.data(
        tmp_path,
        {"slow": "+++-" * 10, "quick": "+---" * 10, "mute": "++--" * 10},
        confidence={"slow": [0.9] * 40, "quick": [0.3, 0.2, 0.3, 0.2] * 10},
        latency_s={"slow": 4.0, "quick": 1.0, "mute": 2.0},
        **more,
    )
    return Scores(Analysis(made))


def test_scores_are_between_nought_and_one_and_missing_ones_stay_missing(tmp_path):
    """Speed is the fastest's time over the own."""
    slow, mute, quick = scores(tmp_path).options
    assert [0.75, 0.25] == [pytest.approx(each.value) for each in (slow.scores[0], slow.scores[2])]
    assert (1.0, 0.5) == (quick.scores[2].value, mute.scores[2].value)
    assert mute.scores[1].value is None
    assert (4.0, 1.0) == (slow.seconds, quick.seconds)


def test_limits_strike_out_with_the_reason(tmp_path):
    """Four seconds are more than three."""
    found = ranking(scores(tmp_path), QUICK_LIMIT, "made-up")
    assert ["mute", "quick"] == [each.option.view.id for each in found.ranked]
    (out,) = found.excluded
    assert "slow" == out.option.view.id
    assert "nine in ten answers take up to 4.0" in out.why


def test_one_without_a_weighted_score_is_ranked_last_and_said(tmp_path):
    """It had no confidence, so calibration cannot be weighed."""
    made = scores(tmp_path)
    found = ranking(made, Profile(id="y", title="Y", use="a y", why="", weights=(1, 1, 0)), "made-up")
    assert "mute" == found.ranked[-1].option.view.id
    assert found.ranked[-1].score is found.ranked[-1].wins is None
    assert any(
        note.startswith("mute: no option confidence") for note in choose.make(made._analysis, made).notes
    )


def test_prices_become_the_cost_of_a_thousand_questions(tmp_path):
    """Without prompt tokens there is no cost."""
    prices = {"slow": {"input_per_million": 1, "output_per_million": 2}}
    assert all(option.cost is None for option in scores(tmp_path, prices=prices).options)


def test_the_browser_ranks_as_python_does(tmp_path):
    """Order, scores and shares of every profile, from the data the page loads."""
    made = scores(tmp_path)
    data = choose._data(made)
    for profile in PROFILES:
        found = ranking(made, profile, "made-up")
        limits = {"seconds": profile.seconds, "tokens": None, "context": profile.context, "cost": None}
        expression = f"m.ranked({json.dumps(data['options'])}, {list(profile.weights)}, {json.dumps(limits)})"
        got = js("choose.js", f"{expression}.map((each) => [each.option.id, each.score, each.wins])")
        want = [[each.option.view.id, each.score, each.wins] for each in found.ranked]
        kept = [each for each in got if each[0] not in {out.option.view.id for out in found.excluded}]
        assert [each[0] for each in want if each[1] is not None] == [e[0] for e in kept if e[1] is not None]
        for one, other in zip(want, kept, strict=True):
            assert one[1:] == [pytest.approx(each, abs=0.001) for each in other[1:]]


def test_a_page_of_two_equal_conditions_says_that_they_do_not_settle_it(tmp_path):
    """Each comes first in half of the draws at most."""
    marks = {"a": "+-" * 20, "b": "-+" * 20}
    data = hand_made.data(
        tmp_path, marks, latency_s={"a": 1.0, "b": 1.0}, confidence={n: [0.6] * 40 for n in marks}
    )
    analysis = Analysis(data)
    page = choose.make(analysis, Scores(analysis))
    assert "do not settle it" in page.profiles[0].sentence
    assert "could have put another one first" in page.lede


def test_nobody_comes_first_without_the_scores(tmp_path):
    """No condition has a confidence, so no profile that weighs calibration has a leader."""
    made = Scores(Analysis(hand_made.data(tmp_path, {"a": "++", "b": "--"}, latency_s={"a": 1.0, "b": 1.0})))
    assert choose.make(made._analysis, made).lede == (
        "No condition has all the scores that these use cases weigh."
    )


def test_a_use_that_nobody_can_serve_is_said(tmp_path):
    """Four seconds are too slow for support, and quick enough for the others."""
    data = hand_made.data(
        tmp_path,
        {"a": "+++-" * 10, "b": "+---" * 10},
        confidence={"a": [0.8] * 40, "b": [0.8] * 40},
        latency_s={"a": 4.0, "b": 4.5},
    )
    made = Scores(Analysis(data))
    lede = choose.make(made._analysis, made).lede
    assert lede.startswith(
        "a comes first for a medical assistant and a tutor; for customer support no condition"
    )


@pytest.mark.parametrize(
    ("facts", "context", "trained"),
    [
        ({"model_facts": "n_params 134515008, n_ctx_train 8192, n_vocab 49152"}, 8192, True),
        ({"model_facts": "n_ctx 4096, n_ctx_train 8192"}, 4096, False),
        ({"model_facts": "max_model_len 40960"}, 40960, False),
        ({"model_facts": "context_length 131072"}, 131072, False),
        ({"n_ctx": 2048, "model_facts": "n_ctx_train 8192"}, 2048, False),
        ({"n_ctx": True, "model_facts": "size 12"}, None, False),
        ({}, None, False),
    ],
)
def test_context_is_what_the_server_said(tmp_path, facts, context, trained):
    """What it holds, or else what its model was trained on, said as that; and it limits the choice."""
    with Journal(tmp_path) as journal:
        journal.append(interaction())
    seal(tmp_path, facts={"tiny/slow": facts})
    made = scores(tmp_path)
    options = {option.view.id: option for option in made.options}
    assert (context, trained) == (options["slow"].context, options["slow"].trained)
    assert options["quick"].context is None
    page = choose.make(made._analysis, made)
    assert page.has_context is (context is not None)
    assert any("trained on; the server may hold less" in note for note in page.notes) is trained
    limited = ranking(made, replace(PROFILES[0], context=200_000), "made-up")
    assert (context is not None) is ("slow" in {out.option.view.id for out in limited.excluded})


def test_tool_calls_are_shown_on_their_own(tmp_path):
    """Only where functions were to be called; else the page names the suite that tries it."""
    data = hand_made.data(
        tmp_path,
        {"a": "+++-", "b": "+---"},
        latency_s={"a": 1.0, "b": 1.0},
        confidence={n: [0.6] * 4 for n in "ab"},
    )
    plain = Scores(Analysis(data))
    assert any("starter/tools" in note for note in choose.make(plain._analysis, plain).notes)
    plan = data.results.plan
    suites = {name: replace(suite, answer="tool") for name, suite in plan.suites.items()}
    results = replace(data.results, plan=replace(plan, suites=suites))
    asked = Scores(Analysis(replace(data, results=results)))
    page = choose.make(asked._analysis, asked)
    place = [column.text for column in page.scores.columns].index("tool calls") - 1
    assert ["75%", "25%"] == [line.cells[place].text for line in page.scores.lines]
    assert not any("starter/tools" in note for note in page.notes)
