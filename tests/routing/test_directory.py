"""Who is meant by a target, an address or an addressee line."""

from __future__ import annotations

import time
from datetime import date
from typing import TYPE_CHECKING

import pytest

from mailbot.problems import Position
from mailbot.routing.directory import Directory
from mailbot.routing.model import Unit
from tests.example_office import example

if TYPE_CHECKING:
    from collections.abc import Sequence

TODAY = date(2026, 10, 6)


def keys(directory: Directory, target: str, day: date = TODAY) -> list[str]:
    return [one.unit for one in directory.expand(target, day)]


@pytest.mark.parametrize(
    ("target", "units"),
    [
        ("unit:tdp-5", ["tdp-5"]),
        ("tdp-5", ["tdp-5"]),
        ("group:to-dan-pho", ["tdp-5", "tdp-6", "tdp-11"]),
        ("group:chi-bo", ["tdp-5", "tdp-6", "tdp-11", "truong"]),
        ("chi-bo", ["tdp-5", "tdp-6", "tdp-11", "truong"]),
        ("relation:superior", ["thanh-uy"]),
        ("unit:nobody", []),
        ("role:van-thu", []),
    ],
)
def test_targets_expand_to_units(directory: Directory, target: str, units: list[str]) -> None:
    assert keys(directory, target) == units


def test_each_unit_says_by_which_way_it_came_in(directory: Directory) -> None:
    found = {one.unit: one.because for one in directory.expand("group:chi-bo", TODAY)}
    assert found["tdp-5"] == "group:chi-bo > group:to-dan-pho"


@pytest.mark.parametrize(
    ("day", "units"),
    [
        (date(2019, 5, 1), ["tdp-5", "tdp-6", "tdp-11", "cho-cu"]),  # the school's cell did not exist yet
        (date(2025, 6, 30), ["tdp-5", "tdp-6", "tdp-11", "cho-cu", "truong"]),
        (date(2025, 7, 1), ["tdp-5", "tdp-6", "tdp-11", "truong"]),
    ],
)
def test_a_group_is_that_of_the_day(directory: Directory, day: date, units: list[str]) -> None:
    assert keys(directory, "group:chi-bo", day) == units


def test_a_merged_unit_is_followed_to_its_heir(directory: Directory) -> None:
    (found,) = directory.expand("unit:cho-cu", TODAY)
    assert found.unit == "tdp-11"
    assert "merged from cho-cu" in found.because


@pytest.mark.parametrize(
    ("target", "addresses"),
    [
        ("role:van-thu", [("", "vanthu@anhoa.example.vn")]),
        ("role:chanh-van-phong", [("Đỗ Văn C", "cvp@anhoa.example.vn")]),
        ("person:uv", [("Trần Thị B", "ttb@anhoa.example.vn")]),
        ("person:tdp-5/bi-thu", [("Nguyễn Văn A", "nva@example.org")]),
        (
            "unit:tdp-6",
            [("Chi bộ Tổ dân phố 6", "tdp5@example.org"), ("Chi bộ Tổ dân phố 6", "bithu5@example.org")],
        ),
        ("unit:tdp-11", []),
        ("group:thuong-vu", [("Trần Thị B", "ttb@anhoa.example.vn")]),
        ("ai.do@example.org", [("", "ai.do@example.org")]),
        ("role:nobody", []),
    ],
)
def test_targets_have_addresses_in_the_order_to_try(
    directory: Directory, target: str, addresses: Sequence[tuple[str, str]]
) -> None:
    assert list(directory.addresses(target)) == list(addresses)


def test_a_shared_mailbox_speaks_for_both_units(directory: Directory) -> None:
    assert directory.units_at("TDP5@example.org") == ("tdp-5", "tdp-6")
    assert directory.units_at("nva@example.org") == ("tdp-5",)
    assert directory.units_at("vptu@cap-tren.example.vn") == ("thanh-uy",)
    assert directory.units_at("stranger@example.org") == ()
    assert directory.roles_at("VanThu@anhoa.example.vn") == frozenset({"van-thu"})


@pytest.mark.parametrize(
    ("target", "address", "matches"),
    [
        ("relation:superior", "vptu@cap-tren.example.vn", True),
        ("relation:superior", "tdp5@example.org", False),
        ("group:chi-bo", "nva@example.org", True),
        ("unit:tdp-6", "tdp5@example.org", True),
        ("role:van-thu", "vanthu@anhoa.example.vn", True),
        ("person:cvp", "cvp@anhoa.example.vn", True),
        ("group:thuong-vu", "ttb@anhoa.example.vn", True),
        ("Nva@Example.org", "nva@example.org", True),
        ("@example.org", "nva@example.org", True),
        ("@example.org", "nva@sub.example.org", False),
        ("chi-bo", "hoasen@example.org", True),
    ],
)
def test_a_sender_is_everything_the_directory_says(
    directory: Directory, target: str, address: str, matches: bool
) -> None:
    assert directory.sender_matches(target, address) is matches


@pytest.mark.parametrize(
    ("line", "units"),
    [
        ("Chi bộ Tổ dân phố 5", ["tdp-5"]),
        ("- Chi bộ 05,", ["tdp-5"]),
        ("Chi bộ Tổ dân phố số 5;", ["tdp-5"]),
        ("chi bo to dan pho 5", ["tdp-5"]),
        ("Chi bộ 5 và Chi bộ 6", ["tdp-5", "tdp-6"]),
        ("Các chi, đảng bộ trực thuộc", ["tdp-5", "tdp-6", "tdp-11", "truong"]),
        ("Các chi bộ trực thuộc (trừ Chi bộ 5, Chi bộ Trường Hoa Sen)", ["tdp-6", "tdp-11"]),
        ("Kính gửi: Các chi bộ trường học", ["truong"]),
        ("Văn phòng Thành uỷ", ["thanh-uy"]),
        ("Chi bộ Chợ Cũ", ["tdp-11"]),
    ],
)
def test_addressee_lines_name_units(directory: Directory, line: str, units: list[str]) -> None:
    result = directory.addressees([line], TODAY)
    assert [one.unit for one in result.expansions] == units
    assert result.unknown_lines == ()


@pytest.mark.parametrize(
    ("line", "units"),
    [
        ("Chi bộ 77", []),
        ("Chi bộ 5 và Chi bộ 77", ["tdp-5"]),
        ("Các chi bộ trực thuộc (trừ Chi bộ 77)", []),  # who is left out is not known: nobody gets it unseen
        ("Chi bộ", []),
    ],
)
def test_what_names_nobody_known_goes_to_the_clerk(directory: Directory, line: str, units: list[str]) -> None:
    result = directory.addressees([line], TODAY)
    assert result.unknown_lines == (line,)
    assert [one.unit for one in result.expansions] == units


def test_exceptions_are_told_with_the_way_they_would_have_come(directory: Directory) -> None:
    result = directory.addressees(["Các chi bộ trực thuộc (trừ Chi bộ 5)"], TODAY)
    assert [one.unit for one in result.excepted] == ["tdp-5"]


def test_whoever_is_to_know_gets_a_copy_only_and_files_nobody(directory: Directory) -> None:
    lines = ["Như trên", "Văn phòng Thành ủy (để b/c)", "Sở Nội vụ (để biết)", "Lưu VPĐU", "Chi bộ 5"]
    result = directory.addressees(lines, TODAY)
    assert [one.unit for one in result.copies] == ["thanh-uy"]
    assert [one.unit for one in result.expansions] == ["tdp-5"]
    assert result.unknown_lines == ()


def test_people_are_invited_by_name_and_by_group(directory: Directory) -> None:
    result = directory.addressees(["Đồng chí Trần Thị B", "Ban Thường vụ"], TODAY)
    assert result.people == {"person:uv": "Ban Thường vụ"}
    assert result.unknown_lines == ()


def test_a_line_of_ten_thousand_commas_ends(directory: Directory) -> None:
    assert directory.addressees(["Chi bộ 5" + ", x" * 10_000], TODAY).expansions[0].unit == "tdp-5"


def test_finding_a_sender_does_not_grow_with_the_directory() -> None:
    """Ten thousand units answer as fast as ten: everything is an index."""

    def seconds(count: int) -> float:
        units = {
            f"cb-{i}": Unit(f"cb-{i}", f"Chi bộ {i}", Position("x"), groups=("g",), mail=(f"cb{i}@example.org",))
            for i in range(count)
        }
        directory = Directory(units=units, groups={}, roles={}, people={})
        directory.sender_targets("cb1@example.org")
        directory.called("Chi bộ 1")
        started = time.perf_counter()
        for _ in range(300):
            directory.sender_targets("cb7@example.org")
            directory.called("Chi bộ 7")
        return time.perf_counter() - started

    assert seconds(10_000) < 10 * seconds(10)


def test_every_name_of_the_shipped_office_is_found_as_it_is_written() -> None:
    directory = example().directory
    lost = [name for target, name in directory.names() if directory.called(name) != target]
    assert lost == []


def test_those_who_are_invited_by_their_post_are_their_cells() -> None:
    found = example().directory.addressees(["Các đồng chí bí thư chi bộ"], TODAY)
    assert len(found.expansions) == 13
    assert found.unknown_lines == ()
