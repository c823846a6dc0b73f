"""The Hugging Face Hub: a site as a static Space, its results and packs as a data set, each written as a folder.

`write_hub_folders` makes both folders, `push` sends them; nothing else here connects to anything.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from llmxray import experiment as experiments
from llmxray import names, packs
from llmxray import report as report_room
from llmxray.errors import InputError, MissingExtraError, RunFailedError
from llmxray.interop.write import dataset_card
from llmxray.interop.write.dataset_card import CardPart
from llmxray.regular_files import read_regular_file
from llmxray.results import COLUMN_TYPES
from llmxray.workflow.exporting import study_of
from llmxray.workflow.keys import refuse_keys_in_experiment, refuse_keys_in_site
from llmxray.workflow.packing import make_pack, packable_cassette
from llmxray.workflow.preparation import Prepared, Workspace, prepare
from llmxray.workflow.reading import read_results
from llmxray.workflow.report import report_data

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

    def commands(self) -> Iterator[tuple[str, ...]]:
        """The commands that publish both, as words."""
        kind = ("--repo-type", "space")
        yield "hf", "repos", "create", self.repository, *kind, "--space-sdk", "static", "--exist-ok"
        yield "hf", "upload", self.repository, str(self.folder / SPACE), ".", *kind, "--delete", "*"
        yield "hf", "upload", self.repository, str(self.folder / DATASET), ".", "--repo-type", "dataset"


def target_of(to: str, root: Path) -> HubTarget:
    """The target that ``hf/ORG/NAME`` names: that repository on the Hub, and a folder of that name below ``root``.

    Raises:
        InputError: the Hub refuses the name, or ``root`` does not exist.
    """
    repository = to.removeprefix(PREFIX)
    complaint = "" if to.startswith(PREFIX) else f"{to!a} does not begin with {PREFIX}"
    complaint = complaint or names.HUB_REPOSITORY.complaint(repository)
    if complaint:
        raise InputError(f"--to takes hf/ORG/NAME, such as hf/my-lab/my-report: {complaint}")
    if not root.is_dir():
        raise InputError(f"{root} is not a folder: name the top of your repository")
    return HubTarget(repository, root / to)


def write_hub_folders(target: HubTarget, site: Path, workspace: Workspace) -> None:
    """Write both folders anew.

    Args:
        target: the folders.
        site: has been checked for faults.
        workspace: the experiments and cassettes that the site shows.

    Raises:
        InputError: the site shows no experiment of this workspace, or results that differ from its recordings; or
            something shaped like a key is in a cassette or in the site.
        CassetteError: a cassette is not whole.
    """
    shown = [path for path in workspace.all() if _table(site, experiments.load(path).experiment).is_file()]
    if not shown:
        raise InputError(
            f"{site} shows no experiment of {workspace.experiments}: the data set would have no results"
        )
    recorded = [prepare(path, workspace, recorded=True) for path in shown]
    # All is checked before anything is written: a published key cannot be taken back.
    for prepared in recorded:
        refuse_keys_in_experiment(prepared)
        packable_cassette(prepared)
        name = prepared.experiment.experiment
        if report_room.as_parquet(read_results(prepared).rows) != read_regular_file(_table(site, name)):
            raise InputError(
                f"{site / name} shows other results than the recordings give: build it again (llmxray report {name})"
            )
    refuse_keys_in_site(site)
    title = workspace.site().title or (recorded[0].experiment.title if len(recorded) == 1 else "")
    title = title or target.repository.rpartition("/")[2]
    for folder in (target.folder / SPACE, target.folder / DATASET):
        shutil.rmtree(folder, ignore_errors=True)
    _write_dataset(target.folder / DATASET, recorded, title)
    _write_space(target.folder / SPACE, site, title, target.repository)


def _table(site: Path, name: str) -> Path:
    return site / name / dataset_card.TABLE


def _write_dataset(folder: Path, recorded: list[Prepared], title: str) -> None:
    parts = []
    (folder / "packs").mkdir(parents=True)
    for prepared in recorded:
        name, results = prepared.experiment.experiment, read_results(prepared)
        data = report_data(prepared, results)
        table, pack = f"{name}/{dataset_card.TABLE}", f"packs/{name}.xray.zip"
        (folder / name).mkdir()
        (folder / table).write_bytes(report_room.as_parquet(data.results.rows))
        manifest = make_pack(prepared, results, folder / pack)
        parts.append(CardPart(study_of(data, "parquet"), table, name, pack, packs.fingerprint(manifest)))
    card = dataset_card.card(parts, COLUMN_TYPES, title)
    (folder / _CARD).write_bytes(card.encode("utf-8", "replace"))


def _write_space(folder: Path, site: Path, title: str, repository: str) -> None:
    # Hidden files are for other hosts.
    shutil.copytree(site, folder, ignore=shutil.ignore_patterns(".*"))
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
    # In the place of the site's own, because the Hub reads its settings from it.
    text = f"{dataset_card.front_matter(front)}\nA report of llmxray, built from recordings.\n"
    (folder / _CARD).write_bytes(text.encode("utf-8", "replace"))


def push(target: HubTarget) -> Iterator[str]:
    """Send both folders; yields the address of each once it is sent.

    Other files of the Space are deleted; the data set keeps its other files.

    Raises:
        InputError: the token is missing.
        MissingExtraError: huggingface_hub is not installed.
        RunFailedError: the Hub refused, or cannot be reached.
    """
    try:
        import huggingface_hub as hub  # noqa: PLC0415  an extra, and slow to import
    except ModuleNotFoundError as error:
        raise MissingExtraError("publishing on the Hub", "hub") from error
    if not hub.get_token():
        raise InputError("nothing was sent: there is no token. Run `hf auth login`, or set HF_TOKEN")
    api = hub.HfApi()
    for kind, sdk, unwanted in ((SPACE, "static", ["*"]), (DATASET, None, None)):
        try:
            address = api.create_repo(target.repository, repo_type=kind, space_sdk=sdk, exist_ok=True)
            api.upload_folder(
                repo_id=target.repository,
                repo_type=kind,
                folder_path=target.folder / kind,
                commit_message="Publish a report of llmxray",
                delete_patterns=unwanted,
            )
        # The client raises its own errors, those of its HTTP library, and others for unreadable answers.
        except Exception as error:
            first = f"{type(error).__name__}: {str(error).strip().partition('\n')[0]}"
            raise RunFailedError(f"the {kind} {target.repository} was not published: {first}") from error
        yield str(address)
