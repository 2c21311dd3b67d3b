#!/bin/sh
# Writes requirements.lock anew: every version with its hashes, the build needs of wheel-less packages first.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q uv
compile() {
    "$work/venv/bin/uv" pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header "$@"
}
compile --group build -o "$work/build.lock"
compile pyproject.toml --extra postgres -o "$work/runtime.lock"
compile pyproject.toml --all-extras --group test --group build -o "$work/everything.lock"
# Only what the browser tests need besides: their packages are big, and few people run them.
compile --group ui -c "$work/everything.lock" -o "$work/ui.lock"
section() {
    echo "# $1: $2"
    cat "$work/$1.lock"
    echo "# end of $1"
}
{
    echo "# Versions with hashes of all that runs, tests and builds mailbot; 'make lock' writes this file anew."
    section build "installed first, so that the packages without a wheel are built with nothing else"
    section runtime "what an office's own machine needs"
    section everything "what developers need: runtime, demo, tests, build"
    section ui "what drives a real browser, for make test-ui"
} > requirements.lock
