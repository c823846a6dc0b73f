"""A page with its styles and scripts in itself."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest

from llmxray.report.site.inline import element, inlined

PAGE = """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self'">
<link rel="stylesheet" href="../static/a.css">
<script src="../static/b.js"></script>
<p>Text</p>
"""


def hashed(text: str) -> str:
    """As a policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_a_page_needs_nothing_beside_it_and_allows_nothing_else(tmp_path: Path) -> None:
    """Styles and scripts stand where they were asked for, and are named by their hashes."""
    (tmp_path / "static").mkdir()
    (tmp_path / "static/a.css").write_text("p { color: red }")
    (tmp_path / "static/b.js").write_text("void 0;")
    html = inlined(PAGE, tmp_path)
    assert "<style>p { color: red }</style>\n<script>void 0;</script>\n<p>" in html
    assert not re.search(r"(?:src|href)=", html)
    policy = re.search(r'content="([^"]*)"', html)
    assert policy
    assert f"script-src {hashed('void 0;')}; style-src {hashed('p { color: red }')};" in policy[1]
    assert "self" not in policy[1]


def test_a_script_that_would_end_its_own_element_is_refused() -> None:
    """The rest of it would be text of the page."""
    with pytest.raises(ValueError, match="end its own element"):
        element("'</script>'")
