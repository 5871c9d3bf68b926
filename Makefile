# `make` alone explains itself: the text after ## is the help.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
S ?= all

# Compiled modules are kept whatever the environment says: a verdict waits for the interpreter.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help scenario images test check format unit docker-tests kernel-tests mutants bench flake modern-engine modern-engine-stop clean lock

help: ## this list
	@echo "Socket Lab: run socket programs as if each lived on its own machine, and prove what they did."
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "  Everything is set up on first use. For more: $(BIN)/lab --help, README.md"

$(VENV)/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Socket Lab needs Python 3.11 or newer; this is $$($(PYTHON) --version). Try: make PYTHON=python3.12" >&2; exit 1; }
	@echo "setting up $(VENV) (once)"
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "Python's venv module is missing; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --config-settings editable_mode=compat --editable .
	@touch $@

scenario: $(VENV)/ready ## run all scenarios, or one: make scenario S=udp-ipv6-only
	@$(BIN)/lab run --start-engine $(S)

images: $(VENV)/ready ## build the image the nodes run (nothing changed, nothing built)
	@$(BIN)/lab build

check: $(VENV)/ready ## format, lint, types, import contract
	@$(BIN)/ruff format --check --quiet . || { echo "run: make format" >&2; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/ready ## put the code into the project's format
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

test: check ## check, then all tests, those with Docker included
	@$(BIN)/python -m lab.cli.prepare
	@$(BIN)/python -m tests.kernel.tree || echo "tests/kernel will be skipped"
	@$(BIN)/python -m pytest -n 2 --dist loadgroup

unit: $(VENV)/ready ## the tests that need no Docker
	@LAB_WITHOUT_DOCKER=1 $(BIN)/python -m pytest -m "not docker"

kernel-tests: $(VENV)/ready ## links impaired by netem, in an emulated machine (made once, with mmdebstrap, 300 MB)
	@$(BIN)/python -m tests.kernel.tree
	@$(BIN)/python -m pytest tests/kernel

mutants: $(VENV)/ready ## run wrong programs, none may survive: make mutants S=udp-ipv6-only
	@$(BIN)/python -m lab.cli.prepare
	@$(BIN)/python -m tests.negative.mutants $(S)

bench: $(VENV)/ready ## a scenario and a suite beside the engine's own floor and docker compose, in ratios
	@$(BIN)/python -m tests.bench

flake: $(VENV)/ready ## a thousand cases on a busy, disorderly machine; none may fail: make flake S=udp
	@$(BIN)/python -m tests.bench.flake $(if $(N),--cases $(N)) $(S)

modern-engine: $(VENV)/ready ## a private Docker Engine 28 beside the machine's own (root on Debian or Ubuntu)
	@$(BIN)/python -m lab.private_engine start

modern-engine-stop: $(VENV)/ready ## stop the private engine, leaving nothing running
	@$(BIN)/python -m lab.private_engine stop

clean: $(VENV)/ready ## remove what earlier runs may have left on the engine
	@$(BIN)/lab clean

lock: $(VENV)/ready ## show which pinned packages have newer versions
	@$(BIN)/python -m pip list --outdated
