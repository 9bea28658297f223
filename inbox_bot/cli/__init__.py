"""The ``inbox-bot`` command: installing, running, looking and deciding."""

import sys
from typing import Annotated

import typer

from inbox_bot import __version__
from inbox_bot.cli import (
    access,
    acting,
    audit,
    beside,
    figures,
    health,
    holidays,
    install,
    learn,
    look,
    person,
    proof,
    quarantine,
    run,
    staff,
)
from inbox_bot.errors import InboxBotError

app = typer.Typer(
    name="inbox-bot",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _tell_version(asked: bool) -> None:
    if asked:
        typer.echo(f"inbox-bot {__version__}")
        raise typer.Exit


@app.callback(
    help="Reads an ordinary mailbox and sees requests about personal data through to an approved answer in time."
)
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", is_eager=True, callback=_tell_version)
    ] = False,
) -> None:
    """Options before the command."""


for part in (
    install,
    access,
    run,
    look,
    staff,
    quarantine,
    proof,
    acting,
    beside,
    person,
    holidays,
    figures,
    audit,
    learn,
    health,
):
    part.register(app)


def main() -> None:
    """Run the command; what goes wrong is one clear sentence on standard error and exit code 1."""
    try:
        app()
    except InboxBotError as error:
        sys.stderr.write(f"inbox-bot: {error}\n")
        raise SystemExit(1) from error
