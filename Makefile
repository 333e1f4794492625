PYTHON ?= python3
VENV = .venv/bin/python
ON_EVERY_CORE = --numprocesses auto --maxprocesses 4 --dist loadfile

.PHONY: run test setup setup-dev lint bench soak demo-reset lock

run: setup
	@$(VENV) -m launch run

setup:
	@$(PYTHON) -m launch.install runtime

setup-dev:
	@$(PYTHON) -m launch.install dev

test: lint
	$(VENV) -m pytest -q $(ON_EVERY_CORE) $(TESTS)

lint: setup-dev
	$(VENV) -m ruff check .
	$(VENV) -m ruff format --check .
	$(VENV) -m mypy launch projects council
	PYTHONPATH=. .venv/bin/lint-imports
	$(VENV) manage.py makemigrations --check --dry-run
	.venv/bin/djlint --quiet --lint templates

bench: setup-dev
	$(VENV) -m benchmarks

soak: setup-dev
	TOLLGATE_SOAK=1 $(VENV) -m pytest -q $(ON_EVERY_CORE) $(TESTS)

demo-reset: setup
	@$(VENV) -m launch reset

lock: setup-dev
	@$(VENV) -m launch.lock
