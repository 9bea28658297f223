"""The daily mail to ourselves: through the whole chain, seen within a quarter, never a request, never answered, never kept."""

import re
from datetime import timedelta

import pytest

from inbox_bot.clock import SetClock
from inbox_bot.domain.health import Level
from inbox_bot.outbox.transport import Attempt, Fate
from tests.health.conftest import WATCHERS, post, stockholm
from tests.support.house import KALLE, OWN, STAFF, both_databases, unreachable

QUARTER = timedelta(minutes=15)


def go_to(house, *when, well=True):
    house.clock.set(stockholm(*when))
    house.drain(well=well)


def checks(house):
    return house.sql("SELECT seen_at IS NOT NULL, copies, seen_in FROM self_check ORDER BY day")


def part(house):
    [found] = [one for one in house.flow.health().parts if one.name == "self_check"]
    return found


def alarms(house):
    return [letter for letter in house.transport.handed if "prov kom inte fram" in letter.subject]


def missing(house, *, minutes=16, well=True):
    """Let the day's mail be made, and its quarter pass."""
    go_to(house, 2026, 9, 12, 6, 0, well=well)
    house.drain(well=well)
    house.clock.advance(timedelta(minutes=minutes))
    for _ in range(2):
        house.drain(well=well)


def test_it_goes_the_whole_way_once_a_day_and_leaves_nothing(make):
    house = make()
    post(house)
    for day in (12, 13, 14):
        go_to(house, 2026, 9, day, 5, 59)
        house.transport.handed.clear()
        go_to(house, 2026, 9, day, 6, 0)
        [letter] = house.to(OWN)
        house.drain()
        house.drain()
        assert len(house.to(OWN)) == 1
    assert checks(house) == [(True, 1, "info/INBOX")] * 3
    assert house.cases() == []
    assert (
        house.sql("SELECT state, reason FROM mail")
        == [("set_aside", "self_check: our daily mail to ourselves came back")] * 3
    )
    token = re.search(r"PROV-\w{40}", letter.text)
    assert token is not None
    assert not [row for rows in house.everything().values() for row in rows if token[0][5:] in repr(row)]
    assert part(house).level is Level.OK
    assert alarms(house) == []


def test_no_token_is_like_another(make):
    house = make()
    go_to(house, 2026, 9, 12, 6, 0)
    go_to(house, 2026, 9, 13, 6, 0)
    tokens = [re.findall(r"PROV-\w{40}", letter.text) for letter in house.to(OWN)]
    assert len({token for [token] in tokens}) == 2


def test_it_is_switched_off_and_has_its_own_hour_and_address(make):
    house = make(self_check=False)
    go_to(house, 2026, 9, 12, 12, 0)
    assert house.to(OWN) == []
    assert not [one for one in house.flow.health().parts if one.name == "self_check"]
    house = make(
        clock=SetClock(stockholm(2026, 9, 13, 5, 0)), self_check_hour=22, self_check_address="prov@example.com"
    )
    go_to(house, 2026, 9, 13, 21, 59)
    assert house.to("prov@example.com") == []
    go_to(house, 2026, 9, 13, 22, 0)
    assert len(house.to("prov@example.com")) == 1


def test_nobody_is_told_before_the_quarter_is_over_and_everybody_once_after_it(make):
    house = make()
    missing(house, minutes=14)
    assert alarms(house) == []
    assert part(house).level is Level.OK
    for _ in range(3):
        house.clock.advance(timedelta(minutes=10))
        house.drain()
    assert sorted(letter.recipient for letter in alarms(house)) == sorted([STAFF, *WATCHERS])
    assert part(house).level is Level.CRITICAL


def test_lost_between_the_servers(make):
    house = make()
    missing(house)
    text = " ".join(alarms(house)[0].text.split())
    assert "utgående servern tog emot det kl. 06.00" in text
    assert "Brevlådan är läst sedan dess, och där finns det inte. Skräpposten är läst" in text


def test_the_way_out_is_broken(make):
    house = make()
    house.transport.answers.extend([Attempt(fate=Fate.REFUSED, answer="554 5.7.1")])
    missing(house)
    assert "Felet är på vägen ut: den utgående servern har inte tagit emot det (554 5.7.1)" in alarms(house)[0].text
    assert house.sql("SELECT state FROM letter WHERE purpose = 'self_check'") == [("failed",)]
    post(house)
    go_to(house, 2026, 9, 13, 6, 0)
    assert house.sql("SELECT state FROM letter WHERE purpose = 'self_check' ORDER BY id") == [("void",), ("sent",)]


def test_the_way_in_is_broken(make):
    house = make()
    house.mailbox.trouble["open"] = unreachable()
    missing(house, well=False)
    text = " ".join(alarms(house)[0].text.split())
    assert "Felet är på vägen in: info har inte kunnat läsas sedan dess" in text


def test_it_came_back_undelivered(make):
    house = make()
    go_to(house, 2026, 9, 12, 6, 0)
    house.mail(
        "--x\r\nContent-Type: text/plain\r\n\r\nFailed.\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.example.net\r\n\r\nFinal-Recipient: rfc822; {OWN}\r\nAction: failed\r\nStatus: 5.2.2\r\n\r\n"
        f"--x\r\nContent-Type: message/rfc822\r\n\r\n{house.to(OWN)[0].content.decode()}\r\n--x--",
        sender="MAILER-DAEMON@mx.example.net",
        headers={"Content-Type": 'multipart/report; report-type=delivery-status; boundary="x"'},
    )
    house.drain()
    assert checks(house) == [(False, 0, "")]
    house.clock.advance(QUARTER)
    house.drain()
    assert "kom i retur (bounced 5.2.2)" in alarms(house)[0].text


def test_mails_are_fetched_and_not_read(make, monkeypatch):
    house = make()
    post(house)
    monkeypatch.setattr("inbox_bot.flow.message_step.read", lambda *_: 0)
    missing(house)
    assert "hämtade brev ligger olästa i programmet: läsningen står still" in " ".join(alarms(house)[0].text.split())


def as_list(content):
    """Return it as a mailing list passes it on: our headers gone, another sender and subject, a footer."""
    text = content.decode()
    text = re.sub(r"(?m)^(X-Inbox-Bot-Letter|Auto-Submitted|Message-ID|From): .*(\r\n[ \t].*)*\r\n", "", text)
    text = re.sub(r"(?m)^Subject: ", "From: Info <lista@example.org>\r\nSubject: [info] ", text)
    return text.replace("Hej,", "Hej,\r\n\r\nSkickat via listan.", 1).encode()


def as_forward(content):
    """Return it as a forwarding rule makes it: a new mail, with the old one quoted below nothing."""
    plain = content.decode().split("\r\n\r\n")
    token = re.search(r"PROV-\w{40}", content.decode())
    assert token is not None
    assert plain
    return (
        "From: Anna <anna@example.com>\r\nTo: info@example.com\r\nSubject: VB: Dagens prov\r\nMessage-ID: <ny@example.com>\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\n-----Ursprungligt meddelande-----\r\nFrån: info@example.com\r\n"
        f"Skickat: den 12 september 2026 06:00\r\nTill: lista@example.org\r\nÄmne: Dagens prov\r\n\r\n{token[0].lower()}\r\n"
    ).encode()


def as_html(content):
    """Return it as a filter makes it that keeps only the HTML, in another encoding."""
    token = re.search(r"PROV-\w{40}", content.decode())
    assert token is not None
    return (
        "From: info@example.com\r\nTo: info@example.com\r\nSubject: {SPAM?} Dagens prov\r\nX-Inbox-Bot-Letter: self_check\r\n"
        f"Content-Type: text/html; charset=iso-8859-1\r\n\r\n<html><body><p>EXTERNT BREV</p><p><b>{token[0]}</b></p></body></html>"
    ).encode()


@pytest.mark.parametrize("change", [as_list, as_forward, as_html])
def test_it_is_recognised_however_it_was_changed(make, change):
    house = make()
    post(house, change)
    missing(house)
    assert checks(house) == [(True, 1, "info/INBOX")]
    assert house.sql("SELECT state, content, message FROM mail") == [("set_aside", None, None)]
    assert (alarms(house), house.cases()) == ([], [])


def test_it_is_seen_twice(make):
    house = make()
    post(house, lambda content: [house.mailbox.put(as_list(content), house.now), content][1])
    missing(house)
    assert checks(house)[0][:2] == (True, 2)
    assert (part(house).level, "2 gånger" in part(house).says) == (Level.WARNING, True)


def test_it_came_late_and_the_same_people_are_told_that_it_works_again(make):
    house = make()
    missing(house)
    house.clock.advance(timedelta(minutes=44))
    house.mailbox.put(house.to(OWN)[0].content, house.now)
    house.drain()
    house.drain()
    again = [letter for letter in house.transport.handed if "fungerar igen" in letter.subject]
    assert sorted(letter.recipient for letter in again) == sorted([STAFF, *WATCHERS])
    assert (part(house).level, "efter 60 minuter, för sent" in part(house).says) == (Level.WARNING, True)


def test_each_day_it_is_missing_is_told(make):
    house = make()
    missing(house)
    go_to(house, 2026, 9, 13, 6, 0)
    go_to(house, 2026, 9, 13, 6, 15)
    assert len(alarms(house)) == 6


def test_it_lands_in_the_junk_folder(make):
    house = make()
    post(house, folder="Skräppost")
    missing(house)
    assert (part(house).level, "i skräpposten (info/Skräppost)" in part(house).says) == (Level.WARNING, True)


def test_what_a_person_writes_above_it_is_still_heard(make):
    house = make()
    post(house)
    missing(house, minutes=1)
    house.reply(house.to(OWN)[0], "Vad är det här? #access", quote=True)
    house.drain()
    assert [case.requester for case in house.cases()] == [KALLE]
    assert checks(house)[0][1] == 1


def test_an_absence_message_is_no_proof(make):
    house = make()
    go_to(house, 2026, 9, 12, 6, 0)
    letter = house.to(OWN)[0]
    house.mail(f"Jag är borta. {letter.text}", headers={"Auto-Submitted": "auto-replied"})
    house.drain()
    assert checks(house) == [(False, 0, "")]


def test_a_stranger_cannot_pass_for_it(make):
    house = make()
    go_to(house, 2026, 9, 12, 6, 0)
    house.mail(f"PROV-{'0' * 40} #access")
    house.mail(f"PROV-{'0' * 40}", headers={"X-Inbox-Bot-Letter": "self_check"})
    house.drain()
    assert checks(house) == [(False, 0, "")]
    assert len(house.cases()) == 1
    [(reason,)] = house.sql("SELECT reason FROM mail WHERE state = 'set_aside'")
    assert reason.startswith("loop")


def test_after_a_stop_the_program_looks_before_it_tells(make, build):
    house = make()
    go_to(house, 2026, 9, 12, 6, 0)
    house.mailbox.put(house.to(OWN)[0].content, house.now)
    house.clock.advance(timedelta(hours=3))
    again = build(clock=house.clock, mailbox=house.mailbox, watch={"watchers": list(WATCHERS)})
    assert again.flow.keep_watch() == 0
    again.drain()
    again.drain()
    assert alarms(again) == []
    assert checks(again)[0][:2] == (True, 1)


@both_databases
def test_two_workers_make_one_mail_and_tell_once(make, build):
    house = make()
    other = build(clock=house.clock, mailbox=house.mailbox, watch={"watchers": list(WATCHERS)})
    house.clock.set(stockholm(2026, 9, 12, 6, 0))
    assert house.flow.keep_watch() + other.flow.keep_watch() == 1
    house.drain()
    other.drain()
    house.clock.advance(QUARTER)
    house.flow.collect(house.mailbox, look_back_days=30)
    assert house.flow.keep_watch() + other.flow.keep_watch() == 1 + len(WATCHERS)


def test_that_none_was_made_is_seen(make):
    house = make()
    post(house)
    missing(house, minutes=1)
    house.days(1.2)
    house.flow.collect(house.mailbox, look_back_days=30)
    assert (part(house).level, part(house).says) == (Level.WARNING, "Inget prov har gjorts sedan 2026-09-12.")


def test_the_digest_tells_how_each_day_went(make):
    house = make()
    post(house)
    missing(house)
    house.transport.on_send = None
    go_to(house, 2026, 9, 13, 6, 0)
    go_to(house, 2026, 9, 13, 6, 16)
    text = house.flow.weekly_digest().text
    assert "2026-09-12: kom fram inom en minut." in text
    assert "2026-09-13: kom inte fram." in text
    assert "info, INBOX: 0 brev sedan" in text or "info, INBOX: 1 brev sedan" in text
