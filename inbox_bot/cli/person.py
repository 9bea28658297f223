"""Commands about what the program itself keeps: hand out, erase, erase again after a restore, keep for a dispute."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from inbox_bot.cli.opening import ConfigOption, opened
from inbox_bot.cli.private_file import write_private
from inbox_bot.cli.staff import ByOption, Reference
from inbox_bot.flow import Plan, holdings_text

Address = Annotated[str, typer.Argument(help="A mail address, in whatever spelling: Kim@Example.se.")]


def register(app: typer.Typer) -> None:
    app.command("export")(export)
    app.command("forget")(forget)
    app.command("replay")(replay)
    app.command("dispute")(dispute)
    app.command("checked")(checked)


def export(
    address: Address,
    to: Annotated[Path, typer.Option("--to", help="Where to write: this name with .json, and with .txt.")] = Path(
        "utdrag"
    ),
    config: ConfigOption = None,
) -> None:
    """Write all that our own records hold about an address, as JSON and as text, readable by you alone."""
    with opened(config) as building:
        found = building.flow.holdings(address)
    files = {
        to.with_name(f"{to.name}.json"): json.dumps(found, ensure_ascii=False, indent=1) + "\n",
        to.with_name(f"{to.name}.txt"): holdings_text(found),
    }
    for file, text in files.items():
        write_private(file, text.encode())
    typer.echo(
        f"{len(found['cases'])} case(s), {len(found['mails_in_no_case'])} other mail(s), {len(found['named_in'])} mail(s) that "
        f"name the address: {', '.join(str(file) for file in files)}. Read it through before you hand it out, then delete it."
    )


def forget(
    address: Address,
    by: ByOption,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    even_open: Annotated[
        bool, typer.Option("--even-open", help="Open cases too: they end here, and nobody gets an answer.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Erase a person from our own records; what law keeps stays, with its ground and last day."""
    with opened(config) as building:
        plan = building.flow.plan_to_forget(address)
        _tell("Will be erased:", _erased(plan))
        _tell("Stays:", (f"{stays.what}, {_until(stays.until)} ({stays.ground})" for stays in plan.stays))
        if plan.busy:
            typer.echo(f"Open, disputed or waiting: {', '.join(plan.busy)}")
        if not yes:
            typer.confirm("Erase?", abort=True)
        building.flow.forget(address, by=by, even_open=even_open)
    typer.echo("Erased. The mails themselves still lie in the mailbox: delete them there.")


def replay(config: ConfigOption = None) -> None:
    """Erase again what a restored backup brought back; every start does so by itself."""
    with opened(config) as building:
        # Opening the installation has done it already, as every start does.
        done = building.replayed + building.flow.replay_erasures()
    typer.echo(f"{done} erasure(s) carried out again.")


def dispute(
    reference: Reference,
    by: ByOption,
    reason: Annotated[str, typer.Option(help="Why; stands in the case's history.")],
    over: Annotated[bool, typer.Option("--over", help="It is disputed no longer: the periods count again.")] = False,
    config: ConfigOption = None,
) -> None:
    """Keep a case whole while it is disputed, whatever rules/retention.toml says."""
    with opened(config) as building:
        building.flow.dispute(reference, disputed=not over, reason=reason, by=by)
    typer.echo(
        f"{reference}: {'the periods count again' if over else 'nothing in it is deleted until you say --over'}."
    )


def checked(
    mail: Annotated[int, typer.Argument(help="The mail's number, as the case's page shows it.")],
    by: ByOption,
    what: Annotated[
        str, typer.Option(help="What was checked, scope and date: 'fullmakt, registerutdrag, 2026-11-02'.")
    ],
    config: ConfigOption = None,
) -> None:
    """Note that a document in a mail was checked (fullmakt, ID), and delete it here with the mail's raw bytes."""
    with opened(config) as building:
        building.flow.note_checked(mail, what=what, by=by)
    typer.echo(f"mail {mail}: noted, and its attachments are deleted here. Delete the mail in the mailbox too.")


def _erased(plan: Plan) -> list[str]:
    lines = [f"case {reference}: names, addresses, texts" for reference in plan.cases]
    if plan.cases:
        lines.append(f"in these {plan.mails} mail(s) and {plan.letters} letter(s)")
    lines += [f"mail {number}, which waits for a person" for number in plan.waiting]
    if plan.logins:
        lines.append(f"{plan.logins} login code(s), browser(s) and session(s)")
    return lines


def _until(day: object) -> str:
    return "as long as its ground lasts" if day is None else f"until {day}"


def _tell(heading: str, lines: Iterable[str]) -> None:
    typer.echo(heading)
    for line in list(lines) or ["nothing"]:
        typer.echo(f"  {line}")
