"""The ledger page, and that the browser counts as Python does."""

from __future__ import annotations

import json
import re
import textwrap

import hand_made
import pytest
from test_report_scripts import STATIC, js

from llmxray.charts import radar
from llmxray.metrics.accuracy import wilson
from llmxray.report import build, ledger
from llmxray.report.analysis import Analysis
from llmxray.report.pages import ledger as page
from llmxray.report.pages.heatmap import step
from llmxray.report.pages.ledger import make, script


def entries(folder):
    """Two experiments: three runs on ten questions, one on the first four only."""
    first = hand_made.data(folder, {"a": "+" * 10, "b": "++++------", "c": "++++------"})
    second = hand_made.data(folder, {"d": "+++-"}, name="second", title="Second?")
    return [ledger.make(Analysis(data)) for data in (first, second)]


def test_runs_are_ranked_among_each_other_with_ties(tmp_path):
    """100, 75, 40, 40 per cent: ranks 1, 2, 3=, 3= and percentiles 87.5, 62.5, 25, 25."""
    made = make(entries(tmp_path))
    cells = [row.cells[0] for row in made.everything.rows]
    assert ["100%", "40%", "40%", "75%"] == [cell.text for cell in cells]
    assert ["1 of 4, P88", "3= of 4, P25", "3= of 4, P25", "2 of 4, P63"] == [cell.rank for cell in cells]
    assert ["h4", "h2", "h2", "few"] == [cell.css for cell in cells]
    assert ["88", "25", "25", "63"] == [row.mean for row in made.everything.rows]
    assert "4 runs of 2 experiments on 1 suite" in made.lede


def test_common_questions_only(tmp_path):
    """On the four questions that all were asked, three runs tie at the top and d, best but one before, is last."""
    made = make(entries(tmp_path)).shared
    assert ((hand_made.SUITE, "Made up", 4),) == made.suites
    assert ["100%", "100%", "100%", "75%"] == [row.cells[0].text for row in made.rows]
    assert "1= of 4, P63" == made.rows[0].cells[0].rank
    assert "4 of 4, P13" == made.rows[3].cells[0].rank


def test_a_run_without_the_suite_has_no_cell(tmp_path):
    """A dash, no link, no rank."""
    first, second = entries(tmp_path)
    other = ledger.Entry({"x": "X"}, (ledger.Run("e/r", "e", "E", "r", "r", "m", "", {"x": {"q": 1.0}}),))
    rows = make([first, second, other]).everything.rows
    assert ("—", "", "few") == (rows[0].cells[1].text, rows[0].cells[1].href, rows[0].cells[1].css)
    assert ("1 of 1", "—") == (rows[4].cells[1].rank, rows[4].mean), (
        "alone on its suite there is no percentile"
    )


def test_only_like_is_ranked_with_like(tmp_path):
    """Letters apart from likelihoods, a model once, and no percentile of fewer than four."""
    marks = {"a": "+" * 10, "b": "++++------", "c": "+++-------", "d": "++--------", "e": "+---------"}
    first = hand_made.data(tmp_path, marks, answers={"e": "likelihood"})
    again = hand_made.data(tmp_path, {"again": "++++++++++"}, name="again", models={"again": "b"})
    made = [ledger.make(Analysis(data)) for data in (first, again)]
    cells = {row.id: row.cells[0].rank for row in make(made).everything.rows}
    assert {
        "a": "1 of 4, P88",
        "b": "2 of 4, P63",
        "c": "3 of 4, P38",
        "d": "4 of 4, P13",
        "e": "1 of 1",
        "again": "counted as made-up/b",
    } == cells
    few = [ledger.make(Analysis(hand_made.data(tmp_path, {"a": "++", "b": "+-"})))]
    assert ["1 of 2", "2 of 2"] == [row.cells[0].rank for row in make(few).everything.rows]
    assert {"—"} == {row.mean for row in make(few).everything.rows}


def alike(folder):
    """Five letters and a likelihood; one model in two runs."""
    marks = {"a": "+" * 10, "b": "++++------", "c": "+++-------", "d": "++--------", "e": "+---------"}
    first = hand_made.data(folder, marks, answers={"e": "likelihood"})
    again = hand_made.data(folder, {"again": "+" * 4}, name="again", models={"again": "b"})
    return [ledger.make(Analysis(data)) for data in (first, again)]


def repeated(folder):
    """Two runs with three samples or three rotations of their options, one of them all right."""
    answers = {"a": ["+-+-+-+++-+-", "++--+-++++--", "+---+-+++++-"], "b": ["+" * 12] * 3}
    return [ledger.make(Analysis(hand_made.data(folder, answers)))]


@pytest.mark.parametrize("only_common", [False, True])
@pytest.mark.parametrize(("made_of", "shared"), [(entries, 4), (repeated, 12), (alike, 4)])
def test_the_browser_counts_the_same(tmp_path, only_common, made_of, shared):
    """Values, ranks and intervals of the script's table are those of the page as built, repeats included."""
    made = made_of(tmp_path)
    data = json.loads(script(made).decode().removeprefix("llmxrayLedger(").removesuffix(");\n"))
    keys = json.dumps([run["key"] for run in data["runs"]])
    columns = js("ledger.js", f"m.board({json.dumps(data)}, new Set({keys}), {json.dumps(only_common)})")
    runs = [run for each in made for run in each.runs]
    found = page.estimates(runs, hand_made.SUITE, only_common=only_common)
    placed = page.placed(runs, hand_made.SUITE, found)
    assert shared == columns[0]["shared"]
    for key, estimate in found.items():
        cell = columns[0]["cells"][key]
        assert estimate.n == cell["found"]["n"]
        assert estimate.value == pytest.approx(cell["found"]["value"], abs=1e-6)
        assert [estimate.low, estimate.high] == pytest.approx(cell["found"]["interval"], abs=1e-5)
        rank = placed[key]
        if isinstance(rank, str):
            assert (None, rank) == (cell["rank"], cell["as"])
            continue
        assert (rank.percentile, "") == (cell["rank"]["percentile"], cell["as"])
        assert (rank.rank, rank.tied, rank.population) == tuple(
            cell["rank"][name] for name in ("rank", "tied", "population")
        )


def test_pure_functions_of_the_script():
    """Wilson as in Python, Student's quantile, honest rounding, colour bands, no number without questions."""
    assert [2.5706, 2.2622, 2.0009] == pytest.approx(js("ledger.js", "[5, 9, 59].map(m.student)"), abs=2e-3)
    assert list(wilson(7, 20)) == pytest.approx(js("ledger.js", "m.wilson(7, 20)"))
    assert js("ledger.js", "m.wilson(0, 0)") is None
    assert [">99%", "<1%", "50%"] == js("ledger.js", "[0.999, 0.001, 0.5].map(m.percent)")
    bands = [0, 0.2, 0.6, 0.8, 1]
    assert [f"h{step(value)}" for value in bands] == js("ledger.js", f"{bands}.map(m.band)")


SUITES = ("x", "y", "z")


def three_suites():
    """Two experiments with two runs each on three suites; the first run of each has the first colour."""
    scores = {
        "one": (1.0, 0.0, 1.0),
        "two": (0.0, 0.0, 1.0),
        "three": (1.0, 1.0, 0.0),
        "four": (0.0, 0.0, 0.0),
    }
    runs = [
        ledger.Run(
            f"{experiment}/{name}",
            experiment,
            experiment,
            name,
            name,
            name,
            "letter",
            {suite: {"q": score} for suite, score in zip(SUITES, scores[name], strict=True)},
        )
        for experiment, name in (("e", "one"), ("e", "two"), ("f", "three"), ("f", "four"))
    ]
    titles = {suite: f"Suite {suite}" for suite in SUITES}
    return [ledger.Entry(titles, tuple(runs[:2])), ledger.Entry(titles, tuple(runs[2:]))]


def test_the_profile_keeps_the_colours_of_the_experiments():
    """A run has the colour of its own pages; where two want the same, the later one has one that nobody wants."""
    made = make(three_suites()).profile
    assert (("c0", "e/one"), ("c2", "f/three"), ("c1", "e/two")) == made.key
    assert ["", "one", "three", "two"] == [column.text for column in made.table.columns]
    assert ["Suite x", "Suite y", "Suite z"] == [line.head for line in made.table.lines]
    assert [("100%", "c0"), ("100%", "c2"), ("0%", "c1")] == [
        (cell.text, cell.css) for cell in made.table.lines[0].cells
    ]


def test_the_browser_draws_the_chosen_runs():
    """The same three as in Python where all four are chosen; of fewer nobody has a percentile: no radar."""
    made = three_suites()
    data = json.loads(script(made).decode().removeprefix("llmxrayLedger(").removesuffix(");\n"))
    keys = ["e/one", "e/two", "f/three", "f/four"]

    def picked(chosen):
        board = f"require({str(STATIC / 'ledger.js')!r}).board(d, c, false)"
        code = f"((d, c) => m.picked(d, {board}, c))({json.dumps(data)}, new Set({json.dumps(chosen)}))"
        return js("profile.js", code)

    assert [list(each) for each in make(made).profile.key] == [
        [run["css"], run["key"]] for run in picked(keys)["runs"]
    ]
    assert [] == picked(keys[1:])["runs"]
    assert "" == js("profile.js", f"m.refused({json.dumps(picked(keys))})")
    assert "which needs four models" in js("profile.js", f"m.refused({json.dumps(picked(keys[1:]))})")
    assert "No run is chosen" in js("profile.js", f"m.refused({json.dumps(picked([]))})")
    two = {"runs": [{}], "axes": [{}, {}]}
    assert "know 2 suites; a radar needs three" in js("profile.js", f"m.refused({json.dumps(two)})")


def test_a_choice_of_runs_has_an_address():
    """All runs on all questions need none; unknown runs are dropped; an empty choice stays empty."""
    keys = '["e/one", "e/two"]'
    assert "" == js("ledger.js", f"m.formatLedger({keys}, 'all', {keys})")
    told = js("ledger.js", f"m.formatLedger(['e/two'], 'common', {keys})")
    assert "#runs=e%2Ftwo&items=common" == told
    assert {"runs": ["e/two"], "items": "common"} == js("ledger.js", f"m.parseLedger({told!r}, {keys})")
    assert {"runs": None, "items": "all"} == js("ledger.js", f"m.parseLedger('#profile', {keys})")
    assert [] == js("ledger.js", f"m.parseLedger('#runs=gone/run', {keys})")["runs"]


def test_a_name_of_a_spoke_is_broken_as_in_the_built_drawing():
    """At blanks, sixteen letters a line at most."""
    name = "Word problems with numeric options"
    assert textwrap.wrap(name, 16) == js("profile.js", f"m.wrapped({name!r})")
    assert radar._point(1, 5, 0.5) == pytest.approx(js("profile.js", "m.point(1, 5, 0.5)"))


def test_the_site_has_a_ledger(tmp_path):
    """Made from all experiments that the site holds; one data file, under the hash of its content."""
    build([hand_made.data(tmp_path / "c", {"a": "+-"})], tmp_path / "site")
    build([hand_made.data(tmp_path / "d", {"b": "++"}, name="second")], tmp_path / "site")
    html = (tmp_path / "site" / "ledger.html").read_text()
    assert 'data-run="made-up/a"' in html
    assert 'data-run="second/b"' in html
    (data,) = (tmp_path / "site" / "data").glob("ledger.*.js")
    assert f'src="data/{data.name}"' in html
    assert not re.search(r"<script>|style=", html)
    assert 'href="ledger.html"' in (tmp_path / "site" / "index.html").read_text()
