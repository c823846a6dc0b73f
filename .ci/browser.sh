#!/usr/bin/env bash
# Find a Chromium for the browser tests, or get one; the tests say what they do without.
set -u
for name in chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable chrome; do
  command -v "$name" >/dev/null && exit 0
done
.venv/bin/python - <<'PY' && exit 0
import pathlib, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as p:
    sys.exit(not pathlib.Path(p.chromium.executable_path).exists())
PY
echo "no Chromium found: trying Playwright's download"
# It may be out of reach, and would then be waited for.
timeout 300 .venv/bin/python -m playwright install chromium >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "trying the system package"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null && exit 0
fi
echo "no browser could be had: browser tests will skip (install Chromium to run them)"
