"""Two at once: guarded updates and unique keys let exactly one through, on both databases."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from inbox_bot.domain.case import ClaimState, DraftState, LetterPurpose, LetterState, MailState
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.store.mailboxes import Watermark
from inbox_bot.store.mails import NewMail
from tests.support.house import START, both_databases

pytestmark = both_databases

MANY = 6


def at_once(act, count=MANY):
    """Run ``act(number)`` in threads that all start together; return the results."""
    gate = threading.Barrier(count, timeout=30)

    def run(number):
        gate.wait()
        return act(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.fixture
def desk(build):
    return build().flow.desk


def new_mail(fingerprint="f1", historic=False):
    return NewMail(fingerprint=fingerprint, received_at=START, content=b"Hej", historic=historic)


def add_case(unit):
    return unit.cases.open(prefix="PK", year=2026, requester="kalle@example.se", name="", language="sv", at=START)


def add_letter(unit, message_id="<1@example.com>", purpose=LetterPurpose.ANSWER, case_id=None):
    return unit.letters.queue(
        name="receipt",
        purpose=purpose,
        recipient="kalle@example.se",
        message_id=message_id,
        content=b"Hej",
        at=START,
        case_id=case_id,
    )


def test_one_of_many_claims_a_letter(desk):
    with desk.write() as unit:
        letter = add_letter(unit)

    def claim(_):
        with desk.write() as unit:
            return unit.letters.move(letter, [LetterState.QUEUED], LetterState.SENDING, claimed_at=START)

    assert sorted(at_once(claim)) == [False] * (MANY - 1) + [True]


def test_one_of_many_moves_a_mail(desk):
    with desk.write() as unit:
        mail = unit.mails.add("info", START, [new_mail()])["f1"]

    def move(_):
        with desk.write() as unit:
            return unit.mails.move(mail, MailState.RECEIVED, MailState.QUARANTINED)

    assert sum(at_once(move)) == 1


def test_one_of_many_moves_a_claim(desk):
    with desk.write() as unit:
        case = add_case(unit)
        claim = unit.cases.add_claim(
            case.id, Claim(right=Right.ACCESS), received_at=START, pausable=True, due=START.date()
        )

    def move(_):
        with desk.write() as unit:
            return unit.cases.move_claim(claim, [ClaimState.OPENED], ClaimState.CONFIRMED)

    assert sum(at_once(move)) == 1


def test_one_of_many_closes_a_case(desk):
    with desk.write() as unit:
        case = add_case(unit)

    def close(_):
        with desk.write() as unit:
            return unit.cases.close(case.id, START)

    assert sum(at_once(close)) == 1


def test_one_of_many_changes_a_draft_they_all_looked_at(desk):
    with desk.write() as unit:
        case = add_case(unit)
        draft_id = unit.drafts.add(
            case_id=case.id, claim_ids=[], letter="receipt", purpose=LetterPurpose.ANSWER, values={}
        )
    with desk.look() as unit:
        draft = unit.drafts.get(draft_id)

    def change(number):
        with desk.write() as unit:
            return unit.drafts.change(draft, DraftState.OPEN, note=str(number))

    assert sum(at_once(change)) == 1
    with desk.look() as unit:
        assert unit.drafts.get(draft_id).version == 2


def test_attempts_at_a_code_never_pass_their_limit(desk):
    with desk.write() as unit:
        case = add_case(unit)
        challenge = unit.challenges.add(
            case_id=case.id,
            claim_ids=[],
            address="kalle@example.se",
            token_hash="t",
            code_hash="c",
            message_id="<1@example.com>",
            asked_at=START,
            expires_at=datetime(2026, 9, 14, tzinfo=UTC),
        )

    def spend(_):
        with desk.write() as unit:
            return unit.challenges.spend_attempt(challenge, 3)

    assert sum(at_once(spend, 8)) == 3


def test_one_of_many_claims_a_digest_period_and_the_others_go_on(desk):
    def claim(number):
        with desk.write() as unit:
            mine = unit.digests.claim("weekly", "2026-W37", START)
            unit.mailboxes.note_success(f"box{number}", START)
            return mine

    assert sum(at_once(claim)) == 1
    with desk.look() as unit:
        assert len(unit.mailboxes.health()) == MANY
        assert unit.digests.is_done("weekly", "2026-W37")


def test_case_numbers_are_given_once_each(desk):
    def open_one(_):
        with desk.write() as unit:
            return add_case(unit).reference

    assert sorted(at_once(open_one, 8)) == [f"PK-2026-{number:04d}" for number in range(1, 9)]


def test_each_year_counts_from_one_and_prefix_does_not_matter(desk):
    with desk.write() as unit:
        add_case(unit)
        later = unit.cases.open(prefix="PK", year=2027, requester="a@example.se", name="", language="sv", at=START)
        again = unit.cases.open(prefix="KP", year=2027, requester="a@example.se", name="", language="sv", at=START)
    assert later.reference == "PK-2027-0001"
    assert again.reference == "KP-2027-0002"


def test_a_sighting_is_noted_once(desk):
    with desk.write() as unit:
        mail = unit.mails.add("info", START, [new_mail()])["f1"]
        unit.mailboxes.add_sightings("info", "INBOX", 1, [(7, mail)])
    with pytest.raises(IntegrityError), desk.write() as unit:
        unit.mailboxes.add_sightings("info", "INBOX", 1, [(7, mail)])
    with desk.write() as unit:
        unit.mailboxes.add_sightings("info", "INBOX", 2, [(7, mail)])
        unit.mailboxes.add_sightings("info", "Skräppost", 1, [(7, mail)])
    with desk.look() as unit:
        assert unit.mailboxes.seen_uids("info", "INBOX", 1, [6, 7, 8]) == {7}


def test_the_same_bytes_are_one_mail_in_a_mailbox_and_another_in_the_next(desk):
    with desk.write() as unit:
        first = unit.mails.add("info", START, [new_mail(), new_mail()])
        again = unit.mails.add("info", START, [new_mail()])
        other = unit.mails.add("kurs", START, [new_mail()])
    assert first == again
    assert other["f1"] != first["f1"]


def test_a_right_stands_once_in_a_case(desk):
    def add():
        with desk.write() as unit:
            unit.cases.add_claim(1, Claim(right=Right.ACCESS), received_at=START, pausable=True, due=START.date())

    with desk.write() as unit:
        add_case(unit)
    add()
    with pytest.raises(IntegrityError):
        add()


def test_a_message_id_leaves_once(desk):
    def add_two():
        with desk.write() as unit:
            add_letter(unit)
            add_letter(unit)

    with pytest.raises(IntegrityError):
        add_two()
    with desk.look() as unit:
        assert unit.letters.get(1) is None


def test_two_first_looks_at_once_leave_one_watermark(desk):
    def first_look(_):
        with desk.write() as unit:
            unit.mailboxes.lock("info")
            if unit.mailboxes.watermark("info", "INBOX") is None:
                mark = Watermark(uidvalidity=1, uid=0, first_look_at=START)
                unit.mailboxes.set_watermark("info", "INBOX", mark)
            unit.mailboxes.note_success("info", START)

    at_once(first_look)
    with desk.look() as unit:
        assert unit.mailboxes.watermark("info", "INBOX").uidvalidity == 1
        assert [box.name for box in unit.mailboxes.health()] == ["info"]
