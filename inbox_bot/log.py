"""Structured logs that carry identifiers, never people: no body, subject, address or personnummer; constant event names."""

import logging
import sys
from typing import Literal, TextIO

import structlog

Level = Literal["debug", "info", "warning", "error"]


def configure(*, level: Level = "info", json: bool = False, stream: TextIO | None = None) -> None:
    """Send the program's log lines to ``stream`` (standard error unless told), one line an event."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if json else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(stream or sys.stderr),
        cache_logger_on_first_use=False,
    )
    # imapclient prints whole mail bodies at DEBUG; the libraries' own lines stay at warning whatever ours are.
    for name in ("imapclient", "aiosmtplib", "sqlalchemy", "alembic", "uvicorn", "mail.log"):
        logging.getLogger(name).setLevel(logging.WARNING)


def get(room: str) -> structlog.typing.FilteringBoundLogger:
    """Return a logger whose lines name the room they come from."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(room=room)
    return logger
