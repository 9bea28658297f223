"""Commands about the table of public holidays: what it holds and on whose word, and saying what a day is."""

import json
from dataclasses import asdict
from datetime import date
from typing import Annotated

import typer

from inbox_bot.cli.look import JsonOption
from inbox_bot.cli.opening import ConfigOption, opened
from inbox_bot.cli.staff import ByOption
from inbox_bot.errors import InboxBotError

DayArgument = Annotated[str, typer.Argument(help="The day, 2027-06-06.")]
NameOption = Annotated[str, typer.Option("--name", help="What the day is called, in Swedish: 'nationaldagen'.")]
SourceOption = Annotated[str, typer.Option("--source", help="Where that is written: 'SFS 2026:1'.")]


def register(app: typer.Typer) -> None:
    table = typer.Typer(help="The public holidays that move a date, each with its source.", no_args_is_help=True)
    table.command("list")(show)
    table.command("add")(add)
    table.command("remove")(remove)
    app.add_typer(table, name="holidays")


def show(
    year: Annotated[int | None, typer.Option(help="One year alone.")] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the table: a year that is not in it is counted by the holidays package, where lag (1989:253) agrees."""
    with opened(config) as building:
        days = [day for day in building.flow.holidays() if year in {None, day.day.year}]
    if as_json:
        typer.echo(json.dumps([asdict(day) for day in days], default=date.isoformat, ensure_ascii=False, indent=1))
        return
    for day in days:
        typer.echo(f"{day.day} {day.name}{'' if day.free else ' (a working day)'} [{day.source}; {day.by}]")


def add(day: DayArgument, name: NameOption, source: SourceOption, by: ByOption, config: ConfigOption = None) -> None:
    """Say that a day is a public holiday; open cases are dated anew."""
    _decide(day, name, source, by, config, free=True)


def remove(day: DayArgument, name: NameOption, source: SourceOption, by: ByOption, config: ConfigOption = None) -> None:
    """Say that a day is no public holiday, whatever the package says; open cases are dated anew."""
    _decide(day, name, source, by, config, free=False)


def _decide(day: str, name: str, source: str, by: str, config: ConfigOption, *, free: bool) -> None:
    try:
        wanted = date.fromisoformat(day)
    except ValueError as error:
        raise InboxBotError(f"{day} is no date.", hint="Write it as 2027-06-06.") from error
    with opened(config) as building:
        moved = building.flow.decide_holiday(wanted, free=free, name=name, source=source, by=by)
    typer.echo(f"{wanted} is {'a public holiday' if free else 'a working day'}; {moved} open claim(s) dated anew.")
