"""Commands about what people do in the same mailbox: did an answer from Outlook end the case?"""

from collections.abc import Iterator
from typing import Annotated

import typer

from inbox_bot.cli.opening import ConfigOption, opened
from inbox_bot.cli.staff import ByOption, Reference
from inbox_bot.clock import stockholm_day
from inbox_bot.domain.beside import Surroundings


def register(app: typer.Typer) -> None:
    app.command("answered")(answered)


def answered(
    reference: Reference,
    by: ByOption,
    yes: Annotated[
        bool, typer.Option("--yes/--no", help="It answers all that is open in the case, or it does not end it.")
    ],
    config: ConfigOption = None,
) -> None:
    """Say whether what somebody wrote from another mail program ends a case; 'mails' lists the questions."""
    with opened(config) as building:
        if yes:
            building.flow.close_as_answered(reference, by=by)
        else:
            building.flow.keep_open(reference, by=by)
    typer.echo(f"{reference}: {'closed as answered by hand' if yes else 'noted, the case goes on'}.")


def lines_beside(beside: Surroundings) -> Iterator[str]:
    """Yield what goes on beside the program, a line each."""
    for reply, reference in beside.asks:
        yield (
            f"case {reference}: {reply.who or 'somebody'} seems to have answered from Outlook on "
            f"{stockholm_day(reply.sent_at)}; does that end it? 'answered {reference} --yes' or '--no'"
        )
    for one in beside.vanished:
        yield (
            f"mailbox {one.mailbox}: {one.count} mail(s) had gone from {one.folder} before they were read ({one.day}), "
            "most likely by a rule in Outlook: read the folder it moves them to as well, or change the rule"
        )
    for trouble in beside.troubles:
        yield f"mailbox {trouble.mailbox}: {trouble.count} {trouble.action.value} {trouble.target}: {trouble.failure}"
    for mailbox, failure in beside.failures:
        yield f"mailbox {mailbox}: {failure}"
