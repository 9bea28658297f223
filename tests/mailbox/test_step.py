"""What a look into a mailbox leaves behind: every mail once, and nothing sent for what was there before us."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from inbox_bot.errors import MailboxError
from inbox_bot.mailbox import step
from inbox_bot.mailbox.step import BATCH, collect
from inbox_bot.worker import Watch, Worker
from tests.support.house import EVA, KALLE, START, MemoryMailbox, both_databases, unreachable


def look(house, days=30):
    return collect(house.flow.desk, house.mailbox, house.clock, look_back_days=days)


@pytest.fixture
def new_house(build):
    """An installation that has never looked."""
    return build()


@both_databases
def test_the_first_look_sends_nothing_and_lists_what_it_found(new_house):
    new_house.mail("#access", at=START - timedelta(days=3))
    new_house.mail("#marketing", sender=EVA, at=START - timedelta(days=1), folder="Skräppost")
    new_house.mail("En fråga om kursen i mars", at=START - timedelta(days=1))
    new_house.drain()
    assert new_house.cases() == []
    assert new_house.to(KALLE) == new_house.to(EVA) == []
    waiting = new_house.flow.archive.overview().to_sort
    assert [(view.record.reason, view.record.historic) for view in waiting] == [("historic", True)] * 2
    assert [view.dates.strict_deadline.isoformat() for view in waiting] == ["2026-10-05", "2026-10-06"]


def test_the_first_look_goes_back_only_as_far_as_it_is_told(new_house):
    new_house.mail("#access", at=START - timedelta(days=40))
    new_house.mail("#erasure", at=START - timedelta(days=29))
    assert look(new_house) == 1
    assert look(new_house) == 0


def test_a_historic_mail_that_a_person_sorts_gets_its_case_with_the_clock_from_its_receipt(new_house):
    new_house.mail("#access", at=START - timedelta(days=3))
    new_house.drain()
    [waiting] = new_house.flow.archive.overview().to_sort
    new_house.flow.sort(waiting.record.id, waiting.record.verdict.claims, by="anna")
    new_house.drain()
    assert new_house.claim().clock.received_at == START - timedelta(days=3)
    assert new_house.to(KALLE)[0].code


def test_what_comes_in_the_very_second_of_the_first_look_is_new(new_house):
    new_house.clock.set(START + timedelta(seconds=7, milliseconds=900))
    new_house.mail("#access", at=START + timedelta(seconds=7))
    new_house.mail("#erasure", sender=EVA, at=START + timedelta(seconds=6))
    new_house.drain()
    assert [case.requester for case in new_house.cases()] == [KALLE]


def test_what_is_above_the_watermark_is_new_however_old_its_date(house):
    house.mail("#access", at=START - timedelta(days=60))
    house.drain()
    assert house.case().requester == KALLE
    assert house.claim().clock.received_at == START - timedelta(days=60)
    assert house.file().view.days_left < 0


def test_each_mail_is_fetched_once(house):
    for number in range(3):
        house.mail(f"Hej {number}")
        look(house)
    assert look(house) == 0
    assert house.mailbox.fetched == [1, 2, 3]


def test_more_mails_than_one_batch(house):
    for number in range(2 * BATCH + 1):
        house.mail(f"Hej {number}")
    assert look(house) == 2 * BATCH + 1
    assert house.sql("SELECT count(*) FROM sighting") == [(2 * BATCH + 1,)]


def test_the_same_mail_in_inbox_and_junk_is_one_mail_in_two_places(house):
    content = house.mail("#access")
    house.mailbox.put(content, house.now, "Skräppost")
    house.drain()
    assert len(house.cases()) == 1
    assert house.sql("SELECT count(*) FROM mail") == [(1,)]
    assert house.sql("SELECT folder FROM sighting ORDER BY folder") == [("INBOX",), ("Skräppost",)]
    assert len(house.to(KALLE)) == 1


def test_mail_in_the_junk_folder_counts(house):
    house.mail("#access", folder="Skräppost")
    house.drain()
    assert house.case().requester == KALLE


@both_databases
def test_a_renumbered_folder_is_read_anew_and_recognised(house):
    house.mail("#access")
    house.mail("Bara en fråga")
    house.drain()
    house.mail("#erasure", sender=EVA)
    house.mailbox.renumber()
    house.clock.advance(timedelta(hours=1))
    house.drain()
    assert sorted(case.requester for case in house.cases()) == [EVA, KALLE]
    assert len(house.to(KALLE)) == 1
    assert house.sql("SELECT DISTINCT uidvalidity FROM sighting WHERE folder = 'INBOX'") == [(2,)]
    house.mail("#access", sender="ny@example.com")
    house.drain()
    assert len(house.cases()) == 3


def test_a_renumbered_folder_brings_back_nothing_that_was_decided_and_forgotten(house):
    house.mail("#access")
    house.mail("Kanske. #unsure #erasure", sender=EVA)
    house.drain()
    [asked] = house.flow.archive.overview().to_sort
    house.flow.sort(asked.record.id, [], by="anna")
    for _ in range(3):
        house.days(15)
        house.drain()
    assert house.sql("SELECT count(*) FROM mail") == [(1,)], "what was no request is forgotten"
    house.mailbox.renumber()
    house.mail("#erasure", sender="ny@example.com")
    house.drain()
    assert house.flow.archive.overview().to_sort == ()
    assert sorted(case.requester for case in house.cases()) == [KALLE, "ny@example.com"]


def test_what_lay_unread_in_a_folder_numbered_anew_is_for_a_person_and_is_not_answered(house):
    house.days(40)
    house.drain()
    house.mailbox.renumber()
    house.mail("#access", at=house.now - timedelta(days=3))
    house.mail("#erasure", sender=EVA, at=house.now - timedelta(hours=3))
    house.drain()
    [waiting] = house.flow.archive.overview().to_sort
    assert (waiting.record.reason, waiting.record.received_at) == ("historic", house.now - timedelta(days=3))
    assert [case.requester for case in house.cases()] == [EVA]
    assert house.to(KALLE) == []


def test_mail_that_came_while_nobody_looked_is_new_in_a_folder_numbered_anew(house):
    house.days(60)
    house.mail("#access", at=house.now - timedelta(days=50))
    house.mailbox.renumber()
    house.drain()
    assert [case.requester for case in house.cases()] == [KALLE]


def test_a_first_scan_that_is_cut_short_starts_over_and_still_sends_nothing(new_house):
    for number in range(BATCH + 5):
        new_house.mail(f"#access {number}", at=START - timedelta(days=1))
    new_house.mailbox.trouble["select"] = unreachable()
    with pytest.raises(MailboxError):
        look(new_house)
    new_house.mailbox.trouble.clear()
    fetch, calls = new_house.mailbox.fetch, []

    def fail_second(uids):
        calls.append(uids)
        if len(calls) == 2:
            raise unreachable()
        return fetch(uids)

    new_house.mailbox.fetch = fail_second
    with pytest.raises(MailboxError):
        look(new_house)
    new_house.mailbox.fetch = fetch
    new_house.clock.advance(timedelta(hours=5))
    new_house.mail("#erasure", sender=EVA, at=START + timedelta(hours=4))
    new_house.drain()
    assert new_house.sql("SELECT count(*) FROM mail") == [(BATCH + 6,)]
    assert [case.requester for case in new_house.cases()] == [EVA]
    assert len(new_house.flow.archive.overview().to_sort) == BATCH + 5
    assert len(new_house.mailbox.fetched) == BATCH + 6


def test_a_look_that_breaks_between_batches_keeps_what_it_has_and_goes_on_there(house):
    for number in range(BATCH + 2):
        house.mail(f"Hej {number}")
    fetch = house.mailbox.fetch

    def only_first(uids):
        if uids[0] > 1:
            raise unreachable()
        return fetch(uids)

    house.mailbox.fetch = only_first
    with pytest.raises(MailboxError):
        look(house)
    house.mailbox.fetch = fetch
    assert look(house) == 2


def test_a_mail_that_is_gone_when_it_is_fetched_is_passed_over(house):
    house.mail("Hej")
    house.mailbox.fetch = lambda uids: []
    assert look(house) == 0
    assert look(house) == 0
    assert house.sql("SELECT count(*) FROM mail") == [(0,)]


def test_the_last_good_look_is_stored_and_so_is_the_failure(house):
    house.clock.advance(timedelta(minutes=5))
    house.mailbox.trouble["open"] = unreachable()
    worker = house.drain(well=False)
    assert worker.failures == ["The server of mailbox info does not answer."]
    [box] = house.flow.archive.overview().mailboxes
    assert (box.looked_at, box.failed_at) == (START, START + timedelta(minutes=5))
    assert (box.failure, box.failures) == ("The server of mailbox info does not answer.", 1)
    assert house.mailbox.closed >= 1


async def test_a_failing_mailbox_stops_no_other(house):
    good, bad = MemoryMailbox("kurs"), MemoryMailbox("info")
    bad.trouble["folders"] = unreachable()
    watches = [Watch(source=box, look_back_days=30, poll_seconds=60) for box in (bad, good)]
    worker = Worker(flow=house.flow, watches=watches)
    await worker.run_once()
    boxes = {box.name: box for box in house.flow.archive.overview().mailboxes}
    assert boxes["kurs"].looked_at == house.now
    assert boxes["info"].failures == 1


async def test_a_database_error_over_one_mailbox_stops_no_other(house, monkeypatch):
    good, bad = MemoryMailbox("kurs"), MemoryMailbox("trasig")
    bad.trouble["folders"] = RuntimeError("secret row content")
    watches = [Watch(source=box, look_back_days=30, poll_seconds=60) for box in (bad, good)]
    worker = Worker(flow=house.flow, watches=watches)
    await worker.run_once()
    assert {box.name for box in house.flow.archive.overview().mailboxes} == {"info", "kurs"}
    assert worker.failures == ["RuntimeError"]


@both_databases
def test_two_workers_on_one_mailbox_store_each_mail_once_and_neither_fails(build, monkeypatch):
    """Both have fetched before either stores: the worst order there is."""
    first = build()
    for folder in ("INBOX", "Skräppost"):
        for number in range(5):
            first.mail(f"Hej {number}", folder=folder, message_id=f"<{number}@example.com>")
    gate = threading.Barrier(2, timeout=30)
    original = step._store

    def together(look, *rest):
        source = look.source
        fetch = source.fetch

        def fetched(uids):
            mails = fetch(uids)
            gate.wait()
            return mails

        source.fetch = fetched
        try:
            return original(look, *rest)
        finally:
            source.fetch = fetch

    monkeypatch.setattr(step, "_store", together)
    boxes = [MemoryMailbox(), MemoryMailbox()]
    for box in boxes:
        box._folders = first.mailbox._folders
    with ThreadPoolExecutor(2) as pool:
        looks = [pool.submit(collect, first.flow.desk, box, first.clock, look_back_days=30) for box in boxes]
        for done in looks:
            done.result(60)
    assert first.sql("SELECT count(*) FROM mail") == [(5,)]
    assert first.sql("SELECT count(*) FROM sighting") == [(10,)]


def test_nothing_is_left_half_when_storing_fails(house, monkeypatch):
    house.mail("#access")
    before = house.everything()
    monkeypatch.setattr(
        "inbox_bot.store.mailboxes.Mailboxes.add_sightings", lambda *_: (_ for _ in ()).throw(RuntimeError("disk full"))
    )
    with pytest.raises(RuntimeError, match="disk full"):
        look(house)
    assert house.everything() == before
    monkeypatch.undo()


@both_databases
def test_the_largest_numbers_a_server_may_use_are_stored(house):
    largest = 2**32 - 1
    house.mailbox._folders["INBOX"] = (largest, [])
    house.mailbox._next["INBOX"] = largest
    house.mail("#access")
    house.drain()
    with house.flow.desk.look() as unit:
        mark = unit.mailboxes.watermark("info", "INBOX")
    assert (mark.uidvalidity, mark.uid) == (largest, largest)
    assert house.states() == {"access": "awaiting_identity"}
