"""The engine of the page: llama.cpp compiled to WebAssembly, an npm package that is fetched when a site is built."""

from __future__ import annotations

import base64
import hashlib
import io
import shutil
import subprocess
import tarfile
import tempfile
import zlib
from pathlib import Path

from llmxray.errors import InputError

PACKAGE, VERSION = "@wllama/wllama", "3.13.0"
_NAME = f"{PACKAGE} {VERSION}"
_SHA256 = "a9eaac205ff9a1d6fdbea395a48652bd5febc56511a7b66b736d862bf726d2d5"
_TIMEOUT_S = 300


def fetch_engine(cache: Path) -> bytes:
    """The engine's package, from the user's cache or else from npm; it is used only if its SHA-256 is right.

    Raises:
        InputError: it is not in the cache, and there is no npm, or npm cannot fetch it.
    """
    kept = cache / f"wllama-{VERSION}.tgz"
    if kept.is_file() and _is_official(data := kept.read_bytes()):
        return data
    npm = shutil.which("npm")
    if npm is None:
        raise InputError(
            f"--live needs the npm package {_NAME}, and npm is not installed: install Node.js, or build without --live"
        )
    with tempfile.TemporaryDirectory() as folder:
        # A project's own settings lie in the folder that npm is started in.
        command = [npm, "pack", f"{PACKAGE}@{VERSION}", "--silent", "--fetch-retries=1"]
        try:
            subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=_TIMEOUT_S)
        except (OSError, subprocess.SubprocessError):
            raise InputError(
                f"--live needs the npm package {_NAME}, and npm could not fetch it: go online once, or build "
                "without --live"
            ) from None
        data = next(Path(folder).glob("*.tgz")).read_bytes()
    if not _is_official(data):
        raise InputError(f"npm sent another file than the published {_NAME}: build without --live")
    cache.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(data)
    return data


def _is_official(data: bytes) -> bool:
    return hashlib.sha256(data).hexdigest() == _SHA256


def scripts(package: bytes) -> dict[str, bytes]:
    """Two classic scripts, by name: the package's own, and its WebAssembly deflated and in base64.

    A page from disk may load neither a module nor a file of WebAssembly.
    """
    with tarfile.open(fileobj=io.BytesIO(package)) as archive:
        licence, script, binary = (
            archive.extractfile(f"package/{name}").read()  # type: ignore[union-attr]
            for name in ("LICENCE", "esm/index.cjs", "esm/wasm/wllama.wasm")
        )
    packed = base64.b64encode(zlib.compress(binary, 9))
    about = b"/* " + _NAME.encode() + b"\n" + licence + b"*/\n"
    return {
        f"wllama-{VERSION}.js": about
        + b"(function (module, exports) {\n"
        + script
        + b"\nllmxray.wllama = module.exports;\n})({ exports: {} }, {});\n",
        f"wllama-{VERSION}-wasm.js": about + b'llmxray.wasm = "' + packed + b'";\n',
    }
