"""The blocks of one file of recordings, each read back before it is handed out.

The journal, which has the bytes as they came, is removed once they are sealed. So what would not come out as it went in
is kept as its received bytes, and a reply that the columns would tell otherwise is marked to be parsed from its bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

from llmxray.cassette import bounds
from llmxray.cassette.columnar.block_reader import Block
from llmxray.cassette.columnar.block_writer import Recording, write_block
from llmxray.cassette.columnar.symbols import Symbols
from llmxray.cassette.sections import SectionWriter
from llmxray.wire import read_interaction

# While a file is written its own numbers and those of the table are the same, and any may still come.
_NO_END = 1 << 40


class BlockWriter:
    """Blocks of one file, which share the numbers of its symbols.

    Args:
        hear: is given what each reply says, as UTF-8, and raises what ends the writing.
    """

    def __init__(self, hear: Callable[[bytes], None]) -> None:
        self._hear = hear
        self._symbols: dict[str, int] = {}
        self._texts: list[str] = []
        self._reader = Symbols(self._texts, range(_NO_END))

    def block(self, recordings: Sequence[Recording]) -> bytes:
        """The bytes of a block of these recordings."""
        raw: set[int] = set()
        data = self._write(recordings, raw, set())
        wrong = self._not_exact(recordings, data) - raw
        if wrong:
            raw |= wrong
            data = self._write(recordings, raw, set())
        parse, spoken_bytes = self._not_told(recordings, data)
        # Twice, for a row of results may have the text of its reply as its answer, too.
        least = -(-2 * spoken_bytes // bounds.TEXTS.ratio)
        if parse or least > len(data):
            data = self._write(recordings, raw, parse, least)
        return data

    def symbols(self, table: dict[str, int]) -> bytes:
        """The last block of the file: the number of each of its symbols in the table of the cassette.

        Args:
            table: numbers by text; new symbols are added.
        """
        out = SectionWriter()
        out.ints("symbols", [table.setdefault(text, len(table)) for text in self._symbols])
        return out.finish({})

    def _write(
        self, recordings: Sequence[Recording], raw: set[int], parse: set[int], least: int = 0
    ) -> bytes:
        data = write_block(recordings, self._symbols, raw=raw, parse=parse, least=least)
        self._texts += islice(self._symbols, len(self._texts), None)
        return data

    def _not_exact(self, recordings: Sequence[Recording], data: bytes) -> set[int]:
        """Those that would not come out as they went in, by place."""
        block, wrong = Block(data, self._reader), set()
        for place, (_, each) in enumerate(recordings):
            try:
                if block.interaction(place, each.key, each.request) == each:
                    continue
            except ValueError:
                pass
            wrong.add(place)
        return wrong

    def _not_told(self, recordings: Sequence[Recording], data: bytes) -> tuple[set[int], int]:
        """Those whose replies only their bytes tell, by place; and the bytes of what all replies say."""
        block, wrong, spoken_bytes = Block(data, self._reader), set(), 0
        for place, (_, each) in enumerate(recordings):
            reply = read_interaction(each)
            called = (f"{call.name} {call.arguments}" for call in reply.tool_calls)
            texts = (reply.reasoning, reply.text, reply.refusal or "", *called)
            spoken = "".join(texts).encode("utf-8", "replace")
            spoken_bytes += len(spoken)
            self._hear(spoken)
            try:
                if block.completion(place) in (None, reply):
                    continue
            except ValueError:
                pass
            wrong.add(place)
        return wrong, spoken_bytes
