# Hotline. `make help` lists everything; `make run` and `make test` are all a newcomer needs.
PYTHON ?= python3
PORT ?= 8000
DATA ?= data
EXTRAS ?= --all-extras
UV_VERSION := 0.13.9
BIN := .venv/bin
INSTALLED := .venv/.installed
ENGLISH := hotline/web/translations/en/LC_MESSAGES/messages.po
# Ten processes start at each `hotline up`: compiling everything anew would double what each of them costs.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help install run test lint bench asterisk prompts translations clean
.DEFAULT_GOAL := help

help: ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

install: $(INSTALLED) ## Make the environment in .venv from the lock file [EXTRAS= for one without the models]

$(INSTALLED): pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Hotline needs Python 3.11 or newer: make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x .venv/tools/bin/uv || { $(PYTHON) -m venv .venv/tools && .venv/tools/bin/python -m pip install -q uv==$(UV_VERSION); } || { rm -rf .venv/tools; echo "Making the environment failed; on Debian: apt install python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	.venv/tools/bin/uv sync --frozen --quiet $(EXTRAS)
	@touch $@

run: install ## Start everything here: make run [PORT=8123] [DATA=some/dir] [TELEPHONY=asterisk]
	@exec $(BIN)/hotline up --port $(PORT) --data $(DATA) $(if $(TELEPHONY),--telephony $(TELEPHONY))

test: install asterisk ## Install what the tests need, check style and types, run every test
	@scripts/install_test_tools.sh
	$(MAKE) --no-print-directory lint
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: install ## Style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: install asterisk ## Measure calls, tickets and messages a second, side by side (docs/benchmarks.md)
	@scripts/install_test_tools.sh
	$(BIN)/python -m benchmarks

asterisk: ## Fetch Asterisk 22 into .asterisk/ (no root; the system is not touched)
	@scripts/fetch_asterisk.sh .asterisk/prefix

translations: install ## Gather the texts of pages into the English catalogue
	$(BIN)/pybabel -q extract -F babel.cfg -k lazy_gettext --omit-header --sort-by-file --add-location=file -w 110 -o .venv/texts.pot .
	@test -f $(ENGLISH) || $(BIN)/pybabel -q init -i .venv/texts.pot -o $(ENGLISH) -l en
	$(BIN)/pybabel -q update -i .venv/texts.pot -o $(ENGLISH) -l en --omit-header --no-fuzzy-matching --ignore-obsolete -w 110

clean: ## Remove the environment and caches (never data)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
