"""Runs an installation's worker and pages side by side until it is told to stop."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import nullcontext

import uvicorn

from inbox_bot.assembly import Building
from inbox_bot.errand import Errand
from inbox_bot.errors import InboxBotError
from inbox_bot.settings import template_folders
from inbox_bot.web.app import create_app
from inbox_bot.worker import Watch, Worker


def make_worker(building: Building) -> Worker:
    """Build the worker of an installation."""
    boxes = building.settings.mailbox
    watches = [
        Watch(
            source=source,
            look_back_days=boxes[name].look_back_days,
            poll_seconds=boxes[name].poll_seconds,
            errand=None
            if name not in building.neighbours
            else Errand(neighbour=building.neighbours[name][0], wishes=building.neighbours[name][1]),
        )
        for name, source in building.sources.items()
    ]
    return Worker(flow=building.flow, watches=watches)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that pages can be served on; 0 takes any free port. Raises InboxBotError if it cannot be had.

    uvicorn left to itself ends the whole process when its port is taken, with a worker in the middle of its work.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise InboxBotError(
            f"The pages cannot be served on {host} port {port}: {error.strerror or 'the address cannot be used'}.",
            hint="Stop what uses it, or change [web] host and port.",
        ) from error


async def serve(
    building: Building, stop: asyncio.Event, *, work: bool, pages: bool, listener: socket.socket | None = None
) -> None:
    """Run what is asked for until ``stop`` is set; if one part fails, the others stop cleanly and the error is raised.

    Pages are served on ``listener``, which is closed at the end, else on what the settings say. Raises InboxBotError if
    that port is taken.
    """
    web = building.settings.web
    with (listener or listen(web.host, web.port)) if pages else nullcontext() as door:
        labour = make_worker(building) if work else None
        server = None if door is None else _server(building, _bell(labour))
        tasks = [] if labour is None else [asyncio.create_task(labour.run(stop))]
        if server is not None and door is not None:
            tasks.append(asyncio.create_task(server.serve(sockets=[door])))
        ending = asyncio.create_task(stop.wait())
        await asyncio.wait([*tasks, ending], return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        if server is not None:
            server.should_exit = True
        await asyncio.gather(*tasks, ending)


def _bell(labour: Worker | None) -> Callable[[], None] | None:
    """Return what wakes the worker of this process from any thread; None where another process works."""
    if labour is None:
        return None
    loop = asyncio.get_running_loop()

    def ring() -> None:
        loop.call_soon_threadsafe(labour.wake)

    return ring


class _Server(uvicorn.Server):
    """A server that leaves signals to whoever runs it: the worker must stop cleanly too."""

    def capture_signals(self) -> nullcontext[None]:  # type: ignore[override]  # any context manager will do
        return nullcontext()


def _server(building: Building, wake: Callable[[], None] | None) -> uvicorn.Server:
    settings = building.settings
    app = create_app(
        building.flow,
        pages=settings.web.public_url,
        template_folders=template_folders(settings.files),
        systems=[system.name for system in building.controller.systems],
        company=building.controller.company,
        clock=building.flow.clock,
        wake=wake,
        list_token=settings.suppression.token.get_secret_value(),
        largest_upload=round(building.settings.web.largest_upload_mb * 1_000_000),
    )
    # No access log: the requester's links are secrets, and they stand in the path.
    config = uvicorn.Config(
        app,
        host=settings.web.host,
        port=settings.web.port,
        access_log=False,
        log_level="warning",
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=10,
    )
    return _Server(config)
