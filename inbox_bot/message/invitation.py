"""What a person wrote in a calendar entry (RFC 5545): its description, and the comment of an answer to an invitation."""

import re

_FIELD = re.compile(r"(?im)^(DESCRIPTION|COMMENT)(?:;[^:\n]{0,500})?:([^\n]*)")
_FOLD = re.compile(r"\r?\n[ \t]")
_ESCAPE = re.compile(r"\\([nN,;\\])")
_ALARM = re.compile(r"(?is)^BEGIN:VALARM\b.{0,5000}?^END:VALARM\b", re.MULTILINE)
_MOST = 200_000


def words(calendar: str) -> str:
    """Return the descriptions and comments, each once, in order; not those of alarms, which programs write."""
    unfolded = _ALARM.sub("", _FOLD.sub("", calendar[:_MOST]))
    found = (_ESCAPE.sub(_unescaped, field[2]).strip() for field in _FIELD.finditer(unfolded))
    return "\n\n".join(dict.fromkeys(filter(None, found)))


def _unescaped(escape: "re.Match[str]") -> str:
    return "\n" if escape[1] in "nN" else escape[1]
