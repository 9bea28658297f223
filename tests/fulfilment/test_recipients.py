"""Those who have got the data are told what was corrected, erased or restricted: each, once, by a person's decision (Art 19)."""

from datetime import date

import pytest

from inbox_bot.domain.mail import Bounce
from inbox_bot.domain.notice import Addressee
from inbox_bot.errors import LetterIncompleteError, NotAllowedError, NotFoundError
from inbox_bot.outbox import bounces
from inbox_bot.outbox.transport import Attempt, Fate
from tests.support.house import KALLE, both_databases
from tests.support.recipients import EMPLOYER, SUPPLIER, SUPPLIER_ADDRESS, house_with_recipients

REF = "PK-2026-0001"


@pytest.fixture
def told_house(build, tmp_path):
    return house_with_recipients(build, tmp_path)


@pytest.fixture
def erased(told_house):
    """Everything is erased and recorded; nobody has been told yet."""
    told_house.ask_and_confirm("#erasure", sender="Kalle Ek <kalle@example.se>")
    told_house.flow.acting.say_done(REF, ["Allt är raderat."], by="anna")
    return told_house


def notices(house, reference=REF):
    return {one.recipient.name: one for one in house.flow.acting.sheet(reference).notices}


def states(house, reference=REF):
    return {name: one.state.value for name, one in notices(house, reference).items()}


@both_databases
def test_each_recipient_is_listed_when_the_last_system_is_recorded(told_house):
    house = told_house
    house.ask_and_confirm("#erasure")
    house.flow.acting.say_done(REF, ["Kontot är raderat i kursplattformen."], by="anna", system="kursplattformen")
    assert notices(house) == {}
    house.flow.acting.rest_absent(REF, by="anna")
    assert states(house) == {SUPPLIER: "drafted", EMPLOYER: "drafted"}
    assert house.events().count("recipients_listed") == 1
    assert house.to(SUPPLIER_ADDRESS) == []


@pytest.mark.parametrize("tags", ["#access", "#objection", "#marketing", "#portability"])
def test_nobody_is_told_of_anything_else(told_house, tags):
    told_house.ask_and_confirm(tags) if tags != "#marketing" else told_house.ask(tags)
    told_house.flow.acting.say_done(REF, ["Det är gjort."], by="anna")
    assert notices(told_house) == {}


def test_nobody_is_told_where_nothing_was_there(told_house):
    told_house.ask_and_confirm("#erasure")
    told_house.flow.acting.rest_absent(REF, by="anna")
    assert notices(told_house) == {}


def test_nobody_is_told_of_a_restriction_before_somebody_has_confirmed_who_asks(told_house):
    receipt = told_house.ask("#restriction")
    told_house.flow.acting.say_done(REF, ["Låst."], by="anna")
    assert notices(told_house) == {}
    told_house.flow.confirm(receipt.token, receipt.code)
    told_house.drain()
    assert set(notices(told_house)) == {SUPPLIER, EMPLOYER}


@both_databases
def test_a_supplier_is_told_who_what_and_by_when_and_not_why(erased):
    notice = notices(erased)[SUPPLIER]
    letter_id = erased.flow.acting.tell_recipient(notice.id, by="anna")
    assert states(erased)[SUPPLIER] == "approved"
    erased.drain()
    [letter] = erased.to(SUPPLIER_ADDRESS)
    for words in ("Kalle Ek <kalle@example.se>", "raderat", "måndag 7 september 2026", "måndag 21 september 2026"):
        assert words in letter.text
    assert REF in letter.subject
    for words in ("reklam", "begär", "klaga", "#erasure"):
        assert words not in letter.text
    assert letter.parsed["In-Reply-To"] is None
    assert (states(erased)[SUPPLIER], notices(erased)[SUPPLIER].told_at) == ("sent", erased.now)
    [record] = [one for one in erased.letters() if one.id == letter_id]
    assert (record.purpose.value, record.approved_by) == ("recipient", "anna")
    assert "recipient_told" in erased.events()


def test_an_employer_without_an_address_is_told_where_a_person_gives_one(erased):
    notice = notices(erased)[EMPLOYER]
    with pytest.raises(NotAllowedError, match="no mail address"):
        erased.flow.acting.tell_recipient(notice.id, by="anna")
    erased.flow.acting.tell_recipient(notice.id, by="anna", contact="chef@example.org", who="Kalle Ek")
    erased.drain()
    [letter] = erased.to("chef@example.org")
    assert "Kalle Ek" in letter.text
    assert KALLE not in letter.text


@both_databases
def test_a_letter_to_a_recipient_leaves_once_however_many_press(erased, build):
    notice = notices(erased)[SUPPLIER]
    erased.flow.acting.tell_recipient(notice.id, by="anna")
    with pytest.raises(NotAllowedError, match="told already"):
        erased.flow.acting.tell_recipient(notice.id, by="bo")
    erased.drain()
    with pytest.raises(NotAllowedError, match="told already"):
        erased.flow.acting.tell_recipient(notice.id, by="bo")
    assert len(erased.to(SUPPLIER_ADDRESS)) == 1


@pytest.mark.parametrize(("by", "said"), [("", "Say who"), ("program", "Say who")])
def test_the_program_tells_nobody_by_itself(erased, by, said):
    with pytest.raises(NotAllowedError, match=said):
        erased.flow.acting.tell_recipient(notices(erased)[EMPLOYER].id, by=by)
    erased.days(20)
    erased.drain()
    assert set(states(erased).values()) == {"drafted"}


def test_nobody_is_told_that_something_is_done_that_is_no_longer_on_record(erased):
    [(number,)] = erased.sql("SELECT id FROM outcome")
    erased.flow.acting.withdraw(REF, number, by="anna")
    with pytest.raises(NotAllowedError, match="on record as done"):
        erased.flow.acting.tell_recipient(notices(erased)[SUPPLIER].id, by="anna")


def test_a_correction_tells_the_new_value(told_house):
    told_house.ask_and_confirm("#rectification")
    told_house.flow.acting.say_done(REF, ["Namnet är rättat."], by="anna")
    notice = notices(told_house)[SUPPLIER]
    shown = told_house.flow.acting.preview_notice(notice.id, new_value="Kalle Eksson")
    assert "Kalle Eksson" in shown.text
    assert "rättat" in shown.text
    with pytest.raises(NotAllowedError, match="has passed"):
        told_house.flow.acting.tell_recipient(notice.id, by="anna", due=date(2026, 9, 6))


def test_the_answer_to_the_person_names_who_has_been_told_and_nobody_else(erased):
    erased.flow.edit(erased.draft().id, values={"recipients_told": "Alla har fått veta."}, by="anna")
    assert "fått veta" not in erased.flow.preview(erased.draft().id).text
    erased.flow.acting.tell_recipient(notices(erased)[SUPPLIER].id, by="anna")
    assert SUPPLIER not in erased.flow.preview(erased.draft().id).text
    erased.drain()
    text = erased.flow.preview(erased.draft().id).text
    assert f"- {SUPPLIER}, 2026-09-07" in text
    assert EMPLOYER not in text


@both_databases
def test_a_recipient_who_does_not_answer_is_reminded_once(erased):
    erased.flow.acting.tell_recipient(notices(erased)[SUPPLIER].id, by="anna")
    erased.drain()
    erased.days(13)
    run_chase(erased)
    assert states(erased)[SUPPLIER] == "sent"
    erased.days(1)
    for _ in range(3):
        run_chase(erased)
    erased.drain()
    assert states(erased)[SUPPLIER] == "chased"
    subjects = [letter.subject for letter in erased.to(SUPPLIER_ADDRESS)]
    assert [subject.startswith("Påminnelse") for subject in subjects] == [False, True]
    erased.flow.acting.recipient_answered(REF, SUPPLIER, answer="Gjort den 22 september.", by="bo")
    assert (states(erased)[SUPPLIER], notices(erased)[SUPPLIER].answer) == ("answered", "Gjort den 22 september.")


def run_chase(house):
    from inbox_bot.fulfilment import recipients

    return recipients.chase(house.flow.fulfilment)


def test_one_who_has_answered_is_not_reminded(erased):
    with pytest.raises(NotAllowedError, match="drafted"):
        erased.flow.acting.recipient_answered(REF, SUPPLIER, answer="Ja", by="bo")
    erased.flow.acting.tell_recipient(notices(erased)[SUPPLIER].id, by="anna")
    erased.drain()
    erased.flow.acting.recipient_answered(REF, SUPPLIER.upper(), answer="Ja", by="bo")
    erased.days(30)
    erased.drain()
    assert len(erased.to(SUPPLIER_ADDRESS)) == 1
    with pytest.raises(NotFoundError):
        erased.flow.acting.recipient_answered(REF, "Ingen AB", answer="Ja", by="bo")


def test_not_telling_needs_a_reason_and_is_on_record(erased):
    acting = erased.flow.acting
    with pytest.raises(NotAllowedError, match="reason is demanded"):
        acting.recipient_excused(REF, EMPLOYER, reason="  ", by="anna")
    acting.recipient_excused(REF, EMPLOYER, reason="Företaget finns inte längre.", by="anna")
    assert (states(erased)[EMPLOYER], notices(erased)[EMPLOYER].reason) == ("excused", "Företaget finns inte längre.")
    acting.recipient_told(REF, SUPPLIER, how="Per telefon.", by="anna")
    assert f"- {SUPPLIER}, 2026-09-07" in erased.flow.preview(erased.draft().id).text
    assert EMPLOYER not in erased.flow.preview(erased.draft().id).text
    assert {"recipient_not_told", "recipient_told"} <= set(erased.events())


@both_databases
@pytest.mark.parametrize("how", ["refused", "bounced"])
def test_a_recipient_whom_the_letter_did_not_reach_is_still_to_be_told(erased, how):
    if how == "refused":
        erased.transport.answers.append(Attempt(fate=Fate.REFUSED, answer="550 5.1.1"))
    erased.flow.acting.tell_recipient(notices(erased)[SUPPLIER].id, by="anna")
    erased.drain()
    if how == "bounced":
        [letter] = erased.letters(name="recipient_supplier")
        report = Bounce(recipients=(SUPPLIER_ADDRESS,), permanent=True, original_message_id=letter.message_id)
        with erased.flow.desk.write() as unit:
            bounces.note_bounce(erased.flow.outbox, unit, report, erased.now)
    assert states(erased)[SUPPLIER] == "drafted"
    assert "recipient_not_reached" in erased.events()
    assert SUPPLIER not in erased.flow.preview(erased.draft().id).text
    erased.flow.acting.tell_recipient(notices(erased)[SUPPLIER].id, by="anna")
    erased.drain()
    assert states(erased)[SUPPLIER] == "sent"


def test_the_letter_of_one_laid_aside_is_to_be_sent_anew(erased):
    erased.transport.answers.append(Attempt(fate=Fate.UNKNOWN))
    erased.flow.acting.tell_recipient(notices(erased)[SUPPLIER].id, by="anna")
    erased.drain()
    [unknown] = erased.flow.archive.overview().troubled
    erased.flow.lay_aside(unknown.id, by="anna")
    assert states(erased)[SUPPLIER] == "drafted"


def test_an_employer_of_this_person_alone_is_added_by_hand(erased):
    acting = erased.flow.acting
    one = Addressee(name="Verkstaden", kind="employer", contact="chef@example.org", language="en")
    acting.add_recipient(REF, one, by="anna")
    with pytest.raises(NotAllowedError, match="listed already"):
        acting.add_recipient(REF, one, by="anna")
    acting.tell_recipient(notices(erased)["Verkstaden"].id, by="anna")
    erased.drain()
    assert "We have erased data" in erased.to("chef@example.org")[0].text
    for bad in (
        Addressee(name=" ", kind="employer", contact=""),
        Addressee(name="X", kind="friend", contact=""),
        Addressee(name="X", kind="host", contact="inte en adress"),
    ):
        with pytest.raises(NotAllowedError):
            acting.add_recipient(REF, bad, by="anna")


def test_nobody_can_be_added_before_anything_is_done(told_house):
    told_house.ask_and_confirm("#erasure")
    with pytest.raises(NotAllowedError, match="in every system yet"):
        told_house.flow.acting.add_recipient(REF, Addressee(name="X", kind="host", contact=""), by="anna")


def test_a_letter_that_lacks_something_is_not_sent_to_a_recipient(erased, monkeypatch):
    notice = notices(erased)[SUPPLIER]
    monkeypatch.setattr(type(erased.flow.letters), "missing", lambda *_: ("who",))
    with pytest.raises(LetterIncompleteError):
        erased.flow.acting.tell_recipient(notice.id, by="anna")
    assert states(erased)[SUPPLIER] == "drafted"


def test_an_answer_from_a_recipient_comes_before_a_person_and_joins_no_case(erased):
    erased.flow.acting.tell_recipient(notices(erased)[SUPPLIER].id, by="anna")
    erased.drain()
    erased.reply(erased.to(SUPPLIER_ADDRESS)[0], "Klart hos oss.", sender=SUPPLIER_ADDRESS)
    erased.drain()
    [mail] = erased.flow.archive.overview().to_sort
    assert mail.record.reason == "other_address"
    assert len(erased.file().mails) == 1
