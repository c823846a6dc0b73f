"""How large, how many, how long: what comes from elsewhere may not grow without end. Why: docs/trust.md."""

from __future__ import annotations

_MIB = 1 << 20


# Any file
FILE_BYTES = 2 << 30
"""Of a file that is read whole."""
SANDBOX_BYTES, SANDBOX_RATIO = 1 << 30, 64
"""Memory of the process that opens a stranger's file: so much, and so much more for each byte of it."""
SANDBOX_S, SANDBOX_BYTES_PER_S = 120, 200_000

# Replies
REPLY_BYTES = 64 * _MIB
"""Of a reply that is recorded, which is held until it ends, and of a request; aiohttp would take 1 MiB."""
HEADER_BYTES = 256 << 10
JSON_CHARACTERS = 16 * _MIB
"""Of one JSON text: 30,000 tokens with five alternatives. Its value may take a hundred times as many bytes."""
JSON_DEPTH = 200
"""Far more than any reply or request has, and far less than what stops Python when it writes such a value again."""
STREAM_LINES = 1 << 20
"""Of one reply, two or three an event."""
REPLY_TOKENS = 1 << 18
"""Twice what any server gives."""

# Cassettes
MANIFEST_BYTES = 2 * _MIB
"""Of a cassette's manifest, and of a pack's."""
FRAME_BYTES = 256 * _MIB
"""Of the text of a frame, which is held as a whole."""
BODY_EVENTS, BODY_CHARACTERS = 1 << 20, 256 * _MIB
"""Of a recorded body: a few bytes may say "this event a billion times"."""

# Packs and sites
UNPACKED_BYTES, UNPACKED_RATIO = 16 * _MIB, 512
"""Decompressed text of a file in a pack, by its bytes."""
CLAIMS_BYTES, CLAIMS_RATIO = 4 * _MIB, 64
"""What a pack claims."""
DOWNLOAD_BYTES = 512 * _MIB
PACK_FILES, PACK_BYTES, PACK_DECOMPRESSED_BYTES = 2_000, 2 << 30, 4 << 30
LOG_FILES = 20_000
"""In a folder of other tools' files; more means that the wrong folder was named, such as a whole disk."""
HAND_IN_BYTES = 1_000_000

# Experiments and suites
YAML_BYTES, YAML_DEPTH = _MIB, 64
ENTRIES = 2_000
"""Of any list of an experiment: names of one are looked up in others."""
CONDITIONS, QUESTIONS, REQUESTS = 100, 500_000, 1_000_000
"""A plan of a million requests takes half a minute and a gigabyte, which a typing error in `samples` must not."""
TABLE_ROWS = 2_000_000
"""A few bytes can encode a row a billion times."""
NAME_CHARACTERS = 1_000
"""Of a question's id, and of its category."""
