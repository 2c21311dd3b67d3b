"""Sensitive papers and limits of circulation: what the clerk alone sees, what goes to no public mail domain.

The policy is `papers:` of mailbot.yaml. A limit ("Lưu hành nội bộ", "dự thảo", "thu hồi sau hội nghị") is no secrecy
mark (domain 2): the paper goes its way, but never to a mailbox that anybody could have.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from mailbot.office.public_mail import is_public
from mailbot.office.text import fold
from mailbot.routing.choices import LEAVE
from mailbot.routing.letters import parse_limit
from mailbot.routing.model import Channel, PaperHandling
from mailbot.routing.plans import Act, Choice, Decision, HeldPlan, Outcome, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mailbot.reading import Reading
    from mailbot.routing.known import Known
    from mailbot.routing.model import Site
    from mailbot.routing.plans import Recipient, Release, RuleTrial
    from mailbot.routing.rules import Rule

# A sensitivity that reading tells (`Reading.sensitivity`): its key in `papers:`, and its name.
SENSITIVE = {
    "petition": ("petitions", "đơn thư"),
    "personnel": ("personnel", "văn bản về nhân sự"),
    "discipline": ("discipline", "văn bản về kỷ luật"),
}
# The clerk has looked and takes it for an ordinary paper: it is decided again as one.
ORDINARY = (Choice("xử lý như văn bản thường", Act.BELIEVE), LEAVE)
COLLECTED = (Choice("đã thu hồi", Act.CLOSE), LEAVE)
COLLECT = re.compile(r"\bthu hoi\b")
DRAFT = "dự thảo"


@dataclass(frozen=True)
class Limit:
    """Who may get a paper: the words of its limit, and whether public mail domains are shut out."""

    words: str = ""
    inside: bool = False


# --- for the clerk alone --------------------------------------------------------------------------------------------


def for_clerk_alone(reading: Reading, site: Site) -> str | None:
    """Return the key of `papers:` by which a paper goes to the clerk alone; None for one that goes its way."""
    key, _ = SENSITIVE.get(reading.sensitivity, ("", ""))
    return key if key and site.papers.handling(key) is PaperHandling.CLERK_ALONE else None


def as_cleared(reading: Reading, site: Site, known: Known) -> Reading:
    """Return a paper as an ordinary one when the clerk has said that it is."""
    if known.confirmed and for_clerk_alone(reading, site) is not None:
        return replace(reading, sensitivity="none")
    return reading


def kept_from_all(
    reading: Reading, site: Site, trials: tuple[RuleTrial, ...], rule: Rule | None, name: str
) -> Decision:
    """Tell the clerk that such a paper has come: nothing is recorded, quoted, indexed or sent on.

    `rule` is the one that wants it so or would have taken the paper, `name` how decisions call it.
    """
    who = reading.from_addresses[0] if reading.from_addresses else "không rõ"
    key = for_clerk_alone(reading, site)
    if key is not None:
        _, kind = SENSITIVE[reading.sensitivity]
        text = f"{kind} từ {who}: chỉ văn thư xử lý, không vào sổ, không chuyển cho ai"
        line = HeldPlan("clerk_alone", text, choices=ORDINARY)
        reasons: tuple[Reason, ...] = (Reason("clerk_alone", f"papers.{key}: clerk_alone"),)
    else:
        by = rule.id if rule is not None else ""
        line = HeldPlan("clerk_alone", f"thư theo quy tắc {by} từ {who}, chỉ văn thư xử lý")
        reasons = (Reason("clerk_alone"),)
    if rule is not None:
        reasons = (Reason("rule", name), *reasons)
    return Decision(Outcome.HELD, reasons, trials=trials, rule=name or None, held=(line,))


# --- limits of circulation ------------------------------------------------------------------------------------------


def limit_of(reading: Reading, site: Site) -> Limit:
    """Return the limit of circulation of a paper, by what is printed on it and by what it is about."""
    printed = next((document.circulation for document in reading.documents if document.circulation), None)
    draft = any(document.draft for document in reading.documents)
    _, sensitive = SENSITIVE.get(reading.sensitivity, ("", ""))
    words = "; ".join(filter(None, (printed, DRAFT if draft else None, sensitive)))
    return Limit(words, shut_in(words, site))


def shut_in(words: str, site: Site) -> bool:
    """Tell whether a paper with a limit in these words (`Limit.words`) goes to no public mail domain."""
    papers = site.papers
    of_their_own = {DRAFT: papers.drafts_inside} | {name: True for _, name in SENSITIVE.values()}
    return any(of_their_own.get(part, papers.internal_inside) for part in words.split("; ") if part)


def kept_inside(release: Release, site: Site) -> Release:
    """Return a release whose paper goes to no public mail domain, where its limit wants that.

    A unit is sent it at its next address that is not public, else gets paper by the clerk.
    """
    if not release.inside:
        return release
    return replace(release, recipients=tuple(_inside(item, site) for item in release.recipients))


def _inside(item: Recipient, site: Site) -> Recipient:
    public = tuple(address for address in item.addresses if is_public(address, site.papers.public_domains))
    if not public or item.channel is not Channel.MAIL:
        return item
    left = tuple(address for address in item.addresses if address not in public)
    return replace(item, addresses=left, channel=Channel.MAIL if left else Channel.PAPER, withheld=public)


def withheld_lines(recipients: Iterable[Recipient]) -> list[str]:
    """Return whom a limit keeps from a public mailbox, and how each gets the paper instead."""
    return [
        f"{item.name} {f'gửi tới {item.addresses[0]}' if item.addresses else 'giao bản giấy'} thay cho "
        f"{', '.join(item.withheld)}"
        for item in recipients
        if item.withheld
    ]


def inside_address(addresses: Iterable[tuple[str, str]], limit: Limit, site: Site) -> tuple[str, str] | None:
    """Return the first (name, address) that a paper with this limit may go to."""
    return next(
        (pair for pair in addresses if not limit.inside or not is_public(pair[1], site.papers.public_domains)), None
    )


def to_collect(release: Release, now: datetime) -> tuple[HeldPlan, ...]:
    """Return the line by which the clerk is reminded, after the meeting, to take a paper back ("thu hồi sau hội nghị").

    Where nobody knows when the meeting is, the line comes at once.
    """
    words = str(release.values.get("circulation") or "")
    if not COLLECT.search(fold(words)):
        return ()
    moment = parse_limit(release.meeting_at) if release.meeting_at else None
    after = moment if isinstance(moment, datetime) and moment > now else None
    about = f"{release.values.get('number') or 'văn bản'} ({words})"
    when = f"cuộc họp đã diễn ra, cần thu lại ở {len(release.recipients):02d} nơi nhận" if after else ""
    text = f"{about}: {when or 'cần thu lại sau hội nghị, văn bản không nêu ngày họp'}"
    return (HeldPlan("to_collect", text, choices=COLLECTED, at=after),)
