"""Publishing on the Hugging Face Hub: two folders are written, and nothing is sent unless somebody says so."""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import shutil
import subprocess
import sys
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from llmxray import workflow
from llmxray.cassette import Journal, seal
from llmxray.cassette.scrub import SecretGuard
from llmxray.errors import InputError
from llmxray.packs import fingerprint, read_manifest
from llmxray.report.widgets.render import Renderer
from llmxray.types import Chunk, EndCause, Interaction
from llmxray.workflow import hub_publishing, key_search
from tests.commands import llmxray
from tests.packs.conftest import record

ROOT = Path(__file__).parent.parent.parent
TOKEN = "hf_of_the_test"


class Hub(ThreadingHTTPServer):
    """As much of the Hub as its own client asks when it creates a repository and commits files to it.

    Attributes:
        seen: method, path and Authorization header of each request.
        files: what was committed, by kind of repository and path.
        there: paths that the Space has before.
        refuses: whether it answers 403 to everything.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[tuple[str, str, str]] = []
        self.created: list[dict[str, object]] = []
        self.files: dict[str, dict[str, bytes]] = {"spaces": {}, "datasets": {}}
        self.there: list[str] = []
        self.deleted: list[str] = []
        self.refuses = False

    @property
    def url(self) -> str:
        """What HF_ENDPOINT is set to."""
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """Answers in the Hub's forms."""

    server: Hub

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(body)

    def _answer(self, body: bytes) -> None:
        hub, path = self.server, self.path.partition("?")[0]
        hub.seen.append((self.command, path, self.headers.get("Authorization", "")))
        kind = next((name for name in hub.files if f"/{name}/" in path), "")
        if hub.refuses:
            self._say({"error": "You have no rights here"}, 403)
        elif path == "/api/repos/create":
            hub.created.append(json.loads(body))
            self._say({"url": f"{hub.url}/{hub.created[-1]['type']}s/my-lab/report", "name": "my-lab/report"})
        elif path == "/api/validate-yaml":
            self._say({"errors": [], "warnings": []})
        elif "/preupload/" in path:
            asked = json.loads(body)["files"]
            # Small enough to travel within the commit.
            self._say(
                {
                    "files": [
                        {"path": e["path"], "uploadMode": "regular", "shouldIgnore": False} for e in asked
                    ]
                }
            )
        elif "/commit/" in path:
            for line in body.splitlines():
                entry = json.loads(line)
                if entry["key"] == "file":
                    hub.files[kind][entry["value"]["path"]] = base64.b64decode(entry["value"]["content"])
                elif entry["key"] == "deletedFile":
                    hub.deleted.append(entry["value"]["path"])
            self._say({"commitUrl": f"{hub.url}/my-lab/report/commit/{'0' * 40}", "commitOid": "0" * 40})
        elif "/tree/" in path:
            names = hub.there if kind == "spaces" else []
            self._say([{"type": "file", "path": name, "size": 1, "oid": "0" * 40} for name in names])
        elif kind:
            self._say({"id": "my-lab/report", "sha": "0" * 40, "private": False, "siblings": []})
        else:
            self._say({"error": f"not asked by what the test knows: {path}"}, 404)

    def _say(self, value: object, status: int = 200) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


@pytest.fixture
def hub() -> Iterator[Hub]:
    """Listening on this machine."""
    with Hub() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with one recorded experiment and its site; not to be changed."""
    folder = tmp_path_factory.mktemp("made")
    record(folder)
    done = llmxray("report", "tiny", at=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def repository(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copytree(made, tmp_path / "repository")


def publish(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command of these tests, without the user's token.

    With --push in a process of its own: the Hub's client reads where the Hub is when it is imported.
    """
    words = ("publish", "--to", "hf/my-lab/report", *arguments)
    if "--push" not in arguments:
        return llmxray(*words, at=folder, **environment)
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGING"))}
    environ |= {"PYTHONPATH": str(ROOT), "HF_HOME": str(folder / "hf-home"), **environment}
    command = [sys.executable, "-m", "llmxray", *words]
    return subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, timeout=120, check=False
    )


def front_matter(path: Path) -> dict[str, object]:
    """What the Hub reads at the top of a README."""
    nothing, head, _ = path.read_text("utf-8").split("---\n", 2)
    assert not nothing
    front = yaml.safe_load(head)
    assert isinstance(front, dict)
    return front


def test_a_space_and_a_data_set_are_written_and_nothing_is_sent(repository: Path, hub: Hub) -> None:
    """The Space is the site; the data set has the table and a pack whose figures come out; commands are printed."""
    done = publish(repository, HF_ENDPOINT=hub.url, HF_TOKEN=TOKEN)
    assert done.returncode == 0, done.stderr
    assert hub.seen == []
    assert "nothing was sent; these commands publish both" in done.stderr
    assert [line for line in done.stdout.splitlines() if line.startswith("hf ")] == [
        "hf repos create my-lab/report --repo-type space --space-sdk static --exist-ok",
        "hf upload my-lab/report hf/my-lab/report/space . --repo-type space --delete '*'",
        "hf upload my-lab/report hf/my-lab/report/dataset . --repo-type dataset",
    ]
    space, dataset = (repository / "hf/my-lab/report" / name for name in ("space", "dataset"))
    site = repository / "site"
    files = {p.relative_to(site) for p in site.rglob("*") if p.is_file() and not p.name.startswith(".")}
    assert {p.relative_to(space) for p in space.rglob("*") if p.is_file()} == files | {Path("README.md")}
    assert all((space / name).read_bytes() == (site / name).read_bytes() for name in files)
    about = front_matter(space / "README.md")
    assert ("A tiny experiment", "static", ["my-lab/report"]) == tuple(
        about[key] for key in ("title", "sdk", "datasets")
    )
    table = (dataset / "tiny/results.parquet").read_bytes()
    assert table == (site / "tiny/results.parquet").read_bytes()
    assert front_matter(dataset / "README.md")["configs"] == [
        {"config_name": "tiny", "data_files": [{"split": "test", "path": "tiny/results.parquet"}]}
    ]
    pack = dataset / "packs/tiny.xray.zip"
    assert fingerprint(read_manifest(pack)) in (dataset / "README.md").read_text("utf-8")
    assert llmxray("reproduce", str(pack), "--out", "again", at=repository).returncode == 0
    assert not (repository / ".github").exists()


def test_the_hubs_own_tools_read_what_is_written(repository: Path, tmp_path: Path) -> None:
    """Both cards by its client, the table by `datasets`, each experiment a configuration."""
    client = pytest.importorskip("huggingface_hub")
    datasets = pytest.importorskip("datasets")
    assert publish(repository).returncode == 0
    folder = repository / "hf/my-lab/report"
    assert client.SpaceCard.load(folder / "space/README.md").data.sdk == "static"
    assert client.DatasetCard.load(folder / "dataset/README.md").data.license == "cc-by-4.0"
    where = str(folder / "dataset")
    assert datasets.get_dataset_config_names(where) == ["tiny"]
    loaded = datasets.load_dataset(where, "tiny", split="test", cache_dir=str(tmp_path / "cache"))
    assert len(loaded) == 24


def test_pushed_when_told(repository: Path, hub: Hub) -> None:
    """Through the Hub's own client: both repositories, every byte, with the token; old pages of the Space go."""
    pytest.importorskip("huggingface_hub")
    hub.there = ["gone.html", "index.html", ".gitattributes"]
    done = publish(repository, "--push", HF_ENDPOINT=hub.url, HF_TOKEN=TOKEN)
    assert done.returncode == 0, done.stderr
    assert [(repository_made["type"], repository_made.get("sdk")) for repository_made in hub.created] == [
        ("space", "static"),
        ("dataset", None),
    ]
    for kind, part in (("spaces", "space"), ("datasets", "dataset")):
        folder = repository / "hf/my-lab/report" / part
        files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        assert hub.files[kind] == files
    assert hub.deleted == ["gone.html"]
    writing = [
        request for request in hub.seen if request[1] == "/api/repos/create" or "/commit/" in request[1]
    ]
    assert {key for _, _, key in writing} == {f"Bearer {TOKEN}"}
    assert "published " in done.stdout
    assert TOKEN not in done.stdout + done.stderr


def test_what_cannot_be_pushed_is_one_line_with_the_commands(repository: Path, hub: Hub) -> None:
    """No right to write: the folders are there, and the exit code tells."""
    pytest.importorskip("huggingface_hub")
    hub.refuses = True
    done = publish(repository, "--push", HF_ENDPOINT=hub.url, HF_TOKEN=TOKEN)
    assert (done.returncode, "the space my-lab/report was not" in done.stderr) == (1, True), done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout.count("\nhf ") == 3
    assert (repository / "hf/my-lab/report/dataset/README.md").is_file()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--to", "my-lab/report"), "does not begin with hf/"),
        (("--to", "hf/report"), "--to takes hf/ORG/NAME"),
        (("--to", "hf/../report"), "--to takes hf/ORG/NAME"),
        (("--push",), "--push goes with --to"),
        (("--to", "hf/a/b", "--release"), "--to writes no workflow"),
        (("--to", "hf/a/b", "--repository", "site"), "lies in the site itself"),
        (("--to", "hf/a/b", "--repository", "nowhere"), "is not a folder"),
        (("--to", "hf/a/b", "--experiments", "none"), "no experiments in none/"),
    ],
)
def test_what_is_refused(made: Path, arguments: tuple[str, ...], says: str) -> None:
    """One line, exit code 2, and nothing is written."""
    before = sorted(made.rglob("*"))
    done = llmxray("publish", *arguments, at=made)
    assert (done.returncode, done.stderr.count("\n"), says in done.stderr) == (2, 1, True), done.stderr
    assert sorted(made.rglob("*")) == before


def test_the_folder_is_replaced_only_if_it_is_ours(repository: Path) -> None:
    """An older one leaves nothing behind; one of somebody else stays as it is."""
    folder = repository / "hf/my-lab/report"
    assert publish(repository).returncode == 0
    (folder / "space/old.html").write_text("x")
    assert publish(repository).returncode == 0
    assert not (folder / "space/old.html").exists()
    (folder / "notes.txt").write_text("mine")
    done = publish(repository)
    assert (done.returncode, "exists and is not ours" in done.stderr) == (2, True)
    assert (folder / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("name", ["hf", "hf/org/name.part"])
def test_nothing_is_written_through_a_link(tmp_path: Path, name: str) -> None:
    """In the place of the folder, or of what is written first."""
    link = tmp_path / name
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(tmp_path)
    with pytest.raises(InputError, match=f"{link} is a link: remove it"):
        hub_publishing.target_of("hf/org/name", tmp_path)


def write_listed(site: Path, name: str, content: bytes) -> None:
    """Write a file beside the pages of an experiment, as the build does."""
    renderer = Renderer(site)
    renderer.write(f"tiny/{name}", content)
    renderer.list_files("tiny")
    renderer.list_files()


def test_a_site_of_other_results_is_not_published(repository: Path) -> None:
    """Space and data set would contradict each other."""
    table = repository / "site/tiny/results.parquet"
    write_listed(repository / "site", "results.parquet", table.read_bytes()[:-1] + b"2")
    done = publish(repository)
    assert (done.returncode, "build it again (llmxray report tiny)" in done.stderr) == (2, True), done.stderr
    assert not (repository / "hf/my-lab").exists()


def test_a_cassette_with_a_key_is_not_published(repository: Path, hub: Hub) -> None:
    """What is public stays public."""
    prepared = workflow.prepare(
        repository / "experiments/tiny.yaml",
        workflow.Workspace(repository / "cassettes", repository / "experiments"),
    )
    condition, request = next(iter(prepared.plan.requests()))
    journal = Journal(prepared.cassette, SecretGuard(()))
    key = b'data: {"id": "sk-proj-' + b"A1b2C3d4" * 5 + b'"}\n\n'
    headers = (("content-type", "text/event-stream"),)
    chunks = (Chunk(0.1, key),)
    journal.append(
        Interaction(request.key, 0, 1, condition.endpoint, request.body, 200, headers, chunks, EndCause.CLEAN,
                    started_at="2026-01-01T00:00:00.000Z")
    )  # fmt: skip
    journal.close()
    seal(prepared.cassette)
    done = publish(repository, "--push", HF_ENDPOINT=hub.url, HF_TOKEN=TOKEN)
    assert (done.returncode, "something shaped like an API key" in done.stderr) == (2, True), done.stderr
    assert (hub.seen, (repository / "hf").exists()) == ([], False)
    for command in (("pack", "tiny"), ("check", "tiny")):
        done = llmxray(*command, at=repository)
        place = "cassettes/tiny/recordings/"
        assert (done.returncode, place in done.stderr, "shaped like an API key" in done.stderr) == (
            2,
            True,
            True,
        )
    assert not (repository / "tiny.xray.zip").exists()


@pytest.mark.parametrize("name", ["notes.jsonl", "tiny/INDEX.HTML", "keys"])
def test_a_key_is_found_in_any_file(tmp_path: Path, name: str) -> None:
    """Whatever its name ends in."""
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"one\nsk-proj-" + b"A1b2C3d4" * 5)
    with pytest.raises(InputError, match=f"{name}:2: something shaped like an API key"):
        key_search.refuse_keys_in_site(tmp_path)


KEY = b"sk-proj-" + b"A1b2C3d4" * 5


def _zip(name: str, data: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        # At some times of day a line ends inside of the time.
        archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data, method)
    return held.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "where"),
    [
        ("a.xray.zip", _zip("x/a.txt", b"one\n" + KEY), "x/a.txt:2"),
        ("a.zip", _zip(KEY.decode(), b""), "1"),
        ("a.json", gzip.compress(b"one\n" + KEY), "2"),
        ("a.txt", ("one\n" + KEY.decode()).encode("utf-16"), "2"),
        (f"{KEY.decode()}.txt", b"x", "its name:1"),
    ],
    ids=["member", "member's name", "gzip", "UTF-16", "name"],
)
def test_a_key_is_found_in_what_is_packed_once(tmp_path: Path, name: str, data: bytes, where: str) -> None:
    """Members of a zip and their names, gzip, UTF-16, and the names of files."""
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=f"{name}:{where}: something shaped like an API key"):
        key_search.refuse_keys_in_site(tmp_path)


@pytest.mark.parametrize(
    ("name", "made", "says"),
    [
        ("a.gz", lambda: gzip.compress(bytes(40 << 20)), "grows to more than"),
        ("a.gz", lambda: b"\x1f\x8b\x08\0\0\0\0\0\0\0\xff", "invalid"),
    ],
    ids=["gzip that grows", "damaged"],
)
def test_what_cannot_be_searched_is_not_published(
    tmp_path: Path, name: str, made: Callable[[], bytes], says: str
) -> None:
    """A bomb is stopped on its way; a damaged file is named."""
    (tmp_path / name).write_bytes(made())
    with pytest.raises(InputError, match=f"{name}: cannot be searched for keys .*{says}"):
        key_search.refuse_keys_in_site(tmp_path)


def test_a_packed_file_is_looked_through_in_pieces(tmp_path: Path) -> None:
    """A few kilobytes are fifteen megabytes; the key stands over the edge of two pieces."""
    edge = 15 << 20
    text = b"\n" * 3 + b" " * (edge - 13) + b"sk-proj-" + b"A1b2C3d4" * 5 + b" " * 1_000
    deflated = base64.b64encode(zlib.compress(text))
    assert len(deflated) < 40_000
    (tmp_path / "x.js").write_bytes(b"llmxray.packed('x','%s');\n" % deflated)
    del text
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=r"x\.js:4: something shaped"):
            key_search.refuse_keys_in_site(tmp_path)
        assert tracemalloc.get_traced_memory()[1] < 10 << 20
    finally:
        tracemalloc.stop()


def test_a_site_with_a_key_is_not_published(repository: Path) -> None:
    """In a data file of a large experiment, which is packed."""
    content = b"llmxray.packed('x','%s');\n" % base64.b64encode(zlib.compress(b"one\n" + KEY))
    write_listed(repository / "site", "x.js", content)
    for options in (("--to", "hf/my-lab/report"), (), ("--check",), ("--zip", "site.zip")):
        done = llmxray("publish", *options, at=repository)
        assert (done.returncode, "tiny/x.js:2: something shaped like an API key" in done.stderr) == (2, True)
    assert not (repository / "hf/my-lab").exists()
    assert not (repository / "site.zip").exists()
