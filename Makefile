# Thin names for commands. Each target does its own set-up; see setup.sh.

.PHONY: demo up test lint bench screenshots messages lock clean

demo up:
	@./setup.sh run
	@.venv/bin/sottovoce $@

test:
	@./setup.sh test
	@.venv/bin/pytest

lint:
	@./setup.sh test
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
