"""Tables for a Swedish Excel: semicolons and a byte order mark.

Excel reads a file that is opened with a double click by the machine's list separator, which is a semicolon where the decimal sign is a
comma, and as Windows-1252 unless it begins with a byte order mark: without both, all is in one column and å, ä and ö are garbled.
LibreOffice, Google and Python (``utf-8-sig``) read it as well.
"""

import csv
import io
from collections.abc import Iterable, Sequence

from starlette.responses import Response

from inbox_bot.domain.cell import no_formula


def csv_file(name: str, heading: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """Return a table as a file to save."""
    table = io.StringIO()
    writer = csv.writer(table, delimiter=";", lineterminator="\r\n")
    writer.writerow(heading)
    writer.writerows([cell(one) for one in row] for row in rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    content = b"\xef\xbb\xbf" + table.getvalue().encode()
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def cell(value: object) -> str:
    """Return a value as a cell: decimals with a comma, and no text that a spreadsheet would take for a formula (CSV injection)."""
    match value:
        case None:
            return ""
        case bool():
            return "ja" if value else "nej"
        case float():
            return f"{value:.2f}".rstrip("0").rstrip(".").replace(".", ",")
        case int():
            return str(value)
        case _:
            return no_formula(str(value))
