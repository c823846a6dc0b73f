"""A reader of cassettes written from docs/cassette.md alone, to see whether the page suffices.

It uses zstd, CRC-32 and JSON, and nothing of llmxray. Words are those of the page.
"""

from __future__ import annotations

import hashlib
import json
import re
import struct
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import zstandard
from lines_from_docs import body_of

VALUE, AGAIN, TOKENS, TIGHT, SPACED, UTF8, NUMBER = "\x04", "\x03", "\x05", "\x01", "\x02", "\x06", "\x07"
_MARK = re.compile("[\x01-\x05]")
_KEY = re.compile(r'"((?:[^"\\]|\\.)*)"\s*:')


def unpacked(raw: bytes) -> bytes:
    """A zstd frame, or several, decompressed."""
    return zstandard.ZstdDecompressor().decompressobj(read_across_frames=True).decompress(raw)


def unzigzag(value: int) -> int:
    """0, 1, 2, 3 → 0, -1, 1, -2."""
    return (value >> 1) ^ -(value & 1)


class Block:
    """A block: its ``meta``, and its sections by name."""

    def __init__(self, raw: bytes) -> None:
        checksum, size = struct.unpack_from("<II", raw)
        if zlib.crc32(raw[4:]) != checksum:
            raise ValueError("a block that fails its checksum")
        header, self._data = json.loads(unpacked(raw[8 : 8 + size])), raw[8 + size :]
        self.meta: dict[str, Any] = header["meta"]
        self._places: dict[str, tuple[str, int, list[tuple[int, int]]]] = {}
        at = 0
        for name, (kind, count, sizes) in header["sections"].items():
            planes = []
            for each in sizes:
                planes.append((at, each))
                at += abs(each)
            self._places[name] = kind, count, planes

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def _planes(self, name: str) -> tuple[str, int, list[bytes]]:
        kind, count, places = self._places[name]
        planes = []
        for at, size in places:
            piece = self._data[at : at + abs(size)]
            planes.append(unpacked(piece) if size > 0 else piece if size < 0 else bytes(count))
        return kind, count, planes

    def bytes(self, name: str) -> bytes:
        """A section of bytes; nothing where there is none."""
        return b"".join(self._planes(name)[2]) if name in self else b""

    def texts(self, name: str) -> list[str]:
        """A list of texts joined by NUL."""
        return self.bytes(name).decode("utf-8").split("\0") if name in self else []

    def numbers(self, name: str) -> list[int]:
        """A section of numbers."""
        if name not in self:
            return []
        kind, count, planes = self._planes(name)
        if kind == "b":
            return list(b"".join(planes))
        values = [sum(plane[n] << (8 * k) for k, plane in enumerate(planes)) for n in range(count)]
        if kind == "u":
            return values
        values = [unzigzag(value) for value in values]
        if kind == "d":
            for n in range(1, len(values)):
                values[n] += values[n - 1]
        return values


def filled_columns(block: Block, name: str) -> tuple[list[int], list[str], list[list[list[str]]]]:
    """Templates: the skeleton's number of each text, the skeletons, and per skeleton the rows of each column."""
    which, templates = block.numbers(name), block.meta[name]
    sizes = Counter(which)
    tables = []
    for s, columns in enumerate(templates["columns"]):
        made: list[list[str]] = []
        for c, column in enumerate(columns):
            made.append(_column(block, f"{name}.{s}.{c}", column, made, sizes[s]))
        tables.append(made)
    return which, templates["skeletons"], tables


def _column(
    block: Block, section: str, column: dict[str, Any], before: list[list[str]], size: int
) -> list[str]:
    kind = column["k"]
    if kind == "c":
        rows = [column["v"]] * size
    elif kind == "x":
        rows = [
            _derived(column["op"], before[column["a"]][n], _other(column, before, n)) for n in range(size)
        ]
    elif kind == "s":
        data, width = block.bytes(section).decode("utf-8"), column.get("w")
        cut = [data[n : n + width] for n in range(0, len(data), width)] if width else data.split("\0")
        rows = [column["p"] + text for text in cut]
    else:
        write: dict[str, Callable[[int], str]] = {
            "i": str,
            "d": lambda n: repr(n / 10 ** column["s"]),
            "t": _time,
            "e": lambda n: str(column["v"][n]),
        }
        rows = [write[kind](n) for n in block.numbers(section)]
    odd = column.get("odd", {})
    for n, text in odd.items() if isinstance(odd, dict) else odd:
        rows[int(n)] = text
    return rows


def _time(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:03d}Z"


def _other(column: dict[str, Any], before: list[list[str]], n: int) -> str:
    return before[column["b"]][n] if "b" in column and column["b"] is not None else "0"


def _derived(op: str, left: str, right: str) -> str:
    if op == "=":
        return left
    try:
        a, b = (int(text) if re.fullmatch(r"-?\d+", text) else float(text) for text in (left, right))
        made = {
            "+": lambda: a + b,
            "-": lambda: a - b,
            "/": lambda: a / b,
            "/-1": lambda: a / (b - 1),
            "per": lambda: 1000 / a * b,
            "per-1": lambda: 1000 / a * (b - 1),
        }[op]()
    except (ValueError, ZeroDivisionError):
        return ""  # then the row is one of the odd ones
    return repr(made)


def plain_texts(block: Block, name: str) -> list[str]:
    """Texts of templates without the marks of bodies."""
    which, skeletons, tables = filled_columns(block, name)
    rows: Counter[int] = Counter()
    texts = []
    for s in which:
        values = iter(column[rows[s]] for column in tables[s])
        texts.append(re.sub(VALUE, lambda _: next(values), skeletons[s]))
        rows[s] += 1
    return texts


class Symbols:
    """The token objects that the recordings share: the symbols file, seen through a file's own numbers."""

    def __init__(self, texts: list[str], used: list[int]) -> None:
        self._texts = [texts[place] for place in used]

    def object(self, symbol: int, number: str) -> str:
        """A token's object without its closing brace."""
        text = self._texts[symbol].replace(NUMBER, number)
        if UTF8 in text:
            token = json.loads(f'"{self.token(symbol)}"').encode("utf-8")
            comma = ", " if '"bytes": ' in text else ","
            text = text.replace(UTF8, f"[{comma.join(map(str, token))}]")
        return text

    def token(self, symbol: int) -> str:
        """The JSON text of its token, without the quotes."""
        found = re.search(r'"token":\s*"((?:[^"\\]|\\.)*)"', self._texts[symbol])
        assert found
        return found[1]


class Entries:
    """The token entries of a block, taken one after the other."""

    def __init__(self, block: Block, symbols: Symbols) -> None:
        self._symbols = symbols
        counts = block.numbers("counts")
        sizes = [max(0, count - 1) for count in counts]
        row, loose = self._pairs(block, "row", sizes), self._pairs(block, "loose", None)
        self._rows: list[list[tuple[int, str]] | None] = []
        for count, size in zip(counts, sizes, strict=True):
            self._rows.append([next(row) for _ in range(size)] if count else None)
        self._loose, self._new = loose, 0
        self._refs, self._ranks = iter(block.numbers("refs")), iter(block.numbers("ranks"))

    def _pairs(self, block: Block, name: str, sizes: list[int] | None) -> Iterator[tuple[int, str]]:
        """(symbol, number as written), of all rows."""
        heads = block.numbers(f"{name}.head")
        tail, far = iter(block.numbers(f"{name}.tail")), iter(block.numbers(f"{name}.far"))
        first, change = iter(block.numbers(f"{name}.first")), iter(block.numbers(f"{name}.change"))
        styles, odd = iter(block.numbers(f"{name}.styles")), iter(block.texts(f"{name}.odd"))
        starts = {0}
        for size in sizes if sizes is not None else [1] * len(heads):
            starts.add(max(starts) + size)
        bits = 0
        for place, head in enumerate(heads):
            symbol = next(far) if head == 255 else head
            if 192 <= head < 255:
                symbol = 192 + 256 * (head - 192) + next(tail)
            bits = next(first) if place in starts else (bits + next(change)) % 2**32
            yield symbol, self._written(bits, next(styles), odd)

    @staticmethod
    def _written(bits: int, style: int, odd: Iterator[str]) -> str:
        if style == 2:
            return next(odd)
        value: float = struct.unpack("<f", struct.pack("<I", bits))[0]
        if style == 1:
            shortest = (float(f"{value:.{digits}g}") for digits in range(1, 10))
            return repr(
                next(each for each in shortest if struct.pack("<f", each) == struct.pack("<f", value))
            )
        text = repr(value)
        return text[:-1] + str(int(text[-1]) + 1) if style == 3 else text

    def take(self, spaced: bool) -> tuple[str, str]:
        """(JSON text of the next entry, JSON text of its token)."""
        back = next(self._refs)
        if back == 0:
            self._new += 1
        row = self._rows[self._new - max(1, back)]
        rank = next(self._ranks)
        symbol, number = row[rank - 1] if rank and row is not None else next(self._loose)
        comma, colon = (", ", ": ") if spaced else (",", ":")
        text = self._symbols.object(symbol, number)
        if row is not None:
            alternatives = comma.join(self._symbols.object(*each) + "}" for each in row)
            text += f'{comma}"top_logprobs"{colon}[{alternatives}]'
        return text + "}", self._symbols.token(symbol)


def recordings_of(block: Block, keys: list[str], symbols: Symbols) -> Iterator[dict[str, Any]]:
    """The interactions of a block of recordings."""
    which, skeletons, tables = filled_columns(block, "bodies")
    heads = plain_texts(block, "heads")
    entries, rows, text = Entries(block, symbols), Counter[int](), iter(which)
    numbers = {
        name: block.numbers(name) for name in ("request", "sample", "attempt", "events", "chunks", "cut")
    }
    first, later, spans = (iter(block.numbers(name)) for name in ("first_us", "later_us", "spans"))
    raw = block.bytes("raw")
    for place in range(len(numbers["request"])):
        last: dict[str, str] = defaultdict(str)
        events = []
        for _ in range(numbers["events"][place]):
            s = next(text)
            values = [column[rows[s]] for column in tables[s]]
            rows[s] += 1
            events.append(_event(skeletons[s], values, last, entries).encode("utf-8"))
        chunks = numbers["chunks"][place]
        sizes = [next(spans) for _ in range(chunks)]
        times = [next(first), *(next(later) for _ in range(chunks - 1))] if chunks else []
        if events:
            body = b"\n\n".join(events)
            if not numbers["cut"][place]:
                ends, at = [], 0
                for event in events:
                    at += len(event) + 2
                    ends.append(min(at, len(body)))
                sizes = _between(sizes, ends)
        else:
            body, raw = raw[: sum(sizes)], raw[sum(sizes) :]
        yield {
            **json.loads(heads[place]),
            "key": keys[numbers["request"][place]],
            "sample": numbers["sample"][place],
            "attempt": numbers["attempt"][place],
            "t_us": times,
            "len": sizes,
            "body": body,
        }


def _between(counts: list[int], ends: list[int]) -> list[int]:
    """Sizes in bytes of pieces of so many events each."""
    sizes, at, event = [], 0, 0
    for count in counts:
        event += count
        end = ends[event - 1] if event else 0
        sizes.append(end - at)
        at = end
    return sizes


def _event(skeleton: str, values: list[str], last: dict[str, str], entries: Entries) -> str:
    """The text of an event; ``last`` has the last value behind each key of this recording."""
    made = [entries.take(mark == SPACED) for mark in _MARK.findall(skeleton) if mark in (TIGHT, SPACED)]
    value, entry = iter(values), iter(made)
    out, at = [], 0
    for mark in _MARK.finditer(skeleton):
        out.append(skeleton[at : mark.start()])
        at = mark.end()
        before = _KEY.findall(skeleton[: mark.start()])
        key = before[-1] if before else ""
        if mark[0] == VALUE:
            last[key] = next(value)
            out.append(last[key])
        elif mark[0] == AGAIN:
            out.append(last[key])
        elif mark[0] == TOKENS:
            out.append("".join(token for _, token in made))
        else:
            out.append(next(entry)[0])
    return "".join([*out, skeleton[at:]])


class CassetteOfDocs:
    """A sealed cassette."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.manifest = json.loads((folder / "manifest.json").read_text("utf-8"))

    def _files(self, role: str) -> list[dict[str, Any]]:
        return [each for each in self.manifest["files"] if each["role"] == role]

    def _lines(self, file: dict[str, Any]) -> list[Any]:
        raw = (self._folder / file["name"]).read_bytes()
        raw = unpacked(raw) if file["name"].endswith(".zst") else raw
        return [json.loads(line) for line in raw.split(b"\n") if line]

    def _blocks(self, file: dict[str, Any]) -> list[Block]:
        raw = (self._folder / file["name"]).read_bytes()
        starts = [offset for offset, _ in file.get("frames") or [[0, 0]]]
        return [Block(raw[a:b]) for a, b in zip(starts, [*starts[1:], len(raw)], strict=True)]

    def requests(self) -> list[Any]:
        """The body of each request, in the order of the index."""
        (file,) = self._files("requests")
        if file["name"].endswith(".columns"):
            return [json.loads(t) for block in self._blocks(file) for t in plain_texts(block, "requests")]
        return [line["body"] for line in self._lines(file)]

    def keys(self) -> list[str]:
        """The key of each request."""
        (file,) = self._files("index")
        if not file["name"].endswith(".columns"):
            return list(self._lines(file)[0]["requests"])
        (block,) = self._blocks(file)
        data = block.bytes("keys")
        if not block.meta["hashes"]:
            return list(json.loads(data))
        return [f"v1:{data[n : n + 32].hex()}" for n in range(0, len(data), 32)]

    def interactions(self) -> Iterator[dict[str, Any]]:
        """Every recording, with its body rebuilt."""
        keys, symbols = self.keys(), self._symbols()
        for file in self._files("recordings"):
            if file["name"].endswith(".columns"):
                blocks = self._blocks(file)
                own = Symbols(symbols, blocks[-1].numbers("symbols"))
                for block in blocks[:-1]:
                    yield from recordings_of(block, keys, own)
            else:
                for line in self._lines(file):
                    yield {**line, "body": body_of(line["body"])}

    def _symbols(self) -> list[str]:
        files = self._files("symbols")
        return [
            text for file in files for block in self._blocks(file) for text in plain_texts(block, "symbols")
        ]


def manifest_fits(folder: Path) -> bool:
    """Whether a manifest fits the hash of itself."""
    told = json.loads((folder / "manifest.json").read_bytes())
    stated = told.pop("sha256")
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return bool(stated == hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())
