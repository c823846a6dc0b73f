"""Other people's tools that benches and tests point at the proxy, each in an environment of its own.

An environment is made once, in the user's cache folder: they bring many packages, which are none of ours.

    python bench/peers.py [NAME …]      all of them without a name
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

PEERS: dict[str, tuple[str, ...]] = {
    "anthropic": ("anthropic==2.10.0",),
    "every_eval_ever": ("every-eval-ever==0.3.0",),
    # The last two for its tables.
    "inspect_ai": ("inspect-ai==0.3.285", "openai", "pandas", "pyarrow"),
    "langchain_openai": ("langchain-openai==1.7.4",),
    "litellm": ("litellm==1.108.0", "litellm[proxy]==1.108.0"),
    "llm": ("llm==0.36",),
    "lm_eval": ("lm-eval==0.4.13",),
}
"""What to install by the name of the module; the first one names the folder."""


def python_of(name: str) -> Path:
    """The Python of the environment that has a peer, made where it is not there yet."""
    requirement, *more = PEERS[name]
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "llmxray" / requirement
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    # Written last, so that an installation that was interrupted is made again.
    done = home / "ready"
    if not done.exists():
        print(f"installing {requirement} into {home} (once)", flush=True)
        venv.create(home, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-q", requirement, *more], check=True)
        done.touch()
    return python


if __name__ == "__main__":
    for peer in sys.argv[1:] or PEERS:
        python_of(peer)
