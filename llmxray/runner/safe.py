"""Text of models made safe for a terminal: nothing in it can move the cursor, colour, ring or hide.

C0 controls become their pictures (ESC is ␛), C1 controls and the marks that reorder text become U+FFFD, lone
surrogates too. Line feeds and tabs stay, for the caller lays text out.
"""

from __future__ import annotations

_PICTURES = {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\n\t"}
_REPLACED = dict.fromkeys(
    [
        # C1: some terminals obey 0x9B as they do ESC [.
        *range(0x80, 0xA0),
        # Marks, embeddings, overrides and isolates can show text in another order than it has (CVE-2021-42574).
        *range(0x200E, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
        0x061C,
        0x2028,
        0x2029,
        # Halves of pairs, which JSON can spell and no terminal can be sent.
        *range(0xD800, 0xE000),
    ],
    "\ufffd",
)
_TABLE = {**_PICTURES, **_REPLACED, 0x7F: "\u2421"}


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
