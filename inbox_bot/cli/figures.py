"""Commands about figures: the statistics, the register for the authority, and the calendar's secret addresses."""

import csv
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from enum import Enum
from typing import Annotated, Any

import typer

from inbox_bot.cli.look import JsonOption
from inbox_bot.cli.opening import ConfigOption, opened
from inbox_bot.cli.staff import ByOption
from inbox_bot.domain.cell import no_formula
from inbox_bot.domain.register import RegisterRow
from inbox_bot.domain.statistics import Key, Statistics

PeriodOption = Annotated[
    str, typer.Option("--period", help="When the requests came in: 2026-11, 2026-K4, 2026 or allt; else this year.")
]


def register(app: typer.Typer) -> None:
    app.command("statistics")(statistics)
    app.command("register")(register_of_requests)
    table = typer.Typer(help="Secret addresses of the calendar of legal dates.", no_args_is_help=True)
    table.command("list")(list_feeds)
    table.command("make")(make)
    table.command("revoke")(revoke)
    app.add_typer(table, name="calendar")


def statistics(period: PeriodOption = "", config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show how many requests came in, how quickly they were answered and what they waited for; no person, no case."""
    with opened(config) as building:
        desk = building.flow.figures
        found = desk.statistics(desk.span(period))
    if as_json:
        typer.echo(json.dumps(figures(found), ensure_ascii=False, indent=1))
        return
    for line in _lines(found):
        typer.echo(line)


def register_of_requests(period: PeriodOption = "", config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Print the register of requests for the authority: a line for each right in each case, separated by semicolons."""
    with opened(config) as building:
        desk = building.flow.figures
        rows = [_row(row) for row in desk.register(desk.span(period)).rows]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    writer = csv.writer(sys.stdout, delimiter=";", lineterminator="\n")
    writer.writerow(list(_row(None)))
    writer.writerows([no_formula(value) if isinstance(value, str) else value for value in row.values()] for row in rows)


def list_feeds(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the addresses that were made; none can be shown again."""
    with opened(config) as building:
        feeds = building.flow.feeds.all()
    if as_json:
        rows = [{name: value for name, value in asdict(feed).items() if name != "token_hash"} for feed in feeds]
        typer.echo(json.dumps(rows, default=str, ensure_ascii=False, indent=1))
        return
    for feed in feeds:
        state = "open" if feed.revoked_at is None else f"closed by {feed.revoked_by}"
        typer.echo(f"{feed.id} {feed.name}: {state}, made by {feed.made_by}, last read {feed.read_on or 'never'}")


def make(
    name: Annotated[str, typer.Argument(help="Whose calendar it is: 'Annas telefon'.")],
    by: ByOption,
    config: ConfigOption = None,
) -> None:
    """Make a secret address and print it, this once."""
    with opened(config) as building:
        token = building.flow.feeds.make(name, by=by)
        typer.echo(f"{building.settings.web.public_url.rstrip('/')}/kalender/{token}.ics")


def revoke(
    number: Annotated[int, typer.Argument(help="As 'inbox-bot calendar list' shows it.")],
    by: ByOption,
    config: ConfigOption = None,
) -> None:
    """Close an address at once."""
    with opened(config) as building:
        building.flow.feeds.revoke(number, by=by)
    typer.echo(f"Calendar address {number} is closed.")


def figures(found: Statistics) -> dict[str, Any]:
    """Return the figures as ``statistics --json`` prints them: days and shares as numbers, None where there is none."""
    return {
        "period": found.span.name,
        "first": found.span.first.isoformat(),
        "last": found.span.last.isoformat(),
        "whole_from": None if found.whole_from is None else found.whole_from.isoformat(),
        "numbers_gone": found.gone,
        "main": _key(found.key) | {"caught_by_person": found.caught},
        "before": None if found.before is None else _key(found.before),
        "by_right": {claim.name: _key(key) for claim, key in found.by_right.items()},
        "requests": [
            {"month": month, "right": claim.name, "count": count}
            for (month, claim), count in sorted(found.requests.items())
        ],
        "days": [{"from": one.low, "to": one.high, "on_time": one.on_time, "late": one.late} for one in found.bins],
        "waits": {wait.phase.value: {"days": wait.days, "share": wait.share} for wait in found.waits},
        "found_by": {finder.value: count for finder, count in found.finders.items()},
    }


def _key(key: Key) -> dict[str, Any]:
    return asdict(key) | {"due_by_now": key.due_by_now, "share_on_time": key.share}


def _lines(found: Statistics) -> Iterator[str]:
    key = found.key
    yield f"{found.span.name}: {key.asked} requests, {key.answered} answered, {key.open} open ({key.overdue} overdue)"
    if found.whole_from is None or found.whole_from > found.span.first:
        yield f"  whole from {found.whole_from or 'nowhere yet: no mailbox has been read'}"
    if found.gone:
        yield f"  {found.gone} case number(s) of these years are no longer kept and not counted"
    yield f"  on time: {_share(key.share)} of {key.due_by_now}"
    yield f"  days to answer: median {_number(key.median)}, worst {_number(key.worst)}"
    yield f"  no request after all: {key.dismissed}; not the person's own: {key.disowned}; taken back: {key.withdrawn}"
    yield f"  caught by a person: {_share(found.caught)}"
    for claim, one in found.by_right.items():
        yield f"  {claim.name}: {one.asked} asked, {_share(one.share)} on time, median {_number(one.median)}"
    for wait in found.waits:
        yield f"  waiting for {wait.phase.value}: {wait.days:.1f} days ({_share(wait.share)})"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def _row(row: RegisterRow | None) -> dict[str, Any]:
    """Return a row as it is printed; of none, its columns."""
    names = RegisterRow.__dataclass_fields__
    if row is None:
        return dict.fromkeys("right" if name == "claim" else name for name in names)
    values = {name: getattr(row, name) for name in names}
    return {
        "right" if name == "claim" else name: row.claim.name if name == "claim" else _plain(value)
        for name, value in values.items()
    }


def _plain(value: Any) -> Any:
    match value:
        case Enum():
            return value.value
        case date():
            return value.isoformat()
        case _:
            return value
