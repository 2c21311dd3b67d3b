"""Every shipped mail renders whole, in the house's spelling, with its token and a button for each answer."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from mailbot.rendering.letters import Letters, TemplateFailureError
from mailbot.rendering.samples import SAMPLES
from mailbot.routing import letters as frozen
from tests.example_office import CLERK, directive, example, mail, reading_of
from tests.store.test_ledger import invitation

if TYPE_CHECKING:
    from mailbot.rendering.letters import Letter

TOKEN = "abcdefgh23456"
REPLY_TO = f"vanphong+{TOKEN}@anhoa.example.vn"
SITE = example()


def of(written: Any) -> dict[str, Any]:
    return frozen.document_values(reading_of(written), SITE)


TO_UNIT = {
    "unit": "Chi bộ Tổ dân phố 1",
    "unit_short": "Chi bộ",
    "ask": "report",
    "purpose": "triển khai thực hiện",
    "due_text": "trước ngày 16/10/2026",
    "due_last": "thứ Năm, ngày 15/10/2026",
    "due_text_original": "trước ngày 20/10/2026",
}
DIRECTIVE = of(mail(CLERK, "[KHẨN] Công văn 152-CV/ĐU", directive(), files={"Phụ lục.txt": "Biểu mẫu."})) | TO_UNIT
INVITED = of(invitation()) | TO_UNIT | {"ask": "rsvp"}
REMINDED = DIRECTIVE | {"as_of": "08 giờ 00 ngày 13/10/2026", "expected": "báo cáo"}
CONFIRMED = {
    "sender": "Văn thư",
    "unit_count": 4,
    "mail_count": 3,
    "paper_count": 1,
    "ways": ["Các chi bộ trực thuộc"],
    "recipients": [{"name": "Chi bộ 1", "ask": "report"}, {"name": "Chi bộ 2", "ask": "none"}],
    "excluded": ["Chi bộ Công an phường (trừ)"],
    "unknown_lines": ["Hội Cựu chiến binh xã Xa Lạ"],
    "paper_units": ["Chi bộ Tổ dân phố 5"],
    "doubts": ["số trong thư và số trong tệp khác nhau"],
    "received_at": "08 giờ 10, thứ Ba, ngày 06/10/2026",
    "first_line": "Đề nghị các chi bộ báo cáo",
    "shadow": False,
    "ladder_text": "5 lần",
}
VALUES: dict[str, dict[str, Any]] = {
    "admin_notice": {**frozen.office_values(SITE.office), "subject_line": "2 việc kỹ thuật", "body": "1. một\n2. hai"},
    "assignment": DIRECTIVE
    | {"unit": "Hoàng Văn Nam", "instruction": "Giao đ/c Nam", "instructed_by": "Trần Quốc Hưng"},
    "clerk_list": {
        **frozen.office_values(SITE.office),
        "person": "văn thư",
        "date": "06/10/2026",
        "matters": [{"text": "thư một", "answers": ["1 đã nhận"]}, {"text": "thư hai", "answers": []}],
    },
    "confirm_before_send": DIRECTIVE | CONFIRMED,
    "directive": DIRECTIVE,
    "directive_from_superior": DIRECTIVE | {"instruction": "Đồng ý", "instructed_by": "Trần Quốc Hưng"},
    "escalation": REMINDED
    | {"person": "Hoàng Văn Nam", "done_count": 2, "total": 5}
    | {"late": [{"name": "Chi bộ 1", "contact": "đ/c An, ĐT 0900.000.001", "note": "đã nhắc"}]},
    "for_instruction": DIRECTIVE
    | {"leader": "Đỗ Minh Phúc", "proposal": "chuyển 13 đơn vị", "review": ["chưa rõ số văn bản"]}
    | {"arrival_number": 413, "arrival_date": "06/10/2026"},
    "invitation": INVITED,
    "paper_list": DIRECTIVE
    | {"count": 1, "units": [{"name": "Chi bộ Tổ dân phố 5", "contact": "đ/c Đức"}]}
    | {"printed": {"file": "phieu-giao-152-CV-DU.pdf"}},
    "receipt": DIRECTIVE | {"attachment_count": 1, "review": [], "arrival_number": 413, "arrival_date": "06/10/2026"},
    "order_answer": {
        **frozen.office_values(SITE.office),
        "person": "văn thư",
        "entries": [],
        "lines": [
            {"order": "NHẮC 152-CV/ĐU", "result": "nhắc 02 đơn vị", "done": True, "rows": [], "entry": None},
            {
                "order": "TÌNH HÌNH 99-CV/ĐU",
                "result": "chưa thấy văn bản",
                "done": False,
                "rows": ["một dòng"],
                "entry": None,
            },
        ],
        "all_done": False,
        "original_subject": "NHẮC 152-CV/ĐU",
        "undo_until": "08 giờ 20",
        "received_at": "08 giờ 10 ngày 06/10/2026",
    },
    "extension_decided": {
        **frozen.office_values(SITE.office),
        "unit": "Chi bộ Tổ dân phố 1",
        "number": "152-CV/ĐU",
        "granted": True,
        "until": "thứ Ba, ngày 20/10/2026",
    },
    "absence_decided": {
        **frozen.office_values(SITE.office),
        "unit": "Chi bộ Tổ dân phố 1",
        "meeting_title": "họp sơ kết quý III",
        "start": "14 giờ 00, thứ Năm, ngày 15/10/2026",
        "delegate": "",
        "delegated": False,
        "granted": True,
    },
    "refused": {
        **frozen.office_values(SITE.office),
        "person": "Hoàng Văn Nam",
        "order": "Công văn 152",
        "original_subject": "Công văn 152",
        "address": CLERK,
        "reason": "máy chủ không xác thực được địa chỉ gửi",
        "challenge": True,
    },
    "released": DIRECTIVE | CONFIRMED,
    "reminder": REMINDED,
    "reminder_coalesced": REMINDED | {"items": [REMINDED, INVITED | {"expected": "dự họp"}], "date": "13/10/2026"},
    "reminder_overdue": REMINDED,
    "secrecy_notice": {
        **frozen.office_values(SITE.office),
        "mailbox": "vanphong@anhoa.example.vn",
        "sender_address": CLERK,
        "received_at": "",
        "quarantine": "Mailbot/Cách ly",
    },
}
# What nothing plans yet stands here as its declared sample.
VALUES |= {name: dict(sample.values) for name, sample in SAMPLES.items() if name not in VALUES}
# A superior's confirmation is a letter to an office that knows nothing of tokens.
WITHOUT_TOKEN = {"receipt"}
# What a paper may lack; the mail about it must read as well without.
ONLY_SOMETIMES = frozenset(
    {"due_text", "due_last", "due_text_original", "urgency_tag", "attachments", "instruction", "contact", "signer"}
    | {"person", "leader", "ways"}
    | {"reason", "old_place", "previous_answer", "rsvp_text", "absent_text", "todo", "due", "figures", "orders"}
    | {"excluded", "unknown_lines", "paper_units", "doubts", "first_line", "received_at", "review", "issued_on"}
)
BARE = {
    name: {key: type(value)() if key in ONLY_SOMETIMES else value for key, value in values.items()}
    for name, values in VALUES.items()
}


def render(name: str, values: dict[str, Any] | None = None, spelling: str = "ủy") -> Letter:
    return Letters(SITE.templates, spelling=spelling).render(
        name, VALUES[name] if values is None else values, token=TOKEN, reply_to=REPLY_TO
    )


class Page(HTMLParser):
    """What a mail client would show of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.words: list[str] = []
        self.tags: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name == "href" and value]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_every_shipped_template_is_tested_here() -> None:
    assert set(VALUES) == set(Letters(SITE.templates).names())


@pytest.mark.parametrize("values", [VALUES, BARE], ids=["full", "bare"])
@pytest.mark.parametrize("name", VALUES)
def test_a_mail_is_whole(name: str, values: dict[str, dict[str, Any]]) -> None:
    letter = render(name, values[name])
    for text in (letter.subject, letter.text, letter.html):
        assert "None" not in text
        assert "undefined" not in text.lower()
        assert "{{" not in text
        assert "{%" not in text
    assert "\n\n\n" not in letter.text
    assert "\n" not in letter.subject
    assert letter.text == letter.text.strip() + "\n"
    assert not [line for line in letter.text.splitlines() if line != line.rstrip()]
    assert not re.search(r"\(\s*\)|:\s*;|\s[.,;]\s|  \(", letter.subject)
    assert len(letter.template_hash) == 64


@pytest.mark.parametrize("name", sorted(set(VALUES) - WITHOUT_TOKEN))
def test_the_token_ends_the_subject(name: str) -> None:
    assert render(name).subject.endswith(f" [#{TOKEN}]")


@pytest.mark.parametrize("name", VALUES)
def test_each_answer_is_a_button_that_writes_the_reply(name: str) -> None:
    letter = render(name)
    answers = [line.strip().split("   ")[0] for line in letter.text.splitlines() if line.startswith("    ")]
    page = Page(letter.html)
    buttons = [urlsplit(link) for link in page.links]
    assert [unquote(button.path) for button in buttons] == [REPLY_TO] * len(answers)
    assert [parse_qs(button.query)["body"] for button in buttons] == [[answer] for answer in answers]
    assert {parse_qs(button.query)["subject"][0] for button in buttons} <= {
        f"Re: {letter.subject.removeprefix('Re: ')}"
    }


@pytest.mark.parametrize("name", VALUES)
def test_the_page_says_what_the_text_says(name: str) -> None:
    letter = render(name)
    shown = " ".join("".join(Page(letter.html).words).split())
    for word in re.findall(r"[\w/.-]{4,}", letter.text):
        assert word.strip(".-/") in shown


def test_a_paper_of_units_that_are_only_informed_asks_for_no_answer() -> None:
    letter = render("directive", DIRECTIVE | {"ask": "none", "due_text": "", "due_last": ""})
    assert "Đã nhận" not in letter.text
    assert Page(letter.html).links == []


@pytest.mark.parametrize("name", ["directive", "reminder", "confirm_before_send", "clerk_list", "for_instruction"])
def test_markup_from_a_mail_stays_text(name: str) -> None:
    wicked = '<script>alert("x")</script><img src=x onerror=y> {{ 7 * 7 }} & co.'
    values = VALUES[name] | {"summary": wicked, "summary_short": wicked, "matters": [{"text": wicked}]}
    letter = render(name, values)
    assert wicked in " ".join(letter.text.split())
    assert not {"script", "img"} & Page(letter.html).tags
    assert "{{ 7 * 7 }}" in "".join(Page(letter.html).words)


def test_a_line_that_looks_like_an_answer_makes_no_foreign_link() -> None:
    wicked = "x\n    mailto:ke.xau@example.com?subject=a"
    letter = render("clerk_list", VALUES["clerk_list"] | {"matters": [{"text": wicked}]})
    assert {unquote(urlsplit(link).path) for link in Page(letter.html).links} <= {REPLY_TO}


# --- spelling ---


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Đảng ủy, ủy viên, ỦY BAN", "Đảng uỷ, uỷ viên, UỶ BAN"),
        ("hòa bình, hóa đơn, tòa", "hoà bình, hoá đơn, toà"),
        ("khỏe, xòe", "khoẻ, xoè"),
        ("thủy lợi, quý III, quốc gia, toàn quốc, hoàn thành", "thuỷ lợi, quý III, quốc gia, toàn quốc, hoàn thành"),
        ("loài, ngoài, thuyền, khuya, muỗi, của", "loài, ngoài, thuyền, khuya, muỗi, của"),
    ],
)
def test_house_spelling_is_one_in_the_whole_mail(written: str, shown: str) -> None:
    values = VALUES["clerk_list"] | {"matters": [{"text": written}]}
    assert f"1. {shown}\n" in render("clerk_list", values, spelling="uỷ").text
    assert f"1. {written}\n" in render("clerk_list", values).text


def test_old_spelling_reaches_subject_page_and_signature() -> None:
    letter = render("directive", spelling="uỷ")
    for text in (letter.text, "".join(Page(letter.html).words)):
        assert "ủy" not in text.lower()
    assert "signature" in letter.html


# --- templates of the office ---


@pytest.mark.parametrize(
    ("sources", "name", "place"),
    [
        ({"a.subject.j2": "x", "a.txt.j2": "một\nhai\n{{ thieu }}\n"}, "a", "a.txt.j2:3"),
        ({"a.subject.j2": "{{ thieu }}", "a.txt.j2": "x"}, "a", "a.subject.j2:1"),
        ({"a.subject.j2": "x", "a.txt.j2": "{% if %}"}, "a", "a.txt.j2:1"),
        (
            {"a.subject.j2": "x", "a.txt.j2": "x\n{% include '_b.txt.j2' %}", "_b.txt.j2": "\n{{ thieu }}"},
            "a",
            "_b.txt.j2:2",
        ),
        ({"a.subject.j2": "x", "a.txt.j2": "{{ n.thieu.sau }}"}, "a", "a.txt.j2:1"),
        ({"a.subject.j2": "x", "a.txt.j2": "{{ n / 0 }}"}, "a", "a.txt.j2:1"),
        ({"a.subject.j2": "x", "a.txt.j2": "{{ ''.__class__.__mro__ }}"}, "a", "a.txt.j2:1"),
        ({}, "a", "a"),
    ],
    ids=["unknown", "in the subject", "syntax", "in an include", "of a number", "division", "sandbox", "missing"],
)
def test_a_template_that_fails_is_named_with_its_line(sources: dict[str, str], name: str, place: str) -> None:
    page = {"page.html.j2": SITE.templates["page.html.j2"]}
    with pytest.raises(TemplateFailureError) as told:
        Letters(sources | page).render(name, {"n": 1}, token=TOKEN, reply_to=REPLY_TO)
    assert place in told.value.text.vi
    assert told.value.mend is not None


def test_an_offices_own_page_is_escaped_too() -> None:
    sources = {
        "a.subject.j2": "x [{{ ref }}]",
        "a.txt.j2": "{{ summary }}",
        "a.html.j2": "<html><body><b>{{ summary }}</b></body></html>",
    }
    letter = Letters(sources).render("a", {"summary": "<i>x</i>"}, token=TOKEN, reply_to=REPLY_TO)
    assert "&lt;i&gt;" in letter.html
    assert letter.subject == f"x [#{TOKEN}]"


def test_the_hash_tells_templates_apart_and_follows_what_they_include() -> None:
    first = Letters(SITE.templates)
    assert first.template_hash("directive") != first.template_hash("reminder")
    assert first.template_hash("directive") == Letters(dict(SITE.templates)).template_hash("directive")
    changed = SITE.templates | {"_signature.txt.j2": "khác"}
    assert first.template_hash("directive") != Letters(changed).template_hash("directive")
