# What a newcomer needs is Python 3.11 or newer and make; the rest is installed into .venv, as locked.
# Settings:  PYTHON=python3.13      which Python makes .venv
#            ARGS="-n 2 -k money"   more for pytest's command line
#            LOCK=--upgrade         make lock takes the newest versions that fit

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test spark lint format bench lock clean

PYTHON ?= python3 python3.14 python3.13 python3.12 python3.11 python
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet
OUT := out
# Every core has a share of the proofs.
ARGS ?= -n auto

# An installation carries this mark while it runs and the other one when it is complete.
BEGUN := $(VENV)/.valuehour-begun
READY := $(VENV)/.valuehour-ready
# npm empties the folder before it fills it, so these marks too mean: complete.
NODE_PACKAGES := tests/validator/node_modules/.valuehour-ready tests/pyodide/node_modules/.valuehour-ready
IS_NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))

# Environments know their absolute path: in a tree that was moved or copied, .venv is made anew.
ifneq ($(shell cat $(READY) 2>/dev/null),$(CURDIR))
.PHONY: $(READY)
endif

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

demo: $(READY) ## build the worked example into ./out and check it
	$(BIN)/valuehour build value_model --scenario decision_continuity --out $(OUT)
	$(BIN)/valuehour verify $(OUT)/value_model.xlsx
	$(BIN)/valuehour eval "=VALUE_PER_HOUR(88000000,3)"
	@echo
	@echo "Open $(OUT)/value_model.xlsx in Excel or LibreOffice:"
	@echo "  Summary    the page for the board; the value per hour is the number just printed"
	@echo "  Inputs     change a blue cell or pick another case, and every sheet follows"
	@echo "  Checks     what ties out, and what does not"
	@echo "Read it without a spreadsheet: $(BIN)/valuehour read $(OUT)/value_model.xlsx --json"

test: lint $(NODE_PACKAGES) ## check the code and run every proof
	$(BIN)/python -m pytest $(ARGS)

spark: $(READY) ## the proofs that need Spark (400 MB to install) and Java 17
	$(PIP) install "pyspark[connect]>=4,<5"
	$(BIN)/python -m pytest -m requires_spark $(ARGS)

lint: $(READY) ## style, types and the walls between the rooms
	$(BIN)/python -m ruff check
	$(BIN)/python -m ruff format --check
	$(BIN)/python -m mypy
	$(BIN)/lint-imports --no-logo

format: $(READY) ## rewrite the code in the house style
	$(BIN)/python -m ruff check --fix
	$(BIN)/python -m ruff format

bench: $(READY) ## time what must be fast
	$(BIN)/python -m tests.benchmarks

lock: $(READY) ## write the lock files anew from pyproject.toml
	$(BIN)/python -m uv pip compile pyproject.toml --extra all --extra server --group dev $(AS_LOCK) -o requirements.lock $(LOCK)
	$(BIN)/python -m uv pip compile --group node $(AS_LOCK) -o tests/validator/node.lock $(LOCK)
	cd tests/validator && npm install --package-lock-only
	cd tests/pyodide && npm install --package-lock-only

clean: ## remove everything that make has made
	rm -rf $(VENV) $(OUT) dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis tests/*/node_modules
	find src tests -name __pycache__ -prune -exec rm -rf {} +

AS_LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock"

# A healthy .venv is brought up to the lock; one whose installation was cut short is made anew.
$(READY): requirements.lock pyproject.toml
	@if [ -e $(READY) ] && [ "$$(cat $(READY))" != "$(CURDIR)" ]; then \
	    echo "$(VENV) belongs to another place: it is made anew."; rm -rf $(VENV); \
	elif [ -e $(BEGUN) ]; then \
	    echo "The last installation was cut short: $(VENV) is made anew."; rm -rf $(VENV); \
	fi
	@if ! $(BIN)/python -c '$(IS_NEW_ENOUGH)' 2>/dev/null || ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	    rm -rf $(VENV); \
	    found=; for python in $(PYTHON); do \
	        if $$python -c '$(IS_NEW_ENOUGH)' 2>/dev/null; then found=$$python; break; fi; \
	    done; \
	    if [ -z "$$found" ]; then \
	        echo "valuehour needs Python 3.11 or newer; none was found as: $(PYTHON)." >&2; \
	        echo "Name yours:  make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; \
	    fi; \
	    mkdir -p $(VENV) && touch $(BEGUN); \
	    if ! $$found -m venv $(VENV); then \
	        rm -rf $(VENV); \
	        echo "$$found cannot make virtual environments; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; \
	    fi; \
	fi
	@echo "Installing into $(VENV), as locked ..."
	@touch $(BEGUN) && rm -f $(READY)
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@echo "$(CURDIR)" > $(BEGUN) && mv $(BEGUN) $(READY)

# The judge of workbook files and Python for browsers are npm packages. Where node is missing, it comes from PyPI. Where
# neither can be had the tests say which proofs they could not run. Like pip, node is to trust the certificates that the
# system trusts.
tests/%/node_modules/.valuehour-ready: tests/%/package-lock.json tests/validator/node.lock | $(READY)
	@if ! { command -v node && command -v npm; } >/dev/null 2>&1 && ! [ -x $(BIN)/npm ]; then \
	    echo "Installing node into $(VENV), as locked ..."; \
	    $(PIP) install --require-hashes -r tests/validator/node.lock; \
	fi; \
	echo "Installing the npm packages of tests/$*, as locked ..."; \
	if (cd tests/$* && PATH="$$PATH:$(CURDIR)/$(BIN)" NODE_USE_SYSTEM_CA=1 npm ci --loglevel=error); then touch $@; \
	else echo "The npm packages of tests/$* could not be installed: the tests will list the proofs that need them." >&2; fi
