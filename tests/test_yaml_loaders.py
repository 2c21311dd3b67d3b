"""The fast loader reads the site's YAML as YAML 1.2 means it: the same texts at the same places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError as OtherError

from mailbot import yaml_source
from mailbot.shipped import folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from yaml.nodes import Node


def by_ruamel(text: str) -> Any:
    return YAML(pure=True).compose(text)


def by_python(text: str) -> Any:
    return yaml.compose(text, Loader=yaml.BaseLoader)


OTHERS: tuple[Callable[[str], Any], ...] = (by_ruamel, by_python)
# ruamel.yaml leaves a mark of its own (BEL) in folded texts, where it would break lines again when writing.
FOLDING_MARK = "\a"


def shape(node: Node | Any) -> Any:
    """Everything of a node that mailbot looks at, whichever library made it."""
    if node is None:
        return None
    place = (node.start_mark.line, node.start_mark.column)
    if isinstance(node.value, str):
        if not node.value and not node.style:
            return node.value  # what is not there stands nowhere: behind its colon, or where the next thing begins
        return place, node.value.replace(FOLDING_MARK, ""), node.style or ""
    if type(node).__name__ == "MappingNode":
        return place, [(shape(key), shape(value)) for key, value in node.value]
    return place, [shape(item) for item in node.value]


@pytest.mark.parametrize("path", sorted(folder("rules").rglob("*.yaml")), ids=lambda path: path.name)
@pytest.mark.parametrize("other", OTHERS)
def test_the_shipped_office_reads_alike(path: Any, other: Callable[[str], Any]) -> None:
    text = path.read_text(encoding="utf-8")
    assert shape(yaml_source.compose(text)) == shape(other(text))


@pytest.mark.parametrize(
    "text",
    [
        "a: 08:00\nb: no\nc: 012\nd: 2026-10-06\ne: 1_000\nf: 0o17\ng: .inf\nh: y\ni: 190:20:30\nj: =\nk: <<\n",
        "a: [1, 'it''s', \"\\u0111 \\/ \\x41\", ~, null, '~', Null]\n",
        "{name: Chi bộ 5, mail: same_as:tdp-5, called: [Chi bộ 5, CB TDP 5], regex: '(số )?[0-9]+'}",
        "a:\n- x\n- y\nb:\n  - {c: d}\n  -\n    e: f\n",
        "text: |\n  dòng một\n   dòng hai\n\nfold: >-\n  một\n  hai\n\n  ba\nend: x\n",
        "%YAML 1.2\n---\na: 1 # lời chú\n# nữa\nb: 2\n...\n",
        "base: &b {x: 1}\nother: *b\nmerged: {<<: *b, y: 2}\n",
        "? khóa\n: giá trị\n'a b': c\n\"d\": e\n",
        "a: 😀 Đảng ủy\nb: {'😀': c}\n",
        "",
        "# nothing\n",
        "~",
    ],
)
@pytest.mark.parametrize("other", OTHERS)
def test_what_two_versions_of_yaml_read_differently_stays_text(text: str, other: Callable[[str], Any]) -> None:
    assert shape(yaml_source.compose(text)) == shape(other(text))


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=12
) | st.sampled_from(
    ["no", "012", "08:00", "2026-10-06", "~", "null", "1e3", "- a", "a: b", "# x", "role:van-thu", "0900.000.001", "*x"]
)
VALUES = st.recursive(
    WORDS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4), max_leaves=20
)


@given(data=st.dictionaries(WORDS, VALUES, max_size=5), flow=st.sampled_from([None, True, False]))
def test_whatever_an_office_writes_reads_alike(data: dict[str, Any], flow: bool | None) -> None:
    text = yaml.dump(data, allow_unicode=True, default_flow_style=flow, width=60)
    assert yaml_source.parse(text, "x.yaml").problems == ()
    for other in OTHERS:
        assert shape(yaml_source.compose(text)) == shape(other(text))


# Without anchors, tags, "? key" (no site has them) and block texts (in the table above). Blanks only: YAML 1.2 allows a
# tab after a colon and Python's loaders do not.
@given(st.text("ab1:-[]{},'\"\n #ủ", max_size=40))
def test_what_both_take_for_yaml_reads_alike(text: str) -> None:
    try:
        expected = shape(by_ruamel(text))
        found = shape(yaml_source.compose(text))
    except (yaml.YAMLError, OtherError):
        return
    assert found == expected


def test_the_document_knows_the_place_of_every_value() -> None:
    text = "units:\n  a: {name: A, mail: [x, y]}\n  b:\n    name: B\n"
    document = yaml_source.parse(text, "x.yaml")
    assert {path: (place.line, place.column) for path, place in document.values.items()} == {
        (): (1, 1),
        ("units",): (2, 3),
        ("units", "a"): (2, 6),
        ("units", "a", "name"): (2, 13),
        ("units", "a", "mail"): (2, 22),
        ("units", "a", "mail", 0): (2, 23),
        ("units", "a", "mail", 1): (2, 26),
        ("units", "b"): (4, 5),
        ("units", "b", "name"): (4, 11),
    }
