"""Tells by content and by name what a file could do to whoever opens it: programs, scripts, macros, shortcuts, disks.

Windows starts a file by its ending, so the ending counts whatever lies behind it; and content counts whatever it is
called, since a name is changed by a word in the mail ("đổi tên thành .exe").
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

import re2

from mailbot.mail import archives

if TYPE_CHECKING:
    import zipfile


class Danger(StrEnum):
    """What a file could do."""

    PROGRAM = "program"
    SCRIPT = "script"
    MACRO = "macro"
    SHORTCUT = "shortcut"
    DISK_IMAGE = "disk_image"
    ACTIVE_PAGE = "active_page"
    EMBEDDED_PROGRAM = "embedded_program"
    UNCHECKED = "unchecked"


_ENDINGS: dict[Danger, str] = {
    Danger.PROGRAM: "exe com scr pif cpl msi msp mst dll sys ocx drv jar apk xap appx msix appinstaller application"
    " gadget deb rpm dmg pkg xll",
    Danger.SCRIPT: "js jse vbs vbe vb wsf wsh wsc sct hta bat cmd ps1 psm1 psd1 ps1xml msc reg inf chm hlp sh bash csh"
    " command settingcontent-ms iqy dqy slk",
    Danger.MACRO: "docm dotm xlsm xltm xlam pptm potm ppam ppsm sldm mam accde accdb mdb mde ade adp",
    Danger.SHORTCUT: "lnk url scf library-ms search-ms searchconnector-ms appref-ms desktop website webloc",
    Danger.DISK_IMAGE: "iso img vhd vhdx udf wim vmdk",
}
_BY_ENDING = {ending: danger for danger, endings in _ENDINGS.items() for ending in endings.split()}
_BY_TYPE = {
    "application/x-msdownload": Danger.PROGRAM,
    "application/x-msdos-program": Danger.PROGRAM,
    "application/vnd.microsoft.portable-executable": Danger.PROGRAM,
    "application/x-msi": Danger.PROGRAM,
    "application/java-archive": Danger.PROGRAM,
    "application/vnd.android.package-archive": Danger.PROGRAM,
    "application/javascript": Danger.SCRIPT,
    "application/x-javascript": Danger.SCRIPT,
    "text/javascript": Danger.SCRIPT,
    "text/vbscript": Danger.SCRIPT,
    "application/hta": Danger.SCRIPT,
    "application/x-ms-shortcut": Danger.SHORTCUT,
    "application/x-iso9660-image": Danger.DISK_IMAGE,
}
_BEGINNINGS = (
    (b"MZ", Danger.PROGRAM),
    (b"\x7fELF", Danger.PROGRAM),
    (b"\xcf\xfa\xed\xfe", Danger.PROGRAM),
    (b"\xce\xfa\xed\xfe", Danger.PROGRAM),
    (b"\xca\xfe\xba\xbe", Danger.PROGRAM),
    (b"dex\n", Danger.PROGRAM),
    (b"MSCF", Danger.UNCHECKED),
    (b"ITSF", Danger.SCRIPT),
    (b"L\x00\x00\x00\x01\x14\x02\x00", Danger.SHORTCUT),
    (b"[InternetShortcut]", Danger.SHORTCUT),
    (b"conectix", Danger.DISK_IMAGE),
    (b"vhdxfile", Danger.DISK_IMAGE),
)
# ISO 9660 names itself in each volume descriptor from the seventeenth sector on; UDF in the next ones.
_DISK_MARKS = (b"CD001", b"BEA01", b"NSR02", b"NSR03")
_SECTOR, _DESCRIPTORS = 2048, range(16, 24)
# The streams of a VBA project (MS-OVBA 2.2), as the directory of an OLE file writes them.
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_VBA = "_VBA_PROJECT".encode("utf-16-le")
# BOUNDSHEET (MS-XLS 2.4.28): its place, its state, the kind 1 of a macro sheet, the length of its name and its form.
_MACRO_SHEET = re.compile(rb"\x85\x00[\x08-\x50]\x00.{4}[\x00-\x02]\x01[\x01-\x1f][\x00\x01]", re.DOTALL)
# The class of an installer (MSI) as the root of its OLE file bears it, and the stream of a packed file (MS-OLEDS).
_INSTALLER = bytes.fromhex("84100c0000000000c000000000000046")
_PACKED_FILE = "\x01Ole10Native".encode("utf-16-le")
# Parts by which an Office file says that it has macros, or another program's file in it (ECMA-376 Part 2).
_PACKAGE_TYPES = "[Content_Types].xml"
_MACRO_TYPES = re.compile(rb"macroEnabled|vbaProject|ms-excel\.intlmacrosheet|ms-excel\.macrosheet", re.IGNORECASE)
_MACRO_PARTS = re.compile(r"vbaproject\.bin$|(?:^|/)macrosheets/", re.IGNORECASE)
_EMBEDDED_PARTS = re.compile(r"(?:^|/)embeddings/[^/]+$", re.IGNORECASE)
_MOST_EMBEDDED, _MOST_BYTES = 20, 4 * 1024 * 1024
# Word's XML of 2003 and its archived pages carry a VBA project as an ActiveMime part.
_FLAT_MACROS = re.compile(rb"macrosPresent\s*=\s*[\"']yes|ActiveMime|QWN0aXZlTWlt|editdata\.mso", re.IGNORECASE)
_RTF_PROGRAM = re.compile(rb"\\objclass\s+(?:Package|OLE2Link|htmlfile|Shell\.Explorer)", re.IGNORECASE)
_PAGE = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,2000}?-->\s*)?<(?:!doctype html|html\b|svg\b)",
    re.IGNORECASE | re.DOTALL,
)
# Every page is searched, most of them in vain: RE2 needs a twentieth of the time.
_ACTIVE = re2.compile(
    rb"(?i)<script\b|\b(?:java|vb)script\s*:|<(?:object|embed|applet)\b|data:text/html"
    rb"|[\s\"'/]on[a-z]{3,20}\s*=\s*[\"']"
)
_PAGE_ENDINGS = frozenset({"htm", "html", "xhtml", "shtml", "mht", "mhtml", "svg"})
_PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml", "image/svg+xml"})


def danger_of(content: bytes, declared: str, name: str | None) -> Danger | None:
    """Return what a single file could do, by its name, its declared type, then its content; None for nothing known.

    What is packed in it is looked at by whoever unpacks it; an Office file is one file.
    """
    return danger_of_name(name) or _BY_TYPE.get(declared) or _by_content(content, declared, name)


def danger_of_name(name: str | None) -> Danger | None:
    """Return what a file could do by its ending as Windows sees it: blanks and dots behind it fall off."""
    return _BY_ENDING.get(_ending(name))


def danger_of_page(content: bytes) -> Danger | None:
    """Return whether a page of HTML or SVG does something by itself when it is opened."""
    return Danger.ACTIVE_PAGE if _ACTIVE.search(content) else None


def _ending(name: str | None) -> str:
    plain = "".join(letter for letter in name or "" if letter.isprintable()).rstrip(" .").casefold()
    return plain.rpartition(".")[2] if "." in plain else ""


def _by_content(content: bytes, declared: str, name: str | None) -> Danger | None:
    for beginning, danger in _BEGINNINGS:
        if content.startswith(beginning) and not (beginning == b"MZ" and _is_text(content)):
            return danger
    if content.startswith(_OLE):
        return _of_ole(content)
    if content.startswith(b"PK\x03\x04"):
        return _of_package(content)
    if content.startswith(b"{\\rt"):
        return Danger.EMBEDDED_PROGRAM if _RTF_PROGRAM.search(content) else None
    if any(content[at * _SECTOR + 1 : at * _SECTOR + 6] in _DISK_MARKS for at in _DESCRIPTORS):
        return Danger.DISK_IMAGE
    return _of_text(content, declared, name)


def _is_text(content: bytes) -> bool:
    return b"\0" not in content[:4096]


def _of_text(content: bytes, declared: str, name: str | None) -> Danger | None:
    head = content[:4096].removeprefix(b"\xef\xbb\xbf")
    if declared in _PAGE_TYPES or _ending(name) in _PAGE_ENDINGS or _PAGE.match(head):
        return danger_of_page(content)
    if b"<w:wordDocument" in head or b"multipart/related" in head.lower():
        return Danger.MACRO if _FLAT_MACROS.search(content) else None
    return None


def _of_ole(content: bytes) -> Danger | None:
    if _INSTALLER in content:
        return Danger.PROGRAM
    if _VBA in content or _MACRO_SHEET.search(content):
        return Danger.MACRO
    return Danger.EMBEDDED_PROGRAM if _PACKED_FILE in content else None


def _of_package(content: bytes) -> Danger | None:
    """What an Office file carries: a VBA project under whatever name, a sheet of macros, a packed file."""
    try:
        with archives.opened(content) as package:
            names = {member.filename: member for member in package.infolist()}
            if _PACKAGE_TYPES not in names:
                return None
            if any(map(_MACRO_PARTS.search, names)):
                return Danger.MACRO
            if _MACRO_TYPES.search(_beginning(package, names[_PACKAGE_TYPES])):
                return Danger.MACRO
            return _of_embedded(package, [one for name, one in names.items() if _EMBEDDED_PARTS.search(name)])
    except archives.RefusedError:
        return Danger.UNCHECKED
    except archives.BROKEN:
        return None  # no program opens it either; that it cannot be read is told elsewhere


def _of_embedded(package: zipfile.ZipFile, embedded: list[zipfile.ZipInfo]) -> Danger | None:
    if len(embedded) > _MOST_EMBEDDED:
        return Danger.UNCHECKED
    for member in embedded:
        inner = _beginning(package, member)
        macros = inner.startswith(_OLE) and _of_ole(inner)
        if macros or danger_of_name(member.filename) or inner.startswith((b"MZ", b"\x7fELF")):
            return Danger.MACRO if macros is Danger.MACRO else Danger.EMBEDDED_PROGRAM
    return None


def _beginning(package: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with package.open(member) as file:
        return file.read(_MOST_BYTES)
