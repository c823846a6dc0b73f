"""Columns on disk: the sealed form of recordings and requests too many to be kept as lines of text.

::

    replies ─► templates (each distinct line once) ─► slots, tokens, symbols (what varies, by column)
                                                          │
                                                          ▼
                                              sections of a block, read back before it is kept

Every value is read back exactly, the bytes and times of chunks included. What else of `llmxray.cassette` needs stands
here: `BlockWriter` writes the blocks of a file of recordings, and `Block` reads one. A `RequestBlock` holds requests,
and `Symbols` are the table that all blocks share. Files of blocks are `llmxray.cassette.blocks`, the container of one
is `llmxray.cassette.sections`.
"""

from __future__ import annotations

from llmxray.cassette.columnar.block_reader import Block
from llmxray.cassette.columnar.read_back import BlockWriter
from llmxray.cassette.columnar.requests import RequestBlock
from llmxray.cassette.columnar.symbols import Symbols

__all__ = ["Block", "BlockWriter", "RequestBlock", "Symbols"]
