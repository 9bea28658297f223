"""Login codes bound to the visit that asked for them, and the browsers that have logged in before"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A code made before this belongs to no visit and could never be used; it lived for minutes.
    op.execute("DELETE FROM login_code")
    with op.batch_alter_table("login_code", schema=None) as batch_op:
        batch_op.add_column(sa.Column("visit_hash", sa.String(), nullable=False))
        batch_op.add_column(sa.Column("known", sa.Boolean(), nullable=False))
    op.create_table(
        "browser",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visit_hash", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("visit_hash", "address"),
    )


def downgrade() -> None:
    op.drop_table("browser")
    op.execute("DELETE FROM login_code")
    with op.batch_alter_table("login_code", schema=None) as batch_op:
        batch_op.drop_column("known")
        batch_op.drop_column("visit_hash")
