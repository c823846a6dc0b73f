"""One model at two settings: does the setting do anything, and in which categories?"""

from __future__ import annotations

from dataclasses import replace

import hand_made
import pytest

from llmxray.report.analysis import Analysis
from llmxray.report.analysis import setting_pairs as settings
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.files import figures
from llmxray.report.pages.robustness import settings as page

ONE_MODEL = {"short": "m", "long": "m"}


def made(folder, outcomes, texts=None, sampling=None, **more):
    """Two conditions of one model; ``texts`` is what each says to every question, ``sampling`` its own fields."""
    data = hand_made.data(folder, outcomes, models=ONE_MODEL, **more)
    rows = tuple(
        replace(row, text=f"{(texts or {}).get(row.condition, '')}{row.item_id}") for row in data.results.rows
    )
    plan = data.results.plan
    conditions = tuple(
        replace(each, sampling={**each.sampling, **(sampling or {}).get(each.id, {})})
        for each in plan.conditions
    )
    results = replace(data.results, plan=replace(plan, conditions=conditions), rows=rows)
    return Analysis(ExperimentData(experiment=data.experiment, results=results, cassette=data.cassette))


def test_a_setting_that_changes_no_reply_is_said_to_do_nothing(tmp_path):
    """The same words to all of twelve questions."""
    analysis = made(
        tmp_path,
        {"short": "+-" * 6, "long": "+-" * 6},
        sampling={"short": {"num_ctx": 2048}, "long": {"num_ctx": 8192}},
    )
    (pair,) = settings.settings_pairs(analysis)
    assert (pair.ignored, pair.identical.value, pair.identical.n) == (True, 1.0, 12)
    assert [("num_ctx", ("2048", "8192"))] == [(each.name, each.values) for each in pair.varies]
    made_page = page.make(analysis)
    assert "the setting does nothing here, or the server ignores it" in made_page.lede
    what, same, *_ = made_page.table.lines[0].cells
    assert ("num_ctx: 2048, 8192", "100%") == (what.text, same.text)
    assert "the setting does nothing, or the server ignores it" in same.small


def test_five_points_are_flagged_and_luck_is_told_from_it(tmp_path):
    """Law differs by 100 points in ten questions, history by ten in ten: both flagged, one of them significant."""
    short = "++" * 10
    long = "".join("-+" if place else "--" for place in range(10))
    analysis = made(
        tmp_path,
        {"short": short, "long": long},
        texts={"short": "s", "long": "l"},
        categories=("law", "history"),
    )
    (pair,) = settings.settings_pairs(analysis)
    found = {part.name: part for part in pair.parts}
    assert (True, True, 10) == (found["law"].flagged, found["law"].differs, found["law"].n)
    assert (True, False) == (found["history"].flagged, found["history"].differs)
    assert (10, 0) == (found["law"].a, found["law"].b)
    made_page = page.make(analysis)
    assert "2 differ by more than five points" in made_page.lede
    assert "; 1 of these clearly (significant after Holm correction)." in made_page.lede
    (line,) = made_page.table.lines
    assert ["2 of 2", "1"] == [cell.text for cell in line.cells[-2:]]
    assert "pairs.html" == line.href


def test_repeats_are_compared_within_each_question(tmp_path):
    """Two samples each: sign flips of the questions' differences, Holm over the two categories."""
    analysis = made(
        tmp_path,
        {"short": ["++--" * 3, "+-+-" * 3], "long": ["+---" * 3, "+---" * 3]},
        categories=("law", "history"),
    )
    (pair,) = settings.settings_pairs(analysis)
    law, history = pair.parts
    # Law: 100% and 50% against 100% and 0%, so three of six questions differ. History: 50% and 0% against 0%.
    assert (2 / 2**3, 2 / 2**3) == pytest.approx((law.p_value, history.p_value))
    assert (4 / 2**3, 4 / 2**3) == pytest.approx((law.p_holm, history.p_holm))
    assert (24, 6) == (pair.identical.n, pair.parts[0].n)


def test_answers_of_two_kinds_are_not_compared_word_for_word(tmp_path):
    """A letter and a likelihood are no two replies to one request."""
    analysis = made(tmp_path, {"short": "+-", "long": "+-"})
    plan = analysis.plan
    other = replace(plan.conditions[1], answer="likelihood")
    results = replace(analysis.data.results, plan=replace(plan, conditions=(plan.conditions[0], other)))
    again = Analysis(
        ExperimentData(experiment=analysis.data.experiment, results=results, cassette=analysis.data.cassette)
    )
    (pair,) = settings.settings_pairs(again)
    assert pair.identical is None
    same = page.make(again).table.lines[0].cells[1]
    assert ("—", "answers of two kinds") == (same.text, same.small)


def test_only_experiments_with_two_settings_of_a_model_have_the_part(tmp_path):
    """With a link to it, and its figure in figures.json."""
    analysis = made(tmp_path, {"short": "+-", "long": "++"})
    assert 1.0 == figures.figures(analysis)["same reply/short ~ long"]
    assert 'href="#settings"' in hand_made.write_page(tmp_path / "with", analysis.data, "robustness")
    plain = hand_made.data(tmp_path / "c", {"a": "+-", "b": "++"})
    assert 'id="settings"' not in hand_made.write_page(tmp_path / "without", plain, "robustness")


@pytest.mark.parametrize(
    ("sampling", "doubted"),
    [
        ({"temperature": 0}, False),
        ({"temperature": 0.8, "seed": 7}, False),
        ({"temperature": 0.8, "seed": None}, True),
    ],
)
def test_replies_drawn_without_a_seed_prove_nothing_of_the_setting(tmp_path, sampling, doubted):
    """Two draws differ whatever the setting does."""
    analysis = made(
        tmp_path,
        {"short": "+-" * 6, "long": "+-" * 6},
        {"long": "x"},
        dict.fromkeys(ONE_MODEL, sampling),
        categories=("law", "history"),
    )
    found = page.make(analysis)
    assert doubted == ("chance alone changes replies" in found.table.lines[0].cells[1].small)
    assert "none differs by more than five points" in found.lede


def test_two_settings_that_are_one(tmp_path):
    """Nothing is varied, and the table says so."""
    (line,) = page.make(made(tmp_path, {"short": "+-", "long": "+-"})).table.lines
    assert "nothing" == line.cells[0].text
