"""Tables that a reviewer made: small files that pyarrow makes gigabytes of before anybody can look. zlib, base64."""

from __future__ import annotations

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
# A part that states a million rows and holds five.
FEWER_ROWS = (
    "eNqdkb1qwzAUhY9cowaTwQSuiMCELBENJKYpuHTwkqWTh9AHCDiOSwP5cW33h05du+ZR+hh9oM69tgkU3KlCukiX8x0OV4v53YxscsiJyCL0"
    "AAHglUA96k2475Ik6XHP4uMI4YDlLrm/5dX6FzGgQZto6lnN6W2AviySh3QXkwR1R1ZfxCNElZrs6rVCwDVhcxmF3A3svr3dFCVZjeA83aa7"
    "dF9COdrToYFHXR1AupqdiLtqqZbGN53xhHOiwsCJLIQMSG04EFBR9ola1dRarc1RmPsWNv4DuhFJHeoUpnbIVGa+hfkSbQvjQN/WwwDUp6Xe"
    "P95Mhy+4GGZx/viUltMky6Zxnh9ehs9pXmwO++HVtX/pz3TIs2k25jzrBf/wDyYOO3M="
)
