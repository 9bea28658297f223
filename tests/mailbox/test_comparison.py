"""What the server has and the program has never seen is found once a day, fetched and read, and said; the rest is left alone."""

from datetime import timedelta

import pytest

from inbox_bot.domain.health import Level
from inbox_bot.domain.mail import Extent
from tests.mailbox.test_large import abridge
from tests.support.house import KALLE, MemoryMailbox


class Forgetful(MemoryMailbox):
    """A server that shows some mails only when asked by date: they came into sight after later ones had been read."""

    def __init__(self):
        super().__init__()
        self.hidden = set()
        self.ghosts = set()

    def uids_after(self, uid):
        return [found for found in super().uids_after(uid) if found not in self.hidden]

    def fetch(self, uids):
        return super().fetch([uid for uid in uids if uid not in self.ghosts])


@pytest.fixture
def house(build):
    made = build(mailbox=Forgetful(), watch={"self_check": False, "compare_days": 14})
    made.drain()
    made.transport.handed.clear()
    return made


def hidden(house, body="#access"):
    """Let a mail come that the server shows only after a later one has been read."""
    house.mail(body)
    uid = house.mailbox.total
    house.mailbox.hidden.add(uid)
    house.mail("hej", sender="eva@example.org")
    house.drain()
    return uid


def compared(house):
    return house.sql("SELECT folder, on_server, missed, recovered FROM comparison ORDER BY folder")


def test_a_mail_below_the_watermark_is_found_the_next_day_and_answered(house):
    hidden(house)
    assert house.cases() == []
    house.days(1)
    house.drain()
    assert [case.requester for case in house.cases()] == [KALLE]
    assert len(house.to(KALLE)) == 1
    assert compared(house) == [("INBOX", 2, 1, 1), ("Skräppost", 0, 0, 0)]
    [part] = [one for one in house.flow.health().ill if one.name.startswith("comparison")]
    assert (part.level, part.says) == (
        Level.WARNING,
        "1 brev låg på servern som programmet aldrig hade sett (info, INBOX). De har hämtats nu.",
    )
    assert "1 brev låg på servern" in house.flow.weekly_digest().text


def test_it_is_done_once_a_day_and_what_was_found_is_not_found_again(house):
    hidden(house)
    house.days(1)
    house.drain()
    fetched = len(house.mailbox.fetched)
    house.drain()
    house.days(1)
    house.drain()
    assert len(house.mailbox.fetched) == fetched
    assert compared(house)[0] == ("INBOX", 2, 0, 0)
    assert len(house.to(KALLE)) == 1


def test_what_cannot_be_fetched_is_said(house):
    house.mailbox.ghosts.add(hidden(house))
    house.days(1)
    house.drain()
    assert compared(house)[0] == ("INBOX", 2, 1, 0)
    assert "0 av dem gick att hämta. Titta efter de andra" in house.flow.weekly_digest().text


def test_what_the_server_will_not_give_is_asked_for_again_by_a_new_edition(house):
    """Recovered mails bear the edition that failed at them, as all others do: one without is never tried again."""
    house.mail("#access")
    whole = abridge(house, Extent.NOTHING)
    house.mailbox.hidden.add(house.mailbox.total)
    house.mail("hej", sender="eva@example.org")
    house.drain()
    object.__setattr__(house.flow, "edition", "1/a")
    house.days(1)
    house.drain()
    assert house.sql("SELECT state, tried_by FROM mail WHERE reason = 'unfetched'") == [("quarantined", "1/a")]
    _, mails = house.mailbox._folders["INBOX"]
    mails[0] = whole
    object.__setattr__(house.flow, "edition", "2/a")
    house.drain()
    house.drain()
    assert [case.requester for case in house.cases()] == [KALLE]


def test_recovered_mails_take_their_senders_turn(house):
    house.drain()
    for _ in range(30):
        house.mail("hej", sender="eva@example.org")
        house.mailbox.hidden.add(house.mailbox.total)
    for _ in range(25):
        house.flow.crowd.turn(b"From: eva@example.org\r\n\r\n", house.now + timedelta(days=1))
    house.mail("hej")
    house.drain()
    house.days(1)
    house.drain()
    assert house.sql("SELECT turn, count(*) FROM mail GROUP BY turn ORDER BY turn") == [(0, 1), (1, 15), (2, 15)]


def test_older_mails_are_left_alone(house):
    hidden(house)
    house.days(16)
    house.drain()
    assert house.cases() == []


def test_what_came_in_before_the_first_look_back_is_left_alone(build):
    house = build(mailbox=Forgetful(), watch={"self_check": False, "compare_days": 300})
    house.mail("#access", at=house.now - timedelta(days=40))
    house.drain()
    house.days(1)
    house.drain()
    assert house.cases() == []
    assert compared(house)[0][2] == 0


@pytest.mark.parametrize(("asked", "days"), [(14, 14), (300, 28), (0, 0)])
def test_no_further_back_than_what_was_no_request_is_known(build, asked, days):
    """What is forgotten after thirty days (rules/retention.toml, other_mail) would look as if it had never been seen."""
    assert build(watch={"self_check": False, "compare_days": asked}).flow.watchman.compare_days == days


def test_mails_forgotten_in_time_are_not_taken_up_anew(build):
    house = build(watch={"self_check": False, "compare_days": 300})
    house.drain()
    house.mail("hej")
    house.drain()
    for _ in range(12):
        house.days(3)
        house.drain()
    assert house.sql("SELECT count(*) FROM mail") == [(0,)]
    assert house.sql("SELECT missed_at FROM comparison WHERE missed_at IS NOT NULL") == []


def test_a_folder_numbered_anew_is_gone_through_whole_and_not_compared(house):
    hidden(house)
    house.mailbox.renumber()
    house.days(1)
    house.drain()
    assert len(house.cases()) == 1
    assert compared(house)[0][2] == 0


def test_it_is_switched_off(build):
    house = build(mailbox=Forgetful(), watch={"self_check": False, "compare_days": 0})
    house.drain()
    hidden(house)
    house.days(1)
    house.drain()
    assert (house.cases(), compared(house)) == ([], [])
