"""The columns of a directory's sheet by their Vietnamese or English names, and what stands in their cells."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from mailbot.office.text import one_spelling, without_accents
from mailbot.problems import Text
from mailbot.routing.directory_form import SAME_AS, mail_or_share

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


@dataclass(frozen=True)
class Uncomputed:
    """A formula whose value the file does not have: not the same as an empty cell."""

    formula: str


Value = str | int | float | date | datetime | Uncomputed | None
# What a spreadsheet shows for a formula that failed.
FAILED = frozenset({"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})


class Column(StrEnum):
    """What a sheet may say of a unit; the value is the heading's English key."""

    KEY = "key"
    NAME = "name"
    CALLED = "called"
    GROUPS = "groups"
    MAIL = "mail"
    CHANNEL = "channel"
    SECRETARY = "secretary"
    PHONE = "phone"
    SECRETARY_MAIL = "secretary_mail"
    PARENT = "parent"
    OVERSEER = "overseer"
    VALID_FROM = "valid_from"
    VALID_TO = "valid_to"
    MERGED_INTO = "merged_into"


# As we write a heading, and as offices write it; compared without accents, letter case, signs and a number at its end.
HEADINGS: Mapping[Column, tuple[str, ...]] = {
    Column.KEY: ("Mã", "khóa", "mã đơn vị", "ký mã", "id"),
    Column.NAME: ("Tên", "tên đơn vị", "đơn vị", "tên chi bộ", "chi bộ", "tên tổ chức đảng", "unit"),
    Column.CALLED: ("Tên gọi khác", "tên khác", "tên viết tắt", "viết tắt", "called", "aliases"),
    Column.GROUPS: ("Nhóm", "thuộc nhóm", "khối", "groups", "group"),
    Column.MAIL: ("Thư điện tử", "hộp thư", "địa chỉ thư", "địa chỉ thư điện tử", "email", "e-mail", "mail"),
    Column.CHANNEL: ("Kênh", "kênh nhận", "cách nhận", "hình thức nhận", "channel"),
    Column.SECRETARY: ("Bí thư", "họ tên bí thư", "tên bí thư", "họ và tên bí thư", "secretary"),
    Column.PHONE: ("Điện thoại", "số điện thoại", "điện thoại bí thư", "sđt", "đt", "phone"),
    Column.SECRETARY_MAIL: ("Thư bí thư", "thư điện tử bí thư", "email bí thư", "secretary mail", "secretary email"),
    Column.PARENT: ("Cấp trên", "trực thuộc", "đơn vị cấp trên", "parent"),
    Column.OVERSEER: ("Phụ trách", "người phụ trách", "ủy viên phụ trách", "overseer"),
    Column.VALID_FROM: ("Hiệu lực từ", "từ ngày", "thành lập", "ngày thành lập", "valid from", "from"),
    Column.VALID_TO: ("Hiệu lực đến", "đến ngày", "giải thể", "ngày giải thể", "valid to", "to"),
    Column.MERGED_INTO: ("Sáp nhập vào", "nhập vào", "merged into"),
}
# Only these may hold several values; names hold commas ("các chi, đảng bộ"), so theirs are parted by other signs.
SEVERAL: Mapping[Column, re.Pattern[str]] = {
    Column.CALLED: re.compile(r"[;\n]"),
    Column.GROUPS: re.compile(r"[;,\n]"),
    Column.MAIL: re.compile(r"[;,\n]|(?<=\w)\s+(?=[^\s;,@]+@)"),
}
PAPER, BY_MAIL = "paper", "mail"
CHANNELS = {"thu": BY_MAIL, "mail": BY_MAIL, "thu dien tu": BY_MAIL, "email": BY_MAIL, "e mail": BY_MAIL}
CHANNELS |= {"giay": PAPER, "ban giay": PAPER, "paper": PAPER, "van ban giay": PAPER}
CHANNEL_WORDS = {BY_MAIL: "thư", PAPER: "giấy"}
# One mailbox of two units, as people write it and as YAML does.
SHARES = re.compile(r"(?:same_as:|chung(?: hộp)?(?: thư)?(?: với)?[: ])\s*(\S+)", re.IGNORECASE)
SHARED = "chung với "
DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
SIGNS = re.compile(r"[\W_]+")
NOTE = re.compile(r"\([^()]*\)")  # "Kênh (thư/giấy)"
COUNTED = re.compile(r"\s*\d+$")
# Excel counts days from here (with 1900 taken for a leap year); these numbers are 1954 to 2119.
FIRST_DAY, DAY_NUMBERS = date(1899, 12, 30), range(20_000, 80_000)
# A telephone number typed as a number has lost its first 0: 9 digits of a mobile, 10 of a fixed line.
DIGITS_WITHOUT_ZERO = range(9, 11)


def plain(words: str) -> str:
    """Return words as headings and names are compared: no accents, no signs, one blank."""
    return SIGNS.sub(" ", without_accents(one_spelling(words))).strip()


KNOWN_HEADINGS = {
    plain(name): column for column, names in HEADINGS.items() for name in (*names, column.value.replace("_", " "))
}


def column_of(heading: Value) -> Column | None:
    """Return what a heading means; None for a column that we do not use."""
    if not isinstance(heading, str):
        return None
    words = plain(NOTE.sub(" ", heading))
    return KNOWN_HEADINGS.get(words) or KNOWN_HEADINGS.get(COUNTED.sub("", words))


def squeezed(value: Value) -> str:
    """Return a cell's words: composed Unicode, single blanks; a number as it is shown."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    lines = unicodedata.normalize("NFC", str(value)).splitlines()
    return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))


class WrongCellError(Exception):
    """A cell whose words have no meaning in its column."""

    def __init__(self, text: Text, mend: Text | None = None) -> None:
        super().__init__(text.en)
        self.text, self.mend = text, mend


def line(value: Value) -> str:
    """Return a cell's words on one line."""
    return squeezed(value).replace("\n", " ")


def _day(value: Value) -> str:
    if isinstance(value, int | float) and int(value) in DAY_NUMBERS:
        return (FIRST_DAY + timedelta(days=int(value))).isoformat()
    words = line(value)
    found = DAY.fullmatch(words)
    try:
        if found:
            return date(int(found[3]), int(found[2]), int(found[1])).isoformat()
        return date.fromisoformat(words).isoformat()
    except ValueError:
        raise WrongCellError(
            Text(f"“{words}” không phải ngày", f'"{words}" is no date'),
            Text("viết ngày/tháng/năm: 01/07/2025", "write day/month/year: 01/07/2025"),
        ) from None


def _phone(value: Value) -> str:
    words = line(value)
    typed_as_number = isinstance(value, int | float)
    return f"0{words}" if typed_as_number and len(words) in DIGITS_WITHOUT_ZERO else words


def _mail(value: Value) -> str:
    words = line(value)
    share = SHARES.fullmatch(words)
    try:
        return mail_or_share(SAME_AS + share[1] if share else words)
    except ValueError:  # pydantic's errors are such
        raise WrongCellError(
            Text(f"“{words}” không phải địa chỉ thư", f'"{words}" is no mail address'),
            Text("sửa địa chỉ; nhiều địa chỉ cách nhau bằng “;”", 'mend the address; several are parted by ";"'),
        ) from None


def _own_mail(value: Value) -> str:
    if SHARES.fullmatch(line(value)):
        raise WrongCellError(Text("bí thư phải có địa chỉ riêng", "a secretary needs an address of their own"))
    return _mail(value)


def _channel(value: Value) -> str:
    found = CHANNELS.get(plain(line(value)))
    if found is None:
        raise WrongCellError(
            Text(f"kênh “{line(value)}” không có", f'there is no channel "{line(value)}"'),
            Text("viết “thư” hoặc “giấy”", 'write "thư" (mail) or "giấy" (paper)'),
        )
    return found


READERS: Mapping[Column, Callable[[Value], str]] = {
    Column.MAIL: _mail,
    Column.CHANNEL: _channel,
    Column.PHONE: _phone,
    Column.SECRETARY_MAIL: _own_mail,
    Column.VALID_FROM: _day,
    Column.VALID_TO: _day,
}


def read_cell(column: Column, value: Value) -> tuple[str, ...]:
    """Return the values of one cell as the site writes them; none for an empty one."""
    if isinstance(value, Uncomputed) or value in FAILED:
        raise WrongCellError(
            Text("công thức không có kết quả", "a formula without a value"),
            Text("mở tệp bằng Excel hoặc LibreOffice rồi lưu lại", "open and save it in Excel or LibreOffice"),
        )
    words = squeezed(value)
    if not words:
        return ()
    reader = READERS.get(column, line)
    several = SEVERAL.get(column)
    if several is None or not isinstance(value, str):
        return (reader(value),)
    return tuple(dict.fromkeys(reader(part) for part in several.split(words) if part.strip()))


def write_cell(column: Column, values: Sequence[str]) -> str | date:
    """Return what stands in the cell for values of the site; `read_cell` gives them back."""
    if column in (Column.VALID_FROM, Column.VALID_TO):
        return date.fromisoformat(values[0]) if values else ""
    if column is Column.CHANNEL:
        return CHANNEL_WORDS[values[0] if values else BY_MAIL]
    if column is Column.MAIL:
        values = [SHARED + one.removeprefix(SAME_AS) if one.startswith(SAME_AS) else one for one in values]
    return "; ".join(" ".join(one.split()) for one in values)
