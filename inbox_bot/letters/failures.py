"""What a mailbox, a login or a file suffers from, in Swedish: the words lie in ``templates/letters/_shared/failures.toml``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inbox_bot.errors import TemplateError

FAILURES_FILE = "_shared/failures.toml"


@dataclass(frozen=True, kw_only=True)
class FailureWords:
    """Rows of ``(words of the program's own sentence, what is said in its place)``; ``unknown`` where none fits."""

    rows: Sequence[tuple[Sequence[str], str]]
    unknown: str

    def say(self, failure: str) -> str:
        """Return an error's English sentence in Swedish; names of servers and files are left out."""
        found = (says for parts, says in self.rows if any(part in failure for part in parts))
        return next(found, self.unknown)


def failure_words(document: Mapping[str, Any], file: str) -> FailureWords:
    """Read the words. Raises TemplateError naming ``file`` and what is wrong with it."""
    try:
        rows = tuple((tuple(row["has"]), str(row["says"])) for row in document["failure"])
        unknown = str(document["unknown"]["says"])
    except (KeyError, TypeError) as error:
        raise TemplateError(f"{file}: each [[failure]] has has and says, [unknown] says: {error}.") from error
    for parts, says in (*rows, (("unknown",), unknown)):
        if not says.strip() or not parts or not all(isinstance(part, str) and part for part in parts):
            raise TemplateError(f"{file}: has must be words of the program's sentence and says a sentence, not empty.")
    return FailureWords(rows=rows, unknown=unknown)
