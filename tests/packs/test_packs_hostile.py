"""500 hostile `pack.json`: nothing is written or read outside of the folder, and none gives a traceback."""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from llmxray import workflow
from llmxray.cli import main
from llmxray.errors import LlmxrayError, PackError
from tests.packs.zips import Members, members_of, rezipped, written

ROOT = Path(__file__).parents[2]
CASES = 500
NAMES = [
    *("../outside/evil", "../../outside/evil", "..", ".", "", "/", "tiny/../../outside/evil", "~/evil"),
    *("..\\outside\\evil", "C:\\evil", "C:evil", "\\\\server\\share", "con", "NUL.yaml", "data", "static"),
    *("tiny\x00", "tiny\n", "tiny\r\n", "tiny ", " tiny", "tiny\t", "-tiny", "--help", "TINY", "tíny"),
    *("\x1b]0;owned\x07", "\x1b[2J", "\x9b31m", "tiny\u202e", "a\nb", "\ud800", "⒯iny", "t" * 5_000),
    *("a; touch owned", "$(touch owned)", "`touch owned`", "a && b", "ti*ny", "ti?ny", "%2e%2e%2fevil"),
]
THINGS: list[Any] = [
    *(None, True, False, 0, 1, -1, 3.5, 1e308, float("nan"), [], {}, [[]], {"a": 1}, ["tiny"], [None]),
    *("", "x", "\x00", "\x1b[31m", {"": ""}, "9" * 6_000),
]


class Watch:
    """What this process opens for reading and for writing, while it is asked to look."""

    def __init__(self) -> None:
        self.looking = False
        self.read: set[str] = set()
        self.written: set[str] = set()
        # It cannot be taken out again: hence the switch.
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.looking or not (event == "open" or event.startswith(("os.", "shutil."))):
            return
        paths = [
            os.path.abspath(os.fsdecode(argument))
            for argument in arguments[:2]
            if isinstance(argument, bytes | os.PathLike) or (isinstance(argument, str) and event != "open")
        ]
        if event == "open" and isinstance(arguments[0], str):
            paths = [os.path.abspath(arguments[0])]
        reads = event in ("os.listdir", "os.scandir") or (
            event == "open" and not arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        )
        (self.read if reads else self.written).update(paths)

    @contextmanager
    def on(self) -> Iterator[None]:
        """Look until the block ends."""
        self.looking = True
        try:
            yield
        finally:
            self.looking = False


def hostile(choice: random.Random, honest: dict[str, Any], evil: Path) -> bytes:
    """A manifest with one to three things wrong with it."""
    data = json.loads(json.dumps(honest))
    ways: list[Callable[[], object]] = [
        lambda: data.update(experiment=choice.choice([*NAMES, str(evil)])),
        lambda: data.update(experiment=choice.choice(THINGS)),
        lambda: data.update(experiment="".join(chr(choice.randrange(0x20, 0x2100)) for _ in range(8))),
        lambda: data.update({choice.choice(list(data)): choice.choice(THINGS)}),
        lambda: data.update({choice.choice(NAMES): choice.choice(THINGS)}),
        lambda: data.pop(choice.choice(list(data)), None),
        lambda: _one(choice, data, "files").update(name=choice.choice([*NAMES, *THINGS])),
        lambda: _one(choice, data, "files").update(
            {choice.choice(["sha256", "bytes"]): choice.choice(THINGS)}
        ),
        lambda: _one(choice, data, "licences").update({choice.choice(["what", "x"]): choice.choice(THINGS)}),
        lambda: data.update(files=[*_listed(data), *_listed(data)[:2]]),
        lambda: data.update(files=[choice.choice(THINGS)]),
        lambda: data.update(software={choice.choice(NAMES): choice.choice(THINGS)}),
    ]
    for _ in range(choice.randint(1, 3)):
        if data:
            choice.choice(ways)()
    raw = written(data) if choice.random() < 0.9 else json.dumps(data).encode()
    return _damaged(choice, raw) if choice.random() < 0.2 else raw


def _listed(data: dict[str, Any]) -> list[Any]:
    files = data.get("files")
    return files if isinstance(files, list) else []


def _one(choice: random.Random, data: dict[str, Any], field: str) -> dict[str, Any]:
    value = data.get(field)
    entries = [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
    return choice.choice(entries) if entries else {}


def _damaged(choice: random.Random, raw: bytes) -> bytes:
    at = choice.randrange(len(raw))
    flipped = raw[:at] + bytes([choice.randrange(256)]) + raw[at + 1 :]
    return choice.choice([raw[:at], flipped, b"[" * 5_000, raw[:at] * 2, raw + raw])


def small(members: Members) -> Members:
    """The pack without its recordings, listed truthfully: what is tried here is its manifest."""
    data = json.loads(members["pack.json"])
    kept = {name: raw for name, raw in members.items() if not name.startswith("cassettes/")}
    data["files"] = [record for record in data["files"] if record["name"] in kept]
    return {**kept, "pack.json": written(data)}


def unpacked(arguments: list[str]) -> int:
    """The exit code of `unpack` in this process; anything but an exit is a traceback."""
    with pytest.raises(SystemExit) as caught:
        main(["unpack", *arguments])
    return int(caught.value.code or 0)


def opens(case: Path) -> bool:
    """Whether `run` and `reproduce` would open it; anything but one line of ours is a traceback."""
    try:
        with workflow.open_pack(case):
            return True
    except LlmxrayError as error:
        assert "\n" not in str(error)  # noqa: PT017  either opened or one line
        return False


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder worked in, temporary files included; beside it is one that no pack may lead to."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "evil.yaml").write_text("experiment: evil\n")
    made = tmp_path / "inside"
    (made / "temporary").mkdir(parents=True)
    monkeypatch.chdir(made)
    monkeypatch.setattr(tempfile, "tempdir", str(made / "temporary"))
    return made


def test_hostile_manifests(pack: Path, inside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Unpacked and opened: exit code 0 or 2, one line, nothing outside, nothing that drives a terminal."""
    members, choice, watch = small(members_of(pack)), random.Random(13), Watch()
    honest, evil = json.loads(members["pack.json"]), inside.parent / "outside" / "evil"
    refused = 0
    for number in range(CASES):
        members["pack.json"] = hostile(choice, honest, evil)
        case = rezipped(inside / "case.zip", members)
        with watch.on():
            code = unpacked([str(case), *(["-o", "out"] if number % 2 else [])])
            opened = opens(case)
        output = capsys.readouterr()
        assert (code, opened) in ((0, True), (2, False)), output.err
        assert output.err.count("\n") == (code == 2)
        assert all(character.isprintable() or character == "\n" for character in output.out + output.err)
        refused += code == 2
        for made in set(inside.iterdir()) - {case, inside / "temporary"}:
            shutil.rmtree(made)
    # Or the cases are not hostile, or all for one reason.
    assert CASES * 0.9 < refused < CASES
    ours = (str(inside) + os.sep, str(inside / "temporary"))
    # Modules that the first case loads are compiled.
    written = [path for path in watch.written if "__pycache__" not in path]
    assert [path for path in written if not path.startswith(ours)] == []
    own = (str(inside), str(ROOT / "llmxray"), sys.base_prefix, sys.prefix)
    assert [path for path in watch.read if not path.startswith(own)] == []
    assert [path.name for path in evil.parent.iterdir()] == ["evil.yaml"]


@pytest.mark.parametrize(
    "name", ["../outside/evil", "a; touch owned", "\x1b]0;owned\x07", 7, ["tiny"], None, "con"]
)
def test_the_name_of_the_experiment_is_checked(pack: Path, inside: Path, name: object) -> None:
    """It becomes a folder, a file and a line to paste."""
    members = small(members_of(pack))
    members["pack.json"] = written({**json.loads(members["pack.json"]), "experiment": name})
    with pytest.raises(PackError, match=r"pack\.json is not a pack's manifest \(.*(experiment|Windows)"):
        workflow.open_pack(rezipped(inside / "evil.zip", members)).__enter__()


def test_the_experiment_file_must_be_the_one_the_pack_is_about(pack: Path, inside: Path) -> None:
    """Or one experiment would be shown and another reproduced."""
    members = members_of(pack)
    members["experiments/tiny.yaml"] = members["experiments/tiny.yaml"].replace(b"tiny\n", b"other\n", 1)
    evil = rezipped(inside / "evil.zip", members, relist=True)
    with pytest.raises(PackError, match="is about tiny, its experiment file is about other"):
        workflow.open_pack(evil).__enter__()


def test_the_line_to_paste_is_quoted(pack: Path, inside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder's name may hold what means something to a shell."""
    assert unpacked([str(pack), "-o", "my packs; echo owned"]) == 0
    assert "cd 'my packs; echo owned' && llmxray run tiny\n" in capsys.readouterr().out
