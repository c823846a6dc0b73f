"""Input of all export formats, with the texts and numbers that several of them share."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Protocol

from llmxray.cassette import Address
from llmxray.cassette.manifest import Manifest
from llmxray.errors import CassetteError
from llmxray.experiment import Experiment, Model
from llmxray.plan import reorder_options
from llmxray.results import Results
from llmxray.types import Completion, Condition, Estimate, Interaction, Item, Json, Outcome, Row

type StudyScores = Mapping[tuple[str, str], Mapping[str, Estimate]]

UNKNOWN = "unknown"
# File systems allow 255 bytes, and a file's name has two or three of these names.
_LONGEST = 60


class ReplySource(Protocol):
    """Interface to the replies: of a cassette, or of imported files."""

    @property
    def manifest(self) -> Manifest | None:
        """Facts of the recording; None without one."""

    def completion(self, address: Address) -> Completion:
        """The reply of one recording."""

    def get(self, address: Address) -> Interaction:
        """One recorded exchange."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """An experiment with its results, ready to be written.

    Attributes:
        experiment: the file as it is now; what it says of models and endpoints is taken from here.
        recordings: the replies behind the results.
        scores: estimates by (condition, suite), then by metric: ``accuracy``, and ``ece`` where there is a confidence.
        version: of llmxray.
        now: when it is written.
        hypothesis_note: when its hypothesis was written, before the answers or after; none where it is not known.
        tools: those that made the results, with their versions ("Inspect 0.3.285"), where it was not llmxray.
    """

    experiment: Experiment
    results: Results
    recordings: ReplySource
    scores: StudyScores
    version: str
    now: datetime
    hypothesis_note: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The experiment's name."""
        return self.experiment.experiment

    @property
    def manifest(self) -> Manifest | None:
        """Manifest of the recordings; None without one."""
        return self.recordings.manifest

    @property
    def software(self) -> Mapping[str, str]:
        """Versions of the recording software, by name."""
        return self.manifest.software if self.manifest else {}

    def replies(self, row: Row) -> list[Completion]:
        """Return the replies of a trial, in the order of its requests; none for a trial that failed."""
        if row.outcome is Outcome.ERROR:
            return []
        if row.recordings:
            return [self.recordings.completion(Address.parse(address)) for address in row.recordings]
        # A reply that was read without tokens stands in its row only. A tool may mark what failed, too.
        said = row.text or row.reasoning or not row.error
        return (
            [Completion(row.text, row.reasoning, finish_reason=row.finish_reason, whole=True)] if said else []
        )

    def began(self, row: Row) -> datetime | None:
        """Return the time of a trial's first request; None where it is unknown."""
        if not row.recordings:
            return None
        try:
            interaction = self.recordings.get(Address.parse(row.recordings[0]))
        # Files of other tools hold replies and no exchanges.
        except CassetteError:
            return None
        return time_of(interaction.started_at)

    def model(self, condition: Condition) -> Model | None:
        """Return the model of a condition from the experiment file; None where the file has no such condition."""
        experiment = self.experiment
        for model in experiment.models:
            variants = experiment.expanded_variants(model) if model.endpoint in experiment.endpoints else ()
            ids = (experiment.condition_id(model, variant) for variant in variants)
            if condition.id == model.id or condition.id in ids:
                return model
        return None

    def hub(self, condition: Condition) -> str:
        """Return the name of a condition's model on the Hub; "" where the experiment file states none."""
        model = self.model(condition)
        return (model.hub if model else None) or ""

    def told_apart(self, condition: Condition, model: Callable[[Condition], str]) -> str:
        """Return what a label or id says beside the model and its settings; "" where it is the model's only condition.

        Args:
            model: name of a condition's model in the files.
        """
        if sum(model(each) == model(condition) for each in self.results.plan.conditions) < 2:
            return ""
        settings = {f"{name} {value}" for name, value in condition.sampling.items()}
        said = (condition.label or condition.id).removeprefix(condition.model).split(", ")
        return ", ".join(part for part in said if part and part not in settings)

    def server(self, condition: Condition) -> Mapping[str, Json]:
        """Return the recorded facts on a condition's server and model; empty without any."""
        facts = self.manifest.facts if self.manifest else {}
        server_facts = facts.get(f"{condition.endpoint}/{condition.model}")
        return server_facts if isinstance(server_facts, Mapping) else {}

    def fact(self, condition: Condition, *names: str) -> str:
        """Return the first known one of these facts, else ""."""
        server_facts = self.server(condition)
        return next((str(server_facts[name]) for name in names if server_facts.get(name)), "")

    def item(self, row: Row) -> Item:
        """Return the question of a trial as it was shown."""
        return reorder_options(self.results.plan.items()[row.suite, row.item_id], row.order)

    def at(self, which: str) -> datetime | None:
        """Return the ``first`` or ``last`` time of the recordings; None where it is unknown."""
        return time_of(self.manifest.recorded.get(which, "")) if self.manifest else None


def time_of(text: str) -> datetime | None:
    """Return the time of an ISO 8601 text in UTC, which a text without a zone is in; None for other texts."""
    try:
        time = datetime.fromisoformat(text)
        return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    # The field is empty without a recording, and in a stranger's cassette may have any type, or a time that in UTC
    # would be of the year 0 or 10000.
    except (TypeError, ValueError, OverflowError):
        return None


def usage_of(row: Row) -> dict[str, int] | None:
    """Return the token counts of a trial; None where one that both formats require is unknown."""
    if row.prompt_tokens is None or row.completion_tokens is None:
        return None
    return {
        "input_tokens": row.prompt_tokens,
        "output_tokens": row.completion_tokens,
        "total_tokens": row.prompt_tokens + row.completion_tokens,
        **({} if row.reasoning_tokens is None else {"reasoning_tokens": row.reasoning_tokens}),
    }


def item_id(row: Row) -> str:
    """Return the id of a question; each rotation of its options has its own id."""
    return row.item_id + (f"#r{row.rotation}" if row.rotation else "")


def file_name(name: str) -> str:
    """Return a name as part of a file name: ASCII letters, digits, dot, hyphen and underscore."""
    cleaned = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-")
    is_unchanged = cleaned == name.replace("/", "-").replace("@", "-") and len(cleaned) <= _LONGEST
    # A digest keeps names apart that differ only in removed characters, or have no others.
    return cleaned if is_unchanged else f"{cleaned[:_LONGEST] or 'x'}-{digest(name)[:8]}"


def digest(*parts: str) -> str:
    """Return the SHA-256 of a sequence of texts, as hex; it depends on where one text ends and the next begins."""
    return sha256(json.dumps(parts).encode()).hexdigest()


def uuid_of(*parts: str) -> str:
    """Return a UUID that depends on the texts only, in the form of version 4, which readers require."""
    return str(uuid.UUID(bytes=bytes.fromhex(digest(*parts))[:16], version=4))


def json_bytes(value: object) -> bytes:
    """Return indented JSON as bytes; lone surrogates, which UTF-8 cannot encode, become question marks."""
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode(
        "utf-8", "replace"
    )


def json_line(value: object) -> bytes:
    """Return one line of JSON Lines as bytes."""
    return (json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8", "replace")


def text_of(value: object) -> str:
    """Return a text unchanged, and any other value as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
