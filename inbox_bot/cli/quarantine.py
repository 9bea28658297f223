"""Commands about mails that nobody could read, and mails that a person brings in by hand."""

import getpass
import json
from pathlib import Path
from typing import Annotated

import typer

from inbox_bot.cli.look import JsonOption
from inbox_bot.cli.opening import ConfigOption, opened
from inbox_bot.cli.private_file import write_private
from inbox_bot.cli.staff import claims_in
from inbox_bot.clock import STOCKHOLM, stockholm_moment
from inbox_bot.domain.mail import Address
from inbox_bot.errors import InboxBotError
from inbox_bot.overview import QuarantineView

MailNumber = Annotated[int, typer.Argument(help="The mail's number, as 'inbox-bot quarantine list' shows it.")]
Who = Annotated[str, typer.Option("--by", help="Who you are; else your login here.")]

_room = typer.Typer(
    name="quarantine",
    help="Mails that nobody could read: list, look, take out, read again, make a case of one, or let it go.",
    no_args_is_help=True,
)


def register(app: typer.Typer) -> None:
    for name, command in (("list", list_), ("show", show), ("export", export), ("retry", retry)):
        _room.command(name)(command)
    _room.command("case")(case)
    _room.command("discard")(discard)
    app.add_typer(_room)
    app.command("import")(import_)


def list_(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the mails in quarantine, each with the date that runs if it is a request."""
    with opened(config) as building:
        found = building.flow.archive.quarantine()
    if as_json:
        typer.echo(json.dumps([_row(view) for view in found], ensure_ascii=False, indent=1))
        return
    for view in found:
        row = _row(view)
        where = f" {row['mailbox']} {', '.join(view.folders)}".rstrip()
        typer.echo(
            f"mail {row['id']}: {row['reason'] or 'to be fetched again'}; {row['size']} bytes, came "
            f"{view.mail.record.received_at.astimezone(STOCKHOLM):%Y-%m-%d %H:%M} to{where}; if a request, due {row['due']}"
        )
    if not found:
        typer.echo("The quarantine is empty.")


def show(mail: MailNumber, by: Who = "", config: ConfigOption = None) -> None:
    """Show a mail as text, as it was sent; that you looked is noted."""
    with opened(config) as building:
        found = building.flow.quarantine.look(mail, by=by or getpass.getuser())
    typer.echo(f"mail {mail}: {found.record.reason} ({found.size} bytes here)")
    for viewing in found.viewings:
        typer.echo(f"  {viewing.how} {viewing.at.astimezone(STOCKHOLM):%Y-%m-%d %H:%M} by {viewing.by}")
    typer.echo(f"\n{found.header}\n\n{found.body}")
    if found.cut:
        typer.echo(f"\n(It goes on: inbox-bot quarantine export {mail} FILE)")


def export(
    mail: MailNumber,
    file: Annotated[Path, typer.Argument(help="Where to write it, such as mail.eml.")],
    by: Who = "",
    config: ConfigOption = None,
) -> None:
    """Write a mail's bytes to a file, readable by you alone; that you took it is noted."""
    with opened(config) as building:
        content = building.flow.quarantine.export(mail, by=by or getpass.getuser())
    write_private(file, content)
    typer.echo(f"{file}: {len(content)} bytes. It holds a person's data: delete it when you are done.")


def retry(
    mail: Annotated[int | None, typer.Argument(help="The mail's number; none: all of them.")] = None,
    config: ConfigOption = None,
) -> None:
    """Read a mail again, or fetch it again if the server did not give it. Without a number: everything in quarantine."""
    with opened(config) as building:
        numbers = [view.mail.record.id for view in building.flow.archive.quarantine()] if mail is None else [mail]
        for number in numbers:
            building.flow.quarantine.retry(number)
    typer.echo(f"{len(numbers)} mail(s) will be read again.")


def case(
    mail: MailNumber,
    rights: Annotated[str, typer.Option("--as", help="access,erasure,objection:marketing …")],
    sender: Annotated[str, typer.Option("--from", help="The address of who asks: the answer goes there.")],
    name: Annotated[str, typer.Option(help="Their name.")] = "",
    words: Annotated[str, typer.Option(help="What they ask for, as far as you could make it out.")] = "",
    for_another: Annotated[
        bool, typer.Option("--for-another", help="They ask for someone else: a proxy, a guardian, an estate.")
    ] = False,
    by: Who = "",
    config: ConfigOption = None,
) -> None:
    """Make a case of a mail that cannot be read at all; its time runs from when the mail came."""
    claims = claims_in(rights)
    with opened(config) as building:
        found = building.flow.quarantine.take_up(
            mail,
            claims,
            person=Address(address=sender.strip(), name=name.strip()),
            words=words,
            by=by or getpass.getuser(),
            for_another=for_another,
        )
    typer.echo(f"mail {mail}: {found.reference}.")


def discard(mail: MailNumber, by: Who = "", config: ConfigOption = None) -> None:
    """Let go of a mail you have looked at and found to be no request; the original stays in the mailbox."""
    with opened(config) as building:
        building.flow.quarantine.discard(mail, by=by or getpass.getuser())
    typer.echo(f"mail {mail}: no request, emptied.")


def import_(
    files: Annotated[list[Path], typer.Argument(help="A mail (.eml), an mbox, or a scanned letter (.pdf, .jpg).")],
    mailbox: Annotated[str, typer.Option(help="The mailbox it belongs to, as the settings name it.")] = "",
    received_at: Annotated[
        str,
        typer.Option(help="When it reached the company: 2026-11-22 or 2026-11-22T14:05; else the stamp in the mail."),
    ] = "",
    sender: Annotated[str, typer.Option("--from", help="Of a scanned letter: the address of who wrote it.")] = "",
    text: Annotated[str, typer.Option(help="Of a scanned letter: what stands in it.")] = "",
    instead_of: Annotated[int | None, typer.Option(help="The quarantined mail that this is, mended by hand.")] = None,
    by: Who = "",
    config: ConfigOption = None,
) -> None:
    """Bring in a mail from elsewhere: it is read as any other, and a person decides where the program finds no request."""
    try:
        moment = stockholm_moment(received_at) if received_at else None
    except ValueError as error:
        raise InboxBotError(f"{received_at} is no moment.", hint="Write 2026-11-22 or 2026-11-22T14:05.") from error
    with opened(config) as building:
        box = _mailbox(mailbox, list(building.settings.mailbox))
        for file in files:
            brought = building.flow.quarantine.bring_in(
                box,
                file.name,
                _content(file),
                by=by or getpass.getuser(),
                received_at=moment,
                sender=sender,
                text=text,
                instead_of=instead_of,
            )
            new = [one.mail_id for one in brought if not one.known]
            known = [one.mail_id for one in brought if one.known]
            typer.echo(f"{file.name}: {_said(new, 'brought in')}{_said(known, 'here already')}".rstrip())


def _said(mails: list[int], what: str) -> str:
    return f"mail {', '.join(map(str, mails))} {what}. " if mails else ""


def _mailbox(name: str, there: list[str]) -> str:
    if not name and len(there) == 1:
        return there[0]
    if name not in there:
        raise InboxBotError(f"There is no mailbox {name!r}.", hint=f"Say --mailbox {' or '.join(there)}.")
    return name


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InboxBotError(f"{file} cannot be read: {error.strerror}.") from error


def _row(view: QuarantineView) -> dict[str, object]:
    record = view.mail.record
    return {
        "id": record.id,
        "reason": record.reason,
        "mailbox": record.mailbox,
        "folders": list(view.folders),
        "received_at": record.received_at.isoformat(),
        "due": view.mail.dates.due.isoformat(),
        "working_days_left": view.mail.days_left,
        "size": view.size,
        "attempts": record.attempts,
    }
