"""Files that could do harm when they are opened: the paper that brings them waits for the clerk's word.

The policy is `attachments: {dangerous: hold}` of mailbot.yaml. A unit's report counts as handed in all the same, since
the unit has done its part; only its files are kept out of the ZIP of TỔNG HỢP until the clerk lets them through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailbot.mail.dangers import Danger
from mailbot.office.answer_words import Intent
from mailbot.routing.choices import LEAVE
from mailbot.routing.doubting import paper_line
from mailbot.routing.plans import Act, Choice, Decision, HeldPlan, Outcome, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailbot.reading import Reading
    from mailbot.routing.known import Known, KnownDelivery
    from mailbot.routing.model import Site

CODE = "dangerous_file"
LET_THROUGH = "cho chuyển"
LET = (Choice(LET_THROUGH, Act.LET_THROUGH), LEAVE)
# The fact by which the files of a unit's report go into the ZIPs after all.
CLEARED = "files_cleared"
WORDS = {
    Danger.PROGRAM: "là chương trình chạy được",
    Danger.SCRIPT: "là tệp mã lệnh",
    Danger.MACRO: "có macro",
    Danger.SHORTCUT: "là lối tắt mở chương trình, trang mạng",
    Danger.DISK_IMAGE: "là ảnh đĩa",
    Danger.ACTIVE_PAGE: "là trang có mã lệnh",
    Danger.EMBEDDED_PROGRAM: "có tệp khác gói bên trong",
    Danger.UNCHECKED: "không mở ra kiểm tra hết được",
}
MOST_NAMED = 3


def kept(reading: Reading, site: Site, known: Known) -> Decision | None:
    """Hold a mail with such files until the clerk lets them through; None where nothing stands in its way."""
    if not reading.dangers or not site.holds_dangerous or known.let_through:
        return None
    line = HeldPlan(CODE, paper_line(reading, f"{words_of(reading)}, chưa chuyển"), choices=LET)
    return Decision(
        Outcome.HELD, tuple(Reason(CODE, _reason(reading, place)) for place in _named(reading)), held=(line,)
    )


def _named(reading: Reading) -> range:
    return range(min(len(reading.dangers), MOST_NAMED))


def _reason(reading: Reading, place: int) -> str:
    # Petitions, personnel and discipline are quoted nowhere, file names included.
    found = reading.dangers[place]
    return str(found.danger) if reading.sensitivity != "none" else f"{found.name}: {found.danger}"


def words_of(reading: Reading) -> str:
    """Return which files could do harm and why, in the clerk's words: `tệp “a.docm” có macro`."""
    if reading.sensitivity != "none":
        return "; ".join(dict.fromkeys(f"có tệp {WORDS[found.danger]}" for found in reading.dangers))
    named = [f"tệp “{found.name}” {WORDS[found.danger]}" for found in reading.dangers[:MOST_NAMED]]
    more = len(reading.dangers) - MOST_NAMED
    return "; ".join((*named, f"và {more} tệp khác") if more > 0 else named)


def held_back(reading: Reading, site: Site, known: Known) -> Mapping[str, str]:
    """Return the attachments that go on by the clerk's word alone: SHA-256 and what they could do, in words."""
    if not site.holds_dangerous or known.let_through:
        return {}
    return {found.sha256: WORDS[found.danger] for found in reversed(reading.dangers)}


def of_report(
    said: Intent, reading: Reading, site: Site, known: Known, delivery: KnownDelivery
) -> tuple[HeldPlan, ...]:
    """Return the clerk's line about the files of a unit's report, which is counted already."""
    if said is not Intent.REPORT or not held_back(reading, site, known):
        return ()
    about = f"{delivery.unit_name}, {delivery.document_number or 'văn bản'}"
    text = f"{about}: báo cáo đã ghi nhận, {words_of(reading)}, chưa đưa vào tệp tổng hợp"
    clear = Choice(LET_THROUGH, Act.FACT, {"deliveries": [delivery.id], "said": CLEARED})
    return (HeldPlan(CODE, text, delivery_id=delivery.id, choices=(clear, LEAVE)),)
