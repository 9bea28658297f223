"""The report on the program's health as a JSON file, replaced whole, for cron, Nagios and the like; and reading it back."""

import json
from datetime import UTC, datetime
from pathlib import Path

from inbox_bot.domain.health import CLOCK_SLACK, Health, Level, Part, health_to_json
from inbox_bot.errors import HealthFileError
from inbox_bot.whole_file import replace_whole, try_to_replace

OLD_AFTER = CLOCK_SLACK
"""A file that is written every minute and is older than this was left by a program that has died or hangs."""


class JsonStatusFile:
    """Implements StatusFile. Anyone on the machine may read it (mode 0644): it says nothing of any person."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, health: Health) -> None:
        content = json.dumps(health_to_json(health), ensure_ascii=False, indent=1).encode() + b"\n"
        # Not waited for: after a power cut an old file is what tells that the program has gone.
        replace_whole(self._path, content, mode=0o644, wait_for_disk=False)

    def probe(self) -> None:
        """Raise HealthFileError if the file could not be written now; changes nothing."""
        try:
            try_to_replace(self._path)
        except OSError as error:
            raise HealthFileError(
                f"The health file {self._path} cannot be written: {error.strerror or type(error).__name__}.",
                hint="Make the folder writable for the program, or change [watch] file.",
                temporary=True,
            ) from error

    def judge(self, now: datetime) -> Part:
        """Return what the file says, seen from outside the program: old, missing or broken it is the worst sign there is."""
        name = "health file"
        try:
            told = json.loads(self._path.read_text("utf-8"))
            at = datetime.fromisoformat(told["moment"]).astimezone(UTC)
            level = Level(told["status"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            says = "Programmets hälsofil finns inte eller går inte att läsa: programmet går inte."
            return Part(name=name, level=Level.CRITICAL, says=says, detail=f"{self._path}: {type(error).__name__}")
        if not -OLD_AFTER <= now - at <= OLD_AFTER:
            says = "Programmets hälsofil är gammal: programmet har dött eller hänger, eller disken är full."
            return Part(name=name, level=Level.CRITICAL, says=says, detail=f"{self._path}: {at.isoformat()}", since=at)
        return Part(name=name, level=level, says="Programmets hälsofil är färsk.", since=at)
