"""Commands about understanding: how well the program sorts labelled mail, and teaching it anew."""

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from inbox_bot import assembly
from inbox_bot.classification import evaluation, staff_corpus
from inbox_bot.classification.evaluation import Judged
from inbox_bot.cli.opening import ConfigOption, opened
from inbox_bot.errors import InboxBotError

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
RulesOption = Annotated[Path | None, typer.Option("--rules", help="Another rules folder than the one in use.")]

_MOST_FAULTS = 10


def register(app: typer.Typer) -> None:
    app.command("evaluate")(evaluate)
    app.command("train")(train)
    labelled = typer.Typer(
        help="Labelled mails: those that staff have sorted, and files of them.", no_args_is_help=True
    )
    labelled.command("export")(export)
    labelled.command("check")(check)
    app.add_typer(labelled, name="corpus")


def evaluate(
    files: Annotated[list[Path], typer.Argument(help="Files of labelled mails, a JSON object a line.")],
    rules: RulesOption = None,
    as_json: JsonOption = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Leave out the misses.")] = False,
) -> None:
    """Sort labelled mails and print how often a careful reader would agree, and each mail on which he would not."""
    judged = assembly.evaluate(files, rules)
    if as_json:
        typer.echo(json.dumps(evaluation.as_json(judged), ensure_ascii=False, indent=1))
        return
    write = sys.stdout.write
    write(f"{len(judged)} mails\n")
    _figures(judged, "")
    write("\nOf the mails sorted, by right:          precision                 recall\n")
    for right, (precision, recall) in evaluation.by_right(judged).items():
        write(f"  {right.value:<34} {precision!s:<25} {recall}\n")
    for kind, found in evaluation.groups(judged).items():
        for name, mails in found.items():
            write(f"\nBy {kind}: {name}, {len(mails)} mails\n")
            _figures(mails, "  ")
    if not quiet:
        _misses(judged)


def train(
    corpus: Annotated[Path | None, typer.Option("--corpus", help="Another folder of labelled mails.")] = None,
    add: Annotated[list[Path] | None, typer.Option("--add", help="Further labelled mails: corpus export.")] = None,
    rules: RulesOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to write the model; rules/model if left out.")
    ] = None,
) -> None:
    """Build the model anew from labelled mails and say how well it does on writers it never met. Takes some minutes."""
    write = sys.stdout.write

    def tell(line: str) -> None:
        write(f"{line}\n")
        sys.stdout.flush()

    taught, folder = assembly.train(corpus, add or [], rules, out, tell)
    for kind, found in taught.model.card["held_back"].items():
        write(f"\nHeld back, {kind}: {found['mails']} mails\n")
        for name, counts in found.items():
            if name != "mails":
                write(f"  {name:<34} {evaluation.Share(count=counts[0], of=counts[1])}\n")
    write(f"\nWritten to {folder}. It is used from the next start on.\n")


def export(
    file: Annotated[str, typer.Argument(help="Where to write; - for standard output.")] = "-",
    config: ConfigOption = None,
) -> None:
    """Write what staff have sorted, redacted, as labelled mails: 'inbox-bot train --add FILE' learns from them."""
    with opened(config) as building:
        lines = staff_corpus.as_lines(building.flow.archive.examples())
    text = "".join(f"{line}\n" for line in lines)
    if file == "-":
        sys.stdout.write(text)
        return
    try:
        # Redacted or not, these are people's words: the file is for whoever wrote it alone.
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as written:
            written.write(text)
    except OSError as error:
        raise InboxBotError(f"{file} cannot be written: {error.strerror}.") from error
    typer.echo(f"{len(lines)} examples in {file}. Read them through before you train with them or pass them on.")


def check(files: Annotated[list[Path], typer.Argument(help="Files of labelled mails, a JSON object a line.")]) -> None:
    """Read labelled mails, say how many there are and what is wrong; exit 1 if anything is."""
    found = staff_corpus.look_through(files)
    typer.echo(
        f"{found.messages} messages, {found.requests} of them requests; {found.writers} writers; {found.pairs} pairs"
    )
    for fault in found.faults[:_MOST_FAULTS]:
        sys.stderr.write(f"{fault}\n")
    if len(found.faults) > _MOST_FAULTS:
        sys.stderr.write(f"and {len(found.faults) - _MOST_FAULTS} more\n")
    if found.faults:
        raise typer.Exit(code=1)


def _figures(judged: list[Judged], indent: str) -> None:
    for name, share in evaluation.figures(judged).rows().items():
        sys.stdout.write(f"{indent}{name:<34} {share}\n")


def _misses(judged: list[Judged]) -> None:
    for miss in evaluation.Miss:
        for one in judged:
            if one.miss is miss:
                row = evaluation.miss_row(one)
                sets = " or ".join("+".join(rights) or "none" for rights in row["accepted"])
                said = "+".join(row["rights"]) or "no right"
                sys.stdout.write(
                    f"\n{row['place']}: {miss.value}: {row['outcome']} ({said}), a careful reader says {sets}\n"
                    f"    decided by: {' … '.join(row['evidence']) or 'nothing'}\n"
                    f"    {row['subject']}\n" + "".join(f"    {line}\n" for line in row["body"].splitlines())
                )
