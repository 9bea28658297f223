"""How well verdicts agree with a careful reader: the figures the program is held to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from inbox_bot.classification.corpus import Example, Rights
from inbox_bot.domain.rights import Right
from inbox_bot.domain.verdict import Outcome, Verdict

_LENGTHS = ((12, "1-12 words"), (40, "13-40 words"), (100, "41-100 words"), (10**9, "over 100 words"))


class Miss(StrEnum):
    """What went wrong with one mail, the worst first."""

    LEFT_ALONE = "a request was left alone"
    WRONG_SET = "sorted as other rights than it asks for"
    TAKEN = "taken for a request and is none"
    ASKED_FOR_HELP = "a request that a person must sort"
    STOPPED = "no request, but a person must look"


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One labelled mail and the verdict on it."""

    example: Example
    verdict: Verdict

    @property
    def rights(self) -> Rights:
        """The rights of the verdict."""
        return frozenset(claim.right for claim in self.verdict.claims)

    @property
    def miss(self) -> Miss | None:
        """What went wrong, or None. A mail that may also be left alone is no miss when it is, nor when it is sorted well."""
        outcome, accepted = self.verdict.outcome, self.example.accepted
        if outcome is Outcome.NOT_REQUEST:
            return None if frozenset() in accepted else Miss.LEFT_ALONE
        if outcome is Outcome.UNSURE:
            return Miss.ASKED_FOR_HELP if self.example.rights else Miss.STOPPED
        if self.rights in accepted:
            return None
        return Miss.WRONG_SET if self.example.rights else Miss.TAKEN


@dataclass(frozen=True, kw_only=True)
class Share:
    """So many of so many; ``share`` is None where there were none to count."""

    count: int
    of: int

    @property
    def share(self) -> float | None:
        return self.count / self.of if self.of else None

    def __str__(self) -> str:
        return f"{100 * self.count / self.of:5.1f} % ({self.count} of {self.of})" if self.of else "    - (none)"


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The five figures of one set of mails."""

    caught: Share
    exact: Share
    wrong: Share
    left_alone: Share
    taken: Share

    def rows(self) -> dict[str, Share]:
        """Return the figures under the names people read."""
        return {
            "requests caught": self.caught,
            "requests sorted exactly": self.exact,
            "wrong sets of those sorted": self.wrong,
            "other mail left alone": self.left_alone,
            "other mail taken for a request": self.taken,
        }


def judge(examples: Iterable[Example], classify: Callable[[Example], Verdict]) -> list[Judged]:
    """Return the verdict on every example."""
    return [Judged(example=example, verdict=classify(example)) for example in examples]


def figures(judged: Sequence[Judged]) -> Figures:
    """Return the five figures. Requests are the mails whose ``rights`` are not empty; the rest is other mail."""
    requests = [one for one in judged if one.example.rights]
    others = [one for one in judged if not one.example.rights]
    # One that may also be left alone (two careful readers would differ) counts as well treated when it is.
    sorted_ = [one for one in requests if one.verdict.outcome is Outcome.REQUEST]
    exact = [one for one in requests if one.miss is None]
    return Figures(
        caught=Share(count=sum(one.miss is not Miss.LEFT_ALONE for one in requests), of=len(requests)),
        exact=Share(count=len(exact), of=len(requests)),
        wrong=Share(count=sum(one.miss is Miss.WRONG_SET for one in sorted_), of=len(sorted_)),
        left_alone=Share(count=sum(one.miss is None for one in others), of=len(others)),
        taken=Share(count=sum(one.miss is Miss.TAKEN for one in others), of=len(others)),
    )


def by_right(judged: Sequence[Judged]) -> dict[Right, tuple[Share, Share]]:
    """Return precision and recall of each right among the mails that were sorted as requests.

    An accepted set counts as the truth where the verdict is one of them, else the labels do.
    """
    sorted_ = [one for one in judged if one.verdict.outcome is Outcome.REQUEST]
    truth = [(one.rights, one.rights if one.miss is None else one.example.rights) for one in sorted_]
    found: dict[Right, tuple[Share, Share]] = {}
    for right in Right:
        both = sum(right in said and right in true for said, true in truth)
        found[right] = (
            Share(count=both, of=sum(right in said for said, _ in truth)),
            Share(count=both, of=sum(right in true for _, true in truth)),
        )
    return found


def groups(judged: Sequence[Judged]) -> dict[str, dict[str, list[Judged]]]:
    """Return the mails by language and by length of the body."""
    languages: dict[str, list[Judged]] = {}
    lengths: dict[str, list[Judged]] = {name: [] for _, name in _LENGTHS}
    for one in judged:
        languages.setdefault(one.example.language or "unknown", []).append(one)
        words = len(one.example.body.split())
        lengths[next(name for most, name in _LENGTHS if words <= most)].append(one)
    return {
        "language": dict(sorted(languages.items(), key=lambda entry: -len(entry[1]))),
        "length": {name: found for name, found in lengths.items() if found},
    }


def as_json(judged: Sequence[Judged]) -> dict[str, Any]:
    """Return everything there is to say about some verdicts, ready for JSON."""
    return {
        "mails": len(judged),
        "figures": _shares(figures(judged).rows()),
        "by_right": {
            right.value: _shares({"precision": precision, "recall": recall})
            for right, (precision, recall) in by_right(judged).items()
        },
        "by": {
            kind: {
                name: {"mails": len(mails), "figures": _shares(figures(mails).rows())} for name, mails in found.items()
            }
            for kind, found in groups(judged).items()
        },
        "misses": [miss_row(one) for one in judged if one.miss],
    }


def miss_row(one: Judged) -> dict[str, Any]:
    """Return one miss: what should have been said, what was, and on which words."""
    assert one.miss is not None
    return {
        "place": one.example.place,
        "miss": one.miss.value,
        "accepted": [
            [right.value for right in Right if right in rights] for rights in sorted(one.example.accepted, key=len)
        ],
        "outcome": one.verdict.outcome.value,
        "rights": [right.value for right in Right if right in one.rights],
        "reasons": list(one.verdict.reasons),
        "evidence": [found.text for found in one.verdict.evidence],
        "subject": one.example.subject,
        "body": one.example.body,
    }


def _shares(found: Mapping[str, Share]) -> dict[str, Any]:
    return {name: {"count": one.count, "of": one.of, "share": one.share} for name, one in found.items()}
