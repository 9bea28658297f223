"""What the database adds up: Stockholm days on both databases, each claim counted once, and nothing lost when a case is emptied."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from inbox_bot.clock import STOCKHOLM
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.domain.span import month_of, span_named, year_of
from inbox_bot.domain.statistics import DAY, Finder, Phase, Stand
from inbox_bot.store.stockholm import offsets
from tests.support.house import EVA, START, both_databases

SEPTEMBER = month_of(START.date())
ACCESS, ERASURE = Claim(right=Right.ACCESS), Claim(right=Right.ERASURE)


def counts(house, span=SEPTEMBER):
    with house.flow.desk.look() as unit:
        return unit.figures.counts(span, house.now)


def answer(house, reference="PK-2026-0001"):
    house.flow.approve_case(reference, by="anna", note="Raderat i kursplattformen.", rest=True)
    house.drain()


@both_databases
def test_an_answer_is_counted_by_what_it_waited_for(house):
    receipt = house.ask("#erasure")
    house.days(2)
    house.flow.confirm(receipt.token, receipt.code)
    house.drain()
    house.days(3)
    house.flow.acting.say_done("PK-2026-0001", ["Raderat."], by="anna", system="kursplattformen")
    house.days(4)
    answer(house)
    found = counts(house)
    [one] = found.answered
    assert (one.claim, one.days, one.late, one.count) == (ERASURE, 9, False, 1)
    [tally] = found.tallies
    assert (tally.month, tally.stand, tally.finder) == ("2026-09", Stand.ANSWERED, Finder.PROGRAM)
    days = {phase: round(seconds / DAY) for phase, seconds in found.seconds.items()}
    assert sum(found.seconds.values()) == pytest.approx(9 * DAY, abs=60)
    assert (days[Phase.PROGRAM], days[Phase.PROOF], days[Phase.OUTBOX]) == (0, 2, 0)
    assert days[Phase.STAFF] + days[Phase.APPROVAL] == 7


@both_databases
def test_what_a_person_sorted_added_or_dismissed_is_told_apart(house):
    house.mail("#unsure #access", sender=EVA)
    house.drain()
    [(mail_id,)] = house.sql("SELECT id FROM mail WHERE state = 'to_sort'")
    house.days(1)
    house.flow.sort(mail_id, [ACCESS], by="anna")
    house.flow.add_right("PK-2026-0001", mail_id, [ERASURE], by="anna")
    house.ask("#access", sender="c@example.org")
    house.flow.dismiss("PK-2026-0002", reason="Det var en fråga om kursen.", by="anna")
    found = {(one.claim, one.stand): one.finder for one in counts(house).tallies}
    assert found == {
        (ACCESS, Stand.OPEN): Finder.SORTED,
        # Both were sorted out of one mail; the second was added to the case that the first had opened.
        (ERASURE, Stand.OPEN): Finder.SORTED,
        (ACCESS, Stand.DISMISSED): Finder.PROGRAM,
    }


@both_databases
def test_what_was_there_before_the_program_is_no_miss_of_its(build):
    house = build()
    house.mail("#access", at=START - timedelta(days=3))
    house.drain()
    [(mail_id,)] = house.sql("SELECT id FROM mail WHERE state = 'to_sort'")
    house.flow.sort(mail_id, [ACCESS], by="anna")
    assert [one.finder for one in counts(house).tallies] == [Finder.HISTORIC]


@both_databases
@pytest.mark.parametrize("hour", ["2026-09-30T21:59:59", "2026-09-30T22:00:00"])
def test_the_month_and_the_day_turn_at_midnight_in_stockholm(house, hour):
    received = datetime.fromisoformat(hour).replace(tzinfo=UTC)
    house.clock.set(received)
    house.mail("#erasure", at=received)
    house.drain()
    month = f"{received.astimezone(STOCKHOLM):%Y-%m}"
    [one] = counts(house, year_of(date(2026, 1, 1))).tallies
    assert one.month == month
    for name in ("2026-09", "2026-10"):
        span = span_named(name, oldest=START.date(), today=house.now.date())
        assert sum(one.count for one in counts(house, span).tallies) == (name == month)


@both_databases
def test_an_answer_on_the_last_evening_is_in_time_and_the_next_morning_is_not(house):
    house.ask_and_confirm("#erasure")
    house.ask_and_confirm("#erasure", sender=EVA)
    # Received on 7 September, due on 7 October: 22:00 UTC is midnight there.
    house.clock.set(datetime(2026, 10, 7, 21, 59, tzinfo=UTC))
    answer(house)
    house.clock.set(datetime(2026, 10, 7, 22, 1, tzinfo=UTC))
    assert [(one.stand, one.late, one.count) for one in counts(house).tallies if one.stand is Stand.OPEN] == [
        (Stand.OPEN, True, 1)
    ]
    answer(house, "PK-2026-0002")
    assert sorted((one.days, one.late) for one in counts(house).answered) == [(30, False), (31, True)]


@both_databases
def test_a_case_that_was_emptied_counts_as_before_and_stands_in_the_register(house):
    house.ask_and_confirm("#erasure")
    house.flow.extend("PK-2026-0001", right=Right.ERASURE, reasons="Uppgifterna finns i fyra system.", by="anna")
    house.drain()
    house.days(5)
    answer(house)
    before = counts(house)
    [row] = house.flow.figures.register(SEPTEMBER).rows
    assert (row.claim, row.letter, row.reason) == (ERASURE, "granted_erasure", "Uppgifterna finns i fyra system.")
    assert (row.proven_on, row.extended_on, row.answered_on) == (START.date(), START.date(), date(2026, 9, 12))
    with house.flow.desk.write() as unit:
        assert house.flow.keeping.empty(unit, house.case().id, "hash", item="correspondence")
    assert counts(house) == before
    [emptied] = house.flow.figures.register(SEPTEMBER).rows
    assert emptied == replace(row, reason="")


@both_databases
def test_an_answer_that_came_back_is_none(house):
    house.ask_and_confirm("#erasure")
    answer(house)
    [letter] = house.letters(name="granted_erasure")
    with house.flow.desk.write() as unit:
        unit.letters.move(letter.id, [letter.state], type(letter.state).BOUNCED)
    assert [one.stand for one in counts(house).tallies] == [Stand.OPEN]


@both_databases
def test_numbers_that_are_gone_are_told_of(house):
    for sender in (EVA, "c@example.org", "d@example.org"):
        house.ask("#access", sender=sender)
    with house.flow.desk.look() as unit:
        assert unit.figures.gone(2026, 2026) == 0
    with house.flow.desk.write() as unit:
        first = unit.cases.by_reference("PK-2026-0001")
        unit.person.end_case(first.id, house.now, {})
        unit.cases.close(first.id, house.now)
        unit.retention.delete_case(first.id, unit.cases.get(first.id).closed_at)
    found = house.flow.figures.statistics(house.flow.figures.span("2026"))
    assert (found.gone, found.key.asked) == (1, 2)
    assert found.whole_from == START.date()


def test_the_offsets_are_those_of_summer_and_winter():
    found = list(offsets(date(2026, 1, 1), date(2026, 12, 31)))
    assert [(datetime.fromtimestamp(at, UTC).isoformat(), hours // 3600) for at, hours in found[1:]] == [
        ("2026-03-29T01:00:00+00:00", 2),
        ("2026-10-25T01:00:00+00:00", 1),
    ]
    assert found[0][1] == 3600
