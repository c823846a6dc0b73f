"""The browser's pure functions, run by node."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import llmxray.report
from llmxray.compare.worddiff import changed_words, word_diff

STATIC = Path(llmxray.report.__file__).parent / "static"


def js(file: str, expression: str) -> Any:
    """The value of an expression in which ``m`` is the script's exports."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    script = f"const m = require({json.dumps(str(STATIC / file))}); console.log(JSON.stringify({expression}))"
    done = subprocess.run([node, "-e", script], capture_output=True, text=True, check=True, timeout=30)
    return json.loads(done.stdout)


def test_state_survives_the_hash():
    """Unknown presets and ranges are dropped; words keep their spaces."""
    state = js("filters.js", "m.parseState('#preset=all-wrong&conf=0.8-1&q=two+words&sort=-x&evil=1')")
    assert ("all-wrong", "0.8-1", "two words", "-x") == (
        state["preset"],
        state["conf"],
        state["q"],
        state["sort"],
    )
    assert "" == js(
        "filters.js", "m.parseState('#preset=toString&conf=9-1').preset + m.parseState('#conf=9-1').conf"
    )
    assert "#preset=cut&q=a+b" == js("filters.js", "m.formatState({...m.DEFAULTS, q: 'a b', preset: 'cut'})")


RECORDS = """[
  {place: 0, suite: 's', category: 'x', difficulty: 2, text: 'iron', cells: [{codes: 'w', confidence: 0.9}, {codes: 'c', confidence: 0.3}]},
  {place: 1, suite: 's', category: 'y', difficulty: null, text: 'sun', cells: [{codes: 'w', confidence: null}, {codes: 'w', confidence: 0.5}]},
  {place: 2, suite: 't', category: 'x', difficulty: 1, text: 'sea', cells: [{codes: 'c', confidence: 1}, {codes: 'e', confidence: null}]},
]"""  # noqa: E501


@pytest.mark.parametrize(
    ("state", "places"),
    [
        ("", [0, 1, 2]),
        ("preset=all-wrong", [1]),
        ("preset=all-right", [2]),
        ("preset=disagree", [0]),
        ("preset=confident-wrong", [0]),
        ("preset=unsure-right", [0]),
        ("outcome=w&condition=b", [1]),
        ("outcome=w&conf=0.8-1", [0]),
        ("suite=s&category=y", [1]),
        ("q=S", [1, 2]),
        ("sort=difficulty", [2, 0, 1]),
        ("sort=-a", [2, 0, 1]),
    ],
)
def test_views(state: str, places: list[int]):
    """Filters, presets and orders; what has no value comes last."""
    view = f"m.view({RECORDS}, m.parseState('#{state}'), ['a', 'b'], [0, 1]).map((r) => r.place)"
    assert places == js("filters.js", view)


def test_hidden_conditions_do_not_count():
    """With only the first condition in view, all of it is wrong."""
    view = f"m.view({RECORDS}, m.parseState('#preset=all-wrong'), ['a', 'b'], [0]).map((r) => r.place)"
    assert [0, 1] == js("filters.js", view)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("The cat sat on the mat.", "The dog sat on a mat, quietly."),
        ("", "new words"),
        ("same  words\n here", "same  words\n here"),
        ("naïve 你好 — don't", "don't — naïve"),
    ],
)
def test_diff_rebuilds_both_texts(a: str, b: str):
    """Equal and deleted runs are a, equal and inserted ones are b."""
    runs = js("diff.js", f"m.wordDiff({json.dumps(a)}, {json.dumps(b)})")
    assert b == "".join(text for kind, text in runs if kind != "delete")
    assert a == "".join(text for kind, text in runs if kind != "insert")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("a b", "a, c d"),
        (
            "The AI's voice is a language of the mind, a language.",
            "Ava, the AI,\nis the beauty of the world, of the mind",
        ),
        ("red of green", "blue of white"),
        ("one two three four", "three four one two"),
        ("of red", "of blue"),
        ("", "x"),
    ],
)
def test_diff_counts_as_the_compare_page_does(a: str, b: str):
    """One pair of answers has one number of changed words on the whole site."""
    expected = changed_words(word_diff(a, b))
    found = js("diff.js", f"m.changedWords(m.wordDiff({json.dumps(a)}, {json.dumps(b)}))")
    assert (expected.deleted, expected.inserted, expected.kept) == (
        found["delete"],
        found["insert"],
        found["equal"],
    )


def test_changed_words_do_not_count_marks():
    """One word out, two in, one mark in."""
    assert {"delete": 1, "insert": 2, "equal": 1} == js(
        "diff.js", "m.changedWords(m.wordDiff('a b', 'a, c d'))"
    )


def test_least_certain_token_and_ranks():
    """The token itself is among its alternatives even where the server did not list it."""
    assert 1 == js("tokens.js", "m.leastCertain([{logprob: -1}, {logprob: -3}, {logprob: -2}])")
    assert -1 == js("tokens.js", "m.leastCertain([])")
    ranked = js("tokens.js", "m.ranked({text: 'x', probability: 0.1, top: [{text: 'y', probability: 0.6}]})")
    assert [("y", False), ("x", True)] == [(each["text"], each["chosen"]) for each in ranked["list"]]
    assert 0.3 == pytest.approx(ranked["rest"])
    assert [1, 0, 4, None] == js(
        "tokens.js", "[['ArrowRight',0],['ArrowLeft',0],['End',2],['x',1]].map(([k,p]) => m.step(k,p,5))"
    )


def test_tokens_from_columns():
    """Columns of a shard become tokens with their alternatives."""
    columns = "{t: [0, 1], l: [693, null], e: [100, null], n: [1, 0], a: [1], b: [69], r: '10'}"
    first, second = js(
        "shards.js", f"m.tokens({columns}, ['a', 'b']).map((t) => ({{...t, logprob: String(t.logprob)}}))"
    )
    assert ("a", True, 1.0) == (first["text"], first["thinking"], first["entropy"])
    assert 0.5 == pytest.approx(first["probability"], abs=1e-3)
    assert [("b", pytest.approx(0.5, abs=5e-3))] == [(t["text"], t["probability"]) for t in first["top"]]
    assert (0, "-Infinity", False) == (second["probability"], second["logprob"], second["thinking"])


PLACES = """{suites: [['a/b', 'B'], ['a', 'A']], sizes: [2, 1], id: ['c', 'd', 'b/c'],
  files: ['x.js', 'y.js'], counts: [1, 2]}"""
COLUMNS = """{categories: ['', 'law'], category: [0, 1, 1], difficulty: [], codes: ['cwc', ['cc', '', 'w']],
  confidence: [[500, null, 1], [null, null, 0]]}"""


def test_questions_are_found_by_number_and_file():
    """Suite after suite, file after file; addresses of two suites may look alike."""
    listed = js("shards.js", f"m.listed({PLACES})")
    assert ["a/b/c", "a/b/d", "a/b/c"] == [each["address"] for each in listed]
    assert ["a/b", "a/b", "a"] == [each["suite"] for each in listed]
    assert ["x.js", "y.js", "y.js"] == js("shards.js", f"[0, 1, 2].map((place) => m.fileOf({PLACES}, place))")


def test_records_from_columns():
    """One text of letters where each question has one sample, a list where some have more; texts may be absent."""
    first, second, _ = js("shards.js", f"m.records({PLACES}, {COLUMNS}, null)")
    assert [("c", "", 0.5), ("cc", "", None)] == [tuple(each.values()) for each in first["cells"]]
    assert ("law", None, "", "w", "") == (
        second["category"],
        second["difficulty"],
        second["text"],
        *[each["codes"] for each in second["cells"]],
    )
    texts = "{text: ['Why?', '', ''], right: ['A · So', '', ''], said: [['A', '', ''], ['B', '', '']]}"
    found = js("shards.js", f"m.records({PLACES}, {COLUMNS}, {texts})[0]")
    assert ("why? a · so", ["A", "B"]) == (found["text"], [each["said"] for each in found["cells"]])


def test_a_shard_is_loaded_once():
    """Two askers share one script, and a third one needs none."""
    script = """(() => { const asked = []; const s = m.makeStore((source) => asked.push(source));
      const load = () => s.load('data/', 'a.1.js');
      load(); load(); s.shard('a', '[1]'); load(); return asked; })()"""
    assert ["data/a.1.js"] == js("shards.js", script)


def test_percentages_are_honest():
    """As the server writes them: nothing rounds up to certainty."""
    assert [">99%", "<1%", "0%", "100%", "—"] == js("dom.js", "[0.999, 0.001, 0, 1, null].map(m.percent)")
    assert ["p0", "p9", "p9", "p3"] == js("dom.js", "[0, 1, 0.95, 0.35].map(m.shade)")


def test_options_as_a_condition_saw_them():
    """A permutation moves letters, not what is right."""
    question = "{choices: ['a', 'b'], answer: 'B'}"
    shown = js("answer.js", f"m.shownOptions({question}, {{order: [1, 0]}})")
    assert [("A", "b", True), ("B", "a", False)] == [(o["letter"], o["text"], o["right"]) for o in shown]


def test_samples_in_the_hash():
    """Only prompts that moved are written down."""
    assert {"haiku": 2} == js("compare.js", "m.parseSamples('#s=haiku:3,bad:x,none:0')")
    assert "#s=haiku:3" == js("compare.js", "m.formatSamples({haiku: 2, capital: 0})")
    assert [0, 2, 1] == js("compare.js", "[m.stepped(0, -1, 3), m.stepped(2, 1, 3), m.stepped(0, 1, 3)]")
