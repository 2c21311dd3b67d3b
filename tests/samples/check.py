#!/usr/bin/env python3
"""Score `mailbot parse --json` against hand-written expectations.

    check.py DIR [--command "mailbot parse --json"] [--min 0.95] [--verbose]

DIR holds pairs NAME.eml + NAME.yaml. A NAME.yaml names only the keys that matter for that mail; every leaf in it is one
point. Text compares after NFC, case folding, Vietnamese tone placement and white space; lists of plain values compare
as sets unless the expectation is a list of mappings, which compares item by item; times compare as instants.
A key may be written `key~` to ask only that the expected text is contained in the answer.
Prints a table by field and one total; exits 1 when the total is under --min.
"""

from __future__ import annotations

import argparse
import collections
import datetime as dt
import json
import pathlib
import re
import shlex
import subprocess
import sys
import unicodedata

import yaml  # PyYAML or any module that offers safe_load

PAIRS = [
    ("oà", "òa"),
    ("oá", "óa"),
    ("oả", "ỏa"),
    ("oã", "õa"),
    ("oạ", "ọa"),
    ("oè", "òe"),
    ("oé", "óe"),
    ("oẻ", "ỏe"),
    ("oẽ", "õe"),
    ("oẹ", "ọe"),
    ("uỳ", "ùy"),
    ("uý", "úy"),
    ("uỷ", "ủy"),
    ("uỹ", "ũy"),
    ("uỵ", "ụy"),
]


def fold(text: str) -> str:
    text = unicodedata.normalize("NFC", text).replace("Ð", "Đ").casefold()
    for old, new in PAIRS:
        text = text.replace(old, new)
    return re.sub(r"\s+", " ", text).strip(" .;,:")


def as_time(value):
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, dt.date):
        return value
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value) if len(value) == 10 else dt.datetime.fromisoformat(value)
        except ValueError:
            return None
    return None


def same(want, got, contains=False) -> bool:
    if want is None or isinstance(want, bool):
        return got is want or (want is None and got in ([], ""))
    if isinstance(want, (dt.date, dt.datetime)) or (isinstance(want, str) and re.match(r"\d{4}-\d\d-\d\d", want)):
        a, b = as_time(want), as_time(got)
        if a is not None:
            if type(a) is not type(b):
                return False
            if isinstance(a, dt.datetime) and a.tzinfo is None:
                a = a.replace(tzinfo=dt.timezone(dt.timedelta(hours=7)))
            if isinstance(b, dt.datetime) and b.tzinfo is None:
                return False
            return a == b
    if isinstance(want, (int, float)):
        return want == got
    if isinstance(want, str):
        if not isinstance(got, str):
            return False
        return fold(want) in fold(got) if contains else fold(want) == fold(got)
    return want == got


def score(want, got, path, out):
    """Append (field, passed, wanted, got) for every leaf of the expectation."""
    if isinstance(want, dict):
        for key, value in want.items():
            contains = key.endswith("~")
            name = key.rstrip("~")
            inner = got.get(name) if isinstance(got, dict) else None
            if contains and not isinstance(value, (dict, list)):
                out.append((f"{path}.{name}".strip("."), same(value, inner, True), value, inner))
            elif contains and isinstance(value, list):
                folded = [fold(str(x)) for x in (inner or [])]
                for item in value:
                    out.append((f"{path}.{name}".strip("."), any(fold(str(item)) in f for f in folded), item, inner))
            else:
                score(value, inner, f"{path}.{name}".strip("."), out)
    elif isinstance(want, list) and want and isinstance(want[0], dict):
        got_list = got if isinstance(got, list) else []
        out.append((path + ".count", len(got_list) == len(want), len(want), len(got_list)))
        for i, item in enumerate(want):
            score(item, got_list[i] if i < len(got_list) else None, path, out)
    elif isinstance(want, list):
        got_list = got if isinstance(got, list) else []
        ok = sorted(fold(str(x)) for x in want) == sorted(fold(str(x)) for x in got_list)
        out.append((path, ok, want, got))
    else:
        out.append((path, same(want, got), want, got))


def main() -> int:
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("dir", type=pathlib.Path)
    ap.add_argument("--command", default="mailbot parse --json")
    ap.add_argument("--min", type=float, default=0.95)
    ap.add_argument("--verbose", action="store_true")
    args = ap.parse_args()
    pairs = sorted((p, p.with_suffix(".yaml")) for p in args.dir.glob("*.eml") if p.with_suffix(".yaml").exists())
    if not pairs:
        print("no samples found", file=sys.stderr)
        return 2
    run = subprocess.run(shlex.split(args.command) + [str(p) for p, _ in pairs], capture_output=True, text=True)
    answers = {}
    for line in run.stdout.splitlines():
        try:
            item = json.loads(line)
            answers[pathlib.Path(item["file"]).name] = item
        except (ValueError, KeyError, TypeError):
            print(f"not a JSON object with `file`: {line[:120]}", file=sys.stderr)
    if run.returncode != 0:
        print(f"command exited {run.returncode}: {run.stderr[-500:]}", file=sys.stderr)
    table: dict[str, list[int]] = collections.defaultdict(lambda: [0, 0])
    perfect = 0
    for mail, expected in pairs:
        want = yaml.safe_load(expected.read_text("utf-8")) or {}
        want.pop("note", None)
        out: list = []
        score(want, answers.get(mail.name, {}), "", out)
        perfect += all(ok for _, ok, _, _ in out)
        for field, ok, w, g in out:
            table[field][0] += bool(ok)
            table[field][1] += 1
            if args.verbose and not ok:
                print(f"{mail.name}: {field}: expected {w!r}, got {g!r}")
    for field in sorted(table):
        print(f"{field:32} {table[field][0]:4}/{table[field][1]}")
    right, total = (sum(v[i] for v in table.values()) for i in (0, 1))
    print(f"mails wholly right {perfect}/{len(pairs)}")
    print(f"fields right {right}/{total} = {right / total:.4f}")
    return 0 if right / total >= args.min else 1


if __name__ == "__main__":
    sys.exit(main())
