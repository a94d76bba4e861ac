# opswarden. `make demo` and `make test` set everything up by themselves; `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup demo test dearest emulate check pyright bench evals soak lock docs-check build clean sbom

# The newest Python of the supported range that is there.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
PEERS := $(VENV)/.peers
# Tests start hundreds of processes: compiled once, whatever the surroundings say, and where every process looks for it,
# since many are started with an environment of their own.
TESTING := PYTHONDONTWRITEBYTECODE= PYTHONPYCACHEPREFIX=

# Each worker keeps to one end of the suite, so that what a file sets up is set up once, until the other has nothing left.
# One worker more than cores: tests wait for processes and clocks for a third of their time.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)' 2>/dev/null)
SHARING := -n $(WORKERS) --dist worksteal

# drain3, a baseline of the evals, asks for one old cachetools for no reason that its tests know of.
LOCKING := pyproject.toml --group dev --override drain3.override --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --quiet

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP) ## make .venv with every locked package (hashes checked)

$(STAMP): requirements.lock bootstrap.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "opswarden needs Python 3.11, 3.12 or 3.13" >&2; exit 2; }
	@echo "setup: $$($(PYTHON) --version), environment in $(VENV)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "setup: python's venv module is missing (Debian: apt install python3-venv)" >&2; exit 2; }
	@echo "setup: the installer (hash-pinned)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r bootstrap.lock
	@echo "setup: $$(grep -c '==' requirements.lock) locked packages (a minute or two the first time)"
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --require-hashes -r requirements.lock \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(STAMP)
	@echo "setup: done"

# MLflow, Feast, Spark and moto, as large as the rest together: only tests need them. Versions are those of requirements.lock.
$(PEERS): peers.lock $(STAMP)
	@echo "setup: the products that tests run against"
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --require-hashes -r peers.lock \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r peers.lock
	@touch $(PEERS)

demo: $(STAMP) ## triage an incident of the sandbox world and show the report
	@$(BIN)/opswarden demo

test: $(PEERS) ## all tests, offline
	@echo "test: running the tests (about fifteen to twenty minutes on two cores)"
	@$(TESTING) $(BIN)/python -m pytest $(SHARING) $(PYTEST_ARGS)

dearest: ## all tests, and which of them took longest (docs/architecture.md says what keeps them cheap)
	@$(MAKE) test PYTEST_ARGS="--durations=50 --durations-min=0.5 $(PYTEST_ARGS)"

check: $(STAMP) ## lint, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH= $(BIN)/lint-imports

pyright: $(STAMP) ## a second opinion on the types, which takes twice as long as mypy's; part of `make soak`
	$(BIN)/pyright

bench: $(PEERS) ## the speed figures, with the machine's load beside them
	$(BIN)/python -m benchmarks

evals: $(STAMP) ## all suites on invented data, offline, and a page in build/evals; EVAL_AGAINST=DIR compares (docs/evaluation.md)
	$(BIN)/opswarden eval all --out build/evals $(if $(EVAL_AGAINST),--against $(EVAL_AGAINST))
	@test -z "$${OPSWARDEN_EVAL_DATA:-}" || $(BIN)/opswarden eval run rca --data "$$OPSWARDEN_EVAL_DATA"
	@test -z "$${OPSWARDEN_REDACTION_DATA:-}" || $(BIN)/opswarden eval run redaction --data "$$OPSWARDEN_REDACTION_DATA"

soak: $(PEERS) pyright ## the long crash, fuzz and load runs of which `make test` takes a sample; FUZZ_SECONDS=600 is one of them
	OPSWARDEN_SOAK=1 $(TESTING) $(BIN)/python -m pytest -m soak $(PYTEST_ARGS)
	OPSWARDEN_SOAK=1 $(TESTING) $(BIN)/python -m pytest -m "not soak" $(PYTEST_ARGS) tests/apps/leaks/test_leaks_*.py tests/policies/test_never.py \
		$(addprefix tests/redaction/test_,agreement.py nothing_kept.py planted.py properties.py soak_fuzz.py)

lock: $(STAMP) ## resolve the dependencies again: one resolution, of which setup installs the part without test peers
	@$(BIN)/uv pip compile $(LOCKING) --group peers --upgrade -o peers.lock
	@cp peers.lock requirements.lock
	@$(BIN)/uv pip compile $(LOCKING) -o requirements.lock

emulate: $(STAMP) ## an independent Slack for the tests, with npm: a second opinion beside our double (docs/slack.md)
	@mkdir -p $(VENV)/emulate && cp tests/doubles/emulate/package*.json $(VENV)/emulate/
	@npm ci --prefix $(VENV)/emulate --ignore-scripts --no-audit --no-fund --loglevel=error

build: $(STAMP) ## wheel and sdist into dist/
	$(BIN)/python -m build --no-isolation

sbom: $(STAMP) ## bill of materials (CycloneDX 1.6) of the locked packages, in build/sbom.cdx.json
	@$(BIN)/python deploy/sbom.py

clean: ## remove what was built
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
