"""Which language a mail is written in, by its small words and letters: Swedish, English, Norwegian or Danish."""

from collections.abc import Iterable
from itertools import islice

# Words that one language has and its neighbours lack weigh two; words that several share weigh one in each.
_OWN = {
    "sv": "jag och är inte att ni från för på mig när vad hur har även också eller skulle något någon varför era ert mitt "
    "mina hej tack vänliga hälsningar vänligen kan bort ett som nu gärna mvh uppgifter eftersom vill",
    "en": "the and is are you your i my me have has please would with this that for from of to what do not dear regards "
    "thanks thank hello about like want any all could delete remove data email hi stop",
    "no": "jeg og er ikke å dere fra for på meg når hva hvordan har også eller noe noen hvorfor deres mitt mine hei takk "
    "vennlig hilsen ønsker opplysninger nyhetsbrev slett slette av som nå vil et gjerne vennligst",
    "da": "jeg og er ikke at jer fra for på mig når hvad hvordan har også eller noget nogen hvorfor jeres mit mine hej tak "
    "venlig hilsen ønsker oplysninger nyhedsbrev slet slette af som nu vil et gerne venligst",
}
_LETTERS = {"ä": ("sv",), "ö": ("sv",), "æ": ("no", "da"), "ø": ("no", "da")}


_NAMES = tuple(_OWN)
_LISTS = {name: frozenset(words.split()) for name, words in _OWN.items()}
_ENOUGH = 3
_READ_AT_MOST = 400

Weights = tuple[int, ...]


def weights(word: str) -> Weights | None:
    """Return how much a lower-case word speaks for each language, in the order of the lists; None for not at all."""
    holders = [name for name in _NAMES if word in _LISTS[name]]
    found = dict.fromkeys(holders, 2 if len(holders) == 1 else 1)
    for letter, names in _LETTERS.items():
        if letter in word:
            for name in names:
                found[name] = found.get(name, 0) + 2
    return tuple(found.get(name, 0) for name in _NAMES) if found else None


def detect(words: Iterable[Weights | None]) -> str:
    """Return ``sv``, ``en``, ``no``, ``da``, or ``""`` where a mail's words (by their weights) are too few to tell."""
    telling = (found for found in islice(words, _READ_AT_MOST) if found)
    scores = [sum(column) for column in zip(*telling, strict=True)]
    if not scores:
        return ""
    first, second = sorted(scores, reverse=True)[:2]
    return _NAMES[scores.index(first)] if first >= _ENOUGH and first > second else ""
