"""Where a judged mail ends: a new case, its own case, a person's list, or nowhere. No other person's case, ever."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from inbox_bot.domain.rights import Right
from inbox_bot.flow import FLOW
from inbox_bot.worker import Worker
from tests.support.house import EVA, KALLE, START, both_databases


@both_databases
def test_a_request_opens_a_case_with_one_clock_a_right(house):
    house.mail("#access #erasure", sender="Kalle Ek <Kalle@Example.SE>", at=START - timedelta(hours=1))
    house.drain()
    case = house.case()
    assert (case.requester, case.requester_name, case.language, case.opened_at) == (KALLE, "Kalle Ek", "sv", START)
    assert sorted(claim.claim.right.value for claim in case.claims) == ["access", "erasure"]
    assert {claim.clock.received_at for claim in case.claims} == {START - timedelta(hours=1)}
    assert house.events()[:3] == ["opened", "claim_added", "claim_added"]
    [receipt] = house.to(KALLE)
    assert case.reference in receipt.subject + receipt.text


def test_the_case_number_is_of_the_year_the_mail_came_in_in_stockholm(build):
    house = build()
    house.clock.set(START.replace(month=12, day=31, hour=22))
    house.drain()
    house.clock.advance(timedelta(hours=1, minutes=30))
    house.mail("#access", sender=EVA, at=START.replace(month=12, day=31, hour=22, minute=59))
    house.mail("#access", at=START.replace(month=12, day=31, hour=23))
    house.drain()
    assert [case.reference for case in house.cases()] == ["PK-2026-0001", "PK-2027-0001"]


@pytest.mark.parametrize("way", ["thread", "reference"])
def test_a_follow_up_joins_its_case(house, way):
    receipt = house.ask("#access")
    if way == "thread":
        house.reply(receipt, "Har ni hunnit?", subject="Helt annat")
    else:
        house.mail("Har ni hunnit?", subject="Fråga om pk-2026-0001", sender="KALLE@EXAMPLE.SE")
    house.drain()
    assert len(house.cases()) == 1
    assert [mail.unread for mail in house.file().mails] == [False, True]
    assert house.events()[-1] == "mail_joined"
    assert len(house.to(KALLE)) == 1
    house.flow.mark_read("PK-2026-0001", upto=house.file().mails[-1].id)
    assert not house.file().view.unread


def test_a_follow_up_to_the_persons_own_first_mail_joins(house):
    house.ask("#access", message_id="<first@example.se>")
    house.mail("Jag glömde: kursen gick i mars.", headers={"References": "<first@example.se>"})
    house.drain()
    assert len(house.file().mails) == 2


@pytest.mark.parametrize("body", ["Hej!", "#access", "#unsure", "#erasure"])
def test_another_persons_mail_joins_nothing_though_it_names_thread_and_reference(house, body):
    receipt = house.ask("#access")
    before = house.file()
    house.reply(receipt, body, sender=EVA, subject="Sv: PK-2026-0001", quote=True)
    house.drain()
    after = house.file()
    assert after.mails == before.mails
    assert after.events == before.events
    assert EVA not in {letter.recipient for letter in after.letters}
    assert house.states() == {"access": "awaiting_identity"}
    assert {case.requester for case in house.cases()} <= {KALLE, EVA}


def test_reply_to_moves_no_answer_to_another_address(house):
    house.mail("#access", headers={"Reply-To": "tjuv@example.org"})
    house.drain()
    assert house.case().requester == KALLE
    assert house.to("tjuv@example.org") == []


def test_a_reminder_in_a_new_mail_joins_the_same_matter(house):
    house.ask("#access #erasure")
    house.days(10)
    house.mail("Ni har inte svarat! #access", subject="Påminnelse")
    house.drain()
    assert [case.reference for case in house.cases()] == ["PK-2026-0001"]
    assert house.file().view.unread
    assert {claim.clock.received_at for claim in house.case().claims} == {START}


def test_another_right_in_a_new_mail_is_another_case(house):
    house.ask("#access")
    house.ask("#erasure")
    assert [list(house.states(case.reference)) for case in house.cases()] == [["access"], ["erasure"]]


def test_a_right_added_in_the_thread_starts_its_own_clock_at_that_mail(house):
    receipt = house.ask("#access")
    house.days(9)
    house.reply(receipt, "Radera sedan allt också. #erasure #access")
    house.drain()
    assert len(house.cases()) == 1
    assert house.claim(right=Right.ACCESS).clock.received_at == START
    assert house.claim(right=Right.ERASURE).clock.received_at == START + timedelta(days=9)
    assert house.states() == {"access": "awaiting_identity", "erasure": "awaiting_identity"}
    assert house.to(KALLE)[-1].code != receipt.code


def test_a_right_added_after_the_address_was_confirmed_is_not_asked_about_again(house):
    receipt = house.ask_and_confirm("#access")
    house.reply(receipt, "#erasure")
    house.drain()
    assert house.states() == {"access": "awaiting_approval", "erasure": "awaiting_approval"}
    assert "identity_not_needed" in house.events()


def test_an_unsure_mail_waits_for_a_person_with_the_clock_running_and_gets_no_letter(house):
    house.mail("#unsure #access", at=START - timedelta(days=2))
    house.drain()
    [waiting] = house.flow.archive.overview().to_sort
    assert waiting.record.reason == "employer"
    assert waiting.dates.strict_deadline.isoformat() == "2026-10-05"
    assert waiting.days_left == 20
    assert house.cases() == []
    assert house.to(KALLE) == []


def test_an_unsure_mail_in_a_known_thread_joins_and_stands_unread(house):
    receipt = house.ask("#access")
    house.reply(receipt, "#unsure")
    house.drain()
    assert house.flow.archive.overview().to_sort == ()
    assert house.file().view.unread


def test_an_address_never_written_to_opens_no_case_by_itself(build):
    house = build(outbox={"never_write": ["styrelsen@example.org"]})
    house.drain()
    house.mail("#access", sender="Styrelsen@Example.org")
    house.drain()
    [waiting] = house.flow.archive.overview().to_sort
    assert waiting.record.reason == "never_write"
    assert house.cases() == []


def test_a_request_without_a_sender_goes_to_a_person(house):
    house.mail("#access", sender="")
    house.drain()
    [waiting] = house.flow.archive.overview().to_sort
    assert waiting.record.reason == "no_sender"


def answered(house, body="#erasure"):
    house.ask_and_confirm(body)
    house.flow.approve_case("PK-2026-0001", by="anna", note="Allt är gjort i kursplattformen.", rest=True)
    house.drain()
    assert house.case().state.value == "closed"
    return house.to(KALLE)[-1]


@pytest.mark.parametrize("body", ["#access", "#erasure"])
@pytest.mark.parametrize("way", ["thread", "new mail"])
def test_a_request_after_the_case_closed_is_a_new_case_with_a_new_clock(house, body, way):
    answer = answered(house)
    house.days(60)
    if way == "thread":
        house.reply(answer, body)
    else:
        house.mail(body)
    house.drain()
    assert [case.reference for case in house.cases()] == ["PK-2026-0001", "PK-2026-0002"]
    assert house.claim("PK-2026-0002").clock.received_at == START + timedelta(days=60)
    assert house.case().state.value == "closed"
    assert house.to(KALLE)[-1].code


def test_thanks_after_the_case_closed_join_it_and_stand_unread(house):
    answer = answered(house)
    house.reply(answer, "Tack så mycket!")
    house.drain()
    assert len(house.cases()) == 1
    assert house.case().state.value == "closed"
    assert [view.record.reference for view in house.flow.archive.overview().cases] == ["PK-2026-0001"]


@pytest.mark.parametrize("year", [1904, 2027, 2150])
def test_a_receipt_date_that_cannot_be_true_counts_as_now_and_stops_no_mail_and_no_page(house, year):
    house.mail("#access", at=START.replace(year=year))
    house.mail("#erasure", sender=EVA)
    house.drain()
    assert {case.requester for case in house.cases()} == {KALLE, EVA}
    assert {case.claims[0].clock.received_at for case in house.cases()} == {START}
    house.flow.archive.overview()
    house.flow.weekly_digest()


def test_language_follows_the_writer(house):
    house.ask("#access #english")
    assert house.case().language == "en"
    assert "your case" in house.to(KALLE)[0].text.lower()


def work_at_once(flows, rooms):
    """Run the rooms' stages in a thread for each flow, until none has anything to do; raise what went wrong."""
    stages = [stage for stage in FLOW if stage.room in rooms]
    gate = threading.Barrier(len(flows), timeout=30)

    def work(flow):
        gate.wait()
        while sum(asyncio.run(stage.run(flow)) for stage in stages):
            pass

    with ThreadPoolExecutor(len(flows)) as pool:
        for done in [pool.submit(work, flow) for flow in flows]:
            done.result(60)


@both_databases
def test_many_workers_file_each_mail_once(build):
    house = build()
    house.drain()
    for number in range(8):
        house.mail("#access", sender=f"person{number}@example.org")
    house.flow.collect(house.mailbox, look_back_days=30)
    work_at_once([build(clock=house.clock).flow for _ in range(3)], {"message", "classification", "case"})
    house.drain()
    assert len({case.requester for case in house.cases()}) == len(house.cases()) == 8
    assert [len(house.to(f"person{number}@example.org")) for number in range(8)] == [1] * 8


@both_databases
def test_a_reminder_handled_by_another_worker_at_the_same_time_opens_no_second_case(build):
    house = build()
    house.drain()
    for number in range(4):
        house.mail("#access", subject=f"Påminnelse {number}")
    house.flow.collect(house.mailbox, look_back_days=30)
    work_at_once([house.flow], {"message", "classification"})
    work_at_once([build(clock=house.clock).flow for _ in range(3)], {"case"})
    assert len(house.cases()) == 1
    assert len(house.file().mails) == 4


@both_databases
def test_mails_filed_together_see_each_others_cases_and_the_old_ones(house):
    old = house.ask("#access", sender=EVA)
    house.mail("#erasure", message_id="<first@mail.example.com>")
    house.mail("#erasure", subject="Påminnelse")
    house.reply(old, "#erasure", sender=EVA)
    house.mail("#rectification", headers={"References": "<first@mail.example.com>"})
    house.mail("#access", sender="lo@example.org")
    house.drain()
    found = {case.requester: set(house.states(case.reference)) for case in house.cases()}
    assert found == {EVA: {"access", "erasure"}, KALLE: {"erasure", "rectification"}, "lo@example.org": {"access"}}
    assert len(house.cases()) == 3
    assert house.sql("SELECT DISTINCT state FROM mail") == [("filed",)]


@both_databases
def test_workers_that_file_bundles_of_the_same_people_do_not_block_each_other(build):
    house = build()
    house.drain()
    for number in range(40):
        house.mail("#access", sender=f"person{number % 8}@example.org", subject=f"Brev {number}")
    house.flow.collect(house.mailbox, look_back_days=30)
    others = [build(clock=house.clock) for _ in range(3)]
    while house.flow.take_in():
        pass

    def work(one):
        worker = Worker(flow=one.flow, watches=[])
        asyncio.run(worker.run_once())
        return worker.failures

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(work, others)) == [[]] * 3
    assert len(house.cases()) == 8
    assert house.sql("SELECT DISTINCT state FROM mail") == [("filed",)]
