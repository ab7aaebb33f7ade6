# Everything makes .venv by itself, with nothing but Python 3.11 or later.

PYTHON ?= python3
BIN := .venv/bin
LOCK := --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --quiet

.DEFAULT_GOAL := help
.PHONY: help demo test check format bench pictures model evaluate lock clean

help:  ## Show what there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

demo: $(BIN)/tocsin  ## Watch an outage being noticed, alerted, answered and closed
	$(BIN)/tocsin demo

test: .venv/dev  ## Run the tests, side by side
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder $(TESTS)

check: .venv/dev  ## Lint, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: .venv/dev  ## Put imports and layout in order
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

bench: .venv/dev  ## Measure ingest rate, alert latency and the rest
	for script in benchmarks/bench_*.py; do PYTHONPATH=. $(BIN)/python "$$script" || exit 1; done

pictures: .venv/dev  ## Take the documentation's pictures anew; needs Chromium
	PYTHONPATH=. $(BIN)/python -m tests.pictures

model: .venv/dev  ## Train the text model and the reply check's ear for tone anew, and measure them: make model DATA=FOLDER
	@test -d "$(DATA)" || { echo "make model: name the folder of labelled texts, as in make model DATA=FOLDER" >&2; exit 2; }
	$(BIN)/tocsin train "$(DATA)"
	$(MAKE) --no-print-directory evaluate DATA="$(DATA)"

evaluate: .venv/dev  ## Measure the text model on texts it has not seen (DATA=folder)
	@test -d "$(DATA)" || { echo "make evaluate: name the folder of labelled texts, as in make evaluate DATA=FOLDER" >&2; exit 2; }
	bench=$$(mktemp) && trap 'rm -f "$$bench"' EXIT \
	&& for script in benchmarks/bench_text.py benchmarks/bench_text_memory.py; do \
	     PYTHONPATH=. $(BIN)/python "$$script" >> "$$bench" || exit 1; done \
	&& $(BIN)/tocsin evaluate "$(DATA)" --bench "$$bench" --output docs/model-card.md

# ── the environment ──────────────────────────────────────────────────────────

$(BIN)/tocsin: requirements/run.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

.venv/dev: $(BIN)/tocsin requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	touch $@

lock:  ## Resolve the requirements anew and pin them with their hashes
	tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT \
	&& $(PYTHON) -m venv "$$tools" && "$$tools/bin/python" -m pip install --quiet --disable-pip-version-check uv \
	&& "$$tools/bin/uv" pip compile $(LOCK) --upgrade pyproject.toml --group build -o requirements/run.txt \
	&& "$$tools/bin/uv" pip compile $(LOCK) --upgrade pyproject.toml --group build --group dev \
	     -c requirements/run.txt -o requirements/dev.txt

clean:  ## Remove the environment and what tools have left
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
