"""The address of a recording, and what the index knows of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """Where a recording is found: request key, index of the repeat, index of the try."""

    key: str
    sample: int
    attempt: int

    def __str__(self) -> str:
        return f"{self.key}/{self.sample}/{self.attempt}"

    @classmethod
    def parse(cls, text: str) -> Address:
        """The address that a row names: ``key/sample/attempt``."""
        key, sample, attempt = text.rsplit("/", 2)
        return cls(key, int(sample), int(attempt))


@dataclass(frozen=True, slots=True)
class Entry:
    """A recording's facts from the index.

    Attributes:
        complete: the completeness rule held when it was sealed, or journaled (`llmxray.wire.is_complete`).
        status: HTTP status, None without a response.
        file: name of the recordings file, "" for the journal.
        line: 0-based line in it.
    """

    address: Address
    complete: bool
    status: int | None
    file: str
    line: int
