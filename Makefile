# Two commands on a fresh machine with Python 3.11 and make:
#   make demo    sets everything up and rehearses the first episode, for $0
#   make test    sets everything up and runs the tests
# `make help` lists the rest.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder
READY := $(VENV)/.ready
EPISODE ?= s01e01
MAX_USD ?= 0.10
# The demo's first take of one shot shows somebody else halfway, so that the measure has something to find.
TROUBLE ?= $(if $(filter s01e01,$(EPISODE)),--trouble swap@s020.shoot.1)
SEED ?= 20261122
KILLS ?= 300
RACES ?= 50
GAMES ?= 600

.DEFAULT_GOAL := help
.PHONY: help setup demo ui test quick test-cluster check bench chaos live-check docs pictures lock clean

help:
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: $(READY) ## make .venv with the versions of requirements.lock

$(READY): requirements.lock pyproject.toml hatch_build.py
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or say make PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $(PYTHON) is older: say make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Setting up $(VENV): this takes a minute or two."
	@$(PYTHON) -m venv $(VENV) || { echo "The venv module is missing: on Debian, apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable '.[dev]'
	@$(BIN)/python -m compileall -q src flows
	@touch $(READY)

demo: $(READY) ## rehearse an episode to a finished file, one shot caught off-model, under a Prefect server
	@$(BIN)/onmodel server start
	@$(BIN)/onmodel produce $(EPISODE) --rehearse --prefect on $(TROUBLE); code=$$?; $(BIN)/onmodel server stop; exit $$code
	@$(BIN)/onmodel dailies $(EPISODE) --rehearse

ui: $(READY) ## open the demo's run in Prefect, and rehearse it first if it never ran there
	@$(BIN)/onmodel server start
	@$(BIN)/onmodel server open $(EPISODE) 2>/dev/null || { \
	  $(BIN)/onmodel produce $(EPISODE) --rehearse --prefect on $(TROUBLE) && $(BIN)/onmodel server open $(EPISODE); }

test: $(READY) ## run the tests, but for those of test-cluster
	@$(PYTEST) -m "not process and not cluster"

quick: $(READY) ## run the tests that need no server and no browser, and start no process
	@$(PYTEST) -m "not server and not process and not browser and not cluster" -q

test-cluster: $(READY) ## run those: whole films, processes that are killed, a Prefect server, a season on two workers
	@$(PYTEST) -m "process or cluster"

check: $(READY) ## lint, types, floors
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy src flows
	@$(BIN)/lint-imports

bench: $(READY) ## measure, print figures and write benchmarks/results.json
	@$(BIN)/python -m benchmarks

chaos: $(READY) ## kill productions KILLS times on both archives, let two machines race, and count the money
	@ONMODEL_GAMES=$(GAMES) $(BIN)/python -m pytest -q --hypothesis-seed=$(SEED) tests/vault/test_protocol_machine.py
	@$(BIN)/python -m benchmarks.chaos --seed $(SEED) --kills $(KILLS) --races $(RACES)

live-check: $(READY) ## buy one picture from fal and compare the wire: needs FAL_KEY, costs up to MAX_USD
	@$(BIN)/python -m onmodel.studio.live_check --max-usd $(MAX_USD)

docs: $(READY) ## make docs/story.md and the schemas again from the models
	@$(BIN)/python -m onmodel.story.reference

pictures: $(READY) ## make the README's pictures again: the demo, its dailies, its run in Prefect
	@rm -rf .onmodel/rehearsal
	@$(BIN)/onmodel server start
	@$(BIN)/onmodel produce s01e01 --rehearse --prefect on $(TROUBLE) && $(BIN)/onmodel dailies s01e01 --rehearse \
	  && $(BIN)/python docs/make_pictures.py; code=$$?; $(BIN)/onmodel server stop; exit $$code

lock: ## resolve the newest versions within pyproject.toml's bounds and write requirements.lock
	@rm -rf $(VENV).lock && $(PYTHON) -m venv $(VENV).lock
	@$(VENV).lock/bin/python -m pip install --quiet --disable-pip-version-check '.[dev]'
	@sed -n '/^#/p' requirements.lock > requirements.lock.new
	@$(VENV).lock/bin/python -m pip freeze --exclude onmodel >> requirements.lock.new
	@mv requirements.lock.new requirements.lock && rm -rf $(VENV).lock

clean: ## remove .venv and all that can be made again; the archive stays
	rm -rf $(VENV) .venv-bench .onmodel/cache .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
