"""What the sender newly wrote, told apart from what he answers or passes on, and from his signature.

Works line by line in time linear in the text. Whatever is doubtful stays in the reply: a request that is cut away is
lost, a quotation that is kept is only read twice. Answers typed between or under quotations stay in the reply.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from inbox_bot.message.attribution import attribution_end, block_end, is_label, is_marker
from inbox_bot.message.signature import Signature, disclaimers, signature_lines
from inbox_bot.message.toml_lists import quoting_lists

_QUOTED = re.compile(r"[ \t]{0,3}>")
_SHOUTED = re.compile(r"[ \t]{0,3}>.*<[ \t]*$")
_CLOCK = re.compile(r"\d[:.]\d\d\b")
_RULER = re.compile(r"[ \t>]*[_=*-]{5,}[ \t]*$")
_MOST_BLANK = 5
_MANY_BLANK = re.compile(r"\n(?:[ \t]*\n){2,}")


@dataclass(frozen=True, kw_only=True)
class Split:
    """A body in three: each text stripped, with no more than one blank line in a row."""

    reply: str
    quoted: str
    signature: str


def split(text: str, subject: str = "") -> Split:
    """Return the three parts of a clean text. ``subject`` tells a forwarded mail from a letter with a heading."""
    lines = text.split("\n")
    quoted = _quoted_lines(lines, subject.lower())
    own = [None if mark else line for line, mark in zip(lines, quoted, strict=True)]
    marks = signature_lines(own)
    aside = {index for index, mark in enumerate(marks) if mark is not Signature.NONE}
    aside |= disclaimers([None if index in aside else line for index, line in enumerate(own)])
    reply = _join([line for index, line in enumerate(own) if line is not None and index not in aside])
    signature = _join([line for index, line in enumerate(own) if line is not None and index in aside])
    if not reply and signature and not any(quoted):
        # Nothing but a signature: it may be a person who writes under his mark. Only a device's line is surely none.
        kept = {index for index, mark in enumerate(marks) if mark is not Signature.DEVICE}
        reply = _join([line for index, line in enumerate(own) if line is not None and index in kept])
        signature = _join([line for index, line in enumerate(own) if line is not None and index not in kept])
    return Split(
        reply=reply,
        quoted=_join([line for line, mark in zip(lines, quoted, strict=True) if mark]),
        signature=signature,
    )


def _answers() -> tuple[str, ...]:
    """Return how the subjects of mails begin that answer another or pass it on."""
    return (*quoting_lists().forward_subjects, *quoting_lists().reply_subjects)


def _join(lines: Sequence[str]) -> str:
    return _MANY_BLANK.sub("\n\n", "\n".join(line.rstrip() for line in lines)).strip("\n")


def is_quoted(line: str) -> bool:
    """True for a line marked ``>``, not for one that shouts ``>>> VIKTIGT <<<``."""
    # "> On 3 March at 10:15 The Office <" is the first line of an attribution, cut in its address.
    return _QUOTED.match(line) is not None and not (_SHOUTED.match(line) and not _CLOCK.search(line))


def _quoted_lines(lines: Sequence[str], subject: str) -> list[bool]:
    """Return for each line whether it is older mail."""
    quoted = [is_quoted(line) for line in lines]
    last_mark = max((index for index, mark in enumerate(quoted) if mark), default=-1)
    has_text, index = False, 0
    while index < len(lines):
        if quoted[index] or not lines[index].strip():
            index += 1
            continue
        is_attribution = True
        end = attribution_end(lines, index)
        if not end:
            is_attribution = False
            end = _heading_end(lines, index)
        if (
            end
            and _is_followed_by_quote(lines, end)
            and (is_attribution or _opens_older_mail(lines, index, subject, has_text))
        ):
            # Marks bound the quotation: what stands between and under them is an answer.
            start = index if is_attribution else _with_ruler(lines, index)
            quoted[start:end] = [True] * (end - start)
        elif end and is_attribution and last_mark < end and _introduces_the_rest(lines, index, subject, has_text):
            return quoted[:index] + [True] * (len(lines) - index)
        elif end and not is_attribution and _opens_older_mail(lines, index, subject, has_text):
            start = _with_ruler(lines, index)
            return quoted[:start] + [True] * (len(lines) - start)
        else:
            has_text = has_text or not _RULER.match(lines[index])
            end = index + 1
        index = end
    return quoted


def _introduces_the_rest(lines: Sequence[str], index: int, subject: str, has_text: bool) -> bool:
    """True for an attribution without marks below it that says time or address, under text or in a forwarded mail.

    With nothing above it the answer may stand below, and all of it is kept.
    """
    if not (has_text or subject.startswith(quoting_lists().forward_subjects)):
        return False
    return attribution_end(lines, index, sure=True) > 0


def _heading_end(lines: Sequence[str], index: int) -> int:
    """Return the line after a marker (``--- Original Message ---``) and a header block that begin here, or 0."""
    if is_marker(lines[index]):
        return block_end(lines, _skip_blank(lines, index + 1), sure=False) or index + 1
    if not is_label(lines[index]):
        return 0
    return block_end(lines, index, sure=_with_ruler(lines, index) == index)


def _opens_older_mail(lines: Sequence[str], index: int, subject: str, has_text: bool) -> bool:
    """False for a heading that a person puts over his own letter: at the top, in a mail that answers or forwards none."""
    return has_text or is_marker(lines[index]) or subject.startswith(_answers())


def _with_ruler(lines: Sequence[str], index: int) -> int:
    """Return where a heading begins, counting in the ruled line that Outlook draws above it."""
    above = index - 1
    while above >= 0 and index - above <= _MOST_BLANK and not lines[above].strip():
        above -= 1
    return above if above >= 0 and _RULER.match(lines[above]) else index


def _skip_blank(lines: Sequence[str], index: int) -> int:
    end = min(len(lines), index + _MOST_BLANK)
    while index < end and not lines[index].strip():
        index += 1
    return index


def _is_followed_by_quote(lines: Sequence[str], index: int) -> bool:
    index = _skip_blank(lines, index)
    return index < len(lines) and is_quoted(lines[index])
