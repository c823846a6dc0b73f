"""Publishing: the workflow can be run step by step here, and a site that would break is told why."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from llmxray.errors import InputError
from llmxray.report import lesson
from llmxray.report.widgets.render import Renderer
from llmxray.workflow import github_pages
from llmxray.workflow.github_pages import Sources
from tests.commands import llmxray
from tests.interop import made_files
from tests.packs.conftest import EXPERIMENT, record

ROOT = Path(__file__).parent.parent.parent


def a_site(folder: Path) -> Path:
    """A site with two pages and the list of its files."""
    renderer = Renderer(folder)
    renderer.write("index.html", b'<a href="one/index.html">one</a>')
    renderer.write("one/index.html", b"<p data-mine>")
    renderer.list_files("one")
    renderer.list_files()
    return folder


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda site: (site / "one/index.html").write_text("<p>"), "one/index.html: was changed after"),
        (
            lambda site: next(site.glob("static/dom.*")).write_text(""),
            "static/dom.HASH.js: was changed after",
        ),
        (lambda site: (site / "one/index.html").unlink(), "one/index.html: is missing"),
        (lambda site: (site / "one/mine.svg").write_text("<svg>"), "one/mine.svg: was not written when"),
        (lambda site: (site / ".env").write_text("x"), ".env: was not written when"),
        (lambda site: (site / "link.html").symlink_to("index.html"), "link.html: a link of the file system"),
        (
            lambda site: os.truncate(site / "one/index.html", github_pages.MOST_FILE_BYTES + 1),
            "one/index.html: 100,000,001 bytes",
        ),
    ],
)
def test_what_the_build_did_not_write_is_named(tmp_path, spoil, fault):
    """One line for each file; a file of the user's domain is no fault."""
    site = a_site(tmp_path)
    (site / "CNAME").write_text("report.example\n")
    (site / "README.md").write_text("What this folder is.\n")
    assert list(github_pages.site_faults(site)) == []
    spoil(site)
    (line,) = github_pages.site_faults(site)
    assert re.sub(r"\.[0-9a-f]{8}\.", ".HASH.", line).startswith(fault)


@pytest.fixture
def released(monkeypatch):
    """As if installed from a repository: the machine of the tests has a clone, which nobody else can install."""
    commit = {"url": "https://x.example/o/r", "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}}
    monkeypatch.setattr(github_pages, "requirement", lambda: github_pages.requirement_of(json.dumps(commit)))
    return "git+https://x.example/o/r@c0ffee"


def test_the_workflow_is_written_once_and_never_over_another(tmp_path, released):
    """It installs the release that wrote it."""
    path, changed = github_pages.write_workflow(tmp_path)
    assert changed
    assert f"pip install {released}\n" in path.read_text()
    assert github_pages.write_workflow(tmp_path) == (path, False)
    path.write_text("name: mine\n")
    with pytest.raises(InputError, match="exists and is not ours"):
        github_pages.write_workflow(tmp_path)
    assert path.read_text() == "name: mine\n"


@pytest.mark.parametrize(
    "recorded",
    [
        '{"url": "file:///home/me/llmxray", "dir_info": {"editable": true}}',
        '{"url": "https://me:word@x.example/o/r", "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}}',
        # Installed by its name alone: on the index anybody may own it.
        None,
    ],
)
def test_what_no_other_machine_can_install_is_refused(recorded):
    """With the option that says what to install, and without the password."""
    with pytest.raises(InputError, match=r"--install git\+https://HOST/OWNER/NAME@COMMIT") as raised:
        github_pages.requirement_of(recorded)
    assert "word" not in str(raised.value)


def test_what_the_host_would_replace_is_named_in_no_workflow(tmp_path):
    """GitHub does so before a shell sees the quotes: the message of a commit would run."""
    read = Sources(recorded=False, read=(("logs/a${{ github.event.head_commit.message }}.json",),))
    with pytest.raises(InputError, match=r"GitHub replaces \$\{\{ … \}\}: rename it"):
        github_pages.write_workflow(tmp_path, source="llmxray", of=read)
    assert not (tmp_path / ".github").exists()


def test_the_project_publishes_its_own_examples():
    """With the workflows that it writes for others."""
    for name in (github_pages.PAGES, github_pages.RELEASE):
        own = ROOT / github_pages.WORKFLOWS / name
        assert own.read_text("utf-8") == github_pages.workflow_text(ROOT, name)


WORKFLOWS = [
    *((ROOT / "llmxray" / "workflow", name) for name in (github_pages.PAGES, github_pages.RELEASE)),
    *((ROOT / github_pages.WORKFLOWS, path.name) for path in (ROOT / github_pages.WORKFLOWS).glob("*.yml")),
]


@pytest.mark.parametrize(("folder", "name"), WORKFLOWS, ids=lambda part: getattr(part, "name", part))
def test_actions_are_pinned_by_commit(folder, name):
    """A tag can be moved to other code; beside each commit stands the release that it is."""
    text = (folder / name).read_text("utf-8")
    used = re.findall(r"uses: *(.*)", text)
    assert used
    assert [
        action for action in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)
    ] == []
    assert text.count("actions/checkout@") == text.count("persist-credentials: false")


@pytest.mark.parametrize(("folder", "name"), WORKFLOWS, ids=lambda part: getattr(part, "name", part))
def test_each_job_has_the_permissions_it_needs(folder, name):
    """None for the file; a job that installs or runs anything only reads."""
    workflow = yaml.safe_load((folder / name).read_text("utf-8"))
    assert workflow["permissions"] == {}
    for job, settings in workflow["jobs"].items():
        granted = settings["permissions"]
        if any("pip" in step.get("run", "") or ".ci/" in step.get("run", "") for step in settings["steps"]):
            assert granted == {"contents": "read"}, job
        expected = {
            "attach": {"contents", "id-token", "attestations"},
            "deploy": {"pages", "id-token"},
            "upload": {"id-token"},
        }
        assert {key for key, value in granted.items() if value == "write"} == expected.get(job, set()), job


# Of too few questions for intervals, which take most of the time of a page.
SHORT = EXPERIMENT.replace("limit: 12", "limit: 4")


def steps_run(repository: Path, text: str) -> list[str]:
    """Names of the steps of a workflow's first job, run in a repository as the runner's shell would.

    Installing and uploading are left out.
    """
    binaries = repository.parent / "bin"
    binaries.mkdir(exist_ok=True)
    (binaries / "llmxray").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m llmxray "$@"\n')
    (binaries / "llmxray").chmod(0o755)
    environment = {"PATH": f"{binaries}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    ran = []
    for step in yaml.safe_load(text)["jobs"]["build"]["steps"]:
        if "run" in step and step["name"] != "Install":
            subprocess.run(["bash", "-e", "-c", step["run"]], cwd=repository, env=environment, check=True)
            ran.append(step["name"])
    return ran


def test_every_step_of_a_release_runs_here(tmp_path):
    """The commands of the file, one after the other; the first four are those of the pages."""
    repository = tmp_path / "mine"
    repository.mkdir()
    where = record(repository, SHORT)
    (where.experiments / "site.yaml").write_text("title: Mine\n")
    assert len(steps_run(repository, github_pages.workflow_text(repository, "release.yml", "llmxray"))) == 6
    assert (repository / "tiny.xray.zip").exists()
    with zipfile.ZipFile(repository / lesson.ZIP) as archive:
        assert "report-site/tiny/index.html" in archive.namelist()


LOG = "a log's $HOME: 1 #2.json"


def repository_of_logs(tmp_path: Path, folder: str = "logs") -> Path:
    """A folder that holds a log of another tool and nothing else."""
    repository = tmp_path / "mine"
    (repository / folder).mkdir(parents=True)
    samples = [made_files.inspect_sample(k, "AB"[k % 2]) for k in range(5)]
    log = made_files.inspect_log(samples, model="org/small")
    (repository / folder / LOG).write_text(json.dumps(log))
    return repository


TO_INSTALL = ("--install", "git+https://example.org/llmxray")


def test_a_site_of_logs_is_published_from_its_logs(tmp_path):
    """Every step of its workflow runs in a clone that has what the advice names, and builds the same site."""
    repository = repository_of_logs(tmp_path, "-logs")
    built = llmxray("report", "--bins", "7", "--", "-logs", at=repository)
    assert built.returncode == 0, built.stderr
    done = llmxray("publish", *TO_INSTALL, at=repository)
    assert done.returncode == 0, done.stderr
    assert "now commit .github and ./-logs, push, and choose Pages" in done.stdout
    clone = tmp_path / "clone"
    shutil.copytree(repository, clone, ignore=shutil.ignore_patterns("site"))
    assert steps_run(clone, (clone / github_pages.WORKFLOWS / "pages.yml").read_text("utf-8")) == [
        "Build the site from the files of other tools",
        "Check the site for Pages, and put all of it into one zip beside its pages",
    ]
    for name in (
        "index.html",
        *(f"read-sums/{each}" for each in ("index.html", "figures.json", "calibration.html")),
    ):
        assert (clone / "site" / name).read_text("utf-8") == (repository / "site" / name).read_text("utf-8")


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A repository with a site that was built of one log; not to be changed."""
    repository = repository_of_logs(tmp_path_factory.mktemp("report"))
    assert llmxray("report", f"logs/{LOG}", at=repository).returncode == 0
    return repository


@pytest.mark.parametrize(
    ("publish", "said"),
    [
        ((), "not in .: name what holds them in the repository: --logs FOLDER"),
        (("--logs", "nowhere"), "nowhere: there is no such file or folder"),
        (("--logs", ".."), "not in the repository .: copy it there"),
    ],
)
def test_a_workflow_that_could_not_build_the_site_is_refused(repository, publish, said):
    """In one line that says what to do; nothing is written."""
    done = llmxray("publish", *TO_INSTALL, *publish, at=repository)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert said in done.stderr
    assert not (repository / ".github").exists()
