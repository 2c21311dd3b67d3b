"""Gets text out of attachments, in memory: PDF, DOCX, XLSX, ODT, RTF, ZIP; tells what could not be read and why."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mailbot.mail import archives, charsets, message, sealed, workbooks
from mailbot.mail.dangers import Danger, danger_of, danger_of_name, danger_of_page
from mailbot.mail.html import html_to_text
from mailbot.mail.office_files import MAX_XML_BYTES, docx_text, odt_text, word_text
from mailbot.mail.pdf import page_pictures, pdf_text
from mailbot.mail.pdf_signatures import UNSIGNED, PdfSignature, read_signature
from mailbot.mail.rtf import rtf_text

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Callable

# A document is at most this much text; patterns are run over it.
MAX_CHARACTERS = 300_000

PDF = "application/pdf"
RTF = "application/rtf"
ZIP = "application/zip"
WORD = "application/msword"
EXCEL = "application/vnd.ms-excel"
OLE = "application/x-ole-storage"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"
RAR = "application/vnd.rar"
SEVEN_ZIP = "application/x-7z-compressed"
OUTLOOK = "application/vnd.ms-outlook"
POWERPOINT = "application/vnd.ms-powerpoint"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
WORD_XML = "application/vnd.ms-word.xml"
HTML = "text/html"
MHTML = "multipart/related"

_SIGNATURES = (
    (b"%PDF-", PDF),
    (b"{\\rtf", RTF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n", "image/png"),
    (b"GIF8", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"Rar!", RAR),
    (b"7z\xbc\xaf", SEVEN_ZIP),
    (sealed.PGP_ARMOR, sealed.PGP_MESSAGE),
)
_BY_NAME = ((".doc", WORD), (".dot", WORD), (".xls", EXCEL), (".msg", OUTLOOK), (".ppt", POWERPOINT))
# Streams of an OLE file by which its program and an encrypted package are told.
_OLE_STREAMS = (
    ("WordDocument", WORD),
    ("Workbook", EXCEL),
    ("Book", EXCEL),
    ("__properties_version1.0", OUTLOOK),
    ("PowerPoint Document", POWERPOINT),
)
# What web programs and Word itself save under the name .doc: a page, an archived page, XML of Word 2003.
_PAGE = re.compile(rb"\s*(?:<!doctype html|<html\b)", re.IGNORECASE)
_ARCHIVED_PAGE = re.compile(rb"(?:[A-Za-z-]{1,40}:[^\n]*\n[ \t]?)*?content-type:\s*multipart/related", re.IGNORECASE)
_WORD_XML = b"<w:wordDocument"
# Files that nothing here reads, and why the clerk must open them.
_UNREAD = {
    RAR: "RAR archives are not unpacked.",
    SEVEN_ZIP: "7z archives are not unpacked.",
    OUTLOOK: "Mails saved by Outlook (.msg) are not read.",
    POWERPOINT: "Slides are not read.",
    PPTX: "Slides are not read.",
}
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_PICTURES = ("image/jpeg", "image/png", "image/tiff")


@dataclass(frozen=True, slots=True)
class Tools:
    """What pure code cannot do itself: programs of the reader process, handed in as functions; None where missing.

    `word` turns a binary .doc into text, `table` an .xls, `letters` reads text off a picture; an empty text: failed.
    """

    word: Callable[[bytes], str] | None = None
    table: Callable[[bytes], str] | None = None
    letters: Callable[[bytes], str] | None = None
    # Certificates of those who certify signers, PEM or DER.
    roots: tuple[bytes, ...] = ()


NO_TOOLS = Tools()


@dataclass(frozen=True, slots=True)
class Extracted:
    """Text of one attachment, its type as found by content, and a review code when it could not be read."""

    media_type: str
    text: str = ""
    problem: str | None = None
    # Documents inside a container, by their names.
    inner: tuple[tuple[str, Extracted], ...] = ()
    legacy: bool = False
    # Why there is a problem, or what was left out, for the log.
    reason: str = ""
    signature: PdfSignature = UNSIGNED
    # What could do harm when it is opened: the name inside a container (empty for the file itself), and what it is.
    dangers: tuple[tuple[str, Danger], ...] = ()


def media_type_of(content: bytes, declared: str, name: str | None) -> str:
    """Return the media type by content, where the content tells, else what was declared."""
    for signature, media_type in _SIGNATURES:
        if content.startswith(signature):
            return _ole_type(content, name) if media_type == OLE else media_type
    if content.startswith(b"PK\x03\x04"):
        return _zip_type(content)
    if b"%PDF-" in content[:1024]:
        return PDF
    if declared in _DISGUISES or (name or "").lower().endswith(_DISGUISED_ENDINGS):
        return _disguised(content, declared)
    return sealed.PKCS7 if sealed.looks_like_pkcs7(content) else declared


# Types and names under which text, pages and XML come instead of the binary that they promise.
_DISGUISES = frozenset({WORD, EXCEL, RTF, "application/octet-stream"})
_DISGUISED_ENDINGS = (".doc", ".xls", ".rtf", ".mht", ".mhtml")


def _disguised(content: bytes, declared: str) -> str:
    """What a file is that is called an office file and is none by its first bytes."""
    head = content[:4096].removeprefix(b"\xef\xbb\xbf")
    if _PAGE.match(head):
        return HTML
    if _ARCHIVED_PAGE.match(head):
        return MHTML
    if _WORD_XML in head:
        return WORD_XML
    if _is_plain(content):
        return "text/plain"
    return sealed.PKCS7 if sealed.looks_like_pkcs7(content) else declared


def _is_plain(content: bytes) -> bool:
    try:
        return bool(content.strip()) and "\0" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _ole_type(content: bytes, name: str | None) -> str:
    by_name = next((kind for ending, kind in _BY_NAME if name and ending in name.lower()[-5:]), None)
    if by_name is not None:
        return by_name
    return next((kind for stream, kind in _OLE_STREAMS if stream.encode("utf-16-le") in content), OLE)


def _zip_type(content: bytes) -> str:
    if b"word/document.xml" in content:
        return DOCX
    if b"xl/workbook.xml" in content:
        return XLSX
    if b"ppt/presentation.xml" in content:
        return PPTX
    return ODT if b"mimetype" + ODT.encode() in content[:200] else ZIP


def extract(
    content: bytes, declared: str, name: str | None, charset: str | None = None, tools: Tools = NO_TOOLS
) -> Extracted:
    """Return the text of one attachment; never raises."""
    return _extract(content, declared, name, charset, tools, archives.Allowance())


def _extract(
    content: bytes, declared: str, name: str | None, charset: str | None, tools: Tools, allowance: archives.Allowance
) -> Extracted:
    media_type = media_type_of(content, declared, name)
    found = _read(content, media_type, charset, tools, allowance)
    danger = danger_of(content, declared, name)
    return found if danger is None else replace(found, dangers=(("", danger), *found.dangers))


def _read(
    content: bytes, media_type: str, charset: str | None, tools: Tools, allowance: archives.Allowance
) -> Extracted:
    try:
        reader = _READERS.get(media_type)
        if reader is not None:
            return reader(content, tools, allowance)
    except archives.RefusedError as refused:
        unchecked = (("", Danger.UNCHECKED),)
        return Extracted(media_type, problem="unreadable_attachment", reason=str(refused), dangers=unchecked)
    except Exception as error:  # noqa: BLE001 - parsers of hostile files raise anything; a mail is never lost for it
        return Extracted(media_type, problem="unreadable_attachment", reason=f"It is broken: {type(error).__name__}.")
    if media_type.startswith("text/"):
        text = charsets.decode(content[: 2 * MAX_CHARACTERS], charset)
        return Extracted(media_type, (html_to_text(text) if media_type == "text/html" else text)[:MAX_CHARACTERS])
    why = _UNREAD.get(media_type) or ("It is a picture." if media_type.startswith("image/") else "")
    return _unread(media_type, why) if why else Extracted(media_type)


def _unread(media_type: str, why: str, **values: Any) -> Extracted:
    return Extracted(media_type, problem="unreadable_attachment", reason=why, **values)


def _locked(media_type: str) -> Extracted:
    return Extracted(media_type, problem="encrypted_attachment", reason="It has a password.")


def _pdf(content: bytes, tools: Tools, allowance: archives.Allowance) -> Extracted:
    """The text of a PDF, and the documents that it carries inside (a portfolio); its own text comes first."""
    found = pdf_text(content, MAX_CHARACTERS)
    if found.locked or found.broken:
        return _locked(PDF) if found.locked else _unread(PDF, "It is broken and cannot be opened.")
    text = found.text
    if not text.strip() and tools.letters is not None:
        text = "\n".join(tools.letters(picture) for picture in page_pictures(content))
    signature = read_signature(content, tools.roots)
    inner, dangers = _carried(found.files, tools, allowance)
    if not text.strip() and not any(file.text.strip() for _, file in inner):
        return _unread(PDF, "It is a scan: its pages are pictures.", signature=signature, dangers=dangers)
    own = Extracted(PDF, text, signature=signature, dangers=dangers)
    if not inner:
        return own
    sick = next((file for _, file in inner if file.problem), own)
    return replace(
        own,
        text="\n".join(file.text for _, file in (("", own), *inner))[:MAX_CHARACTERS],
        problem=sick.problem,
        inner=(("", own), *inner),
        reason=sick.reason,
    )


def _carried(
    files: tuple[tuple[str, bytes], ...], tools: Tools, allowance: archives.Allowance
) -> tuple[tuple[tuple[str, Extracted], ...], tuple[tuple[str, Danger], ...]]:
    """The documents inside a PDF and what is dangerous in it, unless it lies too deep in others itself."""
    if not files:
        return (), ()
    found: list[tuple[str, Extracted]] = []
    dangers: list[tuple[str, Danger]] = []
    with allowance.deeper():
        for name, data in files:
            if media_type_of(data, "", name) in _PICTURES:
                continue
            inner, dangerous = _inside(data, name, tools, allowance)
            dangers += dangerous
            if inner is not None:
                found.append((name, inner))
    return tuple(found), tuple(dangers)


def _inside(
    data: bytes, name: str, tools: Tools, allowance: archives.Allowance
) -> tuple[Extracted | None, list[tuple[str, Danger]]]:
    """One file of a container: what was read of it, if its kind is read, and what is dangerous in it by its name."""
    media_type = media_type_of(data, "", name)
    if media_type not in _READERS:
        danger = danger_of(data, media_type, name)
        return None, [(name, danger)] if danger is not None else []
    inner = _extract(data, media_type, name, None, tools, allowance)
    return inner, [(f"{name} › {deeper}" if deeper else name, danger) for deeper, danger in inner.dangers]


def _picture(content: bytes, tools: Tools, _allowance: archives.Allowance) -> Extracted:
    text = tools.letters(content) if tools.letters is not None else ""
    kind = media_type_of(content, "image/x-unknown", None)
    return Extracted(kind, text) if text.strip() else _unread(kind, "It is a picture.")


def _ole(content: bytes, tools: Tools, _allowance: archives.Allowance) -> Extracted:
    """Old Word files need a program; a DOCX or XLSX with a password comes as an OLE file, too (MS-OFFCRYPTO)."""
    if _ENCRYPTED_PACKAGE in content:
        return _locked(OLE)
    return _converted(WORD, content, tools.word)


def _excel(content: bytes, tools: Tools, _allowance: archives.Allowance) -> Extracted:
    return _locked(EXCEL) if _ENCRYPTED_PACKAGE in content else _converted(EXCEL, content, tools.table)


def _converted(media_type: str, content: bytes, convert: Callable[[bytes], str] | None) -> Extracted:
    """An old office file through the program that reads it, where there is one."""
    if convert is None:
        return _unread(media_type, "It is an old office file, and no program that reads it is installed.")
    text = convert(content)[:MAX_CHARACTERS]
    return Extracted(media_type, text) if text.strip() else _unread(media_type, "No text was found in it.")


def _word_xml(content: bytes, _tools: Tools, _allowance: archives.Allowance) -> Extracted:
    return Extracted(WORD_XML, word_text(charsets.decode(content[:MAX_XML_BYTES]))[:MAX_CHARACTERS])


def _archived_page(content: bytes, _tools: Tools, _allowance: archives.Allowance) -> Extracted:
    """A page saved with its pictures (RFC 2557), as Word does under the name .doc or .mht: a mail in its form."""
    page = message.parse(content)
    active = any(danger_of_page(part.content) for part in page.parts if part.media_type == "text/html")
    dangers = (("", Danger.ACTIVE_PAGE),) if active else ()
    return Extracted(MHTML, page.body_text()[:MAX_CHARACTERS], dangers=dangers)


def _docx(content: bytes, _tools: Tools, allowance: archives.Allowance) -> Extracted:
    with archives.opened(content) as archive:
        return Extracted(DOCX, docx_text(archive, allowance)[:MAX_CHARACTERS])


def _xlsx(content: bytes, _tools: Tools, allowance: archives.Allowance) -> Extracted:
    with archives.opened(content) as archive:
        return Extracted(XLSX, workbooks.text_of(archive, allowance, MAX_CHARACTERS))


def _odt(content: bytes, _tools: Tools, allowance: archives.Allowance) -> Extracted:
    with archives.opened(content) as archive:
        return Extracted(ODT, odt_text(archive, allowance)[:MAX_CHARACTERS])


def _rtf(content: bytes, _tools: Tools, _allowance: archives.Allowance) -> Extracted:
    text, legacy = rtf_text(content, MAX_CHARACTERS)
    return Extracted(RTF, text, legacy=legacy)


def _zip(content: bytes, tools: Tools, allowance: archives.Allowance) -> Extracted:
    """Documents inside a ZIP and in a ZIP in it; a locked one is only told, and so is what passes a limit."""
    with archives.opened(content) as archive:
        if archives.is_locked(archive):
            names = tuple(map(archives.member_name, archive.infolist()))
            told = tuple((name, danger) for name in names if (danger := danger_of_name(name)) is not None)
            reason = "The archive has a password."
            return Extracted(ZIP, problem="encrypted_attachment", reason=reason, dangers=told)
        found, refused, dangers = _members(archive, tools, allowance)
    inner: list[tuple[str, Extracted]] = []
    for name, extracted in found:
        inner += extracted.inner if extracted.media_type == ZIP else ((name, extracted),)
    first = next((extracted for _, extracted in found if extracted.problem), None)
    return Extracted(
        ZIP,
        "\n".join(extracted.text for _, extracted in inner)[:MAX_CHARACTERS],
        first.problem if first else "unreadable_attachment" if refused else None,
        tuple(inner),
        reason=refused or (first.reason if first else ""),
        dangers=tuple(dangers) if not refused else (*dangers, ("", Danger.UNCHECKED)),
    )


def _members(
    archive: zipfile.ZipFile, tools: Tools, allowance: archives.Allowance
) -> tuple[list[tuple[str, Extracted]], str, list[tuple[str, Danger]]]:
    """Return what the files of an archive hold, by name, why one of them was not taken, and what is dangerous."""
    found: list[tuple[str, Extracted]] = []
    dangers: list[tuple[str, Danger]] = []
    refused = ""
    for member in archive.infolist():
        # Some systems pack a shadow beside each file; it is no document.
        if member.is_dir() or member.filename.startswith("__MACOSX/"):
            continue
        name = archives.member_name(member)
        try:
            data = allowance.unpack(archive, member)
        except archives.RefusedError as error:
            refused = refused or str(error)
            if allowance.members <= 0:
                break
            continue
        except archives.BROKEN as error:
            refused = refused or f"A file of the archive is broken: {type(error).__name__}."
            continue
        inner, dangerous = _inside(data, name, tools, allowance)
        dangers += dangerous
        if inner is not None:
            found.append((name, inner))
    return found, refused, dangers


def _nested(content: bytes, tools: Tools, allowance: archives.Allowance) -> Extracted:
    """A ZIP, unless it lies too deep in others."""
    with allowance.deeper():
        return _zip(content, tools, allowance)


def _pkcs7(content: bytes, tools: Tools, allowance: archives.Allowance) -> Extracted:
    """A signed file (`.pdf.p7m`) is the file in it; an enciphered one is only told (RFC 5652)."""
    plain = sealed.signed_content(content)
    if plain is not None:
        with allowance.deeper():
            return replace(_extract(plain, "", None, None, tools, allowance), media_type=sealed.PKCS7)
    seal = sealed.seal_of(content)
    if seal is sealed.Seal.ENCRYPTED:
        return _enciphered(content, tools, allowance)
    problem = "unreadable_attachment" if seal is sealed.Seal.COMPRESSED else None
    return Extracted(sealed.PKCS7, problem=problem, reason="It is a compressed container." if problem else "")


def _enciphered(content: bytes, _tools: Tools, _allowance: archives.Allowance) -> Extracted:
    kind = sealed.PKCS7 if sealed.looks_like_pkcs7(content) else sealed.PGP_MESSAGE
    return Extracted(kind, problem="encrypted_attachment", reason="It is enciphered.")


_READERS: dict[str, Callable[[bytes, Tools, archives.Allowance], Extracted]] = {
    PDF: _pdf,
    ZIP: _nested,
    RTF: _rtf,
    WORD: _ole,
    OLE: _ole,
    EXCEL: _excel,
    WORD_XML: _word_xml,
    MHTML: _archived_page,
    DOCX: _docx,
    XLSX: _xlsx,
    ODT: _odt,
    sealed.PGP_MESSAGE: _enciphered,
    **dict.fromkeys(sealed.MEDIA_TYPES, _pkcs7),
    **dict.fromkeys(_PICTURES, _picture),
}
