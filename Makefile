# The repository's front door: `make help` lists what there is.

PYTHON ?= python3
PORT ?= 8000
DATA ?= ./userhero-data
DATABASES ?= sqlite postgresql
TEST_PROCESSES ?= 2
PYTEST_ARGS ?=
BENCH_ARGS ?=
FUZZ_EXAMPLES ?= 200
FUZZ_DATABASE ?= sqlite
FUZZ_ARGS ?=
FIGURES ?=
LOCK_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
# Twice quiet: a warning about somebody's package index is not ours to print; errors still show.
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet

# A stamp is named after what is in the locks: a second run costs nothing, a changed lock installs anew.
RUN_LOCKS := requirements-build.lock requirements.lock
DEV_LOCKS := $(RUN_LOCKS) requirements-dev.lock
RUN_STAMP := $(VENV)/.run-$(shell cat $(RUN_LOCKS) | cksum | cut -d' ' -f1)
DEV_STAMP := $(VENV)/.dev-$(shell cat $(DEV_LOCKS) | cksum | cut -d' ' -f1)

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links $(LOCK_ARGS)
SOURCES := $(wildcard userhero tools tests benchmarks)

.DEFAULT_GOAL := help
.PHONY: help setup setup-run run test test-packages check check-format check-lint check-types check-layers \
	check-house check-docs check-cases bench bench-small bench-versus fuzz trust trust-page format lock audit clean

help: ## List the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)$$/  make \1\t\2/p' Makefile | expand -t 22

run: $(RUN_STAMP) ## Make a demo workspace and serve it (PORT=8000 DATA=./userhero-data)
	@exec $(BIN)/userhero demo --serve --data "$(DATA)" --port "$(PORT)"

setup: $(DEV_STAMP) ## Install what development needs into .venv

setup-run: $(RUN_STAMP) ## Install only what running needs into .venv

$(BIN)/python:
	@tools/make-venv "$(PYTHON)" $(VENV)

$(RUN_STAMP): | $(BIN)/python
	@echo "Installing userhero into $(VENV) ..."
	@$(PIP) install --require-hashes $(RUN_LOCKS:%=-r %)
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@rm -f $(VENV)/.run-*
	@touch $@

# The locks agree with each other, so whatever serves development serves running too.
$(DEV_STAMP): | $(BIN)/python
	@echo "Installing userhero and its development tools into $(VENV); this takes a minute or two ..."
	@$(PIP) install --require-hashes $(DEV_LOCKS:%=-r %)
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@rm -f $(VENV)/.run-* $(VENV)/.dev-*
	@touch $(RUN_STAMP) $@

test: $(DEV_STAMP) test-packages ## Run the suite on SQLite, then on PostgreSQL (DATABASES=sqlite PYTEST_ARGS="...")
	@failed=; for database in $(DATABASES); do \
		echo "pytest --database=$$database"; \
		$(BIN)/python -m pytest -q -n $(TEST_PROCESSES) --database=$$database $(PYTEST_ARGS) || failed=yes; \
	done; test -z "$$failed"

test-packages: ## Install the system packages that the tests drive
	@tools/system-packages test

# One failing check does not hide the others.
check: $(DEV_STAMP) ## Run every static check
	@$(MAKE) --no-print-directory --keep-going --jobs 2 --output-sync=target \
		check-format check-lint check-types check-layers check-house check-docs check-cases

check-format: $(DEV_STAMP)
	@$(BIN)/ruff format --check --quiet --output-format concise $(SOURCES)

check-lint: $(DEV_STAMP)
	@$(BIN)/ruff check --quiet --output-format concise $(SOURCES)

check-types: $(DEV_STAMP)
	@$(BIN)/mypy --strict $(SOURCES)

check-layers: $(DEV_STAMP)
	@$(BIN)/lint-imports --no-logo

check-house: $(DEV_STAMP)
	@$(BIN)/python tools/check_house.py

check-docs: $(DEV_STAMP)
	@$(BIN)/python tools/check_docs.py

check-cases: $(DEV_STAMP)
	@$(BIN)/python tools/check_cases.py

bench: $(DEV_STAMP) ## Measure at full size and write benchmarks/results.md
	@$(BIN)/python -m benchmarks $(BENCH_ARGS)

bench-small: $(DEV_STAMP) ## Prove on little data that the benchmarks work
	@$(BIN)/python -m benchmarks --small $(BENCH_ARGS)

bench-versus: $(DEV_STAMP) ## Measure other products beside this one and write benchmarks/versus.md
	@$(BIN)/python -m benchmarks versus $(BENCH_ARGS)

fuzz: $(DEV_STAMP) ## Try the API with requests made from its description (FUZZ_EXAMPLES=200 FUZZ_DATABASE=sqlite)
	@$(BIN)/python -m tests.fuzz --examples $(FUZZ_EXAMPLES) --database $(FUZZ_DATABASE) $(FUZZ_ARGS)

trust: $(DEV_STAMP) ## Measure the headline figures of reliability and write them down (FIGURES="H1 H5")
	@$(BIN)/python -m tests.trust $(FIGURES)

trust-page: $(DEV_STAMP) ## Bring docs/reliability.md up to date with the tests and figures
	@$(BIN)/python tools/check_cases.py --write

format: $(DEV_STAMP) ## Format the code and mend what the linter can mend
	@$(BIN)/ruff format $(SOURCES)
	@$(BIN)/ruff check --fix $(SOURCES)

lock: $(DEV_STAMP) ## Compile the lock files from pyproject.toml (LOCK_ARGS=--upgrade for newer releases)
	@$(COMPILE) pyproject.toml -o requirements.lock
	@$(COMPILE) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	@$(COMPILE) --group pyproject.toml:build -c requirements-dev.lock -o requirements-build.lock
	@for name in roundup helpdesk; do \
		$(COMPILE) benchmarks/versus/requirements-$$name.in -o benchmarks/versus/requirements-$$name.lock || exit 1; \
	done

audit: $(DEV_STAMP) ## Ask the advisory database about the locked releases (needs the network)
	@$(BIN)/pip-audit --strict --disable-pip --require-hashes -r requirements.lock
	@$(BIN)/pip-audit --strict --disable-pip --require-hashes -r requirements-dev.lock

clean: ## Remove .venv, caches and build results; data directories stay
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .schemathesis .import_linter_cache
	@find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +
