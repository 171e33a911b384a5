# Every command of the house; `make` alone lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
# The steps build on each other; what can run side by side does so within a step.
.NOTPARALLEL:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PORT ?= 8000
# Output appears when it is written, also through a pipe.
export PYTHONUNBUFFERED = 1

.PHONY: help
help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- Set-up: each step leaves a stamp, so that a second call starts in seconds -------------------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed. Name it: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' \
	  || { echo "Python's venv module is missing. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@rm -f $(VENV)/.installed $(VENV)/.installed-dev

# $(1) the file with pinned versions and hashes
define install
@echo "Installing $(1) into $(VENV) …"
@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r $(1)
@touch $@
endef

$(VENV)/.installed: requirements.txt | $(BIN)/python
	$(call install,$<)

$(VENV)/.installed-dev: requirements-dev.txt | $(BIN)/python
	$(call install,$<)
	@touch $(VENV)/.installed

.PHONY: assets messages setup setup-dev
assets: | $(BIN)/python ## Fetch stylesheet, fonts and map data; build the map
	@$(BIN)/python tools/fetch_assets.py
	@$(BIN)/python tools/build_map.py

messages: $(VENV)/.installed ## Compile the translations
	@$(BIN)/python tools/compile_messages.py

setup: $(VENV)/.installed assets messages
	@mkdir -p var

setup-dev: $(VENV)/.installed-dev assets messages
	@mkdir -p var

# --- Running --------------------------------------------------------------------------------------

define migrate
$(BIN)/python manage.py migrate --verbosity 0
$(BIN)/python manage.py createcachetable --verbosity 0
endef

load_demo := $(BIN)/python manage.py load_programme data/programme.json \
  && $(BIN)/python manage.py load_editorial data/pages.json \
  && $(BIN)/python manage.py load_editorial data/editorial.json \
  && $(BIN)/python manage.py demo_accounts \
  && $(BIN)/python manage.py load_demo_call data/demo_call.json data/demo_applications.json

.PHONY: run demo-selection demo-meetings serve collect start
run: export DJANGO_ENV = demo
run: setup ## Set up everything and serve the demo on SQLite (PORT=8000)
	@$(migrate)
	@$(load_demo)
	@exec $(BIN)/gunicorn --config gunicorn.conf.py vernetzt.wsgi

demo-selection: export DJANGO_ENV = demo
demo-selection: setup ## Carry the demo's invented applications from a call to six partnerships (a minute)
	@$(migrate)
	@$(load_demo) >/dev/null
	@$(BIN)/python manage.py carry_demo_call data/demo_call.json data/demo_applications.json data/demo_procedure.json

demo-meetings: export DJANGO_ENV = demo
demo-meetings: setup ## Add an invented partnership at work to the demo, with its meetings and accounts
	@$(migrate)
	@$(load_demo) >/dev/null
	@$(BIN)/python manage.py load_demo_meetings data/demo_meetings.json

serve: setup collect start ## Set up and serve with production settings from the environment

collect: export DJANGO_ENV = production
collect: ## Collect and compress the static files (part of serve)
	@$(BIN)/python manage.py collectstatic --noinput --verbosity 0

start: export DJANGO_ENV = production
start: ## Check, migrate and serve what is set up and collected (part of serve)
	@$(BIN)/python manage.py check --deploy --fail-level WARNING
	@$(migrate)
	@$(BIN)/python manage.py load_editorial data/pages.json --only-missing
	@case "$${DEMO:-}" in 1|true|yes|on) $(load_demo);; esac
	@exec $(BIN)/gunicorn --config gunicorn.conf.py vernetzt.wsgi

# --- Testing --------------------------------------------------------------------------------------

# Variables under which the program would run in production; nothing is connected.
PRODUCTION_LIKE = DJANGO_ENV=production ALLOWED_HOSTS=portal.example DATABASE_URL=sqlite:/// \
  EMAIL_URL=smtp+tls://mail.example:587 \
  SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(60))')

.PHONY: test test-browser check bench bench-selection bench-deadline
test: export DJANGO_ENV = test
test: setup-dev ## Run the suite on SQLite, or on the PostgreSQL server of DATABASE_URL
	@$(BIN)/python -m pytest -n auto -m "not browser" $(ARGS)

test-browser: export DJANGO_ENV = test
test-browser: setup-dev ## Run the browser tests in the system's Chromium
	@# A file's tests go to one process: it starts the portal that they share once.
	@$(BIN)/python -m pytest -n auto --dist loadfile -m browser $(ARGS)

check: export DJANGO_ENV = test
check: export DATABASE_URL = sqlite:///
check: setup-dev ## Check style, types, floors, templates, deployment, migrations, translations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --lint templates
	@echo "manage.py check --deploy under production settings"
	@$(PRODUCTION_LIKE) $(BIN)/python manage.py check --deploy --fail-level WARNING
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python tools/check_messages.py

bench: setup-dev bench-selection ## Measure every public page beside a bare Django view (needs PostgreSQL)
	@$(BIN)/python tools/bench.py $(ARGS)

bench-selection: setup-dev ## Measure review, standing, board and matching with 300 applications (part of bench)
	@$(BIN)/python tools/bench_selection.py
	@$(BIN)/python tools/bench_matching.py

bench-deadline: setup-dev ## Let 50 officers apply in the last minute, then check (needs PostgreSQL)
	@$(BIN)/python tools/bench_deadline.py $(ARGS)

# --- Upkeep ---------------------------------------------------------------------------------------

pin = uv pip compile --quiet --upgrade --universal --generate-hashes --no-strip-extras --python-version 3.11 \
  --no-emit-index-url --no-emit-find-links --custom-compile-command "make requirements"

.PHONY: requirements clean
requirements: ## Pin the newest allowed versions with hashes (needs uv)
	@command -v uv >/dev/null || { echo "uv is missing: https://docs.astral.sh/uv/" >&2; exit 1; }
	$(pin) requirements.in --output-file requirements.txt
	$(pin) --constraint requirements.txt requirements-dev.in --output-file requirements-dev.txt

clean: ## Remove what set-up made, the demo database included
	rm -rf $(VENV) var build static/vendor static/map
	find locale -name '*.mo' -delete
