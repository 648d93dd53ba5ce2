# Short names for commands. Each target installs what it needs first; see setup.sh.

.PHONY: demo install up test lint bench attack mutants sizes screenshots messages example manifest lock clean

# What `demo` and `up` need, without starting anything: for `.venv/bin/sottovoce doctor`.
install:
	@./setup.sh run

demo up:
	@./setup.sh run
	@.venv/bin/sottovoce $@

# In two processes: one for the tests of the private Tor network, which mostly wait.
test:
	@./setup.sh test
	@.venv/bin/pytest --numprocesses=2 --no-loadscope-reorder

lint:
	@./setup.sh test
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

bench:
	@./setup.sh test
	@.venv/bin/python -m bench

# Runs attacks on one, ten and a hundred circuits beside honest visitors, through a private network.
attack:
	@./setup.sh test
	@.venv/bin/python -m bench.attack

# Plants one fault per promise, and checks that the named test fails.
mutants:
	@./setup.sh test
	@.venv/bin/python -m tests.mutants

# Prints which modules and functions are long: a report, not a rule.
sizes:
	@./setup.sh test
	@.venv/bin/python -m tests.sizes

screenshots:
	@./setup.sh test
	@.venv/bin/python -m tests.e2e.screenshots screenshots

# Extracts the sentences of the sources, and updates the catalogue of each language. Without dates
# and line numbers: the same sentences give the same bytes on every machine.
CATALOGUE = server/locales/chat.pot
EXTRACT = --mapping-file=server/locales/babel.cfg --keyword=mark --add-location=file --sort-by-file \
	--project=Sottovoce --header-comment='\# Every sentence of Sottovoce; made by "make messages".'

messages:
	@./setup.sh test
	@.venv/bin/pybabel --quiet extract $(EXTRACT) --output-file=$(CATALOGUE) server templates
	@sed -i -e '/^"POT-Creation-Date:/d' -e '/^"Generated-By:/d' $(CATALOGUE)
	@! ls server/locales/*/LC_MESSAGES/chat.po >/dev/null 2>&1 || .venv/bin/pybabel --quiet update \
		--domain=chat --input-file=$(CATALOGUE) --output-dir=server/locales \
		--ignore-pot-creation-date --no-fuzzy-matching
	@! ls server/locales/*/LC_MESSAGES/chat.po >/dev/null 2>&1 || sed -i \
		-e '/^"\(POT-Creation-Date\|PO-Revision-Date\|Last-Translator\|Language-Team\):/d' \
		-e '/^"\(Generated-By\|Report-Msgid-Bugs-To\):/d' server/locales/*/LC_MESSAGES/chat.po

# Writes the configuration with every key, its reason and its default.
example:
	@./setup.sh test
	@.venv/bin/sottovoce config example >sottovoce.example.toml

# Lists the files that the source archive contains: those that git tracks. After `git add`.
manifest:
	@git ls-files >server/process/sources.txt

# Keeps locked versions as long as they are allowed. To raise them: make lock UPGRADE=--upgrade
LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links --no-annotate $(UPGRADE)

lock:
	@command -v uv >/dev/null || { echo 'sottovoce: uv is missing' >&2; \
		echo 'hint: install uv: only the lock files need it' >&2; exit 1; }
	@$(LOCK) --group build --output-file=requirements/build.lock
	@$(LOCK) pyproject.toml --output-file=requirements/run.lock
	@$(LOCK) pyproject.toml --group dev --output-file=requirements/test.lock
	@$(LOCK) --group axe --no-deps --output-file=requirements/axe.lock

clean:
	@rm -rf .venv .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
