"""Randomness that is the same in every build: generators seeded by names."""

from __future__ import annotations

import hashlib

import numpy as np


def seeded(*names: str) -> np.random.Generator:
    """A generator whose seed is a digest of the names: the same in every process."""
    # Not hash(): Python salts it anew in every process.
    digest = hashlib.sha256("/".join(names).encode("utf-8", "replace")).digest()
    return np.random.default_rng(int.from_bytes(digest[:8]))
