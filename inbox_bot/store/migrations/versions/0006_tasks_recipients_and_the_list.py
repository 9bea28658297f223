"""What is done in each system, who is told of it, and who changed the list against marketing"""

from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _tasks()
    _notices()
    op.create_table(
        "suppression_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("added", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_suppression_change_fingerprint", "suppression_change", ["fingerprint"])
    op.create_table(
        "publication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("written_at", _INSTANT, nullable=True),
        sa.Column("failed_at", _INSTANT, nullable=True),
        sa.Column("failure", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    _carry_over_what_was_typed()


def _tasks() -> None:
    op.create_table(
        "task",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("todo", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"]),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("claim_id", "system"),
    )
    op.create_index("ix_task_case_id", "task", ["case_id"])
    op.create_table(
        "outcome",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("until", sa.String(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("by_answer", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("withdrawn_by", sa.String(), nullable=False),
        sa.Column("withdrawn_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"]),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_outcome_case_id", "outcome", ["case_id"])


def _notices() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("right", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("processor", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("new_value", sa.Text(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=True),
        sa.Column("told_at", _INSTANT, nullable=True),
        sa.Column("chased_at", _INSTANT, nullable=True),
        sa.Column("answered_at", _INSTANT, nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"]),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"]),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("claim_id", "name"),
    )
    op.create_index("ix_notice_case_id", "notice", ["case_id"])
    op.create_index("ix_notice_letter_id", "notice", ["letter_id"])
    op.create_index("ix_notice_state", "notice", ["state"])


def _carry_over_what_was_typed() -> None:
    """Write down as recorded what staff had typed into answers that have not left: letters are made from records now."""
    connection = op.get_bind()
    draft = sa.table(
        "draft",
        sa.column("id", sa.Integer()),
        sa.column("case_id", sa.Integer()),
        sa.column("claim_ids", sa.JSON()),
        sa.column("values", sa.JSON()),
        sa.column("state", sa.String()),
    )
    outcome = sa.table(
        "outcome",
        *(sa.column(name) for name in ("case_id", "claim_id", "kind", "system", "what", "why", "until", "actor")),
        *(sa.column(name) for name in ("withdrawn_by",)),
        sa.column("day", sa.Date()),
        sa.column("whole", sa.Boolean()),
        sa.column("by_answer", sa.Boolean()),
        sa.column("at", _INSTANT),
    )
    rows = connection.execute(sa.select(draft).where(draft.c.state.in_(["open", "returned", "approved"]))).all()
    for row in rows:
        values = dict(row.values or {})
        typed = [("done", one) for one in values.pop("actions", None) or []]
        typed += [("kept", one) for one in values.pop("kept", None) or []]
        for claim_id in row.claim_ids if typed else []:
            for kind, one in typed:
                connection.execute(outcome.insert().values(**_outcome(row.case_id, claim_id, kind, one)))
        if typed:
            connection.execute(draft.update().where(draft.c.id == row.id).values({"values": values}))


def _outcome(case_id: int, claim_id: int, kind: str, one: dict[str, Any]) -> dict[str, Any]:
    try:
        day = date.fromisoformat(str(one.get("on", "")))
    except ValueError:
        day = None
    texts = {name: str(one.get(name, "") or "") for name in ("what", "system", "why", "until")}
    return texts | {
        "case_id": case_id,
        "claim_id": claim_id,
        "kind": kind,
        "day": day,
        "whole": False,
        "by_answer": False,
        "actor": "program",
        "at": datetime.now(UTC),
        "withdrawn_by": "",
    }


def downgrade() -> None:
    for name in ("publication", "suppression_change", "notice", "outcome", "task"):
        op.drop_table(name)
