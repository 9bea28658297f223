"""Hides what names somebody by its form alone: mail addresses, links, and numbers of five digits or more."""

import re

ADDRESS = "namn@example.com"
LINK = "https://example.com"

_AT = re.compile(r"[ \t]{0,3}[(\[{<][ \t]{0,3}(?:at|snabel-?a|alfakrull)[ \t]{0,3}[)\]}>][ \t]{0,3}", re.IGNORECASE)
_AT_APART = re.compile(r"(?<![ \t])[ \t]++@[ \t]*+|@[ \t]++")
_AT_LIKE = str.maketrans({"＠": "@", "﹫": "@"})
_CHUNK = re.compile(r"\S+")
_AROUND = "<>()[]{}\"'“”„«»,.;:!?*_"
_HOST_END = re.compile(r"[/:?#\\]")
_DOMAINS = frozenset(
    {
        *(
            "se",
            "com",
            "org",
            "net",
            "nu",
            "no",
            "dk",
            "fi",
            "eu",
            "io",
            "info",
            "biz",
            "me",
            "co",
            "uk",
            "de",
            "fr",
            "nl",
        ),
        *("pl", "es", "it", "ru", "us", "edu", "gov", "app", "dev", "shop", "online"),
    }
)

_NUMBER = re.compile(r"\d+(?:(?:[ \t\u00a0\u2009\u202f\-‐‑–—./+()_]{1,3}|[,:](?=\d))\d+)*")
_DIGIT = re.compile(r"\d")
_LONG_RUN = re.compile(r"\d{4}")
_MOST_DIGITS = 4  # "kl 10.30" and "artikel 15" say something; five digits and more are a number that names something.


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text that lists them."""
    return frozenset(text.split())


def hide_identifiers(text: str) -> str:
    """Return the text with stand-ins for addresses and links, and with every digit of a long number turned into 0.

    A number keeps its shape so: people see what it was, and the model reads every digit as 0 anyway.
    """
    text = text.translate(_AT_LIKE)
    text = _AT_APART.sub("@", _AT.sub("@", text))
    return _NUMBER.sub(_hide_number, _CHUNK.sub(_hide_chunk, text))


def _hide_chunk(found: re.Match[str]) -> str:
    chunk = found.group()
    bare = chunk.strip(_AROUND)
    start = chunk.find(bare) if bare else 0
    before, after = chunk[:start], chunk[start + len(bare) :]
    if "@" in chunk:
        return f"{before}{ADDRESS}{after}"
    if "://" in bare or bare[:4].lower() == "www." or _is_host(bare):
        return f"{before}{LINK}{after}"
    return chunk


def _is_host(bare: str) -> bool:
    labels = _HOST_END.split(bare, maxsplit=1)[0].split(".")
    return len(labels) > 1 and all(labels) and labels[-1].lower() in _DOMAINS


def _hide_number(found: re.Match[str]) -> str:
    number = found.group()
    is_long = _LONG_RUN.search(number) is not None or len(_DIGIT.findall(number)) > _MOST_DIGITS
    return _DIGIT.sub("0", number) if is_long else number
