"""How leaders word what they want done with a paper: the patterns by which their lines are read, on folded text."""

from __future__ import annotations

import re
from enum import StrEnum


class Part(StrEnum):
    """What somebody is to do with the paper; `given` leaves it open: a person handles it, a unit carries it out."""

    GIVEN = "given"
    LEAD = "lead"
    COOPERATE = "cooperate"
    EXECUTE = "execute"
    CONSOLIDATE = "consolidate"
    KNOW = "know"
    ATTEND = "attend"


# All patterns see folded text of the same length as what was written.
TITLE = r"(?:cac dong chi|cac d/c|dong chi|d/c|d\.c|dc(?= [^t])|anh|chi(?! bo| uy| doan| hoi| nhanh)|em|ong|ba(?= ))"
POLITE = re.compile(
    r"^(?:(?:vang|ok|oke|okay|oki|nhe|a|va|roi|thi|nhung|van phong|vp|chi dao|y kien(?: cua toi)?)\b[\s,:.!-]*)+"
    r"(?=\S)"
)
TAIL = re.compile(
    r"[\s,.!:;-]*\b(?:nhe|nha|a|giup|gium|ngay|luon|giup (?:toi|anh|em|minh)"
    r"|cam on(?: d/c| dong chi| em| anh| chi)?|thanks?)$"
)
# Lines that order nothing: greetings, thanks, what a phone puts below.
NOISE_LINE = re.compile(
    r"^(?:kinh gui|kinh chao|chao|em chao|thua)\b.{0,60}$"
    r"|^gui (?:van phong|vp|van thu|em|d/c van thu|cac dong chi)\s*[,:.!]*$"
    r"|^(?:xin )?(?:cam on|tran trong|thanks?|tks|than)\b.{0,40}$"
    r"|^(?:sent from|da gui tu|duoc gui tu|gui tu|get outlook|tai outlook|nhan tu|outlook for)\b.*$"
    r"|^--.*$|^(?:dt|sdt|tel|di dong|mobile|email)\s*[:.]?\s*[\d.+() a-z@-]+$|^[\d .+()-]{8,}$"
)
LIMIT = re.compile(
    r"[,\s]*\b(?P<lead>(?:(?:va )?(?:xong|hoan thanh|bao cao(?: ket qua)?(?: lai)?|gui|nop|trinh)\s+)?)"
    r"(?P<word>(?:thoi )?han(?: chot| cuoi)?(?: la)?\s*:?\s*(?:truoc|den het|den)?|truoc|cham nhat(?: la)?|muon nhat"
    r"|den het|het|trong|vao|xong|den)\s*:?\s+(?:ngay (?=thu|chu nhat|\d|mai))?"
)
DATED = re.compile(r"\d\s*[/.-]\s*\d")
NEXT_DAYS = re.compile(r"^(?:ngay )?(?:thu|th|chu nhat|cn)\b")

APPROVES = re.compile(
    r"^(?:toi |da |co ban |hoan toan )*(?:dong y|nhat tri|thong nhat|duyet|chap thuan|cho phep|ok|oke|okay|dc|duoc)\b"
    r"(?:\s+(?:voi|theo|nhu|cho|y kien|noi dung|phuong an|de xuat|du kien|cua|van phong|vp|tren|do|d/c|dong chi|em"
    r"|chuyen|gui|trien khai|thuc hien|phat hanh|di|tat ca|cac don vi|trinh)\b)*\s*[:.,]*"
)
SOMEBODY_ADDRESSED = re.compile(r"^(?:em|anh|chi|d/c|dong chi|vp|van phong|cac d/c|cac dong chi)$")
AS_PROPOSED = re.compile(r"^(?:nhu|theo)\s+(?:de xuat|du kien|y kien|van phong|vp|tren)(?:\s+(?:cua|van phong|vp))*$")
WITHOUT = re.compile(
    r"^(?:nhung |va |rieng )?(?:tru|ngoai tru|tru ra|bo|khong (?:chuyen|gui)|khong bao gom|khong gom)(?: cho| den)?\s+"
    r"(?P<who>.+)$"
)
ADDED = re.compile(r"^(?:va )?(?:them|bo sung|(?:chuyen|gui) them)(?: cho| den)?\s+(?P<who>.+)$")
KEEP = re.compile(
    r"^(?:cho |de )?(?:luu(?: lai)?(?: (?:ho so|van ban|vb|van phong|vp|vt|van thu|tham khao|theo doi|giup))*"
    r"|xep(?: ho so)?|theo doi(?: chung)?|(?:da )?biet|da xem|da doc|de biet"
    r"|khong (?:phai )?(?:chuyen|gui)(?: di| xuong| gi)?)$"
)
SUBMIT = re.compile(
    r"^(?:kinh )?(?:trinh|xin y kien|chuyen (?=d/c bi thu|dong chi bi thu|bi thu))(?: len)?(?: cua)?\s+(?P<who>.+?)"
    r"(?:\s+(?:xem xet|cho y kien|xin y kien|quyet dinh|chi dao|co y kien|xem|cho chi dao|xin chi dao)(?:.{0,40}))?$"
)
GIVES = re.compile(
    r"^(?:va |de nghi |nho |kinh |yeu cau )?(?:chuyen|giao|phan cong|gui|cu|moi|de nghi|yeu cau|nho|de|phan)"
    r"(?: nhiem vu| viec)?(?: cho| den| toi| sang| ngay(?= cho| d/c| dong chi| cac| chi bo)){0,2}\s+(?P<rest>.+)$"
)

# What somebody does, as it stands behind their name. The first that is found decides; the longest wording first.
DOES: tuple[tuple[Part, str], ...] = (
    (Part.LEAD, r"(?:lam )?(?:don vi |co quan )?(?:chu tri|c/tri|dau moi|chiu trach nhiem(?: chinh)?|phu trach)"),
    (Part.COOPERATE, r"(?:cung )?(?:phoi hop|p/hop|ho tro)|cung lam"),
    (Part.CONSOLIDATE, r"tong hop"),
    (Part.ATTEND, r"(?:tham )?du(?: hop| hoi nghi| thay)?|di (?:hop|du)|tham gia hop|di"),
    (Part.EXECUTE, r"(?:to chuc |trien khai )?(?:thuc hien|quan triet|thi hanh|pho bien)|trien khai"),
    (Part.KNOW, r"(?:de )?(?:biet|tham khao)|de nam"),
    (
        Part.LEAD,
        (
            r"(?:truc tiep )?(?:xu ly|giai quyet|tham muu|nghien cuu|soan(?: thao)?|du thao|chuan bi|tra loi|lam"
            r"|xay dung|theo doi|don doc|xem xet|de xuat|kiem tra|ra soat)"
        ),
    ),
)
DOING = re.compile("|".join(rf"(?P<p{index}>\b(?:{pattern})\b)" for index, (_, pattern) in enumerate(DOES)))
PARTS = {f"p{index}": part for index, (part, _) in enumerate(DOES)}
# `Chủ trì: đ/c Bình`, `chủ trì đ/c Bình`.
HEADED = re.compile(
    rf"^(?P<does>chu tri|phoi hop|thuc hien|tong hop|de biet|dau moi)\s*(?::|la|(?={TITLE}\b))\s*(?P<who>.+)$"
)
HEADS = {
    "chu tri": Part.LEAD,
    "dau moi": Part.LEAD,
    "phoi hop": Part.COOPERATE,
    "thuc hien": Part.EXECUTE,
    "tong hop": Part.CONSOLIDATE,
    "de biet": Part.KNOW,
}
# `chủ trì, phối hợp với Ban XDĐ`: whoever stands behind cooperates.
TOGETHER = re.compile(
    r"^\W*(?:va )?(?:phoi hop|cung)(?: voi| cung)?\s+(?!chat che|thuc hien|trien khai|xu ly)(?P<who>\S.*)$"
)
# What is done with the result is the officer's to read; whom it names gets nothing by it.
RESULT = re.compile(
    r"^(?:va |roi |sau do )?(?:bao cao|trinh|xin y kien|tham muu|de xuat|tong hop|du thao|soan|don doc|theo doi"
    r"|kiem tra|nghien cuu|chuan bi|thuc hien|trien khai|quan triet|xu ly|giai quyet|tra loi|ky|ban hanh|gui bao cao"
    r"|(?:gui|bao|noi)(?: cho| lai)? (?:toi|anh|chi)$|\(?qua (?:van phong|vp|ban|d/c)"
    r"|phoi hop(?: chat che| thuc hien| trien khai| xu ly)*$)(?![a-z])"
)
# What the one to whom a paper is submitted is asked for.
FOR_A_WORD = re.compile(r"^(?:va )?(?:xem xet|cho y kien|xin y kien|quyet dinh|chi dao|cho chi dao)\b[^,]{0,30}$")
# Words that would have to be carried out: behind a part that is understood they make the whole unclear.
OPERATIVE = re.compile(
    r"\b(?:tru|ngoai tru|khong|chua|khoan|dung (?:lai|gui|chuyen)|huy (?:bo|van ban)|neu|sau khi|truoc khi|sau do"
    r"|doi (?:y kien|den|hop)|luu|chuyen|(?<!tuyen )giao(?! duc| vien)|phan cong|them|rieng|ai|nao)\b|\?"
)
NO_NAME = re.compile(r"\b(?:ngay|hom|tuan|thang|nam \d|hop btv|hop bch|truoc mat|tam thoi)\b|\d\s*/\s*\d")
ASKS = re.compile(r"\?\s*$|^(?:da |co )?(?:ai|sao|the nao|vi sao)\b")
SENTENCE = re.compile(r"[;\n]+|(?<![/\d])(?<!\bd)(?<!\btp)\.(?=\s|$)|(?<=[a-z])\.(?=\s+[a-z])")
SHORT_NAME = 8
BRACKETS = re.compile(r"\(([^()]*)\)")
SOMEBODY = re.compile(rf"\b{TITLE}\b")
REPORTS_TO = re.compile(r"\b(?:bao cao|trinh|xin y kien|tham muu(?: cho)?|cho)(?: lai)?\s+$")
BEHIND_TITLE = re.compile(rf"\b{TITLE}\s+$")
