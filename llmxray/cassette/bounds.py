"""How much memory the bytes of a stranger's file may become: limits that grow with its size.

=============  ====================  ======================================================================
`UNPACKED`     16 MiB + 512 × bytes  decompressed text of a file in a pack
`CLAIMS`       4 MiB + 64 × bytes    what a pack claims
`WRITTEN`      1 GiB + 2,048 × bytes files exported for other tools, where every trial repeats its prompt
=============  ====================  ======================================================================
"""

from __future__ import annotations

from dataclasses import dataclass

_MIB = 1 << 20
MANIFEST_BYTES = 2 * _MIB
"""Of a pack: read whole and parsed."""


class Room:
    """What is left of a limit.

    Attributes:
        left: bytes that may still be taken.
    """

    __slots__ = ("_most", "_whose", "left")

    def __init__(self, most: int, whose: str = "so small a file") -> None:
        self._most = self.left = most
        self._whose = whose

    def take(self, size: int) -> None:
        """Take some of it.

        Raises:
            ValueError: there is less left.
        """
        self.left -= size
        if self.left < 0:
            raise ValueError(f"grows to more than {self._most:,} bytes, the most that {self._whose} may hold")


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit that grows with the bytes on the disk.

    Attributes:
        floor: bytes that anything may grow to.
        ratio: more of them for each byte on the disk.
    """

    floor: int
    ratio: int

    def most(self, size: int) -> int:
        """What so many bytes may grow to."""
        return self.floor + self.ratio * size

    def room(self, size: int) -> Room:
        """The same, to be used up."""
        return Room(self.most(size))


UNPACKED = Limit(16 * _MIB, 512)
CLAIMS = Limit(4 * _MIB, 64)
WRITTEN = Limit(1024 * _MIB, 2048)
