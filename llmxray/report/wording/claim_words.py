"""Words that claim a difference. A sentence gets one for a significant test of a family only, so none can claim alone.

Frozen predictions have their own words, see `wording.predictions`.
"""

from __future__ import annotations

from typing import Literal

from llmxray.report.analysis.families import Corrected

type Claim = Literal["clearly", "measurably", "beats", "overconfident", "underconfident"]


def claimed(word: Claim, test: Corrected) -> str:
    """The word.

    Raises:
        ValueError: the test is not significant after correction: say that instead.
    """
    if not test.is_significant:
        raise ValueError(f"“{word}” needs a significant test, not {test.doubt}")
    return word
