"""Every shipped mail reads well in every case, and its sample declares what the planning gives."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import pytest
from jinja2 import meta
from jinja2.sandbox import SandboxedEnvironment

from mailbot.office.answers import read_reply
from mailbot.office.text import without_accents
from mailbot.rendering.letters import MOST_OF_A_LINE, Letter, Letters, broken
from mailbot.rendering.proofreading import proofread
from mailbot.rendering.samples import SAMPLES, cases, sample
from mailbot.routing import letters as frozen
from mailbot.service.rehearsal import stage
from tests.example_office import CLERK, MAILBOX, NOW, directive, example, mail, reading_of
from tests.store.test_ledger import invitation

if TYPE_CHECKING:
    from mailbot.store.rehearsing import PlannedMail

SITE = example()
LETTERS = Letters(SITE.templates)
CASES = [(name, case) for name in SAMPLES for case, _ in cases(name)]


def rendered(name: str, case: str) -> Letter:
    return LETTERS.render(name, dict(cases(name))[case], token="abcdefgh23456", reply_to="van-phong@an-hoa.example.vn")


def test_every_shipped_mail_has_a_sample() -> None:
    assert set(SAMPLES) == set(LETTERS.names())


@pytest.mark.parametrize(("name", "case"), CASES)
def test_a_shipped_mail_reads_well_in_every_case(name: str, case: str) -> None:
    assert [(one.code, one.found, one.line) for one in proofread(rendered(name, case))] == []


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_declares_every_value_of_its_templates(name: str) -> None:
    environment = SandboxedEnvironment()
    sources = [SITE.templates[f"{name}.{part}.j2"] for part in ("subject", "txt")]
    used = set().union(*(meta.find_undeclared_variables(environment.parse(source)) for source in sources))
    assert used - set(sample(name).values) <= {"ref"}


@lru_cache(maxsize=1)
def planned() -> dict[str, PlannedMail]:
    """What the plan of a directive and an invitation makes, from the question to the last escalation."""
    made: list[PlannedMail] = []
    for written in (mail(CLERK, "[KHẨN] Công văn 152-CV/ĐU", directive(), files={"PL.txt": "Biểu."}), invitation()):
        with stage() as theatre, theatre.scene(SITE) as scene:
            _, mails = scene.take(reading_of(written), MAILBOX, NOW)
            mails = [*mails, *scene.agree(NOW + timedelta(hours=1))]
            mails += scene.run(NOW + timedelta(hours=1), NOW + timedelta(days=40))
            made += [one.mail for one in mails]
    return {one.template: one for one in made}


@pytest.mark.parametrize(
    "name", ["confirm_before_send", "directive", "released", "reminder", "reminder_overdue", "escalation", "paper_list"]
)
def test_what_the_planning_gives_is_declared(name: str) -> None:
    # The calendar part has values of its own; the text says the time in words.
    of_the_calendar = {"calendar", "calendar_key", "previous_answer"}
    found = set(planned()[name].values) - set(sample(name).values)
    assert found <= {"arrival_number", "arrival_date"} | of_the_calendar


def test_the_values_of_a_document_are_all_declared() -> None:
    values = frozen.document_values(reading_of(invitation()), SITE)
    declared = sample("invitation").values
    assert set(values) <= set(declared)
    assert set(values["meeting"]) == set(declared["meeting"])


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("ngắn", ["ngắn"]),
        ("từ " * 30 + "cuối", ["từ " * 24 + "từ", "từ " * 5 + "cuối"]),
        ("- Nhãn: " + "từ " * 30, ["- Nhãn: " + "từ " * 22 + "từ", "  " + "từ " * 6 + "từ"]),
        ("- Kèm theo: " + "x" * 80 + ".pdf", ["- Kèm theo: " + "x" * 80 + ".pdf"]),
        ("    Một câu trả lời " + "dài " * 30, ["    Một câu trả lời " + "dài " * 30]),
        ("https://hop.example.vn/" + "x" * 80, ["https://hop.example.vn/" + "x" * 80]),
    ],
    ids=["short", "prose", "list", "file name", "answer", "link"],
)
def test_long_lines_are_broken_where_a_blank_allows(line: str, lines: list[str]) -> None:
    assert list(broken(line)) == lines
    assert all(len(one) <= MOST_OF_A_LINE for one in broken(line)) or " " not in line[12:].strip() or line[:4] == "    "


def letter(text: str, subject: str = "Tiêu đề [#abc]") -> Letter:
    return Letter(subject, text, "", "")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Kính gửi: Chi bộ 5\n", []),
        ("Thời hạn: None\n", ["leak"]),
        ("Còn {{ unit }} đây\n", ["leak", "leak"]),
        ("Văn bản ( ) này\n", ["empty"]),
        ('Lý do: "" nhé\n', ["empty"]),
        ("- Trích yếu:\n", ["missing"]),
        ("Kính gửi:\n", ["missing"]),
        ("là . Đến ngày\n", ["missing"]),
        ("hai  dấu cách\n", ["blanks"]),
        ("    NHẮC            (nhắc các đơn vị)\n", []),
        ("Đề nghị reply thư này\n", ["english"]),
        ("Gửi tới report@office.example.vn và status.pdf\n", []),
        ('Thư "Please confirm" đã nhận\n', []),
        ("từ " * 40 + "\n", ["long"]),
        ("    " + "câu " * 30 + "\n", ["long"]),
        ("https://hop.example.vn/" + "x" * 80 + "\n", []),
        ("Các nội dung sau:\n", []),
        ("08 giờ 00, thứ Sáu, ngày 16/10/2026 (đến 11 giờ)\n", []),
    ],
)
def test_the_proofreader_finds_what_reads_badly(text: str, codes: list[str]) -> None:
    assert [one.code for one in proofread(letter(text))] == codes


def test_the_subject_is_read_too() -> None:
    assert [one.code for one in proofread(letter("x\n", "Báo cáo () [#abc]"))] == ["empty"]


# --- what we ask people to write is what we understand -------------------------------------------------------------

# The answers that our mails put into people's mouths, and what each must mean. `none` comes before the clerk: a claim
# that the report went another way is not believed on its own.
OFFERED = {
    "Đã nhận": "acknowledge",
    "Dự họp": "accept",
    "Xin vắng, lý do: …": "decline",
    "Cử đồng chí …, chức vụ …, dự thay": "delegate",
    "Gửi kèm báo cáo": "report",
    "Xin gia hạn đến ngày …, lý do: …": "extension",
    "Đã gửi ngày …, bằng …": "none",
    "Sẽ gửi ngày …, lý do: …": "progress",
    "Không phát sinh": "report",
    "Đang xử lý": "progress",
    "Đã xong, văn bản số …": "report",
    "Đề nghị chuyển đồng chí khác, lý do: …": "refuse",
}
TO_WHO_ANSWERS = (
    *("directive", "directive_from_superior", "invitation", "invitation_change", "reminder", "reminder_overdue"),
    *("assignment", "handover", "not_understood"),
)
GAPS = (
    ("ngày …", "ngày 20/10/2026"),
    ("bằng …", "bằng bản giấy"),
    ("số …", "số 160-CV/ĐU"),
    ("lý do: …", "lý do: đi công tác"),
    ("đồng chí …", "đồng chí Nguyễn Văn A"),
    ("chức vụ …", "chức vụ Phó Bí thư"),
)


def filled(answer: str) -> str:
    for gap, words in GAPS:
        answer = answer.replace(gap, words)
    return answer


def offered() -> set[str]:
    texts = (rendered(name, case).text for name in TO_WHO_ANSWERS for case, _ in cases(name))
    lines = (line for text in texts for line in text.splitlines() if line.startswith("    "))
    return {line.strip().partition("   ")[0] for line in lines}


def test_every_answer_that_a_mail_offers_is_named_here() -> None:
    assert offered() == set(OFFERED)


@pytest.mark.parametrize("accents", [True, False], ids=["with accents", "without"])
@pytest.mark.parametrize(("answer", "intent"), OFFERED.items())
def test_what_a_button_writes_is_understood(answer: str, intent: str, accents: bool) -> None:
    written = filled(answer) if accents else without_accents(filled(answer))
    assert read_reply(written, has_report=False, sent_on=NOW.date()).intent == intent
