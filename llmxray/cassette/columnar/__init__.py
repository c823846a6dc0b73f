"""Columns on disk: the sealed form of recordings and requests too many to be kept as lines of text.

::

    replies ─► templates (each distinct line once) ─► slots, tokens, symbols (what varies, by column)
                                                          │
                                                          ▼
                                     sections of a block ─► `write_block`, read again by `Block`

Every value is read back exactly, the bytes and times of chunks included. What else of `llmxray.cassette` needs stands
here: a block of recordings, written and read; a block of requests, too; the table of symbols that blocks share. Files
of blocks are `llmxray.cassette.blocks`, the container of one is `llmxray.cassette.sections`.
"""

from __future__ import annotations

from llmxray.cassette.columnar.block_reader import Block
from llmxray.cassette.columnar.block_writer import Member, write_block
from llmxray.cassette.columnar.requests import RequestBlock, write_requests
from llmxray.cassette.columnar.symbols import Symbols, read_table, write_table

__all__ = [
    "Block",
    "Member",
    "RequestBlock",
    "Symbols",
    "read_table",
    "write_block",
    "write_requests",
    "write_table",
]
