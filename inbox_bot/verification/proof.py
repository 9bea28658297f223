"""How much proof a right needs (law.md 2.2): nothing for marketing, else control of the address the request came from."""

from collections.abc import Iterable

from inbox_bot.domain.case import ClaimRecord


def needs_proof(claim: ClaimRecord, *, address_confirmed: bool) -> bool:
    """True if the person must show control of the address before this claim is acted on.

    A marketing stop never waits for proof (Art 21(3), IMY DI-2020-10696). An address that was confirmed once in the same
    case is not asked again (Art 12(6): only where there is reasonable doubt), if the new wish answers a letter that we sent
    there: a From address and a case number alone are easily made up.
    """
    return not (claim.claim.marketing or claim.proven or (address_confirmed and claim.threaded))


def has_confirmed_address(claims: Iterable[ClaimRecord]) -> bool:
    """True if the person has answered a question of identity in this case."""
    return any(pause.confirmed_at is not None for claim in claims for pause in claim.clock.pauses)


_DENIALS = (
    "var inte jag",
    "inte jag som",
    "har inte begärt detta",
    "har inte begärt det här",
    "har inte begärt något",
    "har inte skickat",
    "har aldrig begärt",
    "har aldrig skickat",
    "it was not me",
    "that was not me",
    "wasn't me",
    "did not request this",
    "didn't request this",
    "didn't send",
    "did not send",
)
_ASSENTS = (
    "ja",
    "jo",
    "japp",
    "stämmer",
    "bekräftar",
    "bekräftas",
    "det är jag",
    "det var jag",
    "här är koden",
    "koden är",
    "ok",
    "okej",
    "yes",
    "confirm",
    "confirmed",
    "i confirm",
    "it is me",
    "it's me",
    "that was me",
    "it was me",
)
_HESITATIONS = (
    *("inte", "aldrig", "ej", "nej", "men", "vad", "vem", "varför", "hur", "ingen", "inget", "fel", "stoppa", "avbryt"),
    *("no", "not", "never", "but", "what", "who", "why", "how", "don't", "didn't", "isn't", "wrong", "stop", "cancel"),
)
_SHORT = 200


def speaks_of_denial(text: str) -> bool:
    """True if the words of a denial stand anywhere in a reply: then the program may not take it for a yes."""
    said = _plain(text)
    return any(denial in said for denial in _DENIALS)


def denies(text: str) -> bool:
    """True if a short reply says that its writer did not make the request. A long one is for a person to read."""
    return len(_plain(text)) <= _SHORT and speaks_of_denial(text)


def assents(text: str) -> bool:
    """True if a short reply says yes and no more, so that the code quoted below it may count as given.

    A question, a negation or a "but" beside the yes makes it a mail for a person to read.
    """
    said = _plain(text)
    words = set(said.split())
    plain_yes = any(f" {word} " in f" {said} " for word in _ASSENTS) and not speaks_of_denial(text)
    return plain_yes and len(said) <= _SHORT and "?" not in text and not words & set(_HESITATIONS)


def _plain(text: str) -> str:
    kept = "".join(
        character if character.isalnum() or character == "'" else " " for character in text.lower().replace("’", "'")
    )
    return " ".join(kept.split())
