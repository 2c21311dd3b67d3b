# Two commands on a fresh machine: `make demo` shows the main job, `make test` proves it.
# The environment lies in .venv; everything in it comes from requirements.lock, hashes checked.
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test test-ui check format bench fuzz soak lock clean

demo: $(READY)  ## the whole job on embedded servers, in under a minute
	$(BIN)/mailbot demo

$(READY): requirements.lock pyproject.toml tools/install.sh
	tools/install.sh $(VENV)
	touch $(READY)

test: $(READY)  ## every test; installs the servers that they need when it may
	sh tools/test-packages.sh
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not ui"

test-ui: $(READY)  ## mails as a phone shows them, calendars as Thunderbird reads them; what drives both is installed only here
	sh tools/test-packages.sh chromium fonts-dejavu-core
	command -v npm >/dev/null || sh tools/test-packages.sh nodejs npm
	npm --prefix tests/ui/calendars ci --ignore-scripts --no-audit --no-fund --loglevel=error
	tools/install.sh $(VENV) --ui
	$(BIN)/python -m pytest -m ui tests/ui

check: $(READY)  ## format, lint, types, import law, the shipped office
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/check_shipped.py

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)  ## speed as ratios against yardsticks in the same run
	sh tools/test-packages.sh
	$(BIN)/python -m bench.run

fuzz: $(READY)  ## many damaged inputs for each reader (FUZZ_EXAMPLES); what is found goes into tests/fuzz/found
	FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-20000} $(BIN)/python -m pytest -n 2 tests/fuzz

soak: $(READY)  ## kill the daemon at every stage for five minutes (SOAK_SECONDS) and prove that nothing is lost
	sh tools/test-packages.sh
	$(BIN)/python -m soak.run

lock:  ## take newer versions into requirements.lock
	tools/lock.sh

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
