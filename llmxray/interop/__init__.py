"""Results of other tools, in and out: `read` takes what they wrote, `write` gives what they read."""
