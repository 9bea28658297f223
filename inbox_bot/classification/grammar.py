"""The small notation patterns are written in (told to people in ``rules/README.md``), read into the tree of pattern.py."""

import re
from collections.abc import Mapping, Sequence
from itertools import permutations

from inbox_bot.classification.lexicon import Lexicon
from inbox_bot.classification.pattern import Choice, Edge, Gap, Maybe, Node, Pattern, Row, Word

_DEFAULT_SPAN = 8
_PIECES = re.compile(
    r"\.\.(?P<gap>\d+)(?:!(?P<barred>[\w,]+))?|@(?P<list>\w+)|~(?P<span>\d+)|[()|?&^$]|[^\s()|?&^$@~]+"
)


class Grammar:
    """Reads pattern notation. ``phrases`` are named patterns that others may mention as ``@name``."""

    def __init__(self, lexicon: Lexicon, phrases: Mapping[str, Sequence[str]]) -> None:
        self._lexicon = lexicon
        self._phrases = phrases
        self._trees: dict[str, Node] = {}
        self._open: list[str] = []
        self._barrier = lexicon.bit("barrier")
        self._marks = lexicon.bit("mark")
        self._everyday = lexicon.words("common")
        self._common = 0
        for word in self._everyday:
            self._common |= lexicon.mask([word], folded=False)

    def pattern(self, source: str) -> Pattern:
        """Return a pattern. Raises ValueError saying what is wrong with the notation."""
        node = self._tree(source)
        if not node.needs:
            raise ValueError(f"the pattern {source!r} can match without any word")
        return Pattern(source, node, self._common)

    def _tree(self, source: str) -> Node:
        pieces = list(_PIECES.finditer(source))
        spans = [int(piece["span"]) for piece in pieces if piece["span"]]
        reader = _Reader([piece for piece in pieces if not piece["span"]], source)
        rows = [self._row(reader)]
        while reader.take("&"):
            rows.append(self._row(reader))
        if reader.rest():
            raise ValueError(f"the pattern {source!r} has an unexpected {reader.rest()!r}")
        if len(rows) == 1:
            return rows[0]
        gap = Gap(spans[0] if spans else _DEFAULT_SPAN, self._barrier)
        return Choice([_joined(order, gap) for order in permutations(rows)], self._common)

    def _row(self, reader: "_Reader") -> Node:
        nodes: list[Node] = []
        while reader.rest() not in {"", "&", "|", ")"}:
            node = self._piece(reader)
            nodes.append(Maybe(node) if reader.take("?") else node)
        if not nodes:
            raise ValueError(f"the pattern {reader.source!r} has an empty part")
        return nodes[0] if len(nodes) == 1 else Row(nodes)

    def _piece(self, reader: "_Reader") -> Node:
        piece = reader.next()
        text = piece.group()
        if text == "(":
            choices = [self._row(reader)]
            while reader.take("|"):
                choices.append(self._row(reader))
            if not reader.take(")"):
                raise ValueError(f"the pattern {reader.source!r} lacks a closing bracket")
            return self._chosen(choices)
        if piece["gap"]:
            return Gap(int(piece["gap"]), self._barrier | self._barred(piece["barred"]))
        if text in {"^", "$"}:
            return Edge(at_end=text == "$", marks=self._marks)
        if piece["list"]:
            return self._named(piece["list"])
        bit = self._lexicon.literal(text)
        if text.lower().strip("=") in self._everyday:
            self._common |= bit
        return Word(bit)

    def _named(self, name: str) -> Node:
        if name in self._trees:
            return self._trees[name]
        nodes: list[Node] = [Word(self._lexicon.bit(name))] if name in self._lexicon else []
        if name in self._open:
            raise ValueError(f"the phrase @{name} mentions itself")
        self._open.append(name)
        nodes += [self._tree(source) for source in self._phrases.get(name, ())]
        self._open.pop()
        if not nodes:
            raise ValueError(f"there is no word list or phrase called @{name}")
        self._trees[name] = self._chosen(nodes)
        return self._trees[name]

    def _barred(self, names: str | None) -> int:
        mask = 0
        for name in names.split(",") if names else ():
            if name not in self._lexicon:
                raise ValueError(f"there is no word list called {name}, which a gap must not cross")
            mask |= self._lexicon.bit(name)
        return mask

    def _chosen(self, nodes: Sequence[Node]) -> Node:
        """Return a choice, single words drawn together into one test."""
        mask = 0
        for node in nodes:
            mask |= node.mask if isinstance(node, Word) else 0
        together: list[Node] = [Word(mask)] if mask else []
        together += [node for node in nodes if not isinstance(node, Word)]
        return together[0] if len(together) == 1 else Choice(together, self._common)


class _Reader:
    """The pieces of one pattern, taken from the left."""

    def __init__(self, pieces: Sequence[re.Match[str]], source: str) -> None:
        self._pieces = pieces
        self._at = 0
        self.source = source

    def rest(self) -> str:
        """Return the next piece without taking it, or ``""``."""
        return self._pieces[self._at].group() if self._at < len(self._pieces) else ""

    def next(self) -> re.Match[str]:
        self._at += 1
        return self._pieces[self._at - 1]

    def take(self, text: str) -> bool:
        if self.rest() != text:
            return False
        self._at += 1
        return True


def _joined(rows: Sequence[Node], gap: Gap) -> Node:
    nodes: list[Node] = [rows[0]]
    for row in rows[1:]:
        nodes += [gap, row]
    return Row(nodes)
