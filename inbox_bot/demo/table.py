"""Rows of text under headings, as wide as they need to be."""

from collections.abc import Sequence


def set_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows under their headings, every column as wide as its widest cell, the last as it comes."""
    every = [headings, *rows]
    widths = [max(len(row[column]) for row in every) for column in range(len(headings) - 1)]
    rule = ["-" * width for width in widths] + ["-" * len(headings[-1])]
    return "\n".join(_line(row, widths) for row in (headings, rule, *rows))


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
    return "  ".join([*padded, row[-1]]).rstrip()
