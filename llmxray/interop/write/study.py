"""What every form is written from, and the texts and numbers that several of them share."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
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
from llmxray.types import Completion, Condition, Estimate, Interaction, Item, Json, Row

type Scores = Mapping[tuple[str, str], Mapping[str, Estimate]]

UNKNOWN = "unknown"
# File systems end at 255 bytes, and two or three names make a file's.
_LONGEST = 60


class Recordings(Protocol):
    """What is asked of a cassette, or of whatever else holds the replies."""

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
        tools: those that made the results, with their versions ("Inspect 0.3.285"), where it was not llmxray.
    """

    experiment: Experiment
    results: Results
    recordings: Recordings
    scores: Scores
    version: str
    now: datetime
    tools: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The experiment's name."""
        return self.experiment.experiment

    @property
    def manifest(self) -> Manifest | None:
        """What is known of the recordings; None where nothing is."""
        return self.recordings.manifest

    @property
    def software(self) -> Mapping[str, str]:
        """Versions of what recorded it, by name."""
        return self.manifest.software if self.manifest else {}

    def replies(self, row: Row) -> list[Completion]:
        """What was recorded for a trial, in the order of its requests."""
        return [self.recordings.completion(Address.parse(each)) for each in row.recordings]

    def began(self, row: Row) -> datetime | None:
        """When the first request of a trial was sent; None where it is unknown."""
        if not row.recordings:
            return None
        try:
            found = self.recordings.get(Address.parse(row.recordings[0]))
        # Files of other tools hold replies and no exchanges.
        except CassetteError:
            return None
        return time_of(found.started_at)

    def model(self, condition: Condition) -> Model | None:
        """The model of a condition as the experiment file has it; None where the file has no such condition."""
        return next(
            (
                model
                for model in self.experiment.models
                if condition.id == model.id
                or (model.endpoint in self.experiment.endpoints and self._is_variant(model, condition))
            ),
            None,
        )

    def _is_variant(self, model: Model, condition: Condition) -> bool:
        variants = self.experiment.expanded_variants(model)
        return condition.id in [self.experiment.condition_id(model, each) for each in variants]

    def server(self, condition: Condition) -> Mapping[str, Json]:
        """What is known of the server and model of a condition; empty where nothing is."""
        facts = self.manifest.facts if self.manifest else {}
        found = facts.get(f"{condition.endpoint}/{condition.model}")
        return found if isinstance(found, Mapping) else {}

    def fact(self, condition: Condition, *names: str) -> str:
        """The first of these facts that is known, else ""."""
        found = self.server(condition)
        return next((str(found[name]) for name in names if found.get(name)), "")

    def item(self, row: Row) -> Item:
        """The question of a trial as it was shown."""
        return reorder_options(self.results.plan.items()[row.suite, row.item_id], row.order)

    def at(self, which: str) -> datetime | None:
        """The ``first`` or ``last`` time of the recordings; None where it is unknown."""
        return time_of(self.manifest.recorded.get(which, "")) if self.manifest else None


def time_of(text: str) -> datetime | None:
    """A time as ISO 8601 writes it, in UTC where it names no zone; None for anything else."""
    try:
        found = datetime.fromisoformat(text)
    # Nothing is recorded, or a stranger's cassette has something else there.
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def item_id(row: Row) -> str:
    """The id of a question; each rotation of its options is a question of its own."""
    return row.item_id + (f"#r{row.rotation}" if row.rotation else "")


def plain(name: str) -> str:
    """A name as part of a file's name: letters, digits, dot, hyphen and underscore of ASCII."""
    made = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip(".-")
    same = made == name.replace("/", "-").replace("@", "-") and len(made) <= _LONGEST
    # Two names may differ in what is left out only, and one may have nothing else.
    return made if same else f"{made[:_LONGEST] or 'x'}-{digest(name)[:8]}"


def digest(*parts: str) -> str:
    """SHA-256 of texts, hex; the same texts cut elsewhere give another."""
    return sha256(json.dumps(parts).encode()).hexdigest()


def uuid_of(*parts: str) -> str:
    """A UUID that the same texts give again, in the form of a random one (version 4), which readers ask for."""
    return str(uuid.UUID(bytes=bytes.fromhex(digest(*parts))[:16], version=4))


def dumped(value: object) -> bytes:
    """JSON, indented; half a character, which JSON can spell and no file can hold, becomes a question mark."""
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode(
        "utf-8", "replace"
    )


def line(value: object) -> bytes:
    """One line of JSON Lines."""
    return (json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8", "replace")


def text_of(value: object) -> str:
    """A value as text, for forms whose notes are texts: a text as it is, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
