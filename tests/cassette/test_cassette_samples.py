"""Many samples of one request: each is found in its place, in a time that does not grow with their number squared."""

from __future__ import annotations

import time
from pathlib import Path

from recordings import interaction

from llmxray.cassette import Cassette, Journal, seal

_MANY = 12_000


def test_each_sample_is_found(tmp_path: Path) -> None:
    """Sealed and in the journal, in whatever order they were added, with more than one attempt."""
    with Journal(tmp_path) as journal:
        for sample in (5, 3, 11, 0, 7):
            journal.append(interaction(sample=sample, attempt=1))
            journal.append(interaction(sample=sample, attempt=0))
    seal(tmp_path)
    with Journal(tmp_path) as journal:
        for sample in (9, 1, 5):
            journal.append(interaction(sample=sample))
    cassette = Cassette(tmp_path)
    key = interaction().key
    found = [(each.address.sample, each.address.attempt) for each in cassette.entries(key)]
    assert sorted(found) == found
    assert len(found) == 12
    for sample in range(13):
        tries = [(each.address.sample, each.address.attempt) for each in cassette.tries(key, sample)]
        assert [each for each in found if each[0] == sample] == tries
    assert 7 == cassette.get(cassette.tries(key, 7)[1].address).sample


def test_very_many_samples_are_opened_and_found_in_time(tmp_path: Path) -> None:
    """Looked for one after the other, these took four times as long for twice as many."""
    took = []
    for n in (_MANY // 4, _MANY):
        folder = tmp_path / str(n)
        with Journal(folder) as journal:
            for sample in range(n):
                journal.append(interaction(sample=n - sample))
        began = time.process_time()
        cassette = Cassette(folder)
        key = interaction().key
        found = [len(cassette.tries(key, sample)) for sample in range(1, n + 1)]
        assert [1] * n == found
        took.append(time.process_time() - began)
    # Four times as long for four times as many, where it is not sixteen times.
    assert took[1] < 9 * took[0]
