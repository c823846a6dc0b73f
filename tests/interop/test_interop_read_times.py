"""Times in files that are none: next to nothing, by which rates would not be finite."""

from __future__ import annotations

import pytest

from llmxray.interop.read import values


@pytest.mark.parametrize(("stated", "seconds"), [(1e-7, None), (1e-6, 1e-6), (0.5, 0.5), (0, None)])
def test_a_microsecond_is_the_shortest_time(stated: float, seconds: float | None) -> None:
    """In seconds, and in milliseconds."""
    assert values.seconds(stated) == values.seconds(stated * 1000, 1000) == seconds
