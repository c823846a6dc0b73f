"""Which of many phrases a text says, in one pass over its words: a reply of megabytes may have a thousand answers.

Aho and Corasick, "Efficient string matching" (1975), over words instead of characters.
"""

from __future__ import annotations

from collections.abc import Sequence


def contained(said: Sequence[str], phrases: Sequence[Sequence[str]]) -> list[bool]:
    """Of each phrase, whether its words stand in ``said`` one after the other.

    The time grows with the words of both together, whatever they repeat.

    Args:
        said: words of a text.
        phrases: words of each phrase; one without words is in no text.
    """
    # A node is what phrases begin with; node 0 is nothing yet. By node: the next by the next word.
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
    # By node: the longest other beginning that it ends with.
    inner = [0] * len(after)

    def following(node: int, word: str) -> int:
        while node and word not in after[node]:
            node = inner[node]
        return after[node].get(word, 0)

    # Grows as it is gone through.
    shortest_first = list(after[0].values())
    for node in shortest_first:
        for word, longer in after[node].items():
            inner[longer] = following(inner[node], word)
            shortest_first.append(longer)
    found = [False] * len(after)
    node = 0
    for word in said:
        node = following(node, word)
        found[node] = True
    for node in reversed(shortest_first):
        if found[node]:
            found[inner[node]] = True
    found[0] = False
    return [found[end] for end in ends]
