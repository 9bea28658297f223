"""Commands for logins at Microsoft and Google: the key that locks what is stored, and the one login a person makes."""

from typing import Annotated

import typer

from inbox_bot import assembly, log
from inbox_bot.cli.opening import ConfigOption
from inbox_bot.clock import SystemClock
from inbox_bot.settings import read_settings


def register(app: typer.Typer) -> None:
    app.command("key")(key)
    app.command("login")(login)


def key(config: ConfigOption = None) -> None:
    """Write the key that locks stored logins to the file that key_file under access names, readable by you alone."""
    file = assembly.make_key(read_settings(config).access)
    typer.echo(f"Wrote {file}. The program's user must be able to read it; back it up apart from the database.")


def login(
    name: Annotated[
        str, typer.Argument(help="The mailbox as the settings name it (info for [mailbox.info]), or smtp.")
    ],
    port: Annotated[
        int, typer.Option(help="Google: the port of this machine that the browser comes back to; 0 takes any free one.")
    ] = 0,
    config: ConfigOption = None,
) -> None:
    """Log in once at Microsoft (device_code) or Google (desktop app); what renews the login is stored, locked."""
    settings = read_settings(config)
    log.configure(level="error")
    with assembly.opened_keyring(settings, SystemClock()) as keyring:
        keyring.log_in(name, port=port, tell=typer.echo)
    typer.echo("Logged in and stored. Running programs take it up by themselves. Now run: inbox-bot check")
