"""Changes entries of a YAML file in place: every comment and line that the change does not concern stays as it is."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from yaml.nodes import MappingNode, ScalarNode

from mailbot.yaml_source import EMPTY, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yaml.nodes import Node

    from mailbot.yaml_source import Places

Path = tuple[str, ...]
# Texts that need no quotes wherever they stand; whatever is written is read again and compared before it counts.
UNQUOTED = re.compile(r"[^\W_](?:[\w ./()@+–-]|:(?=\w))*(?<! )")
# So many entries are tried one by one when they cannot be changed together, to tell which of them it is.
TRIED_ALONE = 50


class UnsafeError(Exception):
    """An entry is written in a way that cannot be changed without touching its neighbours."""


def written(value: Any) -> str:
    """Return a text, list or mapping on one line, as an admin would write it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written(key)}: {written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(written, value)) + "]"
    if value is None:
        return "~"
    return value if UNQUOTED.fullmatch(value) and value not in EMPTY else json.dumps(value, ensure_ascii=False)


def edited(text: str, changes: Mapping[Path, Mapping[str, Any]]) -> tuple[str, tuple[Path, ...]]:
    """Return the file with the entries at those paths made equal to the given ones, and the paths left as they were.

    What was written is read again: only a file that has the wanted entries and nothing else changed is given back.
    """
    found = _edited(text, changes)
    if found is not None:
        return found, ()
    if len(changes) > TRIED_ALONE:
        return text, tuple(changes)
    left = []
    for path, entry in changes.items():
        found = _edited(text, {path: entry})
        if found is None:
            left.append(path)
        else:
            text = found
    return text, tuple(left)


def _edited(text: str, changes: Mapping[Path, Mapping[str, Any]]) -> str | None:
    document = parse(text, "")
    wanted = document.data
    edits: list[tuple[int, int, str]] = []
    try:
        for path, entry in changes.items():
            edits += _mapping(text, _at(document.places, path), dict(entry))
            wanted = _with(wanted, path, entry)
    except UnsafeError:
        return None
    result = _applied(text, edits)
    again = parse(result, "")
    return result if again.data == wanted and not again.problems else None


def _applied(text: str, edits: list[tuple[int, int, str]]) -> str:
    pieces, at = [], 0
    for start, end, new in sorted(edits):
        pieces += [text[at:start], new]
        at = end
    return "".join(pieces) + text[at:]


def _with(data: Any, path: Path, entry: Mapping[str, Any]) -> Any:
    for part in path[:-1]:
        data.setdefault(part, {})
    holder = data
    for part in path[:-1]:
        holder = holder[part]
    holder[path[-1]] = dict(entry)
    return data


def _at(places: Places, path: Path) -> MappingNode:
    node = places.root
    for part in path:
        found = places.child(node, part)
        node = found[1] if found else None
    if not isinstance(node, MappingNode):
        raise UnsafeError
    return node


def _entries(node: Any) -> dict[str, tuple[ScalarNode, Node]]:
    if not isinstance(node, MappingNode):
        return {}
    return {key.value: (key, value) for key, value in node.value if isinstance(key, ScalarNode)}


def _data(node: Node) -> Any:
    """Return what a node holds, as `parse` gives it."""
    if isinstance(node, ScalarNode):
        return None if not node.style and node.value in EMPTY else node.value
    if isinstance(node, MappingNode):
        return {key: _data(value) for key, (_, value) in _entries(node).items()}
    return [_data(item) for item in node.value]


def _mapping(text: str, node: MappingNode, wanted: Mapping[str, Any]) -> list[tuple[int, int, str]]:
    """Return the edits (from, to, new text) that make a mapping hold what is wanted."""
    entries = _entries(node)
    if len(entries) != len(node.value):
        raise UnsafeError  # a key twice, or one that is no text
    if any(value.start_mark.index < key.end_mark.index for key, value in entries.values()):
        raise UnsafeError  # an alias: its value stands elsewhere and may be others' too
    if _data(node) == wanted:
        return []
    return _flow(text, node, wanted) if node.flow_style else _block(text, node, wanted)


def _flow(text: str, node: MappingNode, wanted: Mapping[str, Any]) -> list[tuple[int, int, str]]:
    """Write `{a: 1, b: 2}` anew from the words of its entries that stay."""
    pieces = []
    entries = _entries(node)
    start, end = node.start_mark.index, node.end_mark.index
    between, at = "", start
    for key, value in entries.values():
        between += text[at : key.start_mark.index]
        at = max(value.end_mark.index, key.end_mark.index)
    if "#" in between + text[at:end]:
        raise UnsafeError  # a comment inside would be lost
    for name, new in wanted.items():
        key, value = entries.get(name, (None, None))
        if key is None or value is None or value.end_mark.index <= key.end_mark.index:
            pieces.append(f"{written(name)}: {written(new)}")
            continue
        begins, ends = value.start_mark.index, value.end_mark.index
        pieces.append(text[key.start_mark.index : begins] + _value(text, value, new, begins, ends))
    return [(start, end, "{" + ", ".join(pieces) + "}")]


def _value(text: str, value: Node, new: Any, begins: int, ends: int) -> str:
    """Return the words of a value that becomes another; what is equal stays as it was written."""
    if _data(value) == new:
        return text[begins:ends]
    if isinstance(value, MappingNode) and isinstance(new, dict):
        moved = [(start - begins, end - begins, words) for start, end, words in _mapping(text, value, new)]
        return _applied(text[begins:ends], moved)
    return written(new)


def _block(text: str, node: MappingNode, wanted: Mapping[str, Any]) -> list[tuple[int, int, str]]:
    """Change, remove and add lines of a mapping that has an entry a line."""
    edits = []
    entries = _entries(node)
    for name, (key, value) in entries.items():
        if name not in wanted:
            edits.append(_without_line(text, key, value))
        elif _data(value) != wanted[name]:
            edits += _changed_line(text, key, value, wanted[name])
    added = {name: new for name, new in wanted.items() if name not in entries}
    if not added:
        return edits
    indent = " " * node.start_mark.column
    kept = [pair for name, pair in entries.items() if name in wanted]
    one_line = [pair for pair in kept if _stands_on_one_line(pair[1])]
    lines = [f"{indent}{written(name)}: {written(new)}" for name, new in added.items()]
    if one_line:
        end = _line_end(text, max(_end(one_line[-1][1]), one_line[-1][0].end_mark.index))
        return [*edits, (end, end, "".join("\n" + line for line in lines))]
    if not kept:
        raise UnsafeError
    start = kept[0][0].start_mark.index
    return [*edits, (start, start, "".join(line + "\n" for line in lines).lstrip(" ") + indent)]


def _stands_on_one_line(value: Node) -> bool:
    block = value.style in ("|", ">") if isinstance(value, ScalarNode) else not value.flow_style
    return not block


def _changed_line(text: str, key: ScalarNode, value: Node, new: Any) -> list[tuple[int, int, str]]:
    if isinstance(value, MappingNode) and isinstance(new, dict) and new:
        return _mapping(text, value, new)
    colon = key.end_mark.index
    end = max(_end(value), colon + 1)
    if text[colon : colon + 1] != ":" or (isinstance(value, ScalarNode) and value.style in ("|", ">")):
        raise UnsafeError
    if _stands_on_one_line(value) and end > value.start_mark.index > colon:
        return [(value.start_mark.index, end, written(new))]
    if "#" in text[colon:end]:
        raise UnsafeError  # comments between the items of a list
    return [(colon, end, f": {written(new)}")]


def _without_line(text: str, key: ScalarNode, value: Node) -> tuple[int, int, str]:
    start = text.rfind("\n", 0, key.start_mark.index) + 1
    end = _line_end(text, max(_end(value), key.end_mark.index))
    lines = text[start:end].splitlines()
    if text[start : key.start_mark.index].strip() or any(line.lstrip().startswith("#") for line in lines):
        raise UnsafeError
    return start, min(end + 1, len(text)), ""


def _line_end(text: str, index: int) -> int:
    found = text.find("\n", index)
    return found if found >= 0 else len(text)


def _end(node: Node) -> int:
    """Return where the last word of a node ends; a block's own end is where the next thing begins."""
    if isinstance(node, ScalarNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    key, value = last if isinstance(node, MappingNode) else (node, last)
    if value.start_mark.index < key.start_mark.index:
        raise UnsafeError
    return max(_end(value), int(key.end_mark.index) if isinstance(key, ScalarNode) else 0)
