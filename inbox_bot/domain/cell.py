"""A text as a cell of a table that a spreadsheet opens."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def no_formula(text: str) -> str:
    """Return a text on one line that no spreadsheet takes for a formula (CSV injection)."""
    line = text.replace("\n", " ")
    return f"'{line}" if line.startswith(_FORMULA) else line
