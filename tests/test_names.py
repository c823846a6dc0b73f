"""Names that come from files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmxray import names

RULES = [names.EXPERIMENT, names.LABEL, names.SUITE, names.CONDITION, names.MEMBER]


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        (names.EXPERIMENT, "model-showdown"),
        (names.LABEL, "lab_1.local"),
        (names.SUITE, "starter/arc"),
        (names.CONDITION, "smollm2@t0.2"),
        (names.MEMBER, "cassettes/tiny/recordings/one-3f2a.jsonl.zst"),
        (names.MEMBER, "experiments/tiny.yaml"),
    ],
)
def test_names_in_use(rule, name):
    """What experiment files and packs really hold."""
    assert rule.complaint(name) == ""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.what)
@pytest.mark.parametrize(
    "value", ["", "..", "a/../b", "a\\b", "a\n", "a b", "$(a)", "\x1b[2J", "ä", "C:a", 7, None]
)
def test_what_is_no_name(rule, value):
    """The complaint is one line that can be printed, and as short as a line, whatever the value."""
    for each in (value, value * 3_000 if isinstance(value, str) else value):
        complaint = rule.complaint(each)
        assert complaint
        assert complaint.isprintable()
        assert len(complaint) < 1_000


@given(st.text("a0._-/@\\ ;\n$\x1bä", max_size=12))
def test_any_text_that_passes_is_safe(text):
    """No part of it is special to a file system, a shell or a terminal."""
    for rule in RULES:
        if not rule.complaint(text):
            assert text.isascii()
            assert not set(text) & set(" \\:*?\"'`$;&|<>(){}[]!#~\n\t\x00")
            assert not {"", ".", ".."} & set(text.split("/"))


@pytest.mark.parametrize("name", ["con", "com1", "data", "static"])
def test_reserved_names(name):
    """Windows' devices, and folders of the site's own."""
    assert name in names.reserved(name)
    assert names.reserved(f"{name}-two") == ""
