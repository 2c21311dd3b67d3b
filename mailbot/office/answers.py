"""What people answer: acknowledgement, RSVP, report, problem, question."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from mailbot.office.limits import Anchors, read_limit
from mailbot.office.text import fold, squeeze
from mailbot.office.times import dates
from mailbot.prefilter import Prefiltered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class Intent(StrEnum):
    """What an answer means."""

    ACKNOWLEDGE = "acknowledge"
    PROBLEM = "problem"
    REFUSE = "refuse"
    ACCEPT = "accept"
    TENTATIVE = "tentative"
    DECLINE = "decline"
    DELEGATE = "delegate"
    REPORT = "report"
    PROGRESS = "progress"
    EXTENSION = "extension"
    QUESTION = "question"
    RECALL_DONE = "recall_done"
    APPROVE = "approve"
    REJECT = "reject"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Reply:
    """A person's answer, with what it names: the deputy, the day asked for, who comes, the items of a list.

    `posts` are those of the people named, by their names; `late` says that they come after the beginning.
    """

    intent: Intent
    text: str
    delegate: str | None = None
    until: date | datetime | None = None
    attendees: tuple[str, ...] = ()
    count: int | None = None
    numbers: Mapping[str, str] = field(default_factory=dict)
    posts: Mapping[str, str] = field(default_factory=dict)
    late: bool = False


_CAPITALS = "A-ZÀ-ÖØ-ÝĂĐĨŨƠƯ" + "".join(map(chr, range(0x1EA0, 0x1EFA, 2)))
_CAPITAL = rf"[{_CAPITALS}]\w*"
_NAME = re.compile(rf"{_CAPITAL}(?:[ \t]+{_CAPITAL}){{0,4}}")
# Folded. A title, and the posts that may stand between it and the name: `đ/c Phó Bí thư Lê Văn Sáu`.
_TITLE = r"(?:dong chi|d/c|ong|ba|anh|chi)\b(?! (?:bo|uy|hoi|doan|em)\b)\s*[.:]?\s+"
_POST = (
    r"(?:(?:pho|bi thu|chu tich|chu nhiem|chanh van phong|van phong|truong|giam doc|hieu truong|(?:\w+ )?uy vien"
    r"|thuong truc|can bo|chuyen vien|thu ky|to|ban|chi bo|chi uy|dang uy|cap uy)\b\s*)+"
)
_PERSON = Prefiltered(rf"\b{_TITLE}(?P<post>{_POST})?|\b(?P<alone>(?:pho|bi thu|chu tich|truong)\b\s*{_POST})")
_SENDS = re.compile(r"\b(?:cu|uy quyen|uy nhiem|phan cong|giao|nho|de nghi)(?: cho)?\s+$")
_LISTED = re.compile(rf"(?m)^\s*(?:\d{{1,2}}\s*[.)]|[-+*•])\s*(?P<name>{_NAME.pattern})\s*(?:$|[-–,;(:])")
_POSTS = re.compile(rf"^{_POST}")
# Behind a name: `Lê Văn Sáu, chức vụ Phó Bí thư, dự thay`; `Lê Văn Sáu (Phó Bí thư)`.
_POST_BEHIND = re.compile(rf"\s*[,(–-]\s*(?:chuc vu\s*:?\s*)?(?P<post>{_POST})")
_LATE = Prefiltered(r"\b(?:den|toi|du|hop|vao)(?: hop| du)? (?:muon|tre|cham)\b|\b(?:muon|tre|cham) \d{1,3} phut\b")
_INSTEAD = Prefiltered(r"\b(?:du|di|hop|tham du|tham gia|hoi nghi)\b[^.;\n]{0,20}\bthay\b")
_COUNT = Prefiltered(
    r"(?:dang ky|du|tham du|tham gia|cu|gom|co)\b[^.\n\d]{0,30}?:?\s*(\d{1,3})\s*(?:dong chi|d/c|nguoi|dai bieu"
    r"|ban\b|dang vien|doan vien|can bo|hoc vien|anh chi)"
)
_ITEM = re.compile(r"(?m)^\s*(\d{1,2})\s*[.):\-–]\s*(\S[^\n]*)$")
_FROM_TO = Prefiltered(r"\b(?:tu|thay vi)\b.{0,60}?\b(?:sang|den|thanh|qua)\b(.{0,60})", re.DOTALL)
_TILL = Prefiltered(r"\b(?:den het|den|vao|truoc|sang|toi|trong)\s+(?=\w)")
# Stands for the unknown day of a mail: only dates with their year count then.
_NO_DAY = date(2000, 1, 1)

# `Gửi` that is done, not promised, and not what a letter is about: `công văn về việc gửi báo cáo`.
_HANDS_IN = (
    r"\b(?<!se )(?<!se xin )(?<!chua )(?<!viec )(?<!v/v )(?<!yeu cau )(?<!de nghi )(?<!han )(?<!gian )(?<!phai )"
    r"(?:gui|nop|xin gui|kinh gui|da gui|gui kem)\b"
)
# In order: negation beats agreement, the narrower beats the wider. All patterns see folded text.
_RULES: tuple[tuple[Intent, Prefiltered], ...] = tuple(
    (intent, Prefiltered(pattern))
    for intent, pattern in (
        (
            Intent.RECALL_DONE,
            (
                r"\bda (?:thu hoi|xoa|huy|tieu huy)\b.{0,40}\b(?:van ban|cong van|thu|tep|file|ban)\b|\bda thu hoi\b"
                # The whole answer to a recall.
                r"|^\W*(?:(?:chi bo|don vi|em|toi)\W+)?da (?:xoa|huy|tieu huy)(?:\W+(?:roi|a|xong|het|nhe))*\W*(?:$|\n)"
            ),
        ),
        (
            Intent.EXTENSION,
            (
                r"\b(?:xin|de nghi|cho phep|mong)\b.{0,60}\b(?:gia han|lui (?:thoi (?:gian|han)|han|ngay)"
                r"|keo dai thoi|nop (?:cham|muon)|gui (?:cham|muon))|\bxin (?:gia han|lui)\b"
                r"|\b(?:xin|cho|de nghi)\b[^.\n]{0,30}\blui (?:lai )?(?:den|sang|thoi|han)\b"
                r"|\bxin\b[^.\n]{0,40}\b(?:nop|gui|bao cao)\b[^.\n]{0,30}"
                r"(?:\b(?:cham|muon|tre)\b(?! nhat| em)|(?<!nhu )\bsau\b)"
                r"|\b(?:xin|xin phep|de nghi|cho phep|mong|cho)\b[^.\n]{0,40}\bthem\b[^.\n]{0,20}\b(?:ngay|tuan"
                r"|thoi gian)\b"
                r"|\b(?:xin|cho|de nghi)(?: phep)?(?: duoc| phep| cho)\b[^.\n]{0,30}\b(?:nop|gui"
                r"|bao cao)\b[^.\n]{0,30}"
                r"\b(?:vao|den|sang|truoc)\b (?=\d|ngay|thu|chieu|sang|cuoi|dau|het|tuan|thang)"
                r"|\bxin (?:khat|hoan|cham|tre)\b(?! hop)|\bxin den (?=\d|ngay|het|thu\b|cuoi|tuan|mai)"
                r"|\bxin doi (?:han|thoi)"
                r"|\b(?:chua|khong) kip\b[^.\n]{0,60}\b(?:xin|cho|mong|de nghi)\b"
            ),
        ),
        (
            Intent.REFUSE,
            (
                r"\bkhong (?:thuoc|phai) (?:tham quyen|trach nhiem|pham vi|nhiem vu|don vi)"
                r"|\bgui nham\b(?! (?:file|tep|van ban|phu luc|ban))"
                r"|\bnham (?:don vi|dia chi)|\bkhong phai cua (?:don vi|chi bo)|\btra lai (?:van ban"
                r"|cong van)|\bkhong (?:lien quan|thuoc (?:chi bo|dang uy|don vi|dia ban|dien|doi tuong|linh vuc"
                r"|chuc nang|nganh|phuong|to)\b(?! vi pham))|\bthuoc (?:trach nhiem|tham quyen|nhiem vu) cua\b"
                r"|\bxem lai noi nhan\b|\b(?:khong phai|khong la) viec cua\b"
                r"|\bdo (?:ban|phong|hoi|doan|ubnd|van phong|mat tran)\b[^.\n]{0,30}\b(?:phu trach|thuc hien"
                r"|quan ly)\b"
                r"|\bda (?:giai the|sap nhap)\b|\bkhong (?:phu trach|duoc giao)\b|\bchuyen nham\b"
                r"|\bkhong thuc hien (?:noi dung|nhiem vu|viec) nay\b"
                r"|\b(?:de nghi|nho|kinh) chuyen (?:cho|den|sang|qua) (?:don vi|phong|ban|chi bo|hoi)\b"
                r"|\b(?:de nghi|nho|kinh) chuyen (?:cho |sang )?(?:dong chi|d/c) khac\b"
            ),
        ),
        (
            Intent.PROBLEM,
            (
                r"\bchua nhan (?:duoc|du)|\bkhong (?:nhan|mo|doc|xem|tai|vao|in|giai nen|truy cap"
                r"|dang nhap)(?: \w+){0,2} duoc\b"
                r"|\bkhong (?:truy cap|vao duoc|thay (?:file|tep|van ban|phu luc|dinh kem|noi dung))"
                r"|\bchua (?:mo|doc|xem|tai) duoc"
                r"|\b(?:chua|khong) thay\b.{0,30}\b(?:file|tep|dinh kem|phu luc|van ban|cong van)"
                r"|\b(?:file|tep|van ban|font|phong chu)\b.{0,20}\bloi\b|\bloi (?:font|file|tep|phong)"
                r"|\bthieu (?:\d{1,2} |mat |\w+ )?(?:phu luc|file|tep|trang|bieu|dinh kem|van ban)"
                r"|\b(?:de nghi|nho|xin|mong)\b[^.\n]{0,30}\bgui (?:lai|bo sung|them)\b"
                r"|\bgui (?:\w+ )?(?:file|ban|tep)\b[^.\n]{0,20}\b(?:giup|cho)\b"
                r"|\b(?:file|tep|van ban)\b[^.\n]{0,20}\bbi (?:khoa|mat|vo|nhoe)\b"
                r"|\bgui lai\b.{0,20}\b(?:giup|cho|file|tep)"
                r"|\b(?:gui )?nham (?:file|tep|van ban|phu luc|ban)\b|\b(?:sai|khong dung) (?:file|tep|phu luc"
                r"|bieu)\b"
                r"|\b(?:file|tep|dinh kem|ban scan|phu luc|van ban|cong van)\b[^.\n]{0,30}\b(?:khong dung"
                r"|bi trang|trang,"
                r"|bi hong|bi loi|mo qua|qua mo|bi mo|khong ro|thieu)\b"
                r"|\bkhong (?:co|kem) (?:file|tep|dinh kem|phu luc|noi dung\b(?! (?:moi|phat sinh|thay doi))"
                r"|mat khau)\b|\bquen (?:dinh kem"
                r"|gui file)\b"
                r"|\b(?:file|tep|link|duong dan)\b[^.\n]{0,20}\b(?:hu|hong|het han)\b|\bbao (?:\w+ )?(?:loi|hong)\b"
                r"|\b(?:ghi |bi |la )?sai (?:nam|ngay|so|ten|noi dung|thong tin|chinh ta|gio|dia diem)\b"
                r"|\b(?:chi|moi) (?:nhan|co|thay)(?: duoc)? (?:\d{1,2}|mot) (?:file|tep|trang|phu luc|van ban)\b"
                r"|\b(?:xin|can|yeu cau|hoi|cho|doi|co dat) (?:cho |xin )?(?:mat khau|pass|password)\b"
                r"|\b(?:nho|de nghi)\b[^.\n]{0,20}\bkiem tra(?: lai)?\b"
                r"|\b(?:chua|khong) co\b[^.\n]{0,20}\b(?:file|tep|phu luc) (?:dinh )?kem\b"
            ),
        ),
        (
            Intent.DELEGATE,
            (
                r"\b(?:cu (?=dong chi|d/c|anh |chi |ong |ba |em |can bo|nguoi|pho |dai dien)"
                r"|(?:uy quyen|uy nhiem)(?: cho)?\b)"
                r".{0,80}\b(?:du thay|di thay|thay|tham du|du hop|hop|du)\b"
                r"|\buy (?:quyen|nhiem) cho\b|\bcu \d{1,2} [^.\n]{0,30}\bthay\b"
                r"|\bnho [^.\n]{2,50}\b(?:du|hop|di) (?:hop )?giup\b"
                r"|\b(?:du|di)(?: hop| hoi nghi)? thay\b|\b(?:hop|tham du|tham gia) thay\b"
            ),
        ),
        (
            Intent.ACCEPT,
            (
                r"\bkhong (?:co (?:dong chi|ai)(?: nao)? )?vang\b|\bkhong (?:ai|dong chi nao) vang"
                r"|\bvang(?: mat)?(?:\s*:\s*(?:0+\b|khong\b)|\s+0+\b)"
                # So many come, so many excuse themselves: the unit comes.
                r"|\b(?:du|tham du|co mat)(?: hop)?\s*:?\s*(?:0?[1-9]|[1-9]\d)\b[^.\n]{0,60}\bvang\b"
            ),
        ),
        (
            Intent.DECLINE,
            (
                r"\b(?:xin|xin phep|bao) (?:duoc )?vang|\bvang mat\b|\bkhong (?:the )?(?:du|tham du"
                r"|tham gia|den|di|ve|co mat|sap xep)(?: hop)?(?: duoc)?\b|\bkhong (?:du|hop) duoc\b"
                r"|\bxin phep khong\b"
                r"|\bxin (?:phep )?(?:duoc )?nghi(?: hop| buoi| cuoc)?\b(?! (?:quyet|dinh))|\bxin kieu\b"
                r"|\bkhong (?:the )?cu (?:duoc|ai)\b|\bkhong (?:the )?(?:toi|thu xep|bo tri)(?: \w+)? duoc\b"
                r"|\bcao loi\b"
                r"|\bkhong the (?:toi|thu xep|bo tri)\b|\bnen vang\b|\bxin phep\b[^.\n]{0,40}\bvang\b"
                r"|\bkhong co (?:dong chi|ai|nguoi)(?: nao)? (?:du|di|tham du|hop)\b|\bvang (?:co (?:phep"
                r"|ly do)|vi|do|ly do)\b"
            ),
        ),
        (
            Intent.TENTATIVE,
            (
                r"\bse (?:co gang|(?:bao|xac nhan)(?: lai)?(?: van phong| dong chi)? (?:lai|sau))\b"
                r"|\bse (?:bao lai|co gang)\b|\bchua (?:chac|biet (?:co )?du)\b|\bneu (?:kip|sap xep|thu xep)\b"
                r"|\bden muon\b|\bco the (?:\w+ )?(?:se )?den\b|\bchua (?:sap xep|thu xep|xac dinh"
                r"|quyet dinh)\b|\bse (?:tra loi|phan hoi|bao) (?:sau|lai"
                r"|van phong)\b"
                r"|\bco the (?:se )?(?:du|tham du"
                r"|den muon)|\bxin den muon"
            ),
        ),
        (
            Intent.ACCEPT,
            (
                r"\b(?:se |xac nhan |dang ky )?(?:du hop|tham du|du day du|tham gia (?:hop|day du))\b"
                r"|\bdang ky du\b|\b(?:se|em|toi) (?:se )?(?:ve )?(?:du\b(?! (?:kien|thao|an|phong|toan|bi))"
                r"|den\b(?! (?:\d|ngay|nay|het|thoi))|toi (?:du|hop)\b|co mat\b|di hop\b|di du\b)"
                r"|\bcu \d{1,2} [^.\n]{0,30}\b(?:di hop|hop|du)\b|\bdang ky (?:so luong )?:? ?\d"
                r"|\btham gia (?:du |day |\d)"
                r"|\b(?:(?:bi thu|chu tich|truong (?:ban|phong|thon|khu))(?: (?:chi bo|dang uy|hoi|mat tran|ubnd"
                r"|phuong))?|(?:d/c|dong chi) [a-z ]{3,30}?) (?:se )?du\b"
                r"(?! (?:kien|thao|thay|toan|an|phong|bi))|\bdu thanh phan\b"
                r"|\bco mat (?:dung gio|day du)"
                r"|\bxac nhan du\b|\bdi (?:hop|du) (?:dung gio|day du|duoc)\b"
            ),
        ),
        (
            Intent.QUESTION,
            (
                r"\?\s*(?:$|\n)|\bo dau\b|\bmay gio\b|\b(?:duoc|dung|phai|can) khong (?:a|anh|em|chi"
                r"|dong chi)?\W*(?:$|\n)"
                r"|\b(?:nhu the nao|the nao|ra sao|bao nhieu)\W*(?:a|vay)?\W*(?:$|\n)|\bco can\b[^.\n]{0,60}\bkhong\b"
                r"|\b(?:xin|cho) (?:(?:em|toi|minh|chi bo) )?(?:hoi|duoc hoi|biet)\b|\bcho hoi\b"
                r"|\bco phai\b[^.\n]{0,60}\bkhong\b|\bxin (?:mau|bieu mau|file mau|huong dan)\b"
                r"|\bxin y kien\b|\bde nghi\b[^.\n]{0,30}\bhuong dan\b"
                r"|\bchua (?:ro|hieu) (?:cach|noi dung|muc|ve|phan|bieu|cho)\b|\bchua ro(?=[.,\s]*(?:$|\n))"
            ),
        ),
        (
            Intent.PROGRESS,
            (
                r"\bdang (?:lay|hop|to chuc|hoan tat|kiem tra|lap|viet|chuan bi|thu|tien hanh|don doc|cho"
                r"|tong hop|trien khai|thuc hien|hoan thien|xay dung|ra soat|xu ly|soan|lam)\b"
                r"|\bda hoan thanh (?:khoang )?\d{1,2} ?%|\bhoan thanh (?:khoang|duoc) \d"
                r"|\b(?:den nay |moi |da )(?:co|duoc|xong|thu|nop)\b[^.\n]{0,20}\b\d{1,4} ?(?:/ ?\d{1,4}\b|%)"
                r"|\btrien khai (?:den|duoc|cho) \d|\b(?:co ban|gan) (?:da )?(?:hoan thanh|xong)\b"
                r"|\bsap (?:xong|hoan thanh)\b"
                r"|\bchua (?:xong|hoan thanh|lam xong|co (?:so lieu|bao cao|ket qua)|tong hop|to chuc|hop)\b"
                # A promise of the report is none yet.
                r"|\b(?:mai|chieu nay|toi nay|tuan sau|lat nua|ti nua|sang mai|chieu mai|dau tuan|cuoi tuan"
                r"|trong tuan)\b"
                r"(?: (?:em|toi|chi bo|minh|don vi|xin)){0,2} (?:se )?(?:gui|nop)\b"
                r"|^\W*(?:chi bo |don vi )?se (?:gui|nop)(?: bao cao)? (?:vao |trong )?ngay\b"
            ),
        ),
        (
            Intent.REPORT,
            (
                rf"{_HANDS_IN}.{{0,40}}\bbao cao\b|^\W*(?:bao cao|ket qua)\s*:"
                r"|\b(?:dinh kem|kem theo)\b[^.\n]{0,20}\bbao cao\b|\bbao cao van phong\b"
                r"|\bbao cao (?:ket qua"
                r"|theo)\b.{0,80}\b(?:kem|dinh kem)|\bkhong phat sinh\b|\bxin bao cao\b"
                r"|\bkhong co\b[^.\n]{0,40}\b(?:phat sinh|vi pham|truong hop nao)\b"
                rf"|{_HANDS_IN}(?! lai)[^.\n]{{0,30}}"
                r"\b(?:danh sach|bieu mau|so lieu|bien ban|ket qua|ho so|phieu|tong hop|ban dang ky)\b"
                # What an officer answers to an assignment: the paper that settles it, by its number.
                r"|^\W*da xong\b[^.\n]{0,10}\b(?:van ban|bao cao|cong van|to trinh) so\b"
            ),
        ),
        (
            Intent.REJECT,
            (
                r"^\W*(?:khong (?:dong y|gui|duyet|phat hanh|nhat tri)|chua (?:dong y|duyet|phat hanh|nhat tri)"
                r"|chua gui (?:voi|da|di|nhe|ngay)|tam dung|khoan (?:gui|phat hanh|da)|dung (?:gui|phat hanh)\b)"
                r"|\bde (?:toi|anh|minh) xem (?:lai|da|them)\b"
            ),
        ),
        (
            Intent.APPROVE,
            (
                r"^\W*(?:(?:toi|ok|oke|vang|duoc|co ban)\W+)*(?:nhat tri|dong y|thong nhat|duyet|chap thuan|phat hanh"
                r"|cho (?:gui|phat hanh)|gui di)\b"
            ),
        ),
        (
            Intent.ACKNOWLEDGE,
            (
                r"\bda (?:nhan|tiep nhan|xem|doc|ro|nam)\b|\bnhan (?:duoc|du|roi)\b|\bxac nhan\b"
                r"|^\W*(?:da |vang |da vang )?(?:ok|oke|okay|ro|da ro|vang|duoc|noted"
                r"|received|roi)\b(?:,?\s+\w+){0,3}\W*$|\bwell received\b|\bse (?:trien khai|thuc hien"
                r"|chap hanh)\b|\btiep thu\b|\bnghiem tuc (?:trien khai|thuc hien)\b|\bgot it\b|^\W*nhan\W*$|👍"
                r"|\b(?:se|da) (?:in|trinh|pho bien|quan triet|sao gui|bao cao (?:dong chi|bi thu|lanh dao))\b"
            ),
        ),
    )
)
_NOT_A_QUESTION = re.compile(r"https?://\S+")
# What the paper that was received is about: `đã nhận công văn về việc gửi báo cáo`.
_ABOUT = re.compile(
    r"\b(nhan(?: duoc)?(?: \w+){0,3} (?:van|moi|bao|hoach|dan|dinh|ban|thu)\b[^.,;\n]{0,40}?)"
    r"\b(?:ve|v/v|yeu cau|xin y kien|hoan|huy|gia han)\b[^.,;\n]*?(?=\b(?:nhung|tuy nhien|song)\b|[.,;\n]|$)"
)
# Folded, `vâng` (yes) would be `vắng` (absent).
_YES = re.compile(r"(?i)\bvâng\b")
# How phones shorten: `ko dự đc`. `đc` is đồng chí as well, so only behind a verb is it được.
_SHORT = (
    (re.compile(r"\b(?:ko|kg|hok|k0|k(?= [a-z]))\b"), "khong"),
    (re.compile(r"\b(du|mo|di|xem|doc|nhan|gui|hop|tai|lam|den) (?:dc|dk)\b"), r"\1 duoc"),
    (re.compile(r"\br(?=\W*(?:$|\n| (?:a|nhe|em|anh|chi)\b))"), "roi"),
    (re.compile(r"\bvb\b"), "van ban"),
)


def read_reply(text: str, *, has_report: bool, sent_on: date | None) -> Reply:
    """Read what a person wrote (own words only, normalized); `has_report` when a report (BC) hangs on the mail."""
    folded = _spelled_out(fold(_YES.sub("oke", _NOT_A_QUESTION.sub(" ", text))))
    intent = next((intent for intent, pattern in _RULES if pattern.search(folded)), Intent.NONE)
    if has_report and intent in {Intent.NONE, Intent.ACKNOWLEDGE, Intent.PROGRESS, Intent.REPORT}:
        intent = Intent.REPORT
    comes = intent in {Intent.ACCEPT, Intent.DELEGATE}
    count = _COUNT.search(folded) if comes else None
    return Reply(
        intent=intent,
        text=text,
        delegate=_deputy(text, fold(text)) if intent is Intent.DELEGATE else None,
        until=day_asked_for(folded, sent_on) if intent is Intent.EXTENSION else None,
        attendees=_attendees(text) if comes else (),
        count=int(count[1]) if count else None,
        numbers={number: squeeze(words) for number, words in _ITEM.findall(text)[:50]},
        posts=dict(_posts(text)) if comes else {},
        late=intent in {Intent.ACCEPT, Intent.TENTATIVE} and _LATE.search(folded) is not None,
    )


def _spelled_out(folded: str) -> str:
    """The words that phones shorten, written out, without what a received paper is about."""
    for pattern, words in _SHORT:
        folded = pattern.sub(words, folded)
    return _ABOUT.sub(r"\1", folded)


def _people(text: str, folded: str) -> Iterator[tuple[int, str, bool]]:
    """Yield the people whom a text names with a title: the place, the name or else the post, and whether by name."""
    for match in _PERSON.finditer(folded):
        name = _NAME.match(text, match.end())
        if name is not None and " " in name[0]:
            yield match.start(), squeeze(name[0]), True
        elif match["post"] or match["alone"]:
            yield match.start(), squeeze(text[match.start("post" if match["post"] else "alone") : match.end()]), False


def _posts(text: str) -> Iterator[tuple[str, str]]:
    """Yield (name, post) of the people whom an answer names with a post, before the name or behind it."""
    folded = fold(text)
    named = [(match.start("name"), None) for match in _LISTED.finditer(text)]
    titled = [(match.end(), match.span("post") if match["post"] else None) for match in _PERSON.finditer(folded)]
    for place, before in (*named, *titled):
        name = _NAME.match(text, place)
        if name is None or " " not in name[0]:
            continue
        behind = _POST_BEHIND.match(folded, name.end())
        span = before or (behind.span("post") if behind else None)
        if span is not None:
            yield squeeze(name[0]), squeeze(text[slice(*span)])


def _deputy(text: str, folded: str) -> str | None:
    """Who comes instead: behind `cử`, `ủy quyền`, else the last one before `dự thay`; by name, else by post."""
    people = list(_people(text, folded))
    sent = [person for person in people if _SENDS.search(folded[max(0, person[0] - 30) : person[0]])]
    if not sent:
        instead = _INSTEAD.search(folded)
        sent = [person for person in people if instead and person[0] < instead.start()][::-1]
    best = next((person for person in sent if person[2]), next(iter(sent), None))
    return best[1] if best is not None else None


def _attendees(text: str) -> tuple[str, ...]:
    """The people named as coming: behind a title (`đ/c`), or a line each; a post alone is nobody's name."""
    places = [(place, name) for place, name, named in _people(text, fold(text)) if named]
    places += [(match.start("name"), squeeze(match["name"])) for match in _LISTED.finditer(text)]
    names = (name for _, name in sorted(places) if " " in name and not _POSTS.match(fold(name)))
    return tuple(dict.fromkeys(names))[:50]


def day_asked_for(folded: str, sent_on: date | None) -> date | None:
    """The day asked for: in `từ A sang B` the second, else the last one named, else what is said behind `đến`."""
    reference = sent_on or _NO_DAY
    moved = _FROM_TO.search(folded)
    found = list(dates(moved[1], reference)) if moved else []
    found = found or list(dates(folded, reference))
    if found:
        last = found[-1]
        return last.day if sent_on is not None or not last.inferred else None
    if sent_on is None:
        return None
    limits = (  # of which only the day counts, in any zone
        read_limit(folded[match.end() :], match[0].startswith("truoc"), Anchors(None, sent_on, "UTC"), None)
        for match in _TILL.finditer(folded)
    )
    return next((limit.day for limit in limits if limit is not None), None)
