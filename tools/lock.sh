#!/bin/sh
# Writes requirements.lock anew: every version with its hashes, the build needs of wheel-less packages first.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q uv
compile() {
    "$work/venv/bin/uv" pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
        --no-emit-index-url "$@"
}
compile --group build -o "$work/build.lock"
compile pyproject.toml --all-extras --group test --group build -o "$work/all.lock"
{
    echo "# Versions with hashes of all that runs, tests and builds mailbot; 'make lock' writes this file anew."
    echo "# build: installed first, so that the packages without a wheel are built with nothing else"
    cat "$work/build.lock"
    echo "# everything"
    cat "$work/all.lock"
} > requirements.lock
