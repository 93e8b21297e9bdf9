# `make help` lists what there is. Everything is set up on first use: .venv/ from requirements/*.lock, caches in .cache/.
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# Which deployment (a folder of inventories/), and which AWS it is applied to.
ENV ?= dev
EMULATOR_PORT ?= 4566
# Empty means the default of each use: moto for the demo, LocalStack (where its Python exists) for molecule.
EMULATOR ?=
# More arguments for one part of the tests: `make unit ARGS="-k cidr"`.
ARGS ?=

# The first Python that really runs and is new enough; ansible-core 2.19 is made for 3.11 to 3.13, a newer one is tried last.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && { command -v $$python; exit; }; done; \
	python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v python3)
VENV_PYTHON := .venv/bin/python
DEMO_KIND = $(or $(EMULATOR),moto)
export EMULATOR

.PHONY: help python venv venv-demo venv-controller lock demo demo-env demo-stop test test-all lint unit sanity integration molecule matrix render docs clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: venv-demo ## Apply ENV (dev) to a local AWS on EMULATOR_PORT (4566), EMULATOR=moto|localstack; show the outputs
	@test -d "inventories/$(ENV)" || { echo "ERROR: there is no inventories/$(ENV); ENV is one of: $$(ls inventories | xargs)" >&2; exit 1; }
	@$(VENV_PYTHON) scripts/emulator.py start --kind $(DEMO_KIND) --port $(EMULATOR_PORT)
	@$(VENV_PYTHON) scripts/demo.py --env $(ENV) --port $(EMULATOR_PORT)

demo-env: python ## Shell lines that point the AWS CLI and Ansible at the demo: eval "$(make -s demo-env)"
	@$(PYTHON) scripts/emulator.py env --port $(EMULATOR_PORT)

demo-stop: python ## Stop the demo's emulator; everything in it is gone
	@$(PYTHON) scripts/emulator.py stop --port $(EMULATOR_PORT)

test: venv ## Run every test that a change must pass (at most 30 minutes)
	@$(VENV_PYTHON) scripts/run_tests.py test

test-all: venv ## What takes longer: every case, site and kill point, upgrades, other programs, deliberate mistakes, other versions; ARGS="kill" for one
	@$(VENV_PYTHON) scripts/run_tests.py $(or $(ARGS),test-all)

lint unit sanity integration molecule: venv
	@$(VENV_PYTHON) scripts/run_tests.py $@ -- $(ARGS)

# For `make help`:
lint: ## yamllint, ruff (rules and format), mypy, changelog fragments, stale rendered files, ansible-lint (production profile)
unit: ## Unit tests
sanity: ## ansible-test sanity
integration: ## Integration tests
molecule: ## Molecule scenarios, on LocalStack or with EMULATOR=moto; ARGS="-s site_dev" for one

matrix: venv ## The site on every supported ansible-core and Python found here; ARGS="2.21-py3.13" for one, oldest, newest
	@$(VENV_PYTHON) scripts/matrix.py $(ARGS)

render: venv ## Renew what is rendered: argument specs and defaults of roles, action groups, RETURN, READMEs, reference pages
	@$(VENV_PYTHON) scripts/render.py

docs: venv-controller ## List the modules; `ansible-doc connectly.shared_infrastructure.<name>` shows one
	@PATH="$(CURDIR)/.venv/bin:$$PATH" ansible-doc --list --type module connectly.shared_infrastructure

venv: python ## Set up .venv with everything that development and tests need
	@$(PYTHON) scripts/setup_venv.py test

venv-demo venv-controller: python
	@$(PYTHON) scripts/setup_venv.py $(@:venv-%=%)

lock: python ## Renew every pin in requirements/*.lock
	@$(PYTHON) scripts/lock.py

clean: demo-stop ## Stop the demo, remove the environments and caches
	rm -rf .venv .cache .ansible .pytest_cache .ruff_cache .mypy_cache

python:
	@test -n "$(PYTHON)" || { echo "ERROR: no Python 3.11 or newer was found on the PATH (PYTHON=/path/to/python3 names one)" >&2; exit 1; }
