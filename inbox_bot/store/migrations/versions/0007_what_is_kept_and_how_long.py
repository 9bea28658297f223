"""What is kept and for how long, the alarms that have been sent, and the public holidays"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # One by one, not in a batch: on SQLite a batch may build the table anew, which rows that point to a case forbid.
    op.add_column("case", sa.Column("requester_hash", sa.String(), nullable=False, server_default=""))
    op.add_column("case", sa.Column("emptied_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("case", sa.Column("disputed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("letter", sa.Column("emptied_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "mark",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "alarm",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("claim_id", "days", "due"),
    )
    op.create_table(
        "holiday",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("free", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("day"),
    )


def downgrade() -> None:
    op.drop_table("holiday")
    op.drop_table("alarm")
    op.drop_table("mark")
    op.drop_column("letter", "emptied_at")
    for name in ("disputed", "emptied_at", "requester_hash"):
        op.drop_column("case", name)
