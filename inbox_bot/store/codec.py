"""Domain values to JSON and back, for the columns that hold a whole message or verdict."""

from typing import Any

from pydantic import TypeAdapter

from inbox_bot.domain.mail import Abridged, Message
from inbox_bot.domain.verdict import Verdict

_ABRIDGED = TypeAdapter(Abridged)
_MESSAGE = TypeAdapter(Message)
_VERDICT = TypeAdapter(Verdict)


def message_to_json(message: Message) -> dict[str, Any]:
    data: dict[str, Any] = _MESSAGE.dump_python(message, mode="json")
    return data


def message_from_json(data: dict[str, Any] | None) -> Message | None:
    return None if data is None else _MESSAGE.validate_python(data)


def verdict_to_json(verdict: Verdict) -> dict[str, Any]:
    data: dict[str, Any] = _VERDICT.dump_python(verdict, mode="json")
    return data


def verdict_from_json(data: dict[str, Any] | None) -> Verdict | None:
    return None if data is None else _VERDICT.validate_python(data)


def abridged_to_json(abridged: Abridged | None) -> dict[str, Any] | None:
    data: dict[str, Any] | None = None if abridged is None else _ABRIDGED.dump_python(abridged, mode="json")
    return data


def abridged_from_json(data: dict[str, Any] | None) -> Abridged | None:
    return None if data is None else _ABRIDGED.validate_python(data)
