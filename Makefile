# `make demo` to see it, `make test` to check it. Needs Python 3.11+ with pip, and make.

PYTHON ?= python3
VENV ?= .venv
JOBS ?= 2
BIN = $(VENV)/bin

export OMP_WAIT_POLICY ?= PASSIVE

.PHONY: install demo serve test lint browser wheel pins clean
.DEFAULT_GOAL := install

install: $(VENV)/.installed

demo: install
	$(BIN)/vidtrail demo

serve: install
	$(BIN)/vidtrail serve

# pytest comes last, so that its closing line closes the output.
test: $(VENV)/.installed-dev browser lint
	$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup $(TESTS)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

browser:
	sh scripts/browser.sh

wheel: $(VENV)/.installed-dev
	$(BIN)/python -m hatchling build -t wheel

# New exact versions within the bounds of pyproject.toml, for all platforms.
pins: $(VENV)/.installed
	sh scripts/pins.sh $(BIN)/uv

clean:
	rm -rf $(VENV) .venv-ci .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.installed: pyproject.toml constraints.txt scripts/install.sh
	sh scripts/install.sh "$(PYTHON)" "$(VENV)"
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	sh scripts/install.sh "$(PYTHON)" "$(VENV)" dev
	touch $@
