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
DECODED_BYTES = 80 * _MIB
"""Of a reply that came compressed: nobody asked for that, and a kilobyte can be gigabytes."""
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
