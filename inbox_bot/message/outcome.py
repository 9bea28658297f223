"""What becomes of bytes whoever wrote them: a message, or the reason why a person must look at them."""

from collections.abc import Callable

from inbox_bot.domain.mail import Message
from inbox_bot.domain.reading import Reading
from inbox_bot.errors import UnreadableMailError


def tried(read: Callable[[bytes, frozenset[str]], Message], content: bytes, own: frozenset[str]) -> Reading:
    """Return what ``read`` makes of a mail. Raises nothing, whatever a stranger's bytes do to a parser."""
    try:
        return Reading(message=read(content, own))
    except UnreadableMailError as error:
        return Reading(reason=error.message)
    except Exception as error:  # noqa: BLE001  # the mail is kept and shown
        kind = type(error).__name__
        return Reading(reason=f"the parser failed ({kind})", error=kind)
