"""Tables that a reviewer made: small files that pyarrow makes gigabytes of before anybody can look. zlib, base64."""

import base64
import zlib


def unpacked(text: str) -> bytes:
    """The bytes of a file."""
    return zlib.decompress(base64.b64decode(text))


BOMBS = {
    # A group with a long name and ten thousand columns in it.
    "group.parquet": (
        "eNrtxaERg0AQAMD7F6jYZ6CAFICIi8GhGIYOaABBHzHREXRCY4hoOkDsmp36uSu5Pb/jkLaS4xXN/qlWAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA4LbK/ktR"
        "8jOatNi2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2"
        "bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2fbmO9hHvI8fUz90f8m6yng=="
    )
}
