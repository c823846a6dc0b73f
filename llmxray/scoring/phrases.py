"""Phrases found in a text in one pass over its words: a reply of megabytes may have a thousand accepted answers.

Aho and Corasick, "Efficient string matching" (1975), over words instead of characters.
"""

from __future__ import annotations

from collections.abc import Sequence


def find_phrases(words: Sequence[str], phrases: Sequence[Sequence[str]]) -> list[bool]:
    """Return for each phrase whether its words occur consecutively in ``words``.

    The time is linear in the words of both together, however often they repeat.

    Args:
        words: words of a text.
        phrases: words of each phrase; an empty phrase is in no text.
    """
    # A node of the trie is a prefix of phrases, node 0 the empty one; `after` maps the next word to the next node.
    after: list[dict[str, int]] = [{}]
    ends = []
    for phrase in phrases:
        node = 0
        for word in phrase:
            if word not in after[node]:
                after[node][word] = len(after)
                after.append({})
            node = after[node][word]
        ends.append(node)
    # `inner` maps a node to the longest proper suffix of its prefix that is a node too, the failure links.
    inner = [0] * len(after)

    def following(node: int, word: str) -> int:
        while node and word not in after[node]:
            node = inner[node]
        return after[node].get(word, 0)

    # The loop appends to the list it iterates, which visits nodes by increasing length.
    shortest_first = list(after[0].values())
    for node in shortest_first:
        for word, longer in after[node].items():
            inner[longer] = following(inner[node], word)
            shortest_first.append(longer)
    is_reached = [False] * len(after)
    node = 0
    for word in words:
        node = following(node, word)
        is_reached[node] = True
    for node in reversed(shortest_first):
        if is_reached[node]:
            is_reached[inner[node]] = True
    is_reached[0] = False
    return [is_reached[end] for end in ends]
