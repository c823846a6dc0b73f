"""Branches: the same model asked again from one other token, its second choice, to see where an answer was decided.

A branch is the request of a recorded answer, the trunk, with a grammar that forces the trunk's text up to a place and
another token there. Which places is a rule of the experiment file (`llmxray.experiment.branches`), frozen before the
first branch is asked: the requests follow from the trunks and the rule, so the plan holds no line of them. Each trunk
has one control, whose forced token is the trunk's own: where the trunk does not come out again, no branch of it counts.
Branches are no trials, and in no score.
"""

from llmxray.branches.forks import Branching, Fork, branchings
from llmxray.branches.reading import Branch, Trunk, read_trunks

__all__ = ["Branch", "Branching", "Fork", "Trunk", "branchings", "read_trunks"]
