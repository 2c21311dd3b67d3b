"""Entries of a YAML file are changed in place; comments and neighbours stay."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.yaml_editing import edited, written
from mailbot.yaml_source import parse

HAND_WRITTEN = """\
# Danh bạ của văn phòng
units:
  # --- tổ dân phố ---
  tdp-1:
    name: Chi bộ Tổ dân phố 1   # tên đầy đủ
    mail: [tdp1@example.org, bt@example.org]   # địa chỉ đầu được dùng
    people:
      bi-thu: {name: Nguyễn Văn An, phone: 0900.000.001}   # từ 2025
    called:
      - Chi bộ 1
      - CB 1
    overseer: person:uv-1
  tdp-2: {name: Chi bộ 2, mail: a@example.org}   # một dòng
  tdp-3:
    name: Chi bộ 3
    mail:   # cả hai
      # địa chỉ chính
      - x@example.org
    note: &n chung
groups: {}
"""


def edit(key: str, **values: Any) -> tuple[str, tuple[Any, ...]]:
    entry = copy.deepcopy(parse(HAND_WRITTEN, "").data["units"][key])
    for name, value in values.items():
        if value is None:
            entry.pop(name)
        else:
            entry[name] = value
    return edited(HAND_WRITTEN, {("units", key): entry})


@pytest.mark.parametrize(
    ("key", "values", "old", "new"),
    [
        ("tdp-1", {"name": "Chi bộ Một"}, "name: Chi bộ Tổ dân phố 1   #", "name: Chi bộ Một   #"),
        ("tdp-1", {"mail": ["c@example.org"]}, "[tdp1@example.org, bt@example.org]   #", "[c@example.org]   #"),
        (
            "tdp-1",
            {"people": {"bi-thu": {"name": "Lê Thị Bích"}}},
            "{name: Nguyễn Văn An, phone: 0900.000.001}",
            "{name: Lê Thị Bích}",
        ),
        ("tdp-1", {"called": ["CB 1"]}, "called:\n      - Chi bộ 1\n      - CB 1\n", "called: [CB 1]\n"),
        ("tdp-1", {"overseer": None}, "    overseer: person:uv-1\n", ""),
        (
            "tdp-1",
            {"overseer": None, "called": None},
            "    called:\n      - Chi bộ 1\n      - CB 1\n    overseer: person:uv-1\n",
            "",
        ),
        ("tdp-1", {"valid": {"to": "2025-06-30"}}, "person:uv-1\n", "person:uv-1\n    valid: {to: 2025-06-30}\n"),
        (
            "tdp-2",
            {"channel": "paper", "mail": None},
            "{name: Chi bộ 2, mail: a@example.org}",
            "{name: Chi bộ 2, channel: paper}",
        ),
        ("tdp-2", {"name": 'A: "b", #c'}, "name: Chi bộ 2", 'name: "A: \\"b\\", #c"'),
        ("tdp-3", {"name": "Chi bộ Ba"}, "name: Chi bộ 3", "name: Chi bộ Ba"),
    ],
)
def test_only_the_changed_words_change(key: str, values: dict[str, Any], old: str, new: str) -> None:
    assert HAND_WRITTEN.count(old) == 1
    assert edit(key, **values) == (HAND_WRITTEN.replace(old, new), ())


@pytest.mark.parametrize(
    ("key", "values"),
    [("tdp-3", {"mail": ["y@example.org"]}), ("tdp-3", {"mail": None})],
)
def test_an_entry_whose_comment_would_be_lost_is_left_as_it_is(key: str, values: dict[str, Any]) -> None:
    assert edit(key, **values) == (HAND_WRITTEN, (("units", key),))


def test_an_entry_that_others_refer_to_is_left_and_the_rest_is_changed() -> None:
    text = "units:\n  a: &a {name: A}\n  b: *a\n  c: {name: C}\n"
    result, left = edited(text, {("units", "b"): {"name": "B"}, ("units", "c"): {"name": "D"}})
    assert left == (("units", "b"),)
    assert result == text.replace("name: C", "name: D")


def test_new_entries_come_behind_the_last() -> None:
    text = "units:\n  a: {name: A}   # đầu\ngroups:\n  g: {name: G}\n"
    result, left = edited(
        text, {("units",): {"a": {"name": "A"}, "b": {"name": "Chi bộ B", "mail": ["b@example.org"]}}}
    )
    assert left == ()
    assert result == text.replace("# đầu\n", "# đầu\n  b: {name: Chi bộ B, mail: [b@example.org]}\n")


WORDS = st.text("ab1 :#,[]{}'\"-ủ\n~", max_size=8)
ENTRIES = st.dictionaries(
    st.sampled_from(["name", "mail", "people", "valid"]),
    WORDS | st.lists(WORDS, max_size=3) | st.dictionaries(st.sampled_from(["x", "y"]), WORDS, min_size=1),
    min_size=1,
)
STYLES = st.sampled_from(["flow", "block", "deep"])


def laid_out(entry: dict[str, Any], style: str) -> str:
    if style == "flow":
        return f" {written(entry)}\n"
    lines = ""
    for key, value in entry.items():
        if style == "deep" and isinstance(value, dict):
            lines += f"    {key}:\n" + "".join(f"      {one}: {written(words)}  # c\n" for one, words in value.items())
        elif style == "deep" and isinstance(value, list) and value:
            lines += f"    {key}:\n" + "".join(f"    - {written(one)}\n" for one in value)
        else:
            lines += f"    {key}: {written(value)}   # c\n"
    return "\n" + lines


@given(before=ENTRIES, after=ENTRIES, style=STYLES)
def test_whatever_an_entry_becomes_its_neighbours_stay(
    before: dict[str, Any], after: dict[str, Any], style: str
) -> None:
    above, below = "units:\n  # đầu\n  a: {name: A}\n  b:", "  # cuối\n  c: {name: C}\n"
    text = above + laid_out(before, style) + below
    assert parse(text, "").data["units"]["b"] == before
    result, left = edited(text, {("units", "b"): after})
    assert result.startswith(above)
    assert result.endswith(below)
    assert parse(result, "").data["units"]["b"] == (before if left else after)
    if style == "flow" or (style == "block" and set(before) & set(after)):
        assert left == ()
