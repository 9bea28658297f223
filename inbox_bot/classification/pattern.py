"""A phrase pattern as a tree, what may follow what in one sentence, and its matching (see grammar.py for the notation).

A sentence is a list of masks (see lexicon.py). Matching moves sets of positions forward, so its cost grows with
sentence × pattern and never with their power, whatever text a stranger sends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

Ends = frozenset[int]
_NOTHING: Ends = frozenset()
_ANY = -1


class Node(Protocol):
    """A piece of a pattern."""

    def ends(self, starts: Ends, masks: Sequence[int]) -> Ends:
        """Return every position at which a match may end that begins at one of ``starts``."""
        ...

    @property
    def needs(self) -> tuple[int, ...]:
        """The masks each of which must be met somewhere in the sentence; none where the piece can be empty."""
        ...

    @property
    def first(self) -> int:
        """The mask of the words it can begin with; every bit set where that can be any word."""
        ...

    @property
    def can_be_empty(self) -> bool:
        """Whether it can match no word at all."""
        ...


@dataclass(frozen=True)
class Word:
    """One token that is in any of the lists of ``mask``."""

    mask: int

    can_be_empty: ClassVar[bool] = False

    def ends(self, starts: Ends, masks: Sequence[int]) -> Ends:
        count, mask = len(masks), self.mask
        return frozenset([at + 1 for at in starts if at < count and masks[at] & mask])

    @property
    def needs(self) -> tuple[int, ...]:
        return (self.mask,)

    @property
    def first(self) -> int:
        return self.mask


@dataclass(frozen=True)
class Gap:
    """Up to ``most`` tokens, none of them in ``barred``."""

    most: int
    barred: int

    needs: ClassVar[tuple[int, ...]] = ()
    first: ClassVar[int] = _ANY
    can_be_empty: ClassVar[bool] = True

    def ends(self, starts: Ends, masks: Sequence[int]) -> Ends:
        found: set[int] = set()
        count = len(masks)
        for start in starts:
            at = start
            found.add(at)
            while at < count and at - start < self.most and not masks[at] & self.barred:
                at += 1
                found.add(at)
        return frozenset(found)


@dataclass(frozen=True)
class Edge:
    """The first (``^``) or last (``$``) place of a sentence; marks and courtesies do not count as words."""

    at_end: bool
    marks: int

    needs: ClassVar[tuple[int, ...]] = ()
    first: ClassVar[int] = _ANY
    can_be_empty: ClassVar[bool] = True

    def ends(self, starts: Ends, masks: Sequence[int]) -> Ends:
        if self.at_end:
            last = len(masks)
            while last and masks[last - 1] & self.marks:
                last -= 1
            return frozenset(at for at in starts if at >= last)
        first = self.beginning(masks)
        return frozenset(at for at in starts if at <= first)

    def beginning(self, masks: Sequence[int]) -> int:
        """Return the place of the first word that is no mark."""
        first = 0
        while first < len(masks) and masks[first] & self.marks:
            first += 1
        return first


@dataclass(frozen=True)
class Maybe:
    """A piece that may be left out."""

    node: Node

    needs: ClassVar[tuple[int, ...]] = ()
    can_be_empty: ClassVar[bool] = True

    @property
    def first(self) -> int:
        return self.node.first

    def ends(self, starts: Ends, masks: Sequence[int]) -> Ends:
        return starts | self.node.ends(starts, masks)


class Row:
    """Pieces one after the other."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = tuple(nodes)
        self.needs: tuple[int, ...] = tuple(dict.fromkeys(need for node in self.nodes for need in node.needs))
        self.can_be_empty = all(node.can_be_empty for node in self.nodes)
        self.first: int = 0
        for node in self.nodes:
            self.first |= node.first
            if not node.can_be_empty:
                break

    def ends(self, starts: Ends, masks: Sequence[int]) -> Ends:
        for node in self.nodes:
            starts = node.ends(starts, masks)
            if not starts:
                break
        return starts


class Choice:
    """One of several pieces."""

    def __init__(self, nodes: Sequence[Node], common: int) -> None:
        self.nodes = tuple(nodes)
        self.can_be_empty = any(node.can_be_empty for node in self.nodes)
        self.first: int = 0
        needed = 0
        for node in self.nodes:
            self.first |= node.first
            needed |= rarest(node.needs, common)
        shared = set(self.nodes[0].needs).intersection(*(node.needs for node in self.nodes))
        self.needs: tuple[int, ...] = ()
        if all(node.needs for node in self.nodes):
            self.needs = (*(need for need in self.nodes[0].needs if need in shared), needed)

    def ends(self, starts: Ends, masks: Sequence[int]) -> Ends:
        count, there = len(masks), 0
        for at in starts:
            there |= masks[at] if at < count else 0
        found = _NOTHING
        for node in self.nodes:
            # Most choices fail at their first word: one look here spares a walk down the tree.
            if node.can_be_empty or node.first & there or node.first == _ANY:
                found |= node.ends(starts, masks)
        return found


def rarest(needs: Sequence[int], common: int) -> int:
    """Return the need least likely to be met in an everyday sentence (no common words, few lists), 0 for none."""
    return min(needs, key=lambda need: (bool(need & common), need.bit_count()), default=0)


class Pattern:
    """A pattern ready to be looked for: its notation, its tree, and the words without which it cannot match."""

    def __init__(self, source: str, node: Node, common: int) -> None:
        self.source = source
        self.needs = node.needs
        self.anchor = rarest(node.needs, common)
        self._node = node
        self._first = node.first
        opening = node.nodes[0] if isinstance(node, Row) else node
        self._edge = opening if isinstance(opening, Edge) and not opening.at_end else None

    def find(self, masks: Sequence[int], most: int = 4) -> list[tuple[int, int]]:
        """Return the first matches in a sentence, as (start, end) positions, shortest first from each start."""
        found: list[tuple[int, int]] = []
        past, anywhere = 0, self._first == _ANY
        # What must stand first in a sentence need not be tried behind its first word.
        for at, mask in enumerate(masks[: self._edge.beginning(masks) + 1] if self._edge else masks):
            if (anywhere or mask & self._first) and at >= past:
                end = min((end for end in self._node.ends(frozenset((at,)), masks) if end > at), default=0)
                if end:
                    found.append((at, end))
                    past = end
                    if len(found) == most:
                        break
        return found

    def may_hold(self, together: int) -> bool:
        """Return whether a sentence has every word the pattern needs, by all its masks drawn together."""
        for need in self.needs:  # noqa: SIM110 - all() with a generator takes twice the time, here in the innermost loop
            if not together & need:
                return False
        return True
