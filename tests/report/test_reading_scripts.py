"""The pure functions of the question, x-ray and theatre pages, run by node."""

from __future__ import annotations

import json
import math

import pytest
from test_report_scripts import js

from llmxray.compare.worddiff import mostly_rewritten, similarity, word_diff

# 0.5, 0.3, 0.1 recorded, 0.1 outside.
TOKEN = (
    "{text: 'a', probability: 0.5, logprob: Math.log(0.5), top: "
    "[{text: 'a', probability: 0.5}, {text: 'b', probability: 0.3}, {text: 'c', probability: 0.1}]}"
)


def at(temperature: float, token: str = TOKEN) -> dict:
    """A token at another temperature."""
    return js("rescale.js", f"m.rescaled({token}, {temperature})")


def test_at_one_probabilities_are_as_recorded():
    """Nothing is renormalised; the rest is what is missing to one."""
    found = at(1)
    assert [0.5, 0.3, 0.1] == [each["probability"] for each in found["list"]]
    assert 0.1 == pytest.approx(found["rest"])
    assert ("recorded", True) == (found["bound"], found["can"])


def test_several_tokens_sent_as_one_have_the_chance_of_the_last():
    """That one is among the alternatives as a part of a character, and is not counted twice."""
    top = "[{text: '?', probability: 0.601}, {text: '!', probability: 0.3}]"
    joined = f"{{text: '面', joined: true, probability: 0.6, top: {top}}}"
    found = at(1, joined)
    assert [("面", True), ("!", False)] == [(each["text"], each["chosen"]) for each in found["list"]]
    assert 0.1 == pytest.approx(found["rest"])


def test_heat_flattens_and_bounds_from_above():
    """Square roots at temperature 2, and at least one token's worth outside."""
    found = at(2)
    weights = [math.sqrt(p) for p in (0.5, 0.3, 0.1)]
    first, second, third = (each["probability"] for each in found["list"])
    assert weights[0] / weights[1] == pytest.approx(first / second)
    assert first > second > third
    assert "at most" == found["bound"]
    # The tenth outside is made of at least one token as likely as the last one, less what rounding may hide.
    assert 0.9 * weights[2] / (sum(weights) + weights[2]) < found["rest"]
    assert 1 == pytest.approx(found["covered"] + found["rest"])


def test_cold_sharpens_and_bounds_from_below():
    """At one half probabilities are squared."""
    found = at(0.5)
    assert 25 / 9 == pytest.approx(found["list"][0]["probability"] / found["list"][1]["probability"])
    assert "at least" == found["bound"]
    assert found["rest"] < 0.1


def test_at_zero_only_the_likeliest_is_left():
    """Also where the token written was another one."""
    other = TOKEN.replace("text: 'a', probability: 0.5, l", "text: 'b', probability: 0.3, l")
    found = at(0, other)
    assert [("a", 1), ("b", 0), ("c", 0)] == [(each["text"], each["probability"]) for each in found["list"]]
    assert 0 == js("rescale.js", f"m.ownProbability({other}, 0)")


def test_rescaling_is_continuous_at_one():
    """The slider does not jump by more than the rounding of the data."""
    before, after = at(0.9999)["list"][0]["probability"], at(1.0001)["list"][0]["probability"]
    assert 0.5 == pytest.approx(before, abs=0.004)
    assert 0.5 == pytest.approx(after, abs=0.004)


def test_without_alternatives_nothing_is_rescaled():
    """The recorded probability stays, and the page can say so."""
    found = at(2, "{text: 'a', probability: 0.2, top: []}")
    assert (0.2, False, None) == (found["list"][0]["probability"], found["can"], found["covered"])
    assert js("rescale.js", "m.entropyAt({top: []}, 1)") is None


def test_a_token_outside_its_alternatives_is_listed_with_them():
    """It is marked as the chosen one, and its share is its own."""
    found = at(1, "{text: 'z', probability: 0.01, top: [{text: 'a', probability: 0.9}]}")
    assert [("a", False), ("z", True)] == [(each["text"], each["chosen"]) for each in found["list"]]
    assert 0.09 == pytest.approx(found["rest"])


def test_entropy_grows_with_temperature():
    """Two equal alternatives are one bit at any temperature but zero."""
    even = "{top: [{probability: 0.4}, {probability: 0.4}]}"
    assert [0, 1, 1] == js("rescale.js", f"[0, 1, 2].map((t) => m.entropyAt({even}, t))")
    cold, hot = js("rescale.js", f"[0.5, 2].map((t) => m.entropyAt({TOKEN}, t))")
    assert cold < hot


def test_chances_in_words():
    """Never rounded up to certainty."""
    lists = "[[1], [0.9999], [0.5, 0.5], [0.01, 0.01], [1e-12, 1e-12], [0, 1]]"
    assert ["100%", ">99%", "25%", "1 in 10,000", "1 in 10^24", "none"] == js(
        "rescale.js", f"{lists}.map(m.chanceOf)"
    )


def test_doubt_is_ordered():
    """The least certain token comes first, the earlier one of two."""
    assert [1, 3, 0, 2] == js("rescale.js", "m.byDoubt([0.5, 0.1, 0.9, 0.1])")


def test_runs_keep_thinking_and_answer_apart():
    """Options that were weighed are a run each."""
    thought, said = "{text: 'x', thinking: true}", "{text: 'y', thinking: false}"
    runs = js("xray.js", f"m.runsOf([[{thought}, {said}, {said}]], 'AB')")
    assert [("Thinking", 1, False), ("Answer", 2, False)] == _runs(runs)
    assert [("Option A", 1, True), ("Option B", 1, True)] == _runs(
        js("xray.js", f"m.runsOf([[{said}], [{said}]], 'AB')")
    )
    assert [] == js("xray.js", "m.runsOf([], 'AB')")


def test_the_xray_is_in_the_hash():
    """What makes no sense is left out."""
    assert {"place": 1, "sample": 2, "temperature": 1.5} == js(
        "xray.js", "m.parseView('#c=b&s=3&t=1.5', ['a', 'b'], 3)"
    )
    assert {"place": 0, "sample": 0, "temperature": 1} == js(
        "xray.js", "m.parseView('#c=zz&s=9&t=7', ['a', 'b'], 3)"
    )
    assert 1 == js("xray.js", "m.longest([[{tokens: [{t: [1]}]}], [{tokens: [{t: [1, 2]}]}], []], 0)")
    assert ["b ", " d"] == js("xray.js", "m.around([...'a b c d'].map((text) => ({text})), 4, 2)")


def test_a_stream_at_a_moment():
    """Pieces that arrived together are shown together; the end is the end of the recording."""
    columns = "{t: [0, 1, 1], d: [100, 50, 0], r: '100', end: 200, o: 'c', answer: 'x'}"
    at = "[0, 100, 149, 150, 200].map((t) => m.writtenAt(s, t))"
    found = js("playback.js", f"((s) => {at})(m.streamOf({columns}, ['hm', 'b']))")
    assert [0, 1, 1, 3, 3] == [each["count"] for each in found]
    assert ("hm", "bb") == (found[3]["thinking"], found[3]["answer"])
    assert [False, False, False, False, True] == [each["done"] for each in found]


def test_time_stops_at_the_end():
    """Speeds stretch time; a run is over in about a minute."""
    assert [30, 100] == js("playback.js", "[m.advance(10, 10, 2, 100), m.advance(90, 10, 30, 100)]")
    assert [1, 10, 100] == js("playback.js", "[m.fitting(900), m.fitting(573000), m.fitting(1e9)]")
    assert ["0.4 s", "59.9 s", "9:33 min"] == js("playback.js", "[400, 59900, 573000].map(m.clock)")


def test_transcript_has_the_time_of_each_line():
    """A line ends at a break and where the thinking ends; white space alone is no line."""
    stream = (
        "{texts: ['one ', 'two\\n', 'three', 'four', '\\n', ' '], times: [1, 2, 3, 4, 5, 6], "
        "thinking: [true, true, true, false, false, false]}"
    )
    lines = js("playback.js", f"m.transcript({stream})")
    assert [(1, True, "one two"), (3, True, "three"), (4, False, "four")] == [
        (line["at"], line["thinking"], line["text"]) for line in lines
    ]


def test_bars_of_a_run():
    """Trials count in the category of their question; unscored ones are done and neither right nor wrong."""
    run = "{groups: ['x', 'y'], group: [0, 1, 0]}"
    trials = "{q: [0, 1, 2], o: 'cow', ms: [5, 5, 5]}"
    x, y = js("playback.js", f"m.tally({run}, {trials}, 2)")
    assert {"total": 2, "done": 1, "right": 1, "scored": 1} == x
    assert {"total": 1, "done": 1, "right": 0, "scored": 0} == y
    assert [5, 10, 15] == js("playback.js", f"m.ends({trials})")


def test_at_most_four_side_by_side():
    """Those named and playable, or the first ones."""
    assert [[0, 1, 2, 3], [2], [1]] == js(
        "playback.js", "[m.chosen([], [0,1,2,3,4]), m.chosen([2, 9], [1, 2]), m.chosen([0], [1])]"
    )


def test_what_is_played_is_in_the_hash():
    """Unknown modes, speeds and conditions are dropped."""
    read = "m.parsePlay(hash, ['a', 'b'], [1, 2])"
    found = js("theatre.js", f"((hash) => {read})('#mode=run&s=2&speed=2&c=b,zz&projector=1')")
    assert {"mode": "run", "sample": 1, "speed": 2, "chosen": [1], "projector": True} == found
    assert "#mode=run&s=2&speed=2&c=b&projector=1" == js(
        "theatre.js", f"m.formatPlay({json.dumps(found)}, ['a', 'b'])"
    )
    empty = js("theatre.js", f"((hash) => {read})('#mode=evil&s=-1&speed=3')")
    assert ("", 0, 0, []) == (empty["mode"], empty["sample"], empty["speed"], empty["chosen"])


def test_neighbours_of_a_question():
    """A question outside the view leads to the view's first."""
    view = "[{place: 3}, {place: 5}, {place: 9}]"
    assert [3, 9] == js(
        "reading.js", f"(({{before, after}}) => [before.place, after.place])(m.neighbours({view}, 5))"
    )
    assert {"at": -1, "before": None, "after": {"place": 3}} == js("reading.js", f"m.neighbours({view}, 4)")


def test_addresses_keep_the_view_and_add_to_it():
    """Nothing is added for what has no value."""
    assert "#preset=cut&c=a,b&s=2" == js("reading.js", "m.hashOf('#preset=cut', {c: 'a,b', s: 2, t: ''})")
    assert "" == js("reading.js", "m.hashOf('', {s: ''})")
    assert "xray.html?q=a/b%26c#x" == js("reading.js", "m.pageOf('xray.html', 'a/b&c', '#x')")
    assert [2, 1, 1] == js("reading.js", "['#s=2', '#s=9', '#s=x'].map((h) => m.numberIn(h, 's', 3, 1))")


def test_texts_scroll_by_their_own_length():
    """The end of one is the end of the other; what cannot scroll stays."""
    assert [100, 50, 0] == js(
        "scroll.js", "[m.follow(50, 50, 100), m.follow(25, 50, 100), m.follow(9, 0, 100)]"
    )


def test_answers_that_can_be_compared():
    """Weighed options and missing replies cannot."""
    question = "{choices: ['a'], answers: [[{}], [{}], [{error: ''}], []]}"
    conditions = (
        "['x', 'y', 'z', 'w'].map((id, n) => ({id, label: id, answer: n === 1 ? 'likelihood' : 'text'}))"
    )
    found = js("question.js", f"m.comparable({question}, {conditions}, 0, () => ' said ')")
    assert [{"place": 0, "id": "x", "label": "x", "text": "said"}] == found


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("one two three four", "one two three five"),
        ("one two", "three four five"),
        ("a b c", "a b c"),
        ("", ""),
    ],
)
def test_mostly_rewritten_as_the_compare_page_has_it(a: str, b: str):
    """One threshold on the whole site."""
    ops = word_diff(a, b)
    counts = f"m.changedWords(m.wordDiff({json.dumps(a)}, {json.dumps(b)}))"
    assert mostly_rewritten(ops) == js("diff.js", f"m.mostlyRewritten({counts})")
    expected = similarity(ops)
    found = js("diff.js", f"m.similarity({counts})")
    assert found == (None if expected is None else pytest.approx(expected))


def test_changes_in_words():
    """The word for a new text, and none where nothing changed."""
    said = "m.changeSentence({delete: %d, insert: %d, equal: %d})"
    assert "the same words" == js("diff.js", said % (0, 0, 3))
    assert "1 of 4 words gone, 1 new" == js("diff.js", said % (1, 1, 3))
    assert "mostly rewritten: 3 of 4 words gone, 3 new; 25% alike" == js("diff.js", said % (3, 3, 1))


def test_agreement_counts_the_conditions_in_view():
    """None, one or both right; the number of each preset is counted over the rest."""
    records = "() => ['cc', 'cw', 'ww', 'ee'].map((codes, place) => ({place, text: '', cells: [...codes].map((c) => ({codes: c, confidence: null}))}))"  # noqa: E501
    found = js(
        "filters.js",
        f"[0, 1, 2].map((n) => m.view(({records})(), m.parseState(`#agree=${{n}}`), ['a', 'b'], [0, 1]).map((r) => r.place))",  # noqa: E501
    )
    assert [[2], [1], [0]] == found
    counts = js("filters.js", f"m.presetCounts(({records})(), m.parseState('#agree=1'), ['a', 'b'], [0, 1])")
    assert (1, 1, 0) == (counts[""], counts["disagree"], counts["all-wrong"])


def _runs(runs: list) -> list:
    return [(run["name"], len(run["tokens"]), run["forced"]) for run in runs]


UNKNOWN = "{text: 'a', probability: null, logprob: null, top: [{text: 'b', probability: 0.3}]}"


def test_an_unknown_probability_is_shown_as_unknown():
    """Never as 0%, never as the least certain; the chance of the whole text is not known either."""
    columns = "{t: [0, 0], l: [null, null], e: [null, null], n: 0, a: [], b: [], u: '10'}"
    first, second = js(
        "shards.js", f"m.tokens({columns}, ['a']).map((each) => [each.probability, each.logprob])"
    )
    assert [None, None] == first
    assert 0 == second[0]
    assert -1 == js("tokens.js", f"m.leastCertain([{UNKNOWN}])")
    assert 1 == js("tokens.js", f"m.leastCertain([{UNKNOWN}, {{logprob: -3}}, {{logprob: -1}}])")
    ranked = js("tokens.js", f"m.ranked({UNKNOWN})")
    assert [("b", 0.3), ("a", None)] == [(each["text"], each["probability"]) for each in ranked["list"]]
    assert 0 == ranked["rest"]
    for temperature in (0.5, 1, 2):
        assert js("rescale.js", f"m.ownProbability({UNKNOWN}, {temperature})") is None
        listed = js("rescale.js", f"m.rescaled({UNKNOWN}, {temperature}).list")
        assert None in [each["probability"] for each in listed]
    assert [2, 0] == js("rescale.js", "m.byDoubt([0.5, null, 0.1])")
    assert "—" == js("rescale.js", "m.chanceOf([0.5, null])")
    assert js("answer.js", "m.summed([{logprob: -1}, {logprob: null}])") is None
    assert -3 == js("answer.js", "m.summed([{logprob: -1}, {logprob: -2}])")
    assert ["", "—"] == js("dom.js", "[m.shade(null), m.percent(null)]")
