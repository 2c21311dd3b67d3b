"""What is wrong with the mail templates that an office wrote: syntax, values that no mail has, files that none uses."""

from __future__ import annotations

import difflib
import hashlib
import re
from typing import TYPE_CHECKING

import jinja2
from jinja2 import meta, nodes

from mailbot.problems import Position, Problem, Text
from mailbot.rendering.page import together
from mailbot.yaml_source import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

SUFFIX = ".j2"
# What mails say of the office and of a document beside what the shipped templates use (routing/letters.py).
VALUES = frozenset(
    {
        *("office", "office_room", "contact", "spelling", "ref", "number", "document", "issuer", "summary"),
        *("summary_short", "urgency", "urgency_tag", "issued_on", "signer", "attachments", "meeting", "due_text"),
        *("due_text_original", "due_last", "first_line", "unit", "unit_short", "ask", "purpose", "arrival_number"),
        *("arrival_date", "instruction", "instructed_by", "blocks", "subject", "circulation", "file_sizes"),
    }
)


# The first line of a copy: of which shipped version it was made. A Jinja comment, so that no mail ever shows it.
STAMP = re.compile(r"\A\{# shipped (?P<hash>[0-9a-f]{12}) #\}\r?\n")


def stamped(source: str) -> str:
    """Return a shipped template as an office's copy of it begins: with the hash of what it was copied from."""
    return f"{{# shipped {_version(source)} #}}\n{source}"


def _version(source: str) -> str:
    return hashlib.sha256(source.replace("\r\n", "\n").encode()).hexdigest()[:12]


def outdated_templates(own: Mapping[str, str], shipped: Mapping[str, str]) -> Iterator[Problem]:
    """Yield a warning for each copy whose shipped template is another now than when it was copied."""
    for name in sorted(set(own) & set(shipped)):
        found = STAMP.match(own[name])
        bare = STAMP.sub("", own[name])
        if found is None or found["hash"] == _version(shipped[name]) or bare == shipped[name]:
            continue
        text = Text(
            vi="mẫu có sẵn đã đổi từ khi chép tệp này", en="the shipped template has changed since this was copied"
        )
        mend = Text(
            vi=f"xem khác biệt: mailbot templates check -v; sửa xong, đổi dòng đầu thành "
            f"{{# shipped {_version(shipped[name])} #}}",
            en=f"see the difference: mailbot templates check -v; when it is taken over, make the first line "
            f"{{# shipped {_version(shipped[name])} #}}",
        )
        yield Problem("template.outdated", Position(f"templates/{name}"), text, mend)


def difference(own: str, shipped: str, name: str) -> str:
    """Return what would have to change in an office's template to be as shipped now, as a unified diff."""
    before, after = STAMP.sub("", own).splitlines(), shipped.splitlines()
    lines = difflib.unified_diff(before, after, f"templates/{name}", f"shipped/{name}", lineterm="")
    return "\n".join(lines)


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(autoescape=True, extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"])
    environment.filters["together"] = together
    return environment


def known_values(shipped: Iterable[str]) -> frozenset[str]:
    """Return the names of all values that some mail has: those that the shipped templates use, and `VALUES`."""
    environment = _environment()
    used = (meta.find_undeclared_variables(environment.parse(source)) for source in shipped)
    return VALUES.union(*used)


def template_problems(source: str, file: str, known: frozenset[str]) -> Iterator[Problem]:
    """Yield a wrong syntax, else every value that no mail has, with its place."""
    environment = _environment()
    try:
        tree = environment.parse(source)
    except jinja2.TemplateSyntaxError as error:
        text = Text(vi=f"mẫu thư sai cú pháp: {error.message}", en=f"the template is wrong: {error.message}")
        yield Problem("template.syntax", Position(file, error.lineno), text)
        return
    if file.rpartition("/")[2].startswith("_"):
        return  # a part stands inside loops of other templates, whose names it may use
    lines = source.splitlines()
    for name in sorted(meta.find_undeclared_variables(tree) - known):
        place = next((node.lineno for node in tree.find_all(nodes.Name) if node.name == name), 1)
        found = re.search(rf"\b{re.escape(name)}\b", lines[place - 1]) if place <= len(lines) else None
        guess = nearest(name, tuple(sorted(known)))
        mend = Text(vi=f"có phải ý bạn là “{guess}”?", en=f'did you mean "{guess}"?') if guess else None
        text = Text(vi=f"không thư nào có giá trị “{name}”", en=f'no mail has a value "{name}"')
        yield Problem("template.value", Position(file, place, found.start() + 1 if found else 1), text, mend)


def unused_templates(own: Mapping[str, str], shipped: Mapping[str, str]) -> Iterator[Problem]:
    """Yield a warning for each file of the office that no mail will ever use: not named `….j2`, or nearly as one is."""
    stems = sorted({name.partition(".")[0] for name in shipped})
    for name in sorted(set(own) - set(shipped)):
        stem, dot, rest = name.partition(".")
        # Only a slip of the finger: an office may well have a letter of its own beside a shipped one.
        close = [] if stem in stems else difflib.get_close_matches(stem, stems, n=1, cutoff=0.85)
        guess = f"{close[0]}{dot}{rest}" if close else None
        if guess is None and name.endswith(SUFFIX):
            continue  # a template of the office's own, which a rule may name
        mend = Text(vi=f"có phải ý bạn là “{guess}”?", en=f'did you mean "{guess}"?') if guess else None
        text = Text(vi="không thư nào dùng tệp này", en="no mail uses this file")
        yield Problem("template.unused", Position(f"templates/{name}"), text, mend)
