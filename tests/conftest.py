"""What holds for every test: property tests that try the same examples each time, and no way out but loopback."""

import gc
import getpass
import ipaddress
import os
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import settings

from tests.chromium import find_chromium
from tests.clients import Client

# No deadline: machines are busy. Fixed: a run that fails here fails everywhere, and on the second try too.
settings.register_profile("fixed", deadline=None, derandomize=True)
# Searches on, with other examples each time: a scheduled workflow does, and whoever changes what is tested.
settings.register_profile("random", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("LLMXRAY_PROPERTY_TESTS", "fixed"))

ROOT = Path(__file__).parent.parent
LONGEST = (
    "cluster",
    "browser",
    "project",
    "cassette",
    "workflow",
    "cli",
    "proxy",
    "report",
    "suites",
    "interop",
)


@pytest.fixture
def client() -> Client:
    """A client of the proxy."""
    return Client()


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any connection that would leave this machine fails the test that tries it."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and not _is_loopback(address[0]):
            raise AssertionError(f"a test tried to connect to {address[0]}")
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture(autouse=True)
def short_waits(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits between tries, but the tests of waiting; a look at the load of the machine is a short one."""
    waits = {"workflow.server_facts._WINDOW_S": 0.02, "proxy.probe_client._BUSY_WAITS_S": (0.0, 0.0)}
    if request.path.parent.name != "runner":
        waits["runner.trials._LONGEST_WAIT_S"] = 0.02
    for name, wait in waits.items():
        # Of what a test does not use nothing is loaded.
        if f"llmxray.{name.rpartition('.')[0]}" in sys.modules:
            monkeypatch.setattr(f"llmxray.{name}", wait)


_AUTHORITY: list[Any] = []


@pytest.fixture(autouse=True)
def one_certificate_authority() -> None:
    """mitmproxy makes keys whenever it starts, most of the time of a small recording: here once in a process.

    Nobody uses them: it is reached over plain HTTP.
    """
    certs = sys.modules.get("mitmproxy.certs")
    if certs is not None and not _AUTHORITY:
        with tempfile.TemporaryDirectory() as folder:
            _AUTHORITY.append(certs.CertStore.from_store(folder, "mitmproxy", 2048))
        certs.CertStore.from_store = staticmethod(lambda **_: _AUTHORITY[0])


def pytest_configure(config: pytest.Config) -> None:
    """Let mitmproxy's dependencies use names that are renamed, and mitmproxy drop a connection unclosed.

    It does so now and then when both ends of an exchange leave at the same moment; the collector closes it.
    """
    config.addinivalue_line("filterwarnings", "ignore:(tagMap|typeMap) is deprecated:DeprecationWarning")
    config.addinivalue_line(
        "filterwarnings", "ignore:unclosed (<socket|transport|<StreamWriter):ResourceWarning"
    )
    config.addinivalue_line("filterwarnings", "ignore:loop is closed:ResourceWarning")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the folders whose files take longest: else the last of them runs while other processes are done."""
    places = {folder: place for place, folder in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.parent.name, len(places)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Run one embedded model at a time, whichever processes run tests, and on one core.

    A thread of a model spins while it waits for the others: those that tests leave no core spend tenfold the time.
    """
    if item.get_closest_marker("model") is None:
        return (yield)
    with FileLock(Path(tempfile.gettempdir()) / f"llmxray-one-model-{getpass.getuser()}.lock"), _one_core():
        return (yield)


def pytest_sessionfinish() -> None:
    """Collect what mitmproxy left unclosed while the filters above still hold."""
    gc.collect()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Print as the last line how many tests were skipped and why, because the summary of pytest does not say it."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    # Only the process that prints has any.
    skipped = reporter.stats.get("skipped", []) if reporter is not None else []
    reasons = Counter(str(report.longrepr[2]).removeprefix("Skipped: ") for report in skipped)
    if reasons:
        why = "; ".join(f"{count} because {reason}" for reason, count in reasons.most_common())
        reporter.write_line(f"{len(skipped)} tests skipped: {why}")


@pytest.fixture
def shared() -> Path:
    """The folder of real rows and streams."""
    folder = os.environ.get("LLMXRAY_SHARED")
    if not folder:
        pytest.skip("LLMXRAY_SHARED is unset")
    return Path(folder)


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's top folder."""
    return ROOT


@pytest.fixture(scope="session")
def shipped_site(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the shipped cassettes with the course's papers, built once for all tests, which only read it."""
    folder = tmp_path_factory.getbasetemp()
    # Processes of pytest-xdist have a folder each, in that of the run; the first to come builds for all.
    out = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "shipped"
    built = out.with_suffix(".built")
    with FileLock(out.with_suffix(".lock")):
        if not built.exists():
            _build(root, out)
            built.touch()
    return out


def _build(root: Path, out: Path) -> None:
    from llmxray.workflow import Workspace, coursework, prepare

    command = [sys.executable, "-m", "llmxray", "report", "--out", str(out)]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    subprocess.run(command, cwd=root, env=environment, check=True, capture_output=True)
    where = Workspace(root / "cassettes", root / "experiments")
    benchmark = prepare(root / "experiments/few-shot-cot.yaml", where)
    coursework.write_brief(benchmark, out, "")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A headless Chromium; tests skip without one, and fail without one in CI.

    One per module: while Playwright's own event loop runs, no asynchronous test can.
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = find_chromium(playwright)
        if path is None:
            reason = "no Chromium found: install it to run the browser tests"
            if os.environ.get("CI"):
                pytest.fail(reason)
            pytest.skip(reason)
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@contextmanager
def _one_core() -> Iterator[None]:
    """What this process starts meanwhile has one core, where the system can say so."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    every = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(every)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, every)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"
