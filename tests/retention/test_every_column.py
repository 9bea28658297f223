"""Every column of every table is either taken away some day or known to say nothing of a person: a new one must be decided on."""

import pytest
from sqlmodel import SQLModel

from inbox_bot.store.case_rows import BODIES, CASE_ROWS

CASE_EMPTIES = {"requester", "requester_name"}
"""Set by ``Retention.empty_case`` itself; so are the hashes of links and codes, by ``kill_tokens``."""

EVIDENCE = {
    "case": "id reference year number state language opened_at closed_at requester_hash emptied_at disputed mailbox",
    "claim": "id case_id right marketing state received_at pausable due by_person to_check",
    "event": "id case_id claim_id at name actor details",  # details are thinned, one by one
    "challenge": "id case_id claim_ids token_hash asked_at expires_at attempts state reminded_at fact_claim_ids fact_mail_id",
    "draft": "id case_id claim_ids letter purpose state version approved_by approved_at letter_id",
    "letter": "id case_id claim_ids name purpose message_id sha256 state attempts created_at next_at claimed_at claimed_by "
    "sent_at approved_by emptied_at complained_at",
    "mail": "id mailbox fingerprint received_at fetched_at state reason historic attempts held_by held_since case_id sorted_by "
    "head_print turn imported_by tried_by",
    "alarm": "id claim_id days due sent_at",
    "task": "id case_id claim_id system todo",
    "outcome": "id case_id claim_id kind system day until whole by_answer actor at withdrawn_by withdrawn_at",
    "notice": "id case_id claim_id right name kind language processor state done_on due letter_id told_at chased_at answered_at",
    "attachment": "id case_id draft_id media_type size sha256 by at",
    "outside_reply": "id mailbox fingerprint case_id sent_at found_at state decided_by decided_at",
    "page_link": "id case_id token_hash made_at opened pressed",
    "page_visit": "id case_id visit_hash made_at expires_at attempts entered mailed",
    "deliverable": "id case_id claim_id media_type size sha256 put_at put_by letter_id until fetched fetched_at emptied_at",
}
GO_WHOLE = {"case_word"}
"""Rows that go with the names, by ``Retention.empty_case`` (tests/store/test_worklist.py)."""

NO_PERSON_IN_A_CASE = {
    "mailbox", "folder", "sighting", "viewing", "suppression", "suppression_change", "publication", "login_code", "browser", "session", "digest", "example", "mark", "holiday",
    "folder_note", "vanished", "mail_mark", "access_grant", "self_check", "comparison", "incident", "pulse", "calendar_feed", "telling", "telling_turn",
    "breach", "breach_letter", "breach_note",  # kept by Item.BREACHES, whatever becomes of the case (Art 33(5))
    "audit", "departure",
}  # fmt: skip


@pytest.mark.parametrize("table", SQLModel.metadata.sorted_tables, ids=lambda table: table.name)
def test_every_column_is_emptied_or_evidence(table):
    if table.name in NO_PERSON_IN_A_CASE:
        assert "case_id" not in table.c
        return
    if table.name in GO_WHOLE:
        return
    emptied = set(CASE_ROWS.get(table.name, {})) | (CASE_EMPTIES if table.name == "case" else set())
    evidence = set(EVIDENCE[table.name].split())
    assert not emptied & evidence
    assert set(table.c.keys()) == emptied | evidence, "say in store/retention.py what becomes of the new column"


def test_bodies_are_part_of_what_a_case_is_emptied_of():
    assert all(set(columns) <= set(CASE_ROWS[name]) for name, columns in BODIES.items())
