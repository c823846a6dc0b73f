"""Parts of pages with no experiment in them: tables, bars, frames, and the renderer."""
