"""INSERT … ON CONFLICT, the one statement that SQLite and PostgreSQL spell alike but SQLAlchemy keeps apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

Row = Mapping[str, Any]
# how a column changes on conflict: (present value, given value) → new value; None: the given value
Change = Callable[[sa.ColumnElement[Any], sa.ColumnElement[Any]], sa.ColumnElement[Any]] | None


async def upsert(
    connection: AsyncConnection,
    table: sa.Table,
    rows: Sequence[Row],
    keys: Sequence[str],
    changes: Mapping[str, Change],
    *,
    only: Callable[[Row], bool] | None = None,
) -> None:
    """Insert ``rows``; where ``keys`` are there already apply ``changes``, or keep what is there.

    ``only`` picks the rows that may change what is there; the others keep it.
    """
    updating = [row for row in rows if only is None or only(row)]
    keeping = [row for row in rows if only is not None and not only(row)]
    if keeping:
        await connection.execute(_insert(connection, table).on_conflict_do_nothing(index_elements=keys), keeping)
    if not updating:
        return
    insert = _insert(connection, table)
    if not changes:
        await connection.execute(insert.on_conflict_do_nothing(index_elements=keys), updating)
        return
    new = {
        name: insert.excluded[name] if change is None else change(table.c[name], insert.excluded[name])
        for name, change in changes.items()
    }
    await connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=new), updating)


def _insert(connection: AsyncConnection, table: sa.Table) -> Any:
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def add(present: sa.ColumnElement[Any], given: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Sum of both."""
    return present + given


def larger(present: sa.ColumnElement[Any], given: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The larger of both."""
    return sa.case((present > given, present), else_=given)
