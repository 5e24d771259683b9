# Every command of the project. Nothing is installed outside this folder, and a second run installs nothing again.

# Candidates, first fit; `make run PYTHON=/path/to/python3` names one.
PYTHON ?= python3 python3.14 python3.13 python3.12 python3.11
VENV := .venv
SAM_VENV := .venv-sam
BIN := $(VENV)/bin
SAM := $(SAM_VENV)/bin/sam
# The processor that `make build` builds for: arm64 or x86_64.
ARCHITECTURE ?= arm64

export SAM_CLI_TELEMETRY := 0
export PIP_DISABLE_PIP_VERSION_CHECK := 1

RUN_READY := $(VENV)/.ready-to-run
BROWSER_READY := $(VENV)/.ready-to-browse
TEST_READY := $(VENV)/.ready-to-test
SAM_READY := $(SAM_VENV)/.ready

PYTEST := $(BIN)/python -m pytest -n auto

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run demo invoke test test-long check validate build deploy lock docs clean find-python3.13

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9.-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

# ------------------------------------------------------------------------------------------------- try it

run: $(RUN_READY) ## start Hallpass on this machine (ARGS="--port 9000 --incidents 500"; ARGS=--help tells all)
	@exec $(BIN)/python -m sandbox $(ARGS)

demo: $(RUN_READY) ## starts a Hallpass of its own, shows what it does, ends it
	@$(BIN)/python -m sandbox.tour $(ARGS)

invoke: $(RUN_READY) ## send a recorded event to Hallpass (EVENT=events/vendor-incidents-json.json TOKEN=hp_live_...)
	@test -n "$(EVENT)" || { echo "Which one? make invoke EVENT=..., one of:" >&2; ls events/*.json >&2; exit 2; }
	@$(BIN)/python -m sandbox.invoke "$(EVENT)" $(if $(TOKEN),--token "$(TOKEN)")

# ------------------------------------------------------------------------------------------------- prove it

test: $(TEST_READY) $(SAM_READY) $(BROWSER_READY) ## everything: linters, types, tests with coverage, the template and its build
	@$(MAKE) --no-print-directory check
	$(PYTEST) -m "not long" --cov --cov-report=term-missing:skip-covered

test-long: $(TEST_READY) $(SAM_READY) $(BROWSER_READY) ## the same properties with the big numbers
	@$(MAKE) --no-print-directory check
	HYPOTHESIS_PROFILE=long $(PYTEST) -m "" --cov --cov-report=term-missing:skip-covered

check: $(TEST_READY) ## linters, types and import contracts only
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# ------------------------------------------------------------------------------------------------- deploy it

validate: $(SAM_READY) ## lint the template
	@AWS_DEFAULT_REGION=$${AWS_DEFAULT_REGION:-us-east-1} $(SAM) validate --lint

build: $(SAM_READY) ## build functions and layer for deployment (ARCHITECTURE=arm64); needs a Python 3.13
	@python=$$($(MAKE) --no-print-directory find-python3.13) && \
	PATH="$$python:$$PATH" LAYER_ARCHITECTURE=$(ARCHITECTURE) AWS_DEFAULT_REGION=$${AWS_DEFAULT_REGION:-us-east-1} \
	  $(SAM) build --parameter-overrides Architecture=$(ARCHITECTURE)

# With the command line installed too: what follows a first deployment is `.venv/bin/hallpass bootstrap`.
deploy: build $(RUN_READY) ## build and deploy with your AWS credentials (the first time: ARGS=--guided)
	@$(SAM) deploy $(ARGS)

# Prints the folder of a Python 3.13 that has pip. sam and the layer's Makefile look for python3.13 on the PATH, and
# version managers often keep it off.
find-python3.13:
	@own=$$(eval echo "~$$(id -un)"); \
	for candidate in "$(PYTHON313)" "$$(command -v python3.13 2>/dev/null)" \
	  "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/3.13*/bin/python3.13 "$$own"/.pyenv/versions/3.13*/bin/python3.13 \
	  "$$own"/.local/share/uv/python/cpython-3.13*/bin/python3.13 "$$own"/.local/bin/python3.13 \
	  "$$own"/.local/share/mise/installs/python/3.13*/bin/python3.13 "$$own"/.asdf/installs/python/3.13*/bin/python3.13 \
	  /usr/bin/python3.13 /usr/local/bin/python3.13 /usr/local/*/bin/python3.13 /opt/*/bin/python3.13 \
	  /opt/*/*/bin/python3.13 /Library/Frameworks/Python.framework/Versions/3.13/bin/python3.13; \
	do \
	  if [ -n "$$candidate" ] && [ -x "$$candidate" ] && "$$candidate" -c 'import os, sys, pip; \
	  sys.version_info[:2] == (3, 13) or sys.exit(1); print(os.path.dirname(sys.executable))' 2>/dev/null; \
	  then exit 0; fi; \
	done; \
	echo "No Python 3.13 with pip on this machine, the version Lambda runs. Name one: PYTHON313=/path/to/python3.13" >&2; \
	exit 1

# ------------------------------------------------------------------------------------------------- keep it

# Constraints make the files agree, so that one virtual environment serves `make run` and `make test`.
COMPILE = UV_PYTHON_DOWNLOADS=never $(BIN)/uv pip compile pyproject.toml --quiet --system-certs --python $(BIN)/python --universal \
  --generate-hashes --no-header --no-annotate $(UPGRADE)

lock: $(TEST_READY) ## write the requirements files anew from pyproject.toml (UPGRADE=--upgrade for newer versions)
	$(COMPILE) --extra cli --extra sandbox --extra test -o requirements/test.txt > /dev/null
	$(COMPILE) --extra cli --extra sandbox -c requirements/test.txt -o requirements/run.txt > /dev/null
	$(COMPILE) -c requirements/test.txt -o layers/hallpass/requirements.txt > /dev/null
	$(COMPILE) --extra sam -o requirements/sam.txt > /dev/null

docs: $(TEST_READY) ## print the site for vendors' developers (/docs) anew out of docs/*.md
	@$(BIN)/python -m press

clean: ## remove what the other commands made
	rm -rf $(VENV) $(SAM_VENV) .aws-sam .sandbox .hypothesis .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# ------------------------------------------------------------------------------------------------- installs

# $(1) is the folder. Says in a line what is missing on this machine.
define virtual_environment
@picked=; for candidate in $(PYTHON); do \
  if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then picked=$$candidate; break; fi; \
done; \
if [ -z "$$picked" ]; then \
  echo "Hallpass needs Python 3.11 or newer. Tried: $(PYTHON). Name one with PYTHON=/path/to/python3." >&2; exit 1; \
fi; \
if ! "$$picked" -c 'import venv, ensurepip' 2>/dev/null; then \
  echo "$$picked cannot make virtual environments: its venv or ensurepip module is missing." >&2; \
  echo "On Debian and Ubuntu they are in the package python3-venv." >&2; exit 1; \
fi; \
"$$picked" -m venv $(1)
endef

# $(1) is the folder, $(2) the requirements. The files are complete and hashed: nothing else is resolved or fetched.
define install
@echo "Installing $(2) into $(1); the first time this takes about a minute ..."
@$(1)/bin/python -m pip install --quiet --no-deps --require-hashes --requirement $(2) || { \
  echo "Could not install $(2). It needs a package index; is there a network? (PIP_INDEX_URL names a mirror.)" >&2; exit 1; }
endef

$(VENV)/.made:
	$(call virtual_environment,$(VENV))
	@$(BIN)/python -c 'import sysconfig, pathlib; here = pathlib.Path.cwd(); \
	site = pathlib.Path(sysconfig.get_path("purelib")); \
	paths = [here, here / "layers" / "hallpass", here / "cli"]; \
	(site / "hallpass-checkout.pth").write_text("".join(f"{path}\n" for path in paths))'
	@printf '%s\n' '#!/bin/sh' 'exec "$$(dirname "$$0")/python" -c "from hallpass_cli.main import app; app(prog_name=\"hallpass\")" "$$@"' > $(BIN)/hallpass
	@chmod +x $(BIN)/hallpass
	@touch $@

$(RUN_READY): $(VENV)/.made requirements/run.txt
	$(call install,$(VENV),requirements/run.txt)
	@touch $@

# The test requirements contain the run requirements, version for version.
$(TEST_READY): $(VENV)/.made requirements/test.txt
	$(call install,$(VENV),requirements/test.txt)
	@touch $(RUN_READY) $@

# The tests look at the pages in a real browser: the one that is there, the system's package, or Playwright's own.
$(BROWSER_READY): $(TEST_READY)
	@for name in chromium chromium-browser google-chrome google-chrome-stable; do \
	  if command -v $$name > /dev/null; then touch $@; exit 0; fi; \
	done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	  echo "Installing Chromium for the tests ..."; \
	  { apt-get update --quiet --quiet && DEBIAN_FRONTEND=noninteractive apt-get install --quiet --quiet --yes chromium; } \
	    > $(VENV)/chromium.log 2>&1 || { tail -5 $(VENV)/chromium.log >&2; exit 1; }; \
	else \
	  $(BIN)/playwright install --only-shell chromium || { \
	    echo "The tests need Chromium: install it with your system's packages." >&2; exit 1; }; \
	fi; \
	touch $@

# A folder of its own, because aws-sam-cli pins another boto3.
$(SAM_VENV)/.made:
	$(call virtual_environment,$(SAM_VENV))
	@touch $@

$(SAM_READY): $(SAM_VENV)/.made requirements/sam.txt
	$(call install,$(SAM_VENV),requirements/sam.txt)
	@touch $@
