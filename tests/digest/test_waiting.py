"""The mails about what has come to wait: each thing once to each person, grouped, by day, and nothing that is dealt with."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta

import pytest

from inbox_bot.case.calendar import SwedishCalendar
from inbox_bot.clock import STOCKHOLM, SetClock
from inbox_bot.digest import telling
from inbox_bot.digest.hours import Hours, may_tell
from inbox_bot.outbox.transport import Attempt, Fate
from tests.support.house import EVA, KALLE, STAFF, both_databases

BO = "bo@example.com"
DAY_LETTER = {"daily_alarm", "weekly_digest"}


def stockholm(*when):
    return datetime(*when, tzinfo=STOCKHOLM).astimezone(UTC)


@pytest.fixture
def make(build):
    """Build an installation that mails what waits, on Tuesday 8 September at nine, its daily and weekly letters sent."""

    def made(*, at=(2026, 9, 8, 9, 0), looked=True, **notify):
        house = build(clock=SetClock(stockholm(*at)), notify={"on": True} | notify)
        if looked:
            house.flow.collect(house.mailbox, look_back_days=30)
        quieten(house, at)
        return house

    return made


def quieten(house, at):
    """Let the daily and the weekly letter of a day have gone: they are not what is looked at here."""
    day = date(*at[:3])
    with house.flow.desk.write() as unit:
        unit.digests.claim("weekly", f"2026-W{day.isocalendar().week:02d}", house.now)
        unit.digests.claim("daily", day.isoformat(), house.now)


def go_to(house, *when):
    house.clock.set(stockholm(*when))
    quieten(house, when)
    house.drain()


def told(house, address=STAFF):
    return [letter for letter in house.to(address) if letter.parsed["X-Inbox-Bot-Letter"] == "waiting"]


def test_an_answer_that_waits_is_told_at_once_with_all_a_person_needs(make):
    house = make()
    house.ask_and_confirm("#erasure #access", sender="Kalle Ek <kalle@example.se>", subject="Om mig")
    [letter] = told(house)
    text = letter.text.replace("\r\n", "\n")
    assert letter.subject == "PK-2026-0001: registerutdrag och radering väntar på dig, senast torsdag 8 oktober 2026"
    assert "PK-2026-0001: registerutdrag och radering\nSenast torsdag 8 oktober 2026, 22 arbetsdagar kvar.\n" in text
    assert (
        "Läs svaret och godkänn det.\nÖppna svaret\nhttps://arenden.example.se/personal/arende/PK-2026-0001?plats=svar-"
        in text
    )
    for personal in ("kalle", "Kalle", "Ek ", "Om mig", "example.org"):
        assert personal not in letter.content.decode().partition("Content-Type")[2]
    assert letter.parsed["Auto-Submitted"] == "auto-generated"


def test_each_thing_is_told_once_and_no_more_than_one_mail_an_hour(make):
    house = make()
    house.ask_and_confirm("#erasure")
    go_to(house, 2026, 9, 8, 9, 30)
    house.ask_and_confirm("#access", sender=EVA)
    house.mail("#unsure", sender="tredje@example.org")
    go_to(house, 2026, 9, 8, 9, 59)
    assert len(told(house)) == 1
    go_to(house, 2026, 9, 8, 10, 1)
    assert len(told(house)) == 2
    assert told(house)[1].subject == "2 saker väntar på dig, senast torsdag 8 oktober 2026"
    assert "PK-2026-0001" not in told(house)[1].text
    for hour in range(11, 18):
        go_to(house, 2026, 9, 8, hour, 30)
    go_to(house, 2026, 9, 9, 9, 0)
    assert len(told(house)) == 2


def test_what_comes_in_the_night_is_in_the_first_mail_of_the_morning(make):
    house = make(at=(2026, 9, 8, 18, 0))
    house.mail("#unsure", sender=EVA)
    house.drain()
    house.mail("#access")
    go_to(house, 2026, 9, 9, 2, 0)
    go_to(house, 2026, 9, 9, 7, 29)
    assert told(house) == []
    go_to(house, 2026, 9, 9, 7, 30)
    [letter] = told(house)
    assert "Brev 1" in letter.subject


def test_nothing_on_days_off_unless_a_date_does_not_wait(make):
    house = make(at=(2026, 9, 12, 9, 0))
    house.mail("#unsure", sender=EVA)
    house.drain()
    assert told(house) == []
    house.mail("#unsure", sender=KALLE, at=house.now - timedelta(days=40))
    house.drain()
    [letter] = told(house)
    assert "försenat" in letter.text
    assert len(re.findall(r"^Brev \d", letter.text, re.MULTILINE)) == 2, "all that is new goes along"


def test_those_who_want_it_are_told_on_days_off_too(make):
    house = make(at=(2026, 9, 12, 9, 0), days_off=True)
    house.mail("#unsure", sender=EVA)
    house.drain()
    assert len(told(house)) == 1


def test_each_person_has_hours_of_their_own(build):
    person = {BO: {"begins": "10:00", "ends": "15:00"}, "cia@example.com": {"on": False}}
    house = build(
        clock=SetClock(stockholm(2026, 9, 8, 9, 0)),
        staff={"addresses": [STAFF, BO, "cia@example.com"]},
        notify={"on": True, "person": person},
    )
    house.flow.collect(house.mailbox, look_back_days=30)
    house.mail("#unsure", sender=EVA)
    go_to(house, 2026, 9, 8, 9, 0)
    assert (len(told(house)), len(told(house, BO))) == (1, 0)
    go_to(house, 2026, 9, 8, 10, 0)
    assert (len(told(house)), len(told(house, BO)), len(told(house, "cia@example.com"))) == (1, 1, 0)


def test_what_is_dealt_with_before_the_mail_leaves_is_not_told(make):
    house = make()
    house.transport.answers.append(Attempt(fate=Fate.DEFERRED, answer="451 4.3.0"))
    house.mail("#unsure", sender=EVA)
    house.mail("#unsure", sender=KALLE)
    house.drain()
    assert len(told(house)) == 1, "tried, and not taken"
    house.flow.sort(1, (), by="anna")
    go_to(house, 2026, 9, 8, 9, 1)
    first, second = told(house)
    assert "2 saker" in first.subject
    assert "Brev 2" in second.subject
    assert "Brev 1" not in second.text
    assert house.sql("SELECT state FROM letter WHERE name = 'waiting' ORDER BY id") == [("void",), ("sent",)]


def test_what_an_outage_kept_here_does_not_leave_in_the_night(make):
    house = make(at=(2026, 9, 8, 17, 59))
    house.transport.answers.append(Attempt(fate=Fate.DEFERRED, answer="451 4.3.0"))
    house.mail("#unsure", sender=EVA)
    house.drain()
    go_to(house, 2026, 9, 8, 18, 0)
    go_to(house, 2026, 9, 9, 3, 0)
    assert len(told(house)) == 1
    go_to(house, 2026, 9, 9, 7, 30)
    assert len(told(house)) == 2
    assert house.sql("SELECT state FROM letter WHERE name = 'waiting' ORDER BY id") == [("void",), ("sent",)]


def test_a_thing_that_waits_again_after_a_while_is_told_again(make):
    house = make()
    house.ask_and_confirm("#erasure")
    letter_id = house.flow.approve_case("PK-2026-0001", by="anna", note="Raderat i kursplattformen.", rest=True)[0]
    house.drain()
    go_to(house, 2026, 9, 9, 9, 30)
    assert len(told(house)) == 1
    assert house.sql("SELECT count(*) FROM telling") == [(0,)], "what is dealt with is forgotten"
    assert letter_id


def test_old_mails_at_the_first_start_are_one_row_of_one_mail(make):
    house = make(looked=False)
    for number in range(12):
        house.mail("#access", sender=f"person{number}@example.org", at=house.now - timedelta(days=number + 1))
    house.drain()
    for hour in range(10, 18):
        go_to(house, 2026, 9, 8, hour, 30)
    [letter] = told(house)
    assert "12 äldre brev i info" in letter.text
    assert letter.text.count("https://") == 2, "one row, and the way to all that waits"


def test_every_kind_of_thing_is_told_with_its_place(make):
    house = make()
    receipt = house.ask_and_confirm("#access")
    house.reply(receipt, "Hur går det?")
    house.mailbox.put(b"\r\n\r\n", house.now)
    house.transport.answers.append(Attempt(fate=Fate.ACCEPTED))
    go_to(house, 2026, 9, 8, 10, 30)
    house.ask_and_confirm("#erasure", sender=EVA)
    house.flow.approve_case("PK-2026-0002", by="anna", note="Raderat i kursplattformen.", rest=True)
    house.transport.answers.append(Attempt(fate=Fate.UNKNOWN))
    go_to(house, 2026, 9, 8, 12, 30)
    text = "".join(letter.text for letter in told(house))
    for line, place in (
        ("Läs svaret och godkänn det.", "/personal/arende/PK-2026-0001?plats=svar-1"),
        ("Ett nytt brev har kommit i ärendet. Läs det.", "/personal/arende/PK-2026-0001?plats=brev-2"),
        ("Brevet gick inte att läsa. Se efter vad det är.", "/personal/karantan/3"),
        ("Det är okänt om ett brev har lämnat oss.", "/personal/arende/PK-2026-0002?plats=brev-ut-"),
    ):
        assert line in text
        assert place in text, place


def test_a_letter_to_staff_that_does_not_arrive_makes_no_letter_to_staff(make):
    house = make()
    house.transport.answers.append(Attempt(fate=Fate.REFUSED, answer="550 5.1.1"))
    house.mail("#unsure", sender=EVA)
    house.drain()
    for hour in range(10, 18):
        go_to(house, 2026, 9, 8, hour, 30)
    assert len(told(house)) == 1


def test_what_came_back_is_told_by_its_own_alarm_alone(make):
    house = make()
    house.ask_and_confirm("#erasure")
    house.flow.approve_case("PK-2026-0001", by="anna", note="Raderat i kursplattformen.", rest=True)
    house.transport.answers.append(Attempt(fate=Fate.REFUSED, answer="550 5.1.1"))
    go_to(house, 2026, 9, 8, 10, 30)
    go_to(house, 2026, 9, 8, 12, 30)
    assert [letter.subject for letter in house.to(STAFF)][1:] == ["Brev kom inte fram: PK-2026-0001"]
    assert "?plats=brev-ut-" in house.to(STAFF)[-1].text


def test_what_the_days_own_letter_names_needs_no_other(make):
    house = make(at=(2026, 9, 8, 23, 0))
    house.mail("#unsure", sender=EVA)
    house.ask_and_confirm("#access")
    house.clock.set(stockholm(2026, 9, 9, 7, 30))
    house.drain()
    assert told(house) == []
    [daily] = house.to(STAFF)
    assert "Nya svar att godkänna" in daily.text
    assert "PK-2026-0001: registerutdrag, senast 2026-10-08" in daily.text
    house.clock.set(stockholm(2026, 9, 9, 9, 0))
    house.drain()
    assert told(house) == []


@both_databases
def test_a_restart_and_many_workers_tell_it_once(build):
    clock = SetClock(stockholm(2026, 9, 8, 9, 0))
    houses = [build(clock=clock, notify={"on": True}) for _ in range(4)]
    houses[0].flow.collect(houses[0].mailbox, look_back_days=30)
    quieten(houses[0], (2026, 9, 8))
    with houses[0].flow.desk.write() as unit:
        unit.tellings.take_turn(STAFF, clock.now(), timedelta(hours=1))
    houses[0].mail("#unsure", sender=EVA)
    houses[0].drain()
    clock.set(stockholm(2026, 9, 8, 10, 0))
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda house: telling.tell(house.flow.digest), houses)) == 1
    build(clock=clock, notify={"on": True}).drain()
    assert houses[0].sql("SELECT count(*) FROM letter WHERE name = 'waiting'") == [(1,)]


def test_a_crash_between_noting_and_queueing_loses_nothing(make, monkeypatch):
    house = make()
    house.mail("#unsure", sender=EVA)
    with monkeypatch.context() as patch:
        patch.setattr(telling, "values", lambda *_: 1 / 0)
        assert house.drain(well=False).failures == ["digest: ZeroDivisionError"]
    assert house.sql("SELECT count(*) FROM telling") == [(0,)]
    house.drain()
    assert len(told(house)) == 1


def test_who_leaves_the_staff_is_forgotten(make, build):
    house = make()
    house.mail("#unsure", sender=EVA)
    house.drain()
    other = build(clock=house.clock, staff={"addresses": [BO]}, notify={"on": True})
    other.drain()
    assert {address for (address,) in house.sql("SELECT address FROM telling")} == {BO}
    assert len(told(other, BO)) == 1


def test_more_than_anybody_reads_is_named_and_not_shown(make):
    house = make(at=(2026, 9, 8, 19, 0))
    for number in range(45):
        house.mail("#marketing", sender=f"person{number}@example.org")
    house.drain()
    go_to(house, 2026, 9, 9, 7, 30)
    [letter] = told(house)
    assert "45 saker" in letter.subject
    assert "Och 5 till: PK-2026-0041, " in letter.text
    go_to(house, 2026, 9, 9, 9, 30)
    assert len(told(house)) == 1


@pytest.mark.parametrize(
    ("when", "due", "told"),
    [
        ((2026, 9, 8, 7, 29), (2026, 9, 1), False),
        ((2026, 9, 8, 7, 30), (2026, 12, 1), True),
        ((2026, 9, 8, 18, 0), (2026, 9, 1), False),
        ((2026, 9, 12, 9, 0), (2026, 9, 14), False),
        ((2026, 9, 12, 9, 0), (2026, 9, 13), True),
        ((2026, 12, 25, 9, 0), (2026, 12, 27), True),
        ((2026, 12, 25, 9, 0), (2026, 12, 28), False),
        # The hour is Stockholm's, summer and winter.
        ((2026, 10, 26, 7, 30), (2026, 12, 1), True),
    ],
)
def test_hours(when, due, told):
    assert may_tell(Hours(), stockholm(*when), SwedishCalendar(), [date(*due)]) is told
    assert not may_tell(Hours(on=False), stockholm(*when), SwedishCalendar(), [date(*due)])
    assert not may_tell(Hours(begins=time(20), ends=time(21)), stockholm(*when), SwedishCalendar(), [date(*due)])
