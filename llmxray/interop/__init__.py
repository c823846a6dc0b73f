"""Results of other tools, in and out: `read` reads what they wrote, `write` gives what they read."""
