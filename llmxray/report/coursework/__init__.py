"""Hand-ins of the course: the two-page brief with its key, the slides, the committee's papers."""
