PYTHON ?= python3
VENV = .venv/bin/python

.PHONY: run test setup setup-dev lint bench soak demo-reset lock

run: setup
	@$(VENV) -m launch run

setup:
	@$(PYTHON) -m launch.install runtime

setup-dev:
	@$(PYTHON) -m launch.install dev

test: lint
	$(VENV) -m pytest -q $(TESTS)

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
	TOLLGATE_SOAK=1 $(VENV) -m pytest -q $(TESTS)

demo-reset: setup
	@$(VENV) -m launch reset

lock: setup-dev
	@$(VENV) -m launch.lock
