"""Columns on disk: the sealed form of recordings and requests too many to be kept as lines of text.

::

    replies ─► templates (each distinct line once) ─► slots, tokens, symbols (what varies, by column)
                                                          │
                                                          ▼
                                     sections of a block ─► `write_block`, read again by `Block`
                                                          │
                                                          ▼
                                     a file of blocks ─► `RecordingBlocks`, `RequestBlocks`

Every value is read back exactly, the bytes and times of chunks included.
"""
