"""A page with a model in it: a GGUF file of the reader's, run by llama.cpp in the browser, asked what was recorded.

Only `llmxray report --live` writes it, and only the front page of such a site leads to it. It alone may run WebAssembly
and start a worker; like every other page it may connect to nothing.
"""

from __future__ import annotations

import base64
import hashlib
import io
import shutil
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path

from llmxray.errors import InputError
from llmxray.report.analysis import ExperimentData, address
from llmxray.report.analysis import reply_tokens as toks
from llmxray.report.analysis.condition_colours import hue_of, label_of, model_in
from llmxray.report.files.shards import shard
from llmxray.report.links import within
from llmxray.report.widgets.frame import Nav, TemplateValues
from llmxray.report.widgets.render import CONTENT_SECURITY_POLICY, Renderer
from llmxray.types import Json, Row, Trial

PACKAGE, VERSION = "@wllama/wllama", "3.13.0"
_NAME = f"{PACKAGE} {VERSION}"
_SHA256 = "a9eaac205ff9a1d6fdbea395a48652bd5febc56511a7b66b736d862bf726d2d5"
_TIMEOUT_S = 300


def fetch_engine(cache: Path) -> bytes:
    """The engine's package, from the user's cache or else from npm; it is used only if its SHA-256 is right.

    Raises:
        InputError: it is not in the cache, and there is no npm, or npm cannot fetch it.
    """
    kept = cache / f"wllama-{VERSION}.tgz"
    if kept.is_file() and _is_official(data := kept.read_bytes()):
        return data
    npm = shutil.which("npm")
    if npm is None:
        raise InputError(
            f"--live needs the npm package {_NAME}, and npm is not installed: install Node.js, or build without --live"
        )
    with tempfile.TemporaryDirectory() as folder:
        # A project's own settings lie in the folder that npm is started in.
        command = [npm, "pack", f"{PACKAGE}@{VERSION}", "--silent", "--fetch-retries=1"]
        try:
            subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=_TIMEOUT_S)
        except (OSError, subprocess.SubprocessError):
            raise InputError(
                f"--live needs the npm package {_NAME}, and npm could not fetch it: go online once, or build "
                "without --live"
            ) from None
        data = next(Path(folder).glob("*.tgz")).read_bytes()
    if not _is_official(data):
        raise InputError(f"npm sent another file than the published {_NAME}: build without --live")
    cache.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(data)
    return data


def _is_official(data: bytes) -> bool:
    return hashlib.sha256(data).hexdigest() == _SHA256


def scripts(package: bytes) -> dict[str, bytes]:
    """Two classic scripts, by name: the package's own, and its WebAssembly deflated and in base64.

    A page from disk may load neither a module nor a file of WebAssembly.
    """
    with tarfile.open(fileobj=io.BytesIO(package)) as archive:
        licence, script, binary = (
            archive.extractfile(f"package/{name}").read()  # type: ignore[union-attr]
            for name in ("LICENCE", "esm/index.cjs", "esm/wasm/wllama.wasm")
        )
    packed = base64.b64encode(zlib.compress(binary, 9))
    about = b"/* " + _NAME.encode() + b"\n" + licence + b"*/\n"
    return {
        f"wllama-{VERSION}.js": about
        + b"(function (module, exports) {\n"
        + script
        + b"\nllmxray.wllama = module.exports;\n})({ exports: {} }, {});\n",
        f"wllama-{VERSION}-wasm.js": about + b'llmxray.wasm = "' + packed + b'";\n',
    }


NAME = "live.html"
# The WebAssembly is in the page already: the worker, which is a blob, gets it as a `data:` address.
POLICY = (
    CONTENT_SECURITY_POLICY.replace("script-src 'self' file:", "script-src 'self' file: 'wasm-unsafe-eval'")
    .replace("connect-src 'none'", "connect-src data:; worker-src blob:")
)  # fmt: skip
# So many questions of each condition, of those that were asked first: their prompts begin alike, and so are read fast.
_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """What is known of a model's file beside its hash: its name, its size, where it can be had, in which package."""

    name: str = ""
    size_bytes: int = 0
    href: str = ""
    package: str = ""


@dataclass(frozen=True, slots=True)
class LivePage:
    """The page, while the experiments of a site are added to it.

    Attributes:
        engine: the package, from `fetch_engine`.
        files: of the models that llmxray knows, by name.
    """

    engine: bytes
    files: Mapping[str, ModelFile] = field(default_factory=dict)
    _models: dict[str, dict[str, Json]] = field(default_factory=dict)
    _asked: list[Json] = field(default_factory=list)

    def add(self, data: ExperimentData) -> None:
        """Take over the questions that an experiment asked models whose weights are known."""
        plan = data.results.plan
        trials, items = {trial.id: trial for trial in plan.trials}, plan.items()
        for condition in plan.conditions:
            facts, name = data.facts_of(condition), label_of(condition)
            weights = str(facts.get("weights_sha256", ""))
            # A likelihood request forces its answer.
            if not weights or condition.answer == "likelihood":
                continue
            rows = (row for row in data.results.of(condition.id) if not row.sample)
            found = (
                _question(data, row, trials[row.trial], items[row.suite, row.item_id].question)
                for row in rows
            )
            questions = list[Json](islice(filter(None, found), _MOST))
            if not questions:
                continue
            model = self._models.setdefault(
                weights,
                {
                    "label": model_in(name, condition.model) or name,
                    "css": hue_of(data.colours[condition.id]),
                    "licence": str(facts.get("licence", "")),
                    **asdict(self.files.get(condition.model, ModelFile())),
                },
            )
            said: dict[str, Json] = {
                "name": data.name,
                "title": data.title,
                "label": name,
                "css": model["css"],
                "weights": weights,
                # Else the file's own chat template is applied to the messages.
                "raw": facts.get("template") == "messages joined",
                "questions": questions,
            }
            self._asked.append(said)

    def write(self, renderer: Renderer, tabs: Sequence[TemplateValues]) -> None:
        """Write the page with its scripts."""
        files = scripts(self.engine)
        said: dict[str, Json] = {"models": dict[str, Json](self._models), "asked": self._asked}
        name, script = shard("live-questions", said, packed=True)
        files[f"{name}.{hashlib.sha256(script).hexdigest()[:8]}.js"] = script
        for name, content in files.items():
            renderer.write(f"static/{name}", content)
        page = TemplateValues(
            title="A model in this page",
            nav=Nav(tabs=tuple(tabs), contents=within("")),
            models=[TemplateValues(sha256=sha256, **model) for sha256, model in self._models.items()],
            scripts=[f"static/{name}" for name in files],
            footer=("llmxray report --live",),
        )
        renderer.page(NAME, "live/page.html", page, policy=POLICY)


def _question(data: ExperimentData, row: Row, trial: Trial, short: str) -> dict[str, Json] | None:
    """A question with the request that asked it and the first token that answered; None without such a token."""
    replies, body = toks.replies(data.cassette, row), dict(trial.requests[0].body)
    token = next(iter(replies[0].tokens), None) if replies else None
    if token is None or token.logprob_nats is None or not token.top or "messages" not in body:
        return None
    sent: dict[str, Json] = {
        name: value for name, value in body.items() if name not in ("model", "stream_options")
    }
    return {
        "short": short,
        "href": within(data.name).question(address(row)),
        "body": sent,
        "token": token.token,
        "nats": token.logprob_nats,
        "best": max(token.top, key=lambda each: each.logprob_nats).token,
    }
