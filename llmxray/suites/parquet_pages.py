"""What a Parquet file grows to, counted from the headers of its pages before anything is decoded.

The footer of a file may state any size, and nothing keeps the pages to it. Their own headers say what is allocated
and how many values are made, so these are read here: Thrift's compact protocol
(https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md), and the structures of
https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift by their field numbers.
"""

from __future__ import annotations

from typing import Any

from llmxray.cassette.bounds import Room

_MARK = b"PAR1"
_END = len(_MARK) + 4
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)
_WHOLE = (_I16, _I32, _I64)
_DEEPEST = 32
# Of the physical type FIXED_LEN_BYTE_ARRAY, whose values state no length of their own.
_FIXED = 7
# Each value repeats the beginning of the one before it: a few bytes stand for a long text.
_DELTA_BYTE_ARRAY = 7
# More than a header takes while it is read here, so that the pages of many columns in one place are soon too many.
_PAGE_BYTES = 1024

type _Fields = dict[tuple[int, int], Any]


def check(raw: bytes, room: Room, value_bytes: int) -> None:
    """Nothing, where decoding the whole file fits into the room.

    Args:
        value_bytes: what a value takes beside its text.

    Raises:
        ValueError: there is no room for it, or it is no Parquet file.
        LookupError: it ends too early, or a field is missing.
    """
    length = int.from_bytes(raw[-_END : -len(_MARK)], "little")
    start = len(raw) - _END - length
    if raw[-len(_MARK) :] != _MARK or start < 0:
        raise ValueError("its footer is missing")
    footer = _Reader(raw, start).struct()
    # A type that is no such field's is passed over by every reader: it is part of the key here.
    widest = max((element.get((2, _I32), 0) for element in footer[2, _LIST]), default=0)
    left = Room(room.left)
    for group in footer[4, _LIST]:
        left.take(value_bytes * _natural(group[3, _I64]))
        for chunk in group[1, _LIST]:
            column = chunk[3, _STRUCT]
            _check_pages(raw, column, left, value_bytes + (widest if column[1, _I32] == _FIXED else 0))


def _check_pages(raw: bytes, column: _Fields, left: Room, value_bytes: int) -> None:
    at, dictionary = _natural(column[9, _I64]), column.get((11, _I64), 0)
    if 0 < dictionary < at:
        at = dictionary
    end = at + _natural(column[7, _I64])
    while at < end:
        reader = _Reader(raw, at)
        page = reader.struct()
        size = _natural(page[2, _I32])
        left.take(_PAGE_BYTES + size)
        for field, encoding in ((5, 2), (7, 2), (8, 4)):
            kind = page.get((field, _STRUCT))
            if kind is not None:
                values = _natural(kind[1, _I32])
                left.take(values * (value_bytes + size * (kind[encoding, _I32] == _DELTA_BYTE_ARRAY)))
        at = reader.at + _natural(page[3, _I32])


def _natural(value: int) -> int:
    if value < 0:
        raise ValueError("it states a size below zero")
    return value


class _Reader:
    """Reads values of the compact protocol.

    Attributes:
        at: where the next one stands.
    """

    def __init__(self, raw: bytes, at: int) -> None:
        self._raw, self.at, self._depth = raw, at, 0

    def struct(self) -> _Fields:
        """The fields of a structure by number and type."""
        fields: _Fields = {}
        numbers: set[int] = set()
        number = 0
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError("its structures are nested too deeply")
        while head := self._byte():
            number = number + (head >> 4) if head >> 4 else self._whole()
            # Readers disagree about which one counts.
            if number in numbers:
                raise ValueError("a field stands twice")
            numbers.add(number)
            kind = head & 15
            fields[number, kind] = kind == _TRUE if kind in (_TRUE, _FALSE) else self._value(kind)
        self._depth -= 1
        return fields

    def _value(self, kind: int) -> Any:
        if kind in (_TRUE, _FALSE, _BYTE):
            return self._byte()
        if kind in _WHOLE:
            return self._whole()
        if kind == _DOUBLE:
            return self._bytes(8)
        if kind == _BINARY:
            return self._bytes(self._varint())
        if kind in (_LIST, _SET):
            head = self._byte()
            size = head >> 4 if head >> 4 < 15 else self._varint()
            return [self._value(head & 15) for _ in range(size)]
        if kind == _MAP:
            size = self._varint()
            kinds = self._byte() if size else 0
            return [(self._value(kinds >> 4), self._value(kinds & 15)) for _ in range(size)]
        if kind == _STRUCT:
            return self.struct()
        raise ValueError("a field is of no type that there is")

    def _byte(self) -> int:
        byte = self._raw[self.at]
        self.at += 1
        return byte

    def _bytes(self, size: int) -> bytes:
        if size > len(self._raw) - self.at:
            raise ValueError("it ends early")
        self.at += size
        return self._raw[self.at - size : self.at]

    def _varint(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise ValueError("a number has too many digits")

    def _whole(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)
