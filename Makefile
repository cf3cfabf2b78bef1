# make app    sets everything up and opens the studio on http://127.0.0.1:7860; with SPEECH=1 it also
#             installs what recognises speech (once; the network comes from the Hub, or SPEECH=DIR)
# make test   sets everything up and passes the tests
# make space  sets everything up and writes space/, a Hugging Face Space as it is pushed
#
# All need Python 3.10 or later with its venv module; PYTHON=/path/to/python chooses another.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check

.PHONY: app test checks browser espeak space
.DELETE_ON_ERROR:

app: $(VENV)/.installed $(if $(SPEECH),$(VENV)/.installed-speech)
	$(BIN)/python app.py $(if $(filter-out 1,$(SPEECH)),--speech '$(SPEECH)')

space: $(VENV)/.installed
	$(BIN)/python -m scripts.space

# A file's tests stay together, on one of two processes with a thread each: many wait for a browser.
test: checks browser espeak
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile

checks: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The browser tests drive a real Chromium; they fail, not skip, where there is none.
browser:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null \
	|| command -v google-chrome >/dev/null \
	|| if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium for the browser tests ..."; \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	else \
		echo "The browser tests need Chromium: sudo apt-get install chromium" >&2; exit 1; \
	fi

# What speaks to the tests of speech; they skip where it is missing and cannot be installed.
espeak:
	@command -v espeak-ng >/dev/null \
	|| if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing espeak-ng for the tests of speech ..."; \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends espeak-ng >/dev/null; \
	else false; fi \
	|| echo "Tests of speech skip without espeak-ng: sudo apt-get install espeak-ng" >&2

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
	|| { echo "Python 3.10 or later is needed: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	|| { echo "Python's venv module is needed: sudo apt-get install python3-venv" >&2; exit 1; }
	@touch $@

$(VENV)/.installed: requirements.txt pyproject.toml $(VENV)/.python
	@echo "Installing requirements.txt into $(VENV) (once, a few minutes) ..."
	$(PIP) -r requirements.txt
	$(PIP) --quiet --no-deps --editable .
	@touch $@

$(VENV)/.installed-speech: pyproject.toml $(VENV)/.installed
	$(PIP) --editable '.[speech]'
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(PIP) -r requirements-dev.txt
	@touch $@
