"""Templates + frozen values -> subject, text and HTML of a mail (Jinja2, sandboxed, nothing undefined passes)."""

from __future__ import annotations

import hashlib
import re
import textwrap
import traceback
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import css_inline
from jinja2 import FunctionLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment

from mailbot.problems import MailbotError, Position, Text
from mailbot.rendering.page import ANSWER_INDENT, blocks, together

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PAGE = "page.html.j2"
# RFC 5322 section 2.1.1 asks for 78 characters a line; two are left for the marks of a quotation.
MOST_OF_A_LINE = 76
# The house spelling is applied to whole mails, so that one mail never mixes `ủy` and `uỷ`.
TONE_PAIRS = {
    "ùy": "uỳ", "úy": "uý", "ủy": "uỷ", "ũy": "uỹ", "ụy": "uỵ",
    "òa": "oà", "óa": "oá", "ỏa": "oả", "õa": "oã", "ọa": "oạ",
    "òe": "oè", "óe": "oé", "ỏe": "oẻ", "õe": "oẽ", "ọe": "oẹ",
}  # fmt: skip
LIST_MARK = re.compile(r"- |\d+\. | +")
TONED = re.compile("|".join(TONE_PAIRS) + r"(?![^\W\d_])", re.IGNORECASE)


class TemplateFailureError(MailbotError):
    """A template cannot be rendered; the text names the template and what is wrong with it."""

    exit_code = 78  # EX_CONFIG

    def __init__(self, position: Position, said: str) -> None:
        place = f"{position.file}:{position.line}"
        super().__init__(
            Text(vi=f"Mẫu thư {place}: {said}", en=f"Mail template {place}: {said}"),
            mend=Text(
                vi="Sửa tệp trong templates/ hoặc xóa để dùng mẫu có sẵn.",
                en="Mend the file in templates/, or delete it to use the shipped one.",
            ),
        )
        self.position = position
        self.said = said


@dataclass(frozen=True, slots=True)
class Letter:
    """A rendered mail and the hash of the template that made it."""

    subject: str
    text: str
    html: str
    template_hash: str


class Letters:
    """The templates of a site, compiled once."""

    def __init__(self, sources: Mapping[str, str], *, spelling: str = "ủy") -> None:
        self._sources = dict(sources)
        self._environment = SandboxedEnvironment(
            loader=FunctionLoader(self._source),
            undefined=StrictUndefined,
            autoescape=lambda name: bool(name) and name.endswith((".html.j2", ".html")),
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=False,
        )
        self._environment.filters["together"] = together
        self._old_style = spelling == "uỷ"
        # What stands in @media (dark mode) cannot be inlined; it stays for the clients that know it.
        self._inliner = css_inline.CSSInliner(keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False)
        self._hashes: dict[str, str] = {}

    def _source(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        """Return a template's source with its name, so that a failing line can be told."""
        source = self._sources.get(name)
        return None if source is None else (source, name, lambda: True)

    def source(self, file: str) -> str:
        """Return the source of one template file; empty when there is none."""
        return self._sources.get(file, "")

    def names(self) -> tuple[str, ...]:
        """Return the names of the mails that can be rendered."""
        return tuple(
            sorted(
                name.removesuffix(".txt.j2")
                for name in self._sources
                if name.endswith(".txt.j2") and not name.startswith("_")
            )
        )

    def render(self, name: str, values: Mapping[str, Any], *, token: str, reply_to: str) -> Letter:
        """Return the mail `name` with these values; the token ends the subject, the reply address is in each button.

        Raises:
            TemplateFailureError: the template is missing, wrong, or wants a value that there is not.
        """
        all_values = {"ref": f"#{token}", **values}
        try:
            subject = " ".join(self._environment.get_template(f"{name}.subject.j2").render(all_values).split())
            text = self._environment.get_template(f"{name}.txt.j2").render(all_values)
            subject, text = self._spelled(subject), self._spelled(_tidy(text))
            html = self._html(name, all_values, subject, text, reply_to)
        except Exception as error:  # a template is an admin's program: whatever it raises is its own mistake
            raise _failure(name, error, self._sources) from error
        return Letter(subject, _wrapped(text), html, self.template_hash(name))

    def _html(self, name: str, values: Mapping[str, Any], subject: str, text: str, reply_to: str) -> str:
        own = f"{name}.html.j2"
        signature = str(values.get("office_room", "")).upper()
        page = {
            "blocks": blocks(text, reply_to=reply_to, subject=subject, signature=self._spelled(signature)),
            "subject": subject,
        }
        html = self._environment.get_template(own if own in self._sources else PAGE).render({**values, **page})
        return self._inliner.inline(html)

    def _spelled(self, text: str) -> str:
        if not self._old_style:
            return text
        return TONED.sub(lambda found: _keep_case(found.group(), TONE_PAIRS[found.group().lower()]), text)

    def template_hash(self, name: str) -> str:
        """Return the SHA-256 over the sources that make a mail."""
        if name not in self._hashes:
            parts = [self._sources.get(f"{name}.{part}.j2", "") for part in ("subject", "txt", "html")]
            shared = [source for key, source in sorted(self._sources.items()) if key.startswith("_") or key == PAGE]
            self._hashes[name] = hashlib.sha256("\x00".join(parts + shared).encode()).hexdigest()
        return self._hashes[name]


def _keep_case(old: str, new: str) -> str:
    return new.upper() if old.isupper() else new


def _tidy(text: str) -> str:
    """Take out the blank lines that conditions leave: never two in a row, none at the ends."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.splitlines())).strip() + "\n"


def _wrapped(text: str) -> str:
    """Break long lines between words; an answer stays one line, since it is what a person copies."""
    return "".join(f"{line}\n" for long in text.splitlines() for line in broken(long))


@lru_cache(maxsize=512)  # hundreds of copies of one document say the same in most of their lines
def broken(line: str) -> tuple[str, ...]:
    """Return a line as lines of at most 76 characters, as far as blanks allow, never a label without its text."""
    if len(line) <= MOST_OF_A_LINE or line.startswith(ANSWER_INDENT):
        return (line,)
    mark = LIST_MARK.match(line)
    # Never as deep as an answer.
    indent = " " * min(len(mark[0]) if mark else 0, len(ANSWER_INDENT) - 1)
    lines = textwrap.wrap(
        line, MOST_OF_A_LINE, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    if len(lines) > 1 and mark and lines[0].endswith(":"):
        lines[:2] = [f"{lines[0]} {lines[1].strip()}"]
    return tuple(lines)


def _failure(name: str, error: Exception, sources: Mapping[str, str]) -> TemplateFailureError:
    said = error.message if isinstance(error, TemplateError) else f"{type(error).__name__}: {error}"
    return TemplateFailureError(_place(name, error, sources), said or type(error).__name__)


def _place(name: str, error: Exception, sources: Mapping[str, str]) -> Position:
    """Return file and line of the template line that failed; Jinja puts template lines into the traceback."""
    if isinstance(error, TemplateSyntaxError):
        return Position(error.name or name, error.lineno)
    lines = [
        Position(frame.f_code.co_filename, line)
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename in sources
    ]
    return lines[-1] if lines else Position(f"{name}.txt.j2")
