"""What a hostile or unlucky sender may try, and must not get: each of these was once possible."""

from datetime import timedelta

import pytest

from inbox_bot.digest import facts, summary
from inbox_bot.digest.lines import Pen
from inbox_bot.domain.case import LetterPurpose
from inbox_bot.errors import NotAllowedError
from inbox_bot.outbox.transport import Attempt, Fate
from inbox_bot.store.mails import NewMail
from tests.support.house import EVA, KALLE, both_databases


def test_a_case_number_and_a_from_address_prove_nothing(house):
    house.ask_and_confirm("#access")
    house.mail("#erasure", subject="Ang PK-2026-0001", sender=KALLE)
    house.drain()
    assert house.states()["erasure"] == "awaiting_identity"
    assert not next(claim for claim in house.case().claims if claim.claim.right.value == "erasure").proven


def test_an_answer_to_our_letter_by_who_has_confirmed_needs_no_second_code(house):
    receipt = house.ask("#access")
    house.flow.confirm(receipt.token, receipt.code)
    house.drain()
    house.reply(receipt, "#erasure")
    house.drain()
    assert house.states()["erasure"] == "awaiting_approval"


def test_a_letter_about_the_person_lets_its_reader_ask_for_nothing_in_their_name(house):
    house.ask_and_confirm("#access")
    letter = {"name": "recipient_supplier", "purpose": LetterPurpose.RECIPIENT, "content": b"x", "at": house.now}
    with house.flow.desk.write() as unit:
        unit.letters.queue(recipient=EVA, message_id="<told@example.com>", case_id=house.case().id, **letter)
    house.mail("#erasure", sender=KALLE, headers={"In-Reply-To": "<told@example.com>"})
    house.drain()
    assert house.states()["erasure"] == "awaiting_identity"


def test_addresses_that_no_letter_reaches_hold_up_nobody(house):
    for number in range(12):
        house.mail("#access", sender=f"x{number}@foo_bar.example")
    house.mail("#access", sender="kållé@example.se")
    house.drain()
    assert house.ask("#access", sender=KALLE)
    assert [view.record.reason for view in house.flow.archive.overview().to_sort] == ["unwritable_address"] * 13


@both_databases
def test_a_right_asked_for_anew_gets_a_case_of_its_own_while_another_still_runs(house):
    house.ask_and_confirm("#access #erasure")
    access = next(view for view in house.file().drafts if view.record.letter == "granted_access")
    house.flow.edit(access.record.id, values={"copy": "Allt.", "recipients": "Ingen annan."}, by="anna")
    house.flow.approve(access.record.id, by="anna")
    house.drain()
    assert house.states() == {"access": "answered", "erasure": "awaiting_approval"}
    house.days(20)
    house.reply(house.to()[0], "#access")
    house.drain()
    assert house.states("PK-2026-0002") == {"access": "awaiting_identity"}
    assert house.states() == {"access": "answered", "erasure": "awaiting_approval"}


def test_a_mail_that_cannot_be_filed_waits_for_a_person_and_stops_no_other(house, monkeypatch):
    from inbox_bot.case import step

    real = step.open_case

    def breaks(unit, mail, *rest, **more):
        if mail.message.sender.address == EVA:
            raise RuntimeError("the database is in trouble over this one")
        return real(unit, mail, *rest, **more)

    monkeypatch.setattr(step, "open_case", breaks)
    house.mail("#access", sender=EVA)
    house.mail("#erasure", sender=KALLE)
    house.drain()
    assert house.states() == {"erasure": "awaiting_identity"}
    assert [view.record.reason for view in house.flow.archive.overview().to_sort] == ["not_filed"]


def test_a_reply_from_the_persons_other_address_is_seen_and_proves_nothing(house):
    receipt = house.ask("#access")
    house.reply(receipt, f"Här är koden: {receipt.code}", sender="kalle.arbete@example.org")
    house.drain()
    assert house.states() == {"access": "awaiting_identity"}
    [view] = house.flow.archive.overview().to_sort
    assert view.record.reason == "other_address"


def test_a_code_among_other_words_leaves_the_mail_to_be_read(house):
    receipt = house.ask("#access")
    house.reply(receipt, "Har ni en fråga? Ring mig på måndag.")
    house.reply(receipt, f"{receipt.code} #unsure och så undrar jag om ni kan ta bort det andra också")
    house.drain()
    assert house.states() == {"access": "awaiting_approval"}
    assert [mail.unread for mail in house.file().mails] == [False, True, True]


def test_what_came_after_the_page_was_opened_is_not_marked_as_read(house):
    receipt = house.ask("#access")
    house.reply(receipt, "Hur går det?")
    house.drain()
    seen = house.file().mails[-1].id
    house.reply(receipt, "Hallå?")
    house.drain()
    house.flow.mark_read("PK-2026-0001", upto=seen)
    assert [mail.unread for mail in house.file().mails] == [False, False, True]


def test_a_clock_set_back_between_question_and_answer_breaks_no_page(house):
    receipt = house.ask("#access")
    house.clock.advance(timedelta(days=-1))
    house.flow.confirm(receipt.token, receipt.code)
    house.clock.advance(timedelta(days=1))
    house.drain()
    assert house.flow.archive.overview().cases
    assert house.flow.weekly_digest().text


def test_a_flood_of_mails_delays_no_approved_answer(house):
    house.ask_and_confirm("#erasure", sender=EVA)
    house.days(2)
    for number in range(house.flow.outbox.limits.per_hour + 20):
        house.mail("#access", sender=f"flod{number}@example.com")
    house.drain()
    house.flow.approve_case("PK-2026-0001", by="anna", note="Kontot är raderat i kursplattformen.", rest=True)
    house.drain()
    assert house.states() == {"erasure": "answered"}


def test_dismissing_a_case_keeps_a_notice_from_leaving(house):
    house.ask_and_confirm("#erasure")
    house.flow.extend("PK-2026-0001", right=None, reasons="Tre arkiv.", by="anna")
    house.flow.dismiss("PK-2026-0001", reason="Det gällde en bokning.", by="anna")
    sent = len(house.to())
    house.drain()
    assert len(house.to()) == sent
    assert {letter.state.value for letter in house.letters() if letter.purpose is LetterPurpose.EXTENSION} == {"void"}
    with pytest.raises(NotAllowedError):
        house.flow.dismiss("PK-2026-0001", reason="igen", by="anna")


def test_a_mail_no_room_takes_on_is_shown(house):
    with house.flow.desk.write() as unit:
        late = NewMail(fingerprint="0" * 64, received_at=house.now, content=b"Subject: x", historic=False)
        unit.mails.add("info", house.now - timedelta(minutes=31), [late])
        new = NewMail(fingerprint="1" * 64, received_at=house.now, content=b"Subject: x", historic=False)
        unit.mails.add("info", house.now, [new])
    assert house.flow.archive.health()[1] == 1
    assert house.flow.archive.overview().stuck == 1
    assert "1 brev har fastnat" in str(
        summary.daily(gather(house), Pen(calendar=house.flow.calendar, pages=""), "2026-09-07")
    )


def gather(house):
    with house.flow.desk.look() as unit:
        return facts.gather(unit, house.clock)


def test_a_bounced_answer_that_was_replaced_can_be_laid_aside(house):
    house.ask_and_confirm("#erasure")
    house.flow.approve_case("PK-2026-0001", by="anna", note="Raderat i kursplattformen.", rest=True)
    house.transport.answers.append(Attempt(fate=Fate.REFUSED, answer="550 5.1.1"))
    house.drain()
    house.flow.approve_case("PK-2026-0001", by="anna", note="Raderat i kursplattformen.", rest=True)
    house.drain()
    [failed] = house.flow.archive.overview().troubled
    with pytest.raises(NotAllowedError):
        house.flow.settle(failed.id, sent=False, by="anna")
    house.flow.lay_aside(failed.id, by="anna")
    assert house.flow.archive.overview().troubled == ()
    assert house.states() == {"erasure": "answered"}
