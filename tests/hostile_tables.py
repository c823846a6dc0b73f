"""Tables that a reviewer made: small files that pyarrow makes gigabytes of before anybody can look. zlib, base64."""

from __future__ import annotations

import base64
import struct
import zlib


def unpacked(text: str) -> bytes:
    """The bytes of a file."""
    return zlib.decompress(base64.b64decode(text))


BOMBS = {
    # Two columns of one name.
    "names.parquet": (
        "eNoLcAwyFGUR7Vjygll0CZOPKJMogxADg8ZW/b8NHiyctgw5QA4DkK5gZPjx3/ICExODQAW9sbIHR4Uog6iYqIaO6AZOUQFRNlE2GQaIKxW4"
        "IxkYmIGcDZyMjBs4GYB+4RKVQfaHAqsmAwMjUEUi8WZI2pgySLAVJ2ek5iaKsjCI8qgySTCWqDL4gLSg8sQ2cErKSOqoMciI8kiaMrAJSALl"
        "RHmAwmKvgIEqNoNZ7QKTGoemDtBlDKJMDEBCAEjZiDU8ePFBUJJNUg1oLdAcbAakiHUwqt1gVlvAjKkdaC1cr9i5pUCbNnCqcYgtYGHQUChI"
        "LCosTS3RTS4o0E0sKsovVyhLLSrOzM9TMDLTM9AzlNQBuhzk+FdAHABMAQAvV1pU"
    ),
    # Texts that are JSON by their logical type.
    "logical.parquet": (
        "eNoLcAwyFGUR7Vnygll0B5OPKJMogxADg8ZW/b8NHmyctgwlDAwGTEBaqYKR4ft/Sw0mJgaBCnrjUAYgocTIwMhpKQB0oKiYqIaO6AZOUQFR"
        "NlE2GQaIexW4IxkYmIGcDZyMjBs4GURZJHVMGSTYipMzUnMTRZkYRHlUmSQYS1TVfM4AVYlt4JSUkZRRY5AR5ZE0ZWATkATKifIAhcXeAQND"
        "bA2z2hMmNQ5NHWDoMIB0MwCtY2KwEXvw6cUHQUk2STWgRSBzwKo3cKpxALUwaCgUJBYVlqaW6CYXFOgmFhXllyuUpRYVZ+bnKRiZ6RnoGUrK"
        "gBw8F4gDgEEPAKPzSBk="
    ),
    # A chunk of another type than its column.
    "chunk.parquet": (
        "eNoLcAwyFGURbVjygll0HpOPKJMogxADg8ZW/b8NHgyctgwhDAwCFRWMDL//Wx5gYgKy6Y2ZPTgqRBlExUQ1dEQ3cIoKiLKJsskwQJyowB3J"
        "wMAM5GzgZGTcwMkgyiKpY8ogwVacnJGamyjKxCDKB/EZkwRjCYPYBk5JGUkZNQYZUSZJUwY2AUmgqCgPUFjsEVCR2CRmtVNMahyaOsDwYABp"
        "ZgDaxsRgo8kmqQa0AWgNRN0GTjUOoGIGDYWCxKLC0tQS3eSCAt3EoqL8coWy1KLizPw8BSMzPQM9Q0kZkEunAXEAMJgBMARESA=="
    ),
    # A field whose number is that of another one in 16 bits.
    "field.parquet": (
        "eNrtzT9rU2EUB+CTl3C5SAaX99ILd8iS0KF/jKAguHSygkNpl44NJVAHbUyrZszkIOIkuPRDdKibXf0M/RilU5dib+jH6MPhGX7nHM7Z2dod"
        "5ci/zi9uy3z1t7uWUxuLXDQRsfpn826x/eTHtzdnEfup7aROtGneiZv/r65TiqdzAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        "AAAej72D7jx367UXsVKcHB5NPoxzitwbpJXO6SDeNRFRpbqpm2E0uVcPiqjbSe5Vqfp3fnFbVjEs3zY52krxulose3VRDyNF8XNRfr/stgce"
        "NtOwrJZ5tT8dzz59npyuH06n6+PZ7Phr/8tkdvL++GP/+cuNZxujuln+/d3a2dod3QMOSXyz"
    ),
    # A group with a long name and ten thousand columns in it.
    "group.parquet": (
        "eNrtxaERg0AQAMD7F6jYZ6CAFICIi8GhGIYOaABBHzHREXRCY4hoOkDsmp36uSu5Pb/jkLaS4xXN/qlWAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA4LbK/ktR"
        "8jOatNi2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2"
        "bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2bdu2fbmO9hHvI8fUz90f8m6yng=="
    ),
    # A dictionary whose place is a number of more than 64 bits.
    "dictionary.parquet": (
        "eNoLcAwyFGUR7Vnygll0B5OPKJMogxADg8ZW/b8NHmyctgwlDAwGTEBaqYKR4ft/Sw0mJgaBCnrjUAYgocTIwMhpKQB0oKiYqIaO6AZOUQFR"
        "NlE2GQaIexW4IxkYmIGcDZyMjBs4GURZJHVMGSTYipMzUnMTRZkYRHlUmSQYS1QZfEBaxDZwSspIyqgxyIjySJoysAlIAuVEeYDCYu+AgSG2"
        "hlntCZNaRwMUcGjqAIOJAWQMA9BeJgYbsQefXnwQlGSTVAPaCDIQrG0DpxoHUC+DhkJBYlFhaWqJbnJBgW5iUVF+uUJZalFxZn6egpGZnoGe"
        "oaQMyBnLgDgAGAcApKBL1A=="
    ),
}
# A part that states a million rows and holds five.
FEWER_ROWS = (
    "eNqdkb1qwzAUhY9cowaTwQSuiMCELBENJKYpuHTwkqWTh9AHCDiOSwP5cW33h05du+ZR+hh9oM69tgkU3KlCukiX8x0OV4v53YxscsiJyCL0"
    "AAHglUA96k2475Ik6XHP4uMI4YDlLrm/5dX6FzGgQZto6lnN6W2AviySh3QXkwR1R1ZfxCNElZrs6rVCwDVhcxmF3A3svr3dFCVZjeA83aa7"
    "dF9COdrToYFHXR1AupqdiLtqqZbGN53xhHOiwsCJLIQMSG04EFBR9ola1dRarc1RmPsWNv4DuhFJHeoUpnbIVGa+hfkSbQvjQN/WwwDUp6Xe"
    "P95Mhy+4GGZx/viUltMky6Zxnh9ehs9pXmwO++HVtX/pz3TIs2k25jzrBf/wDyYOO3M="
)
# A results.parquet: the texts of one of its columns under the name of another one.
OTHER_PATH = (
    "eNrt3b9rE2Ecx/HnfuS81gwh8Bw9yBDQPrRgUyNUEBzsptChdC6VIzkx0OTiJbEhUzAODvkLxEEEXZ3cRBwcHPsXdBZRcRGCUPW5tDkTKpJR"
    "8B3y4rjnns+T53nyzN/b3twpS1suysUtaUqRF8IQQgRSyLzMX9JPctKRTkG3mZptGLb4v7o/ejr6npGfjs1JaOXV+nH/pu2+XN/XN0Jfu4YY"
    "/bx2aJoi1wUAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA4F914YbbHVfpvzhTpT8pxF9cuDVbrt+V7qRQf/L5e3F//8mGWHJa"
    "lbthPZA5IbPL5tJCJWpUa+1a1FgWW0n/cWum1am1w+mWc/q+frtWnWmLOu1KVJ/p5wSN1kEYTze5YbcZVtrhTDYTxdXf3cwk2Qrqzf1QeLZf"
    "8IdKFGTW3xBOzp+ao9RPvT1vT5WUu5osU0eTRef05boOOr4Sth5wOn2yljQ5NNSdeaOTRafhj4Z6Z8ydPt2eNP3eVM/MedOnG5mGX1iqb80b"
    "Trc8jT+01dHccavX68msTn5I3gbhHf0w1eEDS722zw7Qf/v12/mZQczJAk7+z/EMdr1d9WZgqceDs3NYnYS90fPk12zlel8GllgpNoP4Xids"
    "r1WazbUgjqOD4v0wbuljULxytXS5VPaH+vD88Ss+62O/vblT/gVdY34/"
)


def shared_field(columns: int, letters: int) -> bytes:
    """An Arrow stream whose schema names one field many times: a flatbuffer holds it, and its long name, once."""
    raw = bytearray(4)

    def align(size: int) -> int:
        raw.extend(bytes(-len(raw) % size))
        return len(raw)

    about = align(4)
    raw.extend(struct.pack("<HHHHHH", 12, 24, 4, 6, 8, 16))
    message = align(8)
    raw.extend(struct.pack("<iHBxIIq", message - about, 4, 1, 0, 0, 0))
    struct.pack_into("<I", raw, 0, message)
    about = len(raw)
    raw.extend(struct.pack("<HHHH", 8, 8, 0, 4))
    schema = align(4)
    raw.extend(struct.pack("<iI", schema - about, 0))
    struct.pack_into("<I", raw, message + 8, schema - message - 8)
    fields = len(raw)
    struct.pack_into("<I", raw, schema + 4, fields - schema - 4)
    raw.extend(struct.pack("<I", columns) + bytes(4 * columns))
    about = len(raw)
    raw.extend(struct.pack("<HHHHHHHH", 16, 20, 4, 8, 9, 12, 0, 16))
    field = align(4)
    raw.extend(struct.pack("<iIBBxxII", field - about, 0, 1, 1, 0, 0))
    for number in range(columns):
        place = fields + 4 + 4 * number
        struct.pack_into("<I", raw, place, field - place)
    kind = len(raw)
    raw.extend(struct.pack("<HH", 4, 4))
    struct.pack_into("<I", raw, field + 12, len(raw) - field - 12)
    raw.extend(struct.pack("<i", len(raw) - kind))
    struct.pack_into("<I", raw, field + 16, len(raw) - field - 16)
    raw.extend(bytes(4))
    struct.pack_into("<I", raw, field + 4, len(raw) - field - 4)
    raw.extend(struct.pack("<I", letters) + b"n" * letters + b"\0")
    align(8)
    return struct.pack("<ii", -1, len(raw)) + bytes(raw) + struct.pack("<ii", -1, 0)
