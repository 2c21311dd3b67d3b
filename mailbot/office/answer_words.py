"""How people word what they answer: the patterns by which an answer's meaning is told, on folded text."""

from __future__ import annotations

import re
from enum import StrEnum

from mailbot.office.text import fold
from mailbot.prefilter import Prefiltered


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


# `Gửi` that is done, not promised, and not what a letter is about: `công văn về việc gửi báo cáo`.
_HANDS_IN = (
    r"\b(?<!se )(?<!se xin )(?<!chua )(?<!viec )(?<!v/v )(?<!yeu cau )(?<!de nghi )(?<!han )(?<!gian )(?<!phai )"
    r"(?:gui|nop|xin gui|kinh gui|da gui|gui kem)\b"
)
# In order: negation beats agreement, the narrower beats the wider. All patterns see folded text.
RULES: tuple[tuple[Intent, Prefiltered], ...] = tuple(
    (intent, Prefiltered(pattern))
    for intent, pattern in (
        (
            Intent.RECALL_DONE,
            (
                r"\bda (?:thu hoi|thu lai|xoa|go(?: bo)?|huy|tieu huy)\b.{0,40}\b(?:van ban|cong van|thu|tep|file"
                r"|ban)\b"
                r"|\bda thu hoi\b"
                # The whole answer to a recall.
                r"|^\W*(?:(?:chi bo|don vi|em|toi)\W+)?da (?:xoa|huy|tieu huy)(?:\W+(?:roi|a|xong|het|nhe))*\W*(?:$|\n)"
                r"|^\W*(?:\w+ ){0,3}da (?:xoa|huy|tieu huy|go)(?: theo\b|[,.;])"
                r"|\bda (?:xoa|huy|go)\b[^.\n]{0,20}\b(?:zalo|nhom|khoi may|toan bo|tat ca)\b"
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
                # South of the passes one is late with `trễ`, and asks for it with `cho`.
                r"|(?<!dang )\b(?:cho|mong|nho)\b(?: phep)?(?: (?!hoi\b|biet\b)\w+){1,5} (?:nop"
                r"|gui)(?: \w+){0,3} (?:tre|cham|muon)\b"
                r"|\b(?:xin|cho|de nghi|mong)\b[^.\n]{0,20}\b(?:doi|chuyen|lui|hoan) (?:ngay|han|thoi (?:gian|han)) "
                r"(?:nop|gui|bao cao|hoan thanh)\b"
                r"|\bcho (?:\w+ ){0,3}khat\b|\blinh (?:dong|hoat)\b[^.\n]{0,40}\b(?:den|toi|sang|them)\b"
                # A day that is asked for is none on which it is done.
                r"|\b(?:xin|cho|mong)(?: (?!hoi\b|biet\b)\w+){0,4} (?:nop|gui)\b[^.,\n]{0,25}"
                r"\b(?:vao|den|sang|trong)\b (?=ngay \d|\d{1,2}[/.-]|thu|chieu|cuoi|dau|het|tuan|thang)"
                r"|\b(?:xin|cho(?: phep)?|de nghi|mong)\b[^.,\n]{0,30}\b(?:cham|tre|muon)\b[^.,\n]{0,15}\b(?:den|toi"
                r"|sang|vao|them) (?=\w)"
                r"|\b(?:xin|de nghi|cho phep|mong|cho)\b[^.\n]{0,40}\bthem\b[^.\n]{0,20}\b(?:hom|bua|thang|it lau)\b"
                r"|\b(?:de nghi|xin|mong|cho)\b[^.\n]{0,20}\blui\b(?! (?:cuoc |buoi |gio |lich )?hop)"
                r"|\b(?:nop|gui)(?: bao cao)? (?:cham|muon|tre|sau)\b[^.\n]{0,40}\bduoc khong\b|\bextension\b"
                r"|\bmore time\b"
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
                r"|\bkhong phai (?:\w+ )?(?:ben|cua|viec(?: cua)?|phan) (?:toi|chi bo|em|chung toi|minh|don vi|ben)\b"
                r"|\b(?:khong|chua) (?:co|duoc giao) (?:chuc nang|tham quyen|nhiem vu)\b"
                r"|\bthuoc (?:trach nhiem|tham quyen|nhiem vu|chuc nang)(?: \w+){0,2} cua\b"
                r"|\bkhong phai (?:gui|giao)(?: cho)? (?:chi bo|don vi|toi|em|chung toi|ben)\b"
                r"|\b(?:de nghi|nho|kinh|xin) chuyen (?:\w+ ){0,3}(?:cho|den|sang|qua) (?:don vi|phong|ban|hoi"
                r"|dang uy|co quan)\b"
                r"|\bgui lon\b(?! (?:file|tep|van ban|phu luc|ban))|\bkhong nam trong (?:danh sach|doi tuong"
                r"|thanh phan|pham vi)\b"
            ),
        ),
        (
            Intent.REJECT,
            (
                # What a leader's answer begins with; the reason behind it may sound like a unit's complaint.
                r"^\W*(?:khong gui\b(?! (?:duoc|kem|file|tep|thay))|khong (?:duyet|phat hanh|ky)\b)"
                r"|\bchua (?:ky|dat)\b|\b(?:lam|viet|soan|chinh) lai\b[^.\n]{0,40}\btrinh\b|(?<!se )\b(?:sua|bo sung"
                r"|chinh)\b[^.\n]{0,30}\broi (?:moi )?trinh\b"
                r"|^\W*(?:toi )?(?:khong|chua) (?:dong y|nhat tri|thong nhat) (?:voi )?(?:noi dung|muc|phan|du thao"
                r"|phat hanh)\b"
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
                r"|\bgui lai\b(?![^.\n]{0,30}\b(?:so dien thoai|sdt|dia chi)\b).{0,20}\b(?:giup|cho|file|tep)"
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
                r"|\b(?:doc|xem|mo|tai|bam|vao|in)(?: \w+){0,2} khong (?:duoc|ra|len|noi)\b|\bkhong (?:doc|mo"
                r"|xem) (?:ra|len|noi)\b"
                r"|\b(?:ky tu la|loi ky tu|loan chu|nhay chu|o vuong|ra chu la)\b|\bbi loi\b"
                r"|\b(?:thu|mail|email|file|tep|noi dung) (?:\w+ )?(?:trong (?:tron|khong|rong|hoac)|trang (?:tron"
                r"|xoa|tinh)|rong)\b"
                r"|\bmo ra\b[^.\n]{0,15}\b(?:trang|trong|loi)\b"
                r"|\b(?:phu luc|file|tep|bieu(?: mau)?)(?: so)?(?: \d{1,2})? dau (?:roi|a|vay|em|anh|chi|nhi|the)\b"
                r"|\b(?:phu luc|file|tep|dinh kem|bieu mau)\b[^.\n]{0,30}\b(?:nhung|ma|thi)(?: \w+)? (?:khong"
                r"|chua) (?:co|thay|kem)\b"
                r"|\b(?:so|ky hieu)(?: cua)? (?:van ban|cong van|giay moi)\b[^.\n]{0,20}\btrung\b|\btrung so\b"
                r"|\b(?:chi|moi) (?:nhan|co|thay)(?: duoc)?(?: \w+){1,4} thoi\b(?! (?:gian|han))"
                r"|\bnho\b[^.\n]{0,20}\bxem lai\b"
                # A thing that was sent, and what ails it.
                r"|\b(?:file|tep|phu luc|bieu(?: mau)?|dinh kem|van ban|cong van|giay moi|ban scan|ban mem|link|so"
                r"|ngay)\b[^.\n]{0,40}"
                r"\b(?:bi (?:vo|mat|hu|lech|cat|cut|rong|lung|nhoe)|khac nhau|khong khop|chua khop|khong ton tai"
                r"|khong hien|mat trang)\b"
                r"|\bmat (?:trang (?:dau|cuoi|\d)|chu\b|phu luc|mot trang)|\bbi vo (?:chu|font|bang)\b"
                r"|\bghi\b[^.\n]{3,40}\b(?:nhung|trong khi|con trong|ma (?:em|toi|chi|lai|thi|khong|chua|co))\b"
                r"|\bkhong (?:co|thay) (?:chu ky|con dau|ngay thang)\b|\b(?:thu|mail|email|file"
                r"|tep)\b[^.\n]{0,15}\bkhong (?:co|thay) gi\b"
                r"|\bgui lai (?:giup|gium|ho|dum)\b|\b(?:phong|font)(?: chu)? bi\b|\bbi (?:nhay|loan)\b"
                r"|\b(?:ghi|noi|kem)\b[^.\n]{0,15}\d[^.\n]{0,25}\bchi (?:co|thay|nhan)\b[^.\n]{0,12}\d"
                r"|\b(?:cannot|can\'t|unable to|could not) (?:open|download|read|view)\b|\b(?:no|missing"
                r"|without) (?:the )?attachment"
                r"|\bghi\b[^.\n]{3,40}\bcon\b[^.\n]{0,20}\bghi\b"
                r"|\bkhong (?:doc|mo|xem|luan|nhin|dich)(?: \w+)? (?:ra|noi)\b|\b(?:trang|chu|file|ban"
                r"|scan)\b[^.\n]{0,20}\bbi (?:den|nghieng|nguoc)\b"
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
                r"|\bphan cong (?:dong chi|d/c|anh|chi|ong|ba|em) [^.\n]{2,50}\b(?:du|di)(?: hop)?\b"
                r"|\bnho [^.\n]{2,50}\b(?:du|hop|di) (?:hop )?(?:gium|ho|thay)\b"
                # One cannot come, somebody else does.
                r"|\b(?:bi thu|toi|em|minh)\b[^.\n]{0,20}\b(?:di vang|ban|om|benh|di hoc|cong tac|truc"
                r"|nam vien)\b[^\n]{0,60}"
                r"\b(?:pho|d/c|dong chi|anh|chi(?! bo)|ong|ba)\b[^.\n]{0,40}\b(?:se )?(?:du|di hop|hop"
                r"|di)\b(?! (?:hoc|vang|cong tac|khong))"
                r"|\bgiao (?:cho )?(?:dong chi|d/c|anh|chi(?! bo)|ong|ba) [^.\n]{2,40}\b(?:du|di hop|hop)\b"
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
            Intent.TENTATIVE,
            (
                r"\bco the\b[^.\n]{0,20}\b(?:vang|ban|ket|khong (?:du|di|den|ve))\b"
                r"|\bchua biet (?:co )?(?:di|du|den|ve)\b"
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
                r"|\btrung (?:lich|gio|cuoc|voi (?:lich|cuoc|hoi nghi))\b|\bcho (?:em |toi |minh "
                r"|chi bo )?(?:xin )?vang\b"
                r"|\bket (?:lich|viec|hop|cong)\b"
                r"|\bxin phep(?: (?:anh|chi|a|vp|van phong|dong chi|d/c|cac dong chi))*\W*(?:$|\n)"
                r"|\b(?:mac|di|co|ban) (?:dam (?:tang|gio|cuoi|ma)|viec (?:hieu|hy))\b"
                r"|\b(?:dang|con) (?:\w+ )?(?:cach ly|nam vien|dieu tri)\b"
                r"|\b(?:unable to|cannot|can\'t|will not|won\'t) (?:attend|join|come|make it)\b"
            ),
        ),
        (
            Intent.ACCEPT,
            (
                # Who says that he comes, comes, however late.
                r"\b(?:co|se|van|xin) (?:du|tham du)(?: hop)?\b[^.\n]{0,30}\b(?:den|toi|vao) (?:muon|tre|cham)\b"
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
                r"|\bneu\b[^.\n]{0,30}\b(?:kip|khong ban|sap xep|thu xep|ranh|di duoc)\b|\bchua dam (?:hua|chac)\b"
                r"|\bbao lai sau\b"
                r"|\b(?:roi|moi) (?:moi |se )?(?:tra loi|bao lai|xac nhan) (?:duoc|lai|sau)\b"
                r"|\bde (?:xem|coi)\b[^.\n]{0,30}\bbao\b|\b50\s?/\s?50\b"
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
                r"|\b(?:toi|em|minh|chi bo|don vi) (?:se |van )?di (?:duoc|nhe|nha|a|nghen|day)\b"
                r"|\bdang ky(?: so luong)?\s*:\s*\d|\b(?:dong y|san sang) (?:tham gia|du|di)\b|^\W*du du\W*$"
                r"|\bse (?:\w+ ){0,4}(?:ve|den|toi|di) (?:du|hop)\b"
                r"|^\W*(?:toi |em )?co mat\W*$"
                r"|^\W*di (?:nhe|nha|duoc|a)\b|\b(?:ben (?:em|toi)|chi bo|don vi|chung toi"
                r"|to)\b[^.\n]{0,15}\bdi \d{1,2} (?:nguoi|dong chi|d/c)"
                r"|\b(?:will|shall) (?:attend|join|be there|participate)\b|\bconfirm\b[^.\n]{0,60}\battend"
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
                r"|\b(?:ban|mau|bieu|qua|theo)\b[^.?\n]{0,20}\bhay (?:la )?(?:ban|mau|bieu|qua|gui|theo|ca)\b"
                r"|\b(?:co|duoc|phai|can)\b[^.:\n]{0,50}\bkhong(?: (?:a|anh|chi|em|vay|nhi|the|dong chi|vp|ha|nhe|nha"
                r"|ta))*\W*(?:$|\n)"
                r"|\bhay\b[^.\n]{0,30}\b(?:vay|nhi|the|ha)(?: \w+)?\W*(?:$|\n)"
                r"|^(?!.*\bkhong\b)\W*(?:\w+ ){0,8}(?:nao|bao gio|khi nao)(?: (?:vay|a|the|anh|chi|em|nhi|hop|nop"
                r"|gui|xong))*\W*$"
                r"|\bhay (?!qua\b|lam\b|that\b)[^.\n]{0,20}\b(?:a|anh|chi|em)\W*$"
                r"|\bde nghi (?:vp|van phong)[^.\n]{0,20}\b(?:lam ro|cho biet|giai thich|xac nhan lai)\b"
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
                r"|\bdang (?:trinh|cho)\b|\bda lam (?:duoc|xong) \d"
                r"|\b(?:sang|trua|chieu|toi)(?: mai| nay| mot| thu \w+| ngay \d\S*)? (?:em|toi|chi bo|minh"
                r"|don vi)(?: se| moi| xin)? "
                r"(?:gui|nop)\b(?![^.\n]*\b(?:roi|xong)\b)"
                r"|^(?!.*\bnhan\b)(?:\W{0,3}\b\w{1,12}\b){0,4}\W{0,3}\bse (?:co gang )?(?:gui"
                r"|nop)\b(?! lai)[^.\n]{0,20}\b(?:truoc|trong|vao|ngay|chieu|sang|mai)\b"
                r"|\bda (?:giao|phan cong|chuyen)\b[^.\n]{0,40}\b(?:tham muu|thuc hien|xu ly|tong hop"
                r"|chuan bi)\b(?!.*\bnhan\b)"
                r"|\bcon (?:thieu|cho|doi|vuong)\b|\bdang (?:xin|nhap|in|nho|hoi)\b|\bmoi (?:lam|xong|duoc)\b"
                r"|\b(?:sang|trua|chieu|toi nay|toi mai|gio|mai|mot)\b[^.,\n]{0,25}\bse (?:gui|nop)\b"
                r"|\bcon \d+ [^.\n]{0,20}\bxong\b|\bdang ra\b"
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
                r"|\bbao cao\b[^.\n]{0,30}\bday(?: (?:a|anh|chi|em|nhe|nha))*\W*(?:$|\n)"
                r"|\b(?:chi bo|don vi|chi uy|em|toi) (?:xin )?bao cao(?: (?:van phong|vp|dong chi|anh|chi))?\s*[:,]"
                r"|^(?!.*\?)[^\n]*\b(?:tong so|ket qua|ty le|ti le)\b[^.\n?]{0,40}\d"
                r"|^\W*bao cao\b[^.\n]{0,40}\bnhu sau\b"
                r"|\bbao cao\b[^.\n]{0,15}\b(?:gui|dinh) kem\b"
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
            Intent.REJECT,
            (
                r"^\W*(?:chua duoc\b|dung(?: lai\b|,? chua\b| gui\b| phat hanh\b| voi\b)"
                r"|lam lai\b|de sau\W*$)|\btra lai\b[^.\n]{0,20}\b(?:bo sung|chinh sua|sua)\b"
            ),
        ),
        (
            Intent.APPROVE,
            (
                r"^(?![^\0]*\bda nhan\b)(?:[^.\n]{1,60}[.\n]\s{0,9})?\W*(?:(?:toi|anh|chi|minh|ok|oke|vang|duoc|dung"
                r"|hoan toan|co ban)\W+)*(?:nhat tri|dong y|thong nhat|duyet"
                r"|chap thuan|phat hanh|cho (?:gui|phat hanh|ban hanh|ky)|ky (?:va )?(?:ban hanh|phat hanh)|ban hanh"
                r"|gui di)\b"
            ),
        ),
        (
            Intent.PROGRESS,
            (
                r"\bdu kien\b[^.\n]{0,25}\b(?:hoan thanh|xong|gui|nop)\b"
                r"|\bdang (?:cai|hoc|cap nhat|bo sung|chinh|sua|hop|thong ke|phoi hop)\b"
            ),
        ),
        (
            Intent.REFUSE,
            (
                # Whoever is no longer there is not the one to ask; behind all that he may still do.
                r"\bkhong con (?:phu trach|cong tac|lam|giu|dam nhiem|nhiem vu|sinh hoat)\b"
                r"|\b(?:toi|em|minh) da (?:nghi huu|chuyen cong tac|nghi viec|thoi viec|chuyen don vi)\b"
                r"|\bthuoc (?:trach nhiem|tham quyen|nhiem vu|chuc nang)\b[^.\n]{0,40}\bkinh chuyen\b"
                r"|\bcua ben (?:cong an|quan su|mat tran)\b"
            ),
        ),
        (
            Intent.ACKNOWLEDGE,
            (
                r"\bda (?:nhan|tiep nhan|xem|doc|ro|nam)\b|\bnhan (?:duoc|du|roi)\b|\bxac nhan\b"
                r"|^\W*(?:da |vang |da vang )?(?:ok|oke|okay|ro|da ro|vang|duoc|noted"
                r"|received|roi)\b(?:,?\s+\w+){0,8}\W*$|\bwell received\b|\bse (?:trien khai|thuc hien"
                r"|chap hanh)\b|\btiep thu\b|\bnghiem tuc (?:trien khai|thuc hien)\b|\bgot it\b|^\W*nhan\W*$|👍"
                r"|\b(?:se|da) (?:in|trinh|pho bien|quan triet|sao gui|bao cao (?:dong chi|bi thu|lanh dao))\b"
                r"|\btiep nhan (?:van ban|cong van|thong tin|noi dung|giay moi|y kien)\b"
                r"|\bda tai\b[^.\n]{0,20}\b(?:ve|xuong|duoc)\b"
                r"|\bbiet roi\b|^\W*nhan tot\b"
                r"|\b(?:doc|coi|xem) roi\b|\b(?:chi bo|don vi|em|toi|minh)(?: \w+){0,4} nhan (?:duoc )?(?:van ban"
                r"|cong van|giay moi|mail|thu)\b"
                r"|\b(?:have|has|been|well) received\b|\backnowledge"
            ),
        ),
    )
)
# What the paper that was received is about: `đã nhận công văn về việc gửi báo cáo`.
_ABOUT = re.compile(
    r"\b(nhan(?: duoc)?(?: \w+){0,3} (?:van|moi|bao|hoach|dan|dinh|ban|thu)\b[^.,;\n]{0,40}?)"
    r"\b(?:ve|v/v|yeu cau|xin y kien|hoan|huy|gia han)\b[^.,;\n]*?(?=\b(?:nhung|tuy nhien|song)\b|[.,;\n]|$)"
)
# Who sent the wrong file himself and sends the right one; with a file, that is the report.
RESENDS = Prefiltered(
    r"\b(?:em|toi|minh|chi bo|don vi|hom qua|luc nay|nham)\b"
    r"(?:(?!\b(?:nho|de nghi|mong|van phong|vp|anh|chi(?! bo))\b)[^\n]){0,80}\bgui (?:lai|bo sung)\b"
    r"|\bgui (?:lai )?(?:ban|file|tep|bao cao)(?: bao cao)? (?:da )?(?:dung|chinh sua|hoan chinh|sua|thay the)\b"
)
_NOT_A_QUESTION = re.compile(r"https?://\S+")
# Folded, `vâng` (yes) would be `vắng` (absent), `hổng` and `chẳng` (not) other words, and `dự` (attend) `đủ` (enough).
_AS_WRITTEN = (
    (re.compile(r"(?i)\bvâng\b"), "oke"),
    (re.compile(r"(?i)\b(?:hổng|hông|chẳng|chả)\b"), "không"),
    (
        re.compile(
            r"(?i)\b(có|sẽ|vẫn|đều|xin|được|tôi|tui|em|mình|về|đi) dự"
            r"(?=\s*(?:$|[.,;!\n]|(?:nhé|nha|ạ|đúng|đủ|đầy|nhưng|và|buổi|cuộc|hội)\b))"
        ),
        r"\1 dự họp",
    ),
)
# How phones shorten: `ko dự đc`. `đc` is đồng chí as well, so only behind a verb is it được.
_SHORT = (
    (re.compile(r"\b(?:ko|kg|hok|k0|k(?= [a-z]))\b"), "khong"),
    (re.compile(r"\b(du|mo|di|xem|doc|nhan|gui|hop|tai|lam|den|vao|in|khong) (?:dc|dk)\b"), r"\1 duoc"),
    (re.compile(r"\br(?=\W*(?:$|\n| (?:a|nhe|em|anh|chi|nha)\b))"), "roi"),
    (re.compile(r"\bvb\b"), "van ban"),
    (re.compile(r"\btui\b"), "toi"),
    # What is promised stays promised behind `và`: `sẽ triển khai và gửi báo cáo`.
    (re.compile(r"\bse\b([^.\n;]{0,80}?)\bva (?=(?:gui|nop)\b)"), r"se\1va se "),
    # No fault is none, and a change that may come is none yet.
    (
        re.compile(
            r"\bkhong (?:co |bi |thay )?(?:loi|thieu|sai(?! pham)|hong|vuong)\b"
            r"(?: (?:font|gi|file|tep|phong|mac|trang|phu luc)\b)*"
        ),
        "on",
    ),
    (re.compile(r"\bneu co (?:gi |su )?thay doi\b[^.\n]{0,60}"), ""),
)


def plain_words(text: str) -> str:
    """Return an answer folded, what phones and dialects shorten written out, without what a received paper is about."""
    text = _NOT_A_QUESTION.sub(" ", text)
    for pattern, words in _AS_WRITTEN:
        text = pattern.sub(words, text)
    folded = fold(text)
    for pattern, words in _SHORT:
        folded = pattern.sub(words, folded)
    return _ABOUT.sub(r"\1", folded)
