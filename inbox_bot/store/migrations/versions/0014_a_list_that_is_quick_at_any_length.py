"""What the list of cases is read and searched by: the mailbox of a case, the words it is found by, and indexes"""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_AT_ONCE = 500


def upgrade() -> None:
    op.add_column("case", sa.Column("mailbox", sa.String(), nullable=False, server_default=""))
    op.execute(
        'UPDATE "case" SET mailbox = coalesce((SELECT mailbox FROM mail WHERE mail.id = '
        "(SELECT min(id) FROM mail WHERE mail.case_id = \"case\".id)), '')"
    )
    op.create_index("ix_case_state", "case", ["state", "closed_at", "mailbox"])
    op.drop_index("ix_claim_state", table_name="claim")
    for name in ("by_person", "to_check"):
        op.add_column("claim", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_claim_state", "claim", ["state", "right", "marketing", "due", "case_id", "by_person", "to_check"]
    )
    op.drop_index("ix_mail_state", table_name="mail")
    op.create_index("ix_mail_state", "mail", ["state", "received_at"])
    op.create_index(
        "ix_mail_unread", "mail", ["case_id"], sqlite_where=sa.text("unread = 1"), postgresql_where=sa.text("unread")
    )
    op.create_table(
        "case_word",
        sa.Column("word", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"]),
        sa.PrimaryKeyConstraint("word", "case_id"),
    )
    op.create_index("ix_case_word_case_id", "case_word", ["case_id"])
    _fill()
    _say_whose_turn_it_is()


def downgrade() -> None:
    op.drop_table("case_word")
    op.drop_index("ix_mail_unread", table_name="mail")
    op.drop_index("ix_mail_state", table_name="mail")
    op.create_index("ix_mail_state", "mail", ["state"])
    op.drop_index("ix_claim_state", table_name="claim")
    op.create_index("ix_claim_state", "claim", ["state"])
    op.drop_column("claim", "to_check")
    op.drop_column("claim", "by_person")
    op.drop_index("ix_case_state", table_name="case")
    op.drop_column("case", "mailbox")


def _fill() -> None:
    """Note the words of the cases that are there, as domain/words.py said when this was written."""
    run = op.get_bind().execute
    case = sa.table("case", *map(sa.column, ("id", "requester", "requester_name", "emptied_at")))
    mail = sa.table("mail", sa.column("id"), sa.column("case_id"), sa.column("message", sa.JSON()))
    word = sa.table("case_word", sa.column("word"), sa.column("case_id"))
    last = 0
    while rows := run(sa.select(case).where(case.c.id > last).order_by(case.c.id).limit(_AT_ONCE)).all():
        found = {(one, row.id) for row in rows for one in _words(row.requester, row.requester_name)}
        kept = [row.id for row in rows if row.emptied_at is None]
        for row in run(sa.select(mail.c.case_id, mail.c.message).where(mail.c.case_id.in_(kept))):
            subject = str((row.message or {}).get("subject", ""))
            found |= {(one, row.case_id) for one in _words(subject) if sum(map(str.isdigit, one)) < 4}
        if found:
            run(word.insert(), [{"word": one, "case_id": case_id} for one, case_id in sorted(found)])
        last = rows[-1].id


def _say_whose_turn_it_is() -> None:
    """Note of the claims that wait for proof what their events say: a person decides, or checks what was given."""
    run = op.get_bind().execute
    claim = sa.table("claim", *map(sa.column, ("id", "case_id", "state", "by_person", "to_check")))
    event = sa.table("event", *map(sa.column, ("id", "case_id", "claim_id", "name")), sa.column("details", sa.JSON()))
    names = ("identity_asked", "identity_undecided", "fact_given", "fact_checked")
    found = (
        sa.select(event.c.claim_id, event.c.name, event.c.details)
        .join(claim, sa.and_(claim.c.case_id == event.c.case_id, claim.c.id == event.c.claim_id))
        .where(claim.c.state == "awaiting_identity", event.c.name.in_(names))
        .order_by(event.c.id)
    )
    turns: dict[int, dict[str, bool]] = {}
    for row in run(found):
        turn = turns.setdefault(row.claim_id, {"by_person": False, "to_check": False})
        if row.name.startswith("fact_"):
            turn["to_check"] = row.name == "fact_given"
        else:
            turn["by_person"] = (row.details or {}).get("ask") == "person"
    for claim_id, turn in turns.items():
        if any(turn.values()):
            run(sa.update(claim).where(claim.c.id == claim_id).values(**turn))


def _words(*texts: str) -> set[str]:
    found: set[str] = set()
    for text in texts:
        plain = unicodedata.normalize("NFC", text or "").casefold()
        chunks = [one for chunk in plain.split() if (one := chunk.strip(" \t.,;:!?()[]{}<>\"'`´*_/\\|#-–—…”’“"))]
        for chunk in chunks[:40]:
            found |= {chunk, chunk.rpartition("@")[2], *re.findall(r"\w+", chunk)}
    return {one for one in found if 1 < len(one) <= 80}
