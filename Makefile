# Everything a checkout needs: `make` lists the targets. Nothing is installed outside .venv but what
# `make test` needs: the browser of the UI test, as root, where none is found, and in .venv-loaders
# the trainers' libraries, in CI or where LOADERS=yes asks for them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo dev test check format lock docs clean browser loaders wheel import-rules

PYTHON ?= python3
CORPUS ?= samples/corpus.yaml
PYTEST_ARGS ?=
# Whether `make test` opens training parts with the trainers' own libraries (torch: 6 GB).
LOADERS ?= $(if $(filter true,$(CI)),yes,no)
# Local state of the demo: the embedded database, the store, Dagster's home.
export LLM_ASSETS_HOME ?= $(CURDIR)/.llm-assets
# Modules are compiled on first use and kept: 6 s of installation where compiling all takes 32, and
# without the kept ones every process would start 2.5 s later.
unexport PYTHONDONTWRITEBYTECODE

UV_VERSION := 0.13.9
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
CLI := $(BIN)/llm-assets
# What an installation was made from. The development set contains the runtime set.
RUNTIME := $(VENV)/.installed
DEVELOPMENT := $(VENV)/.installed-dev
PROJECT := pyproject.toml setup.py $(VENV)/pyvenv.cfg
LOADERS_VENV := .venv-loaders
LOADERS_INSTALLED := $(LOADERS_VENV)/.installed

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(RUNTIME) ## Build the sample corpus and explain one kept and one dropped document
	@$(CLI) materialize --corpus $(CORPUS)
	@$(CLI) why --corpus $(CORPUS) --example kept
	@$(CLI) why --corpus $(CORPUS) --example dropped
	@printf '\nNext: make dev           see the lineage, the numbers and the plots in the browser\n'
	@printf '      $(CORPUS)   what was read, and the recipe: change it, run make demo again\n'
	@printf '      $(CLI) --help\n'

dev: $(RUNTIME) ## Open the corpus in the Dagster UI (Ctrl-C stops all of it)
	@exec $(CLI) dev --corpus $(CORPUS)

test: $(DEVELOPMENT) browser loaders ## Run every test; PYTEST_ARGS='-k word' runs some
	@$(BIN)/python -m pytest --numprocesses auto --dist loadscope $(PYTEST_ARGS)

check: $(DEVELOPMENT) import-rules wheel ## Lint, format, types, import rules, docs, package
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m llm_assets.reference --check
	$(BIN)/python -m pip check

format: $(DEVELOPMENT) ## Format the code and repair what ruff can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(DEVELOPMENT) ## Write the reference pages from the code
	$(BIN)/python -m llm_assets.reference --write

clean: ## Remove what make made: environment, demo state, caches
	@server=$$(head -n 1 .llm-assets/postgres/postmaster.pid 2>/dev/null || true); \
	if [[ -n "$$server" ]] && kill -0 "$$server" 2>/dev/null; then \
		echo "The demo's database is running (process $$server): stop 'make dev' first." >&2; exit 1; \
	fi
	rm -rf $(VENV) $(LOADERS_VENV) .llm-assets build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -path ./.git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

# --- Installation ------------------------------------------------------------------------------

$(VENV)/pyvenv.cfg:
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON): install Python 3.11 or later, or name yours: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "llm-assets needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) --version). Name another: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) || echo "uv cannot be had here: pip installs instead, more slowly."

# $(call install,LOCK): exactly the packages of the lock file, then this checkout in editable form.
# setuptools is in the lock, so that building the project fetches nothing that has no hash.
# pip steps in where uv is missing or does not reach the index (it does not read pip's settings).
define install
	@echo "Installing $(1) ..."
	@{ [[ -x $(UV) ]] && $(UV) pip sync --quiet --python $(BIN)/python --require-hashes $(1); } \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r $(1)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
endef

$(RUNTIME): requirements.lock $(PROJECT)
	$(call install,requirements.lock)
	@rm -f $(DEVELOPMENT) && touch $@

$(DEVELOPMENT): requirements-dev.lock $(PROJECT)
	$(call install,requirements-dev.lock)
	@touch $(RUNTIME) $@

# The build backend is read from pyproject.toml, which alone says which one it is.
COMPILE = $(UV) pip compile --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-strip-extras --custom-compile-command "make lock" --quiet --upgrade
COMPILE_PROJECT = $(COMPILE) pyproject.toml - --universal
BACKEND = $(BIN)/python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['build-system']['requires'], sep='\n')"

lock: $(VENV)/pyvenv.cfg ## Renew the lock files
	$(BACKEND) | $(COMPILE_PROJECT) --output-file requirements.lock
	$(BACKEND) | $(COMPILE_PROJECT) --extra dev --constraint requirements.lock --output-file requirements-dev.lock
	$(COMPILE) requirements-loaders.in --output-file requirements-loaders.lock
	@! grep -nE '[a-z]+://|^-|file:' requirements.lock requirements-dev.lock requirements-loaders.lock || { echo "A lock file names a place on a machine or an index." >&2; exit 1; }

# --- What test and check need ------------------------------------------------------------------

# The UI test drives a Chromium that is already there; playwright never downloads one.
browser:
ifeq (,$(findstring not browser,$(PYTEST_ARGS)))
	@if [[ -n "$${LLM_ASSETS_CHROMIUM:-}" ]]; then \
		[[ -x "$$LLM_ASSETS_CHROMIUM" ]] || { echo "LLM_ASSETS_CHROMIUM=$$LLM_ASSETS_CHROMIUM is no program." >&2; exit 1; }; \
	elif ! command -v chromium chromium-browser google-chrome >/dev/null; then \
		if [[ $$(id -u) = 0 ]] && command -v apt-get >/dev/null; then \
			echo "Installing Chromium for the UI test ..."; \
			export DEBIAN_FRONTEND=noninteractive; \
			apt-get update -qq; \
			apt-get install -qq -y --no-install-recommends chromium fonts-liberation >/dev/null; \
		else \
			echo "The UI test needs Chromium. Install it (Debian: apt-get install chromium fonts-liberation)," >&2; \
			echo "or name one: LLM_ASSETS_CHROMIUM=/path/to/chromium make test" >&2; \
			echo "or leave that test out: make test PYTEST_ARGS='-m \"not browser\"'" >&2; \
			exit 1; \
		fi; \
	fi
endif

# Tests find the trainers' libraries in .venv-loaders, and are skipped where they are not installed.
# Their lock is for Linux: torch has other parts elsewhere.
loaders:
ifeq ($(LOADERS),yes)
ifeq (,$(LLM_ASSETS_LOADERS_PYTHON)$(findstring not loaders,$(PYTEST_ARGS)))
loaders: $(LOADERS_INSTALLED)
endif
endif

$(LOADERS_INSTALLED): requirements-loaders.lock $(VENV)/pyvenv.cfg
	@echo "Installing requirements-loaders.lock ..."
	@$(BIN)/python -m venv --clear $(LOADERS_VENV)
	@{ [[ -x $(UV) ]] && $(UV) pip sync --quiet --python $(LOADERS_VENV)/bin/python --require-hashes $<; } \
		|| $(LOADERS_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r $<
	@touch $@

# ruff keeps the text core pure (TID251); this shows that the rule bites there and only there.
import-rules: $(DEVELOPMENT)
	@probe() { echo 'import dagster' | $(BIN)/ruff check --quiet --select TID251 --stdin-filename "llm_assets/$$1/probe.py" - >/dev/null; }; \
	for pure in corpus formats; do \
		! probe $$pure || { echo "llm_assets/$$pure may import dagster: see per-file-ignores in pyproject.toml" >&2; exit 1; }; \
	done; \
	probe assets || { echo "llm_assets/assets may not import dagster: see per-file-ignores in pyproject.toml" >&2; exit 1; }

# A wheel built from the source archive, and its command run from there, not from this checkout.
wheel: $(DEVELOPMENT)
	@out=$$(mktemp -d); trap 'rm -rf "$$out"' EXIT; \
	$(BIN)/python -m build --no-isolation --outdir "$$out" . >"$$out/log" 2>&1 || { cat "$$out/log" >&2; exit 1; }; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-compile --target "$$out/site" "$$out"/*.whl; \
	PYTHONPATH="$$out/site" PYTHONSAFEPATH=1 "$$out/site/bin/llm-assets" --help >/dev/null; \
	echo "wheel: $$(ls "$$out"/*.whl | xargs -n 1 basename) builds and runs"
