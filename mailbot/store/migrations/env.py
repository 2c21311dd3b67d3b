"""Alembic's entry: migrates over the connection that the store hands in."""

from alembic import context
from sqlmodel import SQLModel

from mailbot.store import tables  # noqa: F401 - fills the metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
