"""What is kept of the texts of replies is short."""

from __future__ import annotations

from llmxray.wire.short_texts import cached_if_short


def test_a_long_text_is_not_kept() -> None:
    """A cache holds thousands of results, and a reply may be one text of megabytes."""
    made: list[tuple[str, ...]] = []

    @cached_if_short(8, longest=5)
    def joined(head: str, tail: str) -> str:
        made.append((head, tail))
        return head + tail

    for _ in range(2):
        assert ("abcde", "abcdef") == (joined("abc", "de"), joined("abc", "def"))
    assert [("abc", "de"), ("abc", "def"), ("abc", "def")] == made
