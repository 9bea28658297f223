"""The exit: a letter about data goes to the address that proved itself, never to a sender who did not."""

from email import message_from_bytes, policy

import pytest

from inbox_bot.domain.rights import Right
from inbox_bot.errors import NotAllowedError
from tests.support.house import KALLE, both_databases
from tests.support.people import ON_FILE, SECOND, STRANGER, FakePeople, with_people

VALUES = {
    "copy": "Allt vi har.",
    "recipients": "Ingen.",
    "ground": "Du säger att provresultatet är fel, och vi kontrollerar det nu (artikel 18.1 a).",
}
DONE = {
    "granted_erasure": "Kontot är raderat.",
    "granted_rectification": "Namnet är rättat från Anna Eg till Anna Ek.",
    "granted_restriction": "Uppgifterna är låsta.",
    "granted_objection": "Användningen har upphört.",
    "marketing_stopped": "Adressen är spärrad för all reklam.",
}
"""What was done, in the words a letter of each kind takes."""

SYSTEMS = {"marketing_stopped": "nyhetsbrevsverktyget"}
REASON = "Fakturan hör till bokföringen och sparas till och med 2033 (bokföringslagen 7 kap. 2 §)."


@pytest.fixture
def known(build, monkeypatch):
    return with_people(build, monkeypatch, FakePeople())


def confirmed_by_the_holder(house, body):
    house.mail(f"{body} {ON_FILE}", sender=f"Hemliga Ombudet <{STRANGER}>")
    house.drain()
    link = house.to(ON_FILE)[0]
    assert house.flow.confirm(link.token, link.code).value == "confirmed"
    house.drain()


def fill(house, reference="PK-2026-0001"):
    for view in house.file(reference).drafts:
        if view.record.state.value == "open":
            letter = view.record.letter
            row = {"what": DONE.get(letter, ""), "system": SYSTEMS.get(letter, "kursplattformen"), "on": "2026-09-07"}
            values = VALUES | {"actions": [row]}
            wanted = {name: value for name, value in values.items() if name in {field.name for field in view.fields}}
            house.flow.edit(view.record.id, values=wanted, by="bo")


@both_databases
@pytest.mark.parametrize("right", ["access", "erasure", "portability", "rectification", "restriction", "objection"])
def test_the_answer_goes_to_the_address_that_confirmed_and_not_to_the_sender(known, right):
    confirmed_by_the_holder(known, f"#{right}")
    before = len(known.to(STRANGER))
    fill(known)
    known.flow.approve_case("PK-2026-0001", by="bo", rest=True)
    known.drain()
    assert known.states() == {right: "answered"}
    answer = known.to(ON_FILE)[-1]
    assert "Integritetsskyddsmyndigheten" in answer.text
    assert len(known.to(STRANGER)) == before
    whole = message_from_bytes(answer.content, policy=policy.default).as_string()
    assert STRANGER not in whole
    assert "Ombudet" not in whole
    assert "In-Reply-To" not in answer.parsed


def test_a_refusal_and_an_extension_go_there_too(known):
    confirmed_by_the_holder(known, "#erasure")
    known.flow.extend("PK-2026-0001", right=None, reasons="Uppgifterna finns i tre arkiv.", by="bo")
    known.flow.refuse("PK-2026-0001", right=None, reasons=REASON, by="bo")
    known.drain()
    assert [letter.recipient for letter in known.letters() if letter.name in {"extension", "refused_erasure"}] == [
        ON_FILE,
        ON_FILE,
    ]


def test_before_anyone_confirmed_the_notice_of_a_longer_time_goes_to_the_sender(known):
    known.mail(f"#erasure {ON_FILE}", sender=STRANGER)
    known.drain()
    [letter] = known.flow.extend("PK-2026-0001", right=None, reasons="Uppgifterna finns i tre arkiv.", by="bo")
    assert known.flow.archive.letter(letter)[0].recipient == STRANGER


def test_the_preview_greets_nobody_by_the_senders_name(known):
    confirmed_by_the_holder(known, "#erasure")
    fill(known)
    assert "Ombudet" not in known.flow.preview(known.draft().id).text
    assert known.flow.preview(known.draft().id).text.startswith("Hej,")


def test_a_no_to_marketing_in_the_same_case_is_answered_to_the_sender(known):
    confirmed_by_the_holder(known, "#erasure #marketing")
    fill(known)
    known.flow.approve_case("PK-2026-0001", by="bo", rest=True)
    known.drain()
    recipients = {letter.name: letter.recipient for letter in known.letters()}
    assert recipients["marketing_stopped"] == STRANGER
    assert recipients["granted_erasure"] == ON_FILE


def test_one_letter_never_answers_two_addresses(known):
    known.mail("#erasure", sender=STRANGER)
    known.drain()
    known.flow.ask_at("PK-2026-0001", address=ON_FILE, how="Vet.", by="bo")
    known.drain()
    link = known.to(ON_FILE)[0]
    known.flow.confirm(link.token, link.code)
    known.mail("Också en kopia #access", sender=STRANGER, subject="PK-2026-0001")
    known.drain()
    reference = "PK-2026-0001"
    known.flow.ask_at(reference, address=SECOND, how="Vet.", by="bo")
    known.drain()
    link = known.to(SECOND)[0]
    known.flow.confirm(link.token, link.code)
    known.drain()
    claims = [known.claim(reference, right) for right in (Right.ERASURE, Right.ACCESS)]
    assert all(claim.proven for claim in claims)
    draft = known.file(reference).drafts[0].record
    from sqlalchemy import text

    with known.building.engine.begin() as connection:
        both = f"[{claims[0].id}, {claims[1].id}]"
        connection.execute(text("UPDATE draft SET claim_ids = :both WHERE id = :id"), {"both": both, "id": draft.id})
    known.flow.edit(
        draft.id, values={"searched": "Vi har sökt på din mejladress i kursplattformen."}, by="bo", letter="no_data"
    )
    with pytest.raises(NotAllowedError, match="confirmed at different addresses"):
        known.flow.approve(draft.id, by="bo")


def test_without_a_register_the_answer_goes_to_the_sender_as_before(house):
    house.ask_and_confirm("#erasure", sender=f"Kalle Ek <{KALLE}>")
    house.flow.approve_case("PK-2026-0001", by="bo", note="Raderat i kursplattformen.", rest=True)
    house.drain()
    answer = house.to(KALLE)[-1]
    assert answer.text.startswith("Hej Kalle Ek,")
    assert answer.parsed["In-Reply-To"]
