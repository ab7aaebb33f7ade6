"""${message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from daemon.store.tables import Timestamp

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Go one version up."""
    ${upgrades if upgrades else "pass"}
