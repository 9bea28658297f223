"""What is kept and for how long, the alarms that have been sent, and the public holidays"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("case") as case:
        case.add_column(sa.Column("requester_hash", sa.String(), nullable=False, server_default=""))
        case.add_column(sa.Column("emptied_at", sa.DateTime(timezone=True), nullable=True))
        case.add_column(sa.Column("disputed", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("letter") as letter:
        letter.add_column(sa.Column("emptied_at", sa.DateTime(timezone=True), nullable=True))
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
    with op.batch_alter_table("letter") as letter:
        letter.drop_column("emptied_at")
    with op.batch_alter_table("case") as case:
        case.drop_column("disputed")
        case.drop_column("emptied_at")
        case.drop_column("requester_hash")
