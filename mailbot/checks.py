"""Every check of a site by its stable id: how grave it is and what it means, in Vietnamese and English."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """An error keeps the site from coming into force; a warning tells of what is allowed and often a slip."""

    ERROR = "error"
    WARNING = "warning"


class Check(NamedTuple):
    """One check; `allow` comments, `--json` and docs/checks.md name it by its id."""

    severity: Severity
    vi: str
    en: str
    # How such a mistake is mended, where the problem itself has nothing more particular to say.
    mend_vi: str = ""
    mend_en: str = ""


_E, _W = Severity.ERROR, Severity.WARNING

# In the order in which docs/checks.md shows them; an id that was published once is never used for anything else.
CHECKS: dict[str, Check] = {
    # --- files
    "file.unreadable": Check(
        _E,
        "một tệp hay thư mục của cấu hình không đọc được",
        "a file or folder of the site cannot be read",
        "kiểm tra quyền đọc, và rằng đó là một tệp",
        "look at its permissions, and that it is a file",
    ),
    "file.encoding": Check(_E, "một tệp không viết bằng UTF-8", "a file is not written in UTF-8"),
    "file.too_big": Check(
        _E,
        "một tệp lớn hơn mọi cấu hình thật",
        "a file is bigger than any real site's",
        "chia thành nhiều tệp, hoặc bỏ phần không phải cấu hình",
        "split it, or take out what is no configuration",
    ),
    "site.missing": Check(
        _E,
        "thiếu một tệp mà cấu hình nào cũng phải có",
        "a file that every site needs is not there",
        "tạo tệp này, hoặc cấu hình mẫu: mailbot init THƯ_MỤC",
        "write the file, or an example site: mailbot init DIR",
    ),
    # --- the form of YAML
    "yaml.syntax": Check(
        _E,
        "tệp không phải YAML",
        "the file is no YAML",
        "đặt giá trị có dấu đặc biệt trong ngoặc kép; xem lại thụt dòng",
        "put text with signs in quotes; look at the indentation",
    ),
    "yaml.too_big": Check(
        _E,
        "tệp lồng nhau quá sâu hoặc tự tham chiếu",
        "the file is nested too deeply, or refers to itself",
        "bỏ bớt các mục lồng nhau và các tham chiếu &, *",
        "nest less, and do without & and *",
    ),
    "yaml.key": Check(
        _E, "một khóa không phải là chữ", "a key is no plain text", "viết “khóa: giá trị”", 'write "key: value"'
    ),
    "yaml.duplicate_key": Check(_E, "một khóa đứng hai lần trong cùng một mục", "a key stands twice in one entry"),
    # --- the form of values
    "value.unknown_key": Check(_E, "khóa không ai đọc", "a key that nobody reads", "bỏ khóa này", "remove the key"),
    "value.missing": Check(
        _E, "thiếu một khóa bắt buộc", "a key that must be there is missing", "thêm khóa này", "add the key"
    ),
    "value.literal": Check(
        _E,
        "giá trị không thuộc danh sách cho phép",
        "a value that is none of those allowed",
        "viết một trong các giá trị đó",
        "write one of those",
    ),
    "value.shape": Check(
        _E,
        "chỗ cần danh sách hoặc các mục “khóa: giá trị” lại có thứ khác",
        "a list or entries were wanted and something else is written",
        "xem ví dụ trong cấu hình mẫu (mailbot init)",
        "see the example office (mailbot init)",
    ),
    "value.text": Check(
        _E,
        "chỗ cần chữ lại trống hoặc có thứ khác",
        "text was wanted and nothing, or something else, is written",
        "viết giá trị sau dấu hai chấm, hoặc bỏ khóa này",
        "write a value behind the colon, or remove the key",
    ),
    "value.flag": Check(
        _E, "giá trị phải là yes hoặc no", "a value that must be yes or no", "viết yes hoặc no", "write yes or no"
    ),
    "value.number": Check(
        _E,
        "giá trị phải là số nguyên",
        "a value that must be a whole number",
        "viết bằng chữ số: 25",
        "write digits: 25",
    ),
    "value.date": Check(_E, "giá trị không phải ngày", "a value that is no date"),
    "value.time": Check(_E, "giá trị không phải giờ", "a value that is no hour of the day"),
    "value.hours": Check(
        _E,
        "giá trị không phải khoảng giờ",
        "a value that is no part of the day",
        "giờ đầu trước giờ cuối: 07:30-11:30",
        "the first hour before the last: 07:30-11:30",
    ),
    "value.moment": Check(_E, "giá trị không phải thời điểm (ngày và giờ)", "a value that is no moment (day and hour)"),
    "value.size": Check(
        _E,
        "giá trị không phải dung lượng",
        "a value that is no amount of bytes",
        "viết 500kB, 25MB hoặc 1GB",
        "write 500kB, 25MB or 1GB",
    ),
    "value.address": Check(
        _E,
        "giá trị không phải địa chỉ thư",
        "a value that is no mail address",
        "viết ten@coquan.vn, không dấu cách",
        "write name@office.example, without blanks",
    ),
    "value.relation": Check(
        _E,
        "quan hệ của đơn vị không thuộc danh sách cho phép",
        "a unit's relation that is none of those allowed",
        "viết một trong các giá trị đó",
        "write one of those",
    ),
    "value.span": Check(_E, "giá trị không phải khoảng thời gian", "a value that is no span of time"),
    "value.step": Check(_E, "giá trị không phải mốc của lịch đôn đốc", "a value that is no moment of a ladder"),
    "value.schedule": Check(_E, "giá trị không phải lịch gửi", "a value that is no schedule"),
    "value.order": Check(
        _E,
        "không có yêu cầu này",
        "an order that does not exist",
        "viết all, hoặc tên các yêu cầu: [TÌNH HÌNH, NHẮC, GIA HẠN]",
        "write all, or the names of orders: [TÌNH HÌNH, NHẮC, GIA HẠN]",
    ),
    "value.due": Check(_E, "giá trị không phải thời hạn", "a value that is no deadline"),
    "value.confirm": Check(
        _E,
        "giá trị của confirm không đúng",
        "a value that `confirm` does not take",
        "viết always, never hoặc {over_units: 5}",
        "write always, never or {over_units: 5}",
    ),
    "value.timezone": Check(
        _E,
        "không có múi giờ này",
        "a time zone that does not exist",
        "viết tên IANA, ví dụ Asia/Ho_Chi_Minh",
        "write an IANA name, such as Asia/Ho_Chi_Minh",
    ),
    "value.port": Check(
        _E,
        "giá trị không phải cổng mạng",
        "a value that is no port",
        "viết số từ 1 đến 65535, ví dụ 993",
        "write a number from 1 to 65535, such as 993",
    ),
    "value.host": Check(
        _E,
        "giá trị không phải tên máy chủ",
        "a value that is no host name",
        "viết tên máy chủ hoặc địa chỉ IP, không có dấu cách",
        "write a host name or an IP address, without blanks",
    ),
    "value.fingerprint": Check(
        _E,
        "giá trị không phải vân tay SHA-256",
        "a value that is no SHA-256 fingerprint",
        "lấy bằng: openssl x509 -noout -fingerprint -sha256",
        "get it with: openssl x509 -noout -fingerprint -sha256",
    ),
    "value.retention": Check(
        _E,
        "thời hạn lưu không đúng",
        "a wrong time to keep mails",
        "viết 5 years hoặc 18 months, ít nhất 3 months",
        "write 5 years or 18 months, at least 3 months",
    ),
    "value.token_url": Check(
        _E,
        "địa chỉ cấp token không phải https://",
        "a token endpoint that is no https:// address",
        "viết https://…; http:// chỉ dùng được trên chính máy này",
        "write https://…; http:// serves on this machine alone",
    ),
    "value.secret": Check(
        _E,
        "cách chỉ chỗ mật khẩu không đúng",
        "a wrong reference to a password",
        "viết env:TÊN, file:đường/dẫn hoặc credential:TÊN",
        "write env:NAME, file:path or credential:NAME",
    ),
    # --- names that nothing bears
    "unknown.unit": Check(
        _E,
        "không có đơn vị này",
        "no unit has this key",
        "thêm đơn vị vào danh bạ, hoặc sửa khóa",
        "add the unit to the directory, or correct the key",
    ),
    "unknown.group": Check(
        _E,
        "không có nhóm này",
        "no group has this key",
        "thêm nhóm vào danh bạ, hoặc sửa khóa",
        "add the group to the directory, or correct the key",
    ),
    "unknown.role": Check(
        _E,
        "không có vai trò này",
        "no role has this key",
        "thêm vai trò vào danh bạ, hoặc sửa khóa",
        "add the role to the directory, or correct the key",
    ),
    "unknown.person": Check(
        _E,
        "không có người này",
        "no person has this key",
        "thêm người vào danh bạ, hoặc sửa khóa",
        "add the person to the directory, or correct the key",
    ),
    "unknown.relation": Check(
        _E,
        "không có quan hệ này",
        "there is no such relation",
        "viết superior, self, subordinate hoặc other",
        "write superior, self, subordinate or other",
    ),
    "unknown.target": Check(
        _E,
        "không rõ đơn vị, nhóm, vai trò hay người",
        "neither a unit, group, role, person, relation nor an address",
        "viết, ví dụ, group:chi-bo",
        "write, for example, group:cells",
    ),
    "unknown.register": Check(
        _E,
        "không có sổ này",
        "no register has this key",
        "khai báo sổ trong mailbot.yaml, hoặc sửa khóa",
        "declare the register in mailbot.yaml, or correct the key",
    ),
    "unknown.mailbox": Check(
        _E,
        "không có hộp thư này",
        "no mailbox has this key",
        "khai báo hộp thư trong mailbot.yaml, hoặc sửa khóa",
        "declare the mailbox in mailbot.yaml, or correct the key",
    ),
    "unknown.ladder": Check(
        _E,
        "không có lịch đôn đốc này",
        "no ladder has this key",
        "thêm lịch dưới “ladders:”, hoặc sửa tên",
        'add it under "ladders:", or correct the name',
    ),
    "unknown.template": Check(
        _E,
        "không có mẫu thư này",
        "no mail template has this name",
        "thêm tệp vào templates/, hoặc sửa tên",
        "add the file to templates/, or correct the name",
    ),
    "unknown.kind": Check(
        _E,
        "không có loại thư này",
        "there is no such kind of mail",
        "xem các loại thư trong schemas/rules.json",
        "see the kinds in schemas/rules.json",
    ),
    "unknown.day": Check(
        _E,
        "không có ngày này",
        "there is no such day",
        "viết monday … sunday, working_day hoặc day_off",
        "write monday … sunday, working_day or day_off",
    ),
    "unknown.urgency": Check(
        _E,
        "không có độ khẩn này",
        "there is no such urgency",
        "viết normal, urgent, very_urgent, express hoặc express_timed",
        "write normal, urgent, very_urgent, express or express_timed",
    ),
    "unknown.secrecy": Check(
        _E,
        "không có độ mật này",
        "there is no such level of secrecy",
        "viết none, suspected, confidential, secret hoặc top_secret",
        "write none, suspected, confidential, secret or top_secret",
    ),
    "unknown.sensitivity": Check(
        _E,
        "không có loại nhạy cảm này",
        "there is no such sensitivity",
        "viết none, petition, personnel hoặc discipline",
        "write none, petition, personnel or discipline",
    ),
    "unknown.rule": Check(
        _E,
        "không có quy tắc này",
        "no rule has this id",
        "sửa id, hoặc bỏ kiểm thử này",
        "correct the id, or remove the test",
    ),
    # --- mailbot.yaml and the calendar
    "settings.mailboxes": Check(
        _E,
        "không có hộp thư nào",
        "there is no mailbox",
        "thêm hộp thư dưới “mailboxes:”",
        'add a mailbox under "mailboxes:"',
    ),
    "settings.address_twice": Check(
        _E,
        "hai hộp thư có cùng địa chỉ",
        "two mailboxes have one address",
        "bỏ một trong hai hộp thư",
        "remove one of the two",
    ),
    "settings.alarm": Check(
        _E,
        "cách báo động không đến ai",
        "the alarm reaches nobody",
        "viết alarm: {command: [lệnh]} hoặc alarm: {smtp: {host: …}, to: [địa chỉ]}",
        "write alarm: {command: [program]} or alarm: {smtp: {host: …}, to: [address]}",
    ),
    "settings.plain_password": Check(_W, "mật khẩu viết thẳng trong tệp", "a password stands in the file itself"),
    "settings.oauth2": Check(
        _E,
        "oauth2 thiếu địa chỉ cấp token",
        "oauth2 without a token endpoint",
        "thêm token_url: https://…",
        "add token_url: https://…",
    ),
    "settings.oauth2_unused": Check(
        _W,
        "có cả mật khẩu và oauth2, mật khẩu được dùng",
        "a password beside oauth2: the password is used",
        "bỏ password:, hoặc bỏ oauth2:",
        "leave out password:, or oauth2:",
    ),
    "settings.secret": Check(_W, "mật khẩu không đọc được ở máy này", "a password cannot be read on this machine"),
    "settings.ca_file": Check(
        _E,
        "không có tệp chứng thư của máy chủ",
        "the file with a server's certificates is not there",
        "đặt tệp vào thư mục cấu hình, hoặc sửa đường dẫn",
        "put the file into the site, or correct the path",
    ),
    "settings.certificate": Check(
        _E,
        "tệp chứng thư ký số không có chứng thư",
        "a file of signers' certificates holds none",
        "lưu chứng thư dạng PEM (-----BEGIN CERTIFICATE-----)",
        "save the certificates as PEM (-----BEGIN CERTIFICATE-----)",
    ),
    "settings.database": Check(
        _E,
        "loại cơ sở dữ liệu không dùng được",
        "a kind of database that is not served",
        "dùng sqlite:///var/mailbot.db nếu không có PostgreSQL",
        "use sqlite:///var/mailbot.db where there is no PostgreSQL",
    ),
    "settings.self": Check(
        _E,
        "đơn vị của cơ quan không có relation: self",
        "the office's own unit has not relation: self",
        "sửa “office: unit:”, hoặc thêm “relation: self”",
        'correct "office: unit:", or add "relation: self"',
    ),
    "settings.officer": Check(
        _E,
        "người phụ trách không có địa chỉ thư",
        "an officer has no mail address",
        "thêm địa chỉ thư cho người đó, hoặc chọn người khác",
        "give them a mail address, or name somebody else",
    ),
    "settings.public_address": Check(
        _W,
        "văn thư hoặc lãnh đạo dùng hộp thư công cộng trong khi văn bản nội bộ không được gửi tới đó",
        "the clerk or the leader has a public mailbox, where papers for internal use must not go",
        "dùng hộp thư của cơ quan; nếu không có, chọn internal: anywhere",
        "use a mailbox of the office; where there is none, choose internal: anywhere",
    ),
    "settings.slot": Check(
        _W,
        "giờ nhắc ở ngoài giờ làm việc",
        "an hour for reminders outside office hours",
        "chọn giờ trong “hours:”",
        'choose an hour within "hours:"',
    ),
    "calendar.both": Check(
        _E,
        "một ngày vừa nghỉ vừa làm việc",
        "a day is both off and worked",
        "bỏ ngày này ở một trong hai danh sách",
        "remove the day from one of the two lists",
    ),
    "online.imap": Check(
        _E,
        "không dùng được máy chủ nhận thư",
        "the IMAP server cannot be used",
        "xem host, port, tls, user và mật khẩu của máy chủ này",
        "look at host, port, tls, user and the password of this server",
    ),
    "online.smtp": Check(
        _E,
        "không dùng được máy chủ gửi thư",
        "the SMTP server cannot be used",
        "xem host, port, tls, user và mật khẩu của máy chủ này",
        "look at host, port, tls, user and the password of this server",
    ),
    # --- the directory
    "directory.twice": Check(
        _E,
        "một khóa có trong hai tệp danh bạ",
        "a key stands in two files of the directory",
        "gộp hai mục làm một, hoặc đổi khóa của một mục",
        "merge the two entries, or rename one",
    ),
    "directory.undeclared_group": Check(_W, "nhóm không được khai báo", "a group that nobody declares"),
    "directory.empty_group": Check(_W, "nhóm không có ai", "a group with nobody in it"),
    "directory.circle": Check(
        _E,
        "nhóm chứa chính nó",
        "a group that contains itself",
        "bỏ một nhóm khỏi “members:” trên vòng này",
        'take one group of the circle out of "members:"',
    ),
    "directory.empty_role": Check(
        _E,
        "vai trò không có ai",
        "a role that nobody holds",
        "ghi địa chỉ thư hoặc person:khóa của người giữ vai trò",
        "write an address, or person:key, of who holds it",
    ),
    "directory.no_address": Check(
        _E,
        "đơn vị hoặc người không có địa chỉ thư",
        "a unit or person without a mail address",
        "thêm “mail:” cho người này",
        'give them a "mail:"',
    ),
    "directory.same_as_circle": Check(
        _E,
        "same_as: đi vòng tròn",
        "same_as: goes in a circle",
        "ghi địa chỉ thư cho một đơn vị trên vòng này",
        "give one unit of the circle an address",
    ),
    "directory.overseer": Check(
        _W, "người phụ trách đơn vị không có địa chỉ thư", "a unit's overseer has no mail address"
    ),
    "directory.never_ends": Check(
        _E, "đơn vị đã sáp nhập mà không có ngày cuối", "a unit is merged into another and has no last day"
    ),
    "directory.shared_address": Check(_W, "hai đơn vị có cùng địa chỉ", "two units have one address"),
    "directory.one_name": Check(
        _W,
        "hai đơn vị có cùng tên gọi",
        "two units are called the same",
        "bỏ tên này ở một nơi",
        "remove the name from one of them",
    ),
    # --- rules
    "rule.twice": Check(
        _E, "hai quy tắc cùng id", "two rules have one id", "đổi id của một quy tắc", "rename one of the rules"
    ),
    "rule.regex": Check(_E, "biểu thức chính quy không dùng được", "a regular expression that cannot be compiled"),
    "rule.nothing": Check(
        _E,
        "quy tắc không yêu cầu làm gì",
        "a rule that orders nothing",
        "thêm một yêu cầu dưới “then:”",
        'add an order under "then:"',
    ),
    "rule.submit_and_send": Check(
        _E,
        "quy tắc vừa trình vừa gửi ngay",
        "a rule that waits for the leader and sends at once",
        "bỏ “send:”, hoặc thay “submit:” bằng “pass_down: automatic”",
        'remove "send:", or put "pass_down: automatic" for "submit:"',
    ),
    "rule.pass_down": Check(
        _E, "pass_down mà không có send", "pass_down without send", "thêm “send: {to: […]}”", 'add "send: {to: […]}"'
    ),
    "rule.clerk_alone": Check(
        _E,
        "clerk_alone mà vẫn gửi đi",
        "clerk_alone together with orders to others",
        "bỏ “clerk_alone”, hoặc bỏ các yêu cầu khác",
        'remove "clerk_alone", or the other orders',
    ),
    "rule.ask": Check(
        _E,
        "ask mà không gửi cho ai",
        "ask without anybody to ask",
        "thêm “send: {to: […]}”, hoặc bỏ “ask”",
        'add "send: {to: […]}", or remove "ask"',
    ),
    "rule.unreachable": Check(_W, "quy tắc không bao giờ được xét", "a rule that is never tried"),
    "rule.nobody": Check(
        _W, "quy tắc gửi cho nhóm hiện không có đơn vị nào", "a rule sends to a group that is nobody today"
    ),
    # --- ladders
    "ladder.twice": Check(
        _E,
        "hai lịch đôn đốc cùng tên",
        "two ladders have one name",
        "đổi tên một lịch, hoặc gộp lại",
        "rename one of the ladders, or merge them",
    ),
    "ladder.empty": Check(
        _E,
        "lịch đôn đốc không có bước nào",
        "a ladder without steps",
        "thêm một bước: - {at: due, do: remind}",
        "add a step: - {at: due, do: remind}",
    ),
    "ladder.to": Check(
        _E,
        "bước báo cáo không có người nhận",
        "a step that tells nobody",
        "thêm, ví dụ, to: [overseer]",
        "add, for example, to: [overseer]",
    ),
    "ladder.never": Check(_W, "bước không bao giờ đến", "a step that no rule lets happen"),
    "ladder.unused": Check(_W, "lịch đôn đốc không quy tắc nào dùng", "a ladder that no rule uses"),
    # --- templates
    "template.syntax": Check(
        _E,
        "mẫu thư sai cú pháp",
        "a template whose syntax is wrong",
        "xem mẫu được giao kèm (mailbot init --templates)",
        "see the shipped template (mailbot init --templates)",
    ),
    "template.value": Check(
        _E,
        "giá trị mà không thư nào có",
        "a value that no mail has",
        "xem các giá trị trong mẫu được giao kèm (mailbot init --templates)",
        "see the values of the shipped templates (mailbot init --templates)",
    ),
    "template.unused": Check(
        _W,
        "tệp mẫu không thư nào dùng",
        "a template file that no mail uses",
        "đặt tên như mẫu được giao kèm, có đuôi .j2",
        "name it as the shipped one, ending in .j2",
    ),
    "template.outdated": Check(_W, "mẫu có sẵn đã đổi từ khi chép", "the shipped template has changed since the copy"),
    "template.render": Check(
        _E,
        "mẫu không dựng được thư",
        "a template that gives no mail",
        "xem các giá trị của thư: mailbot templates list",
        "see the values of the mail: mailbot templates list",
    ),
    "template.leak": Check(
        _E,
        "thư có chữ của chương trình",
        "a word of the program stands in a mail",
        "viết từng phần của giá trị, ví dụ {{ meeting.place }}",
        "write the parts of the value, such as {{ meeting.place }}",
    ),
    "template.token": Check(_W, "tiêu đề không có mã thư", "a subject without the mail's code"),
    "template.empty": Check(
        _W,
        "thư có chỗ trống trong ngoặc hoặc ngoặc kép",
        "brackets or quotes with nothing in them",
        "đặt phần này trong {% if … %}",
        "put the piece into {% if … %}",
    ),
    "template.missing": Check(
        _W,
        "thư có nhãn mà không có giá trị",
        "a label without a value",
        "đặt dòng này trong {% if … %}",
        "put the line into {% if … %}",
    ),
    "template.blanks": Check(_W, "thư thừa dấu cách", "blanks too many", "bỏ dấu cách thừa", "remove them"),
    "template.english": Check(
        _W, "thư có từ tiếng Anh", "an English word stands in a mail", "viết bằng tiếng Việt", "write Vietnamese"
    ),
    "template.long": Check(_W, "dòng quá dài", "a line is too long", "ngắt dòng", "break the line"),
    # --- rule tests
    "test.mail": Check(_E, "không có tệp thư của kiểm thử", "the mail file of a rule test is not there"),
    # --- the checking itself
    "check.unused_allow": Check(
        _W, "“mailbot: allow” không bỏ qua cảnh báo nào", 'a "mailbot: allow" that silences nothing'
    ),
    "check.unknown_allow": Check(
        _W, "“mailbot: allow” ghi mã không có", 'a "mailbot: allow" of an id that does not exist'
    ),
    "check.allowed_error": Check(
        _W,
        "“mailbot: allow” ghi mã của lỗi: lỗi không bỏ qua được",
        'a "mailbot: allow" of an error: errors cannot be silenced',
    ),
}
