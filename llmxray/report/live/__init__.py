"""A page with a model in it: a GGUF file of the reader's, run by llama.cpp in the browser, asked what was recorded.

Only `llmxray report --live` writes it, and only the front page of such a site leads to it. It alone may run WebAssembly
and start a worker; like every other page it may connect to nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice

from llmxray.report.analysis import ExperimentData, address
from llmxray.report.analysis import reply_tokens as toks
from llmxray.report.analysis.condition_colours import hue_of, label_of, model_in
from llmxray.report.files.shards import shard
from llmxray.report.links import within
from llmxray.report.live.engine import scripts
from llmxray.report.widgets.frame import Nav, TemplateValues
from llmxray.report.widgets.render import CONTENT_SECURITY_POLICY, Renderer
from llmxray.types import Json, Row, Trial

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
