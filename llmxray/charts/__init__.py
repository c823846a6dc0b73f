"""Charts as SVG text: one module per chart, drawn by altair and vl-convert when the site is built.

Charts take plain numbers and give SVG that follows the page: its ink is ``currentColor``, its other colours
are the page's CSS variables, its type is the page's, and its ids are its own. `theme` is where that is done.
"""
