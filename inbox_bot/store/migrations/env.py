"""Runs migrations on the connection that ``store.engine.migrate`` opened."""

from alembic import context
from sqlmodel import SQLModel

from inbox_bot.store import tables

connection = context.config.attributes["connection"]
assert tables.MailRow.metadata is SQLModel.metadata
context.configure(
    connection=connection,
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    transactional_ddl=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
