"""The kinds of columns: enumerations as text with a CHECK, moments as UTC with zone, values as JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import Field

if TYPE_CHECKING:
    from enum import StrEnum


class UtcMoment(sa.types.TypeDecorator[datetime]):
    """An aware moment: stored as UTC, given back with its zone; a naive one is refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuse what has no zone; SQLite keeps no zone, so it is given UTC without one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """Give every moment back as UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def moment(*, null: bool = False, index: bool = False) -> Any:
    """Return a column for an aware moment."""
    return Field(default=None, sa_column=sa.Column(UtcMoment(), nullable=null, index=index))


def state(kind: type[StrEnum], *, index: bool = False) -> Any:
    """Return a text column with a CHECK on the values of an enumeration."""
    column: sa.Column[Any] = sa.Column(
        sa.Enum(
            kind,
            native_enum=False,
            create_constraint=True,
            length=32,
            name=kind.__name__.lower(),
            values_callable=lambda members: [member.value for member in members],
        ),
        nullable=False,
        index=index,
    )
    return Field(sa_column=column)


def json(*, null: bool = False) -> Any:
    """Return a column for a JSON value."""
    return Field(default=None, sa_column=sa.Column(sa.JSON(), nullable=null))
