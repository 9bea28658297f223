"""The register of requests for the authority (GDPR Art 5(2), 24): to print, and as a table. Every look is for staff alone."""

from collections.abc import Sequence

from starlette.responses import Response
from starlette.routing import Route

from inbox_bot.domain.register import RegisterRow
from inbox_bot.domain.statistics import Stand
from inbox_bot.web.doors import staff_door
from inbox_bot.web.spreadsheet import csv_file
from inbox_bot.web.staff.statistics import chosen, span_words
from inbox_bot.web.visit import Site, Visit
from inbox_bot.web.wording import Words

PATH = "/personal/register"
MOST_PRINTED = 2_000
"""Rows on a page: more are for the table, not for paper."""


def routes(site: Site) -> list[Route]:
    """Return the routes of these pages."""
    return [
        Route(PATH, staff_door(site, show), methods=["GET"]),
        Route(f"{PATH}/register.csv", staff_door(site, as_csv), methods=["GET"]),
    ]


def show(visit: Visit) -> Response:
    """Show the register of a span as a page that prints well."""
    desk, words = visit.site.flow.figures, visit.site.pages.words
    span = desk.span(visit.query("period"))
    found = desk.register(span)
    return visit.site.pages.show(
        "staff/register.html",
        visit=visit,
        found=found,
        span=span,
        called=span_words(words, span),
        choices=chosen(words, desk.choices(), span),
        heading=words.tables["register"]["heading"],
        rows=[cells(words, row) for row in found.rows[:MOST_PRINTED]],
        left_out=max(0, len(found.rows) - MOST_PRINTED),
    )


def as_csv(visit: Visit) -> Response:
    """Hand out the register of a span as a table."""
    desk, words = visit.site.flow.figures, visit.site.pages.words
    span = desk.span(visit.query("period"))
    rows = [cells(words, row) for row in desk.register(span).rows]
    return csv_file(f"register-{span.name}.csv", words.tables["register"]["heading"], rows)


def cells(words: Words, row: RegisterRow) -> Sequence[str]:
    """Return a row in words: number, right, received, proof, due, more time and why, answered, how, in time."""
    table = words.tables["register"]
    if row.proven_on is not None:
        proof = f"{table['proven']} {row.proven_on}"
    elif row.asked_on is not None:
        proof = f"{table['asked']} {row.asked_on}, {table['unproven']}"
    else:
        proof = table["no_proof"]
    extended = ""
    if row.extended_on is not None:
        extended = f"{row.extended_on}: {row.reason or table['reason_gone']}"
    how = words.say("letters", row.letter) if row.letter else table["stands"][row.stand.value]
    is_due = row.stand in {Stand.ANSWERED, Stand.OPEN}
    in_time = table["late"] if row.late else table["in_time"] if row.stand is Stand.ANSWERED else table["runs"]
    return (
        row.reference,
        words.right(row.claim),
        row.received_on.isoformat(),
        proof,
        row.due.isoformat(),
        extended,
        "" if row.answered_on is None else row.answered_on.isoformat(),
        how,
        in_time if is_due else "",
    )
