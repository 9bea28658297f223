"""The letters to staff: once a period whatever happens, overdue first, and sent also when all is well."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from inbox_bot.clock import STOCKHOLM, SetClock
from inbox_bot.digest import step
from inbox_bot.domain.verdict import Outcome, Verdict
from inbox_bot.outbox.transport import Attempt, Fate
from tests.support.house import EVA, KALLE, STAFF, START, both_databases, unreachable
from tests.support.recipients import SUPPLIER, house_with_recipients


@pytest.fixture
def quiet(build):
    """An installation on Sunday night before the first Monday."""
    house = build(clock=SetClock(stockholm(2026, 9, 6, 22, 0)))
    house.drain()
    house.transport.handed.clear()
    return house


def stockholm(*when):
    return datetime(*when, tzinfo=STOCKHOLM).astimezone(UTC)


def go_to(house, *when):
    house.clock.set(stockholm(*when))
    house.drain()


def kinds(house):
    """Return the periods that have had their letter, without the Sunday the tests begin on."""
    rows = house.sql("SELECT kind || ' ' || period FROM digest ORDER BY id")
    return [name for (name,) in rows if name != "weekly 2026-W36"]


def test_every_monday_at_half_past_seven_once_also_when_all_is_well(quiet):
    go_to(quiet, 2026, 9, 7, 7, 29)
    assert quiet.to(STAFF) == []
    for minute in (30, 31, 59):
        go_to(quiet, 2026, 9, 7, 7, minute)
    [letter] = quiet.to(STAFF)
    assert "Allt är i ordning" in letter.text
    assert "Just nu finns inget öppet ärende, inget svar att godkänna" in letter.text
    assert "Inga." not in letter.text
    assert letter.text.count("http") == 0
    for day in range(8, 14):
        go_to(quiet, 2026, 9, day, 12, 0)
    assert len(quiet.to(STAFF)) == 1
    go_to(quiet, 2026, 9, 14, 7, 30)
    assert len(quiet.to(STAFF)) == 2
    assert kinds(quiet) == ["weekly 2026-W37", "weekly 2026-W38"]


def weekly_letters(house):
    return [letter.text for letter in house.to(STAFF) if "Veckobrev" in letter.subject]


def test_what_the_program_hesitated_at_is_named_once_a_week_until_somebody_has_looked(quiet, monkeypatch):
    verdict = Verdict(outcome=Outcome.NOT_REQUEST, near=True)
    monkeypatch.setattr(type(quiet.classifier), "classify", lambda *_: verdict)
    go_to(quiet, 2026, 9, 8, 23, 30)
    for sender in (KALLE, EVA):
        quiet.mail("Hur gör man?", sender=sender)
    quiet.drain()
    (first,), (second,) = quiet.sql("SELECT id FROM mail ORDER BY id")
    quiet.flow.quarantine.recall(first, by="anna")
    go_to(quiet, 2026, 9, 14, 7, 30)
    told = weekly_letters(quiet)[-1]
    assert f"Brev {second}, kom till info 2026-09-08 kl. 23.30." in told
    assert "/personal/ingen-begaran?dag=2026-09-08" in told
    assert f"Brev {first}, kom till" not in told
    go_to(quiet, 2026, 9, 21, 7, 30)
    assert f"Brev {second}" not in weekly_letters(quiet)[-1]


def test_every_staff_member_gets_one_and_they_are_not_told_of_each_other(build):
    both = ["anna@example.com", "bo@example.com"]
    house = build(clock=SetClock(stockholm(2026, 9, 7, 8, 0)), staff={"addresses": both})
    house.drain()
    assert sorted(letter.recipient for letter in house.transport.handed) == both
    assert len({letter.message_id for letter in house.transport.handed}) == 2
    assert "bo@example.com" not in house.to("anna@example.com")[0].content.decode()


@both_databases
def test_a_restart_makes_no_second_letter(build):
    clock = SetClock(stockholm(2026, 9, 7, 8, 0))
    first = build(clock=clock)
    first.drain()
    second = build(clock=clock)
    second.drain()
    assert (len(first.to(STAFF)), len(second.to(STAFF))) == (1, 0)


@both_databases
def test_many_workers_make_one_letter(build):
    clock = SetClock(stockholm(2026, 9, 7, 8, 0))
    rooms = [build(clock=clock).flow.digest for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(step.report, rooms)) == 1


def test_a_week_missed_on_monday_is_caught_up_on_the_day_the_program_is_back(quiet):
    go_to(quiet, 2026, 9, 10, 3, 0)
    assert kinds(quiet) == ["weekly 2026-W37"]


def test_a_missed_week_is_not_sent_in_the_next_one(quiet):
    go_to(quiet, 2026, 9, 21, 7, 30)
    assert kinds(quiet) == ["weekly 2026-W39"]


def test_the_week_that_belongs_to_the_year_before(build):
    house = build(clock=SetClock(stockholm(2027, 1, 2, 12, 0)))
    house.drain()
    assert kinds(house) == ["weekly 2026-W53"]
    assert "vecka 53:" in house.to(STAFF)[0].subject


def test_a_letter_that_cannot_be_made_takes_no_period(quiet, monkeypatch):
    def fails(*_):
        raise RuntimeError("template")

    quiet.clock.set(stockholm(2026, 9, 7, 7, 30))
    with monkeypatch.context() as patch:
        patch.setattr(step, "_queue", fails)
        worker = quiet.drain(well=False)
    assert worker.failures == ["digest: RuntimeError"]
    quiet.drain()
    assert kinds(quiet) == ["weekly 2026-W37"]


def test_overdue_comes_first_then_by_the_legal_date(house):
    house.mail("#access", sender="sen@example.org", at=START - timedelta(days=60))
    house.mail("#erasure", sender=EVA)
    house.mail("#access", at=START - timedelta(days=20))
    house.drain()
    by_sender = {case.requester: case.reference for case in house.cases()}
    text = house.flow.weekly_digest().text
    order = list(dict.fromkeys(re.findall(r"PK-2026-\d{4}", text)))
    assert order == [by_sender["sen@example.org"], by_sender[KALLE], by_sender[EVA]]
    assert "försenat" in text
    assert "1 svar är försenat." in text


def test_staff_letters_name_cases_and_dates_but_no_person(house):
    house.mail("#access Radera kontot", sender="Kalle Ek <kalle@example.se>", subject="Om mig")
    house.mail("#unsure", sender=EVA)
    house.drain()
    for text in (house.flow.weekly_digest().text, house.to(STAFF)[-1].text):
        for personal in ("kalle", "Kalle Ek", "eva@", "Om mig", "Radera kontot"):
            assert personal not in text


def test_everything_that_waits_for_a_person_is_told(house):
    house.mail("#unsure", sender=EVA)
    house.mailbox.put(b"\r\n\r\n", house.now)
    receipt = house.ask_and_confirm("#access")
    house.reply(receipt, "Hur går det?")
    house.ask_and_confirm("#erasure", sender="c@example.org")
    house.flow.approve_case("PK-2026-0002", by="anna", note="Raderat i kursplattformen.", rest=True)
    house.transport.answers.append(Attempt(fate=Fate.UNKNOWN))
    house.drain()
    house.mailbox.trouble["open"] = unreachable()
    house.drain(well=False)
    text = house.flow.weekly_digest().text
    for told in (
        "om det är en begäran ska svaret ut 2026-10-07",
        "kunde inte läsas",
        "nytt brev",
        "okänt om det har lämnat oss",
        "väntar på ditt godkännande",
        "fel sedan dess: servern svarar inte. Programmet försöker igen.",
    ):
        assert told in text


def test_a_matter_of_which_one_half_is_missing_is_told_and_is_cause(house):
    house.ask_and_confirm("#erasure")
    house.flow.acting.say_done(
        "PK-2026-0001", ["Kontot är raderat i kursplattformen."], by="anna", system="kursplattformen"
    )
    assert "något är gjort men svaret har inte gått" in house.flow.weekly_digest().text
    house.flow.approve_case("PK-2026-0001", by="anna")
    house.drain()
    house.transport.handed.clear()
    go_to(house, 2026, 9, 8, 9, 0)
    [letter] = house.to(STAFF)
    assert "det här är inte noterat som gjort: intygsarkivet, faktureringen" in letter.text
    assert "1 sak väntar på en person." in letter.text
    house.flow.acting.rest_absent("PK-2026-0001", by="anna")
    assert "inte noterat som gjort" not in house.flow.weekly_digest().text


def test_recipients_who_are_to_be_told_are_cause(build, tmp_path):
    house = house_with_recipients(build, tmp_path)
    house.ask_and_confirm("#erasure")
    house.flow.acting.say_done("PK-2026-0001", ["Allt är raderat i kursplattformen."], by="anna")
    house.flow.approve_case("PK-2026-0001", by="anna", rest=True)
    house.drain()
    assert house.case().state.value == "closed"
    house.transport.handed.clear()
    go_to(house, 2026, 9, 8, 9, 0)
    assert f"PK-2026-0001: {SUPPLIER} ska få veta om radering." in house.to(STAFF)[-1].text


def test_the_daily_letter_comes_only_with_cause_and_once_a_day(quiet):
    for day in range(8, 12):
        go_to(quiet, 2026, 9, day, 9, 0)
    assert not [kind for kind in kinds(quiet) if kind.startswith("daily")]
    quiet.mail("#unsure")
    go_to(quiet, 2026, 9, 11, 14, 0)
    go_to(quiet, 2026, 9, 11, 15, 0)
    assert [kind for kind in kinds(quiet) if kind.startswith("daily")] == ["daily 2026-09-11"]
    go_to(quiet, 2026, 9, 12, 9, 0)
    go_to(quiet, 2026, 9, 13, 9, 0)
    assert [kind for kind in kinds(quiet) if kind.startswith("daily")] == ["daily 2026-09-11"]
    go_to(quiet, 2026, 9, 14, 9, 0)
    assert kinds(quiet)[-2:] == ["weekly 2026-W38", "daily 2026-09-14"]


def dailies(house):
    return [kind for kind in kinds(house) if kind.startswith("daily")]


def test_the_daily_letter_comes_every_day_when_fewer_than_six_working_days_are_left(house):
    house.ask_and_confirm("#access")
    house.transport.handed.clear()
    # The date is Wednesday 7 October: ten working days remain on 23 September, six on Tuesday 29 September, five on the 30th.
    go_to(house, 2026, 9, 22, 9, 0)
    assert not dailies(house)
    go_to(house, 2026, 9, 23, 9, 0)
    assert dailies(house) == ["daily 2026-09-23"]
    go_to(house, 2026, 9, 29, 9, 0)
    assert dailies(house) == ["daily 2026-09-23"]
    go_to(house, 2026, 9, 30, 9, 0)
    assert kinds(house)[-1] == "daily 2026-09-30"
    assert "5 arbetsdagar kvar" in house.to(STAFF)[-1].text
    go_to(house, 2026, 10, 7, 9, 0)
    assert "i dag är sista dagen" in house.to(STAFF)[-1].text
    go_to(house, 2026, 10, 8, 9, 0)
    assert "försenat" in house.to(STAFF)[-1].text


def test_a_silent_mailbox_is_cause(quiet):
    quiet.mailbox.trouble["open"] = unreachable()
    quiet.clock.set(stockholm(2026, 9, 8, 9, 0))
    quiet.drain(well=False)
    assert kinds(quiet)[-1] == "daily 2026-09-08"
    assert "info: servern svarar inte." in quiet.to(STAFF)[-1].text


@pytest.mark.parametrize(
    ("when", "week"),
    [((2026, 9, 7, 0, 30), "37"), ((2026, 9, 7, 7, 0), "37"), ((2026, 9, 9, 7, 0), "37"), ((2027, 1, 4, 0, 30), "01")],
)
def test_printing_the_digest_sends_and_notes_nothing_and_names_this_week(quiet, when, week):
    quiet.clock.set(stockholm(*when))
    before = quiet.everything()
    rendered = quiet.flow.weekly_digest()
    assert quiet.everything() == before
    assert rendered.subject.startswith(f"Veckobrev, vecka {int(week)}: ")


def test_the_weekly_letter_begins_with_this_week_and_shows_those_ahead(house):
    house.mail("#access", sender="sen@example.org", at=START - timedelta(days=60))
    house.mail("#erasure", at=START - timedelta(days=30))
    house.mail("#access", sender=EVA)
    house.drain()
    letter = house.flow.weekly_digest()
    first, ahead = letter.text.index("Först den här veckan"), letter.text.index("Veckorna framåt")
    urgent = letter.text[first:ahead]
    assert re.findall(r"senast (\S+)", urgent) == ["2026-08-10", "2026-09-08"]
    assert "V. 37, 7–13/9: 2 svar, 1 försenat" in letter.text
    assert "V. 41, 5–11/10: 1 svar" in letter.text
    assert letter.html.count('class="bar"') == 2
    assert letter.html.count('class="bar-late"') == 1


def test_a_quiet_week_says_so_and_the_month_before_is_summed_up(quiet):
    assert "En lugn vecka" in quiet.flow.weekly_digest().text
    assert "Ingen begäran kom in." in quiet.flow.weekly_digest().text
    quiet.ask_and_confirm("#erasure")
    quiet.days(6)
    quiet.flow.approve_case("PK-2026-0001", by="anna", note="Raderat i kursplattformen.", rest=True)
    quiet.drain()
    quiet.clock.set(stockholm(2026, 10, 5, 8, 0))
    text = quiet.flow.weekly_digest().text
    assert "1 begäran kom in och 1 är besvarad. I tid: 1 av 1 (100 procent). Mediantid till svar: 6 dagar." in text


def test_a_case_stands_once_with_its_rights_and_what_is_empty_in_one_sentence(house):
    house.ask("#erasure #access")
    text = house.flow.weekly_digest().text
    assert re.findall(r"PK-2026-0001[^,\n]*", text) == [
        "PK-2026-0001: registerutdrag och radering",
        "PK-2026-0001",
        "PK-2026-0001.",
    ]
    assert text.count("Just nu finns inget svar att godkänna, inget halvgjort ärende, ") == 1
    assert "Väntar på godkännande" not in text


def test_a_letter_in_trouble_is_told_by_its_case_and_in_swedish(house):
    house.ask_and_confirm("#erasure")
    house.flow.approve_case("PK-2026-0001", by="anna", note="Raderat i kursplattformen.", rest=True)
    house.transport.answers.append(Attempt(fate=Fate.UNKNOWN))
    house.drain()
    text = house.flow.weekly_digest().text
    assert re.search(r"Brev ut \d+ i PK-2026-0001: okänt om det har lämnat oss\.", text)
    assert "granted" not in text


def test_the_weekly_letter_names_what_is_unwell_too(quiet):
    """On a Monday that is a public holiday no daily letter says it, and a headline that counts what is not named helps nobody."""
    object.__setattr__(quiet.flow.digest, "warnings", lambda: ["Inloggningen info fungerar inte: kör inbox-bot login."])
    text = " ".join(quiet.flow.weekly_digest().text.split())
    assert "1 sak väntar på en person." in text
    assert "Inloggningen info fungerar inte: kör inbox-bot login." in text
