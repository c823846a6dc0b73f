#!/usr/bin/env bash
# Make locks/*.txt anew from pyproject.toml and .ci/*.in: every package of an installation with its version and the
# SHA-256 of its files, for all systems and Pythons from 3.12 on. `lock.sh` keeps versions that still fit;
# `lock.sh --upgrade` takes the newest. Plain pip installs from them: .ci/venv.sh.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
"$(bash .ci/venv.sh python)" -m venv "$tools"
"$tools/bin/python" -m pip install -q uv
# The index that pip is set up with; its address is written into no file.
index=$("$tools/bin/python" -m pip config get global.index-url 2>/dev/null || true)
if [ -n "$index" ] && [ -z "${UV_DEFAULT_INDEX:-}" ]; then export UV_DEFAULT_INDEX="$index"; fi

compile() {
  "$tools/bin/uv" pip compile -q --universal --python-version 3.12 --generate-hashes --no-header --no-annotate "$@"
}
record=(--extra record --extra hub --extra local)
compile "$@" pyproject.toml .ci/build.in "${record[@]}" --extra cluster --extra dev -o locks/dev.txt
# The smaller ones take their versions from the largest: nobody's environment changes when it grows.
compile "$@" pyproject.toml .ci/build.in "${record[@]}" -c locks/dev.txt -o locks/record.txt
compile "$@" pyproject.toml .ci/build.in -c locks/dev.txt -o locks/core.txt
compile "$@" .ci/test.in -c locks/dev.txt -o locks/test.txt
compile "$@" --no-deps .ci/weights.in -o locks/weights.txt
compile "$@" .ci/audit.in -o locks/audit.txt
if grep -nE '://|index-url' locks/*.txt; then echo "an address of an index is in a lock" >&2; exit 1; fi
