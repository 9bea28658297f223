"""Commands about who asks: what was asked of whom and why, what the person wrote, and the other ways to reach them."""

from typing import Annotated

import typer

from inbox_bot.cli.opening import ConfigOption, opened
from inbox_bot.cli.staff import ByOption, Reference
from inbox_bot.flow import ProofView


def register(app: typer.Typer) -> None:
    app.command("proof")(proof)
    app.command("fact")(fact)
    app.command("offer")(offer)
    app.command("unidentified")(unidentified)


def proof(reference: Reference, config: ConfigOption = None) -> None:
    """Show what was asked of whom and why, who confirmed, and what waits for you to check."""
    with opened(config) as building:
        view = building.flow.proof(reference)
    for line in _lines(view):
        typer.echo(line)


def fact(
    reference: Reference,
    by: ByOption,
    right: Annotated[bool, typer.Option("--right/--wrong", help="What the person wrote holds, or it does not.")],
    config: ConfigOption = None,
) -> None:
    """Say whether what only the person knows holds ('proof' shows it). The words are removed; that you checked stays."""
    with opened(config) as building:
        building.flow.check_fact(reference, right=right, by=by)
    typer.echo(f"{reference}: noted, the words are removed; {'confirmed' if right else 'nothing is confirmed'}.")


def offer(
    reference: Reference,
    by: ByOption,
    way: Annotated[str, typer.Option(help="phone, post … as rules/proof.toml names them, or question.")] = "question",
    number: Annotated[int, typer.Option(help="Which question, as 'proof' numbers them.")] = 1,
    config: ConfigOption = None,
) -> None:
    """Note that you reached for the person another way, or mail them one question you know the answer to."""
    with opened(config) as building:
        building.flow.offer(reference, way=way, number=number - 1, by=by)
    typer.echo(f"{reference}: noted.")


def unidentified(reference: Reference, by: ByOption, config: ConfigOption = None) -> None:
    """Draft "we cannot identify you" now; 'approve' sends it."""
    with opened(config) as building:
        building.flow.give_up(reference, by=by)
    typer.echo(f"{reference}: the draft waits for approval.")


def _lines(view: ProofView) -> list[str]:
    lines = []
    for one in view.claims:
        name = one.claim.claim.right.value + (" (marketing)" if one.claim.claim.marketing else "")
        where = (
            f"confirmed at {one.confirmed_at}" if one.confirmed_at else f"link to {one.sent_to}" if one.sent_to else ""
        )
        lines.append(f"{name}: {'proven' if one.claim.proven else 'not proven'}{f', {where}' if where else ''}")
        if one.denied_at:
            lines.append(f"  {one.denied_at} says it was not them: do nothing with that account.")
        lines += [f"  {text}" for text in (one.why, one.basis, *one.notes) if text]
    if view.words:
        lines += ["To check (fact --right or --wrong):", *(f"  {line}" for line in view.words.splitlines())]
    if view.unreachable:
        lines.append("A letter with the link came back: offer another way.")
    if view.for_a_person:
        lines.append("You decide how this is confirmed: ask --to ADDRESS --how WHY, or offer.")
    if view.open:
        lines += [f"question {number}: {one.sv}" for number, one in enumerate(view.questions, 1)]
        lines += [f"way {one.id}: {one.text}" for one in view.ways]
    for situation in view.situations:
        lines.append(f"{situation.title}:")
        lines += [f"  check: {text}" for text in situation.check]
        lines += [f"  never ask: {text}" for text in situation.never_ask]
        lines += [f"  do not keep: {text}" for text in situation.do_not_keep]
    return lines
