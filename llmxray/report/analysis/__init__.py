"""The numbers of one experiment: no English sentence, no HTML.

`Analysis` is what every page begins with; the other modules each answer one question of it.
"""

from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.experiment import (
    Analysis,
    ConditionView,
    Pair,
    Value,
    accuracy_of,
    mean_latency,
    median_of,
)
from llmxray.report.analysis.pairing import ALPHA, Corrected, corrected, corrected_by, significant
from llmxray.report.analysis.rows import address, grouped, memoized, right, seeded
