"""Taking a changed site into force: the folder is watched, a bad change is refused and its admin told once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import structlog
import watchfiles

from mailbot.problems import Text
from mailbot.routing.letters import office_values
from mailbot.routing.plans import MailPlan, Purpose
from mailbot.service import status
from mailbot.store.mailing import write_mails
from mailbot.store.marks import marks

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from mailbot.problems import SiteError
    from mailbot.routing.model import Site
    from mailbot.service.runtime import Runtime

log = structlog.get_logger(__name__)

PART = "site"
# What an office is made of; editors put files of other names beside them while they save.
WATCHED_SUFFIXES = (".yaml", ".yml", ".j2")
WATCHED_FOLDERS = ("", "rules", "rules/directory.d", "templates")
FOLDER_NAMES = frozenset(name.rpartition("/")[2] for name in WATCHED_FOLDERS if name)
# Somebody who copies several files into the site means one change: it is read when nothing moved for so long.
QUIET_MS = 150
MOST_LINES = 30


class SiteWatch:
    """A thread that tells when a file of the site was changed, added or taken away."""

    def __init__(self, folder: Path, changed: Callable[[], None]) -> None:
        self._folder, self._changed = folder, changed
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="site", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """End; nothing is told afterwards."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._watch([self._folder / name for name in WATCHED_FOLDERS if (self._folder / name).is_dir()])
            except (OSError, RuntimeError) as error:  # watchfiles raises what the kernel says as either of them
                log.warning("site.not_watched", why=str(error), mend="kill -HUP reloads the site")
                return

    def _watch(self, folders: list[Path]) -> None:
        """Tell of changes until a folder comes or goes: then what is watched is looked up anew."""
        changes = watchfiles.watch(
            *folders, watch_filter=_matters, step=QUIET_MS, stop_event=self._stopping, recursive=False
        )
        for changed in changes:
            self._changed()
            if any(not path.endswith(WATCHED_SUFFIXES) for _, path in changed):
                return


def _matters(_change: watchfiles.Change, path: str) -> bool:
    name = path.rpartition("/")[2]
    return not name.startswith(".") and (
        name.endswith(WATCHED_SUFFIXES) or name in {"rules", "directory.d", "templates"}
    )


def refused(runtime: Runtime, error: SiteError) -> None:
    """Remember that the site on the disk does not check, and mail the admin, once until it does again."""
    now = runtime.now()
    with runtime.store.write() as connection:
        known = f"trouble {PART}" in marks(connection)
        if not known:
            write_mails(connection, [notice(error, runtime.in_force.site, now)], runtime.envelope(), now)
    first = error.problems[0]
    status.trouble(
        runtime,
        PART,
        Text(
            vi=f"thay đổi chưa được áp dụng, {len(error.problems)} lỗi: {first.position}: {first.text.vi}",
            en=f"the change is not in force, {len(error.problems)} problems: {first.position}: {first.text.en}",
        ),
    )


def accepted(runtime: Runtime) -> None:
    """Remember that the site on the disk is the one in force."""
    status.over(runtime, PART)


def notice(error: SiteError, site: Site, now: datetime) -> MailPlan:
    """Return the mail that tells the admin what is wrong with the changed site, line by line, with the mends."""
    name, address = site.directory.addresses(site.officers.admin)[0]
    lines = [
        f"{number}. {problem.position}: {problem.text.vi}" + (f" ({problem.advice.vi})" if problem.advice else "")
        for number, problem in enumerate(error.problems[:MOST_LINES], start=1)
    ]
    more = len(error.problems) - len(lines)
    body = [
        "Cấu hình vừa sửa có lỗi nên chưa được áp dụng. Cấu hình tốt gần nhất vẫn đang chạy.",
        "",
        *lines,
        *([f"… và {more} lỗi khác"] if more > 0 else []),
        "",
        "Sửa các dòng trên rồi lưu lại; hệ thống tự đọc lại ngay. Xem đầy đủ: mailbot check",
    ]
    values = office_values(site.office) | {
        "subject_line": f"cấu hình mới có {len(error.problems)} lỗi, chưa áp dụng",
        "body": "\n".join(body),
    }
    return MailPlan(
        Purpose.ADMIN_NOTICE,
        "admin_notice",
        next(iter(site.mailboxes)),
        address,
        name,
        values,
        source_key="site refused",
        step=now.isoformat(),
        not_before=now,
    )
