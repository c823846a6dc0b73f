"""A page with its styles and scripts in itself, allowed by their hashes in the Content-Security-Policy."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

# Expressions are enough here: every tag is one that our own templates wrote, in one way.
SCRIPT = re.compile(r'<script src="(?:\.\./)*([^"]+)"></script>\n?')
STYLE = re.compile(r'<link rel="stylesheet" href="(?:\.\./)*([^"]+)">\n?')
_ICON = re.compile(r'(<link rel="icon" type="image/svg\+xml" href=")(?:\.\./)*([^"]+)')
_POLICY = re.compile(r'(http-equiv="Content-Security-Policy" content=")[^"]*')


def inlined(html: str, site: Path) -> str:
    """A page of the site that needs none of the site's files: it can be sent alone.

    Raises:
        ValueError: a script would end its own element.
    """
    blocks: list[str] = []
    styles: list[str] = []

    def script(match: re.Match[str]) -> str:
        blocks.append(element((site / match[1]).read_text("utf-8")))
        return f"{blocks[-1]}\n"

    def style(match: re.Match[str]) -> str:
        styles.append((site / match[1]).read_text("utf-8"))
        return f"<style>{styles[-1]}</style>\n"

    whole = STYLE.sub(style, SCRIPT.sub(script, html))
    return allowing(with_icon(whole, site), blocks, styles)


def with_icon(html: str, site: Path) -> str:
    """The page with its icon in itself."""

    def data_url(match: re.Match[str]) -> str:
        icon = base64.b64encode((site / match[2]).read_bytes()).decode("ascii")
        return f"{match[1]}data:image/svg+xml;base64,{icon}"

    return _ICON.sub(data_url, html, count=1)


def allowing(html: str, blocks: Iterable[str], styles: Iterable[str]) -> str:
    """The page with a policy under which these script elements run, these styles hold, and nothing else.

    Args:
        blocks: whole script elements, as `element` makes them.
    """
    policy = (
        # Hashes and no 'unsafe-inline': what a model wrote would run as well.
        f"default-src 'none'; script-src {_hashes(block[8:-9] for block in blocks)}; style-src {_hashes(styles)}; "
        "img-src data:; base-uri 'none'; form-action 'none'; object-src 'none'"
    )
    return _POLICY.sub(lambda match: match[1] + policy, html, count=1)


def element(text: str) -> str:
    """A script element.

    Raises:
        ValueError: the script would end its own element.
    """
    # "<!--" as well: after it HTML lets a "<script" swallow the end of the element.
    if "</script" in text.lower() or "<!--" in text:
        raise ValueError("a script would end its own element")
    return f"<script>{text}</script>"


def _hashes(texts: Iterable[str]) -> str:
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii") for text in texts)
    return " ".join(f"'sha256-{digest}'" for digest in digests)
