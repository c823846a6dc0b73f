"""What the report of one experiment is made from."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from llmxray.cassette import Address
from llmxray.cassette.manifest import Manifest
from llmxray.experiment import Experiment
from llmxray.plan.model import SuiteDifference
from llmxray.report.analysis.condition_colours import colours
from llmxray.report.links import EVERYWHERE, Contents
from llmxray.report.sentences import Finding
from llmxray.results import Results
from llmxray.types import Completion, Condition, Interaction, Row

type TokenDetail = Literal["all", "answers", "none"]

# Some 12 bytes of packed data file a token.
MOST_TOKENS = 1_500_000
# Above this many questions the table of questions is put together in the browser, and data files are packed.
LARGE_QUESTIONS = 2_000
# A thousand answers of ten thousand characters; a page that is all "<" is four times as long.
_LARGE_CHARACTERS = 10_000_000
# What an answer takes beside its text: an empty one too is a line of the page.
_ROW_CHARACTERS = 200


class Recordings(Protocol):
    """What a report asks of a cassette; files of other tools have replies and none of the rest."""

    @property
    def manifest(self) -> Manifest | None:
        """Facts of the recording; None without one."""

    def completion(self, address: Address) -> Completion:
        """The reply of one recording."""

    def clear_cache(self) -> None:
        """Give up the memory of replies that were read; they can be read again."""

    def get(self, address: Address) -> Interaction:
        """One recorded exchange."""

    def lines(self, role: str) -> Iterator[Any]:
        """The lines of a file that was frozen with the recordings, such as the plan."""


# Busy beyond this share of its cores, a machine had less to give the model than it seems.
_BUSY = 0.5
_CORES = re.compile(r"(\d+) cores")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentData:
    """Everything the report of one experiment is made from.

    Attributes:
        experiment: the file as it is now: title, hypothesis, analysis.
        results: scored trials.
        cassette: for tokens, timings and the manifest's facts.
        wanted_tokens: how much token detail the site publishes; None lets the number of tokens decide.
        settings: analysis settings that were given to the command, by their names in an experiment file.
        files: names of the files of other tools that all of it was read from; then there is no recording.
        tools: those tools, with their versions.
        input_arguments: files and folders that the command named to read them.
        differences: what the recorded plan has otherwise than the suites that it names; each page says it.
        contents: which pages there are; any may be linked to until the registry has said.
        hues: of the models that a site holds, by `weights_of`; a model that is not among them gets the next.
    """

    experiment: Experiment
    results: Results
    cassette: Recordings
    wanted_tokens: TokenDetail | None = None
    settings: Mapping[str, object] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    input_arguments: tuple[str, ...] = ()
    differences: tuple[SuiteDifference, ...] = ()
    contents: Contents = EVERYWHERE
    hues: Mapping[str, int] = field(default_factory=dict)

    @property
    def tokens(self) -> TokenDetail:
        """How much token detail the site publishes: ``answers`` leaves out the thinking, ``none`` all."""
        if self.wanted_tokens is not None:
            return self.wanted_tokens
        rows = self.results.rows
        if sum(row.completion_tokens or 0 for row in rows) <= MOST_TOKENS:
            return "all"
        return "answers" if sum(map(_answer_tokens, rows)) <= MOST_TOKENS else "none"

    @property
    def is_large(self) -> bool:
        """Whether there are too many questions for one static table."""
        return sum(len(suite.items) for suite in self.results.plan.suites.values()) > LARGE_QUESTIONS

    @property
    def has_printed(self) -> bool:
        """Whether all answers are on one page as text: not where there are too many, or too much text."""
        written = sum(len(row.text) + len(row.reasoning) + _ROW_CHARACTERS for row in self.results.rows)
        return not self.is_large and written <= _LARGE_CHARACTERS

    @property
    def name(self) -> str:
        """Name of the experiment, of its cassette and of its folder on the site."""
        return self.experiment.experiment

    @property
    def title(self) -> str:
        """Headline for people."""
        return self.experiment.title or self.experiment.experiment

    @property
    def recorded_on(self) -> str:
        """Day of the first recording, ISO 8601; "" where it is not known."""
        manifest = self.cassette.manifest
        return str(manifest.recorded.get("first", ""))[:10] if manifest else ""

    @property
    def recording(self) -> str:
        """Piece of a hash that names the recording; "" without one."""
        manifest = self.cassette.manifest
        if manifest is None:
            return ""
        named = "".join(record.sha256 for record in manifest.files if record.role == "recordings")
        return hashlib.sha256(named.encode()).hexdigest()[:16]

    @property
    def given_options(self) -> tuple[str, ...]:
        """The settings as options of `llmxray report`, in words."""
        return tuple(word for name, value in self.settings.items() for word in (f"--{name}", str(value)))

    @property
    def doubts(self) -> tuple[str, ...]:
        """That the recording is partial or ended early, and the `differences`, a line each."""
        early = f"{self.results.stopped} {Finding('until.tests')}" if self.results.stopped else ""
        return (*filter(None, [self.results.partial, early]), *map(str, self.differences))

    @property
    def is_of_app(self) -> bool:
        """Whether it was read from files of the original LLMxRay app, whose confidence is another one."""
        return self.tools == ("LLMxRay app",)

    def weights_of(self, condition: Condition) -> str:
        """What tells a condition's model from others: the hash of its weights where the server told it, or its name."""
        return str(self.facts_of(condition).get("weights_sha256") or condition.model)

    @property
    def models(self) -> tuple[str, ...]:
        """What tells the model of each condition from others, in plan order."""
        return tuple(map(self.weights_of, self.results.plan.conditions))

    @property
    def colours(self) -> Mapping[str, str]:
        """Colour class of each condition, by its id."""
        return colours(self.results.plan.conditions, self.models, self.hues)

    def facts_of(self, condition: Condition) -> Mapping[str, Any]:
        """What was probed of a condition's server and model when recording began; empty where nothing was."""
        manifest = self.cassette.manifest
        facts = (manifest.facts if manifest else {}).get(f"{condition.endpoint}/{condition.model}")
        return facts if isinstance(facts, Mapping) else {}

    def other_work(self, condition: Condition) -> bool:
        """Whether the machine was busy with something else before a condition was recorded."""
        facts = self.facts_of(condition)
        load, cores = facts.get("load_before"), _CORES.search(str(facts.get("machine", "")))
        return isinstance(load, int | float) and cores is not None and load > _BUSY * int(cores[1])


def _answer_tokens(row: Row) -> float:
    """About how many of a trial's tokens are not thinking, by its share of the characters."""
    written = len(row.text) + len(row.reasoning)
    return (row.completion_tokens or 0) * (len(row.text) / written if written else 1)
