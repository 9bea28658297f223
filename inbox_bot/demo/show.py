"""The two ways to see the demo: ``show`` stays up for a person to play in, ``play`` plays everyone and tells how it went."""

from importlib.util import find_spec

from inbox_bot.errors import InboxBotError

_EXTRA = ("aiosmtpd", "pymap")


def show(port: int) -> int:
    """Show the program at work until Ctrl-C or SIGTERM, with the pages on ``port`` if it is free; return 0.

    Raises InboxBotError where the extra ``demo`` is not installed.
    """
    _check_extra()
    from inbox_bot.demo.performance import perform  # noqa: PLC0415  # the extra may be missing; see above

    return perform(port)


def play() -> int:
    """Play requesters and staff, print what became of every mail; return 0 if all came out as they should, else 1.

    Raises InboxBotError where the extra ``demo`` is not installed.
    """
    _check_extra()
    from inbox_bot.demo.review import rehearse  # noqa: PLC0415  # the extra may be missing; see above

    return rehearse()


def _check_extra() -> None:
    missing = [name for name in _EXTRA if find_spec(name) is None]
    if missing:
        raise InboxBotError(
            f"The demo needs {' and '.join(missing)}, which an installation without it does not have.",
            hint="Run: pip install 'inbox-bot[demo]'",
        )
