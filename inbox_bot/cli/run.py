"""Commands that run the program: worker and pages, together or alone, and the demo."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from inbox_bot.assembly import Building
from inbox_bot.cli.opening import ConfigOption, opened
from inbox_bot.serving import make_worker, serve


def register(app: typer.Typer) -> None:
    app.command("run")(run)
    app.command("worker")(worker)
    app.command("web")(web)
    app.command("demo")(demo)


def run(
    config: ConfigOption = None,
    once: Annotated[bool, typer.Option("--once", help="Look once, do everything that is due, and exit.")] = False,
) -> None:
    """Run worker and pages in one process until SIGTERM or Ctrl-C."""
    with opened(config, with_rules=True) as building:
        if once:
            _drain(building)
        else:
            asyncio.run(_until_stopped(lambda stop: serve(building, stop, work=True, pages=True)))


def worker(
    config: ConfigOption = None,
    once: Annotated[bool, typer.Option("--once", help="Look once, do everything that is due, and exit.")] = False,
) -> None:
    """Run the worker alone: it reads the mailboxes and moves every case."""
    with opened(config, with_rules=True) as building:
        if once:
            _drain(building)
        else:
            asyncio.run(_until_stopped(lambda stop: serve(building, stop, work=True, pages=False)))


def web(config: ConfigOption = None) -> None:
    """Run the pages alone, for the people who ask and for staff."""
    with opened(config) as building:
        asyncio.run(_until_stopped(lambda stop: serve(building, stop, work=False, pages=True)))


def demo(
    once: Annotated[
        bool, typer.Option("--once", help="Play everyone's part, print every mail's fate, and exit.")
    ] = False,
    port: Annotated[int, typer.Option(help="The pages' port; 0 takes any free one.")] = 8025,
) -> None:
    """Show the whole program at work on twenty Swedish mails, with a mailbox and an outgoing server of its own."""
    # pymap and aiosmtpd are an extra: an installation that never shows the demo does without them.
    from inbox_bot.demo.show import play, show  # noqa: PLC0415

    raise typer.Exit(play() if once else show(port))


def _drain(building: Building) -> None:
    labour = make_worker(building)
    done = asyncio.run(labour.run_once())
    typer.echo(f"{done} steps done.")
    for failure in labour.failures:
        typer.echo(f"inbox-bot: {failure}", err=True)
    if labour.failures:
        raise typer.Exit(1)


async def _until_stopped(work: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    await work(stop)
