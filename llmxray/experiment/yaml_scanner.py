"""PyYAML's scanner with one rule of YAML 1.2 that it lacks.

PyYAML ends a plain text inside ``{…}`` or ``[…]`` at a question mark, so that
``{text: What is the capital of Australia?, expect: Canberra}`` is a syntax error there. YAML 1.2
(https://yaml.org/spec/1.2.2/#733-plain-style) lets it stand, and prompts are full of them.
"""

from __future__ import annotations

import yaml

# NUL is what PyYAML reads at the end of the text.
_BLANKS = "\0 \t\r\n\x85\u2028\u2029"
_FLOW_MARKS = ",[]{}"


class PlainScalarLoader(yaml.SafeLoader):
    """Tokenises like ``SafeLoader``, question marks in plain texts included."""

    def scan_plain(self) -> yaml.ScalarToken:
        """Scan a plain scalar, over several lines where it is continued."""
        start = end = self.get_mark()
        indent = self.indent + 1
        chunks: list[str] = []
        gap: list[str] = []
        while self.peek() != "#" and (length := self._run_length()):
            # As in PyYAML: a key cannot begin right after a text.
            self.allow_simple_key = False
            chunks += [*gap, self.prefix(length)]
            self.forward(length)
            end = self.get_mark()
            gap = self.scan_plain_spaces(indent, start) or []
            if not gap or (not self.flow_level and self.column < indent):
                break
        return yaml.ScalarToken("".join(chunks), True, start, end)

    def _run_length(self) -> int:
        """Characters up to the next blank, or up to a mark that ends the scalar."""
        marks = _FLOW_MARKS if self.flow_level else ""
        length = 0
        while (character := self.peek(length)) not in _BLANKS and character not in marks:
            if character == ":" and self.peek(length + 1) in _BLANKS + marks:
                break
            length += 1
        return length
