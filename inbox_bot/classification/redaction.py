"""Takes people out of a mail's words: names, addresses, links and numbers become stand-ins that keep the sentence readable.

When in doubt it redacts: a word lost costs the model next to nothing, a name kept is somebody's.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from inbox_bot.classification.identifiers import ADDRESS, LINK, hide_identifiers, word_set
from inbox_bot.classification.spelling import fold

NAME = "Namnsson"
"""Stands for every name. Not "Namn": that is a word of the rules, and the model would take each signature for its mention."""

STREET = "Gatan"
_SHAPE = ""  # Letters and digits in one word have no stand-in of their own: ABC123 becomes XXX000.

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_STAND_INS = re.compile(f"({re.escape(ADDRESS)}|{re.escape(LINK)})")
_WORD = re.compile(r"[^\W_]+(?:['’´`][^\W_]+)*")
_LETTERS = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile(r"\d")
_MIXED_PART = re.compile(r"\d+|\D+")
_SENTENCE_END = re.compile(r"[.!?…:;•*|]|(?:^|\s)[-–—](?:\s|$)")
_STOPS = re.compile(r"[,.!?…:;()]")
_APOSTROPHES = str.maketrans("’´`", "'''")
_LAST_LATIN = "\u024f"

_GREETINGS = word_set(
    "hej hejj hejsan hejhej tjena tjenare tjenixen tja tjo hallå halla halloj goddag godmorgon godkväll god hi hello dear hey "
    "kära käre käraste bästa hei heisann hallo kære kjære til till morsning attention att"
)
_CLOSINGS = word_set(
    "mvh mvhs vh hälsning hälsningar hälsn hälsnigar hälsar halsning halsningar halsar hilsen hilsner hilser regards rgds "
    "sincerely faithfully högaktningsfullt kram kramar"
)
_CERTAIN_CLOSINGS = word_set("mvh mvhs vh rgds regards hilsen högaktningsfullt")
_BEFORE_CLOSING = word_set(
    "med vänlig vänliga vänligaste bästa varma varm soliga kind kindest best warm warmest with yours many många goda glada "
    "trevlig tack så mycket och hej på förhand venlig venlige vennlig vennlige allra hjärtliga respectfully very truly "
    "vanlig vanliga basta forhand pa sa"
)
_THANKS = word_set("tack tackar takk thanks thank thx cheers tacksam ciao best br undertecknad undertecknade")
_INTRODUCTIONS = word_set("heter hette hedder herr fru fröken mr mrs ms miss")
_NAMED = word_set("namn namnet navn navnet name kallas")
_POINTING = word_set("det jag här detta this jeg dette i")
_COPULAS = word_set("är er is ar am")
_LABELS = word_set(
    "namn förnamn efternamn fornamn name firstname lastname surname navn fornavn etternavn efternavn adress address adresse "
    "gatuadress postadress besöksadress ort postort stad född fødd født born födelsedatum kund kundnr kundnummer medlem "
    "medlemsnr medlemsnummer användarnamn username anvandarnamn personnummer personnr pnr telefon tel tfn mobil phone "
    "mobile mail mejl epost hälsar avsändare från sender company företag bolag organisation"
)
_STREETS = tuple(
    word_set(
        "gatan gata vägen vagen väg gränd granden gränden stigen stig torget torg backen allén allen alle platsen plan gården "
        "garden gate gaten vej vejen veien vei"
    )
)
_ENGLISH_STREETS = word_set("street road avenue lane drive square court terrace close")
_BOXES = word_set("box postbox lgh lägenhet")
_UNITS = word_set("st kr sek h tim min år e a an er mån dgr d kl art artikel article g ggr gb mb p x nr v")
_WIDEST_SIGNATURE = 8
_MOST_NAMES = 4
_LONGEST_WORD = 40  # What is longer is a key or a token, or somebody leaning on the keyboard.


class Ordinary(Protocol):
    """What redaction asks of the word lists (ordinary.py); every word in small letters."""

    def is_small(self, word: str, /) -> bool: ...
    def is_listed(self, word: str, /) -> bool: ...
    def is_known(self, word: str, /) -> bool: ...
    def is_name(self, word: str, /) -> bool: ...
    def is_given(self, word: str, /) -> bool: ...
    def is_ruled(self, word: str, /) -> bool: ...


def redact(subject: str, text: str, people: Iterable[str], words: Ordinary) -> tuple[str, str]:
    """Return subject and text without the people in them. ``people``: display names and addresses known from the mail.

    Capitals and line breaks stay. Takes time in proportion to the text; the same mail always becomes the same text.
    """
    known = _pieces(people, words)
    return _redacted(subject, known, words), _redacted(text, known, words)


def _redacted(text: str, known: frozenset[str], words: Ordinary) -> str:
    lines = hide_identifiers(_INVISIBLE.sub("", unicodedata.normalize("NFC", text))).split("\n")
    reader = _Reader(known, words)
    last = max((number for number, line in enumerate(lines) if line.strip()), default=0)
    return "\n".join(reader.line(line, is_last=bool(number) and number == last) for number, line in enumerate(lines))


def _pieces(people: Iterable[str], words: Ordinary) -> frozenset[str]:
    """Return the folded words by which people may be named in the text."""
    found: set[str] = set()
    for person in people:
        name, at, domain = person.rpartition("@")
        if at:
            low = f"{name} {domain.rpartition('.')[0]}".lower()
            parts = {*_LETTERS.findall(low), "".join(_LETTERS.findall(name.lower()))}
            found.update(fold(part) for part in parts if len(part) > 2 and not words.is_listed(part))
        else:
            found.update(fold(part) for part in _LETTERS.findall(person) if len(part) > 1)
    return frozenset(found)


@dataclass(slots=True)
class _Token:
    """A word of a line. ``gap``: what stands between it and the one before. ``starts``: a sentence begins with it.

    ``stand_in`` is None while the word may stay.
    """

    text: str
    low: str
    gap: str
    starts: bool
    stand_in: str | None = None

    @property
    def is_capital(self) -> bool:
        return self.text[:1].isupper()

    @property
    def is_name(self) -> bool:
        """True once it is taken for a name."""
        return self.stand_in == NAME

    def hide(self) -> None:
        if self.stand_in is None:
            self.stand_in = _SHAPE if _DIGIT.search(self.text) else NAME

    def shown(self) -> str:
        """Return the word, or what stands for it with its capitals."""
        if self.stand_in is None:
            return self.text
        is_loud = self.text.isupper() and len(self.text) > 1
        if self.stand_in == _SHAPE:
            shape = _MIXED_PART.sub(lambda part: _shape_of(part.group()), self.text)
            return shape.upper() if is_loud else shape
        if is_loud:
            return self.stand_in.upper()
        return self.stand_in if self.is_capital else self.stand_in.lower()


def _shape_of(part: str) -> str:
    return ("0" if _DIGIT.match(part) else "x") * len(part)


class _Reader:
    """Reads a text line by line. After the closing words it is in the signature, until a line is a sentence again."""

    def __init__(self, known: frozenset[str], words: Ordinary) -> None:
        self._known = known
        self._words = words
        self._in_signature = False
        self._thanked = False

    def line(self, line: str, *, is_last: bool) -> str:
        """Return one line redacted. ``is_last``: nothing is written below it."""
        pieces = _STAND_INS.split(line)  # Every other piece is a stand-in already.
        pieces[::2] = [self._piece(piece, is_last=is_last) for piece in pieces[::2]]
        return "".join(pieces)

    def _piece(self, line: str, *, is_last: bool) -> str:
        found = list(_WORD.finditer(line))
        if not found:
            return line
        tokens = list(_tokens(line, found))
        if not self._is_signature(tokens):
            self._hide_people(tokens, is_signed=is_last or self._thanked, is_slashed=line.lstrip().startswith("/"))
        ends = (word.end() for word in found)
        return "".join(f"{token.gap}{token.shown()}" for token in tokens) + line[max(ends) :]

    def _is_signature(self, tokens: Sequence[_Token]) -> bool:
        """Hide a line under the closing words whole; False where there is none, or the line is a sentence."""
        if not self._in_signature:
            return False
        if len(tokens) > _WIDEST_SIGNATURE or sum(self._words.is_small(token.low) for token in tokens) > 1:
            self._in_signature = False
            return False
        if any(token.low not in _BEFORE_CLOSING and token.low not in _CLOSINGS for token in tokens):
            for token in tokens:
                token.hide()
        return True

    def _hide_people(self, tokens: Sequence[_Token], *, is_signed: bool, is_slashed: bool) -> None:
        if is_signed:
            self._hide_signed(tokens, is_slashed=is_slashed)
        self._thanked = tokens[0].low in _THANKS and len(tokens) <= _MOST_NAMES
        for token in tokens:
            if self._is_somebody(token):
                token.hide()
        self._hide_by_context(tokens)
        self._hide_beside_names(tokens)

    def _hide_signed(self, tokens: Sequence[_Token], *, is_slashed: bool) -> None:
        """Hide the words of a short last line that are in no list: "kalle", "/K E", "// Pelle i Lund"."""
        if len(tokens) > _MOST_NAMES:
            return
        for token in tokens:
            is_given = token.is_capital and self._words.is_given(token.low) and len(tokens) <= 2
            if is_slashed or is_given or not self._words.is_listed(token.low):
                token.hide()

    def _is_somebody(self, token: _Token) -> bool:
        """Decide on a word by itself: its capital, the lists it is in, the names known from the mail."""
        words, low = self._words, token.low
        if _DIGIT.search(token.text):
            return self._is_reference(token)
        if len(low) > _LONGEST_WORD or _is_foreign(token.text) or self._is_known_person(token):
            return True
        if not token.is_capital:
            return len(low) > 1 and not words.is_listed(low) and words.is_name(low)
        is_loud = token.text.isupper() and len(token.text) > 1
        if words.is_small(low):
            return words.is_given(low) and not token.starts and not is_loud
        if words.is_listed(low):
            inside = not token.starts and not is_loud and not words.is_ruled(low)
            return words.is_given(low) or (inside and words.is_name(low))
        return not (token.starts or is_loud) or words.is_name(low) or not words.is_known(low)

    def _is_known_person(self, token: _Token) -> bool:
        base = fold(token.low)
        if base not in self._known and (len(base) < 4 or base.removesuffix("s") not in self._known):
            return False
        if not token.is_capital:
            return not self._words.is_listed(token.low)
        return not (token.starts and self._words.is_small(token.low))

    def _is_reference(self, token: _Token) -> bool:
        """True for letters and digits in one word that only say which: ABC123, Q7X. "18h" and "art15" stay."""
        letters = _LETTERS.findall(token.low)
        if not letters:
            return False
        is_long = len(_DIGIT.findall(token.text)) > 3
        return is_long or not all(part in _UNITS or self._words.is_listed(part) for part in letters)

    def _hide_by_context(self, tokens: Sequence[_Token]) -> None:
        """Hide what follows a greeting, a closing, an introduction or a label, and what makes a postal address."""
        if tokens[0].low in _GREETINGS:
            self._hide_addressed(tokens[1 : _MOST_NAMES + 1])
        for number, token in enumerate(tokens):
            low, before = token.low, tokens[number - 1].low if number else ""
            following = tokens[number + 1 : number + 1 + _MOST_NAMES]
            if low in _CLOSINGS and _closes(tokens, number):
                self._in_signature = True
                self._hide_rest(tokens[number + 1 :])
                break
            if low in _LABELS and following and following[0].gap.lstrip()[:1] in {":", "="}:
                self._hide_rest(tokens[number + 1 :])
                break
            if low in _THANKS:
                self._hide_unlisted(following)
            if low in _COPULAS and before in _POINTING:
                self._hide_unlisted(following[:1])
            if low in _INTRODUCTIONS or (low in _COPULAS and before in _NAMED):
                self._hide_introduced(following)
            if token.text.isdigit() and _is_postcode(tokens, number):
                self._hide_town(following[:2])
            _hide_street(tokens, number)

    def _hide_rest(self, tokens: Sequence[_Token]) -> None:
        for token in tokens:
            if token.is_capital or not self._words.is_small(token.low):
                token.hide()

    def _hide_addressed(self, tokens: Sequence[_Token]) -> None:
        """Hide the names after a greeting: up to a stop, or a small word."""
        for token in tokens:
            if _STOPS.search(token.gap) or (self._words.is_small(token.low) and not self._words.is_given(token.low)):
                return
            if token.low not in _GREETINGS and (token.is_capital or not self._words.is_listed(token.low)):
                token.hide()

    def _hide_unlisted(self, tokens: Sequence[_Token]) -> None:
        for token in tokens:
            if not self._words.is_listed(token.low):
                token.hide()

    def _hide_introduced(self, tokens: Sequence[_Token]) -> None:
        for token in tokens:
            if _STOPS.search(token.gap) or (self._words.is_small(token.low) and not token.is_capital):
                return
            token.hide()

    def _hide_town(self, tokens: Sequence[_Token]) -> None:
        for token in tokens:
            if _STOPS.search(token.gap) or not (token.is_capital or not self._words.is_listed(token.low)):
                return
            token.hide()

    def _hide_beside_names(self, tokens: Sequence[_Token]) -> None:
        """Hide a capital beside a name: most surnames are ordinary words, and so are some given names."""
        for at in range(1, len(tokens)):
            before, token = tokens[at - 1], tokens[at]
            # After a full stop a sentence may begin; only behind an initial does the name go on.
            goes_on = token.gap in {" ", "-", " - "} or (token.gap in {". ", "."} and len(before.text) == 1)
            is_beside = before.is_name and before.is_capital and token.is_capital and goes_on
            if is_beside and not self._words.is_small(token.low):
                token.hide()
        for at in range(len(tokens) - 2, -1, -1):
            token, after = tokens[at], tokens[at + 1]
            if after.is_name and after.is_capital and token.is_capital and after.gap in {" ", "-", ". "}:
                is_initial = len(token.text) == 1 and not self._words.is_small(token.low)
                if is_initial or (
                    "." not in after.gap and self._words.is_name(token.low) and token.low not in _GREETINGS
                ):
                    token.hide()


def _tokens(line: str, found: Sequence[re.Match[str]]) -> Iterator[_Token]:
    end = 0
    for number, word in enumerate(found):
        gap = line[end : word.start()]
        # "I've" and "Kalle's": what stands before the apostrophe says who.
        low = word.group().lower().translate(_APOSTROPHES).partition("'")[0]
        yield _Token(text=word.group(), low=low, gap=gap, starts=not number or _SENTENCE_END.search(gap) is not None)
        end = word.end()


def _closes(tokens: Sequence[_Token], number: int) -> bool:
    """True if the words before it on the line make it a closing: "Med vänliga hälsningar", not "er hälsning kom fram"."""
    if tokens[number].low in _CERTAIN_CLOSINGS or tokens[number].starts:
        return True
    before = tokens[max(0, number - _MOST_NAMES) : number]
    return all(token.low in _BEFORE_CLOSING for token in before)


def _hide_street(tokens: Sequence[_Token], number: int) -> None:
    """Hide "Storgatan 12 B", "Box 44", "12 High Street"."""
    token = tokens[number]
    is_street = token.low.endswith(_STREETS) and len(token.low) > 5 and token.low not in _STREETS
    after = tokens[number + 1] if number + 1 < len(tokens) else None
    is_numbered = after is not None and after.text[:1].isdigit() and not after.gap.strip()
    if after is not None and is_numbered and (is_street or token.low in _BOXES):
        after.stand_in = _SHAPE
    if is_street and (is_numbered or (token.is_capital and not token.starts)):
        token.stand_in = STREET
    elif token.low in _ENGLISH_STREETS and token.is_capital:
        for before in tokens[max(0, number - 3) : number]:
            if before.is_capital:
                before.hide()


def _is_postcode(tokens: Sequence[_Token], number: int) -> bool:
    """True for the last group of what was "123 45" or "12345": its digits are all 0 by now."""
    text = tokens[number].text
    if text == "00000":
        return True
    return text == "00" and number > 0 and tokens[number - 1].text == "000" and tokens[number].gap in {" ", "\u00a0"}


def _is_foreign(text: str) -> bool:
    """True for a word in other letters than Latin ones: of these nothing is known, so it may be a name."""
    return not text.isascii() and any(
        letter > _LAST_LATIN and letter.isalpha() and not unicodedata.name(letter, "").startswith("LATIN")
        for letter in text
    )
