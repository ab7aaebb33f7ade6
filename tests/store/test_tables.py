"""The migrations make just the tables that the code works with."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from daemon.store.engine import Store
from daemon.store.tables import metadata


async def test_the_migrations_lead_to_the_tables(store: Store) -> None:
    def differences(connection: sa.Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    async with store.write() as connection:
        assert await connection.run_sync(differences) == []
