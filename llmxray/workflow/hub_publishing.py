"""The Hugging Face Hub: a site as a static Space, its results and packs as a data set, each written as a folder.

`write` makes both folders, `push` sends them; nothing else here connects to anything.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from llmxray import experiment as experiments
from llmxray import names, packs
from llmxray import report as report_room
from llmxray.errors import InputError, MissingExtraError, RunFailedError
from llmxray.interop.write import dataset_card
from llmxray.interop.write.dataset_card import CardPart
from llmxray.plain import plain_bytes
from llmxray.results import COLUMN_TYPES
from llmxray.workflow.exporting import study_of
from llmxray.workflow.key_search import refuse_keys_in_experiment, refuse_keys_in_site
from llmxray.workflow.packing import make_pack
from llmxray.workflow.preparation import Prepared, Workspace, prepare
from llmxray.workflow.reading import read_results
from llmxray.workflow.report import data_of

PREFIX = "hf/"
SPACE, DATASET = "space", "dataset"
_CARD = dataset_card.CARD


@dataclass(frozen=True, slots=True)
class HubTarget:
    """A Space and a data set of one name, and the folder that holds both.

    Attributes:
        repository: ORG/NAME.
        folder: has the folders ``space`` and ``dataset``.
    """

    repository: str
    folder: Path

    @property
    def part(self) -> Path:
        """Where the folder is written until it is complete."""
        return self.folder.with_name(f"{self.folder.name}.part")

    def commands(self) -> Iterator[tuple[str, ...]]:
        """The commands that publish both, as words."""
        kind = ("--repo-type", "space")
        yield "hf", "repos", "create", self.repository, *kind, "--space-sdk", "static", "--exist-ok"
        yield "hf", "upload", self.repository, str(self.folder / SPACE), ".", *kind, "--delete", "*"
        yield "hf", "upload", self.repository, str(self.folder / DATASET), ".", "--repo-type", "dataset"


def target_of(to: str, root: Path) -> HubTarget:
    """The target that ``hf/ORG/NAME`` names: that repository on the Hub, and a folder of that name below ``root``.

    Raises:
        InputError: the Hub takes no such name, or a link or a folder that llmxray did not write is in the way.
    """
    repository = to.removeprefix(PREFIX)
    complaint = "" if to.startswith(PREFIX) else f"{to!a} does not begin with {PREFIX}"
    complaint = complaint or names.HUB_REPOSITORY.complaint(repository)
    if not complaint and (repository.endswith(".git") or any(map(names.is_device, repository.split("/")))):
        complaint = f"{repository} cannot be a repository"
    if complaint:
        raise InputError(f"--to takes hf/ORG/NAME, such as hf/my-lab/my-report: {complaint}")
    if not root.is_dir():
        raise InputError(f"{root} is not a folder: name the top of your repository")
    folder = root / to
    target = HubTarget(repository, folder)
    for place in (*(root / parent for parent in list(Path(to).parents)[:-1]), folder, target.part):
        if place.is_symlink():
            raise InputError(f"{place} is a link: remove it")
    if folder.exists() and not _is_ours(folder):
        raise InputError(f"{folder} exists and is not ours: move it away")
    return target


def _is_ours(folder: Path) -> bool:
    """Whether the folder holds only what `write` wrote, so that it can be replaced."""
    if not folder.is_dir() or {path.name for path in folder.iterdir()} != {SPACE, DATASET}:
        return False
    cards = [folder / name / _CARD for name in (SPACE, DATASET)]
    return all(card.is_file() and f"- {dataset_card.TAGS[0]}\n" in card.read_text("utf-8") for card in cards)


def write(target: HubTarget, site: Path, workspace: Workspace) -> None:
    """Write both folders anew; the old ones stay until the new ones are complete.

    Args:
        target: the folders.
        site: has been checked for faults.
        workspace: the experiments and cassettes that the site shows.

    Raises:
        InputError: the site shows no experiment of this workspace, or results that differ from its recordings; or
            something shaped like a key is in a cassette or in the site.
        CassetteError: a cassette is not whole.
    """
    if site.resolve() in target.folder.resolve().parents:
        raise InputError(f"{target.folder} lies in the site itself: name another folder with --repository")
    shown_experiments = list(_shown_experiments(site, workspace))
    if not shown_experiments:
        raise InputError(
            f"{site} shows no experiment of {workspace.experiments}: the data set would have no results"
        )
    refuse_keys_in_site(site)
    title = workspace.site().title or (
        shown_experiments[0].experiment.title if len(shown_experiments) == 1 else ""
    )
    title = title or target.repository.rpartition("/")[2]
    part = target.part
    shutil.rmtree(part, ignore_errors=True)  # of a process that was killed
    try:
        _write_dataset(part / DATASET, site, shown_experiments, title)
        _write_space(part / SPACE, site, title, target.repository)
        if target.folder.exists():
            shutil.rmtree(target.folder)
        part.rename(target.folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _shown_experiments(site: Path, workspace: Workspace) -> Iterator[Prepared]:
    """The experiments that the site shows, as they were recorded."""
    for path in workspace.all():
        if (site / experiments.load(path).experiment / dataset_card.TABLE).is_file():
            prepared = prepare(path, workspace, recorded=True)
            # Checked before anything is written: a published key cannot be taken back.
            refuse_keys_in_experiment(prepared)
            yield prepared


def _write_dataset(folder: Path, site: Path, shown_experiments: list[Prepared], title: str) -> None:
    parts = []
    for prepared in shown_experiments:
        name, results = prepared.experiment.experiment, read_results(prepared)
        data = data_of(prepared, results)
        table = report_room.as_parquet(data.results.rows)
        if table != plain_bytes(site / name / dataset_card.TABLE):
            raise InputError(
                f"{site / name} shows other results than the recordings give: build it again (llmxray report {name})"
            )
        pack = f"packs/{name}.xray.zip"
        part = CardPart(study_of(data, "parquet"), f"{name}/{dataset_card.TABLE}", name, pack)
        (folder / name).mkdir(parents=True)
        (folder / part.table).write_bytes(table)
        (folder / "packs").mkdir(exist_ok=True)
        made = make_pack(prepared, results, folder / pack)
        parts.append(CardPart(part.study, part.table, name, pack, packs.fingerprint(made)))
    card = dataset_card.card(parts, COLUMN_TYPES, title)
    (folder / _CARD).write_bytes(card.encode("utf-8", "replace"))


def _write_space(folder: Path, site: Path, title: str, repository: str) -> None:
    for path in sorted(path for path in site.rglob("*") if path.is_file()):
        name = path.relative_to(site)
        # The README is written below, because the Hub reads its settings from it. Hidden files are for other hosts.
        if name.as_posix() == _CARD or any(part.startswith(".") for part in name.parts):
            continue
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, folder / name)
    front = {
        "title": title,
        "emoji": "🔬",
        "colorFrom": "blue",
        "colorTo": "gray",
        "sdk": "static",
        "pinned": False,
        "tags": list(dataset_card.TAGS),
        "datasets": [repository],
    }
    text = f"{dataset_card.front_matter(front)}\nA report of llmxray, built from recordings.\n"
    (folder / _CARD).write_bytes(text.encode("utf-8", "replace"))


def push(target: HubTarget) -> Iterator[str]:
    """Send both folders; yields the address of each once it is sent.

    Files of the Space that are no part of the site are deleted there; the data set keeps its other files.

    Raises:
        InputError: there is no token.
        MissingExtraError: huggingface_hub is not installed.
        RunFailedError: the Hub refused, or cannot be reached.
    """
    hub = _client()
    if not hub.get_token():
        raise InputError("nothing was sent: there is no token. Run `hf auth login`, or set HF_TOKEN")
    api = hub.HfApi()
    for kind, folder, unwanted in ((SPACE, SPACE, ["*"]), (DATASET, DATASET, None)):
        try:
            made = api.create_repo(
                target.repository,
                repo_type=kind,
                space_sdk="static" if kind == SPACE else None,
                exist_ok=True,
            )
            api.upload_folder(
                repo_id=target.repository,
                repo_type=kind,
                folder_path=target.folder / folder,
                commit_message="Publish a report of llmxray",
                delete_patterns=unwanted,
            )
        # The client raises errors of its own, of its HTTP library, and others for an answer that it cannot read.
        except Exception as error:
            first = f"{type(error).__name__}: {str(error).strip().partition('\n')[0]}"
            raise RunFailedError(f"the {kind} {target.repository} was not published: {first}") from error
        yield str(made)


def _client() -> ModuleType:
    try:
        import huggingface_hub  # noqa: PLC0415  an extra, and slow to import
    except ModuleNotFoundError as error:
        raise MissingExtraError("publishing on the Hub", "hub") from error
    return huggingface_hub
