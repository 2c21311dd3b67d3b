"""Gets text out of attachments, in memory: PDF, DOCX, XLSX, RTF, ZIP; tells what could not be read and why."""

from __future__ import annotations

import html
import io
import re
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailbot.mail import charsets

if TYPE_CHECKING:
    from collections.abc import Callable

# More pages than any directive; the face and the deadlines stand in the first ones.
MAX_PAGES = 40
# A document is at most this much text; patterns are run over it.
MAX_CHARACTERS = 300_000
# A DOCX is 1 MB of XML at most; more is a bomb.
MAX_UNPACKED_BYTES = 30 * 1024 * 1024
MAX_ZIP_MEMBERS = 50

_SIGNATURES = (
    (b"%PDF-", "application/pdf"),
    (b"{\\rtf", "application/rtf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"Rar!", "application/vnd.rar"),
    (b"7z\xbc\xaf", "application/x-7z-compressed"),
)
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_XML_PIECE = re.compile(
    r"<w:t(?: [^<>]*)?>([^<]*)</w:t>|<w:(tab|br|cr)\b[^<>]*/>|</w:(p)>|<w:(noBreakHyphen|softHyphen)/>"
)
_SHARED_STRING = re.compile(r"<(?:t|v)(?: [^<>]*)?>([^<]*)</(?:t|v)>|</(si|row)>")
_RTF_TOKEN = re.compile(
    rb"\\'([0-9a-fA-F]{2})|\\u(-?\d{1,6}) ?\??|\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\([^a-zA-Z])|([{}])|([^\\{}\r\n]+)"
)
_RTF_FONT = re.compile(rb"\{\\f(\d+)[^;{}]*?([.A-Za-z][^;{}\\]*);")
_RTF_SKIPPED = frozenset(
    {
        b"fonttbl",
        b"colortbl",
        b"stylesheet",
        b"info",
        b"pict",
        b"header",
        b"footer",
        b"object",
        b"generator",
        b"listtable",
    }
)
_RTF_LINES = frozenset({b"par", b"line", b"row", b"page", b"sect"})


@dataclass(frozen=True, slots=True)
class Extracted:
    """Text of one attachment, its type as found by content, and a review code when it could not be read."""

    media_type: str
    text: str = ""
    problem: str | None = None
    # Texts of documents inside a container, by their names.
    inner: tuple[tuple[str, str], ...] = ()
    legacy: bool = False


def media_type_of(content: bytes, declared: str, name: str | None) -> str:
    """Return the media type by content, where the content tells, else what was declared."""
    for signature, media_type in _SIGNATURES:
        if content.startswith(signature):
            return "application/msword" if media_type == "application/x-ole-storage" and _is_word(name) else media_type
    if content.startswith(b"PK\x03\x04"):
        return _zip_type(content)
    if b"%PDF-" in content[:1024]:
        return "application/pdf"
    return declared


def _is_word(name: str | None) -> bool:
    return bool(name) and str(name).lower().endswith((".doc", ".dot"))


def _zip_type(content: bytes) -> str:
    if b"word/document.xml" in content:
        return _DOCX
    return _XLSX if b"xl/workbook.xml" in content else "application/zip"


def extract(content: bytes, declared: str, name: str | None, charset: str | None = None) -> Extracted:
    """Return the text of one attachment; never raises."""
    media_type = media_type_of(content, declared, name)
    reader = _READERS.get(media_type)
    if reader is None:
        if media_type.startswith("text/"):
            return Extracted(media_type, charsets.decode(content[:MAX_CHARACTERS], charset))
        unread = media_type.startswith("image/") or media_type in {"application/msword", "application/vnd.rar"}
        return Extracted(media_type, problem="unreadable_attachment" if unread else None)
    try:
        return reader(content)
    except Exception:  # noqa: BLE001 - parsers of hostile files raise anything; a mail is never lost for it
        return Extracted(media_type, problem="unreadable_attachment")


def _pdf(content: bytes) -> Extracted:
    import pypdfium2  # imported late: a reader that sees no PDF need not hold PDFium

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        locked = "password" in str(error).lower()
        return Extracted("application/pdf", problem="encrypted_attachment" if locked else "unreadable_attachment")
    texts: list[str] = []
    try:
        for index in range(min(len(document), MAX_PAGES)):
            page = document[index]
            text_page = page.get_textpage()
            texts.append(text_page.get_text_bounded())
            text_page.close()
            page.close()
            if sum(map(len, texts)) > MAX_CHARACTERS:
                break
    finally:
        document.close()
    text = "\n".join(texts).replace("\r\n", "\n").replace("\ufffe", "").replace("\x02", "")
    return Extracted("application/pdf", text, None if text.strip() else "unreadable_attachment")


def _docx(content: bytes) -> Extracted:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        xml = _member(archive, "word/document.xml").decode("utf-8", "replace")
    pieces: list[str] = []
    for match in _XML_PIECE.finditer(xml):
        if match[3]:
            pieces.append("\n")
        elif match[2]:
            pieces.append("\t" if match[2] == "tab" else "\n")
        elif match[4]:
            pieces.append("-" if match[4] == "noBreakHyphen" else "")
        else:
            pieces.append(html.unescape(match[1]) if "&" in match[1] else match[1])
    return Extracted(_DOCX, "".join(pieces)[:MAX_CHARACTERS])


def _xlsx(content: bytes) -> Extracted:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if "xl/sharedStrings.xml" not in archive.namelist():
            return Extracted(_XLSX)
        xml = _member(archive, "xl/sharedStrings.xml").decode("utf-8", "replace")
    pieces = ["\n" if match[2] else html.unescape(match[1]) for match in _SHARED_STRING.finditer(xml)]
    return Extracted(_XLSX, "".join(pieces)[:MAX_CHARACTERS])


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    """One file of an archive, cut at the limit, so that a bomb unpacks to nothing worse."""
    with archive.open(name) as file:
        return file.read(MAX_UNPACKED_BYTES)


def _zip(content: bytes) -> Extracted:
    """Documents inside a ZIP, one level deep; a locked one is only told."""
    inner: list[tuple[str, str]] = []
    left = MAX_UNPACKED_BYTES
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()[:MAX_ZIP_MEMBERS]
        if any(member.flag_bits & 1 for member in members):
            return Extracted("application/zip", problem="encrypted_attachment")
        for member in members:
            if member.is_dir() or member.file_size > left:
                continue
            data = _member(archive, member.filename)
            left -= len(data)
            media_type = media_type_of(data, "", member.filename)
            if media_type != "application/zip" and media_type in _READERS:
                found = extract(data, media_type, member.filename)
                inner.append((member.filename.rsplit("/", 1)[-1], found.text))
    return Extracted("application/zip", "\n".join(text for _, text in inner), inner=tuple(inner))


def _rtf(content: bytes) -> Extracted:
    """Text of an RTF file; the fonts .VnTime… hold TCVN3, told by the caller through `legacy`."""
    fonts = {int(number): name for number, name in _RTF_FONT.findall(content[:100_000])}
    legacy = any(name.lower().startswith(b".vn") for name in fonts.values())
    writer = _RtfWriter(fonts, "latin-1" if legacy else "cp1258" if b"\\ansicpg1258" in content[:2000] else "cp1252")
    for match in _RTF_TOKEN.finditer(content[: 20 * MAX_CHARACTERS]):
        writer.take(match)
    return Extracted("application/rtf", "".join(writer.pieces)[:MAX_CHARACTERS], legacy=legacy)


class _RtfWriter:
    """Collects the text of an RTF file while its tokens go by; remembers group, font and what is skipped."""

    def __init__(self, fonts: dict[int, bytes], codec: str) -> None:
        self.capitals = {number for number, name in fonts.items() if re.match(rb"\.Vn\w*H\b", name)}
        self.codec = codec
        self.pieces: list[str] = []
        self.stack: list[tuple[bool, int]] = []
        self.skipping = False
        self.font = 0

    def take(self, match: re.Match[bytes]) -> None:
        if match[6]:
            self._group(match[6])
        elif match[3]:
            self._word(match[3], match[4])
        elif match[5]:
            self._sign(match[5])
        elif self.skipping:
            return
        elif match[1]:
            self._write(bytes([int(match[1], 16)]).decode(self.codec, "replace"))
        elif match[2]:
            self._write(chr(int(match[2]) % 65536))
        elif match[7]:
            self._write(match[7].decode(self.codec, "replace"))

    def _group(self, brace: bytes) -> None:
        if brace == b"{":
            self.stack.append((self.skipping, self.font))
        elif self.stack:
            self.skipping, self.font = self.stack.pop()

    def _sign(self, sign: bytes) -> None:
        if sign == b"*":
            self.skipping = True
        elif not self.skipping and sign in b"\\{}~-_":
            self._write({b"~": " ", b"_": "-", b"-": ""}.get(sign, sign.decode("ascii")))

    def _word(self, word: bytes, value: bytes | None) -> None:
        if word in _RTF_SKIPPED:
            self.skipping = True
        elif self.skipping:
            return
        elif word in _RTF_LINES:
            self.pieces.append("\n")
        elif word in {b"tab", b"cell"}:
            self.pieces.append("\t")
        elif word == b"f" and value:
            self.font = int(value)

    def _write(self, text: str) -> None:
        # The fonts with H show small letters as capitals; ASCII is raised here, TCVN3 letters by their neighbours.
        self.pieces.append(text.upper() if self.font in self.capitals and text.isascii() else text)


_READERS: dict[str, Callable[[bytes], Extracted]] = {
    "application/pdf": _pdf,
    "application/rtf": _rtf,
    "application/zip": _zip,
    _DOCX: _docx,
    _XLSX: _xlsx,
}
