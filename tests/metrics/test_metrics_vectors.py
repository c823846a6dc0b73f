"""Published reference values, read from the folder LLMXRAY_SHARED; each entry names its source."""

import json
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
    expected = entry["expected"]
    assert expected["l1"] == pytest.approx(
        calibration.ece(confidence, correct, n_bins=entry["n_bins"]), abs=tolerance
    )
    if "max" in expected:
        assert expected["max"] == pytest.approx(
            calibration.mce(confidence, correct, n_bins=entry["n_bins"]), abs=tolerance
        )
    if "bin_counts" in entry:
        bins = calibration.reliability_bins(confidence, correct, n_bins=entry["n_bins"])
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
