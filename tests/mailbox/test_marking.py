"""A request is labelled or copied if the settings ask for it: once, after it is filed, and never at the cost of the reading."""

from datetime import timedelta

import pytest

from inbox_bot.errors import MailboxError, SettingsError
from inbox_bot.mailbox.beside import Wishes
from tests.conftest import make_settings
from tests.support.house import EVA, both_databases, unreachable
from tests.support.neighbours import MemoryNeighbour

LABEL = Wishes(read_sent=False, count_vanished=False, label="Dataskydd")
COPY = Wishes(read_sent=False, count_vanished=False, copy_to="Dataskydd")


@pytest.fixture
def beside(house):
    return MemoryNeighbour(house.mailbox)


def test_nothing_is_marked_unless_it_is_asked_for(house, beside):
    house.ask("#access")
    house.flow.tend(beside, Wishes())
    assert (beside.flags, beside.opened_to_write, beside.contents("Dataskydd")) == ({}, [], [])
    assert house.sql("SELECT count(*) FROM mail_mark") == [(0,)]


@both_databases
def test_requests_alone_are_labelled_and_once_each(house, beside):
    house.ask("#access")
    house.mail("Hej, när börjar kursen?", sender=EVA)
    house.mail("Tack!", headers={"In-Reply-To": "<1@mail.example.com>"})
    house.drain()
    assert house.flow.tend(beside, LABEL) == 1
    assert beside.flags == {("INBOX", 1): {"Dataskydd"}}
    assert house.flow.tend(beside, LABEL) == 0
    assert beside.opened_to_write == ["INBOX"]


def test_a_mail_a_person_sorts_as_a_request_is_labelled_then(house, beside):
    house.mail("#unsure #access")
    house.drain()
    assert house.flow.tend(beside, LABEL) == 0
    [waiting] = house.flow.archive.overview().to_sort
    house.flow.sort(waiting.record.id, waiting.record.verdict.claims, by="anna")
    assert house.flow.tend(beside, LABEL) == 1


def test_a_request_is_copied_once_also_when_a_crash_hides_that_it_was(house, beside):
    house.ask("#access")
    beside.trouble["after copy"] = RuntimeError("killed")
    with pytest.raises(RuntimeError):
        house.flow.tend(beside, COPY)
    beside.trouble.clear()
    assert house.flow.tend(beside, COPY) == 0
    house.clock.advance(timedelta(minutes=11))
    assert house.flow.tend(beside, COPY) == 1
    assert len(beside.contents("Dataskydd")) == 1


def test_a_mark_that_fails_stops_no_reading_is_shown_and_tried_again(house, beside):
    house.ask("#access")
    beside.trouble["label"] = MailboxError("The server keeps no keyword Dataskydd.", hint="Use copy_to.")
    assert house.flow.tend(beside, LABEL) == 0
    house.ask("#erasure", sender=EVA)
    house.flow.tend(beside, LABEL)
    [trouble] = house.flow.archive.overview().beside.troubles
    assert (trouble.mailbox, trouble.target, trouble.count) == ("info", "Dataskydd", 2)
    assert "kunde inte märkas med Dataskydd" in " ".join(house.flow.weekly_digest().text.split())
    beside.trouble.clear()
    assert house.flow.tend(beside, LABEL) == 0
    house.clock.advance(timedelta(minutes=3))
    assert house.flow.tend(beside, LABEL) == 2
    assert house.flow.archive.overview().beside.troubles == ()


def test_the_pause_grows_to_six_hours_and_no_longer(house, beside):
    house.ask("#access")
    beside.trouble["label"] = MailboxError("No.")
    for _ in range(14):
        house.flow.tend(beside, LABEL)
        house.clock.advance(timedelta(hours=6))
    [(attempts,)] = house.sql("SELECT attempts FROM mail_mark")
    assert attempts == 14


def test_a_line_that_breaks_keeps_the_others_for_the_next_time(house, beside):
    house.ask("#access")
    house.ask("#erasure", sender=EVA)
    beside.trouble["label"] = unreachable()
    house.flow.tend(beside, LABEL)
    assert house.sql("SELECT attempts FROM mail_mark ORDER BY id") == [(1,), (0,)]
    assert house.flow.archive.overview().beside.failures == ()


def test_a_mail_moved_away_meanwhile_is_let_go(house, beside):
    house.ask("#access")
    beside.remove("INBOX", 1)
    assert house.flow.tend(beside, LABEL) == 0
    assert house.sql("SELECT state FROM mail_mark") == [("gone",)]


def test_a_mail_that_lies_in_two_places_is_marked_where_it_still_is(house, beside):
    content = house.mail("#access")
    house.drain()
    beside.remove("INBOX", 1)
    house.mailbox.put(content, house.now, "Skräppost")
    house.drain()
    assert house.flow.tend(beside, LABEL) == 1
    assert beside.flags == {("Skräppost", 1): {"Dataskydd"}}


@pytest.mark.parametrize(
    ("box", "said"),
    [
        ({"label": "två ord"}, "mailbox.info.label"),
        ({"label": '"\r\nA1 DELETE INBOX'}, "mailbox.info.label"),
        ({"copy_to": "INBOX"}, "copy_to must be a folder that is not read"),
    ],
)
def test_settings_that_could_do_harm_are_refused(box, said):
    with pytest.raises(SettingsError, match=said):
        make_settings(mailbox={"info": {"host": "127.0.0.1", "username": "info@example.com"} | box})
