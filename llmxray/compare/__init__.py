"""Comparison of replies: pure functions of texts and tokens.

==========  =================================================================================
module      contents
==========  =================================================================================
worddiff    word_diff, changed_words, similarity, mostly_rewritten
text        words, count_syllables, syllables_per_line, is_haiku, distinct_words, jaccard
divergence  first_divergence: the tokens at which replies part
==========  =================================================================================
"""
