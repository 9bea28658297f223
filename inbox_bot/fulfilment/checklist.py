"""What answering a right takes: which letter tells of it, and what a person has to see to first (law.md 3.2, 4)."""

from inbox_bot.domain.rights import Claim, Right

_STEPS = {
    Right.ACCESS: (
        "Sök i varje system, på alla adresser och namn som personen uppger och utan skillnad på stora och små bokstäver.",
        "Ta med allt: konto, kurser, resultat, intyg, fakturor, utskick, brev i brevlådan och anteckningar.",
        "Lämna kopian skyddat: aldrig känsliga uppgifter i ett vanligt brev.",
    ),
    Right.PORTABILITY: (
        "Ta ut det som personen själv har lämnat, som CSV, JSON eller XML (inte PDF).",
        "Lämna filen skyddat.",
    ),
    Right.RECTIFICATION: (
        "Rätta i varje system där uppgiften finns.",
        "Skriv om intyg som bär den gamla uppgiften.",
        "Byt inte e-postadress på den nya adressens ord: fråga den gamla först.",
    ),
    Right.ERASURE: (
        "Radera i varje system. Finns en begäran om registerutdrag samtidigt: lämna det först.",
        "Behåll det lagen kräver (fakturor: sju år efter räkenskapsåret) och skriv vad, varför och till när.",
        "Berätta för leverantörer och arbetsgivare som har fått uppgifterna.",
    ),
    Right.RESTRICTION: (
        "Lås uppgifterna nu: de får sparas men inte användas.",
        "Berätta för leverantörer och arbetsgivare som har fått uppgifterna.",
    ),
    Right.OBJECTION: (
        "Sluta med behandlingen, om det inte finns tvingande skäl som väger tyngre just för den här personen.",
    ),
    Right.CONSENT_WITHDRAWAL: ("Sluta med det som samtycket gällde.",),
}
_MARKETING = (
    "Adressen är redan uppsatt på spärrlistan. Ta bort den i varje verktyg som skickar reklam, även redan köade utskick.",
)


def letter_for(claim: Claim) -> str:
    """Return the letter that grants a claim."""
    return "marketing_stopped" if claim.marketing else f"granted_{claim.right.value}"


def steps_for(claim: Claim) -> tuple[str, ...]:
    """Return, in Swedish, what a person has to see to before the answer may say it is done."""
    return _MARKETING if claim.marketing else _STEPS[claim.right]
