"""Text of models made safe for a terminal: nothing in it can move the cursor, colour, ring or hide.

C0 controls become their pictures (ESC is ␛). C1 controls, marks that reorder text, characters without a shape and
lone surrogates become U+FFFD. Line feeds and tabs stay, for the caller lays text out.
"""

from __future__ import annotations

import unicodedata

# Controls (some terminals obey 0x9B as they do ESC [), format characters (they reorder text, CVE-2021-42574, or have
# no shape, so that two names look alike), halves of pairs, ends of lines that are not line feeds.
_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Characters that count as letters but have no visible shape.
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")
# Persian, Hindi and emoji cannot be written without the two joiners.
_KEPT = frozenset("\n\t\u200c\u200d")


class _Visible(dict[int, str]):
    """The visible form of each character, by its code point; computed on first use."""

    def __missing__(self, code: int) -> str:
        visible = character = chr(code)
        if code < 0x20 and character not in _KEPT:
            visible = chr(0x2400 + code)
        elif character not in _KEPT and (
            unicodedata.category(character) in _UNSHOWN or character in _FILLERS
        ):
            visible = "\ufffd"
        self[code] = visible
        return visible


_TABLE = _Visible({0x7F: "\u2421"})


def safe(text: str) -> str:
    """The text with every control made visible."""
    return text.replace("\r\n", "\n").translate(_TABLE)


def one_line(text: str, width: int) -> str:
    """The text on one line of at most ``width`` characters, cut with an ellipsis."""
    line = " ".join(safe(text).split())
    return line if len(line) <= width else line[: max(width - 1, 0)] + "…"


def last_lines(text: str, width: int, height: int) -> str:
    """The end of the text as it fits into ``height`` lines of ``width`` characters."""
    lines: list[str] = []
    for line in safe(text).expandtabs(4).split("\n"):
        lines += [line[start : start + width] for start in range(0, max(len(line), 1), max(width, 1))]
    return "\n".join(lines[-height:])
