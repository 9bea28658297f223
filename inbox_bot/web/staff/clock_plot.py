"""Geometry of the picture of one clock: where its days lie, in per cent of the width and pixels of the height.

As in ``plot``, nothing is scaled, so no letter gets small at 390 pixels. Marks are numbered discs above a band, one above the
other where their days lie close; what each number is stands beside the picture as text.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from inbox_bot.web.staff.timeline import Clock, Kind, Moment, Stretch

LEFT, RIGHT = 4.0, 96.0
"""Per cent of the width between which days lie, so that no disc is cut off on a phone."""

GAP = 8.0
"""Per cent of the width that two discs on one level are apart at least: a disc of 20 pixels in a picture of 280."""

LEVEL = 24
"""Pixels from one level of discs to the next."""

RADIUS = 10
TOP = 26
BAND = 14
PAUSE = 8
"""Pixels: how thick the band is, and below it the strip of pauses, so that neither hides the other."""

BELOW = 52
_TICKS = 6
_NEAR_EDGE = 22.0


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A moment as a disc. ``level`` 0 is nearest to the band; ``y`` is the disc's middle."""

    number: int
    kind: Kind
    day: date
    x: float
    y: float
    level: int


@dataclass(frozen=True, kw_only=True)
class Strip:
    """A stretch of days on the band, or below it where it is a pause; wider than nothing, so that a single day is seen."""

    kind: str
    x: float
    width: float
    y: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Label:
    """Words at a day: ``anchor`` keeps them inside the picture."""

    day: date
    x: float
    anchor: str


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One clock drawn. ``band`` is the upper edge of the band; ``today`` is None once the clock has stopped."""

    clock: Clock
    height: int
    band: int
    marks: tuple[Mark, ...]
    strips: tuple[Strip, ...]
    due: Label
    today: Label | None
    ticks: tuple[Label, ...]


@dataclass(frozen=True, kw_only=True)
class Scale:
    """The days a picture shows, first and last among them. Every day between them has its place, in order."""

    first: date
    last: date

    def at(self, day: date) -> float:
        """Return where a day lies, in per cent of the width."""
        whole = max(1, (self.last - self.first).days)
        share = (min(max(day, self.first), self.last) - self.first).days / whole
        return LEFT + share * (RIGHT - LEFT)


def draw(clocks: Sequence[Clock], today: date) -> tuple[Picture, ...]:
    """Return a picture of each clock, all on one scale, so that they can be compared by eye."""
    scale = _scale(clocks, today)
    return tuple(_picture(clock, today, scale) for clock in clocks)


def _scale(clocks: Sequence[Clock], today: date) -> Scale:
    days = [moment.day for clock in clocks for moment in clock.moments]
    days += [span.end for clock in clocks for span in clock.spans]
    if any(clock.ended is None for clock in clocks):
        days.append(today)
    return Scale(first=min(days, default=today), last=max(days, default=today))


def _picture(clock: Clock, today: date, scale: Scale) -> Picture:
    placed = list(_placed(clock.moments, scale))
    levels = 1 + max(level for _, _, level in placed)
    band = TOP + levels * LEVEL + 2
    return Picture(
        clock=clock,
        height=band + BAND + BELOW,
        band=band,
        marks=tuple(
            Mark(number=number, kind=moment.kind, day=moment.day, x=x, y=band - LEVEL / 2 - level * LEVEL, level=level)
            for number, (moment, x, level) in enumerate(placed, 1)
        ),
        strips=tuple(_strips(clock, today, scale, band)),
        due=_label(clock.due, scale),
        today=_label(today, scale) if clock.ended is None else None,
        ticks=tuple(_ticks(scale)),
    )


def _placed(moments: Iterable[Moment], scale: Scale) -> Iterator[tuple[Moment, float, int]]:
    """Yield each moment with its place and the lowest level on which no earlier disc is in its way."""
    ends: list[float] = []
    for moment in moments:
        x = scale.at(moment.day)
        level = next((at for at, end in enumerate(ends) if x - end >= GAP), len(ends))
        ends[level : level + 1] = [x]
        yield moment, x, level


def _strips(clock: Clock, today: date, scale: Scale, band: int) -> Iterator[Strip]:
    """Yield the band from its ground up: the time given, more time, what of it is gone, what is late; then the pauses below."""
    gone = min(clock.ended or today, clock.due)
    stretches: list[tuple[str, date, date]] = [("given", clock.received, clock.due)]
    stretches += [(one.kind.value, one.start, one.end) for one in clock.spans if one.kind is Stretch.EXTENSION]
    if gone > clock.received:
        stretches.append(("gone", clock.received, gone))
    stretches += [(one.kind.value, one.start, one.end) for one in clock.spans if one.kind is Stretch.LATE]
    for kind, start, end in stretches:
        yield _strip(kind, scale.at(start), scale.at(end), band, BAND)
    for span in clock.spans:
        if span.kind not in {Stretch.EXTENSION, Stretch.LATE}:
            yield _strip(span.kind.value, scale.at(span.start), scale.at(span.end), band + BAND + 2, PAUSE)


def _strip(kind: str, x: float, until: float, y: int, height: int) -> Strip:
    return Strip(kind=kind, x=x, width=max(until - x, 1.0), y=y, height=height)


def _label(day: date, scale: Scale) -> Label:
    x = scale.at(day)
    anchor = "start" if x < _NEAR_EDGE else "end" if x > 100 - _NEAR_EDGE else "middle"
    return Label(day=day, x=x, anchor=anchor)


def _ticks(scale: Scale) -> Iterator[Label]:
    """Yield the first days of months, at most ``_TICKS`` of them: what the width of a phone has room for."""
    day = (scale.first.replace(day=1) + timedelta(days=32)).replace(day=1)
    firsts = []
    while day <= scale.last:
        firsts.append(day)
        day = (day + timedelta(days=32)).replace(day=1)
    step = max(1, -(-len(firsts) // _TICKS))
    yield from (_label(day, scale) for day in firsts[::step])
