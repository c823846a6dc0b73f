"""Files that came from elsewhere: a pipe or a device in the place of one is refused, and not waited for."""

import os
import shutil

import pytest
from recordings import everything, interaction, planned

from llmxray import experiment, workflow
from llmxray.cassette import find_keys, verify
from llmxray.errors import LlmxrayError
from llmxray.limits import FILE_BYTES
from llmxray.regular_files import read_regular_file
from llmxray.suites.data_files import read_bytes


@pytest.mark.parametrize("role", ["manifest", "recordings", "journal"])
def test_a_pipe_in_the_place_of_a_file(tmp_path, role):
    """As an archive may hold one: the cassette is refused in one line."""
    directory = planned(tmp_path / "c", [interaction(f"q{n}") for n in range(3)])
    (path,) = [*directory.rglob(f"{role}*.json*")][:1] or [directory / "journal.jsonl"]
    if role == "recordings":
        (path,) = (directory / "recordings").iterdir()
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    with pytest.raises(LlmxrayError, match="no plain file"):
        everything(directory)
    assert "no plain file" in verify(directory)[0]
    find_keys(directory)
    shutil.rmtree(directory)


def test_a_pipe_in_the_place_of_an_experiment_or_of_rows(tmp_path):
    """One line."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(LlmxrayError, match="no plain file"):
        experiment.load(tmp_path / "pipe")
    with pytest.raises(LlmxrayError, match="no plain file"):
        read_bytes(tmp_path / "pipe")


@pytest.mark.parametrize("read", [read_regular_file, lambda path: workflow.read_files([path])])
def test_a_file_of_holes_is_not_read(tmp_path, read):
    """It takes nothing on the disk, and its size in memory."""
    with (tmp_path / "log.eval").open("wb") as file:
        file.write(b"PK")
        file.truncate(FILE_BYTES + 1)
    with pytest.raises(
        LlmxrayError, match=r"log\.eval: cannot be read: 2,147,483,649 bytes, more than are read at once"
    ):
        read(tmp_path / "log.eval")
