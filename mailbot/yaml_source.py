"""YAML 1.2 with the place of every key and value, typed by pydantic models, each mistake told at its line."""

from __future__ import annotations

import difflib
import re
import types
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from mailbot.problems import Position, Problem, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Path = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)

# Every node takes a character of the file; more of them means aliases of aliases, which multiply ("billion laughs").
ALWAYS_ALLOWED_NODES = 10_000
DEEPEST = 40
# What YAML forbids in a file at all (YAML 1.2.2, 5.1); found here, because loaders count its place in bytes.
UNPRINTABLE = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Strict(BaseModel):
    """The base of everything that an admin writes: immutable, unknown keys refused, no silent conversions."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, populate_by_name=True)


@dataclass(frozen=True)
class YamlDocument:
    """One file of the site: its texts, where each stands, and what is wrong with its form."""

    file: str
    lines: tuple[str, ...]
    data: Any
    places: Places
    problems: tuple[Problem, ...] = ()

    def position(self, path: Path) -> Position:
        """Return where the value at `path` stands, else its nearest parent that exists."""
        node = self.places.root
        for part in path:
            child = self.places.child(node, part)
            if child is None:
                break
            node = child[1]
        return self.places.position(node)

    def key_position(self, path: Path) -> Position:
        """Return where the key at `path` stands, else its value or parent."""
        node = self.places.root
        for part in path[:-1]:
            child = self.places.child(node, part)
            if child is None:
                return self.places.position(node)
            node = child[1]
        found = self.places.child(node, path[-1]) if path else None
        return self.places.position((found[0] or found[1]) if found else node)

    @property
    def values(self) -> Mapping[Path, Position]:
        """Return where every value stands, by its path; made anew each time, for files of human size."""
        return dict(self.places.all(self.places.root, ()))


# A key's node (None in a list) and its value's.
Child = tuple["Node | None", Node]


@dataclass
class Places:
    """Where things stand in one file, looked up in its nodes when somebody asks: most places nobody ever asks for."""

    file: str
    root: Node | None = None
    _children: dict[int, dict[str, Child]] = field(default_factory=dict)

    def position(self, node: Node | None) -> Position:
        """Return where a node begins; the beginning of the file for none."""
        if node is None:
            return Position(self.file)
        return Position(self.file, node.start_mark.line + 1, node.start_mark.column + 1)

    def child(self, node: Node | None, part: str | int) -> Child | None:
        """Return the nodes of a key and its value, or of one item of a list; None when there is none."""
        if isinstance(node, MappingNode):
            return self.children(node).get(str(part))
        if isinstance(node, SequenceNode) and isinstance(part, int) and 0 <= part < len(node.value):
            return None, node.value[part]
        return None

    def children(self, node: MappingNode) -> dict[str, Child]:
        """Return the entries of a mapping by key, the first of each; made once for each mapping asked for."""
        known = self._children.get(id(node))
        if known is None:
            known = self._children[id(node)] = {}
            for key, value in node.value:
                if isinstance(key, ScalarNode):
                    known.setdefault(key.value, (key, value))
        return known

    def all(self, node: Node | None, path: Path) -> Iterator[tuple[Path, Position]]:
        """Yield the path and place of a node and everything below it."""
        if node is None:
            return
        yield path, self.position(node)
        if isinstance(node, MappingNode):
            for key, (_, value) in self.children(node).items():
                yield from self.all(value, (*path, key))
        elif isinstance(node, SequenceNode):
            for index, item in enumerate(node.value):
                yield from self.all(item, (*path, index))


@dataclass
class _Reader:
    """Walks the node tree once; scalars stay the text that was written."""

    places: Places
    most_nodes: int
    nodes: int = 0
    problems: list[Problem] = field(default_factory=list)

    def value(self, node: Node, depth: int) -> Any:
        self.nodes += 1
        if self.nodes > self.most_nodes or depth > DEEPEST:
            raise TooBig(self.places.position(node))
        if isinstance(node, ScalarNode):
            # libyaml leaves the style of a plain scalar empty, Python's loader None.
            return None if not node.style and node.value in EMPTY else node.value
        if isinstance(node, SequenceNode):
            return [self.value(item, depth + 1) for item in node.value]
        assert isinstance(node, MappingNode)
        return self.mapping(node, depth + 1)

    def mapping(self, node: MappingNode, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                text = Text(vi="khóa phải là một chữ hoặc cụm từ", en="a key must be plain text")
                self.problems.append(Problem("yaml.key", self.places.position(key_node), text))
                continue
            key = key_node.value
            if key in result:
                first = self.places.position(self.places.children(node)[key][0])
                self.problems.append(duplicate_key(key, self.places.position(key_node), first))
                continue
            result[key] = self.value(value_node, depth)
        return result


EMPTY = frozenset({"", "~", "null"})


class TooBig(Exception):  # noqa: N818 - a limit, told as a problem below
    """The file unfolds to more than any office writes, or refers to itself."""

    def __init__(self, position: Position) -> None:
        super().__init__(str(position))
        self.position = position


def duplicate_key(key: str, position: Position, first: Position) -> Problem:
    """Return the problem of a key that stands twice in one mapping."""
    return Problem(
        "yaml.duplicate_key",
        position,
        Text(
            vi=f"khóa “{key}” đã có ở dòng {first.line}",
            en=f'the key "{key}" stands already in line {first.line}',
        ),
        Text(vi="gộp hai mục làm một, hoặc đổi tên một mục", en="merge the two entries, or rename one"),
    )


# What libyaml says (and PyYAML's own loader in other words), and what an admin who wrote the line must do. The first
# entry that is found decides.
SYNTAX = (
    ("'\\t'", "thụt dòng bằng phím Tab", "a tab character is used to indent", "thay Tab bằng dấu cách", "use blanks"),
    (
        "tab character",
        "thụt dòng bằng phím Tab",
        "a tab character is used to indent",
        "thay Tab bằng dấu cách",
        "use blanks",
    ),
    (
        "mapping values are not allowed",
        "dấu hai chấm ở chỗ không đúng, hoặc dòng trên thụt sai",
        "a colon where none may stand, or the line above is indented wrongly",
        "đặt chuỗi có dấu hai chấm trong ngoặc kép; xem lại thụt dòng",
        "put text that holds a colon in quotes; look at the indentation",
    ),
    (
        "unexpected end of stream",
        "thiếu dấu nháy đóng",
        "a closing quote is missing",
        "đóng chuỗi bằng cùng loại dấu nháy",
        "close the text with the same quote",
    ),
    (
        "cannot start any token",
        "ký tự này không được đứng đầu một giá trị",
        "this character cannot begin a value",
        "đặt giá trị trong ngoặc kép",
        "put the value in quotes",
    ),
    (
        "expected ',' or",
        "thiếu dấu phẩy hoặc dấu ngoặc đóng",
        "a comma or a closing bracket is missing",
        "kiểm tra các dấu [ ] { } ở dòng này và dòng trên",
        "look at the [ ] { } of this line and the one above",
    ),
    (
        "undefined alias",
        "dấu * đứng đầu giá trị được hiểu là tham chiếu",
        "a value that begins with * is taken for an alias",
        "đặt giá trị trong ngoặc kép",
        "put the value in quotes",
    ),
    (
        "another document",
        "một tệp chỉ được có một tài liệu YAML",
        "a file may hold one YAML document only",
        "bỏ dòng “---” ở giữa tệp",
        'remove the "---" in the middle',
    ),
    (
        "document start>",
        "một tệp chỉ được có một tài liệu YAML",
        "a file may hold one YAML document only",
        "bỏ dòng “---” hoặc “...” ở giữa tệp",
        'remove the "---" or "..." in the middle',
    ),
    (
        "node content",
        "giá trị bị bỏ dở",
        "a value is cut off here",
        "viết nốt giá trị, hoặc đóng dấu ngoặc",
        "write the value to its end, or close the bracket",
    ),
    (
        "could not find expected ':'",
        "thiếu dấu hai chấm sau khóa",
        "the colon after a key is missing",
        "viết “khóa: giá trị”",
        'write "key: value"',
    ),
    (
        "<block end>",
        "thụt dòng không khớp với các dòng trên",
        "the indentation does not fit the lines above",
        "cho các mục cùng cấp bắt đầu ở cùng một cột",
        "let entries of one level begin in the same column",
    ),
    (
        "unknown escape character",
        "dấu \\ trong ngoặc kép đi với chữ không đúng",
        "a backslash in double quotes before a letter that means nothing",
        "dùng dấu nháy đơn '…' cho chuỗi có dấu \\",
        "put text with a backslash in single quotes",
    ),
    (
        "second occurrence",
        "cùng một tên neo (&) được đặt hai lần",
        "one anchor name (&) is given twice",
        "đặt giá trị trong ngoặc kép, hoặc đổi tên neo",
        "put the value in quotes, or rename the anchor",
    ),
)
# How libyaml says that an entry begins in a column of its own; Python's loader says "expected <block end>".
OUT_OF_COLUMN = ("did not find expected key", "did not find expected '-' indicator")
TOO_DEEP = "maximum nesting depth"


def syntax_problem(file: str, error: yaml.MarkedYAMLError, text: str) -> Problem:
    """Return one sentence for a file that is no YAML, at the place where reading had to stop."""
    said = str(error.problem or error.context or error)
    if said in OUT_OF_COLUMN:
        said = "expected <block end>"
    mark = error.problem_mark or error.context_mark
    lines = text.split("\n")
    position = Position(file)
    if mark is not None and mark.line < len(lines):
        position = Position(file, mark.line + 1, mark.column + 1)
        said += " at '\\t'" if lines[mark.line][mark.column : mark.column + 1] == "\t" else ""
    elif mark is not None:
        # libyaml ends every file with a line of its own.
        position = Position(file, len(lines), len(lines[-1]) + 1)
    if TOO_DEEP in said:
        return too_big(position)
    for needle, vi, en, mend_vi, mend_en in SYNTAX:
        if needle in said:
            return Problem("yaml.syntax", position, Text(vi, en), Text(mend_vi, mend_en))
    return Problem("yaml.syntax", position, Text(vi=f"sai cú pháp YAML: {said}", en=f"this is no YAML: {said}"))


def too_big(position: Position) -> Problem:
    """Return the problem of a file that unfolds to more than any office writes."""
    vi, en = "tệp lồng nhau quá sâu hoặc quá lớn", "the file is nested too deeply or too big"
    return Problem("yaml.too_big", position, Text(vi, en))


def unprintable(text: str, file: str) -> Problem | None:
    """Return the problem of a character that no YAML file may hold; None when there is none such."""
    found = UNPRINTABLE.search(text)
    if found is None:
        return None
    before = text[: found.start()]
    position = Position(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
    code = f"U+{ord(found[0]):04X}"
    return Problem(
        "yaml.syntax",
        position,
        Text(vi=f"sai cú pháp YAML: có ký tự điều khiển {code}", en=f"this is no YAML: the control character {code}"),
        Text(vi="xóa ký tự đó (không nhìn thấy được)", en="remove the character (it cannot be seen)"),
    )


class _Texts:
    """A resolver that resolves nothing: YAML 1.1's `no`, `012` and `08:00` stay texts, as YAML 1.2 means them."""

    def resolve(self, *_: object) -> str:
        return ""

    def descend_resolver(self, *_: object) -> None:
        pass

    def ascend_resolver(self) -> None:
        pass


if hasattr(yaml, "CBaseLoader"):
    from yaml.cyaml import CParser

    class Loader(CParser, _Texts):  # type: ignore[misc, unused-ignore] # PyYAML has no types
        """libyaml: 10,000 units in a second, where Python takes ten."""

else:  # a PyYAML that was built without libyaml

    class Loader(_Texts, yaml.BaseLoader):  # type: ignore[misc, no-redef, unused-ignore]
        """PyYAML's own reading, slower and in other words."""


def compose(text: str) -> Node | None:
    """Return the nodes of one YAML document; nothing is turned into a number, a date or a truth value."""
    return yaml.compose(text, Loader=Loader)


def parse(text: str, file: str) -> YamlDocument:
    """Read YAML 1.2; a file that cannot be read gives a document with `data` None and the problem."""
    lines = tuple(text.splitlines())
    problem = unprintable(text, file)
    if problem is None:
        places = Places(file)
        reader = _Reader(places, max(ALWAYS_ALLOWED_NODES, len(text)))
        try:
            places.root = compose(text)
            data = reader.value(places.root, 0) if places.root is not None else None
            return YamlDocument(file, lines, data, places, tuple(reader.problems))
        except TooBig as error:
            problem = too_big(error.position)
        except yaml.MarkedYAMLError as error:
            problem = syntax_problem(file, error, text)
        except RecursionError:
            problem = too_big(Position(file))
    return YamlDocument(file, lines, None, Places(file), (problem,))


def build(model: type[M], document: YamlDocument, path: Path = ()) -> tuple[M | None, tuple[Problem, ...]]:
    """Type the texts under `path` by `model`; what does not fit comes back as problems at their lines."""
    data = document.data
    for part in path:
        data = data[part]
    try:
        return model.model_validate({} if data is None else data), ()
    except ValidationError as error:
        return None, tuple(_problems(model, error, document, path))


def _problems(model: type[BaseModel], error: ValidationError, document: YamlDocument, base: Path) -> Iterator[Problem]:
    for item in error.errors(include_url=False):
        location = tuple(part for part in item["loc"] if part != "[key]")
        # A union or a model that was tried leaves its own name in the location: only what the file has counts.
        path = (*base, *location)
        kind = item["type"]
        # An empty value stands nowhere: its key is shown.
        at_key = kind == "extra_forbidden" or (bool(path) and item["input"] is None)
        position = document.key_position(path) if at_key else document.position(path)
        yield describe(kind, item, model, location, position)


def describe(kind: str, item: Any, model: type[BaseModel], location: Path, position: Position) -> Problem:
    """Turn one finding of pydantic into a sentence in both languages."""
    name = str(location[-1]) if location else ""
    context = item.get("ctx") or {}
    if "vi" in context:
        mend = Text(context["mend_vi"], context["mend_en"]) if context.get("mend_vi") else None
        return Problem(f"value.{kind}", position, Text(context["vi"], context["en"]), mend)
    if kind == "extra_forbidden":
        return unknown_key(name, known_keys(model, location[:-1]), position)
    if kind == "missing":
        text = Text(vi=f"thiếu khóa “{name}”", en=f'the key "{name}" is missing')
        return Problem("value.missing", position, text, Text(vi=f"thêm “{name}: …”", en=f'add "{name}: …"'))
    if kind == "literal_error":
        known = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
        guess = nearest(str(item["input"]), tuple(known.split(", ")))
        text = Text(vi=f"“{item['input']}” phải là một trong: {known}", en=f'"{item["input"]}" must be one of: {known}')
        mend = Text(vi=f"có phải ý bạn là “{guess}”?", en=f'did you mean "{guess}"?') if guess else None
        return Problem("value.literal", position, text, mend)
    for prefix, vi, en in SHAPES:
        if kind.startswith(prefix):
            return Problem("value.shape", position, Text(vi=f"“{name}” {vi}", en=f'"{name}" {en}'))
    return Problem("value.shape", position, Text(vi=f"“{name}” không hợp lệ", en=f'"{name}": {item["msg"]}'))


SHAPES = (
    ("string", "phải là chữ", "must be text"),
    ("list", "phải là danh sách, ví dụ [a, b]", "must be a list, such as [a, b]"),
    ("tuple", "phải là danh sách, ví dụ [a, b]", "must be a list, such as [a, b]"),
    ("dict", "phải gồm các mục “khóa: giá trị”", 'must be made of "key: value" entries'),
    ("model", "phải gồm các mục “khóa: giá trị”", 'must be made of "key: value" entries'),
    ("mapping", "phải gồm các mục “khóa: giá trị”", 'must be made of "key: value" entries'),
)


@lru_cache(maxsize=1024)  # one slip in ten thousand entries is looked up once
def nearest(word: str, known: tuple[str, ...]) -> str | None:
    """Return the known word that was probably meant."""
    found = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return found[0] if found else None


def unknown_key(name: str, known: tuple[str, ...], position: Position) -> Problem:
    """Return the problem of a key that nobody reads, with the nearest one that somebody does."""
    guess = nearest(name, known)
    listed = ", ".join(known)
    if guess is not None:
        mend = Text(vi=f"có phải ý bạn là “{guess}”?", en=f'did you mean "{guess}"?')
    else:
        mend = Text(vi=f"các khóa dùng được ở đây: {listed}", en=f"the keys known here: {listed}")
    return Problem("value.unknown_key", position, Text(vi=f"không có khóa “{name}”", en=f'unknown key "{name}"'), mend)


def known_keys(model: type[BaseModel], location: Path) -> tuple[str, ...]:
    """Return the keys that the model knows at `location`, as an admin writes them."""
    current: Any = model
    for part in location:
        current = _inside(current, part)
    found = next(iter(_models(current)), None)
    if found is None:
        return ()
    return tuple(info.alias or name for name, info in found.model_fields.items())


def _inside(annotation: Any, part: str | int) -> Any:
    """Return what stands under one key or index of an annotated type; None when it is unknown."""
    for model in _models(annotation):
        for name, info in model.model_fields.items():
            if part in (name, info.alias):
                return info.annotation
    for candidate in _alternatives(annotation):
        arguments = get_args(candidate)
        if get_origin(candidate) in (dict, tuple, list) and arguments:
            return arguments[1] if get_origin(candidate) is dict else arguments[0]
    return None


def _alternatives(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for argument in get_args(annotation):
            yield from _alternatives(argument)
    else:
        yield annotation


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    for candidate in _alternatives(annotation):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            yield candidate
