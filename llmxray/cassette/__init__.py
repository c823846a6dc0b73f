"""Recordings on disk: a journal while recording, a sealed form to keep, share and commit.

::

    record ──► journal (append-only, one event a line with a CRC)
                   │ seal (atomic: the manifest is the commit point)
                   ▼
    manifest.json ─► plan, items, requests, recordings/<condition> (JSON lines, or columns), symbols, index
                   │
                   ▼
    Cassette.get(address) ─► Interaction, byte for byte as received
            .completion(address) ─► Completion, from the columns without rebuilding the bytes

A recording is addressed by (key, sample, attempt). The bytes and times of every chunk are kept; tokens and
logprobs are stored as columns wherever the received bytes can be rebuilt from them exactly, and as the raw
bytes otherwise.
"""

from llmxray.cassette.journal import Journal, locked
from llmxray.cassette.key_scan import readable, scan
from llmxray.cassette.sealed import Address, Entry
from llmxray.cassette.sealing import drop, freeze, seal, supersede
from llmxray.cassette.store import Cassette, Frozen, RequestRecord, require
from llmxray.cassette.verification import not_covered, verify

__all__ = [
    "Address",
    "Cassette",
    "Entry",
    "Frozen",
    "Journal",
    "RequestRecord",
    "drop",
    "freeze",
    "locked",
    "not_covered",
    "readable",
    "require",
    "scan",
    "seal",
    "supersede",
    "verify",
]
