"""The tables, one definition for SQLite and PostgreSQL. Times are whole milliseconds UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

DRILL = "drill"  # kind of an exercise's row, so that it stands in nobody's way and in no figure
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Timestamp(sa.types.TypeDecorator[datetime]):
    """An aware UTC datetime, kept as milliseconds since 1970: exact and ordered everywhere."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """To milliseconds."""
        del dialect
        return None if value is None else (value - _EPOCH) // timedelta(milliseconds=1)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """From milliseconds."""
        del dialect
        return None if value is None else _EPOCH + timedelta(milliseconds=int(value))


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

mentions = sa.Table(
    "mentions",
    metadata,
    sa.Column("brand", sa.String(64), primary_key=True),
    sa.Column("id", sa.String(256), primary_key=True),
    sa.Column("channel", sa.String(64), nullable=False),
    sa.Column("text", sa.Text),  # null once erased
    sa.Column("author", sa.Text),  # null where unknown or erased
    sa.Column("author_name", sa.Text),
    sa.Column("url", sa.Text),
    sa.Column("thread", sa.Text),
    sa.Column("followers", sa.BigInteger),
    sa.Column("engagement", sa.BigInteger),
    sa.Column("published_at", Timestamp, nullable=False),
    sa.Column("received_at", Timestamp, nullable=False),
    sa.Column("lang", sa.String(8), nullable=False),
    sa.Column("sentiment", sa.Float),  # from upstream
    sa.Column("p_negative", sa.Float, nullable=False),
    sa.Column("complaint", sa.Float, nullable=False),
    sa.Column("outage", sa.Float, nullable=False),
    sa.Column("negative", sa.Boolean, nullable=False),
    sa.Column("corrected", sa.String(8)),  # a moderator's label
    sa.Column("late", sa.Boolean, nullable=False),
    sa.Column("clamped", sa.Boolean, nullable=False),
    sa.Column("learned", sa.Boolean, nullable=False),  # came by `tocsin learn`
    sa.Column("model", sa.String(64), nullable=False),
    sa.Column("source", sa.String(64), nullable=False),
    sa.Index("ix_mentions_brand_published_at", "brand", "published_at"),
    sa.Index("ix_mentions_author", "author", postgresql_using="hash"),  # an author's id may be of any length
    sa.Index("ix_mentions_received_at", "received_at"),
)

counts = sa.Table(
    "counts",
    metadata,
    sa.Column("brand", sa.String(64), primary_key=True),
    sa.Column("minute", Timestamp, primary_key=True),
    sa.Column("mentions", sa.Integer, nullable=False),
    sa.Column("negative", sa.Integer, nullable=False),
    sa.Column("authors", sa.Integer, nullable=False),
    sa.Column("negative_authors", sa.Integer, nullable=False),
    sa.Column("reach", sa.Float, nullable=False),
    sa.Column("top_reach", sa.Float, nullable=False),
    sa.Column("risk", sa.Integer, nullable=False),
    sa.Column("late_mentions", sa.Integer, nullable=False),
    sa.Column("late_negative", sa.Integer, nullable=False),
    sa.Column("late_authors", sa.Integer, nullable=False),
    sa.Column("late_negative_authors", sa.Integer, nullable=False),
    sa.Column("updated_at", Timestamp, nullable=False),
    sa.Index("ix_counts_updated_at", "updated_at"),
)

parts = sa.Table(  # a minute's counts by channel, topic and name; kept as long as texts are
    "parts",
    metadata,
    sa.Column("brand", sa.String(64), primary_key=True),
    sa.Column("minute", Timestamp, primary_key=True),
    sa.Column("part", sa.String(128), primary_key=True),  # "channel:x"
    sa.Column("negative_authors", sa.Integer, nullable=False),
    sa.Column("authors", sa.Integer, nullable=False),
)

tallies = sa.Table(  # what became of mentions, for /report and /metrics
    "tallies",
    metadata,
    sa.Column("hour", Timestamp, primary_key=True),
    sa.Column("brand", sa.String(64), primary_key=True),
    sa.Column("source", sa.String(64), primary_key=True),
    sa.Column("outcome", sa.String(16), primary_key=True),  # accepted duplicates rejected late clamped
    sa.Column("n", sa.BigInteger, nullable=False),
)

rejected = sa.Table(
    "rejected",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("at", Timestamp, nullable=False),
    sa.Column("source", sa.String(64), nullable=False),
    sa.Column("topic", sa.Text),
    sa.Column("brand", sa.String(64)),
    sa.Column("index", sa.Integer),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("payload", sa.LargeBinary, nullable=False),
    sa.Index("ix_rejected_at", "at"),
)

monitors = sa.Table(  # snapshots of what the detectors know
    "monitors",
    metadata,
    sa.Column("brand", sa.String(64), primary_key=True),
    sa.Column("at", Timestamp, nullable=False),  # counts changed from here on are replayed over it
    sa.Column("minute", Timestamp, nullable=False),  # the newest minute it has seen
    sa.Column("state", sa.LargeBinary),  # null: rebuild from the counts
)

gaps = sa.Table(  # when a source was blind
    "gaps",
    metadata,
    sa.Column("source", sa.String(64), primary_key=True),
    sa.Column("since", Timestamp, primary_key=True),
    sa.Column("until", Timestamp),  # null: still blind
    sa.Column("reason", sa.Text, nullable=False),
)

incidents = sa.Table(
    "incidents",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("brand", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("severity", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("opened_at", Timestamp, nullable=False),
    sa.Column("resolved_at", Timestamp),
    sa.Column("head_seq", sa.Integer, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),  # the whole record as JSON
    sa.Index("ix_incidents_opened_at", "opened_at"),
    sa.Index("ix_incidents_brand_state", "brand", "state"),
    sa.Index(  # at most one open per brand and kind
        "uq_incidents_open",
        "brand",
        "kind",
        unique=True,
        sqlite_where=sa.text("state NOT IN ('resolved', 'false_alarm')"),
        postgresql_where=sa.text("state NOT IN ('resolved', 'false_alarm')"),
    ),
)

timeline = sa.Table(
    "timeline",
    metadata,
    sa.Column("incident_id", sa.String(40), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("at", Timestamp, nullable=False),
    sa.Column("kind", sa.String(24), nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),  # JSON
    sa.Column("hash", sa.String(64), nullable=False),
)

dues = sa.Table(  # times owed
    "dues",
    metadata,
    sa.Column("incident_id", sa.String(40), primary_key=True),
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("at", Timestamp, nullable=False),
    sa.Index("ix_dues_at", "at"),
)

deliveries = sa.Table(  # the outbox
    "deliveries",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("incident_id", sa.String(40), nullable=False),
    sa.Column("key", sa.String(256), nullable=False),  # natural: round, purpose, step or n, target
    sa.Column("purpose", sa.String(16), nullable=False),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("notifier", sa.String(80), nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # pending sending uncertain sent failed cancelled
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("due_at", Timestamp, nullable=False),  # not to be tried before
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("lease_until", Timestamp),
    sa.Column("leased_by", sa.String(64)),
    sa.Column("detail", sa.LargeBinary, nullable=False),  # JSON: reminder, note
    sa.Column("receipt", sa.LargeBinary),  # JSON
    sa.Column("finished_at", Timestamp),
    sa.Column("error", sa.Text),
    sa.Column("held", sa.String(16)),  # why it waits for ``due_at``: quiet_hours night_budget silence
    sa.Column("merged_into", sa.String(36)),  # id of the delivery that carries it, its own where it carries others
    sa.Column("stalled", sa.Boolean, nullable=False, default=False),  # failing for so long that others were called
    sa.UniqueConstraint("incident_id", "key"),
    sa.Index("ix_deliveries_state_due_at", "state", "due_at"),
    sa.Index("ix_deliveries_incident_id_target", "incident_id", "target"),
    sa.Index("ix_deliveries_merged_into", "merged_into"),
)

silences = sa.Table(  # made by hand; what is over stays
    "silences",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("begins", Timestamp, nullable=False),
    sa.Column("ends", Timestamp, nullable=False),
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),  # the whole record as JSON
)

corrections = sa.Table(  # the log from which the classifier learns; nothing is ever taken out of it
    "corrections",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("at", Timestamp, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),  # correction rollback retrain
    sa.Column("brand", sa.String(64)),  # of a correction
    sa.Column("mention_id", sa.String(256)),
    sa.Column("sentiment", sa.String(8)),
    sa.Column("rollback_to", sa.BigInteger),  # id of the last entry that still counts; 0: none does
    sa.Column("actor", sa.Text, nullable=False),
)

letters = sa.Table(  # what belongs to no step of an incident: the summary of a month, the answer to a mail
    "letters",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),  # made of what it is about: asked for twice it is one
    sa.Column("notifier", sa.String(80), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # pending sending uncertain sent failed
    sa.Column("created_at", Timestamp, nullable=False),
    sa.Column("due_at", Timestamp, nullable=False),  # not to be tried before
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("lease_until", Timestamp),
    sa.Column("leased_by", sa.String(64)),
    sa.Column("body", sa.LargeBinary, nullable=False),  # JSON; empty once it is finished
    sa.Column("finished_at", Timestamp),
    sa.Column("error", sa.Text),
    sa.Index("ix_letters_state_due_at", "state", "due_at"),
)

acting_links = sa.Table(  # signed links already used, so that each acts once
    "acting_links",
    metadata,
    sa.Column("nonce", sa.String(64), primary_key=True),
    sa.Column("used_at", Timestamp, nullable=False),
)
