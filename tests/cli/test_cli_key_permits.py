"""Asking before a key is sent: what is said, what is remembered, and what happens where nobody can answer."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from asking import served

from llmxray.cli.arguments import collect_permits
from llmxray.errors import InputError
from llmxray.keys import KeyUse
from tests.commands import llmxray
from tests.refusals import GOOD, refused

FAR = "https://lab.invalid/v1"
SECRET = "s3cret-of-the-test"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The user's configuration."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for variable in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(variable.lower(), raising=False)
    for variable in ("LAB_API_KEY", "GITHUB_TOKEN"):
        monkeypatch.setenv(variable, SECRET)
    return tmp_path / "config" / "llmxray" / "allowed-keys.txt"


def write(folder: Path, key_env: str, url: str = FAR) -> None:
    """An experiment that sends a variable to a server."""
    text = GOOD.replace("http://127.0.0.1:9/v1", url).replace('/v1"', f'/v1", key_env: {key_env}')
    (folder / "demo.yaml").write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("variable", "url", "says"),
    [
        ("LAB_API_KEY", FAR, "add --allow-key LAB_API_KEY@lab.invalid"),
        ("LAB_API_KEY", FAR.replace("https", "http"), "in the clear"),
        (
            "GITHUB_TOKEN",
            FAR,
            "whose name does not end in API_KEY: to allow it, add --allow-key GITHUB_TOKEN@lab",
        ),
    ],
)
def test_without_a_terminal_nothing_is_sent(home, tmp_path, variable, url, says):
    """One line, exit code 2, nothing on the disk; so for `run`, `probe` and `proxy`."""
    write(tmp_path, variable, url)
    commands = (
        ("run", "demo.yaml", "--mode", "record"),
        ("probe", url, "--key-env", variable),
        ("proxy", "--mode", "record", "--cassette", "c", "--upstream", url, "--key-env", variable),
    )
    for command in commands:
        message = refused(llmxray(*command, at=tmp_path))
        assert says in message
        assert SECRET not in message
    assert sorted(os.listdir(tmp_path)) == ["demo.yaml"]


def test_a_permit_on_the_command_line_is_not_remembered(home, capsys):
    """What is sent is named all the same."""
    use = KeyUse("LAB_API_KEY", FAR)
    assert use.permit in collect_permits([use], ["LAB_API_KEY@lab.invalid"])
    assert capsys.readouterr().err == "sending the key in LAB_API_KEY to lab.invalid over https\n"
    assert not home.exists()
    with pytest.raises(InputError, match="--allow-key takes VAR@HOST"):
        collect_permits([use], ["LAB_API_KEY"])


def test_what_is_remembered_is_read(home, capsys):
    """Lines that are no permits permit nothing."""
    home.parent.mkdir(parents=True)
    home.write_text("# mine\nLAB_API_KEY@lab.invalid\n*@*\nGITHUB_TOKEN\n")
    assert len(collect_permits([KeyUse("LAB_API_KEY", FAR)], [])) == 1
    with pytest.raises(InputError):
        collect_permits([KeyUse("GITHUB_TOKEN", FAR)], [])
    home.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError):
        collect_permits([KeyUse("LAB_API_KEY", FAR)], [])


def answered(folder: Path, answer: str, *arguments: str) -> tuple[int, str]:
    """A command at a terminal whose user types ``answer``; its exit code and what the terminal showed."""
    mine, its = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "llmxray", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "TERM": "dumb", "COLUMNS": "400"},
        stdin=its, stdout=its, stderr=its,
    )  # fmt: skip
    os.close(its)
    os.write(mine, f"{answer}\n".encode())
    shown = b""
    while True:
        try:
            piece = os.read(mine, 4096)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        shown += piece
    os.close(mine)
    return process.wait(60), shown.decode("utf-8", "replace")


def test_a_person_is_asked_once(home, tmp_path):
    """No sends nothing and is asked again; yes is kept for this variable and host, in a file of the user's own."""
    probe = ("probe", FAR, "--key-env", "LAB_API_KEY")
    code, shown = answered(tmp_path, "n", *probe)
    assert code == 2
    assert "Send the key in LAB_API_KEY to lab.invalid over https?" in shown
    assert "LAB_API_KEY is not sent to lab.invalid" in shown
    assert not home.exists()
    code, shown = answered(tmp_path, "y", *probe)
    # It was allowed, and then there was no such server.
    assert (code, "cannot be reached" in shown) == (2, True), shown
    assert home.read_text() == "LAB_API_KEY@lab.invalid\n"
    assert home.stat().st_mode & 0o077 == 0
    assert SECRET not in shown + home.read_text()
    done = llmxray(*probe, at=tmp_path)
    assert "sending the key in LAB_API_KEY to lab.invalid over https" in done.stderr
    assert "cannot be reached" in done.stderr
    assert os.listdir(tmp_path) == ["config"]


def test_nothing_arrives_at_a_server_that_nobody_allowed(home, tmp_path):
    """Not even the probe: a listening server is asked nothing."""
    seen: list[str] = []
    with served(lambda path, _: (seen.append(path) or 404, "text/plain", b"")) as url:
        write(tmp_path, "GITHUB_TOKEN", url)
        record = ("run", "demo.yaml", "--mode", "record")
        permit = f"GITHUB_TOKEN@{url.removeprefix('http://').removesuffix('/v1')}"
        assert f"add --allow-key {permit}" in refused(llmxray(*record, at=tmp_path))
        assert seen == []
        llmxray(*record, "--allow-key", permit, at=tmp_path)
        assert seen
