"""Merging: a union, one of what is the same, a refusal of what is not, and nothing half done."""

import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
from recordings import interaction, recorded, stream

from llmxray.cassette import Address, Cassette, Frozen, RequestRecord, verify, write_plan
from llmxray.cassette.merge import MergeSummary, merge
from llmxray.errors import CassetteError, InputError
from llmxray.types import Interaction


def made(directory: Path, recordings: Iterable[Interaction], *, sealed: bool = True, **facts: object) -> Path:
    """A cassette that holds these."""
    more = {"experiment": "e", "facts": facts, "software": {"llmxray": "0.1.0"}}
    return recorded(directory, *recordings, sealed=sealed, **more)


def planned(
    directory: Path,
    questions: Iterable[str],
    *,
    title: str = "t",
    trials: int = 2,
    item: str = "item",
    condition: str = "c",
    header: Mapping[str, object] | None = None,
    **fields: object,
) -> Path:
    """A cassette with a frozen plan over a and b, and recordings of some of the questions."""
    both = [interaction(request={**interaction(text).request, **fields}) for text in "ab"]
    records = tuple(RequestRecord(each.key, condition, each.request) for each in both)
    first = {"source": f"title: {title}", "fingerprint": "f", "hypothesis": "", **(header or {})}
    plan = (first, *range(trials))
    write_plan(directory, "e", Frozen(plan, (item,), records), software={})
    return made(directory, [both["ab".index(text)] for text in questions])


def held(directory: Path) -> dict[str, Interaction]:
    """Every recording by address."""
    cassette = Cassette(directory)
    return {str(each.address): cassette.get(each.address) for each in cassette.all_entries()}


def test_the_union_is_one_whole_cassette(tmp_path):
    """Sealed and unsealed recordings come together, byte for byte, and verify finds nothing."""
    first = made(tmp_path / "a", [interaction("a"), interaction("a", 1)])
    second = made(tmp_path / "b", [interaction("b"), interaction("c", attempt=1)], sealed=False)
    merged = merge([first, second], tmp_path / "out")
    assert MergeSummary(recordings=4, shared=0, preferred=0) == merged
    assert {**held(first), **held(second)} == held(tmp_path / "out")
    assert [] == verify(tmp_path / "out")
    assert ["a", "b", "out"] == sorted(path.name for path in tmp_path.iterdir())


def test_the_same_reply_is_kept_once_the_earlier_one(tmp_path):
    """Whatever the order of the arguments."""
    late = interaction("a", started_at="2026-01-02T00:00:00.000Z")
    early = dataclasses.replace(late, started_at="2026-01-01T00:00:00.000Z")
    first, second = made(tmp_path / "a", [late]), made(tmp_path / "b", [early])
    for name, sources in {"ab": [first, second], "ba": [second, first]}.items():
        assert MergeSummary(recordings=1, shared=1, preferred=0) == merge(sources, tmp_path / name)
        assert [early] == list(held(tmp_path / name).values())


def test_different_replies_are_refused_or_one_is_preferred(tmp_path):
    """The refusal names both and what to do; with a preference all tries of the sample come from there."""
    failed = interaction("a", body=b"busy", status=429)
    answer = interaction("a", attempt=1)
    first = made(tmp_path / "a", [failed, answer, interaction("b")])
    second = made(tmp_path / "b", [interaction("a", body=stream("other")), interaction("c")])
    out = tmp_path / "out"
    with pytest.raises(InputError, match=r"/a and .*/b hold different replies .*--prefer"):
        merge([first, second], out)
    assert not out.exists()
    assert MergeSummary(3, 0, 1) == merge([first, second], out, prefer=second)
    assert [(0, 0)] == [
        (each.address.sample, each.address.attempt) for each in Cassette(out).entries(failed.key)
    ]
    assert stream("other") == Cassette(out).get(Address(failed.key, 0, 0)).body
    assert MergeSummary(4, 0, 1) == merge([second, first], tmp_path / "out2", prefer=first)
    with pytest.raises(InputError, match="not one of the cassettes"):
        merge([first, second], tmp_path / "out3", prefer=tmp_path)


def test_plans_must_agree(tmp_path):
    """Another comment in the file does not matter, another trial does; the merged plan is the first one."""
    first = planned(tmp_path / "a", "a")
    second = planned(tmp_path / "b", "b", title="another title")
    merge([first, second], tmp_path / "out")
    merged = Cassette(tmp_path / "out")
    assert Cassette(first).frozen() == merged.frozen()
    assert 2 == len(merged)
    assert ["c", "c"] == [merged.group(each.address.key) for each in merged.all_entries()]
    other = planned(tmp_path / "c", "b", trials=3)
    with pytest.raises(InputError, match=r"different plans \(2 trials and 3 trials\)"):
        merge([first, other], tmp_path / "out2")
    without = made(tmp_path / "d", [interaction("b")])
    with pytest.raises(InputError, match="no plan"):
        merge([first, without], tmp_path / "out2")


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"logprobs": True, "seed": 7}, "their requests differ in logprobs, seed"),
        ({"item": "another"}, "other questions"),
    ],
)
def test_what_parts_two_plans_of_one_size_is_said(tmp_path, other, said):
    """Parts recorded by two versions have as many trials, and may ask for other fields."""
    first, second = planned(tmp_path / "a", "a"), planned(tmp_path / "b", "b", **other)
    with pytest.raises(InputError, match=rf"different plans \({said}\)"):
        merge([first, second], tmp_path / "out")


def test_what_is_known_of_the_servers_is_kept_of_both(tmp_path):
    """Equal facts stand once, different ones under a second name; versions of both are listed."""
    first = made(tmp_path / "a", [interaction("a")], x={"machine": "one"}, y={"same": 1})
    second = made(tmp_path / "b", [interaction("b")], x={"machine": "two"}, y={"same": 1})
    merge([first, second], tmp_path / "out")
    manifest = Cassette(tmp_path / "out").manifest
    assert {"x": {"machine": "one"}, "y": {"same": 1}, "x (2)": {"machine": "two"}} == manifest.facts
    assert {"llmxray": "0.1.0"} == manifest.software
    again = merge([tmp_path / "out", first, second], tmp_path / "again")
    assert MergeSummary(2, 2, 0) == again
    assert manifest.facts == getattr(Cassette(tmp_path / "again").manifest, "facts", None)


def test_a_damaged_source_is_not_laundered(tmp_path):
    """A cassette whose bytes were changed is named; nothing is written."""
    first, second = made(tmp_path / "a", [interaction("a")]), made(tmp_path / "b", [interaction("b")])
    (changed,) = (second / "recordings").iterdir()
    changed.write_bytes(changed.read_bytes()[:-9] + bytes(9))
    with pytest.raises(CassetteError, match=r"/b is not whole.*recordings"):
        merge([first, second], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_nothing_is_overwritten(tmp_path):
    """A target with something in it stays as it is; an empty one is used."""
    first, second = made(tmp_path / "a", [interaction("a")]), made(tmp_path / "b", [interaction("b")])
    (tmp_path / "out").mkdir()
    merge([first, second], tmp_path / "out")
    before = held(tmp_path / "out")
    with pytest.raises(InputError, match="there already"):
        merge([first, second], tmp_path / "out")
    assert before == held(tmp_path / "out")


def test_parts_begun_on_different_days_are_one_recording(tmp_path):
    """It began when the first of them did; a part that does not know its day changes nothing."""
    earlier = [{"hypothesis": "g", "predictions": [], "stated_on": "2029-12-31"}]
    late = planned(tmp_path / "a", "a", header={"stated_on": "2030-01-02", "earlier": []})
    early = planned(tmp_path / "b", "b", header={"stated_on": "2030-01-01", "earlier": earlier})
    unknown = planned(tmp_path / "c", "a", header={"stated_on": None, "earlier": []})
    merge([late, early, unknown], tmp_path / "out")
    header = next(Cassette(tmp_path / "out").lines("plan"))
    assert ("2030-01-01", earlier) == (header["stated_on"], header["earlier"])
