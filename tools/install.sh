#!/bin/sh
# Makes the virtual environment DIR from requirements.lock: what builds first, then all the rest, hashes checked.
set -eu
cd "$(dirname "$0")/.."
venv=$1
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
pip="$venv/bin/python -m pip --disable-pip-version-check"
sed '/^# everything$/,$d' requirements.lock > "$venv/build.lock"
sed -n '/^# everything$/,$p' requirements.lock > "$venv/all.lock"
$pip install -q --no-deps --require-hashes -r "$venv/build.lock"
$pip install -q --no-deps --require-hashes --no-build-isolation -r "$venv/all.lock"
$pip install -q --no-deps --no-build-isolation --editable .
