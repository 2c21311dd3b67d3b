"""A person's own words stand alone: quotes, in the tongues of mail programs, and signatures go, sentences stay."""

import pytest

from mailbot.mail.html import html_to_text
from mailbot.mail.replies import own_text, without_name
from mailbot.office.text import normalize_and_fold

OWN = "Đã nhận đủ.\nChi bộ sẽ dự họp."
QUOTED = ("Kính gửi các chi bộ,", "Đề nghị báo cáo trước ngày 20/12/2019.", "Trân trọng.")
# What programs put above a quote.
ABOVE = """
---- On Wed, 24 Feb 2021 14:02:50 +0530 john@a.example wrote ----
~
---- Vào T4, 24 thg 2 2021 14:02:50 +0700 john@a.example đã viết ----
~
Vào Th 6, 6 thg 12, 2019 vào lúc 08:10 Văn thư Quận <vt@a.example> đã viết:
~
Vào 08:10, Th 6, 6 thg 12, 2019 Văn thư Quận <vt@a.example> đã
viết:
~
On Fri, Dec 6, 2019 at 8:10 AM Văn thư Quận ủy An Hòa rất dài tên <vt@a.example>
wrote:
~
On Fri, Dec 6, 2019 at 8:10 AM Văn thư Quận <
vt@a.example> wrote:
~
Am Mi., 5. Feb. 2020 um 17:58 Uhr schrieb Company Questions
<q@a.example>:
~
Am 05.02.2020 um 17:58 schrieb Company:
~
Op wo 5 feb. 2020 om 17:58 schreef Jan <j@a.example>:
~
W dniu 2020-02-05 o 17:58, Jan <j@a.example> pisze:
~
śr., 5 lut 2020 o 17:58 Jan <j@a.example> napisał(a):
~
Den ons. 5. feb. 2020 kl. 17.58 skrev Jan <j@a.example>:
~
Den ons 5 feb. 2020 kl 17:58 skrev Jan <j@a.example>:
~
ons. 5. feb. 2020 kl. 17:58 skrev Jan <j@a.example>:
~
ke 5. helmik. 2020 klo 17.58 Jan <j@a.example> kirjoitti:
~
El mié., 5 feb. 2020 a las 17:58, Jan (<j@a.example>) escribió:
~
Il giorno mer 5 feb 2020 alle ore 17:58 Jan <j@a.example> ha scritto:
~
Em qua., 5 de fev. de 2020 às 17:58, Jan <j@a.example> escreveu:
~
Le mer. 5 févr. 2020 à 17:58, Jan <j@a.example> a écrit :
~
ср, 5 февр. 2020 г. в 17:58, Jan <j@a.example>:
~
5 февраля 2020 г., 17:58, Jan <j@a.example> написал:
~
Jan <j@a.example> 于2020年2月5日周三 17:58写道：
~
在 2020年2月5日，17:58，Jan <j@a.example> 写道：
~
2020年2月5日(水) 17:58 Jan <j@a.example>:
~
2020/02/05 17:58、Jan <j@a.example>のメール:
~
2020년 2월 5일 (수) 오후 5:58, Jan <j@a.example>님이 작성:
~
st 5. 2. 2020 v 17:58 odesílatel Jan <j@a.example> napsal:
~
Jan <j@a.example>, 5 Şub 2020 Çar, 17:58 tarihinde şunu yazdı:
~
เมื่อ พ. 5 ก.พ. 2020 เวลา 17:58 Jan <j@a.example> เขียนว่า:
~
Vào 6 thg 12, 2019, lúc 08:10, Văn thư <vt@a.example> đã viết:
~
Vào ngày 6 thg 12, 2019, lúc 08:10, Văn thư Quận đã viết:
~
Vào lúc 08:10 06/12/2019, Văn thư đã viết:
~
On 06/12/2019 08:10, Văn thư wrote:
~
Vào Thứ Sáu, 6 tháng 12, 2019 lúc 08:10:02 GMT+7, Văn thư <vt@a.example> đã viết:
~
Văn thư <vt@a.example> wrote (2019-12-06 08:10):
~
________________________________
From: VT <vt@a.example>
Sent: Friday, December 6, 2019 8:10 AM
To: CB
Subject: Họp
~
Từ: VT <vt@a.example>
Đã gửi: 06 Tháng Mười Hai 2019 8:10 SA
Tới: CB
Chủ đề: Họp
~
*Từ:* VT <vt@a.example>
*Đã Gửi:* 06 Tháng Mười Hai 2019
*Đến:* CB
*Chủ đề:* Họp
~
Get Outlook for iOS<https://aka.ms/o0ukef>
________________________________
From: VT <vt@a.example>
Sent: Friday, December 6, 2019 8:10:02 AM
To: CB <cb@a.example>
Subject: Họp
~
-----Original Message-----
From: VT
Sent: x
To: y
Subject: Họp
~
-----Thư gốc-----
Từ: VT
Gửi: x
Tới: y
Chủ đề: Họp
~
----- Thư gốc -----
Từ: "VT" <vt@a.example>
Tới: "CB" <cb@a.example>
Đã gửi: Thứ Sáu, 6 tháng 12, 2019 8:10:02 SA
Chủ đề: Họp
~
----- Original Message -----
From: "VT" <vt@a.example>
To: "CB"
Sent: Fri
Subject: Họp
~
-------- Message d'origine --------
De : VT <vt@a.example>
Date : 06/12/2019 08:10 (GMT+07:00)
À : CB
Objet : Họp
~
-------- Tin nhắn gốc --------
Từ: VT <vt@a.example>
Ngày: 06/12/2019 08:10 (GMT+07:00)
Tới: CB
Chủ đề: Họp
~
-------- Thư ban đầu --------
Từ: VT <vt@a.example>
Ngày: 06/12/2019 08:10
Đến: CB
Chủ đề: Họp
~
-----Oprindelig besked-----
Fra: VT
Sendt: x
Til: y
Emne: Họp
~
-----Ursprüngliche Nachricht-----
Von: VT
Gesendet: x
An: y
Betreff: Họp
~
--- On Fri, 12/6/19, VT <vt@a.example> wrote:

From: VT <vt@a.example>
Subject: Họp
To: cb@a.example
Date: Friday, December 6, 2019, 8:10 AM
~
On 2019-12-06 08:10, Văn thư wrote:
~
Vào 2019-12-06 08:10, Văn thư đã viết:
~
> Date: Fri, 6 Dec 2019 08:10:02 +0700
> From: vt@a.example
> Subject: Họp
> To: cb@a.example
~
From: vt@a.example
To: cb@a.example
Subject: Họp
Date: Fri, 6 Dec 2019 08:10:02 +0700
~
------------------ Original ------------------
From: "VT" <vt@a.example>;
Date: Fri, Dec 6, 2019 08:10 AM
To: "CB"<cb@a.example>;
Subject: Họp
~
------------------ 原始邮件 ------------------
发件人: "VT" <vt@a.example>;
发送时间: 2019年12月6日(星期五) 上午8:10
收件人: "CB"<cb@a.example>;
主题: Họp
~
Sent with Proton Mail secure email.

------- Original Message -------
On Friday, December 6th, 2019 at 8:10 AM, VT <vt@a.example> wrote:
~
‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐
On Friday, VT wrote:
~
Đã gửi từ Zalo Mail

Vào Thứ 6, 6/12/2019 08:10 VT <vt@a.example> đã viết:
~
---------- Thư đã chuyển tiếp ----------
Từ: VT <vt@a.example>
Date: Th 6
Subject: Họp
To: CB
~
________________________________________
From: VT
Sent: x
To: y
Subject: Họp
~
От: VT
Отправлено: x
Кому: y
Тема: Họp
~
Vao Th 6, 6 thg 12, 2019 luc 08:10 Van thu <vt@a.example> da viet:
~
Пятница, 6 декабря 2019, 8:10 +07:00 от VT <vt@a.example>:
""".strip("\n").split("\n~\n")


def own(text: str) -> str:
    return own_text(*normalize_and_fold(text))


@pytest.mark.parametrize("mark", ["> ", ""])
@pytest.mark.parametrize("above", ABOVE)
def test_a_quote_goes_whatever_stands_above_it(above: str, mark: str) -> None:
    quote = "\n".join(mark + line for line in QUOTED)
    assert own(f"{OWN}\n\n{above}\n\n{quote}\n") == OWN


@pytest.mark.parametrize("above", [line for line in ABOVE if "\n" not in line and "2020" in line])
def test_an_answer_under_the_quote_is_found(above: str) -> None:
    quote = "\n".join(f"> {line}" for line in QUOTED)
    assert own(f"{above}\n{quote}\n\n{OWN}\n") == OWN


@pytest.mark.parametrize(
    "signature",
    [
        "-- \nNguyễn An",
        "Gửi từ iPhone của tôi",
        "Gui tu may Galaxy cua toi",
        "Đã gửi từ thiết bị Samsung Galaxy của tôi",
        "Gửi từ Outlook cho Android",
        "Get Outlook for iOS<https://aka.ms/x>",
        "Được gửi từ Thư dành cho Windows 10",
        "Sent with Proton Mail secure email.",
        "Envoyé de mon iPhone",
        "Von meinem iPhone gesendet",
        "Отправлено с iPhone",
        "iPhoneから送信",
        "发自我的iPhone",
        "Trân trọng,\nNguyễn An\nBí thư chi bộ",
        "Xin trân trọng cảm ơn!\nAn",
        "Thân,\nAn",
        "Thank you and best regards,\nAn",
    ],
)
def test_signatures_go(signature: str) -> None:
    assert own(f"{OWN}\n\n{signature}\n") == OWN


@pytest.mark.parametrize(
    "text",
    [
        "Ngày 5/12 tôi viết: xin vắng.\nNay xin dự.",
        "Lúc 8:10 đồng chí An viết: đã nhận.\nChi bộ xin cảm ơn",
        "On the other hand, as he wrote: we come.\nOK",
        "Từ ngày 5/12 chi bộ họp: 8 giờ.\nĐến dự: 12 người.",
        "Gửi từ Nam đến Bắc, chi bộ đã nhận.",
        "Gửi từ hôm qua rồi anh\nAnh xem lại giúp",
    ],
)
def test_sentences_that_look_like_quotes_stay(text: str) -> None:
    assert own(text) == text


@pytest.mark.parametrize(
    "page",
    [
        '<div class="gmail_quote">Vào Th 6 VT &lt;vt@a.example&gt; đã viết:<br><blockquote>Kính gửi</blockquote></div>',
        "<blockquote>Kính gửi</blockquote>",
        "<hr><b>Người gửi:</b> VT<br><b>Đã gửi:</b> x<br><b>Người nhận:</b> CB<br><b>Chủ đề:</b> Họp<p>Kính",
        "<table><tr><td>From:</td><td>VT</td></tr><tr><td>Sent:</td><td>x</td></tr><tr><td>To:</td><td>CB</td></table>Kính",
    ],
)
def test_quotes_of_pages_go(page: str) -> None:
    assert own(html_to_text(f"<div>Đã nhận đủ.</div><div>Chi bộ sẽ dự họp.</div>{page}")) == OWN


@pytest.mark.parametrize(
    "box",
    [
        '<div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature">Nguyễn An<br>Bí thư</div>',
        '<div id="Signature"><p>Nguyễn An</p></div>',
        '<div data-marker="__SIG_PRE__">Nguyễn An</div>',
    ],
)
def test_signatures_of_pages_go(box: str) -> None:
    assert own(html_to_text(f"<div>Đã nhận đủ.</div><div>Chi bộ sẽ dự họp.</div>{box}")) == OWN


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Đã nhận.\nNguyễn Văn An\nBí thư chi bộ\nĐT: 0900.000.001", "Đã nhận."),
        ("Đã nhận.\nNguyễn Văn An", "Đã nhận."),
        ("Chi bộ cử:\nNguyễn Văn An\nTrần Thị Bình", "Chi bộ cử:\nNguyễn Văn An\nTrần Thị Bình"),
        ("Nguyễn Văn An", "Nguyễn Văn An"),
    ],
)
def test_the_senders_own_name_begins_the_signature(text: str, left: str) -> None:
    assert without_name(text, "Nguyễn Văn An") == left
