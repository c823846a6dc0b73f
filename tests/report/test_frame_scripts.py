"""The frame's and the tables' scripts, run by node."""

from __future__ import annotations

from test_report_scripts import js


def test_the_last_visible_condition_cannot_be_hidden():
    """Clicking hides, clicking again shows."""
    assert ["c0"] == js("frame.js", "[...m.toggled(new Set(), 'c0', ['c0', 'c1'])]")
    assert ["c0"] == js("frame.js", "[...m.toggled(new Set(['c0']), 'c1', ['c0', 'c1'])]")
    assert [] == js("frame.js", "[...m.toggled(new Set(['c0']), 'c0', ['c0', 'c1'])]")


def test_what_is_hidden_stands_in_the_address():
    """By ids, beside other parameters; unknown ids are dropped, and an address that hides everything hides nothing."""
    conditions = "[{id: 'a', css: 'c0'}, {id: 'b', css: 'c1'}]"
    assert ["c1"] == js("frame.js", f"[...m.hiddenIn('?q=x&hide=b,gone', {conditions})]")
    assert [] == js("frame.js", f"[...m.hiddenIn('?hide=a,b', {conditions})]")
    assert [] == js("frame.js", f"[...m.hiddenIn('', {conditions})]")
    assert "?q=s/i%201&hide=a,b" == js("frame.js", "m.withHidden('?hide=c&q=s/i%201', ['a', 'b'])")
    assert "" == js("frame.js", "m.withHidden('?hide=a', [])")


def test_keys_are_commands_only_outside_fields():
    """Digits hide conditions; what is not ours is left alone."""
    assert {"action": "condition", "number": 3} == js("frame.js", "m.command('3')")
    assert {"action": "tab", "step": -1} == js("frame.js", "m.command('[')")
    assert js("frame.js", "m.command('x')") is None
    assert [True, False] == js("frame.js", "[m.isTyping({tagName: 'INPUT'}), m.isTyping({tagName: 'A'})]")


def test_sorting_keeps_the_missing_last():
    """Numbers by size, texts by alphabet, either way round."""
    order = "['10', '—', '9', ''].sort((a, b) => m.compared(a, b, {}))"
    assert ["9", "10", "—", ""] == js("sort.js", order.format("false"))
    assert ["10", "9", "—", ""] == js("sort.js", order.format("true"))
    assert ["a", "b"] == js("sort.js", "['b', 'a'].sort((a, b) => m.compared(a, b, false))")
    assert "3225" == js("sort.js", "m.keyOf(undefined, '3\\u202f225 ')")
