"""Runs the migrations on the connection that it is given."""

from __future__ import annotations

from alembic import context

from daemon.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=False,  # the caller's transaction is ours
)
context.run_migrations()
