"""Result files of other tools, and what the proxy recorded of any client, for reports."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from llmxray import limits, sandbox
from llmxray.cassette import Cassette
from llmxray.errors import InputError
from llmxray.experiment import Experiment
from llmxray.interop import read as interop
from llmxray.interop.read import Imported
from llmxray.interop.read.record import slug, unique
from llmxray.plan import PROMPTS, Plan, PlannedSuite
from llmxray.plan.model import trial_id
from llmxray.regular_files import read_regular_file
from llmxray.report.analysis.data import ExperimentData
from llmxray.results import score_recordings
from llmxray.types import ChainName, Condition, Item, LikelihoodScore, PlannedRequest, SuiteCard, Trial

# The first bytes of every format that is read.
_BEGINNINGS = (b"PK", b"{", b"[", b"Category,", b'"Category",')


@dataclass(frozen=True, slots=True)
class ReadSettings:
    """Analysis settings, experiment name and scorer of read files; None for the default."""

    chain: ChainName | None = None
    likelihood: LikelihoodScore | None = None
    bins: int | None = None
    name: str | None = None
    scorer: str | None = None


def read_files(paths: Sequence[Path], settings: ReadSettings | None = None) -> tuple[Imported, ...]:
    """The experiments in files of other tools; in a folder, every file of a known format is read.

    Raises:
        InputError: a file cannot be read, is damaged, or has no known format.
    """
    settings = settings or ReadSettings()
    folders = [path for path in paths if path.is_dir()]
    files = [*_contents(paths)]
    return sandbox.call(
        paths[0].name,
        sum(len(data) for _, data, _ in files),
        interop.read_files,
        files,
        chain=settings.chain or "llmxray",
        likelihood=settings.likelihood or "acc",
        bins=settings.bins,
        name=settings.name or "",
        scorer=settings.scorer or "",
        skip_unknown=bool(folders),
    )


def imported_data(
    imported: Imported, arguments: Sequence[Path] = (), settings: ReadSettings | None = None
) -> ExperimentData:
    """The report data of other tools' files.

    Args:
        arguments: the paths that the command named, for the line that builds the report again.
        settings: those that the files were read with, for the same line.
    """
    told = asdict(settings or ReadSettings())
    return ExperimentData(
        experiment=imported.experiment,
        results=imported.results,
        cassette=imported.replies,
        settings={name: value for name, value in told.items() if value is not None},
        files=imported.files,
        tools=imported.tools,
        input_arguments=tuple(path.name for path in arguments) or imported.files,
    )


class _Folders:
    """Numbers of folders: files of one belong together, whatever of its name shows."""

    def __init__(self) -> None:
        self._numbers: dict[Path, str] = {}
        self._real: dict[Path, str] = {}

    def number_of(self, path: Path) -> str:
        """That of a file's folder, by whatever way it was named; of a link, the folder that the link is in."""
        folder = path.parent
        if folder not in self._real:
            self._real[folder] = self._numbers.setdefault(folder.resolve(), str(len(self._numbers)))
        return self._real[folder]


def _contents(paths: Iterable[Path]) -> Iterator[tuple[str, bytes, str]]:
    """Name, content and number of the folder of each file."""
    folders = _Folders()
    for path in paths:
        if path.is_dir():
            for name, file in _in_folder(path):
                yield name, read_regular_file(file), folders.number_of(file)
        else:
            # The name alone, because the user's folders must not show in a report.
            yield path.name, read_regular_file(path), folders.number_of(path)


def _in_folder(folder: Path) -> Iterator[tuple[str, Path]]:
    files = sorted(path for path in islice(folder.rglob("*"), limits.LOG_FILES + 1) if path.is_file())
    if len(files) > limits.LOG_FILES:
        raise InputError(f"{folder}: more than {limits.LOG_FILES:,} files; name the folder of the logs")
    real = folder.resolve()
    for path in files:
        if _begins_like_log(path):
            # A folder from elsewhere must not bring a file of the user into a report.
            if not path.resolve().is_relative_to(real):
                raise InputError(
                    f"{path}: a link to a file outside of {folder}: name that file itself, or remove the link"
                )
            # Named by its path in the folder, because some tools write files that belong together under equal names.
            yield str(path.relative_to(folder.parent)).replace("\\", "/"), path


def _begins_like_log(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(64)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_BEGINNINGS)


# What is asked, in the words of each API, and what else is no setting of the model.
_ASKED = ("messages", "input", "prompt", "system", "instructions")
_NO_SETTINGS = frozenset({*_ASKED, "model", "stream", "stream_options", "tools"})
_CARD = SuiteCard(
    PROMPTS,
    "What the client asked",
    "Whatever the client was for.",
    "Anything else.",
    "not stated",
    "a client",
)
_LONGEST_TITLE = 60


def recorded_data(directory: Path) -> ExperimentData:
    """The report data of a cassette without an experiment: a condition a model and its settings, an item a prompt.

    Raises:
        CassetteError: nothing is recorded there.
        InputError: it is that of an experiment, or holds no replies that are read.
    """
    cassette = Cassette.existing(directory)
    if cassette.frozen() is not None:
        raise InputError(f"{directory} is the recording of an experiment: report that")
    items: dict[str, Item] = {}
    asked: dict[str, list[tuple[Item, PlannedRequest, int]]] = {}
    bodies: dict[str, Mapping[str, Any]] = {}
    for key, body in _requests(cassette):
        prompt = json.dumps([body.get(name) for name in _ASKED], sort_keys=True)
        text = _question(body) or "(no text)"
        item = items.setdefault(prompt, Item(f"prompt-{len(items) + 1}", text, (), "", category="prompt"))
        of = json.dumps({name: value for name, value in body.items() if name not in _ASKED}, sort_keys=True)
        bodies.setdefault(of, body)
        samples = sorted({entry.address.sample for entry in cassette.entries(key)})
        asked.setdefault(of, []).extend((item, PlannedRequest(key, body), sample) for sample in samples)
    if not asked:
        raise InputError(f"{directory} holds no replies of chat, responses or messages, which alone are read")
    conditions = _conditions(bodies)
    trials = tuple(
        Trial(
            trial_id(conditions[of].id, PROMPTS, item.id, n),
            conditions[of].id,
            PROMPTS,
            item.id,
            n,
            (request,),
        )
        for of, trials_of in asked.items()
        for item, request, n in trials_of
    )
    name = slug(directory.name)
    plan = Plan(
        name,
        "",
        tuple(conditions.values()),
        {PROMPTS: PlannedSuite(_CARD, tuple(items.values()), "text")},
        trials,
    )
    experiment = Experiment.model_validate(
        {
            "experiment": name,
            "title": f"What {_title(directory.name)} recorded",
            "kind": "compare",
            "endpoints": {"server": {"base_url": "http://127.0.0.1/v1"}},
            "prompts": [{"id": item.id, "text": item.question} for item in items.values()],
            "models": [
                {"id": each.id, "endpoint": "server", "model": each.model} for each in conditions.values()
            ],
            "variants": [{"id": "as-asked"}],
        }
    )
    return ExperimentData(
        experiment=experiment,
        results=score_recordings(plan, cassette),
        cassette=cassette,
        files=(directory.name,),
        tools=("llmxray proxy",),
        input_arguments=(directory.as_posix(),),
    )


def _requests(cassette: Cassette) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for record in cassette.requests():
        entries = cassette.entries(record.key)
        route = cassette.head(entries[0].address).route if entries else None
        if route is not None and (route.is_chat or route.other_api):
            yield record.key, record.body


def _question(body: Mapping[str, Any]) -> str:
    """The last thing that the client said."""
    said = next((body[name] for name in ("messages", "input", "prompt") if body.get(name)), "")
    turns = said if isinstance(said, list) else [said]
    last = next(
        (turn for turn in reversed(turns) if not isinstance(turn, dict) or turn.get("role") == "user"), ""
    )
    content = last.get("content", "") if isinstance(last, dict) else last
    if isinstance(content, list):
        content = "\n".join(
            str(part["text"]) for part in content if isinstance(part, dict) and part.get("text")
        )
    return str(content).strip()


def _conditions(bodies: Mapping[str, Mapping[str, Any]]) -> dict[str, Condition]:
    """A condition for each model and its settings, named by what they differ in."""
    models = [str(body.get("model") or "model") for body in bodies.values()]
    settings = [
        {name: value for name, value in body.items() if name not in _NO_SETTINGS} for body in bodies.values()
    ]
    alike = [
        {name: value for name, value in own.items() if all(other.get(name) == value for other in settings)}
        for own in settings
    ]
    found = {}
    for of, name, model, own, same in zip(
        bodies, unique(list(map(slug, models))), models, settings, alike, strict=True
    ):
        differs = ", ".join(f"{field} {value}" for field, value in own.items() if field not in same)
        label = f"{model}, {differs}" if differs and models.count(model) > 1 else model
        found[of] = Condition(name, "server", model, "text", "as the client asked", own, 0, label=label)
    return found


def _title(name: str) -> str:
    return name if len(name) <= _LONGEST_TITLE else f"{name[: _LONGEST_TITLE - 1]}…"
