"""Every message that docs/faq.md quotes is one that the program prints: each is provoked here, and compared."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import openai
import pytest
from asking import Reply, answering, served, stream

from llmxray import workflow
from llmxray.workflow import Workspace
from llmxray.workflow.proxy_thread import run_proxy
from tests.commands import llmxray
from tests.packs.conftest import EXPERIMENT, record
from tests.packs.zips import members_of, rezipped

ROOT = Path(__file__).parents[2]
FAQ = (ROOT / "docs/faq.md").read_text("utf-8")
QUOTED = dict(re.findall(r"<!-- (\w+) -->\n```text\n(.*?)\n```", FAQ, re.S))


@dataclass(frozen=True)
class Desk:
    """A folder to work in, and what was said there."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch

    def write(self, old: str = "", new: str = "") -> None:
        """The experiment file with a change."""
        assert old in EXPERIMENT
        path = self.folder / "experiments" / "tiny.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(EXPERIMENT.replace(old, new) if old else EXPERIMENT)

    def llmxray(self, *arguments: str) -> str:
        """What a command that fails says."""
        done = llmxray(*arguments, at=self.folder)
        assert done.returncode in (1, 2)
        return done.stdout + done.stderr

    def recorded(self) -> Workspace:
        """The experiment with its cassette."""
        return record(self.folder)

    def packed(self) -> Path:
        """Its pack, alone in the folder."""
        where = self.recorded()
        prepared = workflow.prepare(where.find("tiny"), where)
        workflow.make_pack(prepared, workflow.read_results(prepared), Path("tiny.xray.zip"))
        shutil.rmtree(where.cassettes)
        shutil.rmtree(where.experiments)
        return Path("tiny.xray.zip")

    def record_from(self, reply: Reply, change: str = "") -> str:
        """What recording from a server that answers so says."""
        with served(reply) as url:
            self.write('"http://127.0.0.1:9/v1"', f'"{url}"{change}')
            return self.llmxray("run", "tiny", "--mode", "record", "--allow-key", "LAB_API_KEY@127.0.0.1")


def no_python(desk: Desk) -> str:
    """A machine whose Pythons are shims that fail."""
    shims = desk.folder / "shims"
    shims.mkdir()
    for name in ("python3", "python3.13"):
        (shims / name).write_text("#!/bin/sh\nexit 127\n")
        (shims / name).chmod(0o755)
    done = subprocess.run(
        ["bash", ROOT / ".ci/venv.sh", "python"],
        env={"PATH": f"{shims}:/usr/bin:/bin", "PYTHONS": "python3.13 python3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    return done.stderr


def changed(old: str, new: str, command: str, desk: Desk, *, recorded: bool = False) -> str:
    """A command about the experiment with a change, made before or after it was recorded."""
    if recorded:
        desk.recorded()
    desk.write(old, new)
    return desk.llmxray(*command.split())


def choosy(complaint: Callable[[bytes], tuple[int, str] | None]) -> Reply:
    """A server with both models that complains of some requests, and answers the others."""

    def said(asked: bytes) -> str | tuple[int, str, bytes]:
        found = complaint(asked)
        error = json.dumps({"error": {"message": found and found[1]}}).encode()
        return (found[0], "application/json", error) if found else "Paris"

    return answering(said, "m-one", "m-two")


def refused_field(desk: Desk) -> str:
    """A server that takes no alternatives."""
    said = "property 'top_logprobs' is unsupported"
    return desk.record_from(choosy(lambda asked: (400, said) if b"top_logprobs" in asked else None))


def no_key(desk: Desk) -> str:
    """A variable that is not set."""
    desk.write('/v1"', '/v1", key_env: LAB_API_KEY')
    desk.monkeypatch.delenv("LAB_API_KEY", raising=False)
    return desk.llmxray("run", "tiny", "--mode", "record")


def not_allowed(desk: Desk) -> str:
    """A key for a server that nobody was asked about, where nobody can be asked."""
    desk.monkeypatch.setenv("XDG_CONFIG_HOME", str(desk.folder))
    desk.monkeypatch.setenv("LAB_API_KEY", "sk-something-secret-1234")
    desk.write('"http://127.0.0.1:9/v1"', '"https://lab.example/v1", key_env: LAB_API_KEY')
    return desk.llmxray("run", "tiny", "--mode", "record")


def leak(desk: Desk) -> str:
    """A server that repeats the key in its answers, but not in those to the probe."""
    desk.monkeypatch.setenv("LAB_API_KEY", "sk-something-secret-1234")

    def said(body: bytes) -> str:
        return "Paris" if b"capital of France" in body else "sk-something-secret-1234"

    return desk.record_from(answering(said), ", key_env: LAB_API_KEY")


def exhausted(desk: Desk) -> str:
    """An OpenAI client asks one thing twice."""
    where = desk.recorded()
    _, request = next(iter(workflow.prepare(where.find("tiny"), where).plan.requests()))
    with (
        run_proxy(where.cassettes / "tiny", "none") as proxy,
        openai.OpenAI(base_url=proxy.base_url, api_key="unused", max_retries=0) as client,
    ):
        list(client.chat.completions.create(**dict(request.body)))
        with pytest.raises(openai.NotFoundError) as refused:
            client.chat.completions.create(**dict(request.body))
    return str(refused.value.body["message"])


def damaged(desk: Desk) -> str:
    """One bit is another."""
    where = desk.recorded()
    (file,) = (where.cassettes / "tiny/recordings").glob("one.*.zst")
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    return desk.llmxray("cassette", "verify", "cassettes/tiny")


def claims_too_much(desk: Desk) -> str:
    """A forged figure, under a manifest that lists it truthfully."""
    pack = desk.packed()
    members = members_of(pack)
    figures = json.loads(members["figures.json"])
    assert "accuracy/one" in figures
    forged = json.dumps({**figures, "accuracy/one": 0.9}).encode()
    rezipped(pack, {**members, "figures.json": forged}, relist=True)
    return desk.llmxray("reproduce", "tiny.xray.zip")


def bare(desk: Desk) -> str:
    """Replies without logprobs and without usage; what the report notes."""
    where = record(desk.folder, reply=lambda letter, _: stream(letter))
    return "\n".join(workflow.read_results(workflow.prepare(where.find("tiny"), where)).notes)


# The experiment with one change, and the command that stumbles over it.
CHANGED = {
    "unknown_key": ("models:", "modles:", "check tiny"),
    "nothing_listening": ("", "", "run tiny --mode record"),
    "no_cassette": ("", "", "run tiny"),
}
# The same once it was recorded.
CHANGED_LATER = {
    "miss": ("temperature: 0,", "temperature: 0.5,", "run tiny"),
    "other_requests": ("limit: 12", "limit: 11", "pack tiny"),
}
PROVOKED: dict[str, Callable[[Desk], str]] = {
    each.__name__: each
    for each in (no_python, refused_field, no_key, not_allowed, leak, exhausted, damaged, claims_too_much)
} | {
    "no_logprobs": bare,
    "not_fetched": lambda desk: desk.llmxray("local", "qwen2.5-coder-0.5b-instruct"),
    **{name: partial(changed, *change) for name, change in CHANGED.items()},
    **{name: partial(changed, *change, recorded=True) for name, change in CHANGED_LATER.items()},
}


def shows(said: str, quoted: str) -> bool:
    """Whether each quoted line is a line of what was said, in that order; ``…`` stands for anything."""
    lines = iter(said.splitlines())
    patterns = [".+".join(map(re.escape, line.split("…"))) for line in quoted.splitlines()]
    return all(any(re.fullmatch(pattern, line) for line in lines) for pattern in patterns)


@pytest.mark.parametrize("name", QUOTED)
def test_a_quoted_message_is_what_the_program_says(name, tmp_path, monkeypatch):
    """Provoked for real, in a folder of its own, the message is the one on the page."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    said = PROVOKED[name](Desk(tmp_path, monkeypatch))
    assert shows(said, QUOTED[name]), f"expected\n{QUOTED[name]}\nthe program says\n{said}"
    assert "Traceback" not in said


def test_every_quotation_is_provoked():
    """No block of the page goes unchecked, and nothing is provoked that nobody compares."""
    assert {*PROVOKED} == {*QUOTED}
    assert FAQ.count("```text") == len(QUOTED) >= 12
    assert not shows("llmxray: all is well", next(iter(QUOTED.values())))
