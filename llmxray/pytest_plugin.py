"""The pytest plugin: tests whose requests to a language model are recorded once and replayed ever after.

``@pytest.mark.llmxray``, or the fixture ``llmxray_proxy``, puts a proxy between the test and the server: see
docs/pytest.md. It is imported by every pytest of the environment, so it imports nothing but pytest until a test asks
for it.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from llmxray.proxy import ProxyServer
    from llmxray.workflow.proxy_thread import RecordMode

FIXTURE, MARKER = "llmxray_proxy", "llmxray"
_MODES = ("none", "once", "new_episodes", "all")
_ODD = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST_NAME = 100
# One of those that the proxy takes for no key: it may go to a server that needs none.
_PLACEHOLDER = "sk-no-key-required"
_ADVICE = "To record it: pytest --llmxray-record new_episodes --llmxray-upstream URL"


class LlmxrayProxy:
    """What a test is given.

    Attributes:
        base_url: what its client uses as base URL; it is in ``OPENAI_BASE_URL`` as well.
        cassette: directory of the recordings.
    """

    def __init__(self, proxy: ProxyServer, cassette: Path) -> None:
        self._proxy, self.cassette = proxy, cassette
        self.base_url = proxy.base_url

    @property
    def replays(self) -> bool:
        """Whether only what is recorded is answered, with no server behind it."""
        return self._proxy.config.mode == "replay"


_proxy = pytest.StashKey[LlmxrayProxy]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("llmxray", "requests to language models, recorded and replayed")
    group.addoption(
        "--llmxray-record",
        choices=_MODES,
        help="when to ask the server: none never, once where a test has no recording, new_episodes for requests that "
        "are not recorded, all always; by default once, and none where CI is set",
    )
    group.addoption(
        "--llmxray-upstream",
        metavar="URL",
        help="base URL of the server to record from, such as http://127.0.0.1:8000/v1; by default OPENAI_BASE_URL",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line(
        "markers",
        f"{MARKER}(cassette=None, record=None, upstream=None): record the test's requests to a language model, or "
        "replay them",
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests with the marker the fixture; a conftest may have marked a whole folder just now."""
    for item in items:
        names = getattr(item, "fixturenames", None)
        if names is not None and FIXTURE not in names and item.get_closest_marker(MARKER):
            # First, so that a fixture that makes a client finds the address of the proxy.
            names.insert(0, FIXTURE)


@pytest.fixture
def llmxray_proxy(request: pytest.FixtureRequest) -> Iterator[LlmxrayProxy]:
    """A proxy that replays the requests of this test or records them; ``OPENAI_BASE_URL`` leads to it."""
    # In the tests that use it only: it takes a while, and most have no use for it.
    from llmxray.errors import LlmxrayError  # noqa: PLC0415
    from llmxray.safe import safe  # noqa: PLC0415
    from llmxray.workflow.proxy_thread import run_proxy  # noqa: PLC0415

    marker = request.node.get_closest_marker(MARKER)
    given: dict[str, Any] = dict(marker.kwargs) if marker else {}
    name: str | None = given.pop("cassette", None)
    cassette = _cassette(request.node, name)
    record: RecordMode = given.pop("record", None) or _record_mode(request.config)
    upstream = given.pop("upstream", None) or request.config.getoption("llmxray_upstream")
    if given or record not in _MODES:
        pytest.fail(
            f"@pytest.mark.{MARKER} takes cassette, upstream, and record: {', '.join(_MODES)}", pytrace=False
        )
    try:
        with (
            run_proxy(
                cassette, record, upstream or os.environ.get("OPENAI_BASE_URL", ""), os.environ
            ) as proxy,
            pytest.MonkeyPatch.context() as patch,
        ):
            found = LlmxrayProxy(proxy, cassette)
            patch.setenv("OPENAI_BASE_URL", proxy.base_url)
            # Clients go through a proxy that the environment names, which knows nothing of this machine.
            for name in ("NO_PROXY", "no_proxy"):
                patch.setenv(name, ",".join(filter(None, (os.environ.get(name), "127.0.0.1"))))
            # A replay needs no key and is given none; a recording passes on the client's, unless there is none.
            if found.replays or "OPENAI_API_KEY" not in os.environ:
                patch.setenv("OPENAI_API_KEY", _PLACEHOLDER)
            request.node.stash[_proxy] = found
            yield found
    except LlmxrayError as error:
        pytest.fail(safe(f"llmxray: {error}"), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that asked for what is not recorded, whatever its client made of the refusal."""
    report = yield
    found = item.stash.get(_proxy, None)
    refused = found._proxy.refusals if found is not None else []
    if found is not None and refused:
        found._proxy.refusals = []
        from llmxray.safe import safe  # noqa: PLC0415

        # What was recorded may be a stranger's, and is shown in a terminal.
        text = safe("\n\n".join([*refused, _ADVICE]))
        if report.passed:
            report.outcome, report.longrepr = "failed", text
        else:
            report.sections.append(("not recorded (llmxray)", text))
    return report


def _record_mode(config: pytest.Config) -> RecordMode:
    given: RecordMode | None = config.getoption("llmxray_record")
    in_ci = os.environ.get("CI", "").lower() not in ("", "0", "false")
    return given or ("none" if in_ci else "once")


def _cassette(node: pytest.Item, name: str | None) -> Path:
    """Where the recordings of a test are: ``cassettes/FILE/TEST`` beside the file of the test."""
    folder = node.path.parent / "cassettes"
    if name is not None:
        return folder / name
    test = node.nodeid.partition("::")[2].replace("::", ".")
    plain = _ODD.sub("-", test).strip("-.")[:_LONGEST_NAME]
    if plain != test:
        # Two tests whose parameters differ in odd characters only must not share a cassette.
        plain += f"-{hashlib.sha256(test.encode()).hexdigest()[:8]}"
    return folder / node.path.stem / plain
