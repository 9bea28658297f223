"""In which language a page for the person who asks is shown: the one they chose, else the one they wrote to us in."""

from inbox_bot.web.visit import Visit

LANGUAGES = ("sv", "en")


def language_of(visit: Visit, wrote: str) -> str:
    """Return the language of a page; ``wrote``: that of the person's mail."""
    wanted = visit.query("sprak")
    return wanted if wanted in LANGUAGES else wrote if wrote in LANGUAGES else "sv"


def suffix(visit: Visit) -> str:
    """Return what links and forms end in, so that a chosen language stays chosen."""
    wanted = visit.query("sprak")
    return f"?sprak={wanted}" if wanted in LANGUAGES else ""
