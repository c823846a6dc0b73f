"""Packs: make, open, reproduce."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from llmxray import __version__, packs
from llmxray import experiment as experiments
from llmxray import report as report_room
from llmxray.cassette import Cassette
from llmxray.cassette.manifest import Manifest
from llmxray.errors import CassetteError, InputError, LlmxrayError, PackError
from llmxray.packs import ClaimedValue, ClaimsComparison, Licence, PackManifest
from llmxray.regular_files import read_regular_file
from llmxray.report import ExperimentData
from llmxray.results import Results
from llmxray.scratch import scratch_folder
from llmxray.workflow.keys import refuse_keys_in_experiment
from llmxray.workflow.preparation import Prepared, Workspace, prepare
from llmxray.workflow.reading import verify_recording

FIGURES, TABLE = "figures.json", "results.csv"
_README = """\
{title}

A pack of llmxray: the experiment, every reply the models gave, and the figures claimed from them.
Made with llmxray {version}: get it where this pack came from, not by its name from a package index. Then check every
figure, with no model, no key and no network:

    llmxray reproduce {name}.xray.zip

To look around or to change the analysis:

    llmxray unpack {name}.xray.zip
    cd {name}
    llmxray run {name}

Licences of the questions and of the models' output are in pack.json.
"""


def make_pack(prepared: Prepared, results: Results, target: Path) -> PackManifest:
    """Write the pack of an experiment; its claims are computed from these results.

    Raises:
        CassetteError: the cassette is not whole, not sealed, or of another plan than the file asks for.
        InputError: something shaped like an API key would be in the pack.
    """
    name, manifest = prepared.experiment.experiment, packable_cassette(prepared)
    figures, table = claims_of(prepared, results)
    # The table holds a reply's text in one piece.
    refuse_keys_in_experiment(prepared, {FIGURES: figures, TABLE: table})
    readme = _README.format(title=prepared.experiment.title or name, name=name, version=__version__)
    recorded = {
        f"cassettes/{name}/{file}": (prepared.cassette / file).read_bytes()
        for file in ("manifest.json", *(record.name for record in manifest.files))
    }
    contents = {
        "README.txt": readme.encode(),
        f"experiments/{name}.yaml": prepared.source.encode(),
        FIGURES: figures,
        TABLE: table,
        **recorded,
    }
    about = PackManifest(
        name,
        prepared.experiment.title or name,
        (),
        _licences(prepared, manifest.facts),
        {**manifest.software, "packed_with": f"llmxray {__version__}"},
        dict(manifest.recorded),
    )
    return packs.write_pack(target, about, contents)


def packable_cassette(prepared: Prepared) -> Manifest:
    """The manifest of the experiment's cassette; refuses a cassette that cannot be packed."""
    name = prepared.experiment.experiment
    if not prepared.frozen:
        raise CassetteError(
            f"{name}: the cassette was not recorded from this file: record it first (run {name} --mode record)"
        )
    # The recipient of a pack with a damaged cassette could not know where the damage came from.
    faults = verify_recording(prepared.cassette)
    if faults:
        raise CassetteError(f"{prepared.cassette} is not whole, so it is not packed: {faults[0]}")
    cassette = Cassette.existing(prepared.cassette)
    manifest = cassette.manifest
    # A journal is not packed: it is still growing, and its bytes depend on the order of answers.
    if manifest is None or not all(entry.file for entry in cassette.all_entries()):
        raise CassetteError(
            f"{prepared.cassette} is not sealed: a recording is under way, or was killed; "
            f"`llmxray run {name} --mode record` goes on from there"
        )
    return manifest


def claims_of(prepared: Prepared, results: Results) -> tuple[bytes, bytes]:
    """The two files of claims: every figure of the pages, and the table of all trials."""
    data = ExperimentData(
        experiment=prepared.experiment, results=results, cassette=Cassette.existing(prepared.cassette)
    )
    return report_room.figures_of(data), report_room.as_csv(data.results.rows)


@dataclass(frozen=True, slots=True)
class OpenPack:
    """A pack that is unpacked into a temporary folder.

    Attributes:
        name: the file or address, as the user gave it.
        folder: where its files are.
    """

    name: str
    folder: Path
    manifest: PackManifest

    @property
    def experiment(self) -> Path:
        """The experiment file; every valid manifest lists it."""
        return self.workspace.experiments / f"{self.manifest.experiment}.yaml"

    @property
    def workspace(self) -> Workspace:
        """The pack's cassettes and experiments."""
        return Workspace(self.folder / "cassettes", self.folder / "experiments")

    def replace_folder(self, text: str) -> str:
        """The text with the pack's name in place of the temporary folder, which the user cannot look into."""
        return text.replace(str(self.folder), self.name)


@contextmanager
def open_pack(pack: Path, name: str = "") -> Iterator[OpenPack]:
    """Unpack a pack into a temporary folder; llmxray's errors name the pack, not the folder.

    Args:
        name: the address that the pack was fetched from; by default its path.

    Raises:
        PackError: the file is not a pack, is not safe, or is not about the experiment that its manifest names.
    """
    name = name or str(pack)
    with scratch_folder("pack") as temporary:
        # Resolved, because errors quote resolved paths (macOS keeps temporary files behind a link).
        folder = Path(temporary).resolve() / "pack"
        try:
            manifest = packs.unpack(pack, folder)
            inside = OpenPack(name, folder, manifest)
            _check_experiment(inside)
            yield inside
        except LlmxrayError as error:
            error.args = (str(error).replace(str(folder), name).replace(str(pack), name),)
            raise


def refuse_other_pages(name: str, cassettes: Path, own: Workspace, out: Path) -> None:
    """Refuse to overwrite pages of the user's own recording with those of another one of its name.

    Args:
        name: of the experiment.
        cassettes: where the other recording is.
        own: where the user's experiments and cassettes are.
        out: folder of the site.

    Raises:
        InputError: such pages exist; the message says how to keep both.
    """
    recorded, other = (folder / name / "manifest.json" for folder in (own.cassettes, cassettes))
    if (
        (out / name).exists()
        and recorded.is_file()
        and read_regular_file(recorded) != read_regular_file(other)
    ):
        raise InputError(
            f"{out / name} has pages of your own {name}, of another recording: name another folder with --out"
        )


def _check_experiment(inside: OpenPack) -> None:
    """Refuse a pack whose manifest names another experiment than its experiment file."""
    name = experiments.load(inside.experiment).experiment
    if name != inside.manifest.experiment:
        raise PackError(
            f"{inside.name} says that it is about {inside.manifest.experiment}, its experiment file is about {name}"
        )


def read_claims(folder: Path) -> list[ClaimedValue]:
    """The claims of an unpacked pack, or of an experiment's folder on a site.

    Raises:
        PackError: a file of claims is missing or malformed.
        InputError: one cannot be read, or is too large.
    """
    claimed = []
    for name, read in ((FIGURES, packs.figure_claims), (TABLE, packs.table_claims)):
        path = folder / name
        if not path.is_file():
            raise PackError(f"there is no {path}: nothing is claimed that could be reproduced")
        claimed += read(read_regular_file(path), file=str(path))
    return claimed


def prepare_reproduction(path: Path, workspace: Workspace) -> tuple[Prepared, tuple[str, ...]]:
    """The experiment with its frozen plan, and its cassette's faults.

    Raises:
        CassetteError: the cassette is of another plan than the experiment file asks for.
    """
    # Oddities of the plan are part of the answer.
    prepared = prepare(path, replace(workspace, tell=lambda _: None))
    Cassette.existing(prepared.cassette)
    # Checked before the replay: with damaged files, differing numbers would say nothing about the experiment.
    faults = tuple(verify_recording(prepared.cassette))
    if not faults and not prepared.frozen:
        raise CassetteError(f"{path.name} asks for other requests than those in {prepared.cassette.name}")
    return prepared, faults


def compare_claims(prepared: Prepared, results: Results, claimed: list[ClaimedValue]) -> ClaimsComparison:
    """Compare the claims with the numbers of the replayed results."""
    figures, table = claims_of(prepared, results)
    recomputed = packs.figure_claims(figures, file=FIGURES) + packs.table_claims(table, file=TABLE)
    return packs.compare(claimed, recomputed)


def _licences(prepared: Prepared, facts: object) -> tuple[Licence, ...]:
    questions = [
        Licence("questions", name, suite.card.licence, suite.card.source, suite.card.citation)
        for name, suite in prepared.plan.suites.items()
    ]
    known = facts if isinstance(facts, dict) else {}
    models = {}
    for condition in prepared.plan.conditions:
        fact = known.get(f"{condition.endpoint}/{condition.model}")
        # A stranger's manifest may have any value there.
        models[condition.model] = fact if isinstance(fact, dict) else {}
    return (
        *questions,
        *(
            Licence("model", name, str(fact.get("licence") or ""), str(fact.get("model") or ""))
            for name, fact in models.items()
        ),
    )
