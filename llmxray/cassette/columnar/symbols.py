"""The symbols of a cassette: every distinct token object, once; files number those they use."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Self

from llmxray.cassette import bounds
from llmxray.cassette.bounds import AMISS
from llmxray.cassette.columnar.templates import Templates, TemplateWriter
from llmxray.cassette.sections import SectionReader, SectionWriter
from llmxray.wire import NotTold, ReadSymbol, is_plain_symbol, open_symbol, read_symbol, token_text
from llmxray.wire.entries import NUMBER

# NUL parts texts in a section, so a symbol is stored with another character in the place of its number.
_STORED = "\x07"


class Symbol:
    """A symbol, opened.

    Attributes:
        head: text before its number.
        tail: text after it, the closing brace apart.
        spelled: JSON text of its token, without quotes.
        size: characters that it writes beside its number, the closing brace included.
    """

    __slots__ = ("_read", "head", "size", "spelled", "tail")

    def __init__(self, text: str) -> None:
        self.head, self.tail = open_symbol(text)
        self.spelled = token_text(self.head, self.tail)
        self.size = len(self.head) + len(self.tail) + 1
        self._read: ReadSymbol | None = None

    @property
    def read(self) -> ReadSymbol:
        """What it says.

        Raises:
            NotTold: it is no JSON object, or may say something else where it stands.
        """
        if self._read is None:
            if not is_plain_symbol(self.head, self.tail):
                raise NotTold("a symbol that is not the object of a token")
            self._read = read_symbol(f"{self.head}0{self.tail}}}")
        return self._read


class Symbols:
    """Symbols by number: those of a cassette, or of one of its files; each is opened when it is first asked for.

    Attributes:
        texts: the table of the cassette.
        longest: characters of the longest one that was opened.

    Args:
        local: for each number used in the file at hand, the number in the table.
    """

    def __init__(self, texts: Sequence[str] = (), local: Sequence[int] = ()) -> None:
        self.texts, self._local = texts, local
        self._opened: dict[int, Symbol] = {}
        self._alternatives: dict[int, str] = {}
        self.longest = 0

    @classmethod
    def read(cls, data: bytes) -> Self:
        """All symbols of a cassette, from the bytes of their table.

        Raises:
            ValueError: it is damaged, or its texts grow to more than they may.
        """
        sections, room = SectionReader(data), bounds.REBUILT.room(len(data))
        try:
            templates, texts = Templates(sections.meta["symbols"], sections, "symbols"), list[str]()
            for number in range(len(templates)):
                texts.append(templates.text(number).replace(_STORED, NUMBER))
                room.take(len(texts[-1]))
        except AMISS as error:
            raise ValueError(f"not a table of symbols ({error})") from error
        return cls(texts, range(len(texts)))

    @staticmethod
    def write(texts: Collection[str]) -> bytes:
        """The bytes of a table of these symbols."""
        out, templates = SectionWriter(), TemplateWriter()
        for text in texts:
            templates.add_text(text.replace(NUMBER, _STORED))
        meta = {"symbols": templates.write(out, "symbols")}
        return out.finish(meta, least=bounds.REBUILT.least(sum(map(len, texts))))

    def of_file(self, last: bytes) -> Self:
        """Those of one file, by the numbers that they have there.

        Args:
            last: the last block of the file.

        Raises:
            ValueError: it is damaged.
        """
        return type(self)(self.texts, SectionReader(last).ints("symbols").tolist())

    def __getitem__(self, number: int) -> Symbol:
        """The symbol with that number.

        Raises:
            ValueError: there is none.
        """
        opened = self._opened.get(number)
        if opened is None:
            try:
                opened = self._opened[number] = Symbol(self.texts[self._local[number]])
            except IndexError as error:
                raise ValueError(f"there is no symbol {number}") from error
            self.longest = max(self.longest, opened.size)
        return opened

    def some(self, numbers: Sequence[int]) -> list[Symbol]:
        """The symbols with these numbers.

        Raises:
            ValueError: there is none for one of them.
        """
        opened = self._opened
        return [opened.get(number) or self[number] for number in numbers]

    def alternatives(self, numbers: Sequence[int]) -> list[str]:
        """What these symbols say as alternatives.

        Raises:
            ValueError: there is none for one of them, or it is no JSON object.
        """
        known = self._alternatives
        try:
            # Nearly always all are known, and to ask for each would take as long as this.
            return [known[number] for number in numbers]
        except KeyError:
            for number in numbers:
                known[number] = self[number].read.alternative
            return [known[number] for number in numbers]
