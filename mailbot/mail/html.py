"""Turns the HTML of a mail into lines of text, as a person sees them: hidden text dropped, quotes marked with `>`."""

from __future__ import annotations

import html
import re

# A tag is matched linearly; an attribute value with a raw `>` leaks a few characters, which harms nobody.
_TOKEN = re.compile(r"<!--.*?(?:-->|$)|<!\[[^<>]*>|<(/?)([a-zA-Z][a-zA-Z0-9:]*)([^<>]*)>|<[!?][^<>]*>", re.DOTALL)
_DROPPED = re.compile(r"<(head|style|script|title|xml|template)\b[^<>]*>.*?(?:</\1\s*>|$)", re.DOTALL | re.IGNORECASE)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?:px|pt|;|$)", re.IGNORECASE
)
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_TOO_MANY_LINES = re.compile(r"\n{3,}")
# A body without a closing tag for each of its elements is common, so nothing but the hidden ones is counted.
_VOID = frozenset({"br", "img", "hr", "meta", "link", "input", "area", "base", "col", "embed", "source", "wbr"})
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "pre"})
_LINES = frozenset({"div", "tr", "li", "center", "section", "article", "header", "footer", "dd", "dt", "address"})


def html_to_text(source: str) -> str:
    """Return the visible text of an HTML body, block elements as lines, blockquotes with `> ` before each line."""
    source = _DROPPED.sub(" ", source)
    writer = _Writer()
    at = 0
    for match in _TOKEN.finditer(source):
        if match.start() > at:
            writer.text(source[at : match.start()])
        at = match.end()
        if match[2]:
            writer.tag(match[2].lower(), bool(match[1]), match[3])
    if at < len(source):
        writer.text(source[at:])
    return writer.finish()


class _Writer:
    """Collects lines while the tags go by."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.quote = 0
        self.preformatted = 0
        self.hidden: list[str] = []

    def text(self, source: str) -> None:
        if self.hidden:
            return
        text = html.unescape(source) if "&" in source else source
        if self.preformatted:
            first, *rest = text.replace("\r\n", "\n").split("\n")
            self.line.append(first)
            for line in rest:
                self.end_line()
                self.line.append(line)
            return
        text = _BLANKS.sub(" ", text)
        if text != " " or self.line:
            self.line.append(text)

    def tag(self, name: str, closing: bool, attributes: str) -> None:
        if self._hide(name, closing, attributes):
            return
        if name == "br":
            self.end_line()
        elif name in _PARAGRAPHS:
            self.end_line(only_if_full=True)
            if self.lines and self.lines[-1].strip("> "):
                self.lines.append("> " * self.quote if self.quote else "")
            if name == "blockquote":
                self.quote = max(0, min(self.quote + (-1 if closing else 1), 20))
            elif name == "pre":
                self.preformatted = 0 if closing else 1
        elif name in _LINES or name == "hr":
            self.end_line(only_if_full=True)
            if name == "li" and not closing:
                self.line.append("- ")
        elif name in {"td", "th"} and closing and self.line:
            # Wide enough to be told from a blank between words: the columns of a printed header.
            self.line.append("    ")

    def _hide(self, name: str, closing: bool, attributes: str) -> bool:
        """Count the elements inside a hidden one, so that its own end is found."""
        if self.hidden:
            if closing and name == self.hidden[-1]:
                self.hidden.pop()
            elif not closing and name == self.hidden[0] and len(self.hidden) < 100:
                self.hidden.append(name)
            return True
        if not closing and name not in _VOID and "style" in attributes and _HIDDEN.search(attributes):
            if not attributes.rstrip().endswith("/"):
                self.hidden.append(name)
            return True
        return False

    def end_line(self, *, only_if_full: bool = False) -> None:
        text = "".join(self.line).strip() if not self.preformatted else "".join(self.line).rstrip()
        self.line.clear()
        if text or not only_if_full:
            self.lines.append("> " * self.quote + text if self.quote else text)

    def finish(self) -> str:
        self.end_line(only_if_full=True)
        return _TOO_MANY_LINES.sub("\n\n", "\n".join(self.lines)).strip()
