"""Packs: one zip that carries an experiment, its cassette and what it claims, so that strangers can check it.

`write` makes one with the same bytes every time; `unpack` opens one that may come from anybody; `compare`
sets what was recomputed beside what is claimed. The format is specified in docs/packs.md.
"""

from llmxray.packs.claims import Claim, Comparison, Difference, compare, figure_claims, table_claims
from llmxray.packs.fetching import Fetched, fetch
from llmxray.packs.manifest import Licence, PackedFile, PackManifest, fingerprint
from llmxray.packs.opening import Limits, read_manifest, unpack
from llmxray.packs.writing import write

__all__ = [
    "Claim",
    "Comparison",
    "Difference",
    "Fetched",
    "Licence",
    "Limits",
    "PackManifest",
    "PackedFile",
    "compare",
    "fetch",
    "figure_claims",
    "fingerprint",
    "read_manifest",
    "table_claims",
    "unpack",
    "write",
]
