"""Numbers about results: pure functions of columns, each estimate with its interval and counts.

=============  ==========================================================================
module         contents
=============  ==========================================================================
accuracy       proportion, wilson, share, mean, clustered, clustered_share,
               averaged_share, within_unit, standard_error, clustered_standard_error
calibration    ece, module_bin_average, mce, gap, brier, brier_multiclass; also hands on
               reliability_bins, reliability_curve and smooth_ece
binning        reliability_bins, Bin: equal-width and equal-mass bins
smooth         smooth_ece, reliability_curve: calibration without bins
discrimination auroc: pairs of answers within suite and number of options
verdict        judge: verdicts on predictions made together, Holm over the family
looks          Looks: verdicts on data that are still coming in; levels, expected (questions, power)
evidence       one-sided p-values and intervals of an estimate at any level
contrasts      shares, ratios, medians, calibration_errors, discriminations, similarities: evidence
               on one condition, or on the difference of two
equivalence    compare: better, equivalent, worse or inconclusive, by a margin
paired         join, compare_shares (do two conditions differ), mcnemar_exact, holm,
               minimum_detectable_effect
latency        summary (medians), per_unit (right answers per second), tpot, tokens_per_second
position       by_position, letter_shares, cochran_q, all_rotations: a position-bias audit
decision       cascade
choice         above_chance, trust: scores of a weighted choice
groups         places (best and worst, with probabilities), uneven, difference_within
guessing       knows: accuracy against blind guessing, exact
subjects       group_of: STEM, humanities, social sciences, other
correlation    correlation, critical: the smallest correlation that few points can show
items          statistics, rivals: items over many models, difficulty, discrimination, keys that look wrong
ranking        ranks: percentile rank among the models at hand, with ties
bands          band, difference: accuracy in two bands of confidence
cost           cost, machine_cost
columns        complete_rows, scored_rows: None is left out and counted
distributions  normal, t, chi-squared, binomial; clopper_pearson
joint          Joint: conditions on one draw of questions
resampling     units of rows, and bootstrap draws of them
=============  ==========================================================================

Every input may hold None for a missing value; every `llmxray.types.Estimate` says how many there
were. Differences and ratios are a − b and a / b. Randomness is an explicit `numpy.random.Generator`. scipy loads
its parts where they are first called: imported by name, they would take a third of the start of every command.
"""
