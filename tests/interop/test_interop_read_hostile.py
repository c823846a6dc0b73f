"""Files from anybody: damaged, truncated, hostile. A report comes of them, or one line, and nothing fills the memory.

``LLMXRAY_FUZZ`` says how many changes to try.
"""

import json
import os
import random
import tracemalloc
import zipfile

import made_files as made
import pytest

from llmxray import report, workflow
from llmxray.errors import InputError
from llmxray.interop import read as interop
from llmxray.interop.read import Imported
from llmxray.interop.read.archive import Archive
from tests.twisting import twisted

CHANGES = int(os.environ.get("LLMXRAY_FUZZ", "120"))
SITES = max(2, CHANGES // 60)


def twisted_file(rng: random.Random, data: bytes) -> bytes:
    """A file with some values of its JSON changed, and nothing else amiss."""
    for _ in range(rng.randrange(3)):
        data = twisted_file_once(rng, data)
    return twisted_file_once(rng, data)


def twisted_file_once(rng: random.Random, data: bytes) -> bytes:
    """The same with one value changed."""
    if data.startswith(b"PK"):
        archive = Archive(data)
        members = {name: archive.read(name) for name in archive.names}
        name = rng.choice(list(members))
        members[name] = made.dump(twisted(rng, json.loads(members[name])))
        return made.zipped(members)
    rows = data.split(b"\n") if data.count(b"\n") > 1 else [data]
    place = rng.randrange(len(rows) - (len(rows) > 1))
    rows[place] = made.dump(twisted(rng, json.loads(rows[place])))
    return b"\n".join(rows)


def damaged(rng: random.Random, data: bytes) -> bytes:
    """A file with some bytes changed, or cut off, or added."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 3, 20))):
        match rng.randrange(3):
            case 0:
                out[rng.randrange(len(out))] = rng.randrange(256)
            case 1:
                del out[1 + rng.randrange(len(out)) :]
            case _:
                out.insert(rng.randrange(len(out)), rng.randrange(256))
    return bytes(out)


@pytest.mark.fuzz
@pytest.mark.parametrize("change", [twisted_file, damaged])
def test_a_changed_file_is_read_or_refused_in_one_line(change, tmp_path):
    """Whatever is changed: no other error, and pages can be built of what is read."""
    rng = random.Random(7)
    files = made.everything()
    read: list[Imported] = []
    said: list[tuple[str, str]] = []
    for _ in range(CHANGES):
        name = rng.choice(list(files))
        try:
            read += interop.read_files([(name, change(rng, files[name]))])
        except InputError as error:
            said.append((name, str(error)))
    assert all(line.startswith(name) and "\n" not in line for name, line in said)
    assert read
    assert said
    for each in rng.sample(read, SITES):
        report.build([workflow.imported_data(each)], tmp_path / str(id(each)))


def test_a_bomb_is_stopped_on_its_way():
    """Megabytes of zeros by the dozen: the file is refused long before it is in the memory."""
    zeros = bytes(4 << 20)
    members = {"header.json": made.dump({"eval": {}})}
    members |= {f"samples/{n}_epoch_1.json": zeros for n in range(12)}
    data = made.zipped(members)
    tracemalloc.start()
    with pytest.raises(InputError, match="x.eval: grows to more than"):
        interop.read_files([("x.eval", data)])
    assert tracemalloc.get_traced_memory()[1] < 20 << 20
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "x: the file is empty"),
        (b'{"a": 1}', "x: none of the formats"),
        (b"PK\x03\x04 no zip", "x: not a whole zip file"),
        (made.zipped({"readme.txt": b"x"}), "x: none of the formats"),
        (made.dump(made.lm_eval_results()), "x: a file of lm-evaluation-harness results, without"),
        (b'{"eval": ' + b"[" * 100_000, "x: not JSON"),
        (b'{"doc_id": 1, "resps": []}\n' + b"{" * 10, "x: line 2 is not JSON"),
        (b'{"version": 2, "eval": {"task": "t"}, "samples": 5}', "x: there are no answers"),
        (b'{"adapter_spec": {}, "request_states": [1, null]}', "x: there are no answers"),
        (b'{"results": {"results": [{"provider": 1}]}}', "x: there is no reply with a right answer"),
    ],
)
def test_shapes_that_are_none(data, says):
    """Named, and no traceback."""
    with pytest.raises(InputError) as caught:
        interop.read_files([("x", data)])
    assert str(caught.value).startswith(says)


def test_members_that_are_not_where_they_should_be():
    """A directory that points elsewhere, a wrong checksum, encryption, an unknown method."""
    good = made.inspect_archive(made.inspect_log([made.inspect_sample(1, "A")]), zipfile.ZIP_STORED)
    directory = good.index(b"PK\x01\x02")
    for at, value in ((42, 0xFF), (16, 0x01), (8, 0x01), (10, 0x63)):
        data = bytearray(good)
        data[directory + at] ^= value
        with pytest.raises(InputError, match="x.eval: "):
            interop.read_files([("x.eval", bytes(data))])


def test_groups_of_lm_eval_that_lead_in_a_circle():
    """Or are nested a thousand times, in a file that many files of samples go with."""
    parts = {f"g{n + 1}": [f"g{n}"] for n in range(1_000)} | {"g0": ["g1000"]}
    result = made.dump(made.lm_eval_results("g0", group_subtasks=parts))
    sample = made.lines([made.lm_eval_row(1, (-1.0, -2.0, -3.0, -4.0))])
    [read] = interop.read_files([("samples.jsonl", sample), ("results.json", result)])
    assert [row.suite for row in read.results.rows] == ["g1000"]


def test_long_names_are_cut():
    """A picture takes milliseconds for each letter of a label; conditions stay apart, questions keep their words."""
    n = 50_000
    rows = [
        made.eee_row(number, "A", model_id=f"{'m' * n}{model}", evaluation_name="t" * n)
        for model in "ab"
        for number in range(3)
    ]
    [found] = interop.read_files([("x.jsonl", made.lines(rows))])
    one, two = found.results.plan.conditions
    [suite] = found.results.plan.suites.values()
    assert ("m" * 199 + "…", "m" * 199 + "…, run 1", "m" * 199 + "…, run 2") == (
        one.model,
        one.label,
        two.label,
    )
    assert "t" * 199 + "…" == suite.card.title
    assert len(found.experiment.title or "") < 500
    assert {len(each.layout) for each in (one, two)} == {len("as Every Eval Ever asked")}
