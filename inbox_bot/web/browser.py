"""What a browser calls itself, in a few words: enough for a person to know their own phone, no more."""

_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_MACHINES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


def short_name(user_agent: str) -> str:
    """Return "Firefox, Windows" for a browser's User-Agent; ``""`` for one that says nothing known."""
    found = (next((name for sign, name in table if sign in user_agent), "") for table in (_BROWSERS, _MACHINES))
    return ", ".join(filter(None, found))
