"""How texts of the site become values: yes and no, numbers, days, hours, sizes, addresses, one-or-many lists."""

from __future__ import annotations

import re
from datetime import date, time
from typing import Annotated, Any

from email_validator import EmailNotValidError, validate_email
from pydantic import BeforeValidator, PlainValidator
from pydantic_core import PydanticCustomError

TRUE = frozenset({"yes", "true", "on", "có"})
FALSE = frozenset({"no", "false", "off", "không"})
SIZE = re.compile(r"(\d+)\s*(|k|kb|m|mb|g|gb)", re.IGNORECASE)
# Decimal, as mail servers and providers state their limits (25 MB = 25,000,000).
SIZE_FACTORS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}


def wrong(kind: str, vi: str, en: str, mend_vi: str = "", mend_en: str = "") -> PydanticCustomError:
    """Return the error of one value in both languages; `yaml_source` gives it its place."""
    context = {"vi": vi, "en": en, "mend_vi": mend_vi, "mend_en": mend_en}
    return PydanticCustomError(kind, "{en}", context)  # type: ignore[arg-type, unused-ignore]


def text(value: Any) -> str:
    """Return the text of a scalar; lists, mappings and emptiness are refused."""
    if not isinstance(value, str) or not value.strip():
        raise wrong("text", "phải là chữ, không được để trống", "must be text and not empty")
    return value.strip()


def flag(value: Any) -> bool:
    """Read yes or no."""
    word = text(value).casefold()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise wrong("flag", f"“{word}” phải là yes hoặc no", f'"{word}" must be yes or no')


def whole(value: Any) -> int:
    """Read a whole number that is not negative."""
    word = text(value)
    if not word.isdecimal() or not word.isascii() or len(word) > 12:
        raise wrong("number", f"“{word}” phải là số nguyên", f'"{word}" must be a whole number')
    return int(word)


def day(value: Any) -> date:
    """Read a date as ISO 8601 writes it."""
    word = text(value)
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise wrong(
            "date",
            f"“{word}” không phải ngày",
            f'"{word}" is no date',
            "viết năm-tháng-ngày: 2026-10-15",
            "write year-month-day: 2026-10-15",
        ) from None


def clock(value: Any) -> time:
    """Read an hour of the day."""
    word = text(value)
    try:
        return time.fromisoformat(word if ":" in word else "x")
    except ValueError:
        raise wrong(
            "time", f"“{word}” không phải giờ", f'"{word}" is no hour', "viết giờ:phút, ví dụ 08:00", "write 08:00"
        ) from None


def hours(value: Any) -> tuple[time, time]:
    """Read office hours: `07:30-11:30`."""
    opens, dash, closes = text(value).partition("-")
    if not dash or clock(opens) >= clock(closes):
        raise wrong("hours", "giờ làm việc viết 07:30-11:30", "office hours are written 07:30-11:30")
    return clock(opens), clock(closes)


def part_of_day(value: Any) -> tuple[time, time]:
    """Read a part of the day, which may go over midnight: `17:00-07:30`."""
    begins, dash, ends = text(value).partition("-")
    if not dash or clock(begins) == clock(ends):
        raise wrong("hours", "khoảng giờ viết 17:00-07:30", "a part of the day is written 17:00-07:30")
    return clock(begins), clock(ends)


def size(value: Any) -> int:
    """Read an amount of bytes: `25MB`."""
    word = text(value)
    found = SIZE.fullmatch(word)
    if found is None:
        raise wrong("size", f"“{word}” phải là dung lượng, ví dụ 25MB", f'"{word}" must be a size such as 25MB')
    return int(found[1]) * SIZE_FACTORS[found[2].casefold()[:1]]


def address(value: Any) -> str:
    """Read a mail address (RFC 5321); intranet domains such as `.local` are allowed, DNS is not asked."""
    word = text(value)
    if PLAIN_ADDRESS.fullmatch(word) and len(word) <= LONGEST_PLAIN_ADDRESS:
        return word
    try:
        # test_environment lets `.test` and other special names through: offices have intranets.
        return validate_email(word, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        if (
            word.isascii()
            and word.endswith((".local", ".localhost", ".internal", ".invalid"))
            and LOCAL.fullmatch(word)
        ):
            return word
        raise wrong("address", f"“{word}” không phải địa chỉ thư", f'"{word}" is no mail address: {error}') from None


# What email-validator accepts unchanged; it takes a second for 10,000 addresses, and nearly all of them are so.
# Names of special use and labels of IDNA (`xn--`) are left to it; a test holds both to the same answers.
PLAIN_ADDRESS = re.compile(
    r"[a-z0-9]{1,20}(?:[._-][a-z0-9]{1,20}){0,2}@"
    r"(?:(?!..--)[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?\.){1,4}(?:vn|com|org|net)"
)
LONGEST_PLAIN_ADDRESS = 120
LOCAL = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,255}")


def one_or_many(value: Any) -> Any:
    """Let `a` stand for `[a]`, and an empty value for an empty list."""
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def listed(value: Any) -> Any:
    """Turn the list that YAML gives into a tuple; anything else is refused by the model."""
    return tuple(value) if isinstance(value, list) else value


def mapping(value: Any) -> Any:
    """Let an empty value stand for a mapping without entries."""
    return {} if value is None else value


Line = Annotated[str, BeforeValidator(text)]
Flag = Annotated[bool, PlainValidator(flag)]
Whole = Annotated[int, PlainValidator(whole)]
Day = Annotated[date, PlainValidator(day)]
Clock = Annotated[time, PlainValidator(clock)]
Hours = Annotated[tuple[time, time], PlainValidator(hours)]
Size = Annotated[int, PlainValidator(size)]
Address = Annotated[str, PlainValidator(address)]
Lines = Annotated[tuple[Line, ...], BeforeValidator(one_or_many)]
Addresses = Annotated[tuple[Address, ...], BeforeValidator(one_or_many)]
Clocks = Annotated[tuple[Clock, ...], BeforeValidator(one_or_many)]
AllHours = Annotated[tuple[Hours, ...], BeforeValidator(one_or_many)]
PartsOfDay = Annotated[
    tuple[Annotated[tuple[time, time], PlainValidator(part_of_day)], ...], BeforeValidator(one_or_many)
]
Days = Annotated[tuple[Day, ...], BeforeValidator(one_or_many)]
