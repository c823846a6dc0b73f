"""The ledger page, and that the browser counts as Python does."""

from __future__ import annotations

import json
import re
import time

import hand_made
import in_node
import pytest

from llmxray.charts import radar
from llmxray.experiment import Site
from llmxray.metrics.accuracy import wilson
from llmxray.report import build, numbers
from llmxray.report.analysis import Analysis
from llmxray.report.analysis import runs as ledger
from llmxray.report.pages import ledger as page
from llmxray.report.pages.ledger import make, over, script
from llmxray.report.site.build import write_index
from llmxray.report.widgets.render import Renderer


def entries(folder):
    """Two experiments: three runs on ten questions, one on the first four only."""
    first = hand_made.data(folder, {"a": "+" * 10, "b": "++++------", "c": "++++------"})
    second = hand_made.data(folder, {"d": "+++-"}, name="second", title="Second?")
    return [ledger.make(Analysis(data)) for data in (first, second)]


def test_runs_are_ranked_among_each_other_with_ties(tmp_path):
    """100, 75, 40, 40 per cent: ranks 1, 2, 3= and 3=."""
    made = make(over(entries(tmp_path)))
    cells = [row.cells[hand_made.SUITE] for row in made.rows]
    assert ["100%", "40%", "40%", "75%"] == [cell.bar.text for cell in cells]
    assert [
        "rank 1 of 4 models asked this way",
        "rank 3= of 4 models asked this way",
        "rank 3= of 4 models asked this way",
        "rank 2 of 4 models asked this way",
    ] == [cell.rank for cell in cells]
    assert ["h4", "h2", "h2", "few"] == [cell.css for cell in cells]
    assert {None} == {row.mean for row in made.rows}, "one suite has no mean"
    assert not made.averaged
    assert "4 runs of 4 models, from 2 experiments" in made.told


def test_a_run_without_the_suite_has_no_cell(tmp_path):
    """Nor a rank."""
    first, second = entries(tmp_path)
    other = ledger.Entry(
        suites={"x": "X"},
        runs=(
            ledger.Run(
                key="e/r",
                experiment="e",
                title="E",
                id="r",
                label="r",
                model="m",
                asked="",
                scores={"x": {"q": 1.0}},
            ),
        ),
    )
    rows = make(over([first, second, other])).rows
    assert "x" not in rows[0].cells
    assert ("no other model was asked this way", None) == (rows[4].cells["x"].rank, rows[4].mean), (
        "alone on its suite there is no percentile"
    )


def test_only_like_is_ranked_with_like(tmp_path):
    """Letters apart from likelihoods, a model once, and no percentile of fewer than four."""
    marks = {"a": "+" * 10, "b": "++++------", "c": "+++-------", "d": "++--------", "e": "+---------"}
    first = hand_made.data(tmp_path, marks, answers={"e": "likelihood"})
    again = hand_made.data(tmp_path, {"again": "++++++++++"}, name="again", models={"again": "b"})
    made = [ledger.make(Analysis(data)) for data in (first, again)]
    cells = {row.label: row.cells[hand_made.SUITE].rank for row in make(over(made)).rows}
    assert {
        "a": "rank 1 of 4 models asked this way",
        "b": "rank 2 of 4 models asked this way",
        "c": "rank 3 of 4 models asked this way",
        "d": "rank 4 of 4 models asked this way",
        "e": "no other model was asked this way",
        "again": "its model is ranked by “b”",
    } == cells
    few = [ledger.make(Analysis(hand_made.data(tmp_path, {"a": "++", "b": "+-"})))]
    assert ["rank 1 of 2 models asked this way", "rank 2 of 2 models asked this way"] == [
        row.cells[hand_made.SUITE].rank for row in make(over(few)).rows
    ]
    assert {None} == {row.mean for row in make(over(few)).rows}


def test_runs_of_different_layouts_are_not_ranked_together():
    """Few-shot and zero-shot prompts are other tasks, whatever the answers look like."""
    layouts = ["zero-shot"] * 4 + ["few-shot"]
    runs = tuple(
        ledger.Run(
            key=f"e/{place}",
            experiment="e",
            title="E",
            id=str(place),
            label=str(place),
            model=str(place),
            asked=f"letter, {layout}",
            scores={"x": {"q": float(place % 2), "r": 1.0}},
        )
        for place, layout in enumerate(layouts)
    )
    rows = make(over([ledger.Entry(suites={"x": "X"}, runs=runs)])).rows
    assert ["rank 3= of 4 models asked this way", "rank 1= of 4 models asked this way"] * 2 + [
        "no other model was asked this way"
    ] == [row.cells["x"].rank for row in rows]


def test_many_runs_have_a_hundred_rows_and_a_table(tmp_path):
    """The most accurate ones without scripts; all of them in the data and in ledger.csv; names are only text."""
    n = page.MOST_ROWS + 20
    runs = tuple(
        ledger.Run(
            key=f"e/{place}",
            experiment="e",
            title="E",
            id=str(place),
            label=f"<b>{place}</b>\u2028'\\",
            model="=cmd()" if place == 0 else str(place),
            asked="letter, zero-shot",
            scores={"x": {str(q): float(q < place) for q in range(n - place % 2)}},
        )
        for place in range(n)
    )
    entries = [ledger.Entry(suites={"x": "X"}, runs=runs)]
    page.write_over(Renderer(tmp_path), entries, bases={"e": ""})
    html = (tmp_path / "ledger.html").read_text("utf-8")
    shown = re.findall(r'data-run="e/(\d+)"', html)
    assert [str(place) for place in range(n - 1, 19, -1)] == shown
    assert "100 most accurate of 120 runs" in html
    assert "&lt;b&gt;119&lt;/b&gt;" in html
    assert "<b>119</b>" not in html
    table = (tmp_path / "ledger.csv").read_bytes().decode()
    assert n + 1 == len(table.splitlines())
    assert "'=cmd()" in table
    assert n == len(given(entries)["runs"])


def given(made):
    """The data that the page's script gets."""
    text = script(over(made)).decode()
    return json.loads(text.removeprefix("llmxray.showLedger(").removesuffix(");\n"))


def test_statistics_of_the_browser_are_those_of_python():
    """Wilson's interval, shares in per cent."""
    assert list(wilson(7, 20)) == pytest.approx(in_node.called("stats", "wilson", 7, 20))
    shares = [0, 0.001, 0.2, 0.5, 0.6, 0.625, 0.635, 0.375, 0.8, 0.999, 1]
    assert [numbers.percent(each) for each in shares] == in_node.all_called(
        [("dom", "percent", each) for each in shares]
    )


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
            key=f"{experiment}/{name}",
            experiment=experiment,
            title=experiment,
            id=name,
            label=name,
            model=name,
            asked="letter",
            scores={suite: {"q": score} for suite, score in zip(SUITES, scores[name], strict=True)},
        )
        for experiment, name in (("e", "one"), ("e", "two"), ("f", "three"), ("f", "four"))
    ]
    titles = {suite: f"Suite {suite}" for suite in SUITES}
    return [
        ledger.Entry(suites=titles, runs=tuple(runs[:2])),
        ledger.Entry(suites=titles, runs=tuple(runs[2:])),
    ]


def test_runs_of_several_suites_have_a_mean_percentile_rank():
    """Four models on three suites: half of those that are equal, itself included, count as behind it."""
    made = make(over(three_suites()))
    assert made.averaged
    # Suite x: ranks of 1, 0, 1, 0; y: 0, 0, 1, 0; z: 1, 1, 0, 0.
    assert [(75 + 37.5 + 75) / 3, (25 + 37.5 + 75) / 3, (75 + 87.5 + 25) / 3, (25 + 37.5 + 25) / 3] == (
        pytest.approx([row.mean for row in made.rows])
    )


def test_the_browser_draws_with_the_measures_of_the_charts():
    """Half of the second of four spokes points right; names are broken at blanks, sixteen letters a line at most."""
    measures = radar.MEASURES
    x, y = measures["centre"]
    half = [x + measures["radius"] / 2, y]
    assert half == pytest.approx(in_node.called("radar", "point", measures, 1, 4, 0.5))
    assert ["Word problems", "with numeric", "options"] == radar.lines("Word problems with numeric options")


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


def test_the_first_screen_says_who_does_best(tmp_path):
    """The best run of each model, whether its lead is clear, who enters nothing; no code of a layout."""
    first = hand_made.data(tmp_path, {"a": "+" * 20, "b": "+" * 4 + "-" * 16})
    prompts = hand_made.data(tmp_path, {"c": "++"}, name="compared", kind="compare")
    made = make(over([ledger.make(Analysis(data)) for data in (first, prompts)]))
    assert made.best.sentences[0].startswith("On Made up, a gets 100% right")
    (panel,) = made.best.panels
    assert panel.verdict == "a is clearly ahead."
    assert [("a", "100%"), ("b", "20%")] == [(line.bar.name, line.bar.text) for line in panel.lines]
    assert "names a letter, without examples" == panel.lines[0].how
    assert "The other experiment compares answers to single prompts" in made.told
    assert all("zero-shot" not in row.asked for row in made.rows)
    page.write_over(Renderer(tmp_path / "out"), [ledger.make(Analysis(first))])
    html = (tmp_path / "out" / "ledger.html").read_text("utf-8")
    assert "Which model does best?" in html
    assert not re.search(r"zero-shot|few-shot|percentile \d|, P\d", html)


def a_run(name, right, n, **more):
    """A run on one suite, with so many of its questions right."""
    return ledger.Run(
        key=f"e/{name}",
        experiment="e",
        title="E",
        id=name,
        label=name,
        model=name,
        asked="letter, zero-shot",
        scores={"x": {str(q): float(q < right) for q in range(n)}},
        **more,
    )


def asked(**outcomes):
    """A ledger of one suite of two options: right answers and questions of each run."""
    runs = tuple(a_run(name, right, n) for name, (right, n) in outcomes.items())
    return make(over([ledger.Entry(suites={"x": "X"}, runs=runs, chances={"x": 0.5})])).best.panels[0].verdict


def test_a_verdict_is_about_every_model():
    """The second may be clearly above guessing, and the third may reach further than the second."""
    assert asked(a=(9, 12), b=(600, 1000)) == "a is ahead, but not clearly."
    assert asked(a=(7, 12), b=(500, 1000)) == "No model is clearly above guessing."
    assert asked(a=(95, 100), b=(70, 100)) == "a is clearly ahead."
    assert asked(a=(95, 100), b=(70, 100), c=(9, 12)) == "a is ahead, but not clearly."
    assert asked(a=(95, 100), b=(70, 100), c=(5, 5)) == "a is ahead, but not clearly."


def test_an_answer_for_half_of_the_time_is_named():
    """The most accurate of the quick runs stands beside the best one."""
    runs = tuple(
        a_run(name, right, 20, seconds={"x": seconds})
        for name, right, seconds in (("slow", 18, 2.0), ("quick", 15, 0.9), ("quicker", 10, 0.1))
    )
    made = make(over([ledger.Entry(suites={"x": "X"}, runs=runs)]))
    assert ("On X, slow gets 90% right, in 2.0\u00a0s a question.",) == made.best.sentences[:1]
    assert (
        "For half of that time or less: quick gets 75%, in 0.90\u00a0s a question." == made.best.sentences[1]
    )
    assert made.best.panels[0].verdict == "slow is ahead, but not clearly."


def test_what_stands_in_brackets_tells_no_runs_apart():
    """With the blanks before it; a label of blanks is gone over once, and not again from each of them."""

    def subject(label):
        run = ledger.Run(
            key="e/m",
            experiment="e",
            title="E",
            id="m",
            label=label,
            model="m",
            asked="letter, zero-shot",
            scores={"x": {"q": 1.0}},
        )
        return make(over([ledger.Entry(suites={"x": "X"}, runs=(run,))])).best.sentences[0]

    said = "On X, m (think (a and slow) gets 100% right."
    assert said == subject("m (7B), think  (4 bits)\t(b)() (a  (c) and slow")
    began = time.process_time()
    assert subject(f"m, {' ' * 200_000}x").endswith("x) gets 100% right.")
    assert time.process_time() - began < 10


def test_models_are_coloured_in_the_order_of_the_site(tmp_path):
    """As in the experiment that the author puts first, whatever its name; without an order, by name."""
    out = tmp_path / "site"
    for name, model in (("early", "one"), ("late", "two")):
        build([hand_made.data(tmp_path / name, {model: "++-+"}, name=name, models={model: model})], out)
    found = []
    for order in ((), ("late", "early")):
        write_index(out, Site(order=order))
        text = next((out / "data").glob("ledger.*.js")).read_text("utf-8")
        runs = json.loads(text.removeprefix("llmxray.showLedger(").removesuffix(");\n"))["runs"]
        found.append([(run["label"], run["cells"][hand_made.SUITE]["bar"]["css"]) for run in runs])
    assert found == [[("one", "c0"), ("two", "c1")], [("two", "c0"), ("one", "c1")]]
