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


_E, _W = Severity.ERROR, Severity.WARNING

# In the order in which docs/checks.md shows them; an id that was published once is never used for anything else.
CHECKS: dict[str, Check] = {
    # --- files
    "file.unreadable": Check(
        _E, "một tệp hay thư mục của cấu hình không đọc được", "a file or folder of the site cannot be read"
    ),
    "file.encoding": Check(_E, "một tệp không viết bằng UTF-8", "a file is not written in UTF-8"),
    "file.too_big": Check(_E, "một tệp lớn hơn mọi cấu hình thật", "a file is bigger than any real site's"),
    "site.missing": Check(
        _E, "thiếu một tệp mà cấu hình nào cũng phải có", "a file that every site needs is not there"
    ),
    # --- the form of YAML
    "yaml.syntax": Check(_E, "tệp không phải YAML", "the file is no YAML"),
    "yaml.too_big": Check(
        _E, "tệp lồng nhau quá sâu hoặc tự tham chiếu", "the file is nested too deeply, or refers to itself"
    ),
    "yaml.key": Check(_E, "một khóa không phải là chữ", "a key is no plain text"),
    "yaml.duplicate_key": Check(_E, "một khóa đứng hai lần trong cùng một mục", "a key stands twice in one entry"),
    # --- the form of values
    "value.unknown_key": Check(_E, "khóa không ai đọc", "a key that nobody reads"),
    "value.missing": Check(_E, "thiếu một khóa bắt buộc", "a key that must be there is missing"),
    "value.literal": Check(_E, "giá trị không thuộc danh sách cho phép", "a value that is none of those allowed"),
    "value.shape": Check(
        _E,
        "chỗ cần danh sách hoặc các mục “khóa: giá trị” lại có thứ khác",
        "a list or entries were wanted and something else is written",
    ),
    "value.text": Check(
        _E, "chỗ cần chữ lại trống hoặc có thứ khác", "text was wanted and nothing, or something else, is written"
    ),
    "value.flag": Check(_E, "giá trị phải là yes hoặc no", "a value that must be yes or no"),
    "value.number": Check(_E, "giá trị phải là số nguyên", "a value that must be a whole number"),
    "value.date": Check(_E, "giá trị không phải ngày", "a value that is no date"),
    "value.time": Check(_E, "giá trị không phải giờ", "a value that is no hour of the day"),
    "value.hours": Check(_E, "giá trị không phải khoảng giờ", "a value that is no part of the day"),
    "value.moment": Check(_E, "giá trị không phải thời điểm (ngày và giờ)", "a value that is no moment (day and hour)"),
    "value.size": Check(_E, "giá trị không phải dung lượng", "a value that is no amount of bytes"),
    "value.address": Check(_E, "giá trị không phải địa chỉ thư", "a value that is no mail address"),
    "value.relation": Check(
        _E, "quan hệ của đơn vị không thuộc danh sách cho phép", "a unit's relation that is none of those allowed"
    ),
    "value.span": Check(_E, "giá trị không phải khoảng thời gian", "a value that is no span of time"),
    "value.step": Check(_E, "giá trị không phải mốc của lịch đôn đốc", "a value that is no moment of a ladder"),
    "value.due": Check(_E, "giá trị không phải thời hạn", "a value that is no deadline"),
    "value.confirm": Check(_E, "giá trị của confirm không đúng", "a value that `confirm` does not take"),
    "value.timezone": Check(_E, "không có múi giờ này", "a time zone that does not exist"),
    "value.port": Check(_E, "giá trị không phải cổng mạng", "a value that is no port"),
    "value.host": Check(_E, "giá trị không phải tên máy chủ", "a value that is no host name"),
    "value.fingerprint": Check(_E, "giá trị không phải vân tay SHA-256", "a value that is no SHA-256 fingerprint"),
    "value.secret": Check(_E, "cách chỉ chỗ mật khẩu không đúng", "a wrong reference to a password"),
    # --- names that nothing bears
    "unknown.unit": Check(_E, "không có đơn vị này", "no unit has this key"),
    "unknown.group": Check(_E, "không có nhóm này", "no group has this key"),
    "unknown.role": Check(_E, "không có vai trò này", "no role has this key"),
    "unknown.person": Check(_E, "không có người này", "no person has this key"),
    "unknown.relation": Check(_E, "không có quan hệ này", "there is no such relation"),
    "unknown.target": Check(
        _E, "không rõ đơn vị, nhóm, vai trò hay người", "neither a unit, group, role, person, relation nor an address"
    ),
    "unknown.register": Check(_E, "không có sổ này", "no register has this key"),
    "unknown.mailbox": Check(_E, "không có hộp thư này", "no mailbox has this key"),
    "unknown.ladder": Check(_E, "không có lịch đôn đốc này", "no ladder has this key"),
    "unknown.template": Check(_E, "không có mẫu thư này", "no mail template has this name"),
    "unknown.kind": Check(_E, "không có loại thư này", "there is no such kind of mail"),
    "unknown.day": Check(_E, "không có ngày này", "there is no such day"),
    "unknown.urgency": Check(_E, "không có độ khẩn này", "there is no such urgency"),
    "unknown.secrecy": Check(_E, "không có độ mật này", "there is no such level of secrecy"),
    "unknown.sensitivity": Check(_E, "không có loại nhạy cảm này", "there is no such sensitivity"),
    "unknown.rule": Check(_E, "không có quy tắc này", "no rule has this id"),
    # --- mailbot.yaml and the calendar
    "settings.mailboxes": Check(_E, "không có hộp thư nào", "there is no mailbox"),
    "settings.address_twice": Check(_E, "hai hộp thư có cùng địa chỉ", "two mailboxes have one address"),
    "settings.plain_password": Check(_W, "mật khẩu viết thẳng trong tệp", "a password stands in the file itself"),
    "settings.secret": Check(_W, "mật khẩu không đọc được ở máy này", "a password cannot be read on this machine"),
    "settings.ca_file": Check(
        _E, "không có tệp chứng thư của máy chủ", "the file with a server's certificates is not there"
    ),
    "settings.certificate": Check(
        _E, "tệp chứng thư ký số không có chứng thư", "a file of signers' certificates holds none"
    ),
    "settings.database": Check(_E, "loại cơ sở dữ liệu không dùng được", "a kind of database that is not served"),
    "settings.self": Check(
        _E, "đơn vị của cơ quan không có relation: self", "the office's own unit has not relation: self"
    ),
    "settings.officer": Check(_E, "người phụ trách không có địa chỉ thư", "an officer has no mail address"),
    "settings.slot": Check(_W, "giờ nhắc ở ngoài giờ làm việc", "an hour for reminders outside office hours"),
    "calendar.both": Check(_E, "một ngày vừa nghỉ vừa làm việc", "a day is both off and worked"),
    "online.imap": Check(_E, "không dùng được máy chủ nhận thư", "the IMAP server cannot be used"),
    "online.smtp": Check(_E, "không dùng được máy chủ gửi thư", "the SMTP server cannot be used"),
    # --- the directory
    "directory.twice": Check(_E, "một khóa có trong hai tệp danh bạ", "a key stands in two files of the directory"),
    "directory.undeclared_group": Check(_W, "nhóm không được khai báo", "a group that nobody declares"),
    "directory.empty_group": Check(_W, "nhóm không có ai", "a group with nobody in it"),
    "directory.circle": Check(_E, "nhóm chứa chính nó", "a group that contains itself"),
    "directory.empty_role": Check(_E, "vai trò không có ai", "a role that nobody holds"),
    "directory.no_address": Check(
        _E, "đơn vị hoặc người không có địa chỉ thư", "a unit or person without a mail address"
    ),
    "directory.same_as_circle": Check(_E, "same_as: đi vòng tròn", "same_as: goes in a circle"),
    "directory.overseer": Check(
        _W, "người phụ trách đơn vị không có địa chỉ thư", "a unit's overseer has no mail address"
    ),
    "directory.never_ends": Check(
        _E, "đơn vị đã sáp nhập mà không có ngày cuối", "a unit is merged into another and has no last day"
    ),
    "directory.shared_address": Check(_W, "hai đơn vị có cùng địa chỉ", "two units have one address"),
    "directory.one_name": Check(_W, "hai đơn vị có cùng tên gọi", "two units are called the same"),
    # --- rules
    "rule.twice": Check(_E, "hai quy tắc cùng id", "two rules have one id"),
    "rule.regex": Check(_E, "biểu thức chính quy không dùng được", "a regular expression that cannot be compiled"),
    "rule.nothing": Check(_E, "quy tắc không yêu cầu làm gì", "a rule that orders nothing"),
    "rule.submit_and_send": Check(
        _E, "quy tắc vừa trình vừa gửi ngay", "a rule that waits for the leader and sends at once"
    ),
    "rule.pass_down": Check(_E, "pass_down mà không có send", "pass_down without send"),
    "rule.clerk_alone": Check(_E, "clerk_alone mà vẫn gửi đi", "clerk_alone together with orders to others"),
    "rule.ask": Check(_E, "ask mà không gửi cho ai", "ask without anybody to ask"),
    "rule.unreachable": Check(_W, "quy tắc không bao giờ được xét", "a rule that is never tried"),
    "rule.nobody": Check(
        _W, "quy tắc gửi cho nhóm hiện không có đơn vị nào", "a rule sends to a group that is nobody today"
    ),
    # --- ladders
    "ladder.twice": Check(_E, "hai lịch đôn đốc cùng tên", "two ladders have one name"),
    "ladder.empty": Check(_E, "lịch đôn đốc không có bước nào", "a ladder without steps"),
    "ladder.to": Check(_E, "bước báo cáo không có người nhận", "a step that tells nobody"),
    "ladder.never": Check(_W, "bước không bao giờ đến", "a step that no rule lets happen"),
    "ladder.unused": Check(_W, "lịch đôn đốc không quy tắc nào dùng", "a ladder that no rule uses"),
    # --- templates
    "template.syntax": Check(_E, "mẫu thư sai cú pháp", "a template whose syntax is wrong"),
    "template.value": Check(_E, "giá trị mà không thư nào có", "a value that no mail has"),
    "template.unused": Check(_W, "tệp mẫu không thư nào dùng", "a template file that no mail uses"),
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
