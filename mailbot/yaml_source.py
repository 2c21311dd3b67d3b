"""YAML 1.2 with the place of every key and value, typed by pydantic models, each mistake told at its line."""

from __future__ import annotations

import difflib
import types
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from mailbot.problems import Position, Problem, Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Path = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)

# Every node takes a character of the file; more of them means aliases of aliases, which multiply ("billion laughs").
ALWAYS_ALLOWED_NODES = 10_000
DEEPEST = 40


class Strict(BaseModel):
    """The base of everything that an admin writes: immutable, unknown keys refused, no silent conversions."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, populate_by_name=True)


@dataclass(frozen=True)
class YamlDocument:
    """One file of the site: its texts, where each stands, and what is wrong with its form."""

    file: str
    lines: tuple[str, ...]
    data: Any
    values: Mapping[Path, Position]
    keys: Mapping[Path, Position]
    problems: tuple[Problem, ...] = ()

    def position(self, path: Path) -> Position:
        """Return where the value at `path` stands, else its nearest parent that exists."""
        for length in range(len(path), -1, -1):
            found = self.values.get(path[:length])
            if found is not None:
                return found
        return Position(self.file)

    def key_position(self, path: Path) -> Position:
        """Return where the key at `path` stands, else its value or parent."""
        return self.keys.get(path) or self.position(path)


@dataclass
class _Reader:
    """Walks ruamel's node tree once; scalars stay the text that was written."""

    file: str
    most_nodes: int
    values: dict[Path, Position] = field(default_factory=dict)
    keys: dict[Path, Position] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place(self, node: Node) -> Position:
        return Position(self.file, node.start_mark.line + 1, node.start_mark.column + 1)

    def value(self, node: Node, path: Path) -> Any:
        self.values[path] = self.place(node)
        if len(self.values) > self.most_nodes or len(path) > DEEPEST:
            raise TooBig(self.place(node))
        if isinstance(node, ScalarNode):
            empty = node.style is None and node.value in {"", "~", "null"}
            return None if empty else node.value
        if isinstance(node, SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        assert isinstance(node, MappingNode)
        return self.mapping(node, path)

    def mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                text = Text(vi="khóa phải là một chữ hoặc cụm từ", en="a key must be plain text")
                self.problems.append(Problem("yaml.key", self.place(key_node), text))
                continue
            key = str(key_node.value)
            here = (*path, key)
            if key in result:
                self.problems.append(duplicate_key(key, self.place(key_node), self.keys[here]))
                continue
            self.keys[here] = self.place(key_node)
            result[key] = self.value(value_node, here)
        return result


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


# What ruamel.yaml says, and what an admin who wrote the line must do. The first entry that is found decides.
SYNTAX = (
    ("'\\t'", "thụt dòng bằng phím Tab", "a tab character is used to indent", "thay Tab bằng dấu cách", "use blanks"),
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
        "expected the node content",
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
        "expected <block end>",
        "thụt dòng không khớp với các dòng trên",
        "the indentation does not fit the lines above",
        "cho các mục cùng cấp bắt đầu ở cùng một cột",
        "let entries of one level begin in the same column",
    ),
)


def syntax_problem(file: str, error: YAMLError, text: str) -> Problem:
    """Return one sentence for a file that is no YAML, at the place where reading had to stop."""
    said = str(getattr(error, "problem", None) or error)
    position = Position(file)
    mark = error.problem_mark or error.context_mark if isinstance(error, MarkedYAMLError) else None
    if mark is not None:
        position = Position(file, mark.line + 1, mark.column + 1)
    elif isinstance(error, ReaderError):
        before = text[: error.position]
        position = Position(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
    for needle, vi, en, mend_vi, mend_en in SYNTAX:
        if needle in said:
            return Problem("yaml.syntax", position, Text(vi, en), Text(mend_vi, mend_en))
    first = said.splitlines()[0] if said else ""
    return Problem("yaml.syntax", position, Text(vi=f"sai cú pháp YAML: {first}", en=f"this is no YAML: {first}"))


def parse(text: str, file: str) -> YamlDocument:
    """Read YAML 1.2; a file that cannot be read gives a document with `data` None and the problem."""
    lines = tuple(text.splitlines())
    reader = _Reader(file, max(ALWAYS_ALLOWED_NODES, len(text)))
    try:
        # Nodes are composed and never constructed: no scalar is turned into a number, a date or a truth value.
        node = YAML(pure=True).compose(text)
        data = reader.value(node, ()) if node is not None else None
    except TooBig as error:
        problem = Problem(
            "yaml.too_big",
            error.position,
            Text(vi="tệp lồng nhau quá sâu hoặc quá lớn", en="the file is nested too deeply or too big"),
        )
        return YamlDocument(file, lines, None, {}, {}, (problem,))
    except YAMLError as error:
        return YamlDocument(file, lines, None, {}, {}, (syntax_problem(file, error, text),))
    except RecursionError:
        problem = Problem("yaml.too_big", Position(file), Text(vi="tệp lồng nhau quá sâu", en="nested too deeply"))
        return YamlDocument(file, lines, None, {}, {}, (problem,))
    return YamlDocument(file, lines, data, reader.values, reader.keys, tuple(reader.problems))


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
        position = document.key_position(path) if kind == "extra_forbidden" else document.position(path)
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
            return Problem(f"value.{kind}", position, Text(vi=f"“{name}” {vi}", en=f'"{name}" {en}'))
    return Problem(f"value.{kind}", position, Text(vi=f"“{name}” không hợp lệ", en=f'"{name}": {item["msg"]}'))


SHAPES = (
    ("string", "phải là chữ", "must be text"),
    ("list", "phải là danh sách, ví dụ [a, b]", "must be a list, such as [a, b]"),
    ("tuple", "phải là danh sách, ví dụ [a, b]", "must be a list, such as [a, b]"),
    ("dict", "phải gồm các mục “khóa: giá trị”", 'must be made of "key: value" entries'),
    ("model", "phải gồm các mục “khóa: giá trị”", 'must be made of "key: value" entries'),
    ("mapping", "phải gồm các mục “khóa: giá trị”", 'must be made of "key: value" entries'),
)


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
