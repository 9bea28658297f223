"""What leaves is what the person who approves has seen, whatever a colleague does meanwhile."""

import pytest

from inbox_bot.domain.task import Finding, OutcomeKind
from inbox_bot.errors import NotAllowedError

ERASED = {"actions": [{"what": "Kontot är raderat", "system": "kursplattformen", "on": "2026-09-07"}]}
BILLS = Finding(kind=OutcomeKind.DONE, system="faktureringen", what="Raderade namnet")


def put(house, content):
    house.flow.acting.deliver("PK-2026-0001", name="kopia.csv", content=content, right=None, by="bo")


def test_what_a_colleague_records_meanwhile_is_neither_sent_unseen_nor_lost(house, staff):
    house.ask_and_confirm("#erasure")
    house.flow.edit(house.draft().id, values=ERASED, by="anna")
    seen = staff.case()
    house.flow.acting.record("PK-2026-0001", BILLS, by="bo")
    page = staff.press(seen, "do=godkann", resten="inget")
    assert page.status == 409
    assert "Någon har ändrat svaret" in page.text
    assert house.states() == {"erasure": "awaiting_approval"}
    page = staff.press(page, "do=godkann", resten="inget")
    assert page.status == 200
    assert house.states() == {"erasure": "approved"}
    done = "SELECT system FROM outcome WHERE withdrawn_at IS NULL AND kind = 'done'"
    assert house.sql(done) == [("kursplattformen",), ("faktureringen",)]


@pytest.mark.parametrize("before", [(), (b"a,b",)])
def test_a_file_put_there_or_changed_meanwhile_is_not_told_of_unseen(house, staff, before):
    house.ask_and_confirm("#access")
    house.flow.edit(house.draft().id, values={"copy": "Allt.", "recipients": "Ingen annan."}, by="anna")
    for content in before:
        put(house, content)
    seen, page = house.seen(), staff.case()
    put(house, b"n\xc3\xa5gon annans")
    with pytest.raises(NotAllowedError, match="changed after"):
        house.flow.approve(seen.record.id, by="anna", seen=seen.mark, rest=True)
    assert staff.press(page, "do=spara").status == 409
    house.flow.approve(seen.record.id, by="anna", seen=house.seen().mark, rest=True)
    assert house.states() == {"access": "approved"}


def test_a_request_that_came_after_the_page_was_opened_is_not_put_away_with_the_rest(house, staff):
    receipt = house.ask_and_confirm("#access")
    seen = staff.case()
    house.reply(receipt, "Radera mig också #erasure")
    house.drain()
    page = staff.press(seen, "Avsluta ärendet", skal="Det gällde en bokning.")
    assert (page.status, "Ett nytt brev har kommit" in page.text) == (409, True)
    assert set(house.states().values()) == {"awaiting_approval"}
    staff.press(staff.case(), "Avsluta ärendet", skal="Båda gällde en bokning.")
    assert set(house.states().values()) == {"dismissed"}
