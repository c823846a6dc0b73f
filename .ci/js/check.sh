#!/usr/bin/env bash
# Lint and type-check the browser scripts. Without node they stay unchecked, but never in CI.
set -euo pipefail
cd "$(dirname "$0")/../.."
tools=.ci/js/node_modules
if ! command -v npm >/dev/null; then
  echo "The browser scripts are not checked: node and npm are not installed." >&2
  if [ "${CI:-}" = true ]; then exit 1; else exit 0; fi
fi
if [ ! -e "$tools/.package-lock.json" ] || [ .ci/js/package-lock.json -nt "$tools/.package-lock.json" ]; then
  npm ci --prefix .ci/js --silent
  touch "$tools/.package-lock.json"
fi
"$tools/.bin/eslint" --config .ci/js/eslint.config.mjs llmxray/report tests/scripts
"$tools/.bin/tsc" --project .ci/js
