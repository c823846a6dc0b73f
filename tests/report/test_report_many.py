"""The ledger over many experiments: whose runs count, what is said of items, and what is refused."""

from __future__ import annotations

import csv
import json
import os
import pickle
import random
import subprocess
import sys
import time
from pathlib import Path

import hand_made
import hostile_tables
import many
import numpy as np
import pytest

from llmxray import parquet
from llmxray.errors import InputError, MissingExtraError
from llmxray.plain import MOST_BYTES
from llmxray.reading_process import ReadingProcess
from llmxray.report import build
from llmxray.report.analysis import runs
from llmxray.report.analysis.items import Codebook
from llmxray.report.files import answer_columns
from llmxray.report.pages import ledger as page
from llmxray.report.site.many import write_ledger
from llmxray.report.widgets.render import Renderer

pytest.importorskip("pyarrow", reason="results.parquet is read with pyarrow")


def items_of(out: Path) -> dict[str, dict[str, str]]:
    """items.csv by item."""
    with (out / "items.csv").open(encoding="utf-8", newline="") as file:
        return {row["item_id"]: row for row in csv.DictReader(file)}


def test_a_wrong_key_is_found(tmp_path):
    """Twelve models agree on C, whatever order they saw the options in; one without a reply does not count."""
    crowd = many.crowd(13)
    crowd["m00"] = "!" + crowd["m00"][1:]
    first = dict(list(crowd.items())[:5])
    many.put(tmp_path / "lab", first, orders=[(3, 1, 2, 0)] * 5)
    many.put(tmp_path / "home", dict(list(crowd.items())[5:]), name="other")
    out = tmp_path / "out"
    assert (out / "ledger.html", ()) == write_ledger(
        [tmp_path / "lab", tmp_path / "home" / "other"], out, "llmxray ledger"
    )
    found = items_of(out)
    assert ["q000"] == [name for name, row in found.items() if row["suspicious"] == "yes"]
    assert ("a", "c", "1.0", "0.0") == tuple(
        found["q000"][each] for each in ("key", "rival", "rival_share", "difficulty")
    )
    assert found["q001"]["difficulty"] == "1.0"
    assert (found["q009"]["rival"], found["q009"]["rival_share"]) == ("", "0.0"), "unread is no answer"
    assert float(found["q004"]["discrimination"]) > 0.4
    html = (out / "ledger.html").read_text("utf-8")
    assert "12" == found["q000"]["models"]
    assert "13 models (says a letter, without examples) on 10 items" in html
    assert "Significant after Holm correction over all items: 1 of " in html
    assert ">C<" in html.partition('id="wrong-keys"')[2].partition("</table>")[0]


def test_a_model_counts_once(tmp_path):
    """Nine models, one of them in two experiments: too few for items, and the page says so."""
    crowd = many.crowd(10)
    many.put(tmp_path, dict(list(crowd.items())[:9]))
    many.put(tmp_path, {"again": "A" * 10}, name="other", models={"again": "m00"})
    write_ledger([tmp_path], tmp_path / "out", "llmxray ledger")
    assert {} == items_of(tmp_path / "out")
    html = (tmp_path / "out" / "ledger.html").read_text("utf-8")
    assert (
        "10 models that were asked alike. Too few: Made up (9 models, says a letter, without examples)."
        in html
    )


def test_without_answers_items_still_have_their_difficulty(tmp_path):
    """A site of which only ledger.json was kept."""
    folder = many.put(tmp_path, many.crowd())
    (folder / "results.parquet").unlink()
    write_ledger([tmp_path], tmp_path / "out", "llmxray ledger")
    row = items_of(tmp_path / "out")["q000"]
    assert ("0.0", "", "") == (row["difficulty"], row["key"], row["suspicious"])
    assert "There are no answers to compare" in (tmp_path / "out" / "ledger.html").read_text("utf-8")


def test_links_lead_to_the_pages_that_there_are(tmp_path):
    """A site beside the ledger is linked, one without pages is not; a ledger alone is its own first page."""
    site, bare, out = tmp_path / "my site", tmp_path / "bare", tmp_path / "out"
    build([hand_made.data(tmp_path / "c", {"a": "+-"})], site)
    many.put(bare, {"b": "AB"}, name="bare")
    write_ledger([site, bare], out, "llmxray ledger")
    html = (out / "ledger.html").read_text("utf-8")
    assert 'href="../my%20site/made-up/index.html"' in html
    assert "bare/index.html" not in html
    assert (out / "index.html").read_text("utf-8") == html
    write_ledger([bare], out, "llmxray ledger")
    assert (out / "index.html").read_bytes() == (out / "ledger.html").read_bytes()
    before = (site / "index.html").read_bytes()
    write_ledger([site, bare], site, "llmxray ledger")
    assert before == (site / "index.html").read_bytes()
    assert 'href="made-up/index.html"' in (site / "ledger.html").read_text("utf-8")


def test_the_same_files_give_the_same_bytes(tmp_path):
    """In any order of the folders' creation."""
    for name, folders in (("one", ("a", "b")), ("two", ("b", "a"))):
        for each in folders:
            many.put(tmp_path / name, many.crowd(6), name=each)
        write_ledger([tmp_path / name], tmp_path / f"{name}-out", "llmxray ledger")
    one, two = (
        {path.name: path.read_bytes() for path in (tmp_path / name).rglob("*") if path.is_file()}
        for name in ("one-out", "two-out")
    )
    assert one == two


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (
            lambda site: (site / "made-up" / "ledger.json").unlink(),
            "give a site or an experiment's folder of one",
        ),
        (lambda site: (site / "made-up" / "ledger.json").write_text("{"), "is torn"),
        (lambda site: (site / "made-up" / "results.parquet").write_bytes(b"PAR1"), "not a Parquet file"),
        (
            lambda site: (site / "made-up" / "results.parquet").write_bytes(
                parquet.write([parquet.Column("condition", "string", ["x"])], "t")
            ),
            "there is no column 'suite'",
        ),
        (
            lambda site: (site / "made-up" / "results.parquet").write_bytes(
                parquet.write(
                    [parquet.Column(name, "int64", [7]) for name in ("condition", "suite", "item_id")], "t"
                )
            ),
            "the column 'condition' holds int64",
        ),
        (
            lambda site: many.put(site / "deep", {"a": "AB"}).rename(site / "twice"),
            "is in .* and in .*: leave one",
        ),
    ],
)
def test_what_cannot_be_read_is_one_line(tmp_path, spoil, said):
    """It names the file or the folder and says what to do; nothing is written."""
    site = tmp_path / "site"
    many.put(site, many.crowd())
    spoil(site)
    with pytest.raises(InputError, match=said) as caught:
        write_ledger([site], tmp_path / "out", "llmxray ledger")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out" / "ledger.html").exists()


def test_nothing_is_removed_behind_a_link(tmp_path):
    """A folder of another's data, which has the names that an earlier build has."""
    many.put(tmp_path / "site", {"a": "AB"})
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "ledger.mine.js").write_text("mine")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "data").symlink_to(theirs)
    with pytest.raises(InputError, match="data is a link, and a site is not written through one"):
        write_ledger([tmp_path / "site"], tmp_path / "out", "llmxray ledger")
    assert [path.name for path in theirs.iterdir()] == ["ledger.mine.js"]


@pytest.mark.parametrize("linked", ["e", "e/ledger.json", "e/results.parquet", "ledger.html", "index.html"])
def test_nothing_is_read_through_a_link(tmp_path, linked):
    """A site may come from elsewhere; the folder that is given may itself be a link."""
    many.put(tmp_path / "site", {"a": "AB"}, name="e")
    (tmp_path / "given").symlink_to("site")
    write_ledger([tmp_path / "given"], tmp_path / "site", "llmxray ledger")
    theirs = (tmp_path / "site" / linked).rename(tmp_path / "theirs")
    (tmp_path / "site" / linked).symlink_to(theirs)
    with pytest.raises(
        InputError, match=rf"{linked} is a link, and a site is not read through one: remove it"
    ):
        write_ledger([tmp_path / "given"], tmp_path / "site", "llmxray ledger")


def test_folders_without_benchmarks(tmp_path):
    """One that is not there, and one with a comparison only."""
    with pytest.raises(InputError, match="there is no such folder"):
        write_ledger([tmp_path / "gone"], tmp_path / "out", "llmxray ledger")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / runs.NAME).write_bytes(runs.dump(runs.LedgerEntry(suites={}, runs=())))
    with pytest.raises(InputError, match="no benchmark is in these folders"):
        write_ledger([tmp_path], tmp_path / "out", "llmxray ledger")


def test_any_change_of_a_byte_is_survived(tmp_path):
    """A table with bytes changed at random is read, or refused in one line."""
    path = many.put(tmp_path, many.crowd()) / "results.parquet"
    whole, rng = path.read_bytes(), random.Random(1)
    said = []
    with ReadingProcess() as process:
        for _ in range(150):
            raw = bytearray(whole)
            for _ in range(rng.randint(1, 4)):
                raw[rng.randrange(len(raw))] = rng.randrange(256)
            path.write_bytes(raw)
            try:
                groups = answer_columns.read(path, process)
                list(answer_columns.answers(path, groups, {hand_made.SUITE: Codebook()}))
            except InputError as error:
                said.append(str(error))
    assert len(said) > 20
    assert not any("\n" in each for each in said)


def test_a_compression_that_there_is_none(tmp_path):
    """One byte, over which pyarrow may call abort()."""
    many.put(tmp_path, {f"early-{name}": said for name, said in many.crowd().items()}, name="early")
    path = many.put(tmp_path, many.crowd()) / "results.parquet"
    raw = bytearray(path.read_bytes())
    footer = len(raw) - 8 - int.from_bytes(raw[-8:-4], "little")
    # Its name stands in the schema, then as the path of its chunk, with the compression behind it.
    name = b"\x09condition"
    at = raw.index(name, raw.index(name, footer) + 1) + len(name)
    assert raw[at : at + 2] == b"\x15\0"
    raw[at + 1] = 0x20
    path.write_bytes(raw)
    command = [sys.executable, "-m", "llmxray", "ledger", str(tmp_path), "--out", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert f"{path}: not a Parquet file, or not a whole one (" in done.stderr
    assert "build that experiment's pages again, or remove it" in done.stderr
    assert not (tmp_path / "out" / "ledger.html").exists()


def test_another_process_can_say_that_pyarrow_is_absent():
    """Its error travels, although it is made of two arguments."""
    error = MissingExtraError("reading results.parquet", "hub")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_a_file_that_grows_without_end_is_refused(tmp_path):
    """A few bytes that stand for millions of rows: the limit of cassettes holds here too."""
    folder = many.put(tmp_path, many.crowd())
    n = 3_000_000
    kinds = {"sample": ("int64", [0] * n)}
    columns = [
        parquet.Column(name, *kinds.get(name, ("string", ["x"] * n)))
        for name in (*answer_columns._TEXTS, *answer_columns._NUMBERS)
    ]
    (folder / "results.parquet").write_bytes(parquet.write(columns, "t"))
    assert (folder / "results.parquet").stat().st_size < 3_000_000
    with pytest.raises(InputError, match="grows to more than"):
        write_ledger([tmp_path], tmp_path / "out", "llmxray ledger")


@pytest.mark.parametrize(
    "ways",
    [
        {"compression": "zstd"},
        {"compression": "none", "use_dictionary": False, "column_encoding": {"answer": "DELTA_BYTE_ARRAY"}},
    ],
)
def test_a_table_whose_texts_grow_is_refused(tmp_path, ways):
    """A megabyte for each of a hundred answers in a small file, whose footer may say that they are small."""
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    path = many.put(tmp_path, many.crowd()) / "results.parquet"
    table = pq.read_table(path)
    long = pa.array([f"{'A' * 1_000_000}{row}" for row in range(table.num_rows)])
    table = table.set_column(table.schema.get_field_index("answer"), "answer", long)
    pq.write_table(table, path, **ways)
    assert path.stat().st_size < 1_100_000
    with pytest.raises(
        InputError, match=r"results\.parquet: not a Parquet file, .* build that experiment's pages"
    ):
        write_ledger([tmp_path], tmp_path / "out", "llmxray ledger")


def test_a_hole_makes_no_room(tmp_path):
    """It says that the file has sixty megabytes, and takes nothing on the disk."""
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "results.parquet"
    texts = {name: pa.array(["a"]) for name in answer_columns._TEXTS}
    table = pa.table({**texts, "order": pa.array(["x" * 10_000_000]), "sample": pa.array([0])})
    pq.write_table(table, path, compression="zstd", store_schema=False, write_statistics=False)
    raw = path.read_bytes()
    footer = int.from_bytes(raw[-8:-4], "little") + 8
    with path.open("wb") as file:
        file.write(raw[:-footer])
        file.seek(60_000_000, 1)
        file.write(raw[-footer:])
    with ReadingProcess() as process, pytest.raises(InputError, match=r"grows to more than"):
        answer_columns.read(path, process)


def test_a_table_larger_than_any_is_not_read(tmp_path):
    """However little of it is on the disk."""
    path = tmp_path / "results.parquet"
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    with ReadingProcess() as process, pytest.raises(InputError, match=r"more than are read at once"):
        answer_columns.read(path, process)


def test_what_no_column_says_of_itself(tmp_path):
    """Texts that stand under another column's name: the process that reads them has no room."""
    path = tmp_path / "results.parquet"
    path.write_bytes(hostile_tables.unpacked(hostile_tables.OTHER_PATH))
    with ReadingProcess() as process, pytest.raises(InputError, match=r"grows to more than"):
        answer_columns.read(path, process)


def test_a_table_after_a_damaged_one(tmp_path):
    """Whatever is wrong with one, the next one is read."""
    good = many.put(tmp_path / "a", many.crowd()) / "results.parquet"
    bad = tmp_path / "bad.parquet"
    bad.write_bytes(hostile_tables.unpacked(hostile_tables.FEWER_ROWS))
    with ReadingProcess() as process:
        assert len(answer_columns.read(good, process)) == 1
        with pytest.raises(InputError, match="gone: not a Parquet file"):
            answer_columns.read(good.with_name("gone"), process)
        assert len(answer_columns.read(good, process)) == 1
        with pytest.raises(InputError, match="there is no column 'condition'"):
            answer_columns.read(bad, process)
        assert len(answer_columns.read(good, process)) == 1


@pytest.mark.parametrize("by_command", [True, False])
def test_more_suites_than_a_ledger_shows(tmp_path, by_command):
    """Each experiment has few enough, all together have not: what to do is said, and nothing is written."""
    site = tmp_path / "site"
    for number in range(4):
        path = many.put(site, {"a": "AB"}, name=f"e{number}") / runs.NAME
        content = json.loads(path.read_bytes())
        content["suites"] |= {f"s{number}-{each}": "S" for each in range(250)}
        path.write_text(json.dumps(content), "utf-8")
    said = "have 1,001 different suites, and a ledger has at most 1,000: "
    said += "give fewer folders$" if by_command else "move folders of experiments out of .*site$"
    with pytest.raises(InputError, match=said) as caught:
        write_ledger([site], tmp_path, "llmxray ledger") if by_command else page.write(Renderer(site), {})
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.rglob("*.html"))


def test_hostile_names_are_only_text(tmp_path):
    """Labels, titles, answers and ids of items; an experiment's name cannot be one."""
    evil = "<script>alert(1)</script>"
    folder = many.put(tmp_path, many.crowd())
    path = folder / runs.NAME
    content = json.loads(path.read_bytes())
    for run in content["runs"]:
        run |= {"label": evil, "title": evil, "asked": f"letter, {evil}"}
    content["suites"] = dict.fromkeys(content["suites"], evil)
    path.write_text(json.dumps(content), "utf-8")
    write_ledger([tmp_path], tmp_path / "out", "llmxray ledger")
    html = (tmp_path / "out" / "ledger.html").read_text("utf-8")
    assert evil not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_the_site_itself_keeps_its_ledger_without_items(tmp_path):
    """A site is built without pyarrow too, and must not differ with it."""
    build([hand_made.data(tmp_path / "c", {f"m{place}": "+-" for place in range(12)})], tmp_path / "site")
    assert 'id="items"' not in (tmp_path / "site" / "ledger.html").read_text("utf-8")


def test_an_order_that_many_answers_share_is_split_once():
    """A text of half a megabyte, in a file of thirty kilobytes: each answer has it."""
    n, order = 3_000, "1 0 " * 250_000
    ids = [f"q{place}" for place in range(n)]
    same = np.zeros(n, np.int64).tobytes()
    each = np.arange(n, dtype=np.int64).tobytes()
    texts = {
        "condition": (same, ["m"]),
        "suite": (same, ["quiz"]),
        "item_id": (each, ids),
        "outcome": (same, ["correct"]),
        "answer": (each, ["A", *ids[1:]]),
        "expected": (same, ["B"]),
        "order": (same, [order]),
    }
    columns = answer_columns.AnswerColumns(texts, same)
    began = time.process_time()
    ((_, _, found),) = answer_columns._answers(columns, {"quiz": Codebook()})
    # Split for each, it took 20 ms times as many as there are answers: a minute.
    assert time.process_time() - began < 5
    assert found.right.all()
    assert columns.places == [["1", "0"] * 13]


def test_a_pipe_in_the_place_of_a_page_is_not_waited_for(tmp_path):
    """A site may come from elsewhere."""
    os.mkfifo(tmp_path / "index.html")
    with pytest.raises(InputError, match=r"index\.html is no plain file"):
        Renderer(tmp_path).write("index.html", b"")
