"""The plot of what samples keep."""

from __future__ import annotations

from llmxray.charts.greedy_agreement import AgreementPanel, draw


def test_plot_is_the_same_every_time_and_follows_the_page():
    """One title per panel, its description, and no colour that a theme could not change."""
    panels = [
        AgreementPanel("t0.2", "c0", ((0.5, 1.0, True), (0.1, 0.25, False))),
        AgreementPanel("t1.2", "c1", ((0.5, 0.5, None),)),
    ]
    svg = draw(panels, name="greedy-agreement", description="What is kept.")
    assert svg == draw(panels, name="greedy-agreement", description="What is kept.")
    assert 'aria-label="What is kept."' in svg
    assert "t0.2" in svg
    assert "var(--c1)" in svg
    assert "style=" not in svg
