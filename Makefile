# Two commands do all: `make run` and `make test`. Everything lives in .venv, made with the system's python3.
PYTHON ?= python3
VENV := .venv
# Tests start winnowd often: where nothing keeps what is compiled each start compiles all of it, twice the time.
unexport PYTHONDONTWRITEBYTECODE
BIN := $(VENV)/bin
# Packages come as wheels, with the hashes of requirements*.lock; WHEELS= lets pip build what has none for this machine.
WHEELS ?= --only-binary :all:
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
locked = $(PIP) install --require-hashes $(WHEELS) $(1) || { \
	echo "winnowd: not installed. If pip found no version that fits, a package has no wheel for this Python or machine:" \
	"make clean, then make PYTHON=python3.13; or, with a compiler, make WHEELS=" >&2; exit 1; }
compile = UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate \
	--python-version $(shell sed -n 's/^requires-python = ">=\(.*\)"/\1/p' pyproject.toml) --fork-strategy fewest $(ARGS)

.PHONY: run install test test-quick test-crash test-backfill test-clients test-ray test-web pictures test-system deb man bench bench-backfill bench-full bench-languages bench-originality bench-peers bench-quality bench-route bench-soak check format lock reference clean
.DEFAULT_GOAL := run

run: install ## judge the packaged demo, then serve this folder's inbox until Ctrl-C
	@$(BIN)/winnowd demo
	@exec $(BIN)/winnowd --home . run

install: $(VENV)/.installed ## make .venv with .venv/bin/winnowd

$(VENV)/.installed: pyproject.toml requirements.lock requirements-build.lock
	@echo "winnowd: installing into $(VENV), once and for about a minute"
	@echo "  1 of 3: an environment of its own ($$($(PYTHON) --version))"
	@$(PYTHON) -m venv $(VENV)
	@echo "  2 of 3: $$(grep -c '^[a-z0-9]' requirements.lock) packages, each by its hash (some 150 MB)"
	@$(call locked,-r requirements.lock -r requirements-build.lock)
	@echo "  3 of 3: winnowd itself"
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.installed requirements-dev.lock
	@echo "winnowd: $$(grep -c '^[a-z0-9]' requirements-dev.lock) packages for check and tests, each by its hash"
	@$(call locked,-r requirements.lock -r requirements-dev.lock)
	@touch $@

test: $(VENV)/.dev ## all tests, on all cores
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

test-quick: $(VENV)/.dev ## all tests but those that take their time (tests/slow.py): two minutes on two quiet cores
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not slow" $(ARGS)

test-crash: $(VENV)/.dev ## kills, power cuts and faults at every step: an hour, best as root with strace
	WINNOWD_CRASH=1 $(BIN)/python -m pytest tests/crash tests/e2e/test_flood.py tests/bulk/test_packed_kills.py tests/bulk/test_resume.py $(ARGS)

test-clients: $(VENV)/.dev ## real clients of today, from the package index, write what is then read, and read exports; minutes, once
	WINNOWD_CLIENTS=1 $(BIN)/python -m pytest tests/clients $(ARGS)

test-backfill: $(VENV)/.dev ## a backfill of 3,000 records decides what one pass decides, record by record; minutes
	WINNOWD_RECORDS=3000 $(BIN)/python -m pytest -n auto --dist worksteal tests/bulk/test_backfill.py $(ARGS)

build/ray/.installed: $(VENV)/.dev requirements-ray.lock
	@rm -rf build/ray
	@$(call locked,--no-deps --target build/ray -r requirements-ray.lock)
	@touch $@

test-ray: build/ray/.installed ## backfill on Ray, begun on this machine: equal decisions, and kills; minutes
	PYTHONPATH=$(CURDIR)/build/ray $(BIN)/python -m pytest -m ray tests/bulk $(ARGS)

# What drives the browser, apart from all that is tested; it comes to Python's path for these two alone.
BROWSER := playwright>=1.65,<2 axe-playwright-python>=0.1.8,<1 pillow>=12

/usr/bin/chromium:
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get update -qq && apt-get install -y chromium; \
		else echo "winnowd: there is no $@; on a Debian, as root: apt-get install chromium" >&2; exit 1; fi

build/browser/.installed: $(VENV)/.dev tests/web/browser/requirements.lock
	@rm -rf build/browser
	@$(call locked,--target build/browser -r tests/web/browser/requirements.lock)
	@touch $@

test-web: build/browser/.installed /usr/bin/chromium ## each page in Debian's Chromium: axe, keys, phones, no script; minutes
	WINNOWD_WEB=1 PYTHONPATH=build/browser $(BIN)/python -m pytest tests/web/browser $(ARGS)

pictures: build/browser/.installed /usr/bin/chromium ## take docs/pictures anew, of the demo's articles on the page
	PYTHONPATH=build/browser $(BIN)/python -m tests.web.browser.pictures docs/pictures

test-system: $(VENV)/.dev deb ## as root: boot a Debian 12, install, kill, hang, reload, upgrade, remove; minutes
	WINNOWD_SYSTEM=1 $(BIN)/python -m pytest tests/system $(ARGS)

deb: build/.deb ## build/winnowd_VERSION_ARCH.deb, on a Debian 12
build/.deb: $(VENV)/.dev LICENSE tests/man_pages.py tests/reference.py tests/sbom.py $(shell find service/winnowd deploy config docs/how-to docs/notify.md docs/metrics.md -type f -not -name '*.pyc')
	BIN=$(BIN) deploy/deb/build build
	@touch $@

man: $(VENV)/.dev ## build/man, a page a command; man -l build/man/winnowd.1.gz
	$(BIN)/python -m tests.man_pages build/man

bench: $(VENV)/.dev ## the whole route beside stock datasketch: files, JSON Lines, copies, pages; some eight minutes
	$(BIN)/python -m tests.bench $(ARGS)

bench-full: $(VENV)/.dev ## up to a million articles: cost, start, memory; delay and idleness; 100,000 records; an hour
	$(BIN)/python -m tests.bench.route --stages
	$(BIN)/python -m tests.bench.growth
	$(BIN)/python -m tests.bench.latency --rate 10 --idle 60
	$(BIN)/python -m tests.bench.long_file 100000
	@if [ -d $(or $(DATA),../shared/data/originality) ]; then \
		$(BIN)/python -m tests.bench.originality cost $(or $(DATA),../shared/data/originality) --to 1000000; \
	else echo "no development data: the cost of originality by size of the index is not measured"; fi

# Peers of the bench, each in an environment of its own, of the releases that the bench was written for.
PEERS := rensa gaoya datatrove
WITH_rensa := rensa==0.5.0
WITH_gaoya := gaoya==0.2.2
WITH_datatrove := datatrove==0.10.1 fasteners nltk orjson regex spacy tldextract tokenizers 'xxhash<4'

build/peers/%/.installed:
	$(PYTHON) -m venv build/peers/$*
	build/peers/$*/bin/pip --quiet --disable-pip-version-check install --only-binary :all: $(WITH_$*) && touch $@ \
		|| echo "$*: not installed"

bench-peers: $(VENV)/.dev $(PEERS:%=build/peers/%/.installed) ## rensa, gaoya, datatrove on injected copies: rate, recall
	$(BIN)/python -m tests.bench.peers $(ARGS)

bench-backfill: $(VENV)/.dev build/peers/datatrove/.installed ## 50,000 records: backfill, run --once, datatrove's MinHash; an hour
	$(BIN)/python -m tests.bench.backfill $(ARGS)

bench-originality: $(VENV)/.dev ## copies found and distinct articles stopped, beside the peers' rules; DATA=folder of texts
	$(BIN)/python -m tests.bench.originality pairs $(or $(DATA),../shared/data/originality)
	$(BIN)/python -m tests.bench.originality injected $(or $(DATA),../shared/data/originality)
	WINNOWD_ORDERS=120 $(BIN)/python -m pytest --quiet tests/e2e/test_samples.py
	$(BIN)/python -m tests.bench.originality cost $(or $(DATA),../shared/data/originality)

bench-quality: $(VENV)/.dev ## good texts kept and damaged ones found, beside C4, Gopher and FineWeb; DATA=folder of texts
	$(BIN)/python -m tests.bench.quality $(or $(DATA),../shared/data/quality)

bench-languages: $(VENV)/.dev ## good texts kept, rewrites stopped, in each language; DATA=folder of texts, ARGS=--refused
	$(BIN)/python -m tests.bench.languages $(or $(DATA),../shared/data/languages) $(ARGS)

bench-soak: $(VENV)/.dev ## twenty minutes at 50 files a second: memory, descriptors, delay; build/soak.svg
	$(BIN)/python -m tests.bench.soak

bench-route: $(VENV)/.dev ## what the whole durable route costs an article, beside stock datasketch
	$(BIN)/python -m tests.bench.route $(ARGS)

check: $(VENV)/.dev ## format, lint, types, floors
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev ## let ruff format and mend what it can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(VENV)/.dev ## pin the packages anew when pyproject.toml asks for others; ARGS=--upgrade for all that are newer
	$(compile) pyproject.toml --output-file service/winnowd/requirements.lock
	$(compile) pyproject.toml --extra dev --extra package --extra parquet --extra pdf --extra web --constraint requirements.lock --output-file requirements-dev.lock \
		$$(sed -n 's/^\([a-z0-9-]*\)==.*/--no-emit-package \1/p' requirements.lock)
	$(compile) pyproject.toml --extra web --constraint requirements.lock --constraint requirements-dev.lock --output-file requirements-web.lock \
		$$(sed -n 's/^\([a-z0-9-]*\)==.*/--no-emit-package \1/p' requirements.lock)
	$(compile) pyproject.toml --extra ray --constraint requirements.lock --constraint requirements-dev.lock --output-file requirements-ray.lock \
		$$(sed -n 's/^\([a-z0-9-]*\)==.*/--no-emit-package \1/p' requirements.lock)
	printf '%s\n' $(foreach one,$(BROWSER),'$(one)') | $(compile) --output-file tests/web/browser/requirements.lock -
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' \
		| $(compile) --output-file requirements-build.lock -

reference: $(VENV)/.dev ## write config/winnowd.toml and docs/reference anew, from the program
	$(BIN)/python -m tests.reference

clean: ## remove what make made; never an inbox, a ledger or an article
	rm -rf $(VENV) .mypy_cache .ruff_cache .import_linter_cache .hypothesis build service/*.egg-info
	find service tests -name __pycache__ -type d -exec rm -rf {} +
