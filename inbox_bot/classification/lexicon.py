"""The words the rules speak of, and which of them one token is: a bit for each word list."""

from collections.abc import Iterable, Sequence

from inbox_bot.classification.spelling import fold

_SHORTEST_AFFIX = 2


class _Tables:
    """Word lists in one spelling, laid out so that a token is looked up and never compared."""

    def __init__(self) -> None:
        self.tokens: dict[str, int] = {}
        self.whole: dict[str, int] = {}
        self.beginnings: dict[str, int] = {}
        self.endings: dict[str, int] = {}
        self.longest = _SHORTEST_AFFIX

    def put(self, entry: str, bit: int) -> None:
        core = entry.strip("*=")
        self.longest = max(self.longest, len(core))
        for table, belongs in (
            (self.tokens, entry.startswith("=")),
            (self.beginnings, entry.endswith("*")),
            (self.endings, entry.startswith("*")),
            (self.whole, entry == core),
        ):
            if belongs:
                table[core] = table.get(core, 0) | bit

    def mask(self, forms: Sequence[str]) -> int:
        found = self.tokens.get(forms[0], 0) if forms else 0
        for form in forms:
            found |= self.whole.get(form, 0)
            for length in range(_SHORTEST_AFFIX, min(len(form), self.longest) + 1):
                found |= self.beginnings.get(form[:length], 0) | self.endings.get(form[-length:], 0)
        return found


class Lexicon:
    """Word lists, each with one bit; a token's *mask* is the bits of all lists that hold it.

    An entry is a word (``radera``: the token itself or its lemma), a word that must stand as it is (``=ha``), a
    beginning (``avregistrer*``), an ending (``*uppgift``, for compounds) or, with a minus first, an exception
    (``-inlämningsuppgift``). Capitals never count; dots and rings do, except in mails written without them.
    """

    def __init__(self) -> None:
        self._bits: dict[str, int] = {}
        self._named: dict[int, tuple[str, ...]] = {}
        self._lists = 0
        self._entries: dict[str, set[str]] = {}
        self._held = {False: _Tables(), True: _Tables()}
        self._excepted = {False: _Tables(), True: _Tables()}

    def __contains__(self, name: str) -> bool:
        return name in self._bits

    def bit(self, name: str) -> int:
        """Return the bit of a word list. Raises KeyError for a list that does not exist."""
        return self._bits[name]

    def add(self, name: str, entries: Iterable[str]) -> int:
        """Add a word list (or more entries to it) and return its bit. Raises ValueError for an unusable entry."""
        bit = self._bits.setdefault(name, 1 << len(self._bits))
        self._named.clear()
        if not name.startswith("literal "):
            self._lists |= bit
        held = self._entries.setdefault(name, set())
        for entry in entries:
            held.add(entry.strip().lower())
            self._enter(entry.strip().lower(), bit)
        return bit

    def named(self, mask: int) -> tuple[str, ...]:
        """Return the names of the lists in a mask, those of single words left out."""
        lists = mask & self._lists
        if lists not in self._named:
            self._named[lists] = tuple(name for name, bit in self._bits.items() if lists & bit)
        return self._named[lists]

    def literal(self, entry: str) -> int:
        """Return the bit of a list that holds one entry only, adding it where it is new."""
        name = f"literal {entry.lower()}"
        return self._bits[name] if name in self._bits else self.add(name, [entry])

    def words(self, name: str) -> frozenset[str]:
        """Return the entries of a list. Raises KeyError for a list that does not exist."""
        return frozenset(self._entries[name])

    def mask(self, forms: Sequence[str], *, folded: bool) -> int:
        """Return the bits of all lists that hold a token: its lower-case form first, then its lemmas.

        ``folded``: the forms are folded (see spelling.py), as for mails written without å, ä and ö.
        """
        distinct = tuple(dict.fromkeys(forms))
        return self._held[folded].mask(distinct) & ~self._excepted[folded].mask(distinct)

    def _enter(self, entry: str, bit: int) -> None:
        is_exception = entry.startswith("-") and len(entry) > 1
        word = entry[1:] if is_exception else entry
        core = word.strip("*=")
        if not core or "*" in core or any(letter.isspace() for letter in word):
            raise ValueError(f"the entry {entry!r} is not one word with at most one * at an end")
        if word != core and len(core) < _SHORTEST_AFFIX:
            raise ValueError(f"the entry {entry!r} is too short to stand beside a * or =")
        for folded, tables in (self._excepted if is_exception else self._held).items():
            tables.put(fold(word) if folded else word, bit)
