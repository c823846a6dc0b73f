"""The ledger over many experiments: whose runs count, what is said of items, and what is refused."""

import csv
import json
import re
from pathlib import Path

import hand_made
import ledger_files
import pytest

from llmxray.errors import InputError
from llmxray.report import build
from llmxray.report.analysis import ledger_entry
from llmxray.report.pages.ledger import write_ledger


def items_of(out: Path) -> dict[str, dict[str, str]]:
    """items.csv by item."""
    with (out / "items.csv").open(encoding="utf-8", newline="") as file:
        return {row["item_id"]: row for row in csv.DictReader(file)}


def test_a_wrong_key_is_found(tmp_path):
    """Twelve models agree on C, whatever order they saw the options in; one without a reply does not count.

    Seven of thirteen agree on the last question, which may be chance.
    """
    crowd = {
        name: marks + "BA"[place > 6] for place, (name, marks) in enumerate(ledger_files.crowd(13).items())
    }
    crowd["m00"] = "!" + crowd["m00"][1:]
    first = dict(list(crowd.items())[:5])
    ledger_files.write_ledger(tmp_path / "lab", first, orders=[(3, 1, 2, 0)] * 5)
    ledger_files.write_ledger(tmp_path / "home", dict(list(crowd.items())[5:]), name="other")
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
    assert "13 models (says a letter, without examples) on 11 items" in html
    assert [">significant<", ">not significant<"] == re.findall(r">(?:not )?significant<", html)
    assert "Significant after Holm correction over all items: 1 of " in html
    assert ">C<" in html.partition('id="wrong-keys"')[2].partition("</table>")[0]


def test_a_model_counts_once(tmp_path):
    """Nine models, one of them in two experiments: too few for items, and the page says so."""
    crowd = ledger_files.crowd(10)
    ledger_files.write_ledger(tmp_path, dict(list(crowd.items())[:9]))
    ledger_files.write_ledger(tmp_path, {"again": "A" * 10}, name="other", models={"again": "m00"})
    write_ledger([tmp_path], tmp_path / "out", "llmxray ledger")
    assert {} == items_of(tmp_path / "out")
    html = (tmp_path / "out" / "ledger.html").read_text("utf-8")
    assert "Made up: 9 models (says a letter, without examples). Item statistics need 10" in html


def test_links_lead_to_the_pages_that_there_are(tmp_path):
    """A site beside the ledger is linked, one without pages is not; a ledger alone is its own first page."""
    site, bare, out = tmp_path / "my site", tmp_path / "bare", tmp_path / "out"
    build([hand_made.data(tmp_path / "c", {"a": "+-"})], site)
    ledger_files.write_ledger(bare, {"b": "AB"}, name="bare")
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


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (
            lambda site: (site / "made-up" / "ledger.json").unlink(),
            "give a site or an experiment's folder of one",
        ),
        (lambda site: (site / "made-up" / "ledger.json").write_text("{"), "is torn"),
        (
            lambda site: ledger_files.write_ledger(site / "deep", {"a": "AB"}).rename(site / "twice"),
            "is in .* and in .*: leave one",
        ),
    ],
)
def test_what_cannot_be_read_is_one_line(tmp_path, spoil, said):
    """It names the file or the folder and says what to do; nothing is written."""
    site = tmp_path / "site"
    ledger_files.write_ledger(site, ledger_files.crowd())
    spoil(site)
    with pytest.raises(InputError, match=said) as caught:
        write_ledger([site], tmp_path / "out", "llmxray ledger")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out" / "ledger.html").exists()


@pytest.mark.parametrize("linked", ["e", "e/ledger.json", "ledger.html"])
def test_nothing_is_read_or_written_through_a_link(tmp_path, linked):
    """A site may come from elsewhere; the folder that is given may itself be a link."""
    ledger_files.write_ledger(tmp_path / "site", {"a": "AB"}, name="e")
    (tmp_path / "given").symlink_to("site")
    write_ledger([tmp_path / "given"], tmp_path / "site", "llmxray ledger")
    theirs = (tmp_path / "site" / linked).rename(tmp_path / "theirs")
    (tmp_path / "site" / linked).symlink_to(theirs)
    with pytest.raises(
        InputError, match=rf"{linked} is a link, and a site is not (read|written) through one: remove it"
    ):
        write_ledger([tmp_path / "given"], tmp_path / "site", "llmxray ledger")


def test_hostile_names_are_only_text(tmp_path):
    """Labels, titles, answers and ids of items; an experiment's name cannot be one."""
    evil = "<script>alert(1)</script>"
    folder = ledger_files.write_ledger(tmp_path, ledger_files.crowd())
    path = folder / ledger_entry.NAME
    content = json.loads(path.read_bytes())
    for run in content["runs"]:
        run |= {"label": evil, "title": evil, "asked": f"letter, {evil}"}
    content["suites"] = dict.fromkeys(content["suites"], evil)
    path.write_text(json.dumps(content), "utf-8")
    write_ledger([tmp_path], tmp_path / "out", "llmxray ledger")
    html = (tmp_path / "out" / "ledger.html").read_text("utf-8")
    assert evil not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
