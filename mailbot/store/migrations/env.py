"""Alembic's entry: migrates over the connection that the store hands in."""

import sqlalchemy as sa
from alembic import context
from sqlmodel import SQLModel

from mailbot.store import tables  # noqa: F401 - fills the metadata

CHECK = "PRAGMA foreign_key_check"

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
    if connection.dialect.name == "sqlite" and (lost := connection.exec_driver_sql(CHECK).all()):
        raise sa.exc.IntegrityError(CHECK, None, ValueError(f"rows that point nowhere: {lost[:5]}"))
connection.commit()
