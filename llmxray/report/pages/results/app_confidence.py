"""The original app's confidence held against accuracy, under its own name.

Its files keep one alternative a token, so they have no option confidence; what they have is the mean probability of
the answer's tokens. It is shown for reports of such files only: beside option confidence it would invite comparing two
different things.
"""

from __future__ import annotations

from llmxray.metrics.accuracy import mean
from llmxray.report.analysis import Analysis, confidence
from llmxray.report.widgets.table import ColumnHead, Table, auroc_cell, n_cell, of_conditions, share_cell

_ESTIMATORS = (confidence.ECE_15, confidence.MODULE_BINS)


def token_confidence(analysis: Analysis) -> Table | None:
    """A line for each condition of the app's files; None for a recording, or where no answer had logprobs."""
    if not analysis.data.is_of_app:
        return None
    rows = []
    for view in analysis.ranked:
        data = confidence.token_columns(view)
        if not data.n:
            continue
        errors = [
            confidence.resampled(data, each, analysis.data.name, view.id, "token", each.anchor)()
            for each in _ESTIMATORS
        ]
        shares = [share_cell(each) for each in (mean(data.confidence), *errors)]
        rows.append((view, [*shares, auroc_cell(confidence.auroc_of(data)), n_cell(data)]))
    columns = (
        ColumnHead("mean token probability", "the app's number"),
        ColumnHead("ECE-15", "lower is closer", anchor="ece-15"),
        ColumnHead("five-bin average", "the module's recipe", anchor="module-bins"),
        ColumnHead("AUROC", "0.5 is no signal", anchor="auroc"),
        ColumnHead("n"),
    )
    caption = "The app's confidence, and how far it is from what the model gets right."
    return of_conditions(caption, columns, rows, sortable=True) if rows else None
