"""Headlines: each kind of experiment says and draws what it was made to find."""

from collections import Counter
from dataclasses import replace

import numpy as np
from designs import rotated
from reading_data import comparison, words

from llmxray.report.analysis import Analysis
from llmxray.report.analysis.data import ExperimentData
from llmxray.report.analysis.similarity import _effect as _effect_of
from llmxray.report.analysis.similarity import similarity
from llmxray.report.pages import overview as experiment_index
from llmxray.report.wording.headline import headline


def sweep(folder, *, preset=None, samples=3) -> ExperimentData:
    """Cool repeats itself, hot shares little with itself and less with cool."""

    def tell(trial, sample):
        return (
            words("snow ", "falls ", "slowly")
            if trial.condition == "cool"
            else words("snow ", f"at {sample}")
        )

    data = comparison(folder, tell, samples=samples)
    return replace(data, experiment=data.experiment.model_copy(update={"preset": preset}))


def test_an_audit_of_places_opens_with_the_places(tmp_path):
    """Not with who is more accurate: each condition by the place of the right option."""
    analysis = Analysis(rotated(tmp_path))
    found = headline(analysis)
    assert "small is right in 100% where A is right" in str(found.sentences[0])
    assert [1.0, 0.0, 0.0, 0.0] == [each.value for _, each, _ in found.rows[0][2]]
    assert "robustness.html#position" == found.link.href
    page = experiment_index.page_values(analysis)
    assert ["right is A", "right is B", "right is C", "right is D"] == [
        line.name for line in page.picture.groups[0].lines
    ]


def test_a_comparison_opens_with_what_the_setting_changes(tmp_path):
    """Likeness within a setting beside likeness between settings, a row a prompt."""
    found = headline(Analysis(sweep(tmp_path / "many", samples=10)))
    assert "The setting clearly changes the answers to" in str(found.sentences[0])
    assert ["same setting", "different settings"] == [name for name, _, _ in found.rows[0][2]]
    inside, outside = (share for _, share, _ in found.rows[0][2])
    assert inside.value > outside.value


def _effect(found, kind="setting_deals"):
    return _effect_of({name: getattr(alike, kind) for name, alike in found.items()})


def test_no_effect_is_rarely_called_clear():
    """Random words at one setting and at two: a setting and a seed are each found in at most 5%, by luck in 10%."""
    rng = np.random.default_rng(3)
    hits = Counter()
    for draw in range(100):
        texts = {s: [" ".join(rng.choice(list("abcdefgh"), 4)) for _ in range(6)] for s in ("cool", "hot")}
        found = {"x": similarity(texts, str(draw))}
        for kind in ("setting_deals", "seed_deals"):
            hits[kind] += bool(_effect(found, kind).clear)
    assert max(hits.values()) <= 10
    # The words of a sample depend on its seed alone: sharing it is found, and is not taken for the setting.
    shared = [f"{n} {n + 1} {n + 2}" for n in range(0, 24, 3)]
    found = {"x": similarity({"cool": shared, "hot": shared}, "shared")}
    assert not _effect(found).clear
    assert _effect(found, "seed_deals").clear


def test_one_seed_opens_with_the_seed(tmp_path):
    """Sharing it makes nothing alike here: the texts do not depend on it."""
    found = headline(Analysis(sweep(tmp_path, preset="deterministic-pair")))
    assert "findings.seed-none" == found.sentences[0].kind
    assert ["same seed", "other seeds"] == [name for name, _, _ in found.rows[0][2]]
