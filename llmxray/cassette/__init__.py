"""Recordings on disk: a journal while recording, a sealed form to keep, share and commit.

::

    record ──► journal (append-only, one event a line with a CRC)
                   │ seal (atomic: the manifest is the commit point)
                   ▼
    manifest.json ─► plan, items, requests, recordings/<condition>, index: JSON lines in zstd frames
                   │
                   ▼
    Cassette.get(address) ─► Interaction, byte for byte as received
            .completion(address) ─► Completion, without rebuilding the bytes

A recording is addressed by (key, sample, attempt). The bytes and times of every chunk are kept, in the most readable
form from which they can be rebuilt exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmxray.lazy import lazy_names

if TYPE_CHECKING:
    from llmxray.cassette import export, merge
    from llmxray.cassette.address import Address, Entry
    from llmxray.cassette.journal import Journal, lock_cassette
    from llmxray.cassette.key_scan import find_keys
    from llmxray.cassette.sealing import remove_recordings, replace_cassette, seal, write_plan
    from llmxray.cassette.store import Cassette, Frozen, RequestRecord, is_cassette, require_cassette
    from llmxray.cassette.verification import harmless_leftovers, verify


__getattr__, __dir__ = lazy_names(__name__)
