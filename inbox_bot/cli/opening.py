"""Opens an installation for a command."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from inbox_bot import assembly, log
from inbox_bot.assembly import Building
from inbox_bot.domain.verdict import Outcome, Verdict
from inbox_bot.settings import read_settings

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="The settings file; else INBOX_BOT_FILE, else inbox-bot.toml here."),
]


class _Unread:
    """Stands where a classifier would, in commands that classify nothing: loading the rules takes a second."""

    def classify(self, subject: str, text: str) -> Verdict:  # noqa: ARG002  # the protocol's signature
        return Verdict(outcome=Outcome.UNSURE)


@contextmanager
def opened(config: Path | None, *, with_rules: bool = False) -> Iterator[Building]:
    """Read the settings, set up logging and build the installation; close it afterwards. Raises InboxBotError."""
    settings = read_settings(config)
    log.configure(level=settings.log.level, json=settings.log.json_lines)
    building = assembly.furnish(settings, classifier=None if with_rules else _Unread())
    try:
        yield building
    finally:
        building.close()
