"""What the room message leaves: read, bounce, set aside with a reason, or quarantined; nothing lost, nothing kept too long."""

import pytest

from inbox_bot.errors import NotAllowedError
from inbox_bot.mailbox.step import collect
from inbox_bot.message import step
from inbox_bot.message.step import MOST_ATTEMPTS, read
from tests.support.house import EVA, KALLE, OWN, both_databases


def take_in(house):
    collect(house.flow.desk, house.mailbox, house.clock, look_back_days=30)


def states(house):
    return [state for (state,) in house.sql("SELECT state FROM mail ORDER BY id")]


@pytest.mark.parametrize(
    ("headers", "sender", "reason"),
    [
        ({"Auto-Submitted": "auto-replied"}, KALLE, "auto_reply"),
        ({"List-Id": "<nyheter.example.org>"}, KALLE, "list"),
        ({}, OWN, "own"),
        ({"X-Inbox-Bot-Letter": "receipt"}, KALLE, "loop"),
    ],
)
def test_automatic_mail_is_set_aside_with_its_reason_and_emptied(house, headers, sender, reason):
    house.mail("Jag är på semester #access", sender=sender, headers=headers)
    house.drain()
    [(state, why, content, message, verdict)] = house.sql("SELECT state, reason, content, message, verdict FROM mail")
    assert state == "set_aside"
    assert why.startswith(f"{reason}: ")
    assert (content, message, verdict) == (None, None, None)
    assert house.transport.handed == []


def test_own_address_in_capitals_is_still_our_own(house):
    house.mail("#access", sender="Info <INFO@Example.COM>")
    house.drain()
    assert house.cases() == []
    assert house.transport.handed == []


def test_what_no_person_could_read_is_quarantined_with_its_bytes_and_can_be_retried(house):
    house.mailbox.put(b"\r\n\r\n", house.now)
    house.drain()
    [mail] = house.flow.archive.overview().quarantined
    assert house.flow.quarantine.export(mail.id, by="anna") == b"\r\n\r\n"
    assert mail.reason == "The mail could not be parsed."
    house.flow.retry(mail.id)
    assert states(house) == ["received"]
    house.drain()
    assert states(house) == ["quarantined"]
    house.mail("Hej")
    house.drain()
    with pytest.raises(NotAllowedError, match="not in quarantine"):
        house.flow.retry(mail.id + 1)


def test_a_parser_that_breaks_keeps_the_mail_and_its_neighbours_pass(house, monkeypatch):
    original = step.read_bytes

    def breaks(content, own):
        if b"gift" in content:
            raise ZeroDivisionError("kalle@example.se")
        return original(content, own)

    monkeypatch.setattr(step, "read_bytes", breaks)
    house.mail("gift")
    house.mail("#access", sender=EVA)
    house.drain()
    assert states(house) == ["quarantined", "filed"]
    [mail] = house.flow.archive.overview().quarantined
    assert mail.reason == "the parser failed (ZeroDivisionError)"


@both_databases
def test_a_mail_that_kills_the_process_ends_in_quarantine_and_the_rest_get_through(house, monkeypatch):
    """A process killed while it reads: KeyboardInterrupt stands for it, because nothing of ours catches that."""
    original = step.read_bytes

    def dies(content, own):
        if b"gift" in content:
            raise KeyboardInterrupt
        return original(content, own)

    monkeypatch.setattr(step, "read_bytes", dies)
    house.mail("före #access")
    house.mail("gift")
    for number in range(12):
        house.mail(f"efter {number} #access", sender=f"person{number}@example.org")
    take_in(house)
    deaths = 0
    for _ in range(40):
        try:
            if not read(house.flow.desk, frozenset({OWN})):
                break
        except KeyboardInterrupt:
            deaths += 1
    assert deaths <= MOST_ATTEMPTS
    assert states(house) == ["read", "quarantined", *["read"] * 12]


def test_one_power_cut_puts_nothing_in_quarantine(house, monkeypatch):
    for number in range(9):
        house.mail(f"Hej {number}")
    take_in(house)
    with house.flow.desk.write() as unit:
        unit.mails.count_attempt(tuple(range(1, 10)))
    while read(house.flow.desk, frozenset({OWN})):
        pass
    assert states(house) == ["read"] * 9


def test_a_retried_mail_has_all_its_attempts_again(house, monkeypatch):
    house.mail("Hej")
    take_in(house)
    with house.flow.desk.write() as unit:
        for _ in range(MOST_ATTEMPTS + 1):
            unit.mails.count_attempt((1,))
    read(house.flow.desk, frozenset({OWN}))
    assert states(house) == ["quarantined"]
    house.flow.retry(1)
    read(house.flow.desk, frozenset({OWN}))
    assert states(house) == ["read"]


@both_databases
def test_heavy_mails_are_not_held_all_at_once(house, monkeypatch):
    monkeypatch.setattr(step, "MOST_BYTES", 10_000)
    for length in (10, 6_000, 20_000, 10, 10, 9_000):
        house.mail("x" * length)
    take_in(house)
    batches = []
    while (count := read(house.flow.desk, frozenset({OWN}))) > 0:
        batches.append(count)
    assert batches == [2, 1, 3]
    assert states(house) == ["read"] * 6
