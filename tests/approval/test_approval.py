"""A person's decision: whole letters only, proven people only, one letter however many decide, and exactly those bytes."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes, policy

import pytest

from inbox_bot.domain.case import LetterState
from inbox_bot.domain.mail import Bounce
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.errors import LetterFaultyError, LetterIncompleteError, NotAllowedError, NotFoundError
from inbox_bot.outbox import bounces
from inbox_bot.outbox.transport import Attempt, Fate
from tests.support.house import EVA, KALLE, OWN, START, both_databases

REASON = "Fakturan hör till bokföringen och sparas till 2033 (bokföringslagen 7 kap. 2 §)."
DONE = [{"what": "Kontot är raderat", "system": "kursplattformen", "on": "2026-09-07"}]


@pytest.fixture
def asked(house):
    """A confirmed request for erasure, its answer waiting for approval."""
    house.ask_and_confirm("#erasure", sender="Kalle Ek <kalle@example.se>")
    return house


def answers_queued(house, reference="PK-2026-0001"):
    return [letter for letter in house.letters(reference) if letter.purpose.value == "answer"]


@both_databases
def test_what_is_approved_is_what_leaves_byte_for_byte_to_whom_it_said(asked):
    [letter_id] = asked.flow.approve_case(
        "PK-2026-0001", by=" anna ", note="Kontot är raderat i kursplattformen.", rest=True
    )
    [(frozen, recipient, sha256, message_id)] = asked.sql(
        "SELECT content, recipient, sha256, message_id FROM letter WHERE id = :id", id=letter_id
    )
    asked.days(0.5)
    asked.drain()
    sent = asked.to(KALLE)[-1]
    assert sent.content == bytes(frozen)
    assert sha256 == hashlib.sha256(sent.content).hexdigest()
    assert (recipient, sent.recipient, sent.sender) == (KALLE, KALLE, OWN)
    assert sent.message_id == message_id
    assert "Auto-Submitted" not in sent.parsed
    [letter] = answers_queued(asked)
    assert (letter.approved_by, letter.state) == ("anna", LetterState.SENT)
    [event] = [event for event in asked.file().events if event.name.value == "approved"]
    assert event.actor == "anna"
    assert event.details["sha256"] == sha256


def test_the_answer_stands_in_the_thread_of_the_persons_mail(house):
    receipt = house.ask("#erasure", message_id="<asked@example.se>")
    house.flow.confirm(receipt.token, receipt.code)
    house.drain()
    house.flow.approve_case("PK-2026-0001", by="anna", note="Raderat i kursplattformen.", rest=True)
    house.drain()
    for letter in house.to(KALLE):
        assert letter.parsed["In-Reply-To"] == "<asked@example.se>"
        assert "<asked@example.se>" in letter.parsed["References"]


def test_a_letter_that_lacks_a_value_cannot_be_approved_and_nothing_is_queued(asked):
    before = asked.everything()
    with pytest.raises(LetterIncompleteError) as caught:
        asked.flow.approve_case("PK-2026-0001", by="anna")
    assert caught.value.missing == ("actions",)
    with pytest.raises(LetterIncompleteError):
        asked.flow.preview(asked.draft().id)
    assert asked.everything() == before


def test_one_incomplete_answer_holds_back_the_others_of_the_case(house):
    house.ask_and_confirm("#marketing #access")
    before = house.everything()
    with pytest.raises(LetterIncompleteError):
        house.flow.approve_case("PK-2026-0001", by="anna")
    assert house.everything() == before


@pytest.mark.parametrize("by", ["", "  "])
def test_nobody_in_particular_may_approve_refuse_or_extend(asked, by):
    before = asked.everything()
    for act in (
        lambda: asked.flow.approve_case("PK-2026-0001", by=by, note="Klart i kursplattformen.", rest=True),
        lambda: asked.flow.refuse(
            "PK-2026-0001", right=None, reasons="Vi behöver dem till och med 2033 (artikel 17.3).", by=by
        ),
        lambda: asked.flow.extend(
            "PK-2026-0001", right=None, reasons="Vi behöver dem till och med 2033 (artikel 17.3).", by=by
        ),
    ):
        with pytest.raises(NotAllowedError, match="who approves"):
            act()
    assert asked.everything() == before


@pytest.mark.parametrize("letter", ["granted_access", "refused_access", "no_data"])
def test_an_unproven_claim_gets_no_answer_by_any_door(house, letter):
    house.ask("#access")
    with pytest.raises(NotAllowedError):
        house.flow.approve_case("PK-2026-0001", by="anna", note="Här är kopian.")
    with pytest.raises(NotAllowedError):
        house.flow.refuse("PK-2026-0001", right=Right.ACCESS, reasons="Vi säger nej (artikel 12.5).", by="anna")
    for day in (14, 30):
        house.clock.set(START.replace(day=day))
        house.drain()
    draft = house.draft()
    assert draft.letter == "cannot_identify"
    values = {"copy": "Allt.", "reasons": "Nej.", "recipients": "Ingen.", "searched": "Allt."}
    house.flow.edit(draft.id, values=values, by="anna", letter=letter)
    with pytest.raises(NotAllowedError, match="confirmed who asks"):
        house.flow.approve_case("PK-2026-0001", by="anna", note="Allt.")
    with pytest.raises(NotAllowedError, match="confirmed who asks"):
        house.flow.refuse("PK-2026-0001", right=None, reasons="Vi säger nej (artikel 12.5).", by="anna")
    assert answers_queued(house) == []


@pytest.mark.parametrize("letter", ["granted_access", "receipt", "staff_login", "weekly_digest", "extension"])
def test_a_letter_that_answers_something_else_cannot_be_approved(asked, letter):
    asked.flow.edit(asked.draft().id, values={"actions": DONE, "copy": "Allt."}, by="anna", letter=letter)
    with pytest.raises(NotAllowedError, match="no answer to what was asked"):
        asked.flow.approve_case("PK-2026-0001", by="anna", note="Allt.")
    assert answers_queued(asked) == []


def test_a_letter_there_is_none_of_cannot_be_chosen(asked):
    with pytest.raises(NotFoundError):
        asked.flow.edit(asked.draft().id, values={}, by="anna", letter="../receipt")


def test_an_objection_can_be_refused_beside_a_marketing_stop(house):
    house.ask_and_confirm("#objection #marketing")
    house.flow.refuse(
        "PK-2026-0001",
        right=Right.OBJECTION,
        reasons="Vi måste kunna styrka vår fordran på kursavgiften (artikel 21.1).",
        by="anna",
    )
    house.drain()
    states = {claim.claim.marketing: claim.state.value for claim in house.case().claims}
    assert states == {False: "answered", True: "awaiting_approval"}
    with pytest.raises(NotAllowedError, match="unconditional"):
        house.flow.refuse(
            "PK-2026-0001",
            right=Right.OBJECTION,
            reasons="Vi måste kunna styrka vår fordran på kursavgiften (artikel 21.1).",
            by="anna",
        )


@pytest.mark.parametrize("letter", ["refused_objection", "cannot_identify", "refused_access"])
def test_a_marketing_stop_is_refused_by_no_door(house, letter):
    house.ask("#marketing")
    with pytest.raises(NotAllowedError, match="unconditional"):
        house.flow.refuse("PK-2026-0001", right=Right.OBJECTION, reasons="Vi vill inte.", by="anna")
    house.flow.edit(house.draft().id, values={"reasons": "Vi vill inte."}, by="anna", letter=letter)
    with pytest.raises(NotAllowedError, match="no answer to what was asked"):
        house.flow.approve_case("PK-2026-0001", by="anna")
    assert answers_queued(house) == []


@both_databases
def test_what_was_changed_after_one_looked_is_not_approved(asked):
    seen = asked.seen()
    asked.flow.edit(seen.record.id, values={"actions": DONE}, by="bo")
    with pytest.raises(NotAllowedError, match="changed after"):
        asked.flow.approve(seen.record.id, by="anna", seen=seen.mark)
    assert answers_queued(asked) == []
    asked.flow.approve(seen.record.id, by="anna", seen=asked.seen().mark)
    assert len(answers_queued(asked)) == 1


@both_databases
def test_two_people_who_approve_at_once_send_one_letter(build):
    house = build()
    house.drain()
    house.ask_and_confirm("#erasure")
    flows = [house.flow, *(build(clock=house.clock).flow for _ in range(3))]

    def approve(flow):
        try:
            return flow.approve_case("PK-2026-0001", by="anna", note="Raderat i kursplattformen.", rest=True)
        except NotAllowedError:
            return None

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(approve, flows))
    assert sum(result is not None for result in results) == 1
    house.drain()
    assert len(answers_queued(house)) == 1
    assert len(house.to(KALLE)) == 2


@both_databases
def test_approving_and_refusing_at_once_send_one_letter(build):
    house = build()
    house.drain()
    house.ask_and_confirm("#erasure")
    other = build(clock=house.clock).flow
    acts = [
        lambda: house.flow.approve_case("PK-2026-0001", by="anna", note="Raderat i kursplattformen.", rest=True),
        lambda: other.refuse("PK-2026-0001", right=None, reasons=REASON, by="bo"),
    ]

    def attempt(act):
        try:
            return bool(act())
        except NotAllowedError:
            return False

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(attempt, acts)) == 1
    house.drain()
    assert len(house.to(KALLE)) == 2


@both_databases
def test_an_edit_voids_an_approval_that_has_not_left(asked):
    asked.transport.answers.append(Attempt(fate=Fate.DEFERRED, answer="451 4.3.0"))
    asked.flow.approve_case("PK-2026-0001", by="anna", note="Raderat i kursplattformen.", rest=True)
    asked.drain()
    asked.flow.edit(asked.draft().id, values={"actions": DONE}, by="bo")
    assert asked.states() == {"erasure": "awaiting_approval"}
    assert [letter.state for letter in answers_queued(asked)] == [LetterState.VOID]
    asked.days(1)
    asked.drain()
    assert len(asked.to(KALLE)) == 2  # The receipt and the try that was put off.
    assert "approval_voided" in asked.events()
    asked.flow.approve_case("PK-2026-0001", by="anna")
    asked.drain()
    assert [letter.state for letter in answers_queued(asked)] == [LetterState.VOID, LetterState.SENT]


def test_an_edit_after_the_letter_has_left_is_refused(asked):
    asked.flow.approve_case("PK-2026-0001", by="anna", note="Raderat i kursplattformen.", rest=True)
    draft = asked.draft()
    asked.drain()
    before = asked.everything()
    with pytest.raises(NotAllowedError, match="already left"):
        asked.flow.edit(draft.id, values={"actions": DONE}, by="bo")
    assert asked.everything() == before


def test_an_edit_while_the_letter_is_on_its_way_is_refused(asked):
    seen = []

    def edit_now():
        try:
            asked.flow.edit(asked.draft().id, values={"actions": DONE}, by="bo")
        except NotAllowedError as error:
            seen.append(error.message)

    asked.flow.approve_case("PK-2026-0001", by="anna", note="Raderat i kursplattformen.", rest=True)
    asked.transport.on_send = edit_now
    asked.drain()
    assert seen == ["The approved letter has already left."]
    assert asked.states() == {"erasure": "answered"}


def test_a_draft_is_given_back_with_a_reason_and_can_still_be_approved(asked):
    draft = asked.draft()
    with pytest.raises(NotAllowedError, match="reason is demanded"):
        asked.flow.give_back(draft.id, reason="  ", by="anna")
    asked.flow.give_back(draft.id, reason="Vilket system?", by="anna")
    assert (asked.draft().state.value, asked.draft().note) == ("returned", "Vilket system?")
    asked.flow.edit(draft.id, values={"actions": DONE}, by="bo")
    asked.flow.approve_case("PK-2026-0001", by="anna")
    with pytest.raises(NotAllowedError):
        asked.flow.give_back(draft.id, reason="För sent", by="anna")


def test_values_of_the_programs_own_cannot_be_forged_by_a_form(asked):
    forged = {"actions": DONE, "reference": "PK-1999-0001", "name": "Eva", "deadline": "2030-01-01", "claims": []}
    asked.flow.edit(asked.draft().id, values=forged, by="anna")
    rendered = asked.flow.preview(asked.draft().id)
    assert "PK-2026-0001" in rendered.subject + rendered.text
    assert "PK-1999-0001" not in rendered.subject + rendered.text
    assert "2030" not in rendered.text


@pytest.mark.parametrize("reasons", ["", "   \n"])
def test_a_refusal_demands_its_reasons(asked, reasons):
    with pytest.raises(NotAllowedError, match="reason is demanded"):
        asked.flow.refuse("PK-2026-0001", right=None, reasons=reasons, by="anna")


def test_a_refusal_says_why_and_where_to_complain(asked):
    asked.flow.refuse("PK-2026-0001", right=Right.ERASURE, reasons=REASON, by="anna")
    asked.drain()
    letter = asked.to(KALLE)[-1]
    assert REASON in letter.text
    assert "Integritetsskyddsmyndigheten" in letter.text
    assert "domstol" in letter.text
    assert asked.states() == {"erasure": "answered"}
    assert asked.events().count("refused") == 1


def test_a_refusal_of_one_of_several_rights_must_be_named(house):
    house.ask_and_confirm("#access #erasure")
    with pytest.raises(NotAllowedError, match="several"):
        house.flow.refuse(
            "PK-2026-0001", right=None, reasons="Vi behöver dem till och med 2033 (artikel 17.3).", by="anna"
        )
    house.flow.refuse("PK-2026-0001", right=Right.ERASURE, reasons=REASON, by="anna")
    assert house.states() == {"access": "awaiting_approval", "erasure": "approved"}
    with pytest.raises(NotAllowedError, match="no answer"):
        house.flow.refuse("PK-2026-0001", right=Right.ERASURE, reasons=REASON, by="anna")


@both_databases
def test_an_extension_counts_from_the_moment_its_notice_left(asked):
    asked.clock.set(START.replace(month=10, day=7, hour=12))
    [letter_id] = asked.flow.extend("PK-2026-0001", right=None, reasons="Tre arkiv ska gås igenom.", by="anna")
    assert asked.claim().clock.extension_sent_at is None
    assert asked.file().view.due.isoformat() == "2026-10-07"
    asked.drain()
    assert asked.claim().clock.extension_sent_at == asked.now
    assert asked.file().view.due.isoformat() == "2026-12-07"
    assert asked.sql("SELECT due FROM claim") in ([("2026-12-07",)], [(asked.file().view.due,)])
    letter = asked.to(KALLE)[-1]
    assert "Tre arkiv ska gås igenom." in letter.text
    assert "7 december 2026" in letter.text
    assert answers_queued(asked) == []
    assert letter_id
    asked.days(60)
    asked.drain()
    [view] = [view for view in asked.file().drafts if view.record.letter == "extension"]
    assert view.values["new_deadline"].isoformat() == "2026-12-07"


def test_an_extension_whose_notice_left_too_late_extends_nothing(asked):
    asked.clock.set(START.replace(month=10, day=7, hour=21))
    asked.transport.answers.append(Attempt(fate=Fate.DEFERRED))
    asked.flow.extend("PK-2026-0001", right=None, reasons="Tre arkiv.", by="anna")
    asked.drain()
    asked.days(1)
    asked.drain()
    [claim] = asked.file().view.claims
    assert claim.dates.extension_valid is None
    assert claim.dates.due.isoformat() == "2026-10-07"
    assert claim.days_left < 0
    [notice] = asked.letters(name="extension")
    assert (notice.state, notice.answer) == (LetterState.HELD, "first_month_over")
    assert not [letter for letter in asked.to(KALLE) if "f\u00f6rl" in letter.subject.lower()]


@pytest.mark.parametrize(("hour", "minute", "allowed"), [(21, 59, True), (22, 0, False)])
def test_only_while_the_first_month_runs_in_stockholm(asked, hour, minute, allowed):
    asked.clock.set(START.replace(month=10, day=7, hour=hour, minute=minute))
    if allowed:
        asked.flow.extend("PK-2026-0001", right=None, reasons="Tre arkiv.", by="anna")
    else:
        with pytest.raises(NotAllowedError, match="ran out"):
            asked.flow.extend("PK-2026-0001", right=None, reasons="Tre arkiv.", by="anna")


@both_databases
def test_an_extension_is_given_once_even_while_the_first_notice_waits(asked):
    asked.flow.extend("PK-2026-0001", right=None, reasons="Tre arkiv.", by="anna")
    for _ in range(2):
        with pytest.raises(NotAllowedError, match="extended once"):
            asked.flow.extend("PK-2026-0001", right=None, reasons="Fler arkiv.", by="anna")
        asked.drain()
    assert len(asked.letters(name="extension")) == 1


@both_databases
def test_two_people_who_extend_at_once_send_one_notice(build):
    house = build()
    house.drain()
    house.ask_and_confirm("#erasure")
    flows = [house.flow, build(clock=house.clock).flow]

    def extend(flow):
        try:
            return bool(flow.extend("PK-2026-0001", right=None, reasons="Tre arkiv.", by="anna"))
        except NotAllowedError:
            return False

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(extend, flows)) == 1


def test_no_extension_of_a_marketing_stop_nor_without_reasons_nor_of_nothing(house):
    house.ask("#marketing")
    with pytest.raises(NotAllowedError, match="at once"):
        house.flow.extend("PK-2026-0001", right=None, reasons="Semester.", by="anna")
    with pytest.raises(NotAllowedError, match="reason is demanded"):
        house.flow.extend("PK-2026-0001", right=None, reasons=" ", by="anna")
    with pytest.raises(NotAllowedError, match="no open claim"):
        house.flow.extend(
            "PK-2026-0001", right=Right.ACCESS, reasons="Vi behöver dem till och med 2033 (artikel 17.3).", by="anna"
        )
    with pytest.raises(NotFoundError):
        house.flow.extend(
            "PK-2026-0099", right=None, reasons="Vi behöver dem till och med 2033 (artikel 17.3).", by="anna"
        )


def test_a_case_closes_only_when_every_claim_is_at_its_end(house):
    house.ask_and_confirm("#erasure #restriction #marketing")
    values = {"actions": DONE}
    drafts = {view.record.letter: view.record.id for view in house.file().drafts}
    for letter in ("granted_erasure", "marketing_stopped"):
        house.flow.edit(drafts[letter], values=values, by="anna")
        house.flow.approve(drafts[letter], by="anna", rest=True)
        house.drain()
        assert house.case().state.value == "open"
    house.flow.refuse("PK-2026-0001", right=Right.RESTRICTION, reasons=REASON, by="anna")
    assert house.case().state.value == "open"
    house.drain()
    assert house.case().state.value == "closed"
    assert house.case().closed_at == house.now


def test_an_answer_never_goes_to_the_person_another_case_belongs_to(house):
    house.ask_and_confirm("#erasure")
    house.ask_and_confirm("#erasure", sender=EVA)
    house.flow.approve_case("PK-2026-0002", by="anna", note="Raderat i kursplattformen.", rest=True)
    house.drain()
    assert len(house.to(KALLE)) == 1
    assert "PK-2026-0002" in house.to(EVA)[-1].text
    message = message_from_bytes(house.to(EVA)[-1].content, policy=policy.default)
    assert message["To"].addresses[0].addr_spec == EVA
    assert "Cc" not in message
    assert "Bcc" not in message


@pytest.mark.parametrize("right", list(Right))
def test_every_right_can_be_refused_and_granted_with_its_shipped_letters(house, right):
    house.ask_and_confirm(f"#{right.value}")
    fields = {field.name: field for field in house.flow.letters.fields(f"granted_{right.value}") if field.by_staff}
    done = [{"what": "Namnet är rättat från A till B", "system": "kursplattformen", "on": "2026-09-07"}]
    text = "Exempelbolaget AB har sett uppgifterna."
    sample = {"actions": done if right is Right.RECTIFICATION else DONE, "text": text, "line": "CSV", "kept": []}
    values = {name: sample[field.kind.value] for name, field in fields.items() if field.required and not field.default}
    house.flow.edit(house.draft().id, values=values, by="anna")
    preview = house.flow.preview(house.draft().id)
    house.flow.approve_case("PK-2026-0001", by="anna", rest=True)
    house.drain()
    assert house.to(KALLE)[-1].text.split() == preview.text.split()
    house.ask_and_confirm(f"#{right.value}", sender=EVA)
    house.flow.refuse("PK-2026-0002", right=right, reasons=REASON, by="anna")
    house.drain()
    assert house.states() == house.states("PK-2026-0002") == {right.value: "answered"}
    assert Claim(right=right) == house.claim().claim


def test_an_extension_whose_notice_came_back_extends_nothing_and_may_be_sent_anew(house):
    house.ask_and_confirm("Radera mitt konto. #erasure")
    house.flow.extend("PK-2026-0001", right=None, reasons="Tre arkiv.", by="anna")
    house.drain()
    [notice] = house.letters(name="extension")
    assert house.file().view.claims[0].dates.extended_deadline is not None
    with house.flow.desk.write() as unit:
        report = Bounce(recipients=(KALLE,), permanent=True, original_message_id=notice.message_id)
        bounces.note_bounce(house.flow.outbox, unit, report, house.now)
    dates = house.file().view.claims[0].dates
    assert dates.extended_deadline is None
    assert dates.due == dates.strict_deadline
    house.flow.extend("PK-2026-0001", right=None, reasons="Tre arkiv.", by="anna")
    house.drain()
    assert house.file().view.claims[0].dates.extended_deadline is not None


def test_a_letter_the_lint_refuses_is_not_approved_and_says_in_swedish_where_to_mend_it(asked):
    before = asked.everything()
    with pytest.raises(LetterFaultyError) as caught:
        asked.flow.approve_case("PK-2026-0001", by="anna", note="Raderat.", rest=True)
    [fault] = caught.value.faults
    assert fault == ("Brevet säger inte i vilket system det är gjort (artikel 12.3, 17). Skriv det i ”Vad är gjort?”.")
    assert str(caught.value).startswith("Brevet kan inte godkännas än.")
    assert asked.everything() == before
    with pytest.raises(LetterFaultyError, match="artikel eller paragraf"):
        asked.flow.refuse("PK-2026-0001", right=None, reasons="Det är för mycket arbete.", by="anna")
    assert asked.everything() == before


def test_what_is_saved_is_looked_at_again_in_the_same_way(asked):
    draft = asked.draft()
    assert asked.flow.lint(draft.id) == ()  # It lacks a value: that is said elsewhere.
    asked.flow.edit(draft.id, values={"actions": DONE, "note": "Svar inom 30 dagar. Skäl: [skäl]"}, by="anna")
    found = asked.flow.lint(draft.id)
    assert {finding.name for finding in found if finding.stops} == {"month_in_days", "blank"}
    assert {finding.field for finding in found if finding.stops} == {"note"}
    asked.flow.edit(draft.id, values={"actions": DONE}, by="anna")
    assert [finding.name for finding in asked.flow.lint(draft.id)] == ["backups"]
    asked.flow.approve_case("PK-2026-0001", by="anna")


@pytest.mark.parametrize("letter", ["restriction_lifting", "recipient_supplier", "recipient_employer"])
def test_letters_that_end_nothing_answer_no_claim(asked, letter):
    asked.flow.edit(asked.draft().id, values={}, by="anna", letter=letter)
    with pytest.raises(NotAllowedError, match="no answer to what was asked"):
        asked.flow.approve_case("PK-2026-0001", by="anna")


def test_who_asks_for_someone_else_is_told_what_is_missing_before_anything_is_proven(house):
    house.ask("#erasure")
    for day in (14, 30):
        house.clock.set(START.replace(day=day))
        house.drain()
    house.flow.edit(house.draft().id, values={}, by="anna", letter="proxy_missing")
    house.flow.approve_case("PK-2026-0001", by="anna")
    house.drain()
    letter = house.to(KALLE)[-1]
    assert "få sina uppgifter raderade (artikel 17)" in letter.text
    assert "domstol" in letter.text
