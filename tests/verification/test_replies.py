"""The answer to the question of identity that comes by mail: only a code that was ours, and only a plain yes or no."""

from datetime import timedelta

import pytest

from inbox_bot.verification.challenge import ALPHABET, codes_in, keyed_hash, make_secrets, matches, normal_code
from inbox_bot.verification.said import assents, denies, speaks_of_denial
from tests.support.house import EVA, KALLE


@pytest.fixture
def receipt(house):
    return house.ask("#access")


def state(house):
    return house.states()["access"]


@pytest.mark.parametrize("body", ["Koden är {code}", "{code}", "hej\n\nja det var jag\n{code}\n\nmvh Kalle"])
def test_a_reply_with_the_code_confirms(house, receipt, body):
    house.reply(receipt, body.format(code=receipt.code))
    house.drain()
    assert state(house) == "awaiting_approval"
    assert house.claim().proven
    assert not house.file().view.unread


@pytest.mark.parametrize("typed", [str.lower, lambda code: code.replace("-", " "), lambda code: code.replace("-", "")])
def test_the_code_counts_however_it_is_typed(house, receipt, typed):
    house.reply(receipt, f"Här: {typed(receipt.code)}")
    house.drain()
    assert house.claim().proven


@pytest.mark.parametrize("body", ["Ja", "Ja, det är jag.", "Bekräftar", "Yes, that was me"])
def test_a_plain_yes_above_the_quoted_code_confirms(house, receipt, body):
    house.reply(receipt, body, quote=True)
    house.drain()
    assert house.claim().proven


@pytest.mark.parametrize(
    "body",
    [
        "Vad är det här?",
        "Ja? Jag förstår inte varför ni skriver till mig.",
        "Ja, men radera inget förrän vi har talats vid.",
        "Jag har inte bett om något, ja ni hör ju själva.",
        "Ok, who are you?",
        "När får jag svar på min begäran, ni sa i början av månaden och nu har det gått flera veckor.",
        "Tack för ditt mejl.",
        "",
        "Ja, vi har tagit emot ditt mejl och återkommer.",
        "OK! Your ticket has been created.",
    ],
)
def test_anything_but_a_plain_yes_above_a_quoted_code_is_for_a_person(house, receipt, body):
    house.reply(receipt, body, quote=True)
    house.drain()
    assert state(house) == "awaiting_identity"
    assert house.file().view.unread
    assert house.flow.question(receipt.token).attempts_left == 5


@pytest.mark.parametrize("body", ["Det var inte jag", "Det var INTE jag!", "It was not me", "It wasn’t me."])
def test_not_me_above_the_quoted_code_ends_the_matter(house, receipt, body):
    house.reply(receipt, body, quote=True)
    house.drain()
    assert state(house) == "disowned"
    assert house.case().state.value == "closed"
    assert house.flow.question(receipt.token).standing.value == "disowned"
    assert len(house.to(KALLE)) == 1


def test_not_me_without_the_code_is_for_a_person(house, receipt):
    house.reply(receipt, "Det var inte jag")
    house.drain()
    assert state(house) == "awaiting_identity"
    assert house.file().view.unread


def test_a_long_letter_with_a_denial_in_it_does_nothing_by_itself_even_with_the_code(house, receipt):
    long = "Det var inte jag som missade kursen, utan ni som ställde in den. " * 5
    house.reply(receipt, f"{long}\n\nKoden är {receipt.code}.")
    house.drain()
    assert state(house) == "awaiting_identity"
    assert house.file().view.unread


def test_a_reply_from_another_address_confirms_nothing(house, receipt):
    house.reply(receipt, f"Ja, {receipt.code}", sender=EVA, subject="Sv: PK-2026-0001")
    house.drain()
    assert state(house) == "awaiting_identity"


def test_a_code_in_an_automatic_reply_confirms_nothing(house, receipt):
    house.mail(
        f"Jag är ledig. {receipt.code}",
        headers={"In-Reply-To": receipt.message_id, "Auto-Submitted": "auto-replied"},
    )
    house.drain()
    assert state(house) == "awaiting_identity"


def test_wrong_codes_by_mail_count_as_tries(house, receipt):
    for number in range(5):
        house.reply(receipt, f"BBBB-BBB{'BCDFG'[number]}")
        house.drain()
    assert house.flow.question(receipt.token).standing.value == "locked"
    house.reply(receipt, receipt.code)
    house.drain()
    assert state(house) == "awaiting_identity"


def test_each_of_two_questions_takes_its_own_code(house, receipt):
    house.reply(receipt, "#erasure")
    house.drain()
    second = house.to(KALLE)[-1]
    house.reply(receipt, receipt.code)
    house.drain()
    assert house.states() == {"access": "awaiting_approval", "erasure": "awaiting_identity"}
    house.reply(second, second.code)
    house.drain()
    assert house.states() == {"access": "awaiting_approval", "erasure": "awaiting_approval"}


def test_a_renewed_question_about_one_right_leaves_the_other_rights_question_alone(house, receipt):
    house.reply(receipt, "#erasure")
    house.drain()
    second = house.to(KALLE)[-1]
    house.clock.advance(timedelta(minutes=10))
    assert house.flow.renew(receipt.token).value == "renewed"
    house.drain()
    assert house.flow.confirm(receipt.token, receipt.code).value == "expired"
    assert house.flow.confirm(second.token, second.code).value == "confirmed"


def test_disowning_one_right_leaves_the_question_about_another_open(house, receipt):
    house.reply(receipt, "#erasure")
    house.drain()
    second = house.to(KALLE)[-1]
    assert house.flow.disown(second.token, second.code).value == "disowned"
    house.drain()
    assert house.states() == {"access": "awaiting_identity", "erasure": "disowned"}
    assert house.case().state.value == "open"
    assert house.flow.confirm(receipt.token, receipt.code).value == "confirmed"


def test_codes_are_random_readable_and_bound_to_key_and_purpose():
    made = [make_secrets() for _ in range(200)]
    assert len({one.code for one in made}) == len({one.token for one in made}) == 200
    for one in made:
        assert set(one.code.replace("-", "")) <= set(ALPHABET)
        assert codes_in(f"Koden är {one.code}.") == (one.code,)
        assert len(one.token) >= 43
    assert not set("AEIOUY018") & set(ALPHABET)
    code_hash = keyed_hash(b"key", "code", made[0].code)
    assert matches(b"key", f" {made[0].code.lower()} ", code_hash)
    assert not matches(b"other", made[0].code, code_hash)
    assert not matches(b"key", made[1].code, code_hash)
    assert keyed_hash(b"key", "token", made[0].code) != code_hash
    assert normal_code("åäö \U0001f600 x") == "ÅÄÖX-"


def test_only_so_many_codes_are_read_from_one_mail():
    assert len(codes_in(" ".join(make_secrets().code for _ in range(500)))) == 10


@pytest.mark.parametrize("text", ["ja", "Ja!", "JA TACK", "Det stämmer.", "Ok", "yes", "I confirm"])
def test_yes(text):
    assert assents(text)
    assert not denies(text)


@pytest.mark.parametrize("text", ["", "jaha du", "nej", "ja men nej", "ja " * 100, "det var inte jag, ja", "okänd"])
def test_no_plain_yes(text):
    assert not assents(text)


def test_a_denial_is_short():
    assert denies("Nej, det var inte jag.")
    assert not denies("Det var inte jag. " * 20)
    assert speaks_of_denial("Det var inte jag. " * 20)
