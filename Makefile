# `make try` and `make test` set up all they need, given Python 3.11 or later.
PYTHON ?= python3
READY := .venv/.ready
E2E := .venv-e2e/.ready
IMPORT := .venv-localstack/.ready
BENCH := .venv-bench/.ready
BROWSER := .venv/.browser
CLIENTS := .venv-clients/.ready

.PHONY: try test check import-test bench bench-serve corpus docs pythons e2e-setup import-setup browser-setup clients-setup clean help

help: ## what there is
	@grep -E '^[a-z0-9-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

try: $(READY) ## set up, build the worked example from nothing, show what it made
	rm -rf build
	.venv/bin/scopegen build
	@echo
	@ls -R build
	@echo
	@cat build/ACCESS.md

test: $(READY) $(E2E) ## set up and run every test
	.venv/bin/python -m pytest -n auto

import-test: $(READY) ## import by the AWS CLI into an emulator and call what answers, after `make import-setup`
	.venv/bin/python -m pytest tests/importing

check: $(READY) ## types and style
	.venv/bin/mypy
	.venv/bin/ruff check
	.venv/bin/ruff format --check

bench: $(READY) $(BENCH) ## time builds against their goals and their peers, as ratios
	.venv/bin/python tests/bench.py
	.venv/bin/python tests/bench_scale.py

bench-serve: $(READY) $(E2E) ## drive serve and the emulator with wrk; SECONDS and MINUTES as its module says
	.venv/bin/python tests/bench_serve.py $(SECONDS) $(MINUTES)

corpus: $(READY) ## build every OpenAPI document below FOLDER, and hold what comes out against other readers
	.venv/bin/python tests/corpus.py $(FOLDER)

docs: $(READY) ## write docs/rules/ from the pages beside the rules
	.venv/bin/python -m pytest -q tests/test_docs.py --update

pythons: ## environments for the other versions of Python that are here
	@for version in 3.12 3.13; do \
	  found=; \
	  for one in python$$version $$HOME/.pyenv/versions/$$version.*/bin/python; do \
	    if $$one -c "" 2>/dev/null; then found=$$one; fi; \
	  done; \
	  if [ -n "$$found" ]; then $$found -m venv .venv-$$version && .venv-$$version/bin/pip install --quiet --editable .; \
	  else echo "no Python $$version here"; fi; \
	done

e2e-setup: $(E2E) ## the emulator that the end-to-end tests deploy on

browser-setup: $(BROWSER) ## what drives the browser in tests/browser; the browser is the Chromium of this machine

clients-setup: $(CLIENTS) ## standard OAuth and JWT clients for tests/clients; those of npm only where there is npm

import-setup: $(IMPORT) ## the emulator and the AWS CLI of `make import-test`: 500 MB, and Python 3.13

$(READY): pyproject.toml
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	.venv/bin/pip install --quiet --editable ".[serve,verify]" --group dev
	touch $@

# The emulator pins libraries of its own, so it lives alone.
$(E2E):
	$(PYTHON) -m venv .venv-e2e
	.venv-e2e/bin/pip install --quiet --disable-pip-version-check ministack==1.5.33 cryptography
	touch $@

# Made only on request. Later versions of the four libraries break this version of the emulator.
$(IMPORT):
	@found=; \
	for one in python3.13 $$HOME/.pyenv/versions/3.13.*/bin/python $(PYTHON); do \
	  if $$one -c "import sys; sys.exit(sys.version_info[:2] != (3, 13))" 2>/dev/null; then found=$$one; break; fi; \
	done; \
	if [ -z "$$found" ]; then echo "no Python 3.13 here, which this emulator needs: install one, or name it: make import-setup PYTHON=<path>" >&2; exit 1; fi; \
	$$found -m venv .venv-localstack
	.venv-localstack/bin/pip install --quiet --disable-pip-version-check "localstack-core[runtime]==2026.3.0" awscli==1.44.62 \
	  "cbor2<5.7" "pyopenssl<25" "cryptography<45" "service_identity<25"
	touch $@

$(BROWSER): $(READY)
	.venv/bin/pip install --quiet --disable-pip-version-check --group browser
	touch $@

# What a user of `serve` has installed beside it, in versions of its own.
$(CLIENTS):
	$(PYTHON) -m venv .venv-clients
	.venv-clients/bin/pip install --quiet --disable-pip-version-check requests-oauthlib==2.0.0 schemathesis==4.32.5
	if command -v npm >/dev/null; then npm install --silent --no-fund --no-audit --prefix .node-clients aws-jwt-verify@5.2.1; fi
	touch $@

# Peers to measure against; those of npm only where there is npm.
$(BENCH):
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install --quiet --disable-pip-version-check aws-sam-translator datamodel-code-generator openapi-python-client
	if command -v npm >/dev/null; then npm install --silent --no-fund --no-audit --prefix .node-bench @redocly/cli @stoplight/spectral-cli; fi
	touch $@

clean: ## remove what was set up
	rm -rf .venv .venv-* .node-bench .node-clients .mypy_cache .pytest_cache .ruff_cache .hypothesis dist
