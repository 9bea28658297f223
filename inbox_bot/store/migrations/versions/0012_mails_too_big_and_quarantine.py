"""What was not fetched whole, who brought a mail in or looked at it, and which edition of the program gave up on it"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # One by one, not in a batch: on SQLite a batch may build the table anew, which rows that point to a mail forbid.
    op.add_column("mail", sa.Column("abridged", sa.JSON(), nullable=True))
    op.add_column("mail", sa.Column("head_print", sa.String(), nullable=False, server_default=""))
    op.add_column("mail", sa.Column("turn", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("mail", sa.Column("imported_by", sa.String(), nullable=False, server_default=""))
    op.add_column("mail", sa.Column("tried_by", sa.String(), nullable=False, server_default=""))
    op.create_index("ix_mail_head_print", "mail", ["head_print"])
    # What an older program could not read is tried once by this one.
    op.execute("UPDATE mail SET tried_by = '0007' WHERE state = 'quarantined'")
    op.create_table(
        "viewing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_viewing_mail_id", "viewing", ["mail_id"])


def downgrade() -> None:
    op.drop_table("viewing")
    op.execute("UPDATE mail SET state = 'quarantined' WHERE state = 'wanted'")
    op.drop_index("ix_mail_head_print", "mail")
    for name in ("tried_by", "imported_by", "turn", "head_print", "abridged"):
        op.drop_column("mail", name)
