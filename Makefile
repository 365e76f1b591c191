# Two commands do everything: `make run` and `make test`. Each makes its own .venv and installs what it needs.
PYTHON ?= python3
PY := .venv/bin/python

# Processes that run tests: most of the time of one goes by waiting for servers, so two are nearly twice as fast even on
# two cores. Each starts servers of its own.
WORKERS ?= 2

.PHONY: run test coverage lint bench clean

run:
	$(PYTHON) deploy/bootstrap.py --extras samples
	$(PY) -m tests.screenshots samples --sample
	exec .venv/bin/tokstream serve --read samples/sample_1.png --read samples/sample_2.png --read samples/sample_3.png

test:
	$(PYTHON) deploy/bootstrap.py --extras samples,kafka,test,dev
	$(PY) -m tests.servers.provision
	$(MAKE) --no-print-directory lint
	$(PY) -m pytest --numprocesses $(WORKERS) --dist loadfile

# After `make test` has installed what is needed; in one process, since each test is traced.
coverage:
	$(PY) -m coverage erase
	$(PY) -m coverage run -m pytest
	$(PY) -m coverage combine --quiet
	$(PY) -m coverage report --skip-covered --sort=cover

lint:
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	.venv/bin/lint-imports

bench:
	$(PY) -m tests.bench.journal
	$(PY) -m tests.bench.log
	$(PY) -m tests.bench.judging
	$(PY) -m tests.bench.merging
	$(PY) -m tests.bench.imports
	$(PY) -m tests.bench.latency
	$(PY) -m tests.bench.reading
	$(PY) -m tests.bench.realtime
	$(PY) -m tests.bench.streaming

clean:
	rm -rf .venv samples data
