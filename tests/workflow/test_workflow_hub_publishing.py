"""Publishing on the Hugging Face Hub: two folders are written, and nothing is sent unless somebody says so."""

import base64
import shutil
import subprocess
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from llmxray import workflow
from llmxray.cassette import Journal, seal
from llmxray.cassette.scrub import SecretGuard
from llmxray.errors import InputError
from llmxray.packs import fingerprint, read_manifest
from llmxray.report.widgets.render import Renderer
from llmxray.types import Chunk, EndCause, Interaction
from llmxray.workflow import keys
from tests.commands import llmxray
from tests.packs.conftest import record


@pytest.fixture
def hub(monkeypatch):
    """What is asked of the Hub's own client, from which nothing is sent."""
    client = pytest.importorskip("huggingface_hub")
    asked: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(client, "get_token", lambda: "hf_of_the_test")
    for name in ("create_repo", "upload_folder"):
        monkeypatch.setattr(client.HfApi, name, _asking(name, asked))
    return asked


def _asking(name: str, asked: list[tuple[str, dict[str, Any]]]) -> Callable[..., str]:
    def ask(_: object, repo_id: str, **how: Any) -> str:
        asked.append((name, how | {"repo_id": repo_id}))
        return f"https://hub.example/{repo_id}"

    return ask


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A repository with one recorded experiment and its site; not to be changed."""
    folder = tmp_path_factory.mktemp("made")
    record(folder)
    done = llmxray("report", "tiny", at=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def repository(made, tmp_path):
    """A copy of it."""
    return shutil.copytree(made, tmp_path / "repository")


def publish(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command of these tests."""
    return llmxray("publish", "--to", "hf/my-lab/report", *arguments, at=folder)


def front_matter(path: Path) -> dict[str, object]:
    """What the Hub reads at the top of a README."""
    nothing, head, _ = path.read_text("utf-8").split("---\n", 2)
    assert not nothing
    front = yaml.safe_load(head)
    assert isinstance(front, dict)
    return front


def test_a_space_and_a_data_set_are_written_and_nothing_is_sent(repository, hub):
    """The Space is the site; the data set has the table and a pack whose figures come out; commands are printed."""
    done = publish(repository)
    assert done.returncode == 0, done.stderr
    assert hub == []
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


def test_pushed_when_told(repository, hub):
    """Through the Hub's own client: both repositories; old pages of the Space go, other files of the data set stay."""
    done = publish(repository, "--push")
    assert done.returncode == 0, done.stderr
    kinds = ["space", "space", "dataset", "dataset"]
    assert [(how["repo_id"], how["repo_type"]) for _, how in hub] == [
        ("my-lab/report", kind) for kind in kinds
    ]
    assert [how["space_sdk"] for name, how in hub if name == "create_repo"] == ["static", None]
    uploads = [how for name, how in hub if name == "upload_folder"]
    assert [how["delete_patterns"] for how in uploads] == [["*"], None]
    written = [Path(how["folder_path"]).relative_to("hf/my-lab/report").as_posix() for how in uploads]
    assert written == ["space", "dataset"]
    assert "published https://hub.example/my-lab/report" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--to", "my-lab/report"), "does not begin with hf/"),
        (("--to", "hf/report"), "--to takes hf/ORG/NAME"),
        (("--to", "hf/../report"), "--to takes hf/ORG/NAME"),
        (("--push",), "--push goes with --to"),
        (("--to", "hf/a/b", "--release"), "--to writes no workflow"),
        (("--to", "hf/a/b", "--repository", "nowhere"), "is not a folder"),
    ],
)
def test_what_is_refused(made, arguments, says):
    """One line, exit code 2, and nothing is written."""
    before = sorted(made.rglob("*"))
    done = llmxray("publish", *arguments, at=made)
    assert (done.returncode, done.stderr.count("\n"), says in done.stderr) == (2, 1, True), done.stderr
    assert sorted(made.rglob("*")) == before


def write_listed(site: Path, name: str, content: bytes) -> None:
    """Write a file beside the pages of an experiment, as the build does."""
    renderer = Renderer(site)
    renderer.write(f"tiny/{name}", content)
    renderer.list_files("tiny")
    renderer.list_files()


def test_a_site_of_other_results_is_not_published(repository):
    """Space and data set would contradict each other."""
    table = repository / "site/tiny/results.parquet"
    write_listed(repository / "site", "results.parquet", table.read_bytes()[:-1] + b"2")
    done = publish(repository)
    assert (done.returncode, "build it again (llmxray report tiny)" in done.stderr) == (2, True), done.stderr
    assert not (repository / "hf/my-lab").exists()


def test_a_cassette_with_a_key_is_not_published(repository, hub):
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
    done = publish(repository, "--push")
    assert (done.returncode, "something shaped like an API key" in done.stderr) == (2, True), done.stderr
    assert (hub, (repository / "hf").exists()) == ([], False)
    for command in (("pack", "tiny"), ("check", "tiny")):
        done = llmxray(*command, at=repository)
        place = "cassettes/tiny/recordings/"
        assert (done.returncode, place in done.stderr, "shaped like an API key" in done.stderr) == (
            2,
            True,
            True,
        )
    assert not (repository / "tiny.xray.zip").exists()


KEY = b"sk-proj-" + b"A1b2C3d4" * 5


def test_a_key_is_found_in_any_file(tmp_path):
    """Whatever its name ends in; also in a member of a zip."""
    with zipfile.ZipFile(tmp_path / "site.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x/a.txt", b"one\n" + KEY)
    with pytest.raises(InputError, match=r"site\.zip:x/a\.txt:2: something shaped like an API key"):
        keys.refuse_keys_in_site(tmp_path)
    (tmp_path / "keys").write_bytes(b"one\n" + KEY)
    with pytest.raises(InputError, match="keys:2: something shaped like an API key"):
        keys.refuse_keys_in_site(tmp_path)


def test_a_site_with_a_key_is_not_published(repository):
    """In a data file of a large experiment, which is packed."""
    content = b"llmxray.packed('x','%s');\n" % base64.b64encode(zlib.compress(b"one\n" + KEY))
    write_listed(repository / "site", "x.js", content)
    for options in (("--to", "hf/my-lab/report"), (), ("--check",), ("--zip", "site.zip")):
        done = llmxray("publish", *options, at=repository)
        assert (done.returncode, "tiny/x.js:2: something shaped like an API key" in done.stderr) == (2, True)
    assert not (repository / "hf/my-lab").exists()
    assert not (repository / "site.zip").exists()
