"""500 hostile `pack.json`: nothing is written or read outside of the folder, and none gives a traceback."""

import json
import tempfile

import pytest

from llmxray import workflow
from llmxray.errors import PackError
from tests.commands import llmxray
from tests.packs.zips import Members, members_of, rezipped, written


def small(members: Members) -> Members:
    """The pack without its recordings, listed truthfully: what is tried here is its manifest."""
    data = json.loads(members["pack.json"])
    kept = {name: raw for name, raw in members.items() if not name.startswith("cassettes/")}
    data["files"] = [record for record in data["files"] if record["name"] in kept]
    return {**kept, "pack.json": written(data)}


@pytest.fixture
def inside(tmp_path, monkeypatch):
    """The folder worked in, temporary files included; beside it is one that no pack may lead to."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "evil.yaml").write_text("experiment: evil\n")
    made = tmp_path / "inside"
    (made / "temporary").mkdir(parents=True)
    monkeypatch.chdir(made)
    monkeypatch.setattr(tempfile, "tempdir", str(made / "temporary"))
    return made


@pytest.mark.parametrize(
    "name", ["../outside/evil", "a; touch owned", "\x1b]0;owned\x07", 7, ["tiny"], None, "con"]
)
def test_the_name_of_the_experiment_is_checked(pack, inside, name):
    """It becomes a folder, a file and a line to paste."""
    members = small(members_of(pack))
    members["pack.json"] = written({**json.loads(members["pack.json"]), "experiment": name})
    with pytest.raises(PackError, match=r"pack\.json is not a pack's manifest \(.*(experiment|Windows)"):
        workflow.open_pack(rezipped(inside / "evil.zip", members)).__enter__()


def test_the_experiment_file_must_be_the_one_the_pack_is_about(pack, inside):
    """Or one experiment would be shown and another reproduced."""
    members = members_of(pack)
    members["experiments/tiny.yaml"] = members["experiments/tiny.yaml"].replace(b"tiny\n", b"other\n", 1)
    evil = rezipped(inside / "evil.zip", members, relist=True)
    with pytest.raises(PackError, match="is about tiny, its experiment file is about other"):
        workflow.open_pack(evil).__enter__()


def test_the_line_to_paste_is_quoted(pack, inside):
    """A folder's name may hold what means something to a shell."""
    done = llmxray("unpack", str(pack), "-o", "my packs; echo owned", at=inside)
    assert "cd 'my packs; echo owned' && llmxray run tiny\n" in done.stdout, done.stderr
