"""The form of a directory file: what an admin may write of units, groups, roles and persons, each value read."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator

from mailbot.routing.model import Relation
from mailbot.yaml_source import Strict
from mailbot.yaml_values import (
    Address,
    Addresses,
    AllHours,
    Day,
    Line,
    Lines,
    address,
    listed,
    mapping,
    one_or_many,
    text,
    wrong,
)

SAME_AS = "same_as:"


def mail_or_share(value: Any) -> str:
    """Read an address, or `same_as:unit` for a unit that reads another one's mailbox."""
    words = text(value)
    return words if words.startswith(SAME_AS) else address(words)


def role_holder(value: Any) -> str:
    """Read who holds a role: an address, or `person:key`."""
    words = text(value)
    return words if words.startswith("person:") else address(words)


def related(value: Any) -> Relation:
    """Read how a unit stands to this office."""
    words = text(value)
    if words not in set(Relation):
        known = ", ".join(Relation)
        raise wrong("relation", f"“{words}” phải là một trong: {known}", f'"{words}" must be one of: {known}')
    return Relation(words)


class PersonSource(Strict):
    """`{name: Trần Thị B, post: Ủy viên Ban Thường vụ, mail: …, phone: …}`."""

    name: Line
    post: Line | None = None
    mail: Address | None = None
    phone: Line | None = None


class OrganSource(Strict):
    """An office of a unit: `{name: Văn phòng Thành ủy, symbols: [VPTU], mail: …}`."""

    name: Line
    symbols: Lines = ()
    called: Lines = ()
    mail: Addresses = ()


class ValidSource(Strict):
    """From when and to when a unit exists."""

    since: Day | None = Field(None, alias="from")
    to: Day | None = None


class TermSource(Strict):
    """A term of office: `{name: 2025-2030, from: 2025-08-13}`."""

    name: Line
    since: Day = Field(alias="from")


class UnitSource(Strict):
    """One unit of the directory."""

    name: Line
    called: Lines = ()
    relation: Annotated[Relation, PlainValidator(related)] = Relation.SUBORDINATE
    symbols: Lines = ()
    organs: Annotated[dict[str, OrganSource], BeforeValidator(mapping)] = Field(default_factory=dict)
    parent: Line | None = None
    groups: Lines = ()
    mail: Annotated[tuple[Annotated[str, PlainValidator(mail_or_share)], ...], BeforeValidator(one_or_many)] = ()
    channel: Literal["mail", "paper"] = "mail"
    people: Annotated[dict[str, PersonSource], BeforeValidator(mapping)] = Field(default_factory=dict)
    overseer: Line | None = None
    valid: ValidSource = ValidSource()
    merged_into: Line | None = None
    terms: Annotated[tuple[TermSource, ...], BeforeValidator(listed)] = ()
    hours: AllHours = ()


class GroupSource(Strict):
    """A named set: `{name: Các chi bộ trực thuộc, members: [group:to-dan-pho], called: […]}`."""

    name: Line | None = None
    members: Lines = ()
    people: Lines = ()
    called: Lines = ()


Holders = Annotated[tuple[Annotated[str, PlainValidator(role_holder)], ...], BeforeValidator(one_or_many)]


class DirectorySource(Strict):
    """One directory file."""

    units: Annotated[dict[str, UnitSource], BeforeValidator(mapping)] = Field(default_factory=dict)
    groups: Annotated[dict[str, GroupSource], BeforeValidator(mapping)] = Field(default_factory=dict)
    roles: Annotated[dict[str, Holders], BeforeValidator(mapping)] = Field(default_factory=dict)
    people: Annotated[dict[str, PersonSource], BeforeValidator(mapping)] = Field(default_factory=dict)
