"""Commands for whoever installs: write a settings file, and test every part of what it says."""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from inbox_bot import inspection, log
from inbox_bot.cli.opening import ConfigOption
from inbox_bot.errors import InboxBotError, SettingsError
from inbox_bot.settings import DEFAULT_FILE, read_settings

_TEMPLATE = Path(__file__).with_name("inbox-bot.toml.in")


def register(app: typer.Typer) -> None:
    app.command("init")(init)
    app.command("check")(check)


def init(
    path: Annotated[Path, typer.Argument(help="Where to write the settings.")] = Path(DEFAULT_FILE),
) -> None:
    """Write a commented settings file to fill in."""
    text = _TEMPLATE.read_text("utf-8").replace("@SECRET@", secrets.token_urlsafe(32))
    try:
        with path.open("x", encoding="utf-8") as file:
            path.chmod(0o600)  # It will hold passwords.
            file.write(text)
    except FileExistsError as error:
        raise SettingsError(
            f"{path} exists already and is left as it is.", hint="Move it away, or name another."
        ) from error
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}.") from error
    typer.echo(f"Wrote {path}. Fill it in, then run: inbox-bot check")


def check(config: ConfigOption = None) -> None:
    """Test settings, mailboxes, outgoing mail, database, templates, rules and the public address, one line each."""
    try:
        settings = read_settings(config)
    except InboxBotError as error:
        typer.echo(f"FAIL settings: {error}")
        raise typer.Exit(1) from error
    log.configure(level="error")
    failed = False
    for finding in inspection.inspect(settings):
        failed = failed or not finding.well
        typer.echo(f"{'ok  ' if finding.well else 'FAIL'} {finding.part}: {finding.text}")
    raise typer.Exit(1 if failed else 0)
