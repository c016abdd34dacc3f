# Both targets work from a bare clone with python3 (3.11 or newer), its venv module, and make.
PYTHON ?= python3
VENV ?= .venv
BENCH_VENV ?= .venv-bench
BIN := $(VENV)/bin
# The self-tests wait more than they compute: two processes for each core.
WORKERS ?= $(shell expr 2 '*' $$(getconf _NPROCESSORS_ONLN))
# Hundreds of runs start from compiled code, where an environment keeps Python from leaving any.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: conformance test quick lint mutants mutants-slow exposed habits field lookalike bench-parser clean

# A full run on the built-in simulator. ARGS adds pytest options: make conformance ARGS="--profile smoke --lang zh"
conformance: $(VENV)/.run-ready
	$(BIN)/pytest $(ARGS)

# The project's own tests.
test: $(VENV)/.dev-ready lint
	$(BIN)/pytest tests -n $(WORKERS) --dist loadgroup $(ARGS)

# A first answer within two minutes: lint, types, import rules, and the self-tests that start no whole run.
quick: $(VENV)/.dev-ready lint
	$(BIN)/pytest tests/conformance/test_catalogue.py tests/conformance/test_catalogue_guards.py tests/conformance/test_patience.py tests/fixtures/test_private_parts.py tests/fixtures/test_suite.py tests/rigs/at tests/rigs/test_restart.py tests/rigs/test_network.py tests/rigs/test_rig.py tests/rigs/test_rigfile.py tests/rigs/test_transcript.py tests/reports/test_verdicts.py tests/reports/test_unproven.py -n $(WORKERS) --dist loadgroup -q

lint: $(VENV)/.dev-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The suite against every seeded fault of the simulator: each must be caught.
mutants: $(VENV)/.run-ready
	$(BIN)/python -m fixtures.mutants faults $(ARGS)

# Faults that a test finds only where it does enough: on a module that takes 100 ms for an answer, too. Without any fault such a
# module is run by make field.
DECIDED_BY_BUDGETS := nul-crashes high-bytes-hang nameless-command-restarts commas-overwrite-memory settings-reset-each-other \
	close-resets-settings payload-cut-with-qos-1 payload-cut-below-the-limit downlink-cut-at-256 packet-id-of-one-byte later-and-later
mutants-slow: $(VENV)/.run-ready
	$(BIN)/python -m fixtures.mutants faults --faulty-only --with thinks-100-ms --only $(DECIDED_BY_BUDGETS) $(ARGS)

# The faults that only a cloud at fault exposes: each with and without what exposes it.
exposed: $(VENV)/.run-ready
	$(BIN)/python -m fixtures.mutants gateway $(ARGS)

# The suite against every legal habit of a firmware, everything that may surround one, and random combinations: none may
# be blamed.
habits: $(VENV)/.run-ready
	$(BIN)/python -m fixtures.mutants habits --combinations 50 $(ARGS)

# A module in the field: registered late, with SMS, strangers at the gateway, a carrier's jitter and 100 ms per answer, all at once,
# gets the verdicts of the plain one.
field: $(VENV)/.run-ready
	$(BIN)/python -m fixtures.mutants habits --only late-network sms strangers jitter thinks-100-ms --together 5 $(ARGS)

# Another module, with faults by somebody who has not read the tests: how much of them is caught, and that it is not blamed without.
lookalike: $(VENV)/.dev-ready
	$(BIN)/python -m tests.lookalike.measure $(ARGS)

# How soon the parser bugs of that module are found: random bytes, our lines of before and of today, and boofuzz, which lives in an
# environment of its own.
bench-parser: $(BENCH_VENV)/.bench-ready
	$(BENCH_VENV)/bin/python -m benchmarks.parser_bugs $(ARGS)

$(BENCH_VENV)/.bench-ready: requirements/bench.txt
	test -x $(BENCH_VENV)/bin/python || $(PYTHON) -m venv $(BENCH_VENV)
	$(BENCH_VENV)/bin/python -m pip install --quiet --require-hashes -r requirements/bench.txt
	touch $@

$(VENV)/.run-ready: requirements/run.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev-ready: requirements/dev.txt $(VENV)/.run-ready
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	touch $@

clean:
	rm -rf $(VENV) $(BENCH_VENV) build *.egg-info .mypy_cache .ruff_cache .hypothesis .import_linter_cache
