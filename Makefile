# Every target sets up what it needs; nothing is installed outside this folder.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# rustup puts cargo here, and not every shell has looked since.
export PATH := $(PATH):$(HOME)/.cargo/bin
# Two builds of the extension, maturin's and cargo's, agree on the interpreter.
export PYO3_PYTHON := $(abspath $(BIN)/python)

# The page is built by Node into the server's package; nothing else needs Node.
PAGE := python/ferrule/static/index.html
WEB := $(shell find web -name node_modules -prune -o -type f -print 2>/dev/null)
NPM := npm --prefix web

RUST := $(shell find rust -name target -prune -o -type f -print) Cargo.toml Cargo.lock
PYTEST := $(BIN)/python -m pytest
# Cheap ones first, so that a slip is told within the minute.
CHEAP := tests/house tests/unit
# The others mostly wait for processes of their own.
SIDE_BY_SIDE := -n auto --maxprocesses 4 --dist loadfile
# A whole writer, rings and threads and all, with every access to memory checked.
UNDER_VALGRIND := cargo test --locked --package wandb-core --test writer --test pixels \
  --config 'target."cfg(unix)".runner=["valgrind","--quiet","--error-exitcode=9"]'

.PHONY: help demo test test-python test-rust test-web page wheel bench chaos soak lint fmt lock clean
.PHONY: need-python need-cargo need-node released browser

help: ## Say what there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

demo: $(VENV)/.built $(PAGE) ## Train a real model, log it to a local server, read it back
	$(BIN)/python tools/demo.py

test: $(VENV)/.built $(PAGE) released browser ## Run every test, cheap ones first
	$(PYTEST) $(CHEAP)
	$(NPM) test
	cargo test --locked --workspace
	@if command -v valgrind >/dev/null; then set -x; $(UNDER_VALGRIND); else \
	  echo "make: valgrind is missing, so its test is left out: apt-get install valgrind" >&2; \
	  test "$${CI:-}" != true; fi
	$(PYTEST) tests $(CHEAP:%=--ignore=%) $(SIDE_BY_SIDE)

test-python: $(VENV)/.built released ## Run the Python tests
	$(PYTEST)

test-web: $(PAGE) ## Run the page's own tests
	$(NPM) test

test-rust: need-cargo $(VENV)/.tools ## Run the Rust tests
	cargo test --locked --workspace

page: $(PAGE) ## Build the web page

wheel: $(VENV)/.tools $(PAGE) | need-cargo ## Build the wheel into dist/, the page in it
	$(BIN)/maturin build --locked --release --out dist
	$(BIN)/python tools/check_wheel.py dist

bench: $(VENV)/.built $(PAGE) released ## Measure beside the released clients (half an hour)
	$(BIN)/python benches/run.py
	$(BIN)/python benches/online.py
	$(BIN)/python benches/ingest.py
	$(BIN)/python benches/chart_query.py
	$(BIN)/python benches/log_to_screen.py
	$(BIN)/python benches/table_group.py
	$(BIN)/python benches/watch.py

chaos: $(VENV)/.built released ## Kill, fill, tear and cut for 500 rounds; no row may be lost
	$(BIN)/python tests/chaos/run.py --rounds 300
	$(BIN)/python tests/chaos/online.py --rounds 200

soak: $(VENV)/.built $(PAGE) ## Let eight writers log for half an hour under random faults
	$(BIN)/python tests/soak/soak.py

lint: $(VENV)/.built web/node_modules/.installed ## Check style, types, the stub and licences
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	$(NPM) run lint
	$(NPM) run typecheck
	$(PYTEST) -q tests/house/test_native_stub.py tests/house/test_licences.py

fmt: $(VENV)/.tools | need-cargo ## Lay out the code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	cargo fmt --all

lock: $(VENV)/.tools ## Pin the tools of development anew
	$(BIN)/python tools/lock.py

clean: ## Remove what was built
	rm -rf $(VENV) target dist python/wandb/_native*.so python/ferrule/static web/node_modules

# The released clients live in environments of their own; without a package index their tests
# are left out, each with a line, except under CI.
released: $(VENV)/.tools
	@$(BIN)/python tools/released_clients.py >/dev/null || test "$${CI:-}" != true

$(VENV)/.tools: requirements/dev.txt | need-python
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "make: $(PYTHON) lacks its venv module: on Debian, apt-get install python3-venv" >&2; \
	  exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements/dev.txt || { \
	  echo "make: the tools of development are missing: give pip a way to a package index" >&2; \
	  exit 1; }
	@touch $@

$(VENV)/.built: $(VENV)/.tools $(RUST) pyproject.toml | need-cargo
	VIRTUAL_ENV=$(abspath $(VENV)) $(BIN)/maturin develop --locked --release
	@touch $@

# The page is tested in a real browser; without one its tests are left out, except under CI.
browser:
	@command -v chromium >/dev/null || { \
	  echo "make: chromium is missing, so tests in a browser are left out:" \
	    "apt-get install chromium" >&2; test "$${CI:-}" != true; }

web/node_modules/.installed: web/package-lock.json | need-node
	$(NPM) ci --no-audit --no-fund --loglevel=error
	@touch $@

$(PAGE): $(WEB) web/node_modules/.installed
	$(NPM) run build
	@touch $@

need-node:
	@command -v npm >/dev/null || { \
	  echo "make: Node is missing, and the page is built with it: install Node 20.19 or newer" >&2; \
	  exit 1; }

need-python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || { \
	  echo "make: Python 3.10 or newer is missing: install it, or say where it is," \
	    "as in: make $(MAKECMDGOALS) PYTHON=/usr/bin/python3.12" >&2; exit 1; }

need-cargo:
	@command -v cargo >/dev/null || { \
	  echo "make: Rust is missing: install rustup, then: rustup toolchain install stable" >&2; \
	  exit 1; }
