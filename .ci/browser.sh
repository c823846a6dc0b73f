#!/usr/bin/env bash
# Find a Chromium for the browser tests, or get one; the last line of the tests says how many skipped without.
set -u
.venv/bin/python -m tests.chromium && exit 0
# Before Playwright's, whose libraries a fresh system may lack.
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "no Chromium found: trying the system package"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq && { apt-get install -y -qq chromium-headless-shell || apt-get install -y -qq chromium; } >/dev/null 2>&1
  .venv/bin/python -m tests.chromium && exit 0
fi
echo "no Chromium found: trying Playwright's download"
# It may be out of reach, and would then be waited for.
timeout 300 .venv/bin/python -m playwright install chromium >/dev/null 2>&1 && exit 0
echo "no browser could be had: browser tests will skip (install Chromium to run them)"
