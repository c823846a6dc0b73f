"""``python -m llmxray``."""

from llmxray.cli import main

if __name__ == "__main__":
    main()
