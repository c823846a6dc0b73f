"""Published reference values, read from the folder LLMXRAY_SHARED; each entry names its source."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from llmxray.metrics import accuracy, calibration, paired

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


def having(params, *names):
    """Those entries that carry all of ``names``, or the skipped one."""
    return [p for p in params if p.values[0] is None or all(name in p.values[0] for name in names)]


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


@pytest.mark.parametrize("entry", having(entries("brier.json", "vectors"), "y"))
def test_brier(entry):
    """Top-label Brier lies in 0–1, multiclass Brier sums over classes and lies in 0–2."""
    if isinstance(entry["p"][0], list):
        actual = calibration.brier_multiclass(entry["p"], entry["y"])
    else:
        actual = calibration.brier(entry["p"], entry["y"])
    # Two of the published values are rounded to eight digits.
    assert entry["expected"] == pytest.approx(actual, abs=1e-8)


@pytest.mark.parametrize("entry", entries("brier.json", "calibration_curve"))
def test_reliability_bins(entry):
    """Bins have the accuracies and mean confidences of scikit-learn's calibration curve."""
    scheme = {"uniform": "equal-width", "quantile": "equal-mass"}[entry["strategy"]]
    bins = calibration.reliability_bins(entry["p"], entry["y"], n_bins=entry["n_bins"], scheme=scheme)
    assert entry["prob_true"] == pytest.approx([b.accuracy.value for b in bins])
    if "prob_pred" in entry:
        assert entry["prob_pred"] == pytest.approx([b.mean_confidence for b in bins])


def mcnemar_columns(entry):
    """Per-item correctness of two conditions from a 2×2 table or from predictions."""
    if "table" in entry:
        (both, a_only), (b_only, neither) = entry["table"]
        a = [True] * (both + a_only) + [False] * (b_only + neither)
        return a, [True] * both + [False] * a_only + [True] * b_only + [False] * neither
    truth = entry["references"]
    right = [
        [p == t for p, t in zip(entry[name], truth, strict=True)] for name in ("predictions1", "predictions2")
    ]
    return right[0], right[1]


@pytest.mark.parametrize("entry", entries("mcnemar.json", "vectors"))
def test_mcnemar(entry):
    """The exact p-value meets R, statsmodels and mlxtend; the counts give their χ² as well."""
    test = paired.compare_shares(*mcnemar_columns(entry))
    discordant = test.a_ahead + test.b_ahead
    assert entry.keys() & {"exact_p", "exact_p_statsmodels_0.15.0", "exact_stat", "chi2_uncorrected"}
    if "exact_p" in entry:
        assert entry["exact_p"] == pytest.approx(test.p_value, abs=5e-7)
    if "exact_p_statsmodels_0.15.0" in entry:
        assert entry["exact_p_statsmodels_0.15.0"] == pytest.approx(test.p_value, rel=1e-9)
    if "exact_stat" in entry:
        assert entry["exact_stat"] == min(test.a_ahead, test.b_ahead)
    if "chi2_uncorrected" in entry:
        chi2 = (test.a_ahead - test.b_ahead) ** 2 / discordant
        assert entry["chi2_uncorrected"] == pytest.approx(chi2, abs=1e-5)
    if "chi2_corrected" in entry:
        chi2 = (abs(test.a_ahead - test.b_ahead) - 1) ** 2 / discordant
        assert entry["chi2_corrected"] == pytest.approx(chi2, abs=1e-5)
    for kind in ("uncorrected", "corrected"):
        if f"p_{kind}" in entry:
            excess = max(abs(test.a_ahead - test.b_ahead) - (kind == "corrected"), 0)
            p_value = float(stats.chi2.sf(excess**2 / discordant, 1))
            assert entry[f"p_{kind}"] == pytest.approx(p_value, abs=5e-6)


@pytest.mark.parametrize("entry", having(entries("stderr.json", "vectors"), "values"))
def test_standard_errors(entry):
    """Plain and clustered standard errors meet inspect_ai's, and the intervals are built on them."""
    tolerance = 0.5 * 10 ** -entry["round"] if "round" in entry else 1e-12
    if "stderr" in entry:
        assert entry["stderr"] == pytest.approx(accuracy.standard_error(entry["values"]), abs=tolerance)
        variance = len(entry["values"]) * accuracy.standard_error(entry["values"]) ** 2
        assert entry["var"] == pytest.approx(variance, abs=tolerance)
        return
    error = accuracy.clustered_standard_error(entry["values"], entry["cluster"])
    assert entry["computed_here"] == pytest.approx(error, abs=1e-12)
    if "clustered_stderr" in entry:
        assert entry["clustered_stderr"] == pytest.approx(error, abs=tolerance)
    estimate = accuracy.clustered(entry["values"], entry["cluster"])
    n_clusters = len(set(entry["cluster"]))
    if n_clusters >= accuracy.FEWEST:
        half = float(stats.t.ppf(0.975, n_clusters - 1)) * error
        assert (estimate.value - half, estimate.value + half) == pytest.approx((estimate.low, estimate.high))
