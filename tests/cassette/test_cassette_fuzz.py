"""Files changed at random: an error that names one of them, or what they said before, and nothing else.

``LLMXRAY_FUZZ`` says how many changes to try ; docs/maintainers/failures.md has the counts of a long run.
"""

import os
import random
from collections import Counter
from pathlib import Path

import pytest
from recordings import everything, interaction, planned, stream

from llmxray.cassette import verify
from llmxray.errors import LlmxrayError

CHANGES = int(os.environ.get("LLMXRAY_FUZZ", "600"))


def made(directory: Path) -> Path:
    """A cassette with a plan, and several samples of a question."""
    each = [interaction(f"q{n}", sample, body=stream("answer " * 3)) for n in range(8) for sample in range(2)]
    return planned(directory, each, 40)


def changed(rng: random.Random, data: bytes) -> bytes:
    """Other bytes: some flipped, set, cut out, put in, repeated, exchanged, or gone."""
    at = rng.randrange(len(data) + 1)
    size = rng.choice([1, 1, 1, 2, 7, 40, 400])
    here, behind = data[at : at + size], data[at + size :]
    kind = rng.randrange(8)
    if kind == 0:
        return data[:at] + bytes(byte ^ (1 << rng.randrange(8)) for byte in here) + behind
    if kind == 1:
        # A digit for a digit, a letter for a letter: JSON that stays JSON.
        return (
            data[:at]
            + bytes(rng.choice(b"0123456789") if chr(byte).isdigit() else byte for byte in here)
            + behind
        )
    if kind == 2:
        return data[:at] + bytes(rng.randrange(256) for _ in here) + behind
    if kind == 3:
        return data[:at] + behind
    if kind == 4:
        return (
            data[:at] + rng.choice([b"0", b" ", b"\n", b",", b'"', b"null", b"[]", b"\0" * size]) + data[at:]
        )
    if kind == 5:
        return data[:at] + here * 2 + behind
    if kind == 6:
        other = rng.randrange(len(data) + 1)
        return data[:at] + data[other : other + size] + behind
    return data[:at]


@pytest.mark.fuzz
def test_changed_files(tmp_path):
    """Whichever file: read whole, and verified."""
    directory = made(tmp_path / "c")
    whole, rng, outcomes = everything(directory), random.Random("changed"), Counter[str]()
    files = sorted(path for path in directory.rglob("*.*") if path.name != "journal.lock")
    assert len(files) > 5
    for _ in range(CHANGES):
        path = rng.choice(files)
        data = path.read_bytes()
        other = changed(rng, data)
        if other == data:
            continue
        path.write_bytes(other)
        try:
            found = "same" if everything(directory) == whole else "another"
        except LlmxrayError as error:
            found = "refused"
            assert "\n" not in str(error)  # noqa: PT017  either a result or one line
            assert str(directory) in str(error)  # noqa: PT017
        faults = verify(directory)
        path.write_bytes(data)
        assert found != "another", (path, other)
        assert faults or found != "refused", (path, other)
        outcomes[found] += 1
    assert outcomes["refused"] > CHANGES * 0.7
