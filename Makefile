# Two commands do all: `make run` and `make test`. Everything lives in .venv, made with the system's python3.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run install test test-quick test-crash test-system deb bench-originality bench-quality bench-route bench-soak check format clean
.DEFAULT_GOAL := run

run: install ## judge the packaged demo, then serve this folder's inbox until Ctrl-C
	@$(BIN)/winnowd demo
	@exec $(BIN)/winnowd --home . run

install: $(VENV)/.installed ## make .venv with .venv/bin/winnowd

$(VENV)/.installed: pyproject.toml
	@echo "making $(VENV) (about a minute, once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

test: $(VENV)/.dev ## all tests
	$(BIN)/python -m pytest $(ARGS)

test-quick: $(VENV)/.dev ## all tests but those that take their time (tests/slow.py): two minutes on two quiet cores
	$(BIN)/python -m pytest -m "not slow" $(ARGS)

test-crash: $(VENV)/.dev ## kills, power cuts and faults at every step: minutes, best as root with strace
	WINNOWD_CRASH=1 $(BIN)/python -m pytest tests/crash tests/e2e/test_flood.py $(ARGS)

test-system: $(VENV)/.dev deb ## as root: boot a Debian 12, install, kill, hang, reload, upgrade, remove; minutes
	WINNOWD_SYSTEM=1 $(BIN)/python -m pytest tests/system $(ARGS)

deb: build/.deb ## build/winnowd_VERSION_ARCH.deb, on a Debian 12
build/.deb: $(VENV)/.installed LICENSE $(shell find service/winnowd deploy config -type f -not -name '*.pyc')
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[package]'
	BIN=$(BIN) deploy/deb/build build
	@touch $@

bench-originality: $(VENV)/.dev ## copies found and distinct articles stopped, beside the peers' rules; DATA=folder of texts
	$(BIN)/python -m tests.bench.originality pairs $(or $(DATA),../shared/data/originality)
	$(BIN)/python -m tests.bench.originality injected $(or $(DATA),../shared/data/originality)
	WINNOWD_ORDERS=120 $(BIN)/python -m pytest --quiet tests/e2e/test_samples.py
	$(BIN)/python -m tests.bench.originality cost $(or $(DATA),../shared/data/originality)

bench-quality: $(VENV)/.dev ## good texts kept and damaged ones found, beside C4, Gopher and FineWeb; DATA=folder of texts
	$(BIN)/python -m tests.bench.quality $(or $(DATA),../shared/data/quality)

bench-soak: $(VENV)/.dev ## twenty minutes at 50 files a second: memory, descriptors, delay; build/soak.svg
	$(BIN)/python -m tests.bench.soak

bench-route: $(VENV)/.dev ## what the whole durable route costs an article, beside stock datasketch
	$(BIN)/python -m tests.bench.route

check: $(VENV)/.dev ## format, lint, types, floors
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev ## let ruff format and mend what it can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## remove what make made; never an inbox, a ledger or an article
	rm -rf $(VENV) .mypy_cache .ruff_cache .import_linter_cache .hypothesis build service/*.egg-info
	find service tests -name __pycache__ -type d -exec rm -rf {} +
