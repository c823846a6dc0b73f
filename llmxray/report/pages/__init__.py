"""Page models: sentences, table cells and charts as frozen dataclasses, without HTML."""
