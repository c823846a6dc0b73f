"""Text of models on a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmxray.safe import last_lines, safe


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("a\rb", "a␍b"),
        ("a\r\nb\tc", "a\nb\tc"),
        ("\x9b2J", "\ufffd2J"),
        ("abc\u202edcba", "abc\ufffddcba"),
        ("\x7f\x08", "␡␈"),
        ("\ud83d", "\ufffd"),
        *((f"a{c}b", "a\ufffdb") for c in "\u200b\u2060\ufeff\u00ad\u061c\u3164\U000e0041\u2028"),
        ("Grüße, 世界 🙂", "Grüße, 世界 🙂"),
        ("👩\u200d💻 می\u200cخواهم", "👩\u200d💻 می\u200cخواهم"),
    ],
)
def test_controls_become_visible(text, expected):
    """Escapes, bells, carriage returns, C1 controls, reordering marks and half pairs; the rest is untouched."""
    assert expected == safe(text)


@given(st.text())
def test_nothing_is_left_that_a_terminal_obeys(text):
    """No control but line feed and tab survives, whatever the text, and it can be encoded."""
    made = safe(text)
    assert not [c for c in made if (ord(c) < 32 and c not in "\n\t") or 0x7F <= ord(c) < 0xA0]
    made.encode()


def test_the_end_of_a_long_text():
    """Long lines are folded, the last lines kept."""
    assert "cde\nfg\nh" == last_lines("a\nb\ncdefg\nh", 3, 3)
    assert "" == last_lines("", 10, 3)
