#!/bin/sh
# Makes the virtual environment DIR from requirements.lock: what builds first, then all the rest, hashes checked.
# Usage: tools/install.sh DIR [--wheel | --ui]. With --wheel mailbot itself is built and installed as users get it, and
# what only tests and builds need is left out. With --ui what drives a browser is added to an environment that is there.
set -eu
cd "$(dirname "$0")/.."
venv=$1
form=${2:---editable}
# A copied Python would look for its own libraries beside the copy; links work in every image.
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
pip="$venv/bin/python -m pip --disable-pip-version-check"
lists=$(mktemp -d)
trap 'rm -rf "$lists"' EXIT
for list in build everything runtime ui; do
    sed -n "/^# $list: /,/^# end of $list\$/p" requirements.lock > "$lists/$list.txt"
done
if [ "$form" = --ui ]; then
    $pip install -q --no-deps --require-hashes -r "$lists/ui.txt"
    exit 0
fi
$pip install -q --no-deps --require-hashes -r "$lists/build.txt"
if [ "$form" = --wheel ]; then
    $pip install -q --no-deps --require-hashes --no-build-isolation -r "$lists/runtime.txt"
    $pip install -q --no-deps --no-build-isolation .
else
    $pip install -q --no-deps --require-hashes --no-build-isolation -r "$lists/everything.txt"
    $pip install -q --no-deps --no-build-isolation --editable .
fi
