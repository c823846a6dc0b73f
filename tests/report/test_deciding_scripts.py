"""Pure functions of the pair, threshold and choose pages' scripts."""

from __future__ import annotations

from test_report_scripts import RECORDS, js

LINKS = "[{a: 'x', b: 'y', href: 'pairs.html'}, {a: 'x', b: 'z', href: 'pairs.x~z.html'}]"


def test_a_pair_is_found_in_either_order():
    """And a pair without a page is not."""
    assert ["pairs.html", "pairs.x~z.html", ""] == js(
        "pair.js", f"[['y', 'x'], ['x', 'z'], ['y', 'z']].map(([a, b]) => m.addressOf({LINKS}, a, b))"
    )
    assert [{"a": "x", "b": "z"}, None] == js("pair.js", "[m.asked('?a=x&b=z'), m.asked('?a=x')]")


def test_thresholds_survive_the_address():
    """Unknown conditions and numbers out of range are dropped."""
    state = "{condition: 'b', at: 62, cascade: 1, point: 3}"
    there = f"m.parseThreshold(m.formatThreshold({state}), ['a', 'b'], [2, 5])"
    assert {"condition": "b", "at": 62, "cascade": 1, "point": 3} == js("threshold.js", there)
    bad = "m.parseThreshold('#condition=c&at=101&cascade=7&point=-1', ['a', 'b'], [2, 5])"
    assert {"condition": "a", "at": 50, "cascade": 0, "point": 0} == js("threshold.js", bad)


def test_choices_survive_the_address():
    """Weights and limits; what is not a choice is none."""
    limits = "{seconds: 2.5, tokens: null, context: 4096, cost: null, least: 80, error: null, guessers: true}"
    state = f"{{weights: [50, 40, 10], limits: {limits}}}"
    assert {
        "weights": [50, 40, 10],
        "limits": {
            "seconds": 2.5,
            "tokens": None,
            "context": 4096,
            "cost": None,
            "least": 80,
            "error": None,
            "guessers": True,
        },
    } == js("choose.js", f"m.parseChoice(m.formatChoice({state}))")
    assert [None, None] == js("choose.js", "[m.parseChoice('#weights=1-2'), m.parseChoice('#weights=1-2-x')]")


def test_reasons_name_each_failed_limit_and_spare_the_unknown():
    """An unknown context fails nothing."""
    option = "{seconds: 4, tokens: 900.4, context: null, cost: 0.5, beats: true, least: 70, error: null}"
    limits = "{seconds: 2, tokens: 500, context: 8192, cost: null, least: null, error: null}"
    assert ["nine in ten answers take up to 4.0 s", "900 tokens a question"] == js(
        "choose.js", f"m.reasons({option}, {limits})"
    )


def test_what_answers_must_show_is_not_spared_where_it_is_unknown():
    """A guess is out unless asked for; accuracy and calibration are held against the ends of their intervals."""
    option = "{seconds: null, tokens: null, context: null, cost: null, beats: false, least: 70, error: null}"
    none = "{seconds: null, tokens: null, context: null, cost: null, least: null, error: null"
    assert [
        ["not shown to beat guessing"],
        [],
        ["not shown to be right in 80% of its answers", "not shown to have an ECE-15 of 10% or less"],
    ] == js(
        "choose.js",
        f"[m.reasons({option}, {none}}}), m.reasons({option}, {none}, guessers: true}}), "
        f"m.reasons({option}, {{...{none}, guessers: true}}, least: 80, error: 10}})]",
    )


def test_questions_can_be_filtered_by_who_is_right_and_who_is_not():
    """Unknown names are left out of account; an error is neither right nor wrong."""

    def view(state):
        return js(
            "filters.js",
            f"m.view({RECORDS}, m.parseState('#{state}'), ['a', 'b'], [0, 1]).map((r) => r.place)",
        )

    assert [0] == view("right=b&wrong=a")
    assert [1] == view("wrong=a,b")
    assert [2] == view("right=a")
    assert [0, 1, 2] == view("right=nobody")
