"""One sender's thousand mails go after everyone's first twenty."""

from datetime import timedelta

from inbox_bot.mailbox.crowd import CALM, Crowd
from tests.support.house import EVA, KALLE, START


def mail(sender):
    return f"To: info@example.com\r\nFrom: Någon <{sender}>\r\n\r\nFrom: ingen@example.com\r\n".encode()


def turns(crowd, sender, count, at=START):
    return [crowd.turn(mail(sender), at) for _ in range(count)]


def test_turns_rise_with_what_one_sender_sends_and_with_nobody_elses():
    crowd = Crowd()
    assert turns(crowd, KALLE, 2 * CALM + 1) == [0] * CALM + [1] * CALM + [2]
    assert turns(crowd, EVA, 1) == [0]
    assert turns(crowd, KALLE.upper(), 1) == [2]


def test_what_was_sent_is_forgiven_with_time():
    crowd = Crowd()
    turns(crowd, KALLE, 3 * CALM)
    assert turns(crowd, KALLE, 1, START + timedelta(minutes=1)) == [2]
    assert turns(crowd, KALLE, 1, START + timedelta(minutes=30)) == [0]


def test_a_header_folded_or_missing_is_no_trouble():
    crowd = Crowd()
    folded = b"From: Kalle\r\n <" + KALLE.encode() + b">\r\n\r\n"
    assert [crowd.turn(folded, START) for _ in range(CALM)] == [0] * CALM
    assert turns(crowd, KALLE, 1) == [1]
    assert crowd.turn(b"", START) == 0
    assert crowd.turn(b"\0" * 100_000, START) == 0


def test_only_so_many_senders_are_remembered():
    crowd = Crowd()
    for number in range(10_050):
        crowd.turn(mail(f"{number}@example.com"), START)
    assert len(crowd._levels) == 10_000


def test_another_persons_request_is_filed_before_the_end_of_a_flood(house, monkeypatch):
    monkeypatch.setattr("inbox_bot.mailbox.crowd.CALM", 3)
    for module in ("message.step.BATCH", "case.step.AT_ONCE", "worker.BURST"):
        monkeypatch.setattr(f"inbox_bot.{module}", 2)
    for number in range(30):
        house.mail(f"#unsure fråga {number}")
    house.mail("#access", sender=EVA)
    filed = []
    house.transport.on_send = lambda: filed.append(house.sql("SELECT count(*) FROM mail WHERE state = 'to_sort'")[0][0])
    house.drain()
    assert [letter.recipient for letter in house.transport.handed][:1] == [EVA]
    assert filed[0] < 15
    assert house.sql("SELECT count(*) FROM mail WHERE state = 'to_sort'") == [(30,)]
    assert house.sql("SELECT max(turn) FROM mail")[0][0] >= 8


def test_a_follow_up_waits_for_the_request_before_it_however_many_the_sender_wrote(house, monkeypatch):
    monkeypatch.setattr("inbox_bot.mailbox.crowd.CALM", 2)
    house.mail("#access", message_id="<forst@example.com>")
    for number in range(5):
        house.mail(f"Tillägg {number}", headers={"In-Reply-To": "<forst@example.com>"})
    house.drain()
    assert len(house.file().mails) == 6
