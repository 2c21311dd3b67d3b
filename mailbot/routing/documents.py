"""Deciding about an official document: which way it goes, whether its sender is believed, which rule takes it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mailbot.office.meetings import Change
from mailbot.office.text import fold as plain
from mailbot.routing import circulating, harmful, letters, meetings, withdrawing, wording
from mailbot.routing.choices import AGAIN, DONE
from mailbot.routing.conditions import Arrival, RuleFacts
from mailbot.routing.confirming import limits, listed, question
from mailbot.routing.doubting import disbelieved, paper_line
from mailbot.routing.model import Ask, ConfirmMode, Copy, Direction, Restart, Send
from mailbot.routing.plans import (
    Decision,
    DocumentPlan,
    FactPlan,
    HeldPlan,
    MailPlan,
    Outcome,
    Purpose,
    Reason,
    Recipient,
    Release,
    RuleTrial,
)
from mailbot.routing.recurring import duty_of
from mailbot.routing.releasing import (
    carry_out,
    deadline_for,
    due_of,
    officers_of,
    recipients_of,
    released_notice,
    save_sent,
)
from mailbot.routing.same_number import decide_repeated, place_of, replacing
from mailbot.routing.sameness import direction_of, identify
from mailbot.routing.trusting import is_known

if TYPE_CHECKING:
    from datetime import date, datetime

    from mailbot.office.deadlines import Deadline
    from mailbot.reading import Reading
    from mailbot.routing.known import Known, KnownMatter
    from mailbot.routing.model import Action, Confirm, Register, Site
    from mailbot.routing.rules import Match, Rule, Trial


# What another system of the office writes into the mails that it passes on: `Số đến: 413`.
STAMPED_NUMBER = re.compile(r"\bso den\s*:?\s*(\d{1,6})\b")


def decide_document(reading: Reading, site: Site, known: Known, now: datetime) -> Decision:
    """Decide about a mail that carries a document (or that a rule may treat as one)."""
    direction = direction_of(reading, site)
    identity = identify(reading, site, direction)
    reading = circulating.as_cleared(reading, site, known)
    if circulating.for_clerk_alone(reading, site) is None:
        dangerous = harmful.kept(reading, site, known)
        if dangerous is not None:
            return dangerous
        repeated = decide_repeated(reading, site, known, now, direction)
        if repeated is not None:
            return repeated
    match = site.rules.decide(facts_of(reading, site, known, now))
    decision = _by_match(match, reading, site, known, now, direction, identity)
    return replace(decision, ruled_out=match.ruled_out) if match.ruled_out else decision


def _by_match(
    match: Match,
    reading: Reading,
    site: Site,
    known: Known,
    now: datetime,
    direction: Direction,
    identity: dict[str, Any],
) -> Decision:
    notes = tuple(note(trial) for trial in match.trials)
    by_rule = match.action is not None and match.action.clerk_alone
    if by_rule or circulating.for_clerk_alone(reading, site) is not None:
        return circulating.kept_from_all(reading, site, notes, match.rule, _name(match.rule))
    doubt = disbelieved(reading, site, known, direction)
    if doubt is not None:
        return Decision(doubt.outcome, doubt.reasons, trials=notes, held=doubt.held, mails=doubt.mails)
    if match.rule is None or match.action is None:
        line = HeldPlan("no_rule", paper_line(reading, "chưa có quy tắc"), choices=AGAIN)
        return Decision(Outcome.HELD, (Reason("no_rule"),), trials=notes, held=(line,))
    return Paper(reading, site, known, now, direction, identity, match.rule, match.action, notes).decide()


def facts_of(reading: Reading, site: Site, known: Known, now: datetime) -> RuleFacts:
    """Return what the rules may look at in a mail that came at `known.received_at`, or now."""
    arrived = Arrival.of(known.received_at or now, site.office.working_time)
    return RuleFacts.of(reading, direction_of(reading, site), known.mailbox, site.directory, arrived)


def note(trial: Trial) -> RuleTrial:
    """Return a trial of a rule as the trace keeps it."""
    rule = trial.rule
    return RuleTrial(
        rule.id, str(rule.position), rule.version, trial.matched, trial.failed_condition, trial.wanted, trial.saw
    )


def _name(rule: Rule | None) -> str:
    return f"{rule.id}@{rule.position}#{rule.version[:12]}" if rule else ""


class Paper:
    """One document on its way to a decision; holds what the steps share, changes nothing."""

    def __init__(
        self,
        reading: Reading,
        site: Site,
        known: Known,
        now: datetime,
        direction: Direction,
        identity: dict[str, Any],
        rule: Rule | None,
        action: Action,
        trials: tuple[RuleTrial, ...],
    ) -> None:
        self.reading, self.site, self.known, self.now = reading, site, known, now
        self.direction, self.identity, self.trials = direction, identity, trials
        self.action = action
        self.withdrawn = withdrawing.withdrawn(known, direction)
        self.today = now.astimezone(site.office.working_time.zone).date()
        self.rule_name = _name(rule)
        self.rule_id = rule.id if rule else ""
        self.limit = circulating.limit_of(reading, site)
        self.values = letters.document_values(reading, site) | {"circulation": self.limit.words}
        self.sender_name = (reading.sender.name) or (reading.from_addresses or ("",))[0]
        self.sender_address = reading.from_addresses[0] if reading.from_addresses else None

    def decide(self) -> Decision:
        """Return the decision that the action of the matching rules makes."""
        action = self.action
        release = self._release(action)
        if action.submit is not None and not action.pass_down:
            return self._submitted(action, release)
        if release is None:
            return self._recorded(action)
        if self.direction is Direction.OUTGOING and _must_confirm(action.confirm, release):
            return self._to_confirm(action, release)
        return self._released(action, release)

    def _release(self, action: Action) -> Release | None:
        """Return what would be sent: by `send`, by the proposal of `submit`, and to assigned officers."""
        recipients: dict[str, Recipient] = {}
        excluded: tuple[str, ...] = ()
        unknown: tuple[str, ...] = ()
        sending = _as_send(action)
        if sending is not None:
            found, excluded, unknown = recipients_of(sending, self.reading, self.site, self.today)
            recipients |= {item.unit: item for item in found}
        earlier = self._earlier()
        if earlier is not None:
            gone = self.reading.meeting is not None and self.reading.meeting.change is not Change.UPDATE
            recipients = {item.unit: item for item in meetings.invited_again(recipients.values(), earlier, gone)}
        if action.assign is not None:
            recipients |= {item.unit: item for item in officers_of(action.assign, self.reading, self.site, self.today)}
        if not recipients:
            return None
        return self._release_of(action, tuple(recipients.values()), excluded, unknown)

    def _earlier(self) -> KnownMatter | None:
        """The invitation of ours that this paper changes; a new one changes none."""
        earlier = self.known.earlier if self.direction is Direction.OUTGOING else None
        return earlier if earlier is not None and earlier.document.direction == Direction.OUTGOING else None

    def _outdated(self) -> KnownMatter | None:
        """The invitation of the same superior whose place this one takes."""
        earlier = self.known.earlier if self.direction is Direction.INCOMING else None
        same = earlier is not None and earlier.document.issuer_unit == self.identity["issuer_unit"]
        return earlier if same and earlier is not None and earlier.document.direction == Direction.INCOMING else None

    def _release_of(
        self, action: Action, recipients: tuple[Recipient, ...], excluded: tuple[str, ...], unknown: tuple[str, ...]
    ) -> Release:
        meeting, earlier = self.reading.meeting, self._earlier()
        template = action.send.template if action.send else "directive_from_superior"
        due_words = due_of(_due_rule(action), self.reading, "", self.site, self.today).words
        values = self.values | {
            "due_text": due_words,
            "due_text_original": self._own_due()[1],
            "first_line": _first_line(self.reading),
            "calendar": meetings.calendar_values(self.reading, earlier) if template.startswith("invitation") else None,
        }
        before = place_of(self.reading, self.known, self.direction) if earlier is None else None
        values |= replacing(before) if before is not None else {}
        if earlier is not None and meeting is not None and template.startswith("invitation"):
            values |= meetings.changed_values(self.reading, earlier, self.site)
            template = meetings.TEMPLATES.get(meeting.change, template)
        release = Release(
            recipients=recipients,
            template=template,
            purpose=Purpose.INVITATION if template.startswith("invitation") else Purpose.DIRECTIVE,
            mailbox=self.known.mailbox,
            values=values,
            ladder=action.ladder,
            acknowledge_within=action.acknowledge_within,
            rsvp_by=meeting.rsvp_by.isoformat() if meeting and meeting.rsvp_by else None,
            meeting_at=meeting.starts_at.isoformat() if meeting and meeting.starts_at else None,
            excluded=excluded,
            copy=action.send.copy if action.send else Copy.PERSONAL,
            unknown_lines=unknown,
            sender_name=self.sender_name,
            sender_address=self.sender_address,
            duty=duty_of(self._own_deadline(), _due_rule(action)),
            inside=self.limit.inside,
            **(_in_place_of(before) if before is not None else self._taking_the_place_of(earlier, recipients)),
        )
        return circulating.kept_inside(release, self.site)

    def _taking_the_place_of(self, earlier: KnownMatter | None, recipients: tuple[Recipient, ...]) -> dict[str, Any]:
        if earlier is None:
            return {}
        return {
            "supersedes": tuple(delivery.id for delivery in earlier.deliveries),
            "earlier_start": earlier.meeting.starts_at if earlier.meeting is not None else None,
            "to_call": meetings.to_call(recipients, earlier, self.site),
        }

    def _own_deadline(self) -> Deadline | None:
        return deadline_for(self.reading.deadlines, "") or next(iter(self.reading.deadlines), None)

    def _own_due(self) -> tuple[str | None, str]:
        found = self._own_deadline()
        return (found.due.isoformat(), found.text) if found and found.due else (None, "")

    def plan(self, state: str, action: Action, release: Release | None) -> DocumentPlan:
        """Return the document to record, with its entry in the book that the action names."""
        document = self.reading.documents[0] if self.reading.documents else None
        due, due_text = self._own_due()
        identity = self.identity
        sheets = (self.site.office.working_time, self.now) if self.direction is Direction.OUTGOING else None
        return DocumentPlan(
            direction=self.direction,
            state=state,
            kind=str(self.reading.kind),
            content_key=self.reading.content_key,
            issued_on=document.issued_on.isoformat() if document and document.issued_on else None,
            summary=self.values["summary"],
            urgency=str(document.urgency) if document else None,
            signer=document.signer.name if document and document.signer else None,
            sender_address=self.sender_address,
            due=due,
            due_text=due_text,
            rule=self.rule_name,
            release=release,
            meeting=meetings.meeting_plan(self.reading, self.values | (release.values if release else {}), sheets),
            **identity,
            **self._book(action),
        )

    def _book(self, action: Action) -> dict[str, Any]:
        """Return the entry in the book: a new number for what came in, the printed one for what goes out."""
        if action.register is None:
            return {}
        register = self.site.registers[action.register]
        day = arrival_day(self.known.received_at or self.now, register, self.site)
        period = str(day.year) if register.restart is Restart.YEAR else (self.identity["series"] or f"year {day.year}")
        entry: dict[str, Any] = {"book": register.key, "book_period": period, "book_start": register.start_number}
        entry["arrived_on"] = day.isoformat()
        if register.mirror and self.direction is Direction.INCOMING:
            stamped = STAMPED_NUMBER.search(plain(self.reading.text))
            entry |= {"book_mirror": True, "book_number": int(stamped[1]) if stamped else None}
        if register.takes is Direction.OUTGOING:
            number = self.identity["number_key"]
            digits = re.match(r"\d+", number) if number else None
            entry["book_number"] = int(digits.group()) if digits else None
        if register.series_per_type:
            entry["book_series"] = self._series_of_type()
        return entry

    def _series_of_type(self) -> str:
        """Return the series of a type within the book: our organs (VPĐU) count beside the committee's own (ĐU)."""
        own = self.site.directory.units[self.site.office.unit].symbols
        symbol = (self.identity["issuer_unit"] or "").partition("/")[2]
        kind = self.identity["type"] or ""
        return f"{kind}/{symbol}" if symbol and own and plain(symbol) != plain(own[0]) else kind

    def _submitted(self, action: Action, release: Release | None) -> Decision:
        """An incoming paper is registered and put before the leader, who answers in one line."""
        assert action.submit is not None
        document = self.plan("awaiting_instruction", action, release)
        mails = []
        outdated = self._outdated()
        leaders = self.site.directory.addresses(action.submit.to)
        leader = circulating.inside_address(leaders, self.limit, self.site)
        if leader is not None:
            name, address = leader
            values = self.values | {
                "leader": name,
                "due_text": document.due_text or "",
                "proposal": _proposal(release, self.site, meets=self.reading.meeting is not None),
                "review": wording.doubt_words(self.reading.review),
                **(meetings.who_was_to_go(outdated) if outdated is not None else {}),
            }
            if self.withdrawn is not None:
                values |= withdrawing.shown_to_leader(self.reading, self.withdrawn, self.site)
            mails.append(
                MailPlan(
                    Purpose.SUBMISSION,
                    "for_instruction",
                    self.known.mailbox,
                    address,
                    name,
                    values,
                    source_key=self.reading.content_key,
                    shared=True,
                )
            )
        decision = self._decision(
            Reason("submitted", action.submit.to),
            document,
            mails=(*mails, *self._receipt()),
            unknown=release.unknown_lines if release else (),
        )
        if outdated is not None:
            over = tuple(FactPlan(one.id, "superseded", self.now, "a later paper") for one in outdated.deliveries)
            decision = replace(decision, facts=over, outdates=outdated.document.id)
        if leader is not None or not leaders:
            return decision
        line = paper_line(self.reading, f"{self.limit.words}, không trình qua hộp thư công cộng, cần trình bản giấy")
        return replace(decision, held=(*decision.held, HeldPlan("submit_on_paper", line, choices=DONE)))

    def _receipt(self) -> tuple[MailPlan, ...]:
        """A superior that asks for a confirmation gets one, once a document, after it was registered."""
        if self.direction is not Direction.INCOMING or not self.reading.wants_receipt or self.sender_address is None:
            return ()
        if (
            self.reading.automatic is not None
            or not is_known(self.sender_address, self.site)
            or self.known.automatic_answers_last_hour
        ):
            return ()
        values = self.values | {
            "attachment_count": len(self.values["attachments"]),
            "review": wording.doubt_words(self.reading.review),
        }
        return (
            MailPlan(
                Purpose.RECEIPT,
                "receipt",
                self.known.mailbox,
                self.sender_address,
                self.sender_name,
                values,
                source_key=self.reading.content_key,
            ),
        )

    def _recorded(self, action: Action) -> Decision:
        document = self.plan("recorded", action, None)
        line = paper_line(self.reading, f"theo quy tắc {self.rule_id}, để đồng chí xử lý")
        decision = self._decision(Reason("recorded"), document, mails=self._receipt())
        if self.direction is Direction.OUTGOING or action.send is not None:
            line = paper_line(self.reading, "không tìm được đơn vị nhận")
        return replace(decision, outcome=Outcome.HELD, held=(*decision.held, HeldPlan("recorded", line)))

    def _to_confirm(self, action: Action, release: Release) -> Decision:
        """Our own document waits for the ĐỒNG Ý of whoever mailed it in, who sees the list of units first."""
        until = limits(self.site, self.now)
        document = replace(
            self.plan("awaiting_confirmation", action, release),
            ask_again_at=until.ask_again_at,
            expires_at=until.expires_at,
        )
        values = release.values | confirm_values(release, self.reading, self.site, self.known)
        mail = question(release, values, self.reading.content_key, until, issue=0, site=self.site)
        return self._decision(Reason("to_confirm", f"{len(release.recipients)} units"), document, mails=(mail,))

    def _released(self, action: Action, release: Release) -> Decision:
        document = self.plan("released", action, release)
        deliveries, mails = carry_out(release, self.site, self.reading.content_key, self.now)
        told: tuple[MailPlan, ...] = ()
        if self.direction is Direction.OUTGOING and self.sender_address:
            told = (
                released_notice(self.site, self.sender_name, self.sender_address, release, self.reading.content_key),
            )
        decision = self._decision(
            Reason("released", f"{len(deliveries)} deliveries"),
            document,
            mails=(*mails, *told, *self._receipt()),
            unknown=release.unknown_lines,
        )
        facts, calls = meetings.superseding(release, self.now)
        return replace(
            decision,
            deliveries=deliveries,
            actions=save_sent(self.site, self.known.mailbox),
            facts=facts,
            held=(*decision.held, *calls, *circulating.to_collect(release, self.now)),
        )

    def _decision(
        self, reason: Reason, document: DocumentPlan, mails: tuple[MailPlan, ...], unknown: tuple[str, ...] = ()
    ) -> Decision:
        held = tuple(
            HeldPlan("unknown_addressee", paper_line(self.reading, f'không rõ nơi nhận "{line}"')) for line in unknown
        )
        if self.withdrawn is not None:
            held = (*held, withdrawing.question(self.reading, self.withdrawn, self.site))
        limit = (Reason("circulation", f"{self.limit.words}: no public mail domain"),) if self.limit.inside else ()
        return Decision(
            Outcome.DECIDED,
            (Reason("rule", self.rule_name), reason, *limit),
            trials=self.trials,
            rule=self.rule_name,
            document=document,
            mails=mails,
            held=held,
        )


def _in_place_of(matter: KnownMatter) -> dict[str, Any]:
    """Return what a release keeps of the paper whose place it takes."""
    return {"supersedes": tuple(one.id for one in matter.deliveries), "replaces": matter.document.id}


def arrival_day(moment: datetime, register: Register, site: Site) -> date:
    """Return the day under which a book has what came at a moment: after hours the next working day, where it says so.

    The book of a year is begun by what arrives in it by that day.
    """
    calendar = site.office.working_time
    here = calendar.local(moment)
    if not register.after_hours_next_day:
        return here.date()
    over = here >= calendar.end_of_day(here.date())
    return calendar.next_working_day(here.date() + timedelta(days=1) if over else here.date())


def _as_send(action: Action) -> Action | None:
    """Return the action with a `send`: its own, or the one that `submit` proposes."""
    if action.send is not None:
        return action
    if action.submit is None or not action.submit.propose_to:
        return None
    ask = action.ask if action.ask is not Ask.NONE else Ask.REPORT if action.submit.propose_due else Ask.ACKNOWLEDGEMENT
    return replace(
        action,
        send=Send(to=action.submit.propose_to, template="directive_from_superior"),
        due=action.submit.propose_due,
        ask=ask,
    )


def _due_rule(action: Action) -> Any:
    return action.due or (action.submit.propose_due if action.submit else None)


def _must_confirm(confirm: Confirm, release: Release) -> bool:
    if release.replaces is not None:
        return True  # what is in force is replaced by a person's word alone
    if confirm.mode is ConfirmMode.OVER_UNITS:
        return len(release.recipients) > confirm.over_units
    return confirm.mode is ConfirmMode.ALWAYS


def _first_line(reading: Reading) -> str:
    lines = (line.strip() for line in (reading.document_text or reading.text).splitlines())
    return next((line[:120] for line in lines if len(line) > 20), "")


def _proposal(release: Release | None, site: Site, *, meets: bool) -> str:
    if release is None:
        return "phân công đồng chí dự họp" if meets else "lưu, theo dõi"
    due = next((item.due for item in release.recipients if item.due), None)
    by = f", báo cáo chậm nhất {letters.limit_text(due, site.office.working_time)}" if due else ""
    return f"chuyển {len(release.recipients)} đơn vị thực hiện{by}"


def confirm_values(release: Release, reading: Reading, site: Site, known: Known) -> dict[str, Any]:
    """Return what the sender must see before a document leaves: units by which line, paper list, doubts."""
    return listed(release, site) | {
        "doubts": wording.doubt_words(reading.review),
        "received_at": letters.received_text(known.received_at, site.office),
    }
