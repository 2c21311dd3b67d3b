"""Text of DOCX and ODT files: XML inside a ZIP, read piece by piece and never unpacked beyond a limit."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import zipfile

    from mailbot.mail.archives import Allowance

_WORD_PIECE = re.compile(
    r"<w:t(?: [^<>]*)?>([^<]*)</w:t>|<w:(tab|br|cr)\b[^<>]*/>|</w:(p)>|<w:(noBreakHyphen|softHyphen)/>"
)
# What old versions of Word see instead of a text box: the same text a second time.
_FALLBACK = re.compile(r"<mc:(Fallback\b)|</mc:Fallback>")
# As much XML as a DOCX may unpack to.
MAX_XML_BYTES = 30 * 1024 * 1024
_OPEN_PIECE = re.compile(r"([^<>]+)|<text:(tab|line-break|s)\b[^<>]*/>|</text:(p|h)>|<[^<>]*>")


def docx_text(archive: zipfile.ZipFile, allowance: Allowance) -> str:
    """Return the text of a DOCX, a line for each paragraph (ECMA-376 Part 1 §17)."""
    return word_text(allowance.unpack(archive, archive.getinfo("word/document.xml")).decode("utf-8", "replace"))


def word_text(xml: str) -> str:
    """Return the text of Word's XML, of a DOCX or of the one file that Word 2003 saved, a line for each paragraph.

    Tags are looked for one by one: no nesting is followed and no entity but HTML's own is known, so that neither depth
    nor declared entities cost anything.
    """
    if "<mc:Fallback" in xml:
        xml = _without_fallbacks(xml)
    pieces: list[str] = []
    for match in _WORD_PIECE.finditer(xml):
        if match[3]:
            pieces.append("\n")
        elif match[2]:
            pieces.append("\t" if match[2] == "tab" else "\n")
        elif match[4]:
            pieces.append("-" if match[4] == "noBreakHyphen" else "")
        else:
            pieces.append(html.unescape(match[1]) if "&" in match[1] else match[1])
    return "".join(pieces)


def _without_fallbacks(xml: str) -> str:
    """Drop what stands between the tags, in one pass; what is never closed is kept."""
    kept: list[str] = []
    at, begun = 0, -1
    for match in _FALLBACK.finditer(xml):
        if match[1]:
            begun = match.start() if begun < 0 else begun
        elif begun >= 0:
            kept.append(xml[at:begun])
            at, begun = match.end(), -1
    kept.append(xml[at:])
    return "".join(kept)


def odt_text(archive: zipfile.ZipFile, allowance: Allowance) -> str:
    """Return the text of an ODT, a line for each paragraph (OpenDocument 1.3 Part 3)."""
    xml = allowance.unpack(archive, archive.getinfo("content.xml")).decode("utf-8", "replace")
    pieces: list[str] = []
    for match in _OPEN_PIECE.finditer(xml, max(0, xml.find("<office:body"))):
        if match[1]:
            pieces.append(match[1])
        elif match[2]:
            pieces.append({"tab": "\t", "s": " "}.get(match[2], "\n"))
        elif match[3]:
            pieces.append("\n")
    return html.unescape("".join(pieces))
