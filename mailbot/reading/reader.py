"""Decides what a mail is and understands it by its kind: machines first, then orders and answers, then papers."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Required, TypedDict
from zoneinfo import ZoneInfo

from mailbot.mail import authentic, automatic, calendars, replies, reports
from mailbot.mail.attachments import NO_TOOLS, Tools
from mailbot.mail.bounces import home_made_bounce, rejected
from mailbot.mail.message import Message, parse
from mailbot.mail.pdf_signatures import Signed
from mailbot.mail.signed_mail import signed_by_sender
from mailbot.office import deadlines as due_dates
from mailbot.office import documents as papers
from mailbot.office import meeting_calls, meetings
from mailbot.office import text as vietnamese
from mailbot.office.answer_words import Intent
from mailbot.office.answers import Reply, read_reply
from mailbot.office.documents import Document
from mailbot.office.limits import Anchors
from mailbot.office.meetings import Change
from mailbot.office.numbers import find_numbers, from_file_name, types
from mailbot.office.orders import SENDS_BACK, Verb, may_begin_order, read_commands, says_nothing_else
from mailbot.office.secrecy import NO_MARK, find_mark
from mailbot.office.sensitivity import sensitivity_in
from mailbot.office.urgency import subject_urgency
from mailbot.once import once
from mailbot.reading.header import content_key, read_header
from mailbot.reading.material import Material, Paper
from mailbot.reading.model import Kind, Reading, ReadingContext, Sender

if TYPE_CHECKING:
    from mailbot.mail.headers import Address
    from mailbot.mail.reports import Bounce, Receipt
    from mailbot.office.deadlines import Deadline
    from mailbot.office.meetings import Meeting
    from mailbot.office.orders import Command
    from mailbot.office.secrecy import Mark

_SUBJECT_NUMBER_DATE = re.compile(r"^[\s,(]{0,4}(?:ngay\s+)(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")

_CALENDAR_INTENTS = {
    "ACCEPTED": Intent.ACCEPT,
    "DECLINED": Intent.DECLINE,
    "TENTATIVE": Intent.TENTATIVE,
    "DELEGATED": Intent.DELEGATE,
}
# What a short letter outside any thread may be an answer with.
_TOLD_ANEW = frozenset(
    {
        *(Intent.ACKNOWLEDGE, Intent.ACCEPT, Intent.DECLINE, Intent.DELEGATE, Intent.PROBLEM),
        *(Intent.EXTENSION, Intent.REFUSE, Intent.RECALL_DONE),
    }
)
# A letter without a paper that asks the units for something.
_ASKS_UNITS = re.compile(
    r"\b(?:de nghi|yeu cau)\b[^.\n]{0,40}\b(?:cac (?:chi bo|dang uy|don vi|dong chi|phuong|phong|ban|co quan)|chi bo)\b"
    r"|\bkinh gui\s?:?\s?cac (?:chi bo|dang uy|don vi|phuong|phong|ban|co quan)\b"
    r"|\bcac (?:chi bo|don vi|phong|ban|dong chi)\b[^.\n]{0,20}"
    r"\b(?:nho|luu y|vui long|khan truong|phai) (?:nop|gui|bao cao)\b"
)
_SENDS = re.compile(r"\b(?:(?<!se )gui|kem theo|dinh kem|nop)\b")
# What an office writes when a meeting to which it has invited is not held as it was told.
_CHANGING_TYPES = frozenset({"CV", "TB", None})
# What our own status mail offers as an answer; alone in it, no sentence begins so.
_BARE_ORDERS = frozenset({Verb.REMIND, Verb.COLLECT, Verb.STATUS, Verb.STOP, Verb.LOOKUP, Verb.HISTORY, Verb.UNDO})
# What goes to and fro in threads without being an answer to us.
_ANSWERING_USES = frozenset({"report"})


def read(raw: bytes, context: ReadingContext, tools: Tools = NO_TOOLS) -> Reading:
    """Read one mail; never raises. A mail that defeats the reader is `other`, with its header and the defect.

    `tools` are programs of the reader's process for what pure code cannot read: old Word files, pictures.
    """
    return read_message(parse(raw), context, tools)


def read_message(message: Message, context: ReadingContext, tools: Tools = NO_TOOLS) -> Reading:
    """Read a mail that is taken apart already, as `read` does."""
    try:
        return _Reader(message, context, tools).read()
    except Exception as error:  # noqa: BLE001 - one sick mail never stops the next; the defect tells it loudly
        return _bare(message, context, f"Reading failed with {type(error).__name__}.")


def _bare(message: Message, context: ReadingContext, defect: str) -> Reading:
    known = read_header(message, context)
    return replace(known, content_key=content_key(message), defects=(*message.defects, defect))


def _specs(addresses: tuple[Address, ...]) -> tuple[str, ...]:
    return tuple([address.address for address in addresses if address.address])


def _last_day(event: calendars.Event) -> date | None:
    """The last whole day of a meeting of several: DTEND is the day after it (RFC 5545 §3.6.1)."""
    starts, ends = event.starts_at, event.ends_at
    return ends - timedelta(days=1) if starts and ends and ends > starts + timedelta(days=1) else None


class _Understood(TypedDict, total=False):
    """What a step of reading found; the rest of a Reading, which every kind has, is added at the end."""

    kind: Required[Kind]
    documents: tuple[Document, ...]
    deadlines: tuple[Deadline, ...]
    meeting: Meeting
    reply: Reply
    calendar_uid: str | None
    command: Command | None
    commands: tuple[Command, ...]
    bounces: tuple[Bounce, ...]
    receipt: Receipt


class _Reader(Material):
    """Understands one mail step by step."""

    def read(self) -> Reading:
        """Decide the kind and fill what that kind has."""
        if self.message.is_encrypted:
            self.review.append("encrypted_attachment")
        mark = self._mark()
        if mark.definite:
            return self._quarantined(mark)
        for step in (self._report, self._loop, self._calendar, self._automatic, self._order, self._answer):
            understood = step()
            if understood is not None:
                return self._finish(understood, mark)
        return self._finish(self._official(), mark)

    def _mark(self) -> Mark:
        if self.message.media_type == "multipart/report":
            return NO_MARK
        texts = [(paper.text, paper.sheet.folded) for paper in (self.letter, *self.papers)]
        texts += [vietnamese.normalize_and_fold(message.body_text()) for message in self.forwarded]
        names = [vietnamese.normalize(part.name or "") for part, _ in self.extracted]
        return find_mark(self.plain_subject, texts, names)

    def _base(self) -> dict[str, Any]:
        senders = self.headers.addresses("from")
        addresses = _specs(senders)
        authentication, trust = authentic.authenticate(
            self.headers,
            addresses,
            self.context.authserv_ids,
            self.context.own_servers,
            raw=self.message.raw,
            keys=self.context.domain_keys,
        )
        first = senders[0] if senders else None
        return {
            "message_id": next(iter(self.headers.ids("message-id")), None),
            "sent_at": self.sent_at,
            "sender": Sender(first.name or None, first.address or None) if first else Sender(),
            "in_reply_to": self.in_reply_to,
            "authentication": authentication,
            "trust": trust,
            "from_addresses": addresses,
            "to": _specs(self.headers.addresses("to")),
            "cc": _specs(self.headers.addresses("cc")),
            "tokens": self.tokens,
            "automatic": automatic.reason_not_to_answer(self.message),
            "content_key": content_key(self.message),
            "defects": self.message.defects,
            "timezone": self.context.timezone,
        }

    def _quarantined(self, mark: Mark) -> Reading:
        return Reading(kind=Kind.QUARANTINED, secrecy=mark.level, secrecy_rule=mark.rule, **self._base())

    def _finish(self, understood: _Understood, mark: Mark) -> Reading:
        """Add what every kind has."""
        kind, documents = understood["kind"], understood.get("documents", ())
        values = self._base()
        if kind is Kind.LOOP and values["automatic"] is None:
            values["automatic"] = "loop"
        subject = self.folded_subject
        asked = self.headers.has("disposition-notification-to") or self.headers.has("return-receipt-to")
        said = "\n".join([subject, *[vietnamese.fold(document.summary or "") for document in documents]])
        if any(document.signed == Signed.VALID for document in documents):
            values["trust"] |= {"signed_pdf"}
        if self._signed_mail(values["from_addresses"], understood.get("commands", ())):
            values["trust"] |= {"signed"}
        if kind not in {Kind.BOUNCE, Kind.RECEIPT}:
            values |= {"dangers": self.dangers}
        if self.extracted and kind not in {Kind.BOUNCE, Kind.RECEIPT}:
            values["defects"] += self.unread
            values["attachments"] = self.attachments
        values.update(
            understood,
            subject=self.subject or None,
            secrecy=mark.level,
            secrecy_rule=mark.rule if mark is not NO_MARK else None,
            text=self.body,
            document_text="\n".join([paper.text for paper in self.papers]),
            wants_receipt=asked or self.asks_receipt,
            sensitivity=sensitivity_in(said),
            review=tuple(dict.fromkeys(self.review)),
        )
        return Reading.filled(values.pop("kind"), values)

    def _signed_mail(self, senders: tuple[str, ...], commands: tuple[Command, ...]) -> bool:
        """Tell whether the sender has signed what is acted on: an order in the subject is not covered (RFC 8551)."""
        if not self.context.certificates or len(senders) != 1 or len(self.headers.every("from")) != 1:
            return False
        if commands and read_commands(None, self.own_text) != commands:
            return False
        roots = tuple(text.encode() for text in self.context.certificates)
        return signed_by_sender(self.message, senders[0], roots, self.context.received_at)

    def _report(self) -> _Understood | None:
        if self.text_alone:
            return None
        bounces = reports.delivery_reports(self.message)
        if bounces:
            return _Understood(kind=Kind.BOUNCE, bounces=bounces)
        receipt = reports.read_receipt(self.message)
        if receipt is None:
            return None
        turned_away = rejected(receipt, self.folded_body, self.body)
        if turned_away is not None:
            return _Understood(kind=Kind.BOUNCE, bounces=(turned_away,))
        return _Understood(kind=Kind.RECEIPT, receipt=receipt)

    def _loop(self) -> _Understood | None:
        reason = automatic.loop_reason(self.message, self.context.own_addresses)
        if reason is None:
            return None
        self.review.insert(0, reason)
        return _Understood(kind=Kind.LOOP)

    def _automatic(self) -> _Understood | None:
        subject = self.folded_subject
        bounces = home_made_bounce(self.message, subject, self.folded_body, self.body)
        if bounces:
            return _Understood(kind=Kind.BOUNCE, bounces=bounces)
        receipt = automatic.home_made_receipt(self.message, subject, self.folded_body)
        if receipt is not None:
            return _Understood(kind=Kind.RECEIPT, receipt=receipt)
        if automatic.is_automatic_answer(self.message, subject, self.folded_body):
            return _Understood(kind=Kind.AUTO_REPLY)
        if self.is_answer and "tu dong" in self.folded_body and not self.attachments:
            said = automatic.says_automatic(vietnamese.fold(self.own_text))
            return _Understood(kind=Kind.AUTO_REPLY) if said else None
        return None

    def _calendar(self) -> _Understood | None:
        if self.text_alone:
            return None
        for part in self.message.calendars:
            if self.is_answer and part.media_type != "text/calendar":
                # An answer may bring the file that came with what it answers.
                continue
            event = calendars.read_calendar(
                part.content, part.charset or "utf-8", part.parameters.get("method", ""), self.context.timezone
            )
            if event is None:
                continue
            if event.method in {"REPLY", "COUNTER"}:
                # Who proposes another time has neither accepted nor declined (RFC 5546 §3.2.7).
                proposes = event.method == "COUNTER"
                if proposes:
                    self.review.insert(0, "counter_proposal")
                reply = self._calendar_reply(event)
                reply = replace(reply, intent=Intent.TENTATIVE) if proposes else reply
                return _Understood(kind=Kind.REPLY, reply=reply, calendar_uid=event.uid)
            if event.method in {"REQUEST", "CANCEL", "PUBLISH", "ADD", ""}:
                return self._calendar_invitation(event)
        return None

    def _calendar_reply(self, event: calendars.Event) -> Reply:
        senders = {address.address for address in self.headers.addresses("from")}
        mine = [attendee for attendee in event.attendees if attendee.address in senders]
        attendee = next(iter(mine or event.attendees), None)
        intent = _CALENDAR_INTENTS.get(attendee.status if attendee else "", Intent.NONE)
        deputy = attendee.delegated_to if attendee else None
        named = next((other.name for other in event.attendees if deputy and other.address == deputy), None)
        return Reply(intent, self.own_text or event.comment or "", delegate=named or deputy)

    def _calendar_invitation(self, event: calendars.Event) -> _Understood:
        documents = self.documents
        number = documents[0].number if documents else None
        # The giấy mời that hangs on it says more than the words of the calendar program.
        invites = bool(documents) and types().get(documents[0].type or "", {}).get("use") == "invitation"
        told = self._main_text() if invites else self.body
        spoken, _ = meetings.read_meeting(told, self.plain_subject, number, self._anchors(documents))
        cancelled = event.method == "CANCEL"
        changed = event.sequence > 0 or event.one_of_series
        change = Change.CANCELLED if cancelled else Change.UPDATE if changed else Change.NEW
        starts = event.starts_at
        whole_days = starts is not None and not isinstance(starts, datetime)
        meeting = replace(
            spoken,
            starts_at=starts,
            ends_at=_last_day(event) if whole_days else event.ends_at,
            all_day=whole_days,
            time_inferred=False,
            place=vietnamese.normalize(event.place) if event.place else spoken.place,
            online_url=event.url or spoken.online_url,
            change=change,
            uid=event.uid,
            sequence=event.sequence,
        )
        return _Understood(kind=Kind.INVITATION, documents=documents, meeting=meeting)

    def _order(self) -> _Understood | None:
        """An order stands in the subject of a new mail, or alone at the top of what the person wrote."""
        if self.is_forward:
            return None
        subject = self.plain_subject if not self.is_answer and may_begin_order(self.folded_subject) else None
        begins = self.is_answer or may_begin_order(self.folded_body[:200])
        if subject is None and not begins:
            return None
        commands = read_commands(subject, self.own_text if begins else "")
        if not commands:
            return None
        if self.is_answer and not self._orders_in_thread(commands[0]):
            return None
        written = (subject or self.own_text, self.own_text if begins else "")
        capitals = any(words.lstrip("[( ")[:4].isupper() for words in written)
        if self._names_its_own_report(commands[0]) or (not capitals and self.documents):
            # `Gia hạn` above a paper is what the paper is about; an order that brings a paper is in capitals.
            return None
        return _Understood(kind=Kind.COMMAND, command=commands[0], commands=commands)

    def _orders_in_thread(self, first: Command) -> bool:
        """In a thread sentences begin with the same words, and ĐỒNG Ý is its word: there an order is in capitals."""
        if vietnamese.fold(self.own_text[:80]).lstrip().startswith(SENDS_BACK):
            return True
        if first.verb in {Verb.APPROVE, Verb.REJECT}:
            return False
        return self.own_text[:4].isupper() or (first.verb in _BARE_ORDERS and says_nothing_else(self.own_text))

    def _names_its_own_report(self, command: Command) -> bool:
        """`Báo cáo số 12-BC/CB` with that very report in the mail names it; the order to report names another paper."""
        if command.verb is not Verb.REPORT or not command.arguments:
            return False
        return command.arguments[0] in {document.number for document in self.documents}

    def _answer(self) -> _Understood | None:
        documents = self.documents
        reports_in = any(types().get(document.type or "", {}).get("use") in _ANSWERING_USES for document in documents)
        if not self.is_answer and not (reports_in and not self.is_forward) and not self._answers_anew(documents):
            return None
        # A file without a word, in a thread, is what was asked for; so is one that the words say they send.
        sends = not self.own_text or _SENDS.search(vietnamese.fold(self.own_text)) is not None
        handed_in = reports_in or (sends and bool(self.attachments))
        # Some write all that they have to say into the subject.
        said = self.own_text or ("" if self.is_answer or handed_in else self.plain_subject)
        reply = read_reply(said, has_report=handed_in, sent_on=self.day)
        commands = read_commands(None, self.own_text) if reply.intent in {Intent.APPROVE, Intent.REJECT} else ()
        return _Understood(
            kind=Kind.REPLY,
            reply=reply,
            documents=documents,
            command=commands[0] if commands else None,
            commands=commands,
        )

    def _answers_anew(self, documents: tuple[Document, ...]) -> bool:
        """A short letter without papers that acknowledges, accepts, excuses… answers us outside any thread."""
        if documents or self.attachments or self.is_forward or len(self.own_text) > 600:
            return False
        if self.headers.has("list-unsubscribe"):
            # A newsletter speaks to nobody in particular.
            return False
        if meeting_calls.body_invites(self.body) or meeting_calls.calls_to_meeting(self.plain_subject):
            return False
        if _ASKS_UNITS.search(self.folded_body):
            return False
        reply = read_reply(f"{self.plain_subject}\n{self.own_text}", has_report=False, sent_on=self.day)
        return reply.intent in _TOLD_ANEW

    @once
    def documents(self) -> tuple[Document, ...]:
        """The documents of attachments and bodies; twins count once, the urgency of the subject is the first one's."""
        found: dict[Any, Document] = {}
        sources = (*self.papers, *(() if self.is_answer else self.letters))
        subject = self.plain_subject if len(self.papers) <= 1 else None
        for paper in sources:
            if paper.sheet.has_face:
                document = self._signed(papers.read_document(paper.sheet, paper.name, subject), paper)
            else:
                told = from_file_name(paper.name) if paper.name and not paper.text.strip() else None
                if told is None:
                    continue
                document = Document(told.canonical, told.system, told.type, told.issuer)
            key = document.number or document.summary or paper.name
            if key not in found:
                found[key] = document
                self.review.extend(document.review)
        documents = tuple(found.values()) or self._announced()
        if documents and not self.is_answer:
            said = subject_urgency(self.plain_subject)
            if said.rank > documents[0].urgency.rank:
                documents = (replace(documents[0], urgency=said), *documents[1:])
        return documents

    def _signed(self, document: Document, paper: Paper) -> Document:
        """Add what the PDF's signature is worth; its time dates a paper whose day was left open."""
        signature = paper.signature
        if signature.worth is Signed.NONE:
            return document
        issued = document.issued_on
        if issued is None and signature.worth is not Signed.INVALID and signature.signed_at is not None:
            issued = signature.signed_at.astimezone(ZoneInfo(self.context.timezone)).date()
        return replace(document, signed=str(signature.worth), issued_on=issued)

    def _announced(self) -> tuple[Document, ...]:
        """A paper that cannot be read (a scan) is known by what subject and letter say of it."""
        if self.is_answer or not any(extracted.problem for _, extracted in self.extracted):
            return ()
        for text in (self.plain_subject, self.body):
            for number in find_numbers(text):
                issued = None
                for again in find_numbers(f"{self.plain_subject}\n{self.body}"):
                    rest = f"{self.plain_subject}\n{self.body}"[again.end : again.end + 30]
                    match = _SUBJECT_NUMBER_DATE.match(vietnamese.fold(rest))
                    if match is not None and again.key == number.key:
                        issued = papers.safe_date(int(match[3]), int(match[2]), int(match[1]))
                return (Document(number.canonical, number.system, number.type, number.issuer, issued_on=issued),)
        return ()

    def _anchors(self, documents: tuple[Document, ...]) -> Anchors:
        issued = next((document.issued_on for document in documents if document.issued_on), None)
        return Anchors(
            issued, self.day, self.context.timezone, self.context.working_time, self.context.received_at or self.sent_at
        )

    def _official(self) -> _Understood:
        """A directive or an invitation, or neither."""
        documents = self.documents
        for document in documents:
            if document.number is None:
                self.review.append("number_missing")
        if len(documents) > 1:
            self.review.append("several_documents")
        anchors = self._anchors(documents)
        main = documents[0] if documents else None
        if self._invites(main):
            text = self._main_text()
            meeting, review = meetings.read_meeting(text, self.plain_subject, main.number if main else None, anchors)
            self.review.extend(review)
            replaced = main.replaces if main and main.replaces else meeting.replaces
            meeting = replace(meeting, replaces=replaced)
            # What is to be handed in before the meeting; until when to answer is told apart.
            tasks = tuple(task for task in self._deadlines(anchors) if task.due != meeting.rsvp_by)
            return _Understood(kind=Kind.INVITATION, documents=documents, meeting=meeting, deadlines=tasks)
        deadlines = self._deadlines(anchors)
        if not documents and not find_numbers(self.plain_subject) and not self._asks(deadlines):
            return _Understood(kind=Kind.OTHER)
        return _Understood(kind=Kind.DIRECTIVE, documents=documents, deadlines=deadlines)

    def _asks(self, deadlines: tuple[Deadline, ...]) -> bool:
        """Whether a letter without a paper is a directive: one passed on by its number, or one that sets a limit."""
        if self.is_forward and find_numbers(replies.forwarded_text(self.body)[:600]):
            return True
        return bool(deadlines) and _ASKS_UNITS.search(self.folded_body) is not None

    def _invites(self, main: Document | None) -> bool:
        if main is None:
            return meeting_calls.calls_to_meeting(self.plain_subject) or meeting_calls.body_invites(self.body)
        if types().get(main.type or "", {}).get("use") == "invitation":
            return True
        title = main.summary or ""
        if meeting_calls.calls_to_meeting(title):
            return True
        if meeting_calls.sends_people(title) and meetings.tells_when_and_where(self._main_text()):
            return True
        cites = main.type in _CHANGING_TYPES and meeting_calls.cites_invitation(main.references)
        return cites and meeting_calls.changes_meeting(self._main_text())

    def _main_text(self) -> str:
        return next((paper.text for paper in self._with_face()), self.passed_on.text)

    def _with_face(self) -> tuple[Paper, ...]:
        return tuple(paper for paper in (*self.papers, *self.letters) if paper.sheet.has_face)

    def _deadlines(self, anchors: Anchors) -> tuple[Deadline, ...]:
        """The deadlines of the papers, twins once; of the letter where the papers are silent or unreadable."""
        found: dict[tuple[Any, str | None], Deadline] = {}
        with_face = self._with_face()
        for paper in with_face if self.passed_on in with_face else (*with_face, self.passed_on):
            if paper is self.passed_on and found:
                break  # the letter repeats what its papers say
            issued = paper.sheet.issued_on if len(with_face) > 1 else None
            counted = replace(anchors, issued_on=issued) if issued is not None else anchors
            deadlines, review = due_dates.find_deadlines(paper.text, counted, folded=paper.sheet.folded)
            self.review.extend(review)
            for deadline in deadlines:
                found.setdefault((deadline.due, deadline.addressee), deadline)
        return tuple(found.values())
