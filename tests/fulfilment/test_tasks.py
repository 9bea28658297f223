"""What is to be done in each system, what is recorded of it, and that no case closes on one half (law.md 0.6, 7.7)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from inbox_bot.domain.rights import Claim, Right
from inbox_bot.domain.task import Finding, OutcomeKind
from inbox_bot.errors import LetterFaultyError, NotAllowedError, NotFoundError
from tests.support.house import EVA, KALLE, both_databases

SYSTEMS = ["kursplattformen", "intygsarkivet", "faktureringen", "nyhetsbrevsverktyget", "mailboxen"]
REF = "PK-2026-0001"
DAY = date(2026, 9, 7)


def done(system, what="Uppgifterna är raderade.", day=DAY):
    return Finding(kind=OutcomeKind.DONE, system=system, what=what, day=day)


def absent(system):
    return Finding(kind=OutcomeKind.ABSENT, system=system)


def kept(system, what="Fakturor", why="Bokföringslagen 7 kap. 2 §", until="2033-12-31"):
    return Finding(kind=OutcomeKind.KEPT, system=system, what=what, why=why, until=until)


@pytest.fixture
def asked(house):
    """A confirmed request for erasure."""
    house.ask_and_confirm("#erasure")
    return house


def left(house, reference=REF):
    return [view.task.system for one in house.flow.acting.sheet(reference).claims for view in one.tasks if view.is_open]


def actions(house):
    [view] = [view for view in house.file().drafts if view.record.state.value != "void"]
    return view.values.get("actions", [])


@both_databases
def test_a_confirmed_claim_has_a_task_for_each_system_it_concerns(house):
    receipt = house.ask("#erasure")
    assert left(house) == []
    house.flow.confirm(receipt.token, receipt.code)
    house.drain()
    assert left(house) == SYSTEMS
    [one] = house.flow.acting.sheet(REF).claims
    assert all(view.task.todo.endswith(".") and view.suggestion.done for view in one.tasks)
    assert "tasks_written" in house.events()


def test_a_marketing_stop_concerns_the_tools_that_send_marketing(house):
    house.ask("#marketing")
    assert left(house) == ["nyhetsbrevsverktyget"]


def test_every_right_has_something_to_do_and_says_so_in_both_languages(house):
    rules = house.flow.fulfilment.rules
    assert rules.problems() == ()
    for claim in [*(Claim(right=right) for right in Right), Claim(right=Right.CONSENT_WITHDRAWAL, marketing=True)]:
        for system in rules.todo(claim):
            for language in ("sv", "en"):
                assert rules.suggest(claim, system, language, DAY).done.endswith(".")


@both_databases
def test_the_answer_says_what_is_recorded_and_the_case_closes_when_all_is(asked):
    acting = asked.flow.acting
    acting.record(REF, done("kursplattformen", "Kontot är raderat."), by="anna")
    acting.record(REF, kept("faktureringen"), by="bo")
    for system in ("intygsarkivet", "nyhetsbrevsverktyget"):
        acting.record(REF, absent(system), by="anna")
    assert actions(asked) == [{"what": "Kontot är raderat.", "system": "kursplattformen", "on": "2026-09-07"}]
    asked.flow.approve_case(REF, by="anna")
    asked.drain()
    letter = asked.to(KALLE)[-1].text
    assert "Kontot är raderat. Var: kursplattformen. När: måndag 7 september 2026." in letter
    assert "Bokföringslagen 7 kap. 2 §. Hur länge: till och med lördag 31 december 2033." in letter
    assert "intygsarkivet" not in letter
    assert (asked.states(), asked.case().state.value) == ({"erasure": "approved"}, "open")
    acting.record(REF, done("mailboxen"), by="anna")
    assert (asked.states(), asked.case().state.value) == ({"erasure": "answered"}, "closed")
    assert asked.events()[-2:] == ["answered", "closed"]


@both_databases
def test_all_recorded_and_nothing_sent_closes_nothing(asked):
    asked.flow.acting.say_done(REF, ["Allt är raderat i kursplattformen."], by="anna")
    asked.flow.acting.rest_absent(REF, by="anna")
    asked.drain()
    assert left(asked) == []
    assert (asked.states(), asked.case().state.value) == ({"erasure": "awaiting_approval"}, "open")
    asked.flow.approve_case(REF, by="anna")
    assert asked.states() == {"erasure": "approved"}
    asked.drain()
    assert (asked.states(), asked.case().state.value) == ({"erasure": "answered"}, "closed")


@pytest.mark.parametrize(
    ("note", "still_open"),
    [
        ("Raderat i kursplattformen, intygsarkivet, faktureringen, nyhetsbrevsverktyget och mailboxen.", []),
        ("Raderat i Kursplattformen och i mailboxen.", ["intygsarkivet", "faktureringen", "nyhetsbrevsverktyget"]),
    ],
)
def test_a_note_is_recorded_for_the_systems_it_names(asked, note, still_open):
    asked.flow.approve_case(REF, by="anna", note=note)
    asked.drain()
    assert left(asked) == still_open
    assert asked.states() == {"erasure": "approved" if still_open else "answered"}
    assert note.rstrip(".") in asked.to(KALLE)[-1].text


def test_what_names_no_system_is_recorded_for_all_and_no_letter_says_it_before_one_is_named(asked):
    asked.flow.acting.say_done(REF, ["Allt är raderat."], by="anna")
    assert left(asked) == []
    with pytest.raises(LetterFaultyError, match="i vilket system"):
        asked.flow.approve_case(REF, by="anna")


def test_whoever_approves_may_say_that_there_is_nothing_elsewhere(asked):
    asked.flow.approve_case(REF, by="anna", note="Raderat i kursplattformen.", rest=True)
    asked.drain()
    assert asked.states() == {"erasure": "answered"}
    kinds = {view.task.system: [one.finding.kind.value for one in view.outcomes] for view in sheet(asked).tasks}
    assert kinds == {system: ["done"] if system == "kursplattformen" else ["absent"] for system in SYSTEMS}
    assert {one.actor for view in sheet(asked).tasks for one in view.outcomes} == {"anna"}


def sheet(house):
    [one] = house.flow.acting.sheet(REF).claims
    return one


@both_databases
def test_a_press_made_twice_records_once(build):
    house = build()
    house.drain()
    house.ask_and_confirm("#erasure")
    flows = [house.flow, *(build(clock=house.clock).flow for _ in range(3))]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda flow: flow.acting.record(REF, done("kursplattformen"), by="anna"), flows))
    assert house.sql("SELECT count(*) FROM outcome") == [(1,)]
    assert house.events().count("task_recorded") == 1


@both_databases
def test_two_who_tick_the_last_systems_at_once_close_the_case_once(build):
    house = build()
    house.drain()
    house.ask_and_confirm("#erasure")
    house.flow.approve_case(REF, by="anna", note="Raderat i kursplattformen, faktureringen och mailboxen.")
    house.drain()
    other = build(clock=house.clock).flow
    jobs = [(house.flow, "intygsarkivet"), (other, "nyhetsbrevsverktyget")]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda job: job[0].acting.record(REF, absent(job[1]), by="anna"), jobs))
    assert house.case().state.value == "closed"
    assert (house.events().count("answered"), house.events().count("closed")) == (1, 1)


def test_what_is_typed_into_the_answer_is_recorded_and_what_is_taken_out_is_withdrawn(asked):
    row = {"what": "Kontot är raderat", "system": "kursplattformen", "on": "2026-09-07"}
    draft = asked.draft()
    asked.flow.edit(draft.id, values={"actions": [row], "note": "Hej"}, by="anna")
    assert left(asked) == [system for system in SYSTEMS if system != "kursplattformen"]
    assert dict(asked.draft().values) == {"note": "Hej"}
    asked.flow.edit(draft.id, values={"actions": [row | {"what": "Konto och kurser är raderade"}]}, by="bo")
    assert [one["what"] for one in actions(asked)] == ["Konto och kurser är raderade"]
    asked.flow.edit(draft.id, values={"actions": []}, by="bo")
    assert left(asked) == SYSTEMS
    assert asked.sql("SELECT count(*) FROM outcome WHERE withdrawn_by = 'bo'") == [(2,)]


def test_what_was_ticked_keeps_its_system_when_a_form_is_saved(asked):
    asked.flow.acting.record(REF, kept("faktureringen"), by="anna")
    asked.flow.acting.say_done(REF, ["Allt annat är raderat."], by="anna")
    draft = asked.draft()
    [view] = asked.file().drafts
    rows = {
        "actions": [dict(one) for one in view.values["actions"]],
        "kept": [dict(one) for one in view.values["kept"]],
    }
    asked.flow.edit(draft.id, values=rows, by="bo")
    assert asked.sql("SELECT count(*), max(system) FROM outcome WHERE withdrawn_at IS NULL") == [(2, "faktureringen")]
    rows["actions"][0]["what"] = "Allt utom fakturorna är raderat."
    asked.flow.edit(draft.id, values=rows, by="bo")
    assert left(asked) == []


def test_half_a_row_settles_no_system_and_holds_the_letter_back(asked):
    asked.flow.acting.say_done(REF, ["Kontot är raderat i kursplattformen."], by="anna", system="kursplattformen")
    row = {"what": "Fakturor", "why": "", "until": "2033-12-31"}
    asked.flow.edit(asked.draft().id, values={"kept": [row]}, by="anna")
    [view] = asked.file().drafts
    assert view.missing == ("kept",)
    with pytest.raises(NotAllowedError, match="Something is missing"):
        asked.flow.acting.record(REF, kept("faktureringen", why=""), by="anna")
    assert "faktureringen" in left(asked)


@pytest.mark.parametrize(
    ("finding", "by", "said"),
    [
        (done("kursplattformen", day=date(2026, 9, 8)), "anna", "has not come yet"),
        (done("kursplattformen"), "  ", "Say who"),
        (done("kursplattformen", what=""), "anna", "Something is missing"),
    ],
)
def test_nothing_is_recorded_before_it_is_done_or_by_nobody(asked, finding, by, said):
    before = asked.everything()
    with pytest.raises(NotAllowedError, match=said):
        asked.flow.acting.record(REF, finding, by=by)
    assert asked.everything() == before


def test_nothing_is_changed_for_someone_nobody_has_confirmed(house):
    house.ask("#erasure")
    with pytest.raises(NotAllowedError, match="Nobody has confirmed"):
        house.flow.acting.record(REF, done("kursplattformen"), by="anna")
    with pytest.raises(NotFoundError):
        house.flow.acting.record("PK-2026-0099", done("kursplattformen"), by="anna")


def test_a_mistake_is_taken_back_until_an_answer_leans_on_it(asked):
    acting = asked.flow.acting
    acting.record(REF, absent("mailboxen"), by="anna")
    [(number,)] = asked.sql("SELECT id FROM outcome")
    acting.withdraw(REF, number, by="bo")
    assert left(asked) == SYSTEMS
    assert "task_withdrawn" in asked.events()
    with pytest.raises(NotAllowedError, match="withdrawn already"):
        acting.withdraw(REF, number, by="bo")
    acting.say_done(REF, ["Allt är raderat i kursplattformen."], by="anna")
    asked.flow.approve_case(REF, by="anna", rest=True)
    [(number,), *_] = asked.sql("SELECT id FROM outcome WHERE withdrawn_at IS NULL")
    with pytest.raises(NotAllowedError, match="leans on this record"):
        acting.withdraw(REF, number, by="bo")
    asked.drain()
    with pytest.raises(NotAllowedError, match="no open claim"):
        acting.record(REF, absent("mailboxen"), by="anna")


def test_an_access_answer_is_itself_the_action_and_no_data_says_that_nothing_was_found(house):
    house.ask_and_confirm("#access")
    house.flow.edit(house.draft().id, values={}, by="anna", letter="no_data")
    house.flow.approve_case(REF, by="anna")
    house.drain()
    assert house.case().state.value == "closed"
    assert house.sql("SELECT kind, whole, by_answer FROM outcome") == [("absent", True, True)]


def test_what_an_answer_said_by_itself_falls_with_it(house):
    house.ask_and_confirm("#erasure")
    draft = house.draft()
    house.flow.edit(draft.id, values={}, by="anna", letter="no_data")
    house.flow.approve(draft.id, by="anna")
    house.flow.edit(draft.id, values={}, by="anna", letter="granted_erasure")
    house.flow.approve_case(REF, by="anna", note="Raderat i kursplattformen.")
    house.drain()
    assert house.states() == {"erasure": "approved"}
    assert "kursplattformen" not in left(house)
    assert "mailboxen" in left(house)


def test_a_no_leaves_nothing_to_do(asked):
    reasons = "Kontot behövs så länge kursen pågår, till och med juni 2027 (artikel 17.1 a)."
    asked.flow.refuse(REF, right=None, reasons=reasons, by="anna")
    asked.drain()
    assert left(asked) == SYSTEMS
    assert asked.case().state.value == "closed"


@pytest.mark.parametrize(
    ("day", "ends", "last"),
    [
        (date(2026, 9, 7), (12, 31), date(2033, 12, 31)),
        (date(2026, 12, 31), (12, 31), date(2033, 12, 31)),
        (date(2027, 1, 1), (12, 31), date(2034, 12, 31)),
        (date(2026, 9, 7), (4, 30), date(2034, 12, 31)),
        (date(2027, 4, 30), (4, 30), date(2034, 12, 31)),
        (date(2027, 5, 1), (4, 30), date(2035, 12, 31)),
    ],
)
def test_vouchers_are_kept_through_the_seventh_year_after_the_financial_year(house, day, ends, last):
    from dataclasses import replace

    assert replace(house.flow.fulfilment.rules, year_ends=ends).kept_until(day) == last


def test_the_invoicing_system_suggests_what_is_kept_why_and_until_when(asked):
    views = {view.task.system: view.suggestion for view in sheet(asked).tasks}
    assert views["faktureringen"].keep_until == "2033-12-31"
    assert "bokföringslagen 7 kap. 2 §" in views["faktureringen"].keep_why
    assert views["kursplattformen"].keep_until == ""


# Erasure waits for a copy that was asked for, and for a person who is to be warned


@both_databases
def test_a_copy_that_was_asked_for_leaves_before_anything_is_erased(house):
    house.ask_and_confirm("#access #erasure")
    acting = house.flow.acting
    hindered = {one.claim.claim.right: one.hindrance for one in acting.sheet(REF).claims}
    assert "before the answer to access" in hindered[Right.ERASURE]
    for act in (
        lambda: acting.record(REF, done("kursplattformen"), by="anna", right=Right.ERASURE),
        lambda: house.flow.approve_case(REF, by="anna", note="Raderat i kursplattformen.", right=Right.ERASURE),
    ):
        with pytest.raises(NotAllowedError, match="Nothing may be erased before"):
            act()
    acting.record(REF, absent("mailboxen"), by="anna", right=Right.ERASURE)
    [access] = [one.record for one in house.file().drafts if one.record.letter == "granted_access"]
    house.flow.edit(access.id, values={"copy": "Allt.", "recipients": "Ingen annan."}, by="anna")
    house.flow.approve(access.id, by="anna")
    with pytest.raises(NotAllowedError, match="Nothing may be erased before"):
        acting.record(REF, done("kursplattformen"), by="anna", right=Right.ERASURE)
    house.drain()
    acting.say_done(REF, ["Allt är raderat i kursplattformen."], by="anna", right=Right.ERASURE)
    house.flow.approve_case(REF, by="anna", right=Right.ERASURE, rest=True)
    house.drain()
    assert house.case().state.value == "closed"


def test_a_copy_asked_for_in_another_case_freezes_too_if_somebody_has_confirmed_it(house):
    house.ask_and_confirm("#erasure")
    receipt = house.ask("#access")
    house.flow.acting.record(REF, done("kursplattformen"), by="anna")
    house.flow.confirm(receipt.token, receipt.code)
    house.drain()
    with pytest.raises(NotAllowedError, match="access in PK-2026-0002"):
        house.flow.acting.record(REF, done("mailboxen"), by="anna")
    house.ask_and_confirm("#erasure", sender=EVA)
    house.flow.acting.record("PK-2026-0003", done("mailboxen"), by="anna")


def test_erasing_may_be_refused_while_a_copy_is_owed(house):
    house.ask_and_confirm("#access #erasure")
    reasons = "Kontot behövs så länge kursen pågår, till och med juni 2027 (artikel 17.1 a)."
    house.flow.refuse(REF, right=Right.ERASURE, reasons=reasons, by="anna")
    assert house.states()["erasure"] == "approved"


@both_databases
def test_a_person_who_is_warned_has_some_days_before_anything_is_erased(asked):
    acting = asked.flow.acting
    [one] = acting.sheet(REF).claims
    assert [warned.name for warned in one.warnings] == ["login", "certificate", "active_course"]
    draft_id = acting.draft_warning(REF, ["login"], "Ditt certifikat går ut.", by="anna")
    with pytest.raises(NotAllowedError, match="to be told first"):
        acting.record(REF, done("kursplattformen"), by="anna")
    with pytest.raises(NotAllowedError, match="such a letter already"):
        acting.draft_warning(REF, ["login"], "", by="anna")
    asked.flow.approve(draft_id, by="anna")
    asked.drain()
    letter = asked.to(KALLE)[-1].text
    assert "Din inloggning slutar fungera." in letter
    assert "Vi raderar tidigast torsdag 10 september 2026." in letter
    assert asked.states() == {"erasure": "awaiting_approval"}
    asked.days(2)
    with pytest.raises(NotAllowedError, match="nothing is erased before 2026-09-10"):
        acting.record(REF, done("kursplattformen"), by="anna")
    asked.days(1)
    acting.record(REF, done("kursplattformen", day=date(2026, 9, 10)), by="anna")


def test_a_warning_that_is_not_needed_is_taken_away(asked):
    draft_id = asked.flow.acting.draft_warning(REF, [], "Något.", by="anna")
    asked.flow.acting.drop_notice(draft_id, by="anna")
    asked.flow.acting.record(REF, done("kursplattformen"), by="anna")
    answer = next(view.record for view in asked.file().drafts if view.record.letter == "granted_erasure")
    with pytest.raises(NotAllowedError):
        asked.flow.acting.drop_notice(answer.id, by="anna")
    with pytest.raises(NotAllowedError, match="Say what"):
        asked.flow.acting.draft_warning(REF, ["unknown"], " ", by="anna")


def test_no_answer_leaves_by_the_door_of_a_notice(asked):
    draft_id = asked.flow.acting.draft_warning(REF, ["login"], "", by="anna")
    with pytest.raises(NotAllowedError, match="no answer"):
        asked.flow.edit(draft_id, values={}, by="anna", letter="granted_erasure")
    answer = next(view.record for view in asked.file().drafts if view.record.letter == "granted_erasure")
    asked.flow.edit(answer.id, values={"warnings": "- x"}, by="anna", letter="erasure_warning")
    with pytest.raises(NotAllowedError, match="no answer to what was asked"):
        asked.flow.approve(answer.id, by="anna")


# Restriction begins before proof


@both_databases
def test_staff_are_alarmed_about_a_restriction_at_once_and_once(build):
    house = build()
    house.drain()
    house.transport.handed.clear()
    receipt = house.ask("#restriction")
    [alarm] = [letter for letter in house.transport.handed if "Lås uppgifter nu" in letter.subject]
    assert alarm.recipient == "anna@example.com"
    assert f"/personal/arende/{REF}?plats=att-gora" in alarm.text.replace("\n", "")
    assert house.states() == {"restriction": "awaiting_identity"}
    assert left(house) == SYSTEMS
    again = build(clock=house.clock, mailbox=house.mailbox)
    again.drain()
    house.flow.confirm(receipt.token, receipt.code)
    house.drain()
    assert house.events().count("restriction_alarmed") == 1
    assert house.events().count("tasks_written") == 1


def test_a_restriction_is_done_first_and_confirmed_after(house):
    receipt = house.ask("#restriction")
    house.flow.acting.say_done(REF, ["Uppgifterna är låsta i kursplattformen."], by="anna")
    house.flow.confirm(receipt.token, receipt.code)
    house.drain()
    assert actions(house)[0]["what"] == "Uppgifterna är låsta i kursplattformen."
    ground = "Du säger att resultatet är fel, och vi kontrollerar det nu (artikel 18.1 a)."
    house.flow.edit(house.draft().id, values={"ground": ground}, by="anna")
    house.flow.approve_case(REF, by="anna", rest=True)
    house.drain()
    assert house.case().state.value == "closed"


def test_other_rights_alarm_nobody_ahead_of_time(house):
    house.ask("#erasure #access")
    assert "restriction_alarmed" not in house.events()
