# Everything runs from .venv, which `make install` builds from requirements.lock (pins and hashes).
# Needed beforehand: make and Python 3.11 or newer.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# The first Python that is new enough; `make install PYTHON=/path/to/python` chooses another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$p"; break; }; done)

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# What the benchmarks compare with has an environment of its own.
PEERS := .venv-bench

# Processes that share the work of `make test`; `make test WORKERS=0` is one, in order to watch it. More than the
# two cores of a small build server, because some tests wait.
WORKERS ?= 3
# Extra words for pytest: `make test ARGS="-k stop"`.
ARGS ?=
# Whole files are dealt out in the order tests/conftest.py puts them in: the long ones first.
SHARED := -n $(WORKERS) --dist loadscope --no-loadscope-reorder
# What `make torture` repeats: rounds of the kill test.
KILLS ?= 500

LOCK = uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --no-header --quiet

.PHONY: help install demo test coverage lint format bench torture lock clean

help: ## Show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

install: $(INSTALLED) ## Build .venv from requirements.lock (again only when the lock or pyproject.toml changed)

$(INSTALLED): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Saathi needs Python 3.11 or newer: install it, or run make PYTHON=/path/to/python."; exit 1; }
	@test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python could not make a virtual environment: install its venv module (Debian: apt-get install python3-venv)."; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: install ## The whole system on SQLite with three fictional patients, in the browser
	$(BIN)/saathi demo $(ARGS)

# The tests start many processes, which begin sooner from kept bytecode.
test coverage: export PYTHONDONTWRITEBYTECODE :=

test: install ## All tests (some 7 minutes on two cores)
	$(BIN)/python -m pytest $(SHARED) $(ARGS)

coverage: install ## All tests, and which lines and branches they reach (twice as long)
	$(BIN)/python -m pytest $(SHARED) --cov --cov-report=term $(ARGS)

lint: install ## ruff, mypy, import-linter, content check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/saathi content check

format: install ## Let ruff lay out the code and fix what it safely can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install ## Speed, as ratios within one run, on SQLite and PostgreSQL
	@$(MAKE) --no-print-directory $(PEERS)/.installed || echo "Without the libraries to compare with: their lines are left out."
	$(BIN)/python -m tests.benchmarks $(ARGS)

$(PEERS)/.installed: tests/benchmarks/requirements-bench.lock
	@test -x $(PEERS)/bin/python || "$(PYTHON)" -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

torture: install ## The long kill and property runs
	SAATHI_TEST_KILLS=$(KILLS) SAATHI_TEST_HYPOTHESIS=torture $(BIN)/python -m pytest -m "torture or kill" -o faulthandler_timeout=0 $(ARGS)

lock: ## Compile the locks from pyproject.toml and tests/benchmarks/requirements-bench.in (needs uv)
	$(LOCK) --extra build --extra dev --output-file requirements.lock
	$(LOCK) --extra build --constraint requirements.lock --output-file deploy/requirements.lock
	$(subst pyproject.toml,tests/benchmarks/requirements-bench.in,$(LOCK)) --constraint requirements.lock \
		--output-file tests/benchmarks/requirements-bench.lock

clean: ## Remove .venv, caches and build output; data/ stays
	rm -rf $(VENV) $(PEERS) build dist *.egg-info .coverage .coverage.* htmlcov .pytest_cache .mypy_cache .ruff_cache \
		.import_linter_cache .hypothesis
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
