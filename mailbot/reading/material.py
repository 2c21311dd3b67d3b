"""What one mail holds, made readable: its texts in Unicode, its attachments' texts, its days, its place in threads."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from mailbot.mail import attachments as attached
from mailbot.mail import charsets, replies
from mailbot.mail.compose import AS_ATTACHED
from mailbot.mail.dangers import Danger, danger_of_page
from mailbot.mail.headers import parse_date
from mailbot.mail.pdf_signatures import UNSIGNED, PdfSignature
from mailbot.office import legacy as legacy_text
from mailbot.office import text as vietnamese
from mailbot.office.documents import Sheet
from mailbot.once import once
from mailbot.reading.model import Attachment, DangerousFile, ReadingContext

if TYPE_CHECKING:
    from mailbot.mail.message import Message, Part

_TOKEN = "[a-z2-7]{13}"  # noqa: S105 - a pattern, no secret
_PLUS_TOKEN = re.compile(rf"\+({_TOKEN})@", re.IGNORECASE)
_SUBJECT_TOKEN = re.compile(rf"\[#({_TOKEN})\]", re.IGNORECASE)
_REPLY_PREFIX = re.compile(r"^\W*(?:re|aw|tl|tra loi|phan hoi)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_FORWARD_PREFIX = re.compile(r"^\W*(?:fwd?|chuyen tiep|tr|wg)\s*:", re.IGNORECASE)
_THREAD_HEADERS = frozenset({"in-reply-to", "references"})
_ASKS_RECEIPT = re.compile(
    r"(?:xac nhan|phan hoi|bao)[^.\n]{0,60}(?:da nhan|nhan duoc|viec nhan)"
    r"|nhan duoc[^.\n]{0,40}(?:phan hoi|xac nhan|bao lai)"
)
# As many dangerous files of one mail are named as a person reads.
MOST_DANGERS = 50
LONGEST_NAME = 120
# No subject is half as long; what an attack adds must not be searched.
MOST_MATCHED = 2000
# Before this nobody in these offices had mail: an unset clock.
EARLIEST_DATE = datetime(1995, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Paper:
    """A text that may hold an official document, and under which name it came."""

    text: str
    name: str | None
    legacy: bool = False
    folded: str | None = None
    signature: PdfSignature = UNSIGNED

    @once
    def sheet(self) -> Sheet:
        """The text beside its folding and its lines."""
        return Sheet(self.text, self.folded)


def _shown(name: str | None, inner: str) -> str:
    """A file's name as a person may be shown it: one line, nothing that turns the letters behind it around."""
    parts = (name or "tệp không tên", *inner.split(" › ")) if inner else (name or "tệp không tên",)
    plain = ("".join(letter if letter.isprintable() else " " for letter in part) for part in parts)
    return charsets.storable(" › ".join(" ".join(part.split())[-LONGEST_NAME:] for part in plain))


class Material:
    """One mail: its subject in each form, and every other view of it computed when first asked for."""

    def __init__(self, message: Message, context: ReadingContext, tools: attached.Tools) -> None:
        self.message = message
        self.context = context
        roots = tuple([text.encode() for text in context.certificates])
        self.tools = replace(tools, roots=roots) if roots != tools.roots else tools
        self.headers = message.headers
        self.review: list[str] = []
        # Most mails are; then nobody need look for more.
        self.text_alone = message.is_text_alone
        self.forwarded = () if self.text_alone else message.forwarded()
        # The old encoding that the fonts of the mail's pages are made for.
        self.legacy_font = message.legacy_font
        written = message.headers.text("subject")
        # As a person reads it; with plain blanks, dashes and letters, for matching; and that without accents.
        self.subject = legacy_text.restore(written, self.legacy_font)[0] if written else None
        self.plain_subject = vietnamese.normalize((self.subject or "")[:MOST_MATCHED])
        self.folded_subject = vietnamese.fold(self.plain_subject)

    @property
    def body(self) -> str:
        """The body as text, in Unicode, whatever fonts it was typed in."""
        return self.letter.text

    @once
    def letter(self) -> Paper:
        """The body as a paper, which it may be."""
        text, legacy = legacy_text.restore(self.message.body_text(), self.legacy_font)
        if legacy:
            self.review.append("legacy_encoding")
        normal, folded = vietnamese.normalize_and_fold(text)
        return Paper(normal, None, folded=folded)

    @once
    def passed_on(self) -> Paper:
        """The body as a person reads it who gets it passed on: without the quote marks before its lines."""
        if ">" in self.body and self.is_forward:
            return Paper(replies.unquoted(self.body), None)
        return self.letter

    @once
    def folded_body(self) -> str:
        """The beginning of the body without accents, for keywords."""
        return self.letter.sheet.folded[:20_000]

    @once
    def extracted(self) -> tuple[tuple[Part, attached.Extracted], ...]:
        """The attachments with the text that was got out of them."""
        if self.text_alone:
            return ()
        return tuple(
            (part, attached.extract(part.content, part.media_type, part.name, part.charset, self.tools))
            for part in self.message.attachments
        )

    @once
    def attachments(self) -> tuple[Attachment, ...]:
        """The attachments as a person sees them."""
        return tuple(
            Attachment(
                name=part.name,
                type=found.media_type,
                size=len(part.content),
                sha256=hashlib.sha256(part.content).hexdigest(),
                text_chars=len(found.text.strip()),
            )
            for part, found in self.extracted
        )

    @once
    def dangers(self) -> tuple[DangerousFile, ...]:
        """What in the mail could do harm when it is sent on and opened; its own page only where that is sent on."""
        found = [
            DangerousFile(_shown(part.name, inner), danger, hashlib.sha256(part.content).hexdigest())
            for part, extracted in self.extracted
            for inner, danger in extracted.dangers
        ]
        if not self.extracted and any(
            part.media_type == "text/html" and danger_of_page(part.content) for part in self.message.parts
        ):
            digest = hashlib.sha256(self.message.raw).hexdigest()
            found.append(DangerousFile(AS_ATTACHED, Danger.ACTIVE_PAGE, digest))
        return tuple(found[:MOST_DANGERS])

    @once
    def papers(self) -> tuple[Paper, ...]:
        """The texts of attachments, in order, in Unicode."""
        if not self.extracted:
            return ()
        found: list[Paper] = []
        for part, extracted in self.extracted:
            found.extend(
                self._paper(name or part.name, inner) for name, inner in extracted.inner or ((part.name, extracted),)
            )
            if extracted.problem:
                self.review.append(extracted.problem)
        return tuple(found)

    @once
    def unread(self) -> tuple[str, ...]:
        """A sentence for each attachment that was not read, or not wholly: its name and why."""
        return tuple(
            f"The attachment {part.name or 'without a name'} was not read: {found.reason}"
            for part, found in self.extracted
            if found.reason
        )

    def _paper(self, name: str | None, extracted: attached.Extracted) -> Paper:
        text, legacy = legacy_text.restore(extracted.text, "tcvn3" if extracted.legacy else None)
        if legacy:
            self.review.append("legacy_encoding")
        normal, folded = vietnamese.normalize_and_fold(charsets.storable(text))
        return Paper(normal, vietnamese.normalize(name or ""), bool(legacy), folded, extracted.signature)

    @once
    def received_at(self) -> datetime | None:
        """When the mail came: told by the mailbox, else by the topmost Received."""
        if self.context.received_at is not None:
            return self.context.received_at
        top = self.headers.raw("received")
        return parse_date(top.rpartition(b";")[2].decode("latin-1")) if top else None

    @once
    def sent_at(self) -> datetime | None:
        """The Date header, unless it is absurd: before mail was common, or days after the mail came."""
        said = parse_date(self.headers.text("date"))
        if said is None or said < EARLIEST_DATE or said.year > 2100:
            return None
        return None if self.received_at is not None and said > self.received_at + timedelta(days=2) else said

    @once
    def day(self) -> date | None:
        """The day of the mail in the office's zone, from which receipt counts."""
        moment = self.sent_at or self.received_at
        return moment.astimezone(ZoneInfo(self.context.timezone)).date() if moment else None

    @once
    def in_reply_to(self) -> tuple[str, ...]:
        """The ids of the mails that this one answers, nearest first."""
        if not self.headers.has_any(_THREAD_HEADERS):
            return ()
        ids = (*self.headers.ids("in-reply-to"), *reversed(self.headers.ids("references")))
        return tuple(dict.fromkeys(ids))

    @once
    def tokens(self) -> tuple[str, ...]:
        """Our tokens, nearest first: of plus addresses, then of the subject."""
        found: list[str] = []
        for name in ("delivered-to", "x-original-to", "to", "cc"):
            for value in self.headers.every(name):
                if b"+" in value:
                    found += _PLUS_TOKEN.findall(value.decode("latin-1"))
        if "[#" in self.plain_subject:
            found += _SUBJECT_TOKEN.findall(self.plain_subject)
        return tuple(dict.fromkeys(token.lower() for token in found))

    @once
    def own_text(self) -> str:
        """What the sender wrote, without quote and signature."""
        written = replies.own_text(self.body, self.letter.sheet.folded)
        name = next((sender.name for sender in self.headers.addresses("from")), None) or ""
        # A name of one word may be a greeting.
        return replies.without_name(written, vietnamese.normalize(name).strip()) if " " in name else written

    @once
    def asks_receipt(self) -> bool:
        """Whether the words ask for a confirmation of receipt."""
        folded = self.folded_body
        told = "da nhan" in folded or "nhan duoc" in folded or "viec nhan" in folded
        return told and _ASKS_RECEIPT.search(folded) is not None

    @once
    def is_forward(self) -> bool:
        """Whether the mail passes on another one."""
        if self.forwarded or _FORWARD_PREFIX.match(self.folded_subject):
            return True
        return not self.has_reply_prefix and replies.is_inline_forward(self.body, self.letter.sheet.folded)

    @once
    def is_answer(self) -> bool:
        """Whether the mail answers one in a thread."""
        # Some webmailers write References into new mails too, so those alone tie nothing.
        threaded = bool(self.headers.ids("in-reply-to") or self.tokens)
        return (threaded or self.has_reply_prefix) and not self.is_forward

    @once
    def has_reply_prefix(self) -> bool:
        """Whether the subject begins as mail programs begin that of an answer."""
        return _REPLY_PREFIX.match(self.folded_subject) is not None

    @once
    def letters(self) -> tuple[Paper, ...]:
        """The bodies that may be a document themselves: ours, one passed on inside it, those of forwarded mails."""
        others = [replies.forwarded_text(self.body)] if self.is_forward else []
        others += [vietnamese.normalize(message.body_text()) for message in self.forwarded]
        return tuple(paper for paper in (self.passed_on, *(Paper(text, None) for text in others)) if paper.text.strip())
