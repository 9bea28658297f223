"""Which page of a list is asked for, and how many there are."""


def number_in(text: str) -> int:
    """Return the page that an address or a form names, counted from 1; the first where it names none."""
    return max(1, int(text)) if text.isdecimal() and len(text) < 7 else 1


def pages_of(total: int, at_once: int) -> int:
    """Return how many pages a list has: one even where it is empty."""
    return max(1, -(-total // at_once))
