"""A small directory that the tests of routing share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mailbot.routing.directory_source import build_directory
from mailbot.yaml_source import parse

if TYPE_CHECKING:
    from mailbot.routing.directory import Directory

DIRECTORY = """
units:
  thanh-uy:
    name: Thành ủy
    relation: superior
    symbols: [TU]
    organs: {vptu: {name: Văn phòng Thành ủy, symbols: [VPTU], mail: vptu@cap-tren.example.vn}}
    mail: thanhuy@cap-tren.example.vn
  dang-uy: {name: Đảng ủy phường An Hòa, relation: self, symbols: [ĐU, VPĐU]}
  tdp-5:
    name: Chi bộ Tổ dân phố 5
    called: [Chi bộ 5]
    groups: [to-dan-pho]
    mail: [tdp5@example.org, bithu5@example.org]
    people: {bi-thu: {name: Nguyễn Văn A, mail: nva@example.org}}
    overseer: person:uv
  tdp-6: {name: Chi bộ Tổ dân phố 6, called: Chi bộ 6, groups: [to-dan-pho], mail: same_as:tdp-5}
  tdp-11: {name: Chi bộ Tổ dân phố 11, groups: [to-dan-pho], channel: paper}
  truong: {name: Chi bộ Trường Hoa Sen, groups: [truong-hoc], mail: hoasen@example.org, valid: {from: 2020-01-01}}
  cho-cu: {name: Chi bộ Chợ Cũ, groups: [to-dan-pho], valid: {to: 2025-06-30}, merged_into: tdp-11}
groups:
  to-dan-pho: {name: Các chi bộ khu phố}
  truong-hoc: {name: Các chi bộ trường học}
  chi-bo:
    name: Các chi bộ trực thuộc
    called: ["các chi, đảng bộ trực thuộc"]
    members: [group:to-dan-pho, group:truong-hoc]
  thuong-vu: {name: Ban Thường vụ, people: [person:uv]}
roles:
  van-thu: [vanthu@anhoa.example.vn]
  chanh-van-phong: [person:cvp]
people:
  uv: {name: Trần Thị B, post: Ủy viên, mail: ttb@anhoa.example.vn}
  cvp: {name: Đỗ Văn C, mail: cvp@anhoa.example.vn}
"""


@pytest.fixture(scope="session")
def directory() -> Directory:
    built, problems = build_directory([parse(DIRECTORY, "rules/directory.yaml")])
    assert problems == ()
    return built
