"""Packs end to end: made twice, moved, reproduced; and what happens to one that claims too much."""

import json
import shutil
import socket
import subprocess
from pathlib import Path
from zipfile import ZipFile

import pytest

from llmxray import __version__, workflow
from llmxray.cassette import Cassette, remove_recordings
from llmxray.errors import RunFailedError
from llmxray.packs import fingerprint, read_manifest
from tests import commands
from tests.commands import python
from tests.packs.conftest import EXPERIMENT, record, reply
from tests.packs.zips import members_of, rezipped

ROOT = Path(__file__).parent.parent.parent


def llmxray(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a folder."""
    return commands.llmxray(*arguments, at=folder)


def test_the_same_experiment_gives_the_same_bytes(recorded, pack, tmp_path):
    """Packed again, in another process, under another name of the folder and of the file."""
    command = ("-m", "llmxray", "pack", "tiny", "-o", tmp_path / "other.zip")
    done = python(*command, at=recorded.cassettes.parent)
    assert (tmp_path / "other.zip").read_bytes() == pack.read_bytes()
    # By its name alone, anybody's package would be installed.
    readme = members_of(pack)["README.txt"].decode()
    assert (f"Made with llmxray {__version__}: get it where" in readme, "pip" in readme) == (True, False)
    assert f"fingerprint of the pack: {fingerprint(read_manifest(pack))}\n" in done.stdout


def test_a_pack_states_licences_versions_and_hashes(pack):
    """What someone needs to know before passing it on."""
    about = json.loads(ZipFile(pack).read("pack.json"))
    questions = next(licence for licence in about["licences"] if licence["what"] == "questions")
    assert (questions["name"], questions["licence"]) == ("starter/arc", "CC BY 4.0")
    assert [licence["name"] for licence in about["licences"] if licence["what"] == "model"] == [
        "m-one",
        "m-two",
    ]
    assert about["software"]["packed_with"].startswith("llmxray ")
    assert {"experiments/tiny.yaml", "cassettes/tiny/manifest.json"} <= {
        record["name"] for record in about["files"]
    }


def test_a_pack_reproduces_in_an_empty_folder(pack, tmp_path):
    """Exit 0, every number, a report."""
    done = llmxray(tmp_path, "reproduce", str(pack))
    assert done.returncode == 0, done.stderr
    header, *rows = ZipFile(pack).read("results.csv").splitlines()
    cells = len(rows) * (len(header.split(b",")) - len(("condition", "suite", "item_id", "sample")))
    total = len(ZipFile(pack).read("figures.json").splitlines()) - len("{}") + cells
    assert f"reproduced: {total:,} of {total:,} numbers" in done.stdout
    assert f"fingerprint of the pack: {fingerprint(read_manifest(pack))}\n" in done.stdout
    assert (tmp_path / "site" / "tiny" / "results.html").exists()


def test_a_pack_that_claims_too_much_is_told_which_and_by_how_much(pack, tmp_path):
    """A forger may list hashes truthfully; the recordings still say what they say."""
    members = members_of(pack)
    figures = json.loads(members["figures.json"])
    figures["accuracy/one"] += 0.25
    figures["x\nfingerprint of the pack: 0000 0000 0000 0000"] = 1
    members["figures.json"] = json.dumps(figures).encode()
    members["results.csv"] = members["results.csv"].replace(b",wrong,", b",correct,", 1)
    forged = rezipped(tmp_path / "forged.zip", members, relist=True)
    done = llmxray(tmp_path, "reproduce", str(forged))
    assert done.returncode == 1
    assert "accuracy/one: claimed" in done.stdout
    assert "(off by -0.25)" in done.stdout
    assert "claimed 'correct', found 'wrong'" in done.stdout
    # A name with a line feed prints no line that looks like ours.
    assert ["fingerprint"] == [
        line[:11] for line in done.stdout.splitlines() if line.startswith("fingerprint")
    ]
    assert "0000 0000 0000 0000: claimed" in done.stdout
    assert done.stderr.count("\n") == 1


def test_a_pack_that_claims_a_part_is_told_what_is_missing(pack, tmp_path):
    """Rows that are not right were left out; figures that were are counted."""
    members = members_of(pack)
    header, *rows = members["results.csv"].splitlines(keepends=True)
    kept = [row for row in rows if b",wrong," not in row]
    figures = json.dumps({"accuracy/one": json.loads(members["figures.json"])["accuracy/one"]}).encode()
    fewer = {**members, "figures.json": figures, "results.csv": b"".join([header, *kept])}
    done = llmxray(tmp_path, "reproduce", str(rezipped(tmp_path / "fewer.zip", fewer, relist=True)))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stdout.count(": a row that was recorded, and is not claimed\n") == len(rows) - len(kept) > 0
    assert "figures of today's pages are not claimed\n" in done.stdout


def test_a_pack_that_claims_nothing_reproduces_nothing(pack, tmp_path):
    """Not a single row, and no figure."""
    members = members_of(pack)
    members |= {"figures.json": b"{}", "results.csv": members["results.csv"].splitlines(keepends=True)[0]}
    done = llmxray(tmp_path, "reproduce", str(rezipped(tmp_path / "none.zip", members, relist=True)))
    assert done.returncode == 1


def test_labels_that_were_changed_after_recording_are_told(pack, tmp_path):
    """Two models whose names were swapped have the same figures; both names are said, once on Methods."""
    members = members_of(pack)
    text = members["experiments/tiny.yaml"]
    for name, label in (("one", "two"), ("two", "one")):
        text = text.replace(
            b"{id: %b," % name.encode(), b"{id: %b, label: %b," % (name.encode(), label.encode())
        )
    swapped = rezipped(tmp_path / "swapped.zip", {**members, "experiments/tiny.yaml": text}, relist=True)
    changes = [
        "condition one is labelled “two”, recorded as “one”",
        "condition two is labelled “one”, recorded as “two”",
    ]
    done = llmxray(tmp_path, "reproduce", str(swapped))
    assert done.returncode == 0, done.stderr
    assert [f"changed after recording: {change}" for change in changes] == done.stdout.splitlines()[:2]
    page = (tmp_path / "site" / "tiny" / "methods.html").read_text("utf-8")
    assert f"Changed after recording: {'; '.join(changes)}." in page


def test_a_pack_whose_yaml_is_hostile_is_refused(pack, tmp_path):
    """Objects and aliases: the loader takes neither (row 17 of docs/maintainers/failures.md)."""
    for evil in (b"experiment: !!python/object/apply:os.system [id]\n", b"a: &a [x, x]\nb: [*a, *a]\n"):
        members = {**members_of(pack), "experiments/tiny.yaml": evil}
        done = llmxray(tmp_path, "reproduce", str(rezipped(tmp_path / "evil.zip", members, relist=True)))
        assert done.returncode == 2, done.stdout
        assert done.stderr.count("\n") == 1
        assert "Traceback" not in done.stderr
        assert done.stderr.startswith(f"llmxray: {tmp_path / 'evil.zip'}/experiments/tiny.yaml:")


def test_a_student_changes_the_analysis_of_an_unpacked_pack(pack, tmp_path):
    """Other bins and another baseline need no model."""
    assert llmxray(tmp_path, "unpack", str(pack), "-o", "mine").returncode == 0
    path = tmp_path / "mine" / "experiments" / "tiny.yaml"
    path.write_text(EXPERIMENT + "analysis: {bins: 5, baseline: two}\n")
    assert llmxray(tmp_path / "mine", "run", "tiny").returncode == 0


def test_a_pack_runs_as_it_is(pack, tmp_path):
    """Straight from the zip, into a report; it is never recorded into."""
    done = llmxray(tmp_path, "run", str(pack))
    assert done.returncode == 0, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
    assert (tmp_path / "site" / "tiny" / "index.html").exists()
    refused = llmxray(tmp_path, "run", str(pack), "--mode", "record")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "unpack it to record more" in refused.stderr


def test_a_site_is_reproduced_from_its_cassette(recorded, tmp_path):
    """`reproduce NAME` checks what a published folder claims, and leaves its first page as the author wants it."""
    folder = shutil.copytree(recorded.cassettes.parent, tmp_path / "work")
    (folder / "experiments/site.yaml").write_text("title: All that we asked\n")
    assert llmxray(folder, "report", "tiny", "--out", str(tmp_path / "site")).returncode == 0
    before = (tmp_path / "site/index.html").read_bytes()
    assert b"All that we asked" in before
    done = llmxray(folder, "reproduce", "tiny", "--out", str(tmp_path / "site"))
    assert done.returncode == 0, done.stderr
    assert "reproduced:" in done.stdout
    assert (tmp_path / "site/index.html").read_bytes() == before


def test_offline_means_offline():
    """The interpreter refuses what would leave the machine, lookups included; loopback works."""
    with workflow.loopback_only():
        with pytest.raises(RunFailedError, match="tried to reach 192\\.0\\.2\\.1"):
            socket.create_connection(("192.0.2.1", 9), timeout=0.2)
        with pytest.raises(RunFailedError, match="tried to reach example\\.org"):
            socket.getaddrinfo("example.org", 80)
        with pytest.raises(RunFailedError, match="tried to reach example\\.org"):
            socket.getaddrinfo(b"example.org", 80)
        with pytest.raises(RunFailedError, match="tried to reach example\\.net"):
            socket.gethostbyname("example.net")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender, pytest.raises(RunFailedError):
            sender.sendmsg([b"x"], [], 0, ("192.0.2.1", 9))
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname()).close()


def test_a_pack_takes_nobodys_place(pack, recorded, tmp_path):
    """Of one's own experiment and another recording: its pages stay until one says where the others go."""
    record(tmp_path, reply=lambda letter, sure: reply("A", sure))
    assert llmxray(tmp_path, "report", "tiny").returncode == 0
    before = (tmp_path / "site" / "tiny" / "results.csv").read_bytes()
    for command in ("run", "reproduce"):
        refused = llmxray(tmp_path, command, str(pack))
        assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
        assert "has pages of your own tiny, of another recording" in refused.stderr
        assert "--out" in refused.stderr
        assert before == (tmp_path / "site" / "tiny" / "results.csv").read_bytes()
        assert llmxray(tmp_path, command, str(pack), "--out", command).returncode == 0
    # One's own pack is no stranger's.
    assert llmxray(tmp_path, "pack", "tiny", "-o", "own.zip").returncode == 0
    assert llmxray(tmp_path, "reproduce", "own.zip").returncode == 0


def test_two_of_one_name_are_not_mixed(pack, recorded, tmp_path):
    """As hand-ins of a class are: one line, and the pages of the first are whole."""
    second = shutil.copy(pack, tmp_path / "second.xray.zip")
    refused = llmxray(tmp_path, "run", str(pack), str(second), "--out", "both")
    assert (refused.returncode, refused.stderr.count("two experiments are called tiny")) == (2, 1)
    assert llmxray(tmp_path, "run", str(pack), "--out", "one").returncode == 0
    both, one = ({path.name for path in (tmp_path / name / "tiny").iterdir()} for name in ("both", "one"))
    assert both == one
    single = llmxray(tmp_path, "run", str(pack), str(pack), "--out", "twice")
    assert "two experiments are called tiny" in single.stderr
    # One's own experiment, named twice, is one.
    record(tmp_path)
    assert llmxray(tmp_path, "run", "tiny", "experiments/tiny.yaml", "--out", "own").returncode == 0


def test_a_pack_that_names_a_data_set_fetches_none(pack, tmp_path):
    """Run as it is, with a plan that its file does not have: nothing is looked for elsewhere."""
    members = members_of(pack)
    other = members["experiments/tiny.yaml"].replace(
        b"{suite: starter/arc, limit: 12}",
        b"{suite: arc, config: ARC-Challenge, source: {hub: allenai/ai2_arc, revision: main}, limit: 12}",
    )
    evil = rezipped(tmp_path / "evil.zip", {**members, "experiments/tiny.yaml": other}, relist=True)
    done = llmxray(tmp_path, "run", str(evil))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "cannot be read from the hub" in done.stderr or "needs an optional package" in done.stderr


def test_half_a_recording_is_no_recording(tmp_path):
    """What was never asked is no error of a server, and no result without saying the share."""
    where = record(tmp_path)
    path = where.find("tiny")
    whole = path.read_text("utf-8")
    path.write_text(whole.replace("temperature: 0", "temperature: 0.5"), "utf-8")
    for options in ((), ("--partial",)):
        done = llmxray(tmp_path, "report", "tiny", *options)
        assert (done.returncode, "tiny: only 0 of 24 answers recorded" in done.stderr) == (1, True), (
            done.stderr
        )
    path.write_text(whole.replace("limit: 12", "limit: 15"), "utf-8")
    done = llmxray(tmp_path, "report", "tiny")
    assert (done.returncode, "only 24 of 30 answers recorded" in done.stderr) == (1, True), done.stderr
    # As a killed recording of the file as it is.
    path.write_text(whole, "utf-8")
    cassette = Cassette(where.cassettes / "tiny")
    remove_recordings(cassette.directory, [entry.address for entry in list(cassette.all_entries())[:20]])
    for command in (("report",), ("pack", "tiny")):
        done = llmxray(tmp_path, *command)
        assert (done.returncode, "tiny: only 4 of 24 answers recorded" in done.stderr) == (1, True), (
            done.stderr
        )
    done = llmxray(tmp_path, "report", "tiny", "--partial")
    assert (done.returncode, "Partial recording: 4 of 24 answers recorded." in done.stderr) == (0, True), (
        done.stderr
    )
    rows = (tmp_path / "site/tiny/results.csv").read_text("utf-8").splitlines()[1:]
    assert (len(rows), any("error" in row or "not recorded" in row for row in rows)) == (4, False)
    for page in ("index.html", "methods.html"):
        assert "Partial recording: 4 of 24" in (tmp_path / "site/tiny" / page).read_text("utf-8")
    done = llmxray(tmp_path, "publish", "--check")
    assert (done.returncode, "tiny/index.html: Partial recording: 4 of 24" in done.stdout) == (1, True), (
        done.stdout
    )
