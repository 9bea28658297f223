"""The command that shows who of staff has seen and changed what."""

import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Annotated

import typer

from inbox_bot.cli.look import JsonOption
from inbox_bot.cli.opening import ConfigOption, opened
from inbox_bot.clock import STOCKHOLM, in_utc
from inbox_bot.domain.cell import no_formula
from inbox_bot.domain.staff import Noted, Search
from inbox_bot.errors import InboxBotError

_COLUMNS = ("at", "by", "act", "subject", "which", "case", "detail")


def register(app: typer.Typer) -> None:
    app.command("audit")(audit)


def audit(
    by: Annotated[str, typer.Option("--by", help="Only what this person did: anna@example.com.")] = "",
    case: Annotated[str, typer.Option("--case", help="Only this case and its mails and letters: PK-2026-0001.")] = "",
    since: Annotated[str, typer.Option("--since", help="From this day on: 2026-11-01.")] = "",
    until: Annotated[str, typer.Option("--until", help="Up to and with this day.")] = "",
    changes: Annotated[
        bool | None, typer.Option("--changes/--views", help="Only changes and logins, or only views; else both.")
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="As a table with semicolons.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show who of staff has seen, taken out and changed what in the pages, the newest first."""
    search = Search(by=by.strip().lower(), case=case, changes=changes, since=_day(since, 0), until=_day(until, 1))
    with opened(config) as building:
        found = building.flow.audit.all(search)
    if as_json:
        typer.echo(
            json.dumps([asdict(one) | {"at": one.at.isoformat()} for one in found], ensure_ascii=False, indent=1)
        )
    elif as_csv:
        writer = csv.writer(sys.stdout, delimiter=";", lineterminator="\n")
        writer.writerow(_COLUMNS)
        writer.writerows(map(no_formula, _cells(one)) for one in found)
    else:
        for one in found:
            typer.echo(" ".join(filter(None, _cells(one))))


def _cells(one: Noted) -> Sequence[str]:
    case = "" if one.case == one.which else one.case
    local = in_utc(one.at).astimezone(STOCKHOLM)
    return (f"{local:%Y-%m-%d %H:%M:%S}", one.by, one.act.value, one.subject.value, one.which, case, one.detail)


def _day(text: str, days: int) -> datetime | None:
    """Return the first instant of a Stockholm day, or of the one after it. Raises InboxBotError for what is no day."""
    if not text:
        return None
    try:
        return in_utc(datetime.combine(date.fromisoformat(text) + timedelta(days=days), time(), STOCKHOLM))
    except (ValueError, OverflowError) as error:
        raise InboxBotError(f"{text!r} is no day.", hint="Write it as 2026-11-01.") from error
