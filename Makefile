VENV := .venv
PY := $(VENV)/bin/python

.PHONY: demo
demo: $(VENV)/.demo
