"""Rule tests: those of the shipped office hold and reach everything, and a test that should fail says how."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from mailbot import shipped
from mailbot.problems import SiteError
from mailbot.routing.coverage import branches
from mailbot.service.rule_tests import LoadedTest, Result, load_tests, run_tests
from mailbot.site import load
from tests.example_office import example, write_example

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = load_tests(shipped.folder("rules").parent, example())


@pytest.mark.parametrize("test", SHIPPED, ids=[test.source.name for test in SHIPPED])
def test_shipped_rule_test_holds(test: LoadedTest) -> None:
    (result,) = run_tests([test], example())
    assert result.differences == ()


def test_the_shipped_rule_tests_reach_every_rule_branch_and_step() -> None:
    site = example()
    reached = frozenset[str]().union(*(result.seen.reached(site) for result in run_tests(SHIPPED, site)))
    assert [branch.text.en for branch in branches(site.rules, site.ladders) if branch.key not in reached] == []


TEST = """\
tests:
  - name: một thư
    mail:
      from: vanthu@anhoa.example.vn
      subject: Công văn số 152-CV/ĐU v/v báo cáo
      text: |
        ĐẢNG ỦY PHƯỜNG AN HÒA
        Số 152-CV/ĐU
        V/v báo cáo kết quả
        An Hòa, ngày 06 tháng 10 năm 2026

        Kính gửi: Các chi bộ doanh nghiệp.

        Đề nghị các chi bộ báo cáo kết quả trước ngày 16/10/2026.
    at: 2026-10-06 08:10
    expect: {expect}
"""


def _run(folder: Path, expect: str) -> Result:
    (folder / "rules" / "tests" / "phat-hanh.yaml").write_text(TEST.replace("{expect}", expect), "utf-8")
    (folder / "rules" / "tests" / "van-ban-den.yaml").unlink(missing_ok=True)
    site = load(folder).site
    (result,) = run_tests(load_tests(folder, site), site)
    return result


WRONG: dict[str, tuple[str, list[tuple[str, Any, Any]]]] = {
    "rule": ("{rule: quan-triet}", [("rule", "quan-triet", "de-nghi-bao-cao")]),
    "unit that gets nothing": ("{send_to: [det-may]}", [("send_to", ["det-may"], ["det-may", "hop-tac-xa"])]),
    "deadline": ("{due: 2026-10-16}", [("due", "2026-10-16", "2026-10-15")]),
    "confirmation": ("{confirm: no}", [("confirm", False, True)]),
    "a mail that does not come": (
        "{mails~: [{at: 2026-10-09 08:00, to: [det-may], template: reminder}]}",
        [("mails~ 2026-10-09 08:00 reminder", ["det-may"], [])],
    ),
    "a mail that was not expected": (
        "{mails: []}",
        [
            ("mails 2026-10-08 08:00 reminder", None, ["det-may", "hop-tac-xa"]),
            ("mails 2026-10-13 08:00 reminder", None, ["det-may", "hop-tac-xa"]),
            ("mails 2026-10-15 08:00 reminder", None, ["det-may", "hop-tac-xa"]),
            ("mails 2026-10-16 08:00 reminder_overdue", None, ["det-may", "hop-tac-xa"]),
            ("mails 2026-10-20 08:00 escalation", None, ["buithioanh@anhoa.example.vn", "dominhphuc@anhoa.example.vn"]),
        ],
    ),
    "nothing wrong": (
        "{mails~: [{at: 2026-10-20 08:00, to: [uvtv-2, chanh-van-phong], template: escalation}]}",
        [],
    ),
}


@pytest.mark.parametrize(("expect", "differences"), WRONG.values(), ids=WRONG)
def test_what_is_not_as_expected_is_told(tmp_path: Path, expect: str, differences: list[tuple[str, Any, Any]]) -> None:
    folder = write_example(tmp_path / "site")
    assert [(one.key, one.expected, one.seen) for one in _run(folder, expect).differences] == differences


BROKEN = {
    "an unknown key": ("{rules: x}", "rules/tests/phat-hanh.yaml:16:14", 'did you mean "rule"?'),
    "no moment": ("{rule: x}\n    mailbox: [a]", "rules/tests/phat-hanh.yaml:17:14", None),
}


@pytest.mark.parametrize(("expect", "place", "mend"), BROKEN.values(), ids=BROKEN)
def test_a_mistake_in_a_test_is_told_at_its_place(tmp_path: Path, expect: str, place: str, mend: str | None) -> None:
    folder = write_example(tmp_path / "site")
    with pytest.raises(SiteError) as refused:
        _run(folder, expect)
    (problem,) = refused.value.problems
    assert str(problem.position) == place
    assert mend is None or (problem.mend is not None and problem.mend.en == mend)


def test_a_test_may_name_a_mail_file_and_a_missing_one_is_told(tmp_path: Path) -> None:
    folder = write_example(tmp_path / "site")
    (folder / "rules" / "tests" / "thu.eml").write_bytes(SHIPPED[0].raw)
    tests = "tests:\n  - {name: a, mail: thu.eml, at: 2026-10-06 08:10, expect: {rule: de-nghi-bao-cao}}\n"
    (folder / "rules" / "tests" / "phat-hanh.yaml").write_text(tests, "utf-8")
    site = load(folder).site
    assert [result.passed for result in run_tests(load_tests(folder, site), site)][:1] == [True]
    (folder / "rules" / "tests" / "phat-hanh.yaml").write_text(tests.replace("thu.eml", "khac.eml"), "utf-8")
    with pytest.raises(SiteError) as refused:
        load_tests(folder, site)
    assert "khac.eml" in refused.value.problems[0].text.vi


def _mailbot(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mailbot", *words], capture_output=True, text=True, timeout=60, env={"LANG": "C.UTF-8"}
    )


def test_the_command_prints_a_diff_names_what_is_not_reached_and_fails(tmp_path: Path) -> None:
    folder = write_example(tmp_path / "site")
    _run(folder, "{due: 2026-10-16}")
    run = _mailbot("rules", "test", "--coverage", "-C", str(folder))
    assert run.returncode == 1
    assert "- 2026-10-16" in run.stdout
    assert "+ 2026-10-15" in run.stdout
    assert "1 tests, 1 failed." in run.stdout
    assert 'the rule "giay-moi"' in run.stdout
    whole = json.loads(_mailbot("rules", "test", "--json", "-C", str(folder)).stdout)
    assert whole["tests"][0]["differences"] == [{"key": "due", "expected": "2026-10-16", "seen": "2026-10-15"}]
    assert "giay-moi" in whole["unreached"]


def test_show_draws_rules_ladders_and_the_tree_of_units(tmp_path: Path) -> None:
    folder = write_example(tmp_path / "site")
    run = _mailbot("rules", "show", "-C", str(folder))
    assert run.returncode == 0
    for piece in ("1. don-thu-nhan-su", "when from: relation:superior", "then submit: role:chanh-van-phong"):
        assert piece in run.stdout
    for piece in ("3 working day after due: list → overseer", "tdp-4", "= tdp-3", "→ tdp-2", "on paper"):
        assert piece in run.stdout
