"""Whatever units answer and however the clock runs: no needless, no late, no doubled reminder, nothing unexplained."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mailbot.routing.model import Ask
from mailbot.service.due import plan_due
from mailbot.store.database import Store
from mailbot.tracking.states import Fact, Seen, fold, satisfied
from tests.example_office import CLERK, directive, mail
from tests.store.desk import Desk

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
# Right before Tết 2026 (16 to 20 February), so that holidays lie on the way.
BEGIN = datetime(2026, 2, 9, 8, 10, tzinfo=HANOI)
UNITS = {"tdp-1": "tdp1@example.org", "det-may": "detmay@example.org", "hop-tac-xa": "htxanhoa@example.org"}
LINES = "Chi bộ Tổ dân phố 1, Chi bộ Công ty Dệt may Hưng Hải, Chi bộ Hợp tác xã An Hòa."
WORDS = (
    "Đã nhận",
    "Gửi báo cáo theo yêu cầu",
    "Không phát sinh",
    "Xin gia hạn đến ngày 06/03/2026",
    "Văn bản này không thuộc thẩm quyền của chi bộ, đề nghị trả lại",
    "Cho hỏi biểu mẫu ở đâu?",
    "Alo",
    "Không mở được tệp",
)
ORDERS = (
    "DỪNG NHẮC",
    "NHẮC",
    "KẾT THÚC",
    "GIA HẠN đến 09/03/2026",
    "GHI NHẬN Chi bộ Tổ dân phố 1 đã báo cáo bằng bản giấy",
)


@lru_cache(maxsize=1)
def empty() -> Path:
    """Return a migrated database that every run copies."""
    path = Path(tempfile.mkdtemp()) / "empty.db"
    Store(f"sqlite:///{path}").close()
    return path


class Office(RuleBasedStateMachine):
    """One office with its ledger; nobody acts but through mails and the clock."""

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "ledger.db"
        shutil.copy(empty(), self.path)
        self.desk = Desk(Store(f"sqlite:///{self.path}"))
        self.desk.now = BEGIN
        self.papers = 0
        self._release(10)

    @rule(days=st.integers(2, 20))
    def a_paper_goes_out(self, days: int) -> None:
        self._release(days)

    def _release(self, days: int) -> None:
        self.papers += 1
        number = f"{150 + self.papers}-CV/ĐU"
        due = (self.desk.now + timedelta(days=days)).date()
        text = directive(
            number, LINES, f"Đề nghị các chi bộ báo cáo kết quả về Đảng ủy phường trước ngày {due:%d/%m/%Y}."
        )
        text = text.replace(
            "06 tháng 10 năm 2026", f"{self.desk.now:%d} tháng {self.desk.now:%m} năm {self.desk.now:%Y}"
        )
        self.desk.take(mail(CLERK, f"Công văn {number} v/v báo cáo", text, at=self.desk.now))
        if self.desk.rows("document")[-1]["state"] == "awaiting_confirmation":
            self.desk.answer(CLERK, "Đồng ý", to=CLERK, purpose="confirm_before_send")

    @rule(unit=st.sampled_from(sorted(UNITS)), words=st.sampled_from(WORDS))
    def a_unit_answers(self, unit: str, words: str) -> None:
        self.desk.answer(UNITS[unit], words, to=UNITS[unit])

    @rule(order=st.sampled_from(ORDERS))
    def the_clerk_orders(self, order: str) -> None:
        self.desk.answer(CLERK, order, to=CLERK, purpose="released")

    @rule(hours=st.integers(1, 90))
    def time_passes(self, hours: int) -> None:
        """The daemon looks every few hours, also at night; or not at all for days."""
        self.desk.now += timedelta(hours=hours)
        self._tick()

    @rule(days=st.integers(1, 12))
    def days_pass_slot_by_slot(self, days: int) -> None:
        end = self.desk.now + timedelta(days=days)
        calendar, slots = self.desk.site.office.working_time, self.desk.site.office.reminders_at
        while (following := calendar.next_slot(self.desk.now + timedelta(minutes=1), slots)) <= end:
            self.desk.now = following
            self._tick()

    def _tick(self) -> None:
        with self.desk.store.write() as connection:
            plan_due(connection, self.desk.site, self.desk.envelope, self.desk.now)

    @rule()
    def the_daemon_restarts(self) -> None:
        self.desk.store.close()
        self.desk.store = Store(f"sqlite:///{self.path}")

    @rule(steps=st.integers(1, 5))
    def the_rules_are_reloaded(self, steps: int) -> None:
        """A shorter ladder is for papers to come; what is pending keeps the steps it had."""
        before = [(row["delivery_ref"], row["step"], row["at"]) for row in self.desk.rows("reminder")]
        ladder = self.desk.site.ladders["bao-cao"]
        shorter = replace(ladder, steps=ladder.steps[:steps])
        self.desk.site = replace(self.desk.site, ladders={**self.desk.site.ladders, "bao-cao": shorter})
        assert [(row["delivery_ref"], row["step"], row["at"]) for row in self.desk.rows("reminder")] == before

    def teardown(self) -> None:
        if hasattr(self, "desk"):
            self.desk.store.close()
            self.folder.cleanup()

    # --- what must hold ---

    def _links(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for row in self.desk.rows("outbox_delivery"):
            found.setdefault(row["outbox_ref"], []).append(row["delivery_ref"])
        return found

    def _state(self, delivery: int, at: datetime) -> Any:
        kinds = {str(fact) for fact in Fact}
        rows = [
            row for row in self.desk.rows("event", delivery_ref=delivery) if row["what"] in kinds and row["at"] <= at
        ]
        return fold(Seen(Fact(row["what"]), row["at"], row["address"]) for row in rows)

    @invariant()
    def nobody_is_reminded_of_what_is_done(self) -> None:
        if not hasattr(self, "desk"):
            return
        links, asks = self._links(), {row["id"]: Ask(row["ask"]) for row in self.desk.rows("delivery")}
        for sent in self.desk.rows("outbox", purpose="reminder"):
            for delivery in links[sent["id"]]:
                assert not satisfied(asks[delivery], self._state(delivery, sent["planned_at"]))

    @invariant()
    def reminders_go_in_office_hours_and_once_a_day(self) -> None:
        if not hasattr(self, "desk"):
            return
        calendar = self.desk.site.office.working_time
        days: Counter[tuple[str, str]] = Counter()
        for sent in self.desk.rows("outbox", purpose="reminder"):
            assert calendar.in_hours(sent["planned_at"])
            days[sent["recipient"], f"{calendar.local(sent['planned_at']):%Y-%m-%d}"] += 1
        assert set(days.values()) <= {1}

    @invariant()
    def the_log_explains_every_reminder_and_every_state(self) -> None:
        if not hasattr(self, "desk"):
            return
        carried = self.desk.rows("reminder", state="sent")
        links = self._links()
        for sent in self.desk.rows("outbox", purpose="reminder"):
            for delivery in links[sent["id"]]:
                reasons = [row["because"] for row in carried if row["delivery_ref"] == delivery]
                assert reasons
                assert all(reasons)
        for row in self.desk.rows("delivery"):
            state = self._state(row["id"], self.desk.now + timedelta(days=1))
            assert row["handling"] == (str(state.handling) if state.handling else None)
            assert row["satisfied"] == satisfied(Ask(row["ask"]), state)

    @invariant()
    def what_is_done_has_no_reminder_left(self) -> None:
        if not hasattr(self, "desk"):
            return
        done = {row["id"] for row in self.desk.rows("delivery") if row["satisfied"]}
        assert not [row for row in self.desk.rows("reminder", state="pending") if row["delivery_ref"] in done]


TestOffice = Office.TestCase
TestOffice.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
