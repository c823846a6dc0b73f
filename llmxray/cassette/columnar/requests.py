"""Bodies of requests → one block of columns, and back."""

from __future__ import annotations

from collections.abc import Sequence

from llmxray.cassette import bounds
from llmxray.cassette.bounds import AMISS
from llmxray.cassette.columnar.templates import Templates, TemplateWriter
from llmxray.cassette.sections import SectionReader, SectionWriter
from llmxray.wire.json_size import json_bytes


class RequestBlock:
    """A block of requests, opened.

    Raises:
        ValueError: it is damaged, or grows to more than it may.
    """

    def __init__(self, data: bytes, *, check: bool = True) -> None:
        sections = SectionReader(data, check=check)
        try:
            self.texts = Templates(sections.meta["requests"], sections, "requests")
        except AMISS as error:
            raise ValueError(f"not a block of requests ({error})") from error
        # Forms three times, as in `Block`.
        self.size_bytes = sections.size_bytes + 3 * sections.header_bytes + sections.read_bytes

    @staticmethod
    def write(bodies: Sequence[str]) -> bytes:
        """The bytes of a block of bodies, each a JSON text."""
        out, templates = SectionWriter(), TemplateWriter()
        for text in bodies:
            # Not read back: JSON escapes control characters, so that no body can hold a mark.
            templates.add_text(text)
        meta = {"requests": templates.write(out, "requests")}
        grown = sum(map(json_bytes, bodies))
        return out.finish(meta, least=grown // bounds.HELD.ratio)
