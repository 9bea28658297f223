"""A no is a person's, with reasons, within the first month; under 12(5), or late, two people stand behind it (Art 12(4)-(5))."""

from datetime import timedelta

import pytest

from inbox_bot.approval.grounds import same_person
from inbox_bot.approval.toml_rules import read_decisions
from inbox_bot.domain.rights import Right
from inbox_bot.errors import LetterFaultyError, NotAllowedError, RulesError
from inbox_bot.settings import FileSettings, rules_folders
from tests.support.house import KALLE, START, both_databases

REF = "PK-2026-0001"
REASON = "Fakturan hör till bokföringen och sparas till och med 2033 (bokföringslagen 7 kap. 2 §)."
UNFOUNDED = (
    "Begäran är uppenbart ogrundad: samma sak har begärts fyrtio gånger den här veckan (artikel 12.5). "
    "Uppgifterna finns kvar till och med 2033."
)
OWN_WORDS = "Jag har läst alla fyrtio breven. De är ordagrant lika, och alla är besvarade med en kopia."


@pytest.fixture
def asked(house):
    house.ask_and_confirm("#erasure")
    return house


def refuse(house, reasons=REASON, by="anna"):
    return house.flow.refuse(REF, right=None, reasons=reasons, by=by)


def draft_refusal(house, reasons=UNFOUNDED, by="anna"):
    return house.flow.acting.write_refusal(REF, right=None, reasons=reasons, by=by)


@pytest.mark.parametrize("reasons", ["Nej.", "Vi sparar den.", "x" * 39, "x" * 400])
def test_a_no_needs_reasons_with_words_and_an_article_by_every_door(asked, reasons):
    before = asked.everything()
    with pytest.raises(LetterFaultyError, match="artikel eller paragraf"):
        refuse(asked, reasons)
    assert asked.everything() == before
    draft_refusal(asked, reasons)
    with pytest.raises(LetterFaultyError, match="artikel eller paragraf"):
        asked.flow.approve_case(REF, by="anna")


@pytest.mark.parametrize("reasons", ["Sparas till 2033 enligt lag (7 §).", "Vi sparar den till 2033 (artikel 17.3)."])
def test_a_no_needs_reasons_of_some_length_by_every_door(asked, reasons):
    before = asked.everything()
    with pytest.raises(NotAllowedError, match="too short"):
        refuse(asked, reasons)
    assert asked.everything() == before
    draft_refusal(asked, reasons)
    with pytest.raises(NotAllowedError, match="too short"):
        asked.flow.approve_case(REF, by="anna")


@pytest.mark.parametrize("by", ["program", " Requester ", ""])
def test_only_a_person_says_no(asked, by):
    with pytest.raises(NotAllowedError, match="Say who"):
        refuse(asked, by=by)
    with pytest.raises(NotAllowedError, match="Say who"):
        draft_refusal(asked, REASON, by=by)


def test_the_program_proposes_no_refusal_and_no_fee(house):
    for tag in ("access", "erasure", "objection", "restriction"):
        house.ask_and_confirm(f"#{tag}", sender=f"{tag}@example.se")
    house.days(21)
    house.drain()
    drafted = {view.record.letter for case in house.cases() for view in house.file(case.reference).drafts}
    assert not [letter for letter in drafted if letter.startswith("refused_") or letter == "fee_notice"]


@pytest.mark.parametrize(("hours", "allowed"), [(21, True), (22, False)])
def test_a_no_leaves_within_the_first_month_in_stockholm(build, hours, allowed):
    house = build()
    house.drain()
    house.ask_and_confirm("#erasure")
    house.clock.set(START.replace(month=10, day=7, hour=hours))
    if allowed:
        refuse(house)
    else:
        with pytest.raises(NotAllowedError, match="first month is over"):
            refuse(house)


@both_databases
def test_an_extension_gives_no_longer_time_for_a_no(asked):
    asked.flow.extend(REF, right=None, reasons="Tre arkiv ska gås igenom för hand.", by="anna")
    asked.drain()
    asked.clock.set(START.replace(month=10, day=8))
    assert asked.file().view.due.isoformat() == "2026-12-07"
    with pytest.raises(NotAllowedError, match="first month is over"):
        refuse(asked)
    draft_refusal(asked, REASON)
    asked.flow.acting.second(REF, words=OWN_WORDS, by="bo")
    asked.flow.approve_case(REF, by="anna")
    asked.drain()
    assert asked.case().state.value == "closed"
    assert "refused_late" in asked.events()


def test_time_that_a_person_took_to_confirm_gives_no_longer_time_for_a_no(house):
    receipt = house.ask("#erasure")
    house.days(20)
    house.flow.renew(receipt.token)
    house.drain()
    newest = house.to(KALLE)[-1]
    house.flow.confirm(newest.token, newest.code)
    house.drain()
    house.clock.set(START.replace(month=10, day=7))
    [claim] = house.file().view.claims
    assert claim.dates.paused_safe > START.replace(month=10, day=8).date()
    draft_refusal(house, REASON)
    assert house.flow.acting.sheet(REF).needs_second == set()
    house.clock.set(START.replace(month=10, day=8))
    with pytest.raises(NotAllowedError, match="first month is over"):
        refuse(house)
    house.flow.acting.second(REF, words=OWN_WORDS, by="bo")
    house.flow.approve_case(REF, by="anna")
    assert "refused_late" in house.events()


def test_we_cannot_identify_you_is_a_no_with_its_own_words_and_time(house):
    house.ask("#access")
    house.clock.set(START.replace(day=30))
    house.drain()
    house.drain()
    draft = house.draft()
    house.flow.edit(draft.id, values={"tried": "Vi mejlade."}, by="anna")
    with pytest.raises(NotAllowedError, match="too short"):
        house.flow.approve(draft.id, by="anna")
    house.flow.edit(draft.id, values={}, by="anna")
    house.clock.set(START.replace(month=10, day=8))
    with pytest.raises(NotAllowedError, match="second person"):
        house.flow.approve(draft.id, by="anna")
    house.clock.set(START.replace(month=10, day=7))
    house.flow.approve(draft.id, by="anna")


@pytest.mark.parametrize(
    "reasons",
    [
        UNFOUNDED,
        "Begäran är ORIMLIG (artikel 12): samma sak har begärts fyra gånger i år. Uppgifterna sparas till och med 2033.",
        "The request is manifestly unfounded (Article 12): forty mails came last week. The data stay until 2033.",
    ],
)
def test_a_no_under_12_5_needs_a_second_person_whatever_door(asked, reasons):
    with pytest.raises(NotAllowedError, match="a second person must stand behind it"):
        refuse(asked, reasons)
    draft_refusal(asked, reasons)
    assert asked.flow.acting.sheet(REF).needs_second == {asked.draft().id}
    with pytest.raises(NotAllowedError, match="a second person must stand behind it"):
        asked.flow.approve_case(REF, by="anna")


@both_databases
def test_two_people_with_their_own_words_say_no(asked):
    draft_refusal(asked)
    asked.flow.acting.second(REF, words=OWN_WORDS, by="bo@example.com")
    with pytest.raises(NotAllowedError, match="a second person"):
        asked.flow.approve_case(REF, by="BO")
    [event] = asked.flow.acting.sheet(REF).seconds[asked.draft().id]
    assert (event.actor, event.details["reason"]) == ("bo@example.com", OWN_WORDS)
    asked.flow.approve_case(REF, by="anna")
    asked.drain()
    assert UNFOUNDED in asked.to(KALLE)[-1].text
    assert OWN_WORDS not in asked.to(KALLE)[-1].text
    assert asked.case().state.value == "closed"


def test_what_is_changed_after_a_second_person_read_it_must_be_read_again(asked):
    draft_refusal(asked)
    asked.flow.acting.second(REF, words=OWN_WORDS, by="bo")
    asked.flow.edit(asked.draft().id, values={"reasons": UNFOUNDED + " Och mer."}, by="anna")
    assert asked.flow.acting.sheet(REF).seconds[asked.draft().id] == []
    with pytest.raises(NotAllowedError, match="a second person"):
        asked.flow.approve_case(REF, by="anna")
    asked.flow.acting.second(REF, words=OWN_WORDS, by="bo")
    asked.flow.approve_case(REF, by="anna")


@pytest.mark.parametrize(("words", "said"), [("Ja.", "too short"), (UNFOUNDED.upper(), "words of their own")])
def test_the_second_person_has_words_of_their_own(asked, words, said):
    draft_refusal(asked)
    with pytest.raises(NotAllowedError, match=said):
        asked.flow.acting.second(REF, words=words, by="bo")


def test_a_yes_takes_no_second_person(asked):
    with pytest.raises(NotAllowedError, match="Only a no"):
        asked.flow.acting.second(REF, words=OWN_WORDS, by="bo")
    draft_refusal(asked)
    with pytest.raises(NotAllowedError, match="Say who"):
        asked.flow.acting.second(REF, words=OWN_WORDS, by="program")


def test_a_fee_is_a_persons_choice_that_two_stand_behind(house):
    house.ask_and_confirm("#access")
    values = {"reasons": REASON, "amount": "400 kronor", "cost_basis": "En timmes arbete."}
    house.flow.edit(house.draft().id, values=values, by="anna", letter="fee_notice")
    with pytest.raises(NotAllowedError, match="a second person"):
        house.flow.approve_case(REF, by="anna")
    house.flow.acting.second(REF, words=OWN_WORDS, by="bo")
    house.flow.approve_case(REF, by="anna")
    house.drain()
    letter = house.to(KALLE)[-1].text
    for words in ("400 kronor", "En timmes arbete.", "dra tillbaka", "Integritetsskyddsmyndigheten", "domstol"):
        assert words in letter


def test_a_marketing_stop_takes_neither_no_nor_fee(house):
    house.ask("#marketing")
    with pytest.raises(NotAllowedError, match="unconditional"):
        house.flow.acting.write_refusal(REF, right=Right.OBJECTION, reasons=REASON, by="anna")
    house.flow.edit(house.draft().id, values={"reasons": REASON}, by="anna", letter="fee_notice")
    with pytest.raises(NotAllowedError, match="no answer to what was asked"):
        house.flow.approve_case(REF, by="anna")


def test_one_person_is_one_whatever_they_are_called():
    assert same_person("anna", " Anna@example.com")
    assert not same_person("anna", "bo")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("least_characters = 40", "least_characters = 0", "refusal.least_characters must be a whole number"),
        ("[lifting]", "[lifted]", "lifted is no key"),
        ('letters = ["fee_notice"]', "letters = 1", "second.letters must be a list"),
    ],
)
def test_wrong_rules_are_named(tmp_path, old, new, said):
    shipped = (rules_folders(FileSettings())[0] / "decisions.toml").read_text("utf-8")
    assert old in shipped
    (tmp_path / "decisions.toml").write_text(shipped.replace(old, new), "utf-8")
    with pytest.raises(RulesError, match=r"decisions\.toml") as caught:
        read_decisions(tmp_path / "decisions.toml")
    assert said in str(caught.value)


def test_a_month_later_a_yes_still_leaves(asked):
    asked.clock.advance(timedelta(days=60))
    asked.flow.approve_case(REF, by="anna", note="Kontot är raderat i kursplattformen.", rest=True)
    asked.drain()
    assert asked.case().state.value == "closed"
