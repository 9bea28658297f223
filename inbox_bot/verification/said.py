"""What a reply to the question of identity says: yes, no, or something that a person should read."""

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
_MACHINES = (
    *(
        "tagit emot",
        "mottagit",
        "återkommer",
        "automatisk",
        "autosvar",
        "kontoret",
        "semester",
        "ledig",
        "ärende",
        "skapat",
    ),
    *("received", "get back to", "automatic", "out of office", "on leave", "vacation", "ticket", "created"),
)
"""What an answering machine says beside its "yes, thank you": a person who means yes has no use for it, nor for a number."""

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

    A question, a negation or a "but" beside the yes makes it a mail for a person to read; so do the words of a machine.
    """
    said = _plain(text)
    words = set(said.split())
    plain_yes = any(f" {word} " in f" {said} " for word in _ASSENTS) and not speaks_of_denial(text)
    machine = any(phrase in said for phrase in _MACHINES) or any(character.isdigit() for character in said)
    return plain_yes and not machine and len(said) <= _SHORT and "?" not in text and not words & set(_HESITATIONS)


def _plain(text: str) -> str:
    kept = "".join(
        character if character.isalnum() or character == "'" else " " for character in text.lower().replace("’", "'")
    )
    return " ".join(kept.split())
