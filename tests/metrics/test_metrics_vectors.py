"""Published reference values, read from the folder LLMXRAY_SHARED; each entry names its source."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import numpy as np
import pytest

from llmxray.metrics import calibration

SHARED = os.environ.get("LLMXRAY_SHARED")
needs_vectors = pytest.mark.skipif(SHARED is None, reason="LLMXRAY_SHARED is unset: no reference values")


def entries(file, *keys):
    """The entries at ``keys`` of a vector file as pytest parameters; one skipped when there is no folder."""
    if SHARED is None:
        return [pytest.param(None, marks=needs_vectors)]
    found = json.loads((Path(SHARED) / "vectors" / file).read_text(encoding="utf-8"))
    for key in keys:
        found = found[key]
    return [pytest.param(entry, id=str(entry.get("id", place))) for place, entry in enumerate(found)]


def top_label(entry):
    """(confidence, correct) of an entry that gives either those or class probabilities."""
    if "conf" in entry:
        return entry["conf"], entry["correct"]
    probs, labels = np.array(entry["probs"]), np.array(entry["labels"])
    return list(probs.max(axis=1)), list(probs.argmax(axis=1) == labels)


@pytest.mark.parametrize("entry", entries("ece.json"))
def test_ece(entry):
    """Top-label ECE over (a, b] bins meets torchmetrics, ucal, uncertainty-metrics, TFP and others."""
    tolerance = entry.get("tol", 1e-9)
    confidence, correct = top_label(entry)
    bins = calibration.reliability_bins(confidence, correct, n_bins=entry["n_bins"])
    gaps = {b: abs(b.mean_confidence - b.accuracy.value) for b in bins}
    expected = entry["expected"]

    assert expected["l1"] == pytest.approx(
        calibration.ece(confidence, correct, n_bins=entry["n_bins"]), abs=tolerance
    )
    assert expected["l1"] == pytest.approx(
        sum(b.n * gap for b, gap in gaps.items()) / len(correct), abs=tolerance
    )
    if "max" in expected:
        assert expected["max"] == pytest.approx(
            calibration.mce(confidence, correct, n_bins=entry["n_bins"]), abs=tolerance
        )
    if "l2" in expected:
        squares = sum(b.n * gap**2 for b, gap in gaps.items()) / len(correct)
        assert expected["l2"] == pytest.approx(math.sqrt(squares), abs=tolerance)
    if "bin_counts" in entry:
        assert [n for n in entry["bin_counts"] if n] == [b.n for b in bins]
    if "brier_sum" in expected:
        assert expected["brier_sum"] == pytest.approx(
            calibration.brier_multiclass(entry["probs"], entry["labels"]), abs=tolerance
        )


@pytest.mark.parametrize("entry", entries("helm_style.json", "ece_equal_mass"))
def test_equal_mass_ece(entry):
    """Equal-mass ECE cuts at midpoints and merges tied edges, as HELM's library does."""
    actual = calibration.ece(entry["conf"], entry["correct"], n_bins=entry["n_bins"], scheme="equal-mass")
    assert entry["expected"] == pytest.approx(actual, abs=1e-9)


@pytest.mark.parametrize("entry", entries("brier.json", "calibration_curve"))
def test_reliability_bins(entry):
    """Bins have the accuracies and mean confidences of scikit-learn's calibration curve."""
    if entry["strategy"] != "uniform":
        pytest.skip("only bins of equal width are drawn")
    bins = calibration.reliability_bins(entry["p"], entry["y"], n_bins=entry["n_bins"])
    assert entry["prob_true"] == pytest.approx([b.accuracy.value for b in bins])
    if "prob_pred" in entry:
        assert entry["prob_pred"] == pytest.approx([b.mean_confidence for b in bins])
