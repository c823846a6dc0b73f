"""What the replies of a cassette say to whoever reads all trials of its plan, one after the other."""

from __future__ import annotations

from llmxray.cassette import journal
from llmxray.cassette.bounds import AGAIN, TEXTS, Room
from llmxray.cassette.files import counted_bytes
from llmxray.cassette.store import Cassette
from llmxray.errors import CassetteError
from llmxray.types import Completion


class ReadingLimits:
    """Counts it, up to what so small a cassette may say: a file of one reply may have it read by any number of trials.

    Args:
        cassette: as its replies are read.
    """

    def __init__(self, cassette: Cassette) -> None:
        recordings = cassette.manifest.role("recordings") if cassette.manifest else ()
        size = counted_bytes(cassette.directory, recordings) + journal.counted_bytes(cassette.directory)
        self._directory = cassette.directory
        self._characters, self._again = (
            Room(limit.most(size), "so small a cassette", unit)
            for limit, unit in ((TEXTS, "characters"), (AGAIN, "tokens that trials share"))
        )
        # Numbers: of a large plan, the keys and samples themselves would take much more.
        self._read = set[int]()

    def reply(self, key: str, sample: int, completion: Completion) -> None:
        """Count the tokens of a reply, of which every time after the first counts.

        Raises:
            CassetteError: with it there are too many.
        """
        place = hash((key, sample))
        if place in self._read:
            self._take(self._again, sum(1 + len(token.top) for token in completion.tokens))
        self._read.add(place)

    def text(self, characters: int) -> None:
        """Count what is read of the replies to a trial.

        Raises:
            CassetteError: with it there is too much.
        """
        self._take(self._characters, characters)

    def _take(self, room: Room, size: int) -> None:
        try:
            room.take(size)
        except ValueError as error:
            raise CassetteError(f"{self._directory}: what its replies say {error}") from error
