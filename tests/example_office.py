"""The shipped example office as tests see it: its checked site, its people's mails, and what is decided about them."""

from __future__ import annotations

import tempfile
import uuid
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from mailbot.cli.site_commands import example_files, write_site
from mailbot.reading import read
from mailbot.routing.decision import decide
from mailbot.routing.known import Known
from mailbot.service.runtime import reading_context
from mailbot.site import load

if TYPE_CHECKING:
    from mailbot.reading import Reading
    from mailbot.routing.model import Site
    from mailbot.routing.plans import Decision

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
MAILBOX = "van-phong"
OFFICE = "vanphong@anhoa.example.vn"
CLERK = "vanthu@anhoa.example.vn"
LEADER = "dominhphuc@anhoa.example.vn"
NOW = datetime(2026, 10, 6, 8, 10, tzinfo=HANOI)


def write_example(folder: Path) -> Path:
    """Write the site that `mailbot init` writes, and return its folder."""
    write_site(folder, example_files({}, templates=False))
    return folder


@lru_cache(maxsize=1)
def example() -> Site:
    """Return the site that `mailbot init` writes."""
    with tempfile.TemporaryDirectory() as folder:
        return load(write_example(Path(folder))).site


def with_trust(**levels: Any) -> Site:
    """Return the example office with other ways of being believed."""
    site = example()
    return replace(site, trust=replace(site.trust, **levels))


def mail(
    sender: str,
    subject: str,
    text: str = "",
    *,
    submitted: bool = True,
    files: dict[str, str] | None = None,
    at: datetime = NOW,
    **headers: str,
) -> EmailMessage:
    """Return a mail to the office; a `submitted` one bears the mark of our own server that its sender had logged in."""
    written = EmailMessage()
    if submitted:
        stamp = f"{at:%a, %d %b %Y %H:%M:%S %z}"
        written["Received"] = (
            f"from may-tram (may-tram [10.0.0.7]) (Authenticated sender: {sender}) by mail.anhoa.example.vn"
            f" (Postfix) with ESMTPSA id 4Y1; {stamp}"
        )
    written["From"], written["To"], written["Subject"] = sender, OFFICE, subject
    written["Message-ID"] = f"<{uuid.uuid4().hex}@client.example.org>"
    written["Date"] = f"{at:%a, %d %b %Y %H:%M:%S %z}"
    for name, value in headers.items():
        written[name.replace("_", "-")] = value
    written.set_content(text)
    for name, content in (files or {}).items():
        written.add_attachment(content, filename=name)
    return written


def reading_of(written: EmailMessage | bytes, site: Site | None = None, at: datetime = NOW) -> Reading:
    """Read a mail as the daemon of the example office would."""
    raw = written if isinstance(written, bytes) else written.as_bytes()
    return read(raw, reading_context(site or example(), at))


def decided(written: EmailMessage | bytes, site: Site | None = None, at: datetime = NOW, **known: Any) -> Decision:
    """Return what is decided about a mail that comes at that moment; `known` is what the ledger knows of it."""
    facts = {"mailbox": MAILBOX, "received_at": at} | known
    return decide(reading_of(written, site, at), site or example(), Known(**facts), at)


def directive(number: str = "152-CV/ĐU", addressees: str = "Các chi bộ tổ dân phố.", body: str = "") -> str:
    """Return the text of a công văn of the example office that wants a report."""
    text = body or "Đề nghị các chi bộ báo cáo kết quả về Đảng ủy phường trước ngày 16/10/2026 để tổng hợp."
    return (
        f"ĐẢNG ỦY PHƯỜNG AN HÒA\nSố {number}\nV/v báo cáo kết quả cải cách hành chính\n"
        f"An Hòa, ngày 06 tháng 10 năm 2026\n\nKính gửi: {addressees}\n\n{text}\n"
    )
