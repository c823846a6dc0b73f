"""Replies that were read from files, where a report asks a cassette for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from llmxray.cassette import Address
from llmxray.errors import CassetteError
from llmxray.types import Completion, Interaction


@dataclass(frozen=True, slots=True)
class ReadReplies:
    """Completions by the place that their rows name; nothing that was sent or received, and no manifest.

    Attributes:
        read: bytes of the files that all of the experiments in them were read from.
        manifest: always None: nothing was recorded.
    """

    replies: Mapping[Address, Completion] = field(default_factory=dict)
    read: int = 0
    manifest: None = None

    def completion(self, address: Address) -> Completion:
        """The reply at a place.

        Raises:
            CassetteError: there is none.
        """
        found = self.replies.get(address)
        if found is None:
            raise CassetteError(f"no reply was read for {address}")
        return found

    def forget(self) -> None:
        """Keep all: a reply that is given up could not be read again."""

    def get(self, address: Address) -> Interaction:
        """No exchange: files of other tools hold none.

        Raises:
            CassetteError: always.
        """
        raise CassetteError(f"{address} was read from a file, which holds no exchanges")

    def lines(self, role: str) -> Iterator[Any]:
        """No lines: nothing was frozen."""
        return iter(())
