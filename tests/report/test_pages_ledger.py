"""The ledger page, and that the browser counts as Python does."""

import re
from dataclasses import replace

import hand_made
import hypothesis
import in_node
import ledger_files
import pytest
from hypothesis import strategies as st

from llmxray.experiment import Site
from llmxray.metrics.accuracy import wilson
from llmxray.report import build, numbers
from llmxray.report.analysis import Analysis
from llmxray.report.analysis import ledger_entry as ledger
from llmxray.report.pages import ledger as page
from llmxray.report.sentences import Finding
from llmxray.report.site.build import write_index
from llmxray.report.widgets.render import Renderer


def entries(folder):
    """Two experiments: three runs on ten questions, one on the first eight only."""
    first = hand_made.data(folder, {"a": "+" * 10, "b": "++++------", "c": "++++------"})
    second = hand_made.data(folder, {"d": "++++++--"}, name="second", title="Second?")
    return [ledger.build_entry(Analysis(data)) for data in (first, second)]


def make(*made, **more):
    """The page over these entries."""
    return page.page_values(ledger.by_question_set(made), **more)


def test_each_set_lists_its_runs_the_most_accurate_first(tmp_path):
    """100, 75, 40 and 40 per cent; equal ones in the order of the site; the set that most runs have comes first."""
    other = ledger_files.entry({"x": "X"}, [replace(a_run("r", 1, 1), experiment="other")])
    made = make(other, *entries(tmp_path))
    assert [(hand_made.SUITE, 4), ("x", 1)] == [(each.name, len(each.rows)) for each in made.sets]
    assert [("a", "100%"), ("d", "75%"), ("b", "40%"), ("c", "40%")] == [
        (row.run.label, row.bar.text) for row in made.sets[0].rows
    ]
    assert Finding("ledger.kicker", runs=5, models=5, experiments=3) == made.kicker


def names_of_rows(best):
    """The models of each set of questions."""
    return [[row.name for row in each.rows] for each in best.sets]


def run_on(name, asked, share, **more):
    """A run of a model of its own on a suite called quiz."""
    shares = {question: float(place < share * len(asked)) for place, question in enumerate(asked)}
    return replace(a_run(name, 0, 0), scores={"quiz": ledger_files.scored(shares)}, **more)


def test_suites_of_one_name_with_other_questions_are_ranked_apart():
    """Whoever was asked half of a set of questions is ranked with it, who was asked others is not."""
    history, biology = ([f"{subject}{n}" for n in range(40)] for subject in ("history", "biology"))
    runs = (
        run_on("h1", history, 0.5, experiment="one"),
        run_on("h2", [*history[:20], "reworded"], 0.25, experiment="two"),
        run_on("b1", biology, 1.0, experiment="three"),
    )
    made = [ledger_files.entry({"quiz": "Quiz"}, [run]) for run in runs]
    assert [["h1", "h2"]] == names_of_rows(make(*made).best)
    assert Finding("ledger.nothing") == make(*made[1:]).best.headline


def test_statistics_of_the_browser_are_those_of_python():
    """Wilson's interval, shares in per cent."""
    assert list(wilson(7, 20)) == pytest.approx(in_node.called("answerers", "wilson", 7, 20))
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
    titles = {suite: f"Suite {suite}" for suite in SUITES}
    runs = {
        name: replace(
            a_run(name, 0, 0),
            experiment=experiment,
            title=experiment,
            asked="letter",
            scores={
                suite: ledger_files.scored({"q": score})
                for suite, score in zip(SUITES, scores[name], strict=True)
            },
        )
        for experiment, name in (("e", "one"), ("e", "two"), ("f", "three"), ("f", "four"))
    }
    return [
        ledger_files.entry(titles, [runs["one"], runs["two"]]),
        ledger_files.entry(titles, [runs["three"], runs["four"]]),
    ]


def test_the_first_screen_says_who_does_best(tmp_path):
    """Each model asked alike, whether its lead is clear; comparisons enter nothing; no code of a layout."""
    first = hand_made.data(tmp_path, {"a": "+" * 20, "b": "+" * 4 + "-" * 16})
    prompts = hand_made.data(tmp_path, {"c": "++"}, name="compared", kind="compare")
    made = make(*(ledger.build_entry(Analysis(data)) for data in (first, prompts)))
    assert "On Made up, a is clearly ahead: 100% right" == str(made.best.headline)
    (only,) = made.best.sets
    assert [["a", "b"]] == names_of_rows(made.best)
    assert [1.0, 0.2] == [row.cells[0].found.value for row in only.rows]
    assert ["20 questions"] == only.sizes
    assert [("a", "clearly")] == [(note.values["name"], note.values["clearly"]) for note in only.notes]
    page.write_over(Renderer(tmp_path / "out"), [ledger.build_entry(Analysis(first))], {"made-up": tmp_path})
    html = (tmp_path / "out" / "ledger.html").read_text("utf-8")
    assert "a is clearly ahead" in html
    assert not re.search(r"zero-shot|few-shot|percentile \d|, P\d", html)


def a_run(name, right, n, **more):
    """A run on one suite, with so many of its questions right."""
    return ledger.LedgerRun(
        experiment="e",
        title="E",
        id=name,
        label=name,
        model=name,
        asked="letter, zero-shot",
        scores={"x": ledger_files.scored({str(q): float(q < right) for q in range(n)})},
        **more,
    )


def asked(**outcomes):
    """What a ledger of one suite of two options says first: right answers and questions of each run."""
    runs = tuple(a_run(name, right, n) for name, (right, n) in outcomes.items())
    made = make(ledger_files.entry({"x": "X"}, runs, chances={"x": 0.5}))
    values = made.best.headline.values
    return made.best.headline.kind.removeprefix("ledger."), values.get("name", ""), values.get("how", "")


CLEAR, AHEAD = "clearly ahead", "ahead, but not significantly"


def test_what_is_said_first_is_about_every_model():
    """The second may be clearly above guessing, and the third may reach further than the second."""
    assert asked(a=(600, 1000), b=(580, 1000)) == ("ahead", "a", CLEAR)
    assert asked(a=(500, 1000), b=(480, 1000)) == ("guessing", "", "")
    assert asked(a=(95, 100), b=(70, 100)) == ("ahead", "a", CLEAR)
    assert asked(a=(95, 100), b=(70, 100), c=(90, 100)) == ("ahead", "a", AHEAD)
    assert asked(a=(90, 100), b=(90, 100)) == ("equal", "", "")
    assert asked(a=(95, 100)) == ("nothing", "", "")


def test_a_lead_is_over_the_questions_that_both_answered(tmp_path):
    """A run that was asked the easy half only, or broke off after it, is not ahead of one that knew all of it."""
    full, half = "+" * 50 + "-" * 50, "+" * 45 + "-" * 5
    broken = hand_made.data(tmp_path / "broken", {"alpha": full, "beta": half + "!" * 50})
    short = [
        hand_made.data(tmp_path / name, {name: marks}, name=name)
        for name, marks in (("alpha", full), ("beta", half))
    ]
    for data in ([broken], short):
        best = make(*(ledger.build_entry(Analysis(each)) for each in data)).best
        assert best.headline.kind == "ledger.ahead-both"
        assert ("alpha", AHEAD) == (best.headline.values["name"], best.headline.values["how"])
        assert {(0.5, 100), (0.9, 50)} == {
            (row.cells[0].found.value, row.cells[0].found.n) for row in best.sets[0].rows
        }
        assert ["50 to 100 questions"] == best.sets[0].sizes
        assert [] == best.sets[0].notes
    worse = hand_made.data(tmp_path / "worse", {"alpha": full, "beta": "+" * 30 + "-" * 20 + "!" * 50})
    assert CLEAR == make(ledger.build_entry(Analysis(worse))).best.headline.values["how"]
    equal = hand_made.data(tmp_path / "equal", {"alpha": full, "beta": "+" * 50 + "!" * 50})
    best = make(ledger.build_entry(Analysis(equal))).best
    assert ("ledger.nobody-ahead", []) == (best.headline.kind, best.sets[0].notes)


def test_a_column_sets_only_like_below_like():
    """A way of asking a column, a model by its run with the most questions; other examples are left out of it."""
    short, other = a_run("a", 4, 4), a_run("c", 20, 20)
    runs = (
        replace(short, id="short"),
        a_run("a", 14, 20),
        a_run("b", 5, 18),
        replace(other, asked="number, zero-shot"),
        replace(a_run("e", 19, 20), asked="letter, few-shot"),
        replace(a_run("d", 9, 9), scores={"y": ledger_files.scored({"q": 1.0})}),
    )
    best = make(ledger_files.entry({"x": "X", "y": "Y"}, runs)).best
    assert ["ways.says-letter", "ways.says-number"] == [way.kind for way in best.ways]
    (only,) = best.sets
    assert ["18 to 20 questions", "20 questions"] == only.sizes
    assert {"a": [0.7, None], "b": [5 / 18, None], "c": [None, 1.0]} == {
        row.name: [cell and cell.found.value for cell in row.cells] for row in only.rows
    }
    assert "e, d and Y" == best.left_out


def test_models_that_see_no_question_are_quoted_and_never_ranked():
    """The control of a set of questions stands beside it, whatever it scored; alone it is no table."""
    control = replace(a_run("a", 18, 20), id="control", asked="letter, options-only")
    unseen = replace(a_run("b", 5, 20), id="unseen", asked="letter, options-only")
    runs = (
        a_run("a", 14, 20),
        a_run("b", 5, 20),
        control,
        unseen,
        replace(unseen, id="u", model="c", label="c"),
    )
    best = make(ledger_files.entry({"x": "X"}, runs, chances={"x": 0.25})).best
    (only,) = best.sets
    assert [0.7, 0.25] == [row.cells[0].found.value for row in only.rows]
    told = "Without seeing the question (says a letter): a 90%, b 25% and c 25% (guessing 25%)."
    assert told == str(only.notes[-1])
    assert make(ledger_files.entry({"x": "X"}, runs[2:])).best is None


def test_the_model_that_does_best_is_counted_over_the_sets_of_questions():
    """Three models on three suites: two wins of three, none of them clear; equals win nothing."""
    made = make(*three_suites())
    assert (
        Finding("ledger.leads", name="three", n=1, asked=3, how="but not significantly") == made.best.headline
    )
    assert made.best.rivals is None


@pytest.mark.parametrize(("more", "kind"), [((), "leads-all"), (("z",), "leads-asked")])
def test_all_sets_are_those_that_the_model_was_asked(more, kind):
    """Another set, which only a third model was asked, is none of those that the first one leads on."""

    def run(name, suites, right):
        scores = {suite: ledger_files.scored(dict.fromkeys("pqrs", right)) for suite in suites}
        return replace(a_run(name, 0, 0), scores=scores)

    runs = [run("a", "xy", 1.0), run("b", "xy", 0.0), run("c", more, 1.0)]
    made = make(ledger_files.entry({suite: suite for suite in ("x", "y", *more)}, runs))
    assert (f"ledger.{kind}", 2) == (made.best.headline.kind, made.best.headline.values["n"])


def test_models_are_coloured_in_the_order_of_the_site(tmp_path):
    """Hue is the model on every page: in the order in which the site met them, whatever its author puts first."""
    out = tmp_path / "site"
    for name, model in (("early", "one"), ("late", "two")):
        build([hand_made.data(tmp_path / name, {model: "++-+"}, name=name, models={model: model})], out)
    found = []
    for order in ((), ("late", "early")):
        write_index(out, Site(order=order))
        html = (out / "ledger.html").read_text("utf-8").partition('id="ledger-table"')[2]
        found.append(re.findall(r'scope="row">(\w+)<.*?\b(c\d)\b', html))
    assert found == [[("one", "c0"), ("two", "c1")], [("two", "c1"), ("one", "c0")]]


@hypothesis.given(
    st.lists(st.dictionaries(st.sampled_from("abcde"), st.integers(0, 3), min_size=2), min_size=1, max_size=4)
)
def test_models_stand_by_how_many_others_they_are_ahead_of(suites):
    """Over all sets of questions; equals are ahead of nobody, and stand in the order of their runs."""
    runs = tuple(
        replace(
            a_run(model, 0, 0),
            scores={
                str(place): ledger_files.scored({str(q): float(q < right[model]) for q in range(3)})
                for place, right in enumerate(suites)
                if model in right
            },
        )
        for model in "edcba"
    )
    made = make(ledger_files.entry({str(place): "X" for place in range(len(suites))}, runs))
    ahead = {
        model: sum(other < right[model] for right in suites if model in right for other in right.values())
        for model in "edcba"
        if any(model in right for right in suites)
    }
    order = sorted(ahead, key=lambda model: -ahead[model])
    for rows in names_of_rows(made.best):
        assert rows == [model for model in order if model in rows]
