"""RFC 8785 canonical JSON, quickly where Python's own encoder writes the very same bytes.

The library `rfc8785` is the definition. Python's encoder differs from it in the order of keys beyond ASCII, in
numbers that ECMAScript writes otherwise, and in what it accepts; a value with none of these is encoded by it,
several times faster. Everything else goes to the library.
"""

from __future__ import annotations

import json
from typing import Any

import rfc8785

_LARGEST_INT = 2**53 - 1
# Between these, `repr` and ECMAScript both write a float that is not whole as plain decimals.
_PLAIN_FLOAT_MIN, _PLAIN_FLOAT_MAX = 1e-4, 1e16
_encode = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True, separators=(",", ":")
).encode


def canonical_json(value: Any) -> bytes:
    """The canonical form of a JSON value.

    Raises:
        ValueError: RFC 8785 has no form for it (integers beyond 2^53, lone surrogates, NaN).
        RecursionError: it is nested too deeply.
    """
    try:
        return _encode(_plain(value)).encode("utf-8")
    except (_OtherwiseError, UnicodeEncodeError, RecursionError):
        return rfc8785.dumps(value)


class _OtherwiseError(Exception):
    """Python's encoder may write a value otherwise than RFC 8785 asks for."""


def _plain(value: Any) -> Any:
    """The value as Python's encoder has to be given it; strings are looked at when encoded."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return value
    if kind is dict:
        plain = {}
        for key, each in value.items():
            # RFC 8785 sorts keys by UTF-16 units, Python by code points: beyond the BMP the orders part.
            if type(key) is not str or not key.isascii():
                raise _OtherwiseError
            plain[key] = each if type(each) is str else _plain(each)
        return plain
    if kind is list:
        return [_plain(each) for each in value]
    if kind is int and -_LARGEST_INT <= value <= _LARGEST_INT:
        return value
    if kind is float and (_PLAIN_FLOAT_MIN <= abs(value) < _PLAIN_FLOAT_MAX or not value):
        # ECMAScript has one kind of number: 1.0 is written 1, and so is a temperature of 0.0.
        return int(value) if value.is_integer() else value
    raise _OtherwiseError
