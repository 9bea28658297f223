"""A letter to the wrong person: its clock, its steps, who is told, and what is left of it years later."""

from datetime import timedelta

import pytest

from inbox_bot.breach.toml_rules import read_breach
from inbox_bot.errors import NotAllowedError, NotFoundError, RulesError
from inbox_bot.settings import FileSettings, find_file, rules_folders
from tests.breach.conftest import STAFF
from tests.support.house import both_databases

SHIPPED = find_file(rules_folders(FileSettings()), "breach.toml")


def alarms(house, words="Personuppgiftsincident"):
    return [letter for letter in house.to(STAFF) if words in letter.subject]


@both_databases
def test_the_clock_runs_from_when_it_was_known_and_staff_are_told_at_once(wrong):
    known = wrong.house.now
    wrong.house.clock.advance(timedelta(hours=3))
    number = wrong.open(known_at=known)
    view = wrong.desk.look(number)
    assert view.record.ends_at == known + timedelta(hours=72)
    assert (view.standing, view.remaining) == ("running", "69 timmar kvar")
    assert wrong.house.events()[-1] == "breach_opened"
    wrong.house.drain()
    [told] = alarms(wrong.house)
    assert f"/personal/incidenter/{number}" in told.text
    assert "PK-2026-0001" in told.text
    assert "kalle" not in told.text.lower()


def test_staff_are_warned_once_at_each_number_of_hours(wrong):
    wrong.open()
    wrong.house.drain()
    seen = []
    for hours in (47, 1, 19, 1, 5, 30):
        wrong.house.clock.advance(timedelta(hours=hours))
        wrong.house.drain()
        wrong.house.drain()
        seen.append(len(alarms(wrong.house)))
    assert seen == [1, 2, 2, 3, 4, 4]
    assert "tiden gick ut" in alarms(wrong.house)[-1].subject


def test_who_opens_late_is_told_once_how_late_it_is(wrong):
    known = wrong.house.now
    wrong.house.clock.advance(timedelta(hours=60))
    wrong.open(known_at=known)
    wrong.house.drain()
    [told] = alarms(wrong.house)
    assert "12 timmar kvar" in told.subject


def test_nobody_is_warned_when_the_clock_is_answered(wrong):
    number = wrong.open()
    wrong.note(number, "notify", "reported")
    wrong.house.clock.advance(timedelta(hours=71))
    wrong.house.drain()
    assert len(alarms(wrong.house)) == 1
    assert wrong.desk.look(number).standing == "notified"


def test_two_who_press_the_button_open_one_breach(wrong):
    assert wrong.open() == wrong.open(by="eva@example.com")
    assert len(wrong.desk.all()) == 1


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"by": " "}, "Say who"),
        ({"what": "Fel"}, "too short"),
        ({"later": 1}, "future"),
        ({"later": -2}, "before the letter left"),
    ],
)
def test_what_cannot_be_is_not_opened(wrong, how, words):
    how = dict(how)
    if "later" in how:
        how["known_at"] = wrong.house.now + timedelta(hours=how.pop("later"))
    with pytest.raises(NotAllowedError, match=words):
        wrong.open(**how)
    assert wrong.desk.all() == []


def test_a_letter_that_has_not_left_cannot_have_gone_wrong(house):
    house.ask_and_confirm("#erasure")
    letter_id = house.flow.approve_case(
        "PK-2026-0001", by="eva", note="Kontot är raderat i kursplattformen.", rest=True
    )[0]
    with pytest.raises(NotAllowedError, match="has left"):
        house.flow.breach.open([letter_id], known_at=house.now, what="Fel person, tror vi.", by=STAFF)
    with pytest.raises(NotFoundError):
        house.flow.breach.open([99], known_at=house.now, what="Fel person, tror vi.", by=STAFF)


def test_imy_may_be_left_out_only_where_risk_is_unlikely(wrong):
    number = wrong.open()
    with pytest.raises(NotAllowedError, match="does not fit"):
        wrong.note(number, "notify", "not")
    wrong.note(number, "risk", "unlikely")
    wrong.note(number, "notify", "not")
    wrong.note(number, "risk", "high")
    contradicted = [one.step.name for one in wrong.desk.look(number).steps if one.contradicted]
    assert contradicted == ["notify"]
    with pytest.raises(NotAllowedError, match="does not fit"):
        wrong.note(number, "tell", "no_need")


@both_databases
def test_a_breach_is_closed_when_every_step_is_written_down(wrong):
    number = wrong.open()
    with pytest.raises(NotAllowedError, match="every step"):
        wrong.desk.close(number, by=STAFF)
    wrong.finish(number)
    wrong.desk.close(number, by=STAFF)
    assert wrong.desk.look(number).standing == "closed"
    assert wrong.house.events()[-1] == "breach_closed"
    for act in (lambda: wrong.desk.close(number, by=STAFF), lambda: wrong.note(number, "data")):
        with pytest.raises(NotAllowedError, match="closed"):
            act()


def test_a_step_that_does_not_exist_or_says_nothing_is_not_written(wrong):
    number = wrong.open()
    with pytest.raises(NotFoundError):
        wrong.note(number, "dance")
    with pytest.raises(NotAllowedError, match="Choose"):
        wrong.note(number, "risk", "perhaps")
    with pytest.raises(NotAllowedError, match="future"):
        wrong.note(number, "data", done_at=wrong.house.now + timedelta(minutes=1))
    assert wrong.desk.look(number).record.notes == ()


@both_databases
def test_when_it_was_known_can_be_corrected_and_what_stood_before_is_kept(wrong):
    first = wrong.house.now
    wrong.house.clock.advance(timedelta(hours=50))
    number = wrong.open(known_at=first)
    right = first + timedelta(hours=2)
    wrong.desk.correct_known(number, known_at=right, reason="Klockan var fel i första mejlet.", by="eva@example.com")
    record = wrong.desk.look(number).record
    assert (record.known_at, record.first_known_at, record.ends_at) == (right, first, right + timedelta(hours=72))
    text = wrong.desk.documentation(number)
    assert "Klockan var fel i första mejlet." in text
    assert "finns i rules/breach.toml" not in text
    assert wrong.desk.look(number).hindrance, "a correction is no step"
    wrong.house.drain()
    assert len(alarms(wrong.house)) == 2
    wrong.desk.correct_known(number, known_at=wrong.house.now, reason="Ingen visste det förrän nu.", by=STAFF)
    wrong.house.drain()
    wrong.house.clock.advance(timedelta(hours=48))
    wrong.house.drain()
    assert len(alarms(wrong.house)) == 4, "the warning at 24 hours goes again under the new time"


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"by": ""}, "Say who"),
        ({"reason": "Fel"}, "too short"),
        ({"hours": 1}, "future"),
        ({"hours": -2}, "before the letter left"),
        ({"hours": 0}, "stands there already"),
    ],
)
def test_a_correction_says_who_and_why_and_a_moment_that_can_be(wrong, how, words):
    number = wrong.open()
    how = dict(how)
    moment = wrong.house.now + timedelta(hours=how.pop("hours", 0))
    with pytest.raises(NotAllowedError, match=words):
        wrong.desk.correct_known(
            number, **{"known_at": moment, "reason": "Vi fick veta det senare.", "by": STAFF} | how
        )
    assert wrong.desk.look(number).record.corrections == ()


def test_a_no_to_imy_that_no_longer_fits_the_risk_stops_no_clock(wrong):
    number = wrong.open()
    wrong.house.drain()
    wrong.note(number, "risk", "unlikely")
    wrong.note(number, "notify", "not")
    assert wrong.desk.look(number).standing == "notified"
    wrong.note(number, "risk", "high")
    assert wrong.desk.look(number).standing == "running"
    assert "inte avgjord" in wrong.desk.documentation(number)
    wrong.house.clock.advance(timedelta(hours=49))
    wrong.house.drain()
    assert len(alarms(wrong.house)) == 2


def test_the_documentation_tells_all_and_that_it_was_late(wrong):
    number = wrong.open()
    wrong.note(number, "contain", "asked", words="Ringde och bad om radering.")
    wrong.house.clock.advance(timedelta(hours=73))
    wrong.note(number, "notify", "reported", words="Ärende hos IMY. Sent för att det var helg.")
    text = wrong.desk.documentation(number)
    [letter] = wrong.house.letters(name="granted_erasure")
    for words in (
        "artikel 33.5",
        "Prokompetens",
        "Mottagaren är ombedd",
        "Ringde och bad om radering.",
        "efter 72 timmar",
        letter.sha256,
        "PK-2026-0001",
        "Inget är skrivet än.",
        "En okänd person har ringt",
    ):
        assert words in text
    assert "kalle" not in text.lower()


def test_the_daily_letter_and_the_weekly_speak_of_an_open_breach(wrong):
    number = wrong.open()
    summary = wrong.house.flow.weekly_digest().text
    assert f"Personuppgiftsincident {number} (PK-2026-0001)" in summary
    assert "72 timmar kvar" in summary
    wrong.house.days(1)
    wrong.house.drain()
    daily = [letter for letter in wrong.house.to(STAFF) if "Brev som gick till fel mottagare" in letter.text]
    assert daily


def test_what_is_written_outlives_the_case_and_goes_in_its_time(wrong):
    number = wrong.open()
    wrong.house.days(365 * 3)
    wrong.house.drain(well=False)
    assert wrong.house.case().emptied_at is None, "an open breach needs its letter"
    wrong.finish(number)
    wrong.desk.close(number, by=STAFF)
    wrong.house.days(1)
    wrong.house.drain(well=False)
    assert wrong.house.case().emptied_at is not None
    wrong.house.days(365 * 4)
    wrong.house.drain(well=False)
    assert wrong.house.cases() == []
    assert "PK-2026-0001" in wrong.desk.documentation(number)
    wrong.house.days(365 * 2)
    wrong.house.drain(well=False)
    assert wrong.desk.all() == []


def test_forgetting_a_person_says_that_the_breach_stays(wrong):
    number = wrong.open()
    wrong.finish(number)
    held = wrong.house.flow.holdings("kalle@example.se")["cases"][0]["breaches"]
    assert [(one["number"], len(one["notes"])) for one in held] == [(number, 6)]
    wrong.desk.close(number, by=STAFF)
    plan = wrong.house.flow.forget("kalle@example.se", by=STAFF)
    assert any(f"breach {number}" in one.what and "33.5" in one.ground for one in plan.stays)
    assert wrong.desk.look(number).record.what


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('name = "data"', 'name = "risk"', "twice"),
        ("stops_clock = true", "stops_clock = false", "stops_clock"),
        ('only_if = ["risk.unlikely"]', 'only_if = ["risk.none"]', "risk.none"),
        ('only_if = ["risk.unlikely"]', 'only_if = ["unlikely"]', "only_if"),
        ("hours_left = [24, 4, 0]", "hours_left = [4, 24]", "hours_left"),
        ("hours_left = [24, 4, 0]", "hours_left = [72]", "hours_left"),
        ("least_characters = 10", "least_characters = 0", "least_characters"),
        ('when = "Samma dag"', 'soon = "Samma dag"', "soon"),
    ],
)
def test_rules_that_cannot_be_used_are_named(tmp_path, old, new, words):
    text = SHIPPED.read_text("utf-8")
    assert old in text
    (tmp_path / "breach.toml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(RulesError, match=words) as failed:
        read_breach(tmp_path / "breach.toml")
    assert "breach.toml" in str(failed.value)
