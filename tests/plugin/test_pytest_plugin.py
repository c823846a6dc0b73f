"""The pytest plugin, as somebody's tests use it: with the OpenAI client, a real proxy and a scripted server."""

import json
import re
from pathlib import Path

import openai
import pytest

from llmxray.cassette import Cassette
from llmxray.workflow.proxy_thread import run_proxy
from tests.commands import python
from tests.servers import RawServer, Say, Seen, in_thread, with_length

pytest_plugins = ["pytester"]
FENCE = re.compile(r"```python\n(.*?)```", re.DOTALL)
ROOT = Path(__file__).parents[2]
THEIRS = """
import openai
import pytest

def ask(text, **more):
    with openai.OpenAI(max_retries=0) as client:
        messages = [{"role": "user", "content": text}]
        return client.chat.completions.create(model="m", messages=messages, **more).choices[0].message.content

"""
HELLO = '@pytest.mark.llmxray\ndef test_hello():\n    assert ask("hello") == "HELLO"\n'


def answer(_: int, seen: Seen) -> Say:
    """A model that says everything in capitals."""
    return saying(seen.json["messages"][0]["content"].upper())


def numbered(n: int, seen: Seen) -> Say:
    """The same, with the number of the request."""
    return saying(f"{seen.json['messages'][0]['content'].upper()}{n}")


def saying(said: str) -> Say:
    """A reply with this text."""
    choice = {"index": 0, "message": {"role": "assistant", "content": said}, "finish_reason": "stop"}
    reply = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    return Say(with_length(json.dumps(reply).encode()))


@pytest.fixture
def server():
    """The model's server, in a thread of its own."""
    with in_thread(RawServer(answer)) as server:
        yield server


@pytest.fixture(scope="module", autouse=True)
def loaded():
    """What a test of theirs loads: pytester forgets the modules of each run, and some cannot be loaded twice."""
    import numpy  # noqa: F401
    import openai  # noqa: F401

    from llmxray.proxy import upstream  # noqa: F401
    from llmxray.workflow import proxy_thread  # noqa: F401


class Theirs:
    """Somebody's folder with a file of tests."""

    def __init__(self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
        self._pytester = pytester
        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        for name in ("CI", "OPENAI_API_KEY", "OPENAI_BASE_URL", "PYTEST_ADDOPTS"):
            monkeypatch.delenv(name, raising=False)
        pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n")
        self.path = pytester.path

    def write(self, tests: str, name: str = "test_it.py") -> None:
        """Write their tests."""
        (self.path / name).write_text(THEIRS + tests, "utf-8")

    def run(self, *arguments: str, apart: bool = False, **outcomes: int) -> str:
        """Run them in this process, which has loaded the libraries, or apart; returns what was printed."""
        plugins = ("-p", "llmxray.pytest_plugin", "-p", "no:cacheprovider")
        run = self._pytester.runpytest_subprocess if apart else self._pytester.runpytest_inprocess
        done = run(*plugins, *arguments)
        done.assert_outcomes(**outcomes)
        return done.stdout.str()

    def recorded(self, name: str) -> int:
        """How many recordings a cassette of theirs has."""
        return len(Cassette(self.path / "cassettes" / name))


@pytest.fixture
def theirs(pytester, monkeypatch):
    """Somebody's folder."""
    return Theirs(pytester, monkeypatch)


def test_what_was_recorded_once_is_replayed(theirs, server):
    """With the server gone, without a key, and the same where CI is set."""
    theirs.write(HELLO)
    theirs.run("--llmxray-upstream", server.url, passed=1)
    theirs.run(passed=1)
    theirs.run("--llmxray-record", "none", "-n", "0", apart=True, passed=1)
    assert (len(server.seen), theirs.recorded("test_it/test_hello")) == (1, 1)


def test_a_miss_fails_the_test_whatever_it_catches(theirs, server, monkeypatch):
    """With the nearest recorded request, the field that differs, and what to do."""
    theirs.write(HELLO)
    theirs.run("--llmxray-upstream", server.url, passed=1)
    swallowed = '@pytest.mark.llmxray\ndef test_hello():\n    try:\n        ask("hallo", temperature=1)\n'
    theirs.write(swallowed + "    except openai.OpenAIError:\n        pass\n")
    monkeypatch.setenv("CI", "true")
    said = theirs.run("--llmxray-upstream", server.url, failed=1)
    assert "The nearest recorded request" in said
    assert "differs in 2 fields" in said
    assert '(recorded "hello", asked "hallo")' in said
    assert "--llmxray-record new_episodes" in said
    assert len(server.seen) == 1


def test_new_episodes_asks_for_what_is_missing(theirs, server):
    """And for nothing else."""
    theirs.write(HELLO)
    theirs.run("--llmxray-upstream", server.url, passed=1)
    theirs.write(HELLO + '    assert ask("you") == "YOU"\n')
    theirs.run("--llmxray-upstream", server.url, failed=1)
    theirs.run("--llmxray-upstream", server.url, "--llmxray-record", "new_episodes", passed=1)
    theirs.run(passed=1)
    asked = [seen.json["messages"][0]["content"] for seen in server.seen]
    assert (asked, theirs.recorded("test_it/test_hello")) == (["hello", "you"], 2)


BROKEN = """
@pytest.mark.llmxray
def test_it():
    ask("a")
    assert BROKEN
    ask("b")
"""


def test_all_replaces_what_is_asked_and_leaves_the_rest(theirs):
    """A test that fails midway asks no further: what it did not ask is not lost."""
    with in_thread(RawServer(numbered)) as server:
        theirs.write(BROKEN.replace("BROKEN", "True"))
        theirs.run("--llmxray-upstream", server.url, passed=1)
        theirs.write(BROKEN.replace("BROKEN", "False"))
        theirs.run("--llmxray-upstream", server.url, "--llmxray-record", "all", failed=1)
    cassette = Cassette(theirs.path / "cassettes/test_it/test_it")
    bodies = [json.loads(cassette.read(entry, {}).body) for entry in cassette.all_entries()]
    said = sorted(body["choices"][0]["message"]["content"] for body in bodies)
    assert said == ["A2", "B1"]
    assert sorted(path.name for path in (theirs.path / "cassettes/test_it").iterdir()) == ["test_it"]


def test_all_leaves_alone_what_another_process_records(theirs, server):
    """The second one is refused, and what the first has recorded so far stays."""
    theirs.write(HELLO)
    theirs.run("--llmxray-upstream", server.url, passed=1)
    cassette = theirs.path / "cassettes/test_it/test_hello"
    with run_proxy(cassette, "all", server.url) as proxy:
        client = openai.OpenAI(base_url=proxy.base_url, api_key="-")
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": "more"}])
        said = theirs.run("--llmxray-upstream", server.url, "--llmxray-record", "all", apart=True, errors=1)
        assert "is being recorded already" in said
    assert (len(server.seen), theirs.recorded("test_it/test_hello")) == (2, 2)


def test_a_reply_that_cannot_be_recorded_is_no_reply(theirs, monkeypatch):
    """The first one, which repeats the key: said by the test, whatever its client makes of it."""
    key = "sk-Ab3dEf6hIj9kLm2nOp4q"
    monkeypatch.setenv("OPENAI_API_KEY", key)
    theirs.write(
        '@pytest.mark.llmxray\ndef test_it():\n    try:\n        ask("a")\n    except Exception:\n        pass\n'
    )
    with in_thread(RawServer(lambda _, __: saying(f"your key is {key}"))) as server:
        said = theirs.run("--llmxray-upstream", server.url, passed=1, errors=1)
    assert "an API key was about to be written" in said
    assert not (theirs.path / "cassettes").exists()


def test_each_test_has_its_cassette(theirs, server):
    """Classes, odd parameters, a name and a server of its own, async, repeats, a client in a fixture."""
    theirs.write(
        """
class TestIt:
    @pytest.mark.llmxray
    @pytest.mark.parametrize("text", ["a/b", "a:b"])
    def test_odd(self, text):
        assert ask(text) == text.upper()

@pytest.mark.llmxray(cassette="mine", upstream="SERVER")
async def test_named(llmxray_proxy):
    async with openai.AsyncOpenAI(base_url=llmxray_proxy.base_url) as client:
        messages = [{"role": "user", "content": "x"}]
        for _ in range(2):
            await client.chat.completions.create(model="m", messages=messages)
    assert llmxray_proxy.cassette.name == "mine"

@pytest.fixture
def client():
    with openai.OpenAI() as client:
        yield client

@pytest.mark.llmxray(upstream="SERVER")
def test_client(client):
    assert "127.0.0.1" in str(client.base_url)

def test_without():
    import os
    assert "OPENAI_BASE_URL" not in os.environ
""".replace("SERVER", server.url)
    )
    theirs.run("--llmxray-upstream", server.url, passed=5)
    theirs.run(passed=5)
    # The test that asked nothing left nothing behind, and needs nothing.
    theirs.run("--llmxray-record", "none", passed=5)
    assert (len(server.seen), theirs.recorded("mine")) == (4, 2)
    names = sorted(path.name for path in (theirs.path / "cassettes/test_it").iterdir())
    assert [name.rpartition("-")[0] for name in names] == ["TestIt.test_odd-a-b"] * 2


def test_what_is_wrong_is_one_paragraph(theirs):
    """No server named, an option of the marker that there is not, nothing recorded where CI would ask."""
    theirs.write(HELLO)
    said = theirs.run(errors=1)
    assert "no server to record test_hello from" in said
    assert "Traceback" not in said
    assert "has no recording to compare it with" in theirs.run("--llmxray-record", "none", failed=1)
    assert not (theirs.path / "cassettes").exists()


def test_the_page_shows_what_works(theirs, server):
    """The tests of docs/pytest.md, as they stand."""
    code = FENCE.findall((ROOT / "docs/pytest.md").read_text("utf-8"))
    assert len(code) == 2
    theirs.write("\n\n".join(code).replace("http://127.0.0.1:8000/v1", server.url))
    theirs.run("--llmxray-upstream", server.url, passed=2)
    theirs.run("--llmxray-record", "none", passed=2)
    assert (len(server.seen), theirs.recorded("test_it/test_greeting")) == (1, 1)


def test_it_costs_nothing_until_it_is_used():
    """Every pytest of the environment imports it: no room of llmxray, no server, no numpy comes with it."""
    code = (
        "import sys, pytest; before = set(sys.modules); import llmxray.pytest_plugin; "
        "print(sorted(set(sys.modules) - before))"
    )
    done = python("-c", code)
    assert done.stdout == "['llmxray', 'llmxray.lazy', 'llmxray.pytest_plugin']\n"
