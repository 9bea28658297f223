"""Mails that had gone before the program could read them are counted and said, and nothing else is."""

from datetime import date, timedelta

import pytest

from inbox_bot.mailbox.beside import Wishes
from inbox_bot.mailbox.neighbour import Glimpse
from inbox_bot.mailbox.vanished import account, unexplained
from inbox_bot.store.folder_notes import FolderNote
from tests.support.house import KALLE, START, both_databases, unreachable
from tests.support.neighbours import MemoryNeighbour

COUNT = Wishes(read_sent=False)


def looked(uid=10, next_uid=21, draft_uid=0):
    """The last look accounted for everything up to 10; 11 to 20 have come since the look before."""
    return FolderNote(uidvalidity=1, uid=uid, next_uid=next_uid, draft_uid=draft_uid)


def gone(*, sighted=(), there=(), drafts=(), watermark=20, note=None, next_uid=21):
    glimpse = Glimpse(uidvalidity=1, next_uid=next_uid, uids=frozenset(there), drafts=frozenset(drafts))
    return account(note or looked(), glimpse, frozenset(sighted), watermark)


@pytest.mark.parametrize(
    ("found", "count"),
    [
        pytest.param({"sighted": range(11, 21)}, 0, id="all was read"),
        pytest.param({"sighted": range(11, 21), "there": range(15, 21)}, 0, id="some are still there"),
        pytest.param({"sighted": [11, 12, 15, 20]}, 6, id="six were never seen"),
        pytest.param({}, 10, id="a rule took them all"),
        pytest.param({"there": range(11, 21), "watermark": 10}, 0, id="the program has not come to them yet"),
        pytest.param({"sighted": [11], "there": [14], "watermark": 11}, 2, id="gone before one that waits"),
        pytest.param(
            {"there": [12], "watermark": 20, "sighted": range(13, 21)}, 1, id="one there that reading passed by"
        ),
        pytest.param({"there": [20], "drafts": [20], "sighted": range(11, 15)}, 0, id="a draft saved again and again"),
        pytest.param(
            {"there": [14], "drafts": [14], "sighted": [20]}, 0, id="a draft saved and sent, and one saved after"
        ),
        pytest.param(
            {"note": looked(draft_uid=10), "sighted": range(13, 21)}, 0, id="a draft from before, saved and sent"
        ),
        pytest.param({"note": looked(uid=0, next_uid=3), "sighted": [2]}, 1, id="the very first mail of a folder"),
        pytest.param({"note": looked(next_uid=50_000), "next_uid": 50_000}, 0, id="the server has numbered anew"),
    ],
)
def test_a_number_nobody_ever_saw_is_a_mail_that_vanished(found, count):
    note, missing = gone(**found)
    assert missing == count
    assert note.uid <= 49_999


def test_what_came_since_the_last_look_waits_for_the_next():
    note, missing = gone(note=looked(next_uid=13), sighted=[11], next_uid=21)
    assert (missing, note.uid, note.next_uid) == (1, 12, 21)


def test_a_folder_numbered_anew_begins_anew():
    note, missing = account(looked(), Glimpse(uidvalidity=2, next_uid=900), frozenset(), 0)
    assert (note.uidvalidity, note.uid, missing) == (2, 899, 0)


def test_what_turned_up_in_another_folder_explains_what_left_the_first():
    assert unexplained({"INBOX": 3, "Skräppost": 1}, {"INBOX": 5, "Skräppost": 2}) == {"INBOX": 1}
    assert unexplained({"INBOX": 2}, {"INBOX": 9}) == {"INBOX": 2}
    assert unexplained({"INBOX": 0}, {"Skräppost": 1}) == {}


@pytest.fixture
def beside(house):
    """A neighbour that has looked once."""
    neighbour = MemoryNeighbour(house.mailbox)
    house.flow.tend(neighbour, COUNT)
    return neighbour


def tend(house, neighbour, times=2):
    return sum(house.flow.tend(neighbour, COUNT) for _ in range(times))


def vanished(house):
    return [(one.folder, one.day, one.count) for one in house.flow.archive.overview().beside.vanished]


@both_databases
def test_a_mail_that_a_rule_took_before_the_program_looked_is_said_once(house, beside):
    house.mail("#access")
    house.drain()
    house.mail("borta")
    beside.remove("INBOX", 2)
    assert tend(house, beside, 3) == 1
    assert vanished(house) == [("INBOX", date(2026, 9, 7), 1)]
    house.days(1)
    for _ in range(2):
        house.mail("borta")
    house.mail("kvar")
    beside.remove("INBOX", 3)
    beside.remove("INBOX", 4)
    house.drain()
    tend(house, beside, 3)
    assert vanished(house) == [("INBOX", date(2026, 9, 8), 2), ("INBOX", date(2026, 9, 7), 1)]


def test_mails_that_were_read_and_then_moved_or_deleted_are_no_matter(house, beside):
    for number in range(3):
        house.mail(f"Hej {number}")
    house.drain()
    for uid in (1, 2, 3):
        beside.remove("INBOX", uid)
    assert tend(house, beside, 3) == 0
    assert vanished(house) == []


def test_a_mail_moved_between_two_folders_that_are_read_is_no_matter(house, beside):
    content = house.mail("#access")
    beside.remove("INBOX", 1)
    house.mailbox.put(content, house.now, "Skräppost")
    house.drain()
    assert house.case().requester == KALLE
    assert tend(house, beside, 3) == 0
    assert vanished(house) == []


def test_after_a_stop_of_days_spam_that_came_explains_nothing_away(house, beside):
    house.mail("borta", at=house.now + timedelta(hours=1))
    beside.remove("INBOX", 1)
    house.mailbox.put(b"From: x@example.org\r\n\r\nReklam", house.now + timedelta(hours=2), "Skräppost")
    house.days(3)
    house.drain()
    assert tend(house, beside, 3) == 1


def test_the_first_look_of_all_counts_nothing(build):
    house = build()
    for number in range(3):
        house.mail(f"Hej {number}")
    neighbour = MemoryNeighbour(house.mailbox)
    neighbour.remove("INBOX", 2)
    assert tend(house, neighbour) == 0
    house.drain()
    assert tend(house, neighbour) == 0


def test_two_processes_count_a_mail_once(build, house, beside):
    other = build(clock=house.clock, mailbox=house.mailbox)
    house.mail("borta")
    beside.remove("INBOX", 1)
    house.flow.tend(beside, COUNT)
    assert house.flow.tend(beside, COUNT) + other.flow.tend(MemoryNeighbour(house.mailbox), COUNT) == 1
    assert vanished(house) == [("INBOX", date(2026, 9, 7), 1)]


def test_it_is_told_with_its_likely_cause_in_the_letters_and_no_longer_after_a_week(house, beside):
    house.mail("borta")
    beside.remove("INBOX", 1)
    tend(house, beside)
    text = house.flow.weekly_digest().text
    assert "1 mejl hann försvinna ur inkorgen innan programmet läste det." in " ".join(text.split())
    assert "regel i Outlook" in " ".join(text.split())
    house.drain()
    assert "försvinna" in house.to("anna@example.com")[-1].text
    house.days(7)
    assert "försvinna" not in house.flow.weekly_digest().text


def test_an_outage_is_no_vanishing_and_stops_nothing(house, beside):
    house.mail("#access")
    beside.trouble["open"] = unreachable()
    assert tend(house, beside) == 0
    assert house.flow.archive.overview().beside.failures == ()
    house.drain()
    del beside.trouble["open"]
    assert tend(house, beside, 3) == 0
    assert house.now == START
