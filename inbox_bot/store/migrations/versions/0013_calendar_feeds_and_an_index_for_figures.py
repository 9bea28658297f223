"""Secret addresses of the calendar of legal dates, and the indexes that figures are read from"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.String(), nullable=False),
        sa.Column("read_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    # It begins with what the old one was on, so that a new event still costs no more than two indexes' worth.
    op.create_index("ix_event_case_claim", "event", ["case_id", "claim_id", "name", "at"])
    op.drop_index("ix_event_case_id", table_name="event")
    op.create_index("ix_claim_received_at", "claim", ["received_at"])


def downgrade() -> None:
    op.drop_index("ix_claim_received_at", table_name="claim")
    op.create_index("ix_event_case_id", "event", ["case_id"])
    op.drop_index("ix_event_case_claim", table_name="event")
    op.drop_table("calendar_feed")
