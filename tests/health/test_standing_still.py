"""What stands still is told once, to those who watch, night and weekend included; and once more when it is well again."""

from datetime import timedelta

import pytest

from inbox_bot.clock import SetClock
from inbox_bot.domain.health import Level
from inbox_bot.errors import MailboxError
from inbox_bot.outbox.transport import Attempt, Fate
from tests.health.conftest import WATCHERS, stockholm
from tests.support.house import EVA, STAFF, both_databases, unreachable


@pytest.fixture
def house(make):
    return make(self_check=False)


def wait(house, minutes, *, well=False):
    for _ in range(2):
        house.clock.advance(timedelta(minutes=minutes / 2))
        house.drain(well=well)


def subjects(house, address=WATCHERS[0]):
    return [letter.subject for letter in house.to(address)]


def level(house, name):
    return max((part.level for part in house.flow.health().parts if part.name == name), default=Level.OK)


def test_a_mailbox_that_cannot_be_read_for_an_hour_on_a_saturday_night(house):
    house.clock.set(stockholm(2026, 9, 12, 23, 0))
    house.drain()
    house.transport.handed.clear()
    house.mailbox.trouble["open"] = unreachable()
    wait(house, 55)
    assert subjects(house) == []
    wait(house, 240)
    assert [subjects(house, one) for one in WATCHERS] == [["Brevlådan info läses inte"]] * 2
    assert "The server of mailbox info does not answer." in house.to(WATCHERS[0])[0].text
    assert house.to(STAFF) == []
    house.mailbox.trouble.clear()
    wait(house, 60, well=True)
    assert subjects(house) == ["Brevlådan info läses inte", "Brevlådan info fungerar igen"]
    assert "från 2026-09-12 23:00 till 2026-09-13 04:25" in " ".join(house.to(WATCHERS[0])[1].text.split())
    assert "Brevlådan info: från 2026-09-12 23:00 till 2026-09-13 04:25." in house.flow.weekly_digest().text
    house.mailbox.trouble["open"] = unreachable()
    wait(house, 90)
    assert len(subjects(house)) == 3


def test_without_watchers_staff_are_told(make):
    house = make(self_check=False, watchers=[])
    house.mailbox.trouble["open"] = unreachable()
    wait(house, 65)
    assert subjects(house, STAFF) == ["Brevlådan info läses inte"]


def test_a_wrong_password_is_told_at_once_and_not_each_time_it_comes_and_goes(house):
    house.mailbox.trouble["open"] = MailboxError("The server refused the login.", hint="Check the password.")
    house.drain(well=False)
    assert subjects(house) == ["Brevlådan info läses inte"]
    text = " ".join(house.to(WATCHERS[0])[0].text.split())
    assert "Felet: servern godtar inte inloggningen." in text
    assert "Programmets egna ord: The server refused the login. Check the password." in text
    assert house.flow.health().level is Level.CRITICAL
    wait(house, 10)
    assert len(subjects(house)) == 1
    house.mailbox.trouble.clear()
    wait(house, 5, well=True)
    assert len(subjects(house)) == 2
    house.mailbox.trouble["open"] = MailboxError("The server refused the login.")
    wait(house, 30)
    assert len(subjects(house)) == 2
    wait(house, 45)
    assert len(subjects(house)) == 3


def test_a_program_that_stood_still_itself_tells_when_it_is_back(house, build):
    house.clock.advance(timedelta(hours=26))
    again = build(clock=house.clock, mailbox=house.mailbox, watch={"watchers": list(WATCHERS), "self_check": False})
    assert again.flow.keep_watch() == 0
    again.drain()
    again.drain()
    assert subjects(again) == ["Brevlådan info har stått oläst"]
    assert "från 2026-09-12 05:50 till 2026-09-13 07:50" in " ".join(again.to(WATCHERS[0])[0].text.split())


def test_a_stop_of_less_than_an_hour_is_no_matter(house):
    house.clock.advance(timedelta(minutes=59))
    house.drain()
    assert house.transport.handed == []


def test_a_mailbox_that_never_answered(make, build):
    house = build(
        clock=SetClock(stockholm(2026, 9, 12, 5, 50)), watch={"self_check": False, "watchers": list(WATCHERS)}
    )
    house.mailbox.trouble["open"] = unreachable()
    house.drain(well=False)
    wait(house, 55)
    before = len(subjects(house))
    wait(house, 10)
    assert subjects(house)[before:] == ["Brevlådan info läses inte"]


def test_a_mailbox_taken_out_of_the_settings_is_not_missed(house):
    house.flow.note_failure("old", MailboxError("It is gone."))
    house.drain()
    assert house.flow.health().level is Level.OK
    assert house.transport.handed == []


def test_mails_that_no_step_takes_on(house, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr("inbox_bot.flow.message_step.read", lambda *_: 0)
        house.mail("#access")
        house.drain()
        wait(house, 35, well=True)
        assert (level(house, "reading"), subjects(house)) == (Level.CRITICAL, [])
        wait(house, 30, well=True)
        assert subjects(house) == ["Programmet för personuppgifter står still"]
    wait(house, 5, well=True)
    assert subjects(house)[1:] == ["Läsningen av brev fungerar igen"]


def test_no_letter_can_leave_and_it_is_told_when_they_can_again(house):
    down = Attempt(fate=Fate.DEFERRED, answer="no connection")
    house.transport.answers.extend([down] * 50)
    house.clock.advance(timedelta(minutes=1))
    house.mail("#access")
    house.drain()
    wait(house, 20)
    assert level(house, "smtp") is Level.WARNING
    wait(house, 50)
    assert level(house, "smtp") is Level.CRITICAL
    assert subjects(house) == []
    house.transport.answers.clear()
    for _ in range(3):
        wait(house, 100, well=True)
    assert subjects(house) == ["Den utgående servern fungerar igen"]
    assert level(house, "smtp") is Level.OK


@pytest.mark.parametrize(("fate", "answer"), [(Fate.DEFERRED, "452 4.2.2"), (Fate.REFUSED, "552 5.2.2")])
def test_one_full_mailbox_is_not_the_way_out(house, fate, answer):
    house.transport.answers.extend([Attempt(fate=fate, answer=answer)] * 9)
    house.mail("#access")
    wait(house, 120, well=True)
    assert level(house, "smtp") is Level.OK


def test_letters_over_the_cap_of_the_day_are_not_the_way_out(build):
    house = build(outbox={"per_day": 1})
    house.drain()
    house.mail("#access")
    house.drain()
    house.clock.advance(timedelta(minutes=1))
    house.mail("#access", sender=EVA)
    house.drain()
    assert house.to(EVA) == []
    house.clock.advance(timedelta(minutes=20))
    assert level(house, "smtp") is Level.OK
    assert house.flow.health().waiting == 1


def test_a_clock_that_ran_ahead_hides_nothing(house):
    house.clock.advance(timedelta(days=400))
    house.flow.collect(house.mailbox, look_back_days=30)
    house.clock.advance(timedelta(days=-400))
    house.mailbox.trouble["open"] = unreachable()
    house.drain(well=False)
    assert level(house, "mailbox info") is Level.CRITICAL
    [part] = [one for one in house.flow.health().parts if one.name == "mailbox info"]
    assert "i framtiden" in part.says


@pytest.mark.parametrize(("free", "wanted"), [(1, Level.CRITICAL), (200_000_000, Level.WARNING), (10**10, Level.OK)])
def test_a_disk_that_fills(house, monkeypatch, free, wanted):
    monkeypatch.setattr("inbox_bot.assembly.free_bytes", lambda _: free)
    house.drain()
    assert level(house, "disk") is wanted
    assert len(subjects(house)) == (wanted is Level.CRITICAL)


@both_databases
def test_two_workers_tell_once(make, build):
    house = make(self_check=False)
    other = build(clock=house.clock, mailbox=house.mailbox, watch={"self_check": False, "watchers": list(WATCHERS)})
    house.mailbox.trouble["open"] = unreachable()
    house.clock.advance(timedelta(minutes=70))
    told = 0
    for worker in (house, other):
        worker.flow.note_failure("info", unreachable())
        told += worker.flow.keep_watch()
    assert told == 2
    house.mailbox.trouble.clear()
    house.flow.collect(house.mailbox, look_back_days=30)
    assert house.flow.keep_watch() + other.flow.keep_watch() == 2
    assert house.flow.keep_watch() + other.flow.keep_watch() == 0
