"""What a trial counts as."""

from __future__ import annotations

from dataclasses import replace

import hand_made

from llmxray.report.analysis.rows import address, item_means, right


def test_what_is_no_whole_reply_is_neither_right_nor_wrong(tmp_path):
    """Unread and cut off replies are wrong; an error is missing."""
    rows = hand_made.data(tmp_path, {"a": "+-?…!"}).results.rows
    assert [True, False, False, False, None] == [right(row) for row in rows]


def test_repeats_are_averaged_within_their_item(tmp_path):
    """Two samples of three questions, one without a reply at all."""
    rows = hand_made.data(tmp_path, {"a": ["+-!", "++!"]}).results.rows
    items = list(dict.fromkeys(map(address, rows)))
    assert {items[0]: 1.0, items[1]: 0.5} == item_means(rows, right)
    assert 1.5 == item_means([replace(rows[0], latency_s=1.5)], lambda row: row.latency_s)[items[0]]
