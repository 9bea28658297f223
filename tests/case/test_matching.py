"""Which case a mail belongs to, decided without a database."""

from dataclasses import replace

import pytest

from inbox_bot.case.matching import belongs_to, normal_address, references_in, same_matter, thread_ids
from inbox_bot.domain.case import CaseRecord, CaseState, ClaimRecord, ClaimState
from inbox_bot.domain.dates import ClockEvents
from inbox_bot.domain.mail import Address, Message
from inbox_bot.domain.rights import Claim, Right
from tests.support.house import EVA, KALLE, START

ACCESS, ERASURE = Claim(right=Right.ACCESS), Claim(right=Right.ERASURE)
OBJECTION, MARKETING = Claim(right=Right.OBJECTION), Claim(right=Right.OBJECTION, marketing=True)


def a_claim(claim=ACCESS, state=ClaimState.AWAITING_APPROVAL):
    return ClaimRecord(id=1, case_id=1, claim=claim, state=state, clock=ClockEvents(received_at=START))


def a_case(number=1, requester=KALLE, state=CaseState.OPEN, claims=None):
    return CaseRecord(
        id=number,
        reference=f"PK-2026-{number:04d}",
        state=state,
        requester=requester,
        requester_name="",
        language="sv",
        opened_at=START,
        claims=tuple([a_claim()] if claims is None else claims),
    )


def a_mail(sender=KALLE):
    address = None if sender is None else Address(address=sender)
    return Message(message_id="<m@example.com>", sender=address, subject="", reply_text="")


@pytest.mark.parametrize(
    ("subject", "found"),
    [
        ("Sv: Ditt ärende PK-2026-0042", ("PK-2026-0042",)),
        ("pk-2026-0042", ("PK-2026-0042",)),
        ("Ärende PK - 2026 - 0042!", ("PK-2026-0042",)),
        ("PK-2026-0001 och PK-2026-12345", ("PK-2026-0001", "PK-2026-12345")),
        ("ÅÄ-2026-0001", ("ÅÄ-2026-0001",)),
        ("PK-2026-42", ()),
        ("XPK-2026-00421234567", ()),
        ("telefon 070-2026-0042", ()),
        ("", ()),
    ],
)
def test_references_in_a_subject(subject, found):
    assert references_in(subject) == found


def test_a_mail_points_back_by_reply_references_and_its_own_id_once_each():
    mail = replace(a_mail(), in_reply_to=("<a@x.se>",), references=("<b@x.se>", "<a@x.se>"))
    assert thread_ids(mail) == ("<a@x.se>", "<b@x.se>", "<m@example.com>")
    assert thread_ids(replace(mail, message_id=None)) == ("<a@x.se>", "<b@x.se>")


@pytest.mark.parametrize(
    "sender", [EVA, "kalle@example.org", "kalle@example.se.example.org", "xkalle@example.se", None]
)
def test_another_persons_mail_never_belongs(sender):
    assert belongs_to(a_mail(sender), [a_case()]) is None


@pytest.mark.parametrize("sender", [KALLE, "Kalle@Example.se", "KALLE@EXAMPLE.SE"])
def test_capitals_make_no_other_person(sender):
    assert belongs_to(a_mail(sender), [a_case()]).id == 1


def test_an_open_case_goes_before_a_closed_one_and_then_the_newest():
    closed, older, newer = a_case(9, state=CaseState.CLOSED), a_case(1), a_case(2)
    assert belongs_to(a_mail(), [closed, older, newer]) is newer
    assert belongs_to(a_mail(), [closed]) is closed
    assert belongs_to(a_mail(), [a_case(5, requester=EVA), older]) is older


def test_a_reminder_is_the_same_matter_only_while_all_it_asks_for_is_running():
    both = a_case(claims=[a_claim(ACCESS), a_claim(ERASURE)])
    assert same_matter([ACCESS], [both]) is both
    assert same_matter([ERASURE, ACCESS], [both]) is both
    assert same_matter([ACCESS, OBJECTION], [both]) is None
    assert same_matter([], [both]) is None
    for final in (ClaimState.ANSWERED, ClaimState.DISOWNED, ClaimState.DISMISSED):
        assert same_matter([ACCESS], [a_case(claims=[a_claim(ACCESS, final), a_claim(ERASURE)])]) is None
    assert same_matter([ACCESS], [a_case(state=CaseState.CLOSED)]) is None


def test_a_marketing_stop_is_another_matter_than_an_objection():
    assert same_matter([MARKETING], [a_case(claims=[a_claim(OBJECTION)])]) is None
    assert same_matter([OBJECTION], [a_case(claims=[a_claim(MARKETING)])]) is None


def test_addresses_are_kept_in_lower_case():
    assert normal_address(" Kalle.Ek@Example.SE ") == "kalle.ek@example.se"


def test_what_comes_from_an_address_on_file_that_was_asked_belongs_to_the_case_that_asked():
    asked = {1: frozenset({EVA})}
    assert belongs_to(a_mail(EVA), [a_case(), a_case(2)], asked).id == 1
    assert belongs_to(a_mail(EVA), [a_case(2)], asked) is None
    assert belongs_to(a_mail(EVA), [a_case()], {}) is None
