"""The command for cron, Nagios and the like: how the program is, in its exit status."""

import json
from pathlib import Path
from typing import Annotated

import typer

from inbox_bot import assembly
from inbox_bot.cli.opening import ConfigOption, opened
from inbox_bot.clock import SystemClock
from inbox_bot.domain.health import Health, Level, Part, health_to_json
from inbox_bot.errors import InboxBotError
from inbox_bot.settings import read_settings

_BROKEN = "Inställningarna eller databasen går inte att läsa."


def register(app: typer.Typer) -> None:
    app.command("health")(health)


def health(
    config: ConfigOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print every part as JSON.")] = False,
) -> None:
    """Say how the program is: exit status 0 well, 1 warning, 2 critical. Reads the database and the health file."""
    found = _look(config)
    if as_json:
        typer.echo(json.dumps(health_to_json(found), ensure_ascii=False, indent=1))
    else:
        typer.echo(found.level.value)
        for part in found.ill:
            typer.echo(f"{part.level.value} {part.name}: {part.says} {part.detail}".rstrip())
    raise typer.Exit(found.level.status)


def _look(config: Path | None) -> Health:
    """Return how everything is; whatever cannot be read is critical, so that no watcher takes it for well."""
    now = SystemClock().now()
    try:
        settings = read_settings(config)
        file = assembly.status_file(settings)
        seen = [] if file is None else [file.judge(now)]
    except InboxBotError as error:
        return Health(at=now, parts=[Part(name="settings", level=Level.CRITICAL, says=_BROKEN, detail=str(error))])
    try:
        with opened(config) as building:
            told = building.flow.health()
    except Exception as error:  # noqa: BLE001  # a driver's error text may quote a row: its kind must do
        why = str(error) if isinstance(error, InboxBotError) else type(error).__name__
        broken = Part(name="database", level=Level.CRITICAL, says=_BROKEN, detail=why)
        return Health(at=now, parts=[broken, *seen])
    return Health(at=told.at, parts=[*told.parts, *seen], read_at=told.read_at, waiting=told.waiting)
