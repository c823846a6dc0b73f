"""The site as a whole: which page when, one file instead of many, processes."""
