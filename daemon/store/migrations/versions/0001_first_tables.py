"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from daemon.store.tables import Timestamp

_OPEN = sa.text("state NOT IN ('resolved', 'false_alarm')")

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "acting_links",
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("used_at", Timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_acting_links")),
    )
    op.create_table(
        "corrections",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", Timestamp(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("brand", sa.String(length=64), nullable=True),
        sa.Column("mention_id", sa.String(length=256), nullable=True),
        sa.Column("sentiment", sa.String(length=8), nullable=True),
        sa.Column("rollback_to", sa.BigInteger(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    op.create_table(
        "counts",
        sa.Column("brand", sa.String(length=64), nullable=False),
        sa.Column("minute", Timestamp(), nullable=False),
        sa.Column("mentions", sa.Integer(), nullable=False),
        sa.Column("negative", sa.Integer(), nullable=False),
        sa.Column("authors", sa.Integer(), nullable=False),
        sa.Column("negative_authors", sa.Integer(), nullable=False),
        sa.Column("reach", sa.Float(), nullable=False),
        sa.Column("top_reach", sa.Float(), nullable=False),
        sa.Column("risk", sa.Integer(), nullable=False),
        sa.Column("late_mentions", sa.Integer(), nullable=False),
        sa.Column("late_negative", sa.Integer(), nullable=False),
        sa.Column("late_authors", sa.Integer(), nullable=False),
        sa.Column("late_negative_authors", sa.Integer(), nullable=False),
        sa.Column("updated_at", Timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("brand", "minute", name=op.f("pk_counts")),
    )
    op.create_index("ix_counts_updated_at", "counts", ["updated_at"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("incident_id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=256), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("notifier", sa.String(length=80), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.Column("due_at", Timestamp(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", Timestamp(), nullable=True),
        sa.Column("leased_by", sa.String(length=64), nullable=True),
        sa.Column("detail", sa.LargeBinary(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=True),
        sa.Column("finished_at", Timestamp(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("held", sa.String(length=16), nullable=True),
        sa.Column("merged_into", sa.String(length=36), nullable=True),
        sa.Column("stalled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("incident_id", "key", name=op.f("uq_deliveries_incident_id_key")),
    )
    op.create_index("ix_deliveries_incident_id_target", "deliveries", ["incident_id", "target"], unique=False)
    op.create_index("ix_deliveries_merged_into", "deliveries", ["merged_into"], unique=False)
    op.create_index("ix_deliveries_state_due_at", "deliveries", ["state", "due_at"], unique=False)
    op.create_table(
        "dues",
        sa.Column("incident_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("at", Timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "name", name=op.f("pk_dues")),
    )
    op.create_index("ix_dues_at", "dues", ["at"], unique=False)
    op.create_table(
        "gaps",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("since", Timestamp(), nullable=False),
        sa.Column("until", Timestamp(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "since", name=op.f("pk_gaps")),
    )
    op.create_table(
        "incidents",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("brand", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("opened_at", Timestamp(), nullable=False),
        sa.Column("resolved_at", Timestamp(), nullable=True),
        sa.Column("head_seq", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    op.create_index("ix_incidents_brand_state", "incidents", ["brand", "state"], unique=False)
    op.create_index("ix_incidents_opened_at", "incidents", ["opened_at"], unique=False)
    op.create_index(
        "uq_incidents_open", "incidents", ["brand", "kind"], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    op.create_table(
        "letters",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("notifier", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.Column("due_at", Timestamp(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", Timestamp(), nullable=True),
        sa.Column("leased_by", sa.String(length=64), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("finished_at", Timestamp(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
    )
    op.create_index("ix_letters_state_due_at", "letters", ["state", "due_at"], unique=False)
    op.create_table(
        "mentions",
        sa.Column("brand", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=256), nullable=False),
        sa.Column("channel", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("author_name", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("thread", sa.Text(), nullable=True),
        sa.Column("followers", sa.BigInteger(), nullable=True),
        sa.Column("engagement", sa.BigInteger(), nullable=True),
        sa.Column("published_at", Timestamp(), nullable=False),
        sa.Column("received_at", Timestamp(), nullable=False),
        sa.Column("lang", sa.String(length=8), nullable=False),
        sa.Column("sentiment", sa.Float(), nullable=True),
        sa.Column("p_negative", sa.Float(), nullable=False),
        sa.Column("complaint", sa.Float(), nullable=False),
        sa.Column("outage", sa.Float(), nullable=False),
        sa.Column("negative", sa.Boolean(), nullable=False),
        sa.Column("corrected", sa.String(length=8), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("clamped", sa.Boolean(), nullable=False),
        sa.Column("learned", sa.Boolean(), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("brand", "id", name=op.f("pk_mentions")),
    )
    op.create_index("ix_mentions_author", "mentions", ["author"], unique=False, postgresql_using="hash")
    op.create_index("ix_mentions_brand_published_at", "mentions", ["brand", "published_at"], unique=False)
    op.create_index("ix_mentions_received_at", "mentions", ["received_at"], unique=False)
    op.create_table(
        "monitors",
        sa.Column("brand", sa.String(length=64), nullable=False),
        sa.Column("at", Timestamp(), nullable=False),
        sa.Column("minute", Timestamp(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("brand", name=op.f("pk_monitors")),
    )
    op.create_table(
        "parts",
        sa.Column("brand", sa.String(length=64), nullable=False),
        sa.Column("minute", Timestamp(), nullable=False),
        sa.Column("part", sa.String(length=128), nullable=False),
        sa.Column("negative_authors", sa.Integer(), nullable=False),
        sa.Column("authors", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("brand", "minute", "part", name=op.f("pk_parts")),
    )
    op.create_table(
        "rejected",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", Timestamp(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("brand", sa.String(length=64), nullable=True),
        sa.Column("index", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rejected")),
    )
    op.create_index("ix_rejected_at", "rejected", ["at"], unique=False)
    op.create_table(
        "silences",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("begins", Timestamp(), nullable=False),
        sa.Column("ends", Timestamp(), nullable=False),
        sa.Column("created_at", Timestamp(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silences")),
    )
    op.create_table(
        "tallies",
        sa.Column("hour", Timestamp(), nullable=False),
        sa.Column("brand", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "brand", "source", "outcome", name=op.f("pk_tallies")),
    )
    op.create_table(
        "timeline",
        sa.Column("incident_id", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", Timestamp(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "seq", name=op.f("pk_timeline")),
    )
