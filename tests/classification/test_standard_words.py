"""The plainest request in the standard words is sorted without help: most letters and every template are written so."""

import pytest

from inbox_bot.domain.rights import Right
from inbox_bot.domain.verdict import Outcome

ACCESS, ERASURE, RECTIFICATION = Right.ACCESS, Right.ERASURE, Right.RECTIFICATION
RESTRICTION, PORTABILITY = Right.RESTRICTION, Right.PORTABILITY
OBJECTION, WITHDRAWAL = Right.OBJECTION, Right.CONSENT_WITHDRAWAL


@pytest.mark.parametrize(
    ("subject", "body", "right"),
    [
        ("Registerutdrag", "Hej! Jag begär ett registerutdrag enligt artikel 15. Mvh Kim", ACCESS),
        ("", "Hej, jag vill veta vilka personuppgifter ni har om mig.", ACCESS),
        ("Begäran", "Härmed begär jag tillgång till de personuppgifter ni behandlar om mig.", ACCESS),
        ("", "Kan ni skicka en kopia av alla uppgifter som ni har sparat om mig?", ACCESS),
        ("", "Please send me all the information that you store on me.", ACCESS),
        ("Radera mig", "Hej! Radera alla mina personuppgifter, tack. Kim", ERASURE),
        ("", "Jag begär att ni raderar mina personuppgifter enligt artikel 17.", ERASURE),
        ("Mitt konto", "Hej, ta bort mitt konto och alla uppgifter om mig.", ERASURE),
        ("", "Please delete my account and all my personal data.", ERASURE),
        ("Fel adress", "Hej, ni har fel adress till mig i ert register, kan ni rätta den?", RECTIFICATION),
        ("", "Jag begär rättelse av mina uppgifter: mitt efternamn är felstavat hos er.", RECTIFICATION),
        ("", "Jag begär att behandlingen av mina personuppgifter begränsas enligt artikel 18.", RESTRICTION),
        ("", "Jag vill få ut mina uppgifter i ett maskinläsbart format enligt artikel 20.", PORTABILITY),
        ("", "Jag invänder mot att ni behandlar mina personuppgifter för profilering.", OBJECTION),
        ("Nyhetsbrev", "Hej, jag vill inte ha fler nyhetsbrev från er.", OBJECTION),
        ("", "Jag återkallar mitt samtycke till att ni behandlar mina personuppgifter.", WITHDRAWAL),
    ],
)
def test_a_plain_request_is_sorted_as_what_it_is(trained, subject, body, right):
    verdict = trained.classify(subject, body)
    assert verdict.outcome is Outcome.REQUEST
    assert {claim.right for claim in verdict.claims} == {right}


@pytest.mark.parametrize(
    "beside",
    [
        "Jag slutar här på fredag.",
        "Tack för en bra kurs i våras.",
        "Jag har flyttat sedan dess.",
        "Svara gärna per mejl.",
    ],
)
def test_a_sentence_about_something_else_beside_it_does_not_make_it_unclear(trained, beside):
    verdict = trained.classify(
        "Registerutdrag", f"Hej,\n\njag begär ett registerutdrag enligt artikel 15. {beside}\n\nKim"
    )
    assert verdict.outcome is Outcome.REQUEST
    assert {claim.right for claim in verdict.claims} == {ACCESS}
