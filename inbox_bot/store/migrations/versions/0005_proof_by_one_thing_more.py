"""One thing only the person knows, asked for beside the code and kept until a person has checked it"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("challenge") as challenge:
        challenge.add_column(sa.Column("fact_claim_ids", sa.JSON(), nullable=False, server_default="[]"))
        challenge.add_column(sa.Column("fact", sa.Text(), nullable=False, server_default=""))
        challenge.add_column(sa.Column("fact_mail_id", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("challenge") as challenge:
        challenge.drop_column("fact_mail_id")
        challenge.drop_column("fact")
        challenge.drop_column("fact_claim_ids")
