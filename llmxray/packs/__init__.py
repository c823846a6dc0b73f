"""Packs: one zip that carries an experiment, its cassette and what it claims, so that strangers can check it.

`write_pack` writes the same bytes every time; `unpack` opens a pack that may come from anybody; `compare` compares
recomputed numbers with the claimed ones. The format is specified in docs/packs.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmxray.lazy import lazy_names

if TYPE_CHECKING:
    from llmxray.packs.claims import (
        ClaimedValue,
        ClaimsComparison,
        compare,
        figure_claims,
        table_claims,
    )
    from llmxray.packs.fetching import fetch, is_address
    from llmxray.packs.manifest import Licence, PackedFile, PackManifest, fingerprint
    from llmxray.packs.unpacking import read_manifest, unpack
    from llmxray.packs.writing import write_pack


__getattr__, __dir__ = lazy_names(__name__)
